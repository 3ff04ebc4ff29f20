#include "engine/mail_head.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>
#include <utility>

namespace outpost {
namespace {

constexpr std::array<std::string_view, 12> kMonths{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                   "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
constexpr std::array<std::string_view, 7> kDays{"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};

char LowerAscii(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

bool SameName(std::string_view a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](char x, char y) { return LowerAscii(x) == LowerAscii(y); });
}

std::string_view Trimmed(std::string_view text) {
  constexpr std::string_view kBlank = " \t\r\n";
  const auto first = text.find_first_not_of(kBlank);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(kBlank) - first + 1);
}

// Where the line that begins at `at` ends, its line break included.
std::size_t LineEnd(std::string_view text, std::size_t at) {
  const auto end = text.find('\n', at);
  return end == std::string_view::npos ? text.size() : end + 1;
}

struct HeaderField {
  std::string_view name;
  std::string_view lines;  // as they stand, name and line breaks included
};

// Calls `visit` for each field, in order; answers where the header ends. What is no field ends it.
template <class Visit>
std::size_t ForEachHeaderField(std::string_view source, Visit visit) {
  std::size_t at = 0;
  while (at < source.size() && source[at] != '\r' && source[at] != '\n') {
    const auto colon = source.find(':', at);
    std::size_t end = LineEnd(source, at);
    if (colon == std::string_view::npos || colon >= end || colon == at) break;
    if (source.substr(at, colon - at).find_first_of(" \t") != std::string_view::npos) break;
    while (end < source.size() && (source[end] == ' ' || source[end] == '\t')) end = LineEnd(source, end);
    visit(HeaderField{source.substr(at, colon - at), source.substr(at, end - at)});
    at = end;
  }
  return at;
}

std::string Unfolded(std::string_view lines, std::size_t name) {
  std::string text;
  for (const char c : lines.substr(name + 1))
    if (c != '\r' && c != '\n') text += c == '\t' ? ' ' : c;
  return std::string(Trimmed(text));
}

int HexDigit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  c = LowerAscii(c);
  return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

std::string FromQ(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const int high = text[i] == '=' && i + 2 < text.size() ? HexDigit(text[i + 1]) : -1;
    const int low = high >= 0 ? HexDigit(text[i + 2]) : -1;
    if (low >= 0) {
      out += static_cast<char>(high * 16 + low);
      i += 2;
    } else {
      out += text[i] == '_' ? ' ' : text[i];
    }
  }
  return out;
}

std::string FromBase64(std::string_view text) {
  constexpr std::string_view kDigits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string out;
  unsigned bits = 0;
  int count = 0;
  for (const char c : text) {
    const auto digit = kDigits.find(c);
    if (digit == std::string_view::npos) continue;
    bits = bits << 6 | static_cast<unsigned>(digit);
    count += 6;
    if (count < 8) continue;
    count -= 8;
    out += static_cast<char>(bits >> count & 0xFF);
  }
  return out;
}

std::string FromLatin(std::string_view bytes) {
  std::string out;
  for (const char c : bytes) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x80) {
      out += c;
      continue;
    }
    out += static_cast<char>(0xC0 | byte >> 6);
    out += static_cast<char>(0x80 | (byte & 0x3F));
  }
  return out;
}

// "=?charset?Q?text?=" at the beginning of `text`; its length and what it says.
std::optional<std::pair<std::size_t, std::string>> EncodedWord(std::string_view text) {
  if (text.substr(0, 2) != "=?") return std::nullopt;
  const auto charset_end = text.find('?', 2);
  if (charset_end == std::string_view::npos || charset_end + 2 >= text.size() || text[charset_end + 2] != '?')
    return std::nullopt;
  const auto end = text.find("?=", charset_end + 3);
  if (end == std::string_view::npos) return std::nullopt;
  const std::string_view charset = text.substr(2, charset_end - 2),
                         body = text.substr(charset_end + 3, end - charset_end - 3);
  const char way = LowerAscii(text[charset_end + 1]);
  if (way != 'q' && way != 'b') return std::nullopt;
  std::string bytes = way == 'q' ? FromQ(body) : FromBase64(body);
  if (SameName(charset, "iso-8859-1"))
    bytes = FromLatin(bytes);
  else if (!SameName(charset, "utf-8") && !SameName(charset, "us-ascii"))
    return std::nullopt;
  return std::pair(end + 2, std::move(bytes));
}

// Blanks between two encoded words are none.
std::string Decoded(std::string_view text) {
  std::string out;
  std::size_t blanks = 0;
  bool after_word = false;
  for (std::size_t at = 0; at < text.size();) {
    if (auto word = EncodedWord(text.substr(at))) {
      if (after_word) out.resize(out.size() - blanks);
      out += word->second;
      at += word->first;
      after_word = true;
      blanks = 0;
      continue;
    }
    const bool blank = text[at] == ' ';
    if (!blank) after_word = false;
    blanks = blank ? blanks + 1 : 0;
    out += text[at++];
  }
  return out;
}

std::string Unquoted(std::string_view name) {
  name = Trimmed(name);
  if (name.size() < 2 || name.front() != '"' || name.back() != '"') return Decoded(name);
  std::string out;
  for (std::size_t i = 1; i + 1 < name.size(); ++i) {
    if (name[i] == '\\' && i + 2 < name.size()) ++i;
    out += name[i];
  }
  return out;
}

std::string MailboxText(std::string_view text) {
  text = Trimmed(text);
  const auto open = text.rfind('<'), close = text.rfind('>');
  if (open == std::string_view::npos || close == std::string_view::npos || close < open) return std::string(text);
  const std::string name = Unquoted(text.substr(0, open));
  const std::string address(Trimmed(text.substr(open + 1, close - open - 1)));
  return name.empty() ? address : name + " <" + address + ">";
}

