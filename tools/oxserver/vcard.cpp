#include "tools/oxserver/vcard.h"

#include <algorithm>
#include <optional>

#include "tools/oxserver/text.h"

namespace outpost::oxserver {
namespace {

constexpr std::size_t kPropertiesMax = 10'000;  // of one card: more is no address book
constexpr std::uint32_t kWindows1252[32] = {0x20AC, 0x81,   0x201A, 0x0192, 0x201E, 0x2026, 0x2020, 0x2021,
                                            0x02C6, 0x2030, 0x0160, 0x2039, 0x0152, 0x8D,   0x017D, 0x8F,
                                            0x90,   0x2018, 0x2019, 0x201C, 0x201D, 0x2022, 0x2013, 0x2014,
                                            0x02DC, 0x2122, 0x0161, 0x203A, 0x0153, 0x9D,   0x017E, 0x0178};

std::string Upper(std::string_view text) {
  std::string out(text);
  for (char& c : out) c = c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c;
  return out;
}

struct Line {
  std::string_view text;
  std::size_t number;
};

std::vector<Line> PhysicalLines(std::string_view text) {
  std::vector<Line> lines;
  for (std::size_t at = 0; at < text.size();) {
    auto end = text.find_first_of("\r\n", at);
    if (end == std::string_view::npos) end = text.size();
    lines.push_back({text.substr(at, end - at), lines.size() + 1});
    at = end + (text.substr(end, 2) == "\r\n" ? 2 : 1);
  }
  return lines;
}

std::string DecodeQuotedPrintable(std::string_view text) {
  const auto hex = [](char c) {
    return c >= '0' && c <= '9'   ? c - '0'
           : c >= 'A' && c <= 'F' ? c - 'A' + 10
           : c >= 'a' && c <= 'f' ? c - 'a' + 10
                                  : -1;
  };
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool escape = text[i] == '=' && i + 2 < text.size() && hex(text[i + 1]) >= 0 && hex(text[i + 2]) >= 0;
    if (escape)
      out += static_cast<char>(hex(text[i + 1]) * 16 + hex(text[i + 2])), i += 2;
    else
      out += text[i];
  }
  return out;
}

std::string FromLatin(std::string_view text, bool windows) {
  std::string out;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    AppendUtf8(out, windows && byte >= 0x80 && byte < 0xA0 ? kWindows1252[byte - 0x80] : byte);
  }
  return out;
}

// Brings a value to UTF-8; nullopt where its charset is not known here.
std::optional<std::string> ToUtf8(std::string_view text, std::string_view charset) {
  const std::string name = Upper(charset);
  if (IsUtf8(text) && (name.empty() || name == "UTF-8" || name == "US-ASCII" || name == "ASCII"))
    return std::string(text);
  // A file that names no charset and is no UTF-8 was most likely written by an older Outlook.
  if (name.empty() || name == "WINDOWS-1252" || name == "CP1252" || name == "US-ASCII") return FromLatin(text, true);
  if (name == "ISO-8859-1" || name == "LATIN1") return FromLatin(text, false);
  return std::nullopt;
}

// Where the value starts: the first ':' outside quotes. The quotes are those of 3.0 and 4.0.
std::size_t FindColon(std::string_view line) {
  bool quoted = false;
  for (std::size_t i = 0; i < line.size(); ++i) {
    if (line[i] == '"') quoted = !quoted;
    if (line[i] == ':' && !quoted) return i;
  }
  return quoted ? line.find(':') : std::string_view::npos;
}

void AddParam(CardProperty& property, std::string_view piece) {
  static constexpr std::string_view kEncodings[] = {"QUOTED-PRINTABLE", "BASE64", "8BIT", "7BIT", "B"};
  const auto equals = piece.find('=');
  std::string name = equals == std::string_view::npos ? "TYPE" : Upper(Trimmed(piece.substr(0, equals)));
  const auto value = equals == std::string_view::npos ? piece : piece.substr(equals + 1);
  if (equals == std::string_view::npos &&
      std::find(std::begin(kEncodings), std::end(kEncodings), Upper(value)) != std::end(kEncodings)) {
    name = "ENCODING";
  }
  std::string plain;
  for (const char c : value) plain += c == '"' ? "" : std::string(1, c);
  if (name != "TYPE") {
    property.params.emplace_back(std::move(name), Upper(plain));
    return;
  }
  for (const auto type : Split(plain, ',')) property.params.emplace_back("TYPE", Lower(Trimmed(type)));
}

// The part before the colon: group, name and parameters.
CardProperty ParseHead(std::string_view head, std::size_t line) {
  CardProperty property;
  property.line = line;
  std::size_t start = 0;
  bool quoted = false, first = true;
  for (std::size_t i = 0; i <= head.size(); ++i) {
    if (i < head.size() && head[i] == '"') quoted = !quoted;
    if (i < head.size() && (head[i] != ';' || quoted)) continue;
    const auto piece = Trimmed(head.substr(start, i - start));
    start = i + 1;
    if (!std::exchange(first, false)) {
      if (!piece.empty()) AddParam(property, piece);
      continue;
    }
    const auto dot = piece.rfind('.');
    if (dot != std::string_view::npos) property.group = Lower(piece.substr(0, dot));
    property.name = Upper(dot == std::string_view::npos ? piece : piece.substr(dot + 1));
  }
  return property;
}

std::string_view Param(const CardProperty& property, std::string_view name) {
  for (const auto& [key, value] : property.params) {
    if (key == name) return value;
  }
  return {};
}

// Reads the cards of one file, line by line.
class Reader {
 public:
  explicit Reader(std::string_view text) : lines_(PhysicalLines(text)) {}

