#include "replicator/ox/cells.h"

#include <charconv>
#include <cmath>
#include <optional>
#include <vector>

namespace outpost {
namespace {

constexpr std::string_view kBlank = " \t\r\n";

std::string_view Trim(std::string_view text) {
  const auto first = text.find_first_not_of(kBlank);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(kBlank) - first + 1);
}

// What is between the quotes; nullopt where the token is no text.
std::optional<std::string_view> Quoted(std::string_view token) {
  if (token.size() < 2 || token.front() != '"' || token.back() != '"') return std::nullopt;
  return token.substr(1, token.size() - 2);
}

void AppendUtf8(std::string& out, std::uint32_t point) {
  const auto put = [&](std::uint32_t byte) { out += static_cast<char>(byte); };
  if (point < 0x80) return put(point);
  if (point < 0x800) {
    put(0xC0 | point >> 6);
  } else if (point < 0x10000) {
    put(0xE0 | point >> 12);
    put(0x80 | (point >> 6 & 0x3F));
  } else {
    put(0xF0 | point >> 18);
    put(0x80 | (point >> 12 & 0x3F));
    put(0x80 | (point >> 6 & 0x3F));
  }
  put(0x80 | (point & 0x3F));
}

std::optional<std::uint32_t> FourHex(std::string_view text) {
  if (text.size() < 4) return std::nullopt;
  std::uint32_t number = 0;
  const auto end = std::from_chars(text.data(), text.data() + 4, number, 16);
  if (end.ec != std::errc{} || end.ptr != text.data() + 4) return std::nullopt;
  return number;
}

bool IsHigh(std::uint32_t unit) { return unit >= 0xD800 && unit < 0xDC00; }
bool IsLow(std::uint32_t unit) { return unit >= 0xDC00 && unit < 0xE000; }

// `rest` begins after "\u"; removes what it used.
bool AppendUnit(std::string& out, std::string_view& rest) {
  const auto unit = FourHex(rest);
  if (!unit) return false;
  rest.remove_prefix(4);
  if (IsHigh(*unit) && rest.substr(0, 2) == "\\u") {
    const auto low = FourHex(rest.substr(2));
    if (low && IsLow(*low)) {
      rest.remove_prefix(6);
      AppendUtf8(out, 0x10000 + ((*unit - 0xD800) << 10) + (*low - 0xDC00));
      return true;
    }
  }
  AppendUtf8(out, IsHigh(*unit) || IsLow(*unit) ? 0xFFFD : *unit);
  return true;
}

bool AppendEscape(std::string& out, std::string_view& rest) {
  if (rest.empty()) return false;
  const char kind = rest.front();
  rest.remove_prefix(1);
  switch (kind) {
    case '"':
    case '\\':
    case '/':
      out += kind;
      return true;
    case 'b':
      out += '\b';
      return true;
    case 'f':
      out += '\f';
      return true;
    case 'n':
      out += '\n';
      return true;
    case 'r':
      out += '\r';
      return true;
    case 't':
      out += '\t';
      return true;
    case 'u':
      return AppendUnit(out, rest);
    default:
      return false;
  }
}

bool Unescape(std::string_view text, std::string& out) {
  out.clear();
  out.reserve(text.size());
  while (true) {
    const auto backslash = text.find('\\');
    out.append(text.substr(0, backslash));
    if (backslash == std::string_view::npos) return true;
    text.remove_prefix(backslash + 1);
    if (!AppendEscape(out, text)) return false;
  }
}

bool IsBareScalar(std::string_view token) {
  if (token.empty()) return false;
  const char c = token.front();
  return c == '-' || (c >= '0' && c <= '9') || token == "true" || token == "false";
}

std::vector<std::string> SplitCategories(std::string_view text) {
  std::vector<std::string> names;
  while (true) {
    const auto comma = text.find(',');
    const auto name = Trim(text.substr(0, comma));
    if (!name.empty()) names.emplace_back(name);
    if (comma == std::string_view::npos) return names;
    text.remove_prefix(comma + 1);
  }
}

}  // namespace

bool IsNullToken(std::string_view token) { return token == "null"; }

bool ReadText(std::string_view token, std::string& out) {
  if (const auto text = Quoted(token)) return Unescape(*text, out);
  if (!IsBareScalar(token)) return false;
  out.assign(token);
  return true;
}

bool ReadInt(std::string_view token, std::int64_t& out) {
  if (const auto text = Quoted(token)) token = Trim(*text);
  const auto end = std::from_chars(token.data(), token.data() + token.size(), out);
  return end.ec == std::errc{} && end.ptr == token.data() + token.size();
}

bool ReadHundredths(std::string_view token, std::int64_t& out) {
  constexpr double kMost = 9e15;  // beyond, a double has no hundredths
  if (const auto text = Quoted(token)) token = Trim(*text);
  double number = 0;
  const auto end = std::from_chars(token.data(), token.data() + token.size(), number);
  if (end.ec != std::errc{} || end.ptr != token.data() + token.size() || !(std::abs(number * 100) < kMost))
    return false;
  out = std::llround(number * 100);
  return true;
}

bool ReadBool(std::string_view token, bool& out) {
  if (const auto text = Quoted(token)) token = *text;
  out = token == "true" || token == "1";
  return out || token == "false" || token == "0";
}

bool ReadValue(std::string_view token, FieldKind kind, Value& out) {
  if (IsNullToken(token) || token == "\"\"") {
    out = {};
    return true;
  }
  switch (kind) {
    case FieldKind::kText:
      return ReadText(token, out.emplace<std::string>());
    case FieldKind::kInt:
    case FieldKind::kDate:
    case FieldKind::kTime:
      return ReadInt(token, out.emplace<std::int64_t>());
    case FieldKind::kDecimal:
      return ReadHundredths(token, out.emplace<std::int64_t>());
    case FieldKind::kBool:
      return ReadBool(token, out.emplace<bool>());
    case FieldKind::kTexts: {
      std::string joined;
      if (!ReadText(token, joined)) return false;
      auto names = SplitCategories(joined);
      if (names.empty())
        out = {};
      else
        out = std::move(names);
      return true;
    }
    case FieldKind::kBytes:
    case FieldKind::kId:
      return false;
  }
  return false;
}

}  // namespace outpost
