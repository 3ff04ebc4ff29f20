#include "replicator/ox/json_writer.h"

#include <charconv>

namespace outpost {
namespace {

constexpr char kReplacement[] = "\xEF\xBF\xBD";

// Length of the UTF-8 sequence at the start of `in`; 0 where none begins there (overlong forms and surrogates
// included).
std::size_t SequenceLength(std::string_view in) {
  const auto byte = [&](std::size_t i) { return i < in.size() ? static_cast<unsigned char>(in[i]) : 0u; };
  const auto tail = [&](std::size_t i) { return (byte(i) & 0xC0u) == 0x80u; };
  const unsigned first = byte(0);
  if (first < 0x80) return 1;
  if (first >= 0xC2 && first <= 0xDF) return tail(1) ? 2 : 0;
  if (first >= 0xE0 && first <= 0xEF) {
    const bool overlong = first == 0xE0 && byte(1) < 0xA0;
    const bool surrogate = first == 0xED && byte(1) >= 0xA0;
    return tail(1) && tail(2) && !overlong && !surrogate ? 3 : 0;
  }
  if (first >= 0xF0 && first <= 0xF4) {
    const bool overlong = first == 0xF0 && byte(1) < 0x90;
    const bool beyond = first == 0xF4 && byte(1) > 0x8F;
    return tail(1) && tail(2) && tail(3) && !overlong && !beyond ? 4 : 0;
  }
  return 0;
}

bool IsPlain(char c) { return static_cast<signed char>(c) >= 0x20 && c != '"' && c != '\\'; }

void AppendEscaped(std::string& out, char c) {
  constexpr char kHex[] = "0123456789abcdef";
  switch (c) {
    case '"':
      out += "\\\"";
      return;
    case '\\':
      out += "\\\\";
      return;
    case '\n':
      out += "\\n";
      return;
    case '\r':
      out += "\\r";
      return;
    case '\t':
      out += "\\t";
      return;
    default:
      out += "\\u00";
      out += kHex[(c >> 4) & 0xF];
      out += kHex[c & 0xF];
  }
}

}  // namespace

void AppendJsonText(std::string& out, std::string_view utf8) {
  out += '"';
  std::size_t at = 0;
  while (at < utf8.size()) {
    std::size_t plain = at;
    while (plain < utf8.size() && IsPlain(utf8[plain])) ++plain;
    out.append(utf8.substr(at, plain - at));
    at = plain;
    if (at == utf8.size()) break;
    if (static_cast<unsigned char>(utf8[at]) < 0x80) {
      AppendEscaped(out, utf8[at++]);
      continue;
    }
    const std::size_t length = SequenceLength(utf8.substr(at));
    if (length == 0)
      out += kReplacement;
    else
      out.append(utf8.substr(at, length));
    at += length == 0 ? 1 : length;
  }
  out += '"';
}

void JsonWriter::Separate() {
  if (!first_ && !after_key_) out_ += ',';
  first_ = false;
  after_key_ = false;
}

JsonWriter& JsonWriter::Open(char bracket) {
  Separate();
  out_ += bracket;
  first_ = true;
  return *this;
}

JsonWriter& JsonWriter::Close(char bracket) {
  out_ += bracket;
  first_ = false;
  return *this;
}

JsonWriter& JsonWriter::Key(std::string_view key) {
  Separate();
  out_ += '"';
  out_ += key;
  out_ += "\":";
  after_key_ = true;
  return *this;
}

JsonWriter& JsonWriter::Text(std::string_view utf8) {
  Separate();
  AppendJsonText(out_, utf8);
  return *this;
}

JsonWriter& JsonWriter::Int(std::int64_t number) {
  Separate();
  char digits[24];
  const auto end = std::to_chars(digits, digits + sizeof digits, number);
  out_.append(digits, end.ptr);
  return *this;
}

JsonWriter& JsonWriter::Hundredths(std::int64_t number) {
  Separate();
  const std::uint64_t size =
      number < 0 ? std::uint64_t{0} - static_cast<std::uint64_t>(number) : static_cast<std::uint64_t>(number);
  if (number < 0) out_ += '-';
  out_ += std::to_string(size / 100);
  if (size % 100 != 0) out_ += {'.', static_cast<char>('0' + size % 100 / 10)};
  if (size % 10 != 0) out_ += static_cast<char>('0' + size % 10);
  return *this;
}

JsonWriter& JsonWriter::Bool(bool value) {
  Separate();
  out_ += value ? "true" : "false";
  return *this;
}

JsonWriter& JsonWriter::Raw(std::string_view json) {
  Separate();
  out_ += json;
  return *this;
}

JsonWriter& JsonWriter::Null() {
  Separate();
  out_ += "null";
  return *this;
}

}  // namespace outpost