std::vector<std::string> Mailboxes(std::string_view text) {
  std::vector<std::string> all;
  std::string one;
  bool quoted = false;
  int comment = 0;
  const auto end = [&] {
    if (!Trimmed(one).empty()) all.push_back(MailboxText(one));
    one.clear();
  };
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c == '\\' && i + 1 < text.size()) {
      if (comment == 0) one.append(text.substr(i, 2));
      ++i;
      continue;
    }
    if (c == '"' && comment == 0) quoted = !quoted;
    if (!quoted && c == '(') ++comment;
    const bool hidden = comment > 0;
    if (!quoted && c == ')' && comment > 0) --comment;
    if (hidden) continue;
    if (!quoted && c == ',')
      end();
    else
      one += c;
  }
  end();
  return all;
}

void TakeField(MailHead& head, const HeaderField& field) {
  const std::string value = Unfolded(field.lines, field.name.size());
  const auto add = [&](std::vector<std::string>& list) {
    for (auto& mailbox : Mailboxes(value)) list.push_back(std::move(mailbox));
  };
  if (SameName(field.name, "From")) add(head.from);
  if (SameName(field.name, "To")) add(head.to);
  if (SameName(field.name, "Cc")) add(head.cc);
  if (SameName(field.name, "Bcc")) add(head.bcc);
  if (SameName(field.name, "Subject")) head.subject = Decoded(value);
  if (SameName(field.name, "Message-ID")) head.message_id = value;
  if (SameName(field.name, "References")) head.references = value;
  if (SameName(field.name, "In-Reply-To")) head.in_reply_to = value;
  if (SameName(field.name, "Disposition-Notification-To")) head.receipt_to = Decoded(value);
  if (SameName(field.name, "Date")) head.sent = ParseMailDate(value);
}

}  // namespace

MailHead ReadMailHead(std::string_view source) {
  MailHead head;
  ForEachHeaderField(source, [&](const HeaderField& field) {
    head.valid = true;
    TakeField(head, field);
  });
  return head;
}

std::string WithNetworkLines(std::string_view source) {
  std::string out;
  out.reserve(source.size() + source.size() / 32);
  for (std::size_t i = 0; i < source.size(); ++i) {
    if (source[i] == '\n' && (i == 0 || source[i - 1] != '\r')) out += '\r';
    out += source[i];
  }
  return out;
}

std::string WithHeader(std::string_view source, std::string_view name, std::string_view value) {
  std::string out;
  if (!value.empty()) out.append(name).append(": ").append(value).append("\r\n");
  const std::size_t end = ForEachHeaderField(source, [&](const HeaderField& field) {
    if (!SameName(field.name, name)) out += field.lines;
  });
  return out.append(source.substr(end));
}

std::string_view AddressIn(std::string_view mailbox) {
  const auto open = mailbox.rfind('<'), close = mailbox.rfind('>');
  if (open == std::string_view::npos || close == std::string_view::npos || close < open) return mailbox;
  return mailbox.substr(open + 1, close - open - 1);
}

std::string MailDate(std::int64_t millis) {
  const std::chrono::sys_time<std::chrono::milliseconds> time{std::chrono::milliseconds(millis)};
  const auto day = std::chrono::floor<std::chrono::days>(time);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss clock(std::chrono::floor<std::chrono::seconds>(time - day));
  char text[48];
  std::snprintf(text, sizeof text, "%s, %02u %s %04d %02d:%02d:%02d +0000",
                kDays[std::chrono::weekday(day).c_encoding()].data(), static_cast<unsigned>(date.day()),
                kMonths[static_cast<unsigned>(date.month()) - 1].data(), static_cast<int>(date.year()),
                static_cast<int>(clock.hours().count()), static_cast<int>(clock.minutes().count()),
                static_cast<int>(clock.seconds().count()));
  return text;
}

std::optional<std::int64_t> ParseMailDate(std::string_view text) {
  const auto comma = text.find(',');
  const std::string rest(Trimmed(comma == std::string_view::npos ? text : text.substr(comma + 1)));
  int day = 0, year = 0, hour = 0, minute = 0, second = 0, zone = 0;
  char month[4] = {}, sign = '+';
  const int read = std::sscanf(rest.c_str(), "%2d %3s %4d %2d:%2d:%2d %c%4d", &day, month, &year, &hour, &minute,
                               &second, &sign, &zone);
  const auto* found = std::find(kMonths.begin(), kMonths.end(), std::string_view(month));
  if (read < 5 || found == kMonths.end()) return std::nullopt;
  if (read < 6) second = 0;
  if (read < 8 || (sign != '+' && sign != '-')) zone = 0;
  if (year < 100) year += year < 50 ? 2000 : 1900;
  const std::chrono::year_month_day date(std::chrono::year(year),
                                         std::chrono::month(static_cast<unsigned>(found - kMonths.begin()) + 1),
                                         std::chrono::day(static_cast<unsigned>(day)));
  if (!date.ok() || hour > 23 || minute > 59 || second > 60) return std::nullopt;
  const std::int64_t offset = (zone / 100 * 60 + zone % 100) * (sign == '-' ? -60'000LL : 60'000LL);
  const auto days = std::chrono::sys_days(date).time_since_epoch();
  return std::chrono::milliseconds(days).count() + ((hour * 60LL + minute) * 60 + second) * 1000 - offset;
}

}  // namespace outpost
