#include "tools/outpost/values.h"

#include <charconv>
#include <chrono>
#include <cstdio>

#include "base/system/files.h"
#include "schemas/fields.h"

namespace outpost::cli {
namespace {

constexpr std::int64_t kDayMs = 86'400'000;

Error Invalid(std::string text) { return {Code::kInvalid, Retry::kNever, std::move(text)}; }

template <class Integer>
std::optional<Integer> ParseNumber(std::string_view text) {
  Integer number{};
  const auto end = std::from_chars(text.data(), text.data() + text.size(), number);
  if (text.empty() || end.ec != std::errc() || end.ptr != text.data() + text.size()) return std::nullopt;
  return number;
}

// Digits only: from_chars would take a sign.
std::optional<int> ParseDigits(std::string_view text) {
  for (const char c : text)
    if (c < '0' || c > '9') return std::nullopt;
  return ParseNumber<int>(text);
}

// "-12.5": the number times 100. Places beyond two, and numbers without hundredths, are refused.
std::optional<std::int64_t> ParseHundredths(std::string_view text) {
  constexpr std::int64_t kMost = 90'000'000'000'000;
  const bool negative = text.starts_with('-');
  if (negative) text.remove_prefix(1);
  const auto point = text.find('.');
  std::string places(point == std::string_view::npos ? "" : text.substr(point + 1));
  if (places.size() > 2 || (point != std::string_view::npos && places.empty())) return std::nullopt;
  places.resize(2, '0');
  const auto hundredths = ParseDigits(places);
  const auto whole = ParseNumber<std::int64_t>(text.substr(0, point));
  if (!hundredths || !whole || *whole < 0 || *whole > kMost) return std::nullopt;
  return (*whole * 100 + *hundredths) * (negative ? -1 : 1);
}

std::optional<std::int64_t> ParseDay(std::string_view text) {
  if (text.size() != 10 || text[4] != '-' || text[7] != '-') return std::nullopt;
  const auto year = ParseDigits(text.substr(0, 4));
  const auto month = ParseDigits(text.substr(5, 2));
  const auto day = ParseDigits(text.substr(8, 2));
  if (!year || !month || !day) return std::nullopt;
  const std::chrono::year_month_day date(std::chrono::year(*year), std::chrono::month(static_cast<unsigned>(*month)),
                                         std::chrono::day(static_cast<unsigned>(*day)));
  if (!date.ok()) return std::nullopt;
  return std::chrono::sys_days(date).time_since_epoch().count() * kDayMs;
}

std::vector<std::string> SplitTexts(std::string_view text) {
  std::vector<std::string> texts(1);
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\\' && i + 1 < text.size() && (text[i + 1] == ',' || text[i + 1] == '\\'))
      texts.back() += text[++i];
    else if (text[i] == ',')
      texts.emplace_back();
    else
      texts.back() += text[i];
  }
  for (auto& one : texts) {
    const auto first = one.find_first_not_of(' ');
    one = first == std::string::npos ? "" : one.substr(first, one.find_last_not_of(' ') - first + 1);
  }
  std::erase(texts, "");
  return texts;
}

Result<Value> ParseValueText(FieldKind kind, const std::string& name, std::string text, bool from_file) {
  switch (kind) {
    case FieldKind::kText:
      return Value(std::move(text));
    case FieldKind::kTexts:
      return Value(SplitTexts(text));
    case FieldKind::kBytes:
      if (!from_file) return Invalid(name + ": bytes come from a file, " + name + "=@FILE");
      return Value(Blob{std::move(text)});
    case FieldKind::kInt:
      if (const auto number = ParseNumber<std::int64_t>(text)) return Value(*number);
      return Invalid(name + ": must be a whole number");
    case FieldKind::kDecimal:
      if (const auto number = ParseHundredths(text)) return Value(*number);
      return Invalid(name + ": must be a number with at most two places");
    case FieldKind::kBool:
      if (text == "true" || text == "false") return Value(text == "true");
      return Invalid(name + ": must be true or false");
    case FieldKind::kDate:
      if (const auto date = ParseDate(text)) return Value(*date);
      return Invalid(name + ": must be a date YYYY-MM-DD, or milliseconds since 1970 of a midnight UTC");
    case FieldKind::kTime:
      if (const auto time = ParseTime(text)) return Value(*time);
      return Invalid(name + ": must be a time YYYY-MM-DDThh:mm:ssZ, or milliseconds since 1970 UTC");
    case FieldKind::kId:
      break;
  }
  return Invalid(name + ": the folder of an item is changed with \"outpost item move\"");
}

Result<Value> ParseArgument(const Field& known, std::string_view text) {
  if (text.empty()) return Value();
  if (text.starts_with("@@"))
    return ParseValueText(known.kind, std::string(known.name), std::string(text.substr(1)), false);
  if (!text.starts_with("@")) return ParseValueText(known.kind, std::string(known.name), std::string(text), false);
  OUTPOST_TRY(auto content, ReadFile(std::string(text.substr(1))));
  return ParseValueText(known.kind, std::string(known.name), std::move(content), true);
}

}  // namespace