  CardFile Run() {
    while (at_ < lines_.size()) Step();
    if (card_) Fail("the card has no END:VCARD", card_->line);
    return std::move(file_);
  }

 private:
  void Step() {
    const Line& line = lines_[at_];
    if (Trimmed(line.text).empty()) {
      ++at_;
      return;
    }
    const std::string word = Upper(Trimmed(line.text));
    if (word == "BEGIN:VCARD") return Begin(line.number);
    if (word == "END:VCARD") return End();
    if (card_ || skipping_) return ReadProperty();
    if (!outside_) file_.failures.push_back({line.number, "text outside of a card"});
    outside_ = true;
    ++at_;
  }

  void Begin(std::size_t number) {
    ++at_;
    outside_ = false;
    const bool agent = card_ && !card_->properties.empty() && card_->properties.back().name == "AGENT";
    if (agent) {
      nested_ = true;  // the card of an agent, inside this one: passed over
      return;
    }
    if (card_) Fail("the card has no END:VCARD", card_->line);
    skipping_ = nested_ = false;
    card_.emplace();
    card_->line = number;
  }

  void End() {
    ++at_;
    if (std::exchange(nested_, false)) return;
    if (card_) {
      if (card_->properties.empty())
        file_.failures.push_back({card_->line, "the card is empty"});
      else
        file_.cards.push_back(std::move(*card_));
    }
    card_.reset();
    skipping_ = false;
  }

  void Fail(std::string reason, std::size_t line) {
    file_.failures.push_back({line, std::move(reason)});
    card_.reset();
    skipping_ = true;
  }

  // One property with its folded lines.
  void ReadProperty() {
    const std::size_t number = lines_[at_].number;
    std::string text(lines_[at_++].text);
    while (at_ < lines_.size() && !lines_[at_].text.empty() &&
           (lines_[at_].text[0] == ' ' || lines_[at_].text[0] == '\t')) {
      // vCard 2.1 folds before white space that belongs to the text; 3.0 and 4.0 fold by adding one.
      text += lines_[at_].text.substr(card_ && card_->is_21 && !IsBase64(text) ? 0 : 1);
      ++at_;
    }
    if (!card_ || nested_) return;
    const auto colon = FindColon(text);
    if (colon == std::string::npos || colon == 0) return Fail("a line is no property", number);
    CardProperty property = ParseHead(std::string_view(text).substr(0, colon), number);
    std::string value = text.substr(colon + 1);
    const bool printable = Param(property, "ENCODING") == "QUOTED-PRINTABLE";
    while (printable && !value.empty() && value.back() == '=' && at_ < lines_.size()) {
      value.pop_back();
      value += lines_[at_++].text;
    }
    auto decoded = ToUtf8(printable ? DecodeQuotedPrintable(value) : value, Param(property, "CHARSET"));
    if (!decoded)
      return Fail("the charset " + std::string(Param(property, "CHARSET").substr(0, 40)) + " is not known", number);
    property.value = std::move(*decoded);
    Keep(std::move(property));
  }

  static bool IsBase64(std::string_view text) {
    const std::string head = Upper(text.substr(0, text.find(':')));
    return head.find("BASE64") != std::string::npos || head.find("ENCODING=B") != std::string::npos;
  }

  void Keep(CardProperty property) {
    if (property.name == "VERSION") {
      const auto version = Trimmed(property.value);
      if (version != "2.1" && version != "3.0" && version != "4.0")
        return Fail("the version is not 2.1, 3.0 or 4.0", property.line);
      card_->is_21 = version == "2.1";
      return;
    }
    if (card_->properties.size() >= kPropertiesMax) return Fail("the card has too many properties", property.line);
    card_->properties.push_back(std::move(property));
  }

  std::vector<Line> lines_;
  std::size_t at_ = 0;
  std::optional<Card> card_;
  bool skipping_ = false;  // the rest of a card that failed
  bool nested_ = false;
  bool outside_ = false;  // text outside of cards is told once a stretch
  CardFile file_;
};

}  // namespace

bool CardProperty::HasType(std::string_view type) const {
  return std::any_of(params.begin(), params.end(),
                     [&](const auto& p) { return p.first == "TYPE" && p.second == type; });
}

const CardProperty* Card::Find(std::string_view name) const {
  for (const auto& property : properties) {
    if (property.name == name) return &property;
  }
  return nullptr;
}

CardFile ReadCards(std::string_view text) {
  if (text.substr(0, 3) == "\xEF\xBB\xBF") text.remove_prefix(3);
  return Reader(text).Run();
}

std::string CardText(const Card& card, std::string_view value) {
  std::string out;
  for (std::size_t i = 0; i < value.size(); ++i) {
    if (value[i] != '\\' || i + 1 == value.size()) {
      out += value[i];
      continue;
    }
    const char next = value[i + 1];
    if (card.is_21 && next != ';' && next != '\\') {
      out += '\\';
      continue;
    }
    out += next == 'n' || next == 'N' ? '\n' : next;
    ++i;
  }
  return out;
}

std::vector<std::string> CardComponents(const Card& card, std::string_view value, char separator) {
  std::vector<std::string> out;
  std::size_t start = 0;
  for (std::size_t i = 0; i <= value.size(); ++i) {
    if (i < value.size() && value[i] == '\\') {
      ++i;
      continue;
    }
    if (i < value.size() && value[i] != separator) continue;
    const auto end = std::min(i, value.size());
    out.push_back(std::string(Trimmed(CardText(card, value.substr(start, end - start)))));
    start = i + 1;
  }
  return out;
}

}  // namespace outpost::oxserver
