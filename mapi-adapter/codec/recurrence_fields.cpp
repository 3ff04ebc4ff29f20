#include <algorithm>
#include <charconv>
#include <cstdio>

#include "mapi-adapter/codec/recurrence_rule.h"
#include "schemas/series.h"

namespace outpost::mapi {
namespace {

constexpr const char* kDayNames[] = {"SU", "MO", "TU", "WE", "TH", "FR", "SA"};
constexpr const char* kFrequencies[] = {"DAILY", "WEEKLY", "MONTHLY", "YEARLY"};
constexpr std::int64_t kLastNth = 5;

// From `type` on the fields follow one another in fields.tsv.
struct RuleFields {
  FieldId type, days, day_in_month, month, interval, until, occurrences, local;
};
constexpr RuleFields kTaskRule{field::kTaskRecurrenceType, field::kTaskDays,           field::kTaskDayInMonth,
                               field::kTaskMonth,          field::kTaskInterval,       field::kTaskUntil,
                               field::kTaskOccurrences,    field::kTaskLocalRecurrence};
constexpr RuleFields kAppointmentRule{field::kAppointmentRecurrenceType, field::kAppointmentDays,
                                      field::kAppointmentDayInMonth,     field::kAppointmentMonth,
                                      field::kAppointmentInterval,       field::kAppointmentUntil,
                                      field::kAppointmentOccurrences,    field::kAppointmentLocalRecurrence};
const RuleFields& RuleFieldsOf(ItemType type) { return type == ItemType::kTask ? kTaskRule : kAppointmentRule; }

Value ValueOf(const std::optional<std::int64_t>& number) { return number ? Value(*number) : Value(); }

std::optional<std::int64_t> NumberIn(const FieldMap& item, FieldId id) {
  const auto at = item.find(id);
  const auto* number = at != item.end() ? std::get_if<std::int64_t>(&at->second) : nullptr;
  return number != nullptr ? std::optional(*number) : std::nullopt;
}

// Cuts the text before the next `end` off, with `end`.
std::string_view CutAt(std::string_view& text, char end) {
  const std::string_view part = text.substr(0, text.find(end));
  text.remove_prefix(std::min(text.size(), part.size() + 1));
  return part;
}

std::optional<std::int64_t> NumberFrom(std::string_view text) {
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return error == std::errc() && end == text.data() + text.size() ? std::optional(number) : std::nullopt;
}

template <std::size_t N>
std::optional<std::size_t> IndexIn(const char* const (&names)[N], std::string_view name) {
  for (std::size_t i = 0; i < N; ++i)
    if (names[i] == name) return i;
  return std::nullopt;
}

std::optional<std::int64_t> DaysFrom(std::string_view text) {
  std::int64_t days = 0;
  while (!text.empty()) {
    const auto day = IndexIn(kDayNames, CutAt(text, ','));
    if (!day) return std::nullopt;
    days |= std::int64_t{1} << *day;
  }
  return days;
}

// One "NAME=value" of a rule; false for what is not known.
bool TakePart(std::string_view name, std::string_view value, SeriesRule& rule) {
  const auto number = NumberFrom(value);
  if (name == "FREQ") {
    const auto type = IndexIn(kFrequencies, value);
    rule.type = type ? static_cast<std::int64_t>(*type) + 1 : 0;
    return type.has_value();
  }
  if (name == "BYDAY") return (rule.days = DaysFrom(value)).has_value();
  if (name == "UNTIL")
    return value.size() >= 8 &&
           (rule.until = DayFromText(std::string(value.substr(0, 4)) + "-" + std::string(value.substr(4, 2)) + "-" +
                                     std::string(value.substr(6, 2))))
               .has_value();
  if (name == "X-AFTER-COMPLETION") return rule.after_completion = value == "TRUE";
  if (!number) return false;
  if (name == "INTERVAL") return (rule.interval = *number) > 0;
  if (name == "BYMONTH") return (rule.month = *number - 1) >= 0 && *number <= 12;
  if (name == "BYMONTHDAY") return (rule.day_in_month = *number) > 0 && *number <= 31;
  if (name == "BYSETPOS") return (rule.day_in_month = *number == -1 ? kLastNth : *number) > 0 && *number <= kLastNth;
  if (name == "COUNT") return (rule.occurrences = *number) > 0;
  return false;
}

}  // namespace

FieldMap FieldsOf(const SeriesRule& rule, ItemType type) {
  const RuleFields& fields = RuleFieldsOf(type);
  if (rule.after_completion) return {{fields.type, Value()}, {fields.local, RuleText(rule)}};
  return {{fields.type, rule.type},
          {fields.days, ValueOf(rule.days)},
          {fields.day_in_month, ValueOf(rule.day_in_month)},
          {fields.month, ValueOf(rule.month)},
          {fields.interval, rule.interval},
          {fields.until, ValueOf(rule.until)},
          {fields.occurrences, ValueOf(rule.occurrences)}};
}

std::optional<SeriesRule> RuleIn(const FieldMap& item, ItemType type) {
  const RuleFields& fields = RuleFieldsOf(type);
  if (const auto local = item.find(fields.local); local != item.end())
    if (const auto* text = std::get_if<std::string>(&local->second); text != nullptr && !text->empty())
      return RuleFromText(*text);
  SeriesRule rule;
  rule.type = NumberIn(item, fields.type).value_or(0);
  if (rule.type < 1 || rule.type > 4) return std::nullopt;
  rule.interval = NumberIn(item, fields.interval).value_or(1);
  rule.days = NumberIn(item, fields.days);
  rule.day_in_month = NumberIn(item, fields.day_in_month);
  rule.month = NumberIn(item, fields.month);
  rule.until = NumberIn(item, fields.until);
  rule.occurrences = NumberIn(item, fields.occurrences);
  return rule;
}

std::string RuleText(const SeriesRule& rule) {
  const std::size_t type = rule.type >= 1 && rule.type <= 4 ? static_cast<std::size_t>(rule.type) - 1 : 0;
  std::string text = std::string("FREQ=") + kFrequencies[type];
  if (rule.interval != 1) text += ";INTERVAL=" + std::to_string(rule.interval);
  if (rule.month) text += ";BYMONTH=" + std::to_string(*rule.month + 1);
  if (rule.days) {
    text += ";BYDAY=";
    for (std::size_t i = 0, written = 0; i < 7; ++i)
      if ((*rule.days >> i & 1) != 0) text += (written++ == 0 ? "" : ",") + std::string(kDayNames[i]);
  }
  if (rule.day_in_month && rule.days)
    text += ";BYSETPOS=" + std::to_string(*rule.day_in_month >= kLastNth ? -1 : *rule.day_in_month);
  else if (rule.day_in_month)
    text += ";BYMONTHDAY=" + std::to_string(*rule.day_in_month);
  if (rule.until) {
    const std::string day = DayText(*rule.until);
    text += ";UNTIL=" + day.substr(0, 4) + day.substr(5, 2) + day.substr(8);
  }
  if (rule.occurrences) text += ";COUNT=" + std::to_string(*rule.occurrences);
  if (rule.after_completion) text += ";X-AFTER-COMPLETION=TRUE";
  return text;
}

std::optional<SeriesRule> RuleFromText(std::string_view text) {
  SeriesRule rule;
  rule.type = 0;
  while (!text.empty()) {
    std::string_view part = CutAt(text, ';');
    const std::string_view name = CutAt(part, '=');
    if (!TakePart(name, part, rule)) return std::nullopt;
  }
  return rule.type != 0 ? std::optional(rule) : std::nullopt;
}

}  // namespace outpost::mapi