std::optional<std::int64_t> ParseDate(std::string_view text) {
  if (const auto day = ParseDay(text)) return day;
  const auto ms = ParseNumber<std::int64_t>(text);
  return ms && *ms % kDayMs == 0 ? ms : std::nullopt;
}

std::optional<std::int64_t> ParseTime(std::string_view text) {
  if (const auto ms = ParseNumber<std::int64_t>(text)) return ms;
  if ((text.size() != 17 && text.size() != 20) || text[10] != 'T' || text[13] != ':' || text.back() != 'Z')
    return std::nullopt;
  if (text.size() == 20 && text[16] != ':') return std::nullopt;
  const auto day = ParseDay(text.substr(0, 10));
  const auto hour = ParseDigits(text.substr(11, 2));
  const auto minute = ParseDigits(text.substr(14, 2));
  const auto second = text.size() == 20 ? ParseDigits(text.substr(17, 2)) : 0;
  if (!day || !hour || !minute || !second || *hour > 23 || *minute > 59 || *second > 59) return std::nullopt;
  return *day + (*hour * 3600 + *minute * 60 + *second) * 1000LL;
}

Result<FieldMap> ParseFields(ItemType type, const std::vector<std::string>& arguments) {
  FieldMap fields;
  for (const auto& argument : arguments) {
    const auto equals = argument.find('=');
    if (equals == std::string::npos) return Invalid("fields are given as name=value, not \"" + argument + "\"");
    const std::string name = argument.substr(0, equals);
    const Field* known = FindField(type, name);
    if (known == nullptr) return Invalid("a " + std::string(ItemTypeName(type)) + " has no field \"" + name + "\"");
    if (known->merge == Merge::kServer || known->sync == Sync::kServer)
      return Invalid(name + ": the server alone sets this field");
    OUTPOST_TRY(auto value, ParseArgument(*known, std::string_view(argument).substr(equals + 1)));
    if (!fields.emplace(known->id, std::move(value)).second) return Invalid(name + ": given twice");
  }
  return fields;
}

Result<Value> ParseValueOf(FieldKind kind, const std::string& name, const std::string& text) {
  if (text.empty()) return Value{};
  if (kind == FieldKind::kTexts) return Value(text);
  if (kind == FieldKind::kTime)
    if (const auto day = ParseDay(text)) return Value(*day);
  if (kind != FieldKind::kId) return ParseValueText(kind, name, text, false);
  const auto id = ItemId::FromHex(text);
  return id ? Result<Value>(*id) : Invalid(name + ": is an id, 32 hexadecimal digits");
}

std::string TimeText(std::int64_t ms) {
  const std::chrono::sys_time<std::chrono::milliseconds> time{std::chrono::milliseconds(ms)};
  const auto day = std::chrono::floor<std::chrono::days>(time);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss clock(std::chrono::floor<std::chrono::seconds>(time - day));
  char text[40];
  std::snprintf(text, sizeof text, "%04d-%02u-%02u %02d:%02d:%02d", static_cast<int>(date.year()),
                static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                static_cast<int>(clock.hours().count()), static_cast<int>(clock.minutes().count()),
                static_cast<int>(clock.seconds().count()));
  return text;
}

Json::Object FolderJson(const FolderNode& folder, Form form) {
  Json::Object row = outpost::FolderJson(folder);
  if (form == Form::kText && folder.newest.seq != 0) row.back().second = TimeText(folder.newest.time.count());
  return row;
}

}  // namespace outpost::cli
