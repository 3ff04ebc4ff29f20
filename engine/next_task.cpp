#include "engine/next_task.h"

#include <algorithm>
#include <charconv>
#include <chrono>
#include <map>
#include <string>

#include "engine/item_rules.h"
#include "projection/next_day.h"

namespace outpost {
namespace {

constexpr std::int64_t kMsOfDay = 86'400'000;
constexpr std::int64_t kDone = 3;
constexpr std::int64_t kMostUnits = 10'000;
constexpr const char* kAfterCompletion = "X-AFTER-COMPLETION";

std::int64_t MidnightBefore(std::int64_t ms) { return ms - ((ms % kMsOfDay) + kMsOfDay) % kMsOfDay; }

std::optional<std::int64_t> NumberIn(const FieldMap& fields, FieldId id) {
  const auto at = fields.find(id);
  const auto* number = at != fields.end() ? std::get_if<std::int64_t>(&at->second) : nullptr;
  return number != nullptr ? std::optional(*number) : std::nullopt;
}

std::map<std::string, std::string, std::less<>> PartsOf(std::string_view rule) {
  std::map<std::string, std::string, std::less<>> parts;
  while (!rule.empty()) {
    const auto end = std::min(rule.find(';'), rule.size());
    const std::string_view part = rule.substr(0, end);
    const auto equals = std::min(part.find('='), part.size());
    parts.emplace(part.substr(0, equals), part.substr(std::min(equals + 1, part.size())));
    rule.remove_prefix(std::min(end + 1, rule.size()));
  }
  return parts;
}

std::optional<std::int64_t> NumberOf(const std::string& text) {
  std::int64_t number = 0;
  const auto end = std::from_chars(text.data(), text.data() + text.size(), number);
  if (end.ec != std::errc{} || end.ptr != text.data() + text.size() || number < 1 || number > kMostUnits)
    return std::nullopt;
  return number;
}

// So many units after `day`; the last day of a month that is too short.
std::optional<std::int64_t> DayAfter(std::int64_t day, const std::string& unit, std::int64_t count) {
  if (unit == "DAILY") return day + count * kMsOfDay;
  if (unit == "WEEKLY") return day + count * 7 * kMsOfDay;
  if (unit != "MONTHLY" && unit != "YEARLY") return std::nullopt;
  const std::chrono::year_month_day from{std::chrono::sys_days(std::chrono::days(day / kMsOfDay))};
  const auto months = std::chrono::months(unit == "MONTHLY" ? count : count * 12);
  const auto month = std::chrono::year_month(from.year(), from.month()) + months;
  const std::chrono::day last = (month / std::chrono::last).day();
  return std::chrono::sys_days(month / std::min(from.day(), last)).time_since_epoch().count() * kMsOfDay;
}

// "20301231" or more of it; nullopt for anything else.
std::optional<std::int64_t> DateOf(const std::string& text) {
  std::int64_t number = 0;
  if (text.size() < 8 || std::from_chars(text.data(), text.data() + 8, number).ptr != text.data() + 8)
    return std::nullopt;
  const std::chrono::year_month_day date{std::chrono::year(static_cast<int>(number / 10'000)),
                                         std::chrono::month(static_cast<unsigned>(number / 100 % 100)),
                                         std::chrono::day(static_cast<unsigned>(number % 100))};
  if (!date.ok()) return std::nullopt;
  return std::chrono::sys_days(date).time_since_epoch().count() * kMsOfDay;
}

// The rule with one occurrence fewer; empty where that was the last.
std::string WithOneLess(std::string_view rule, std::int64_t count) {
  if (count <= 1) return {};
  constexpr std::string_view kCount = "COUNT=";
  std::string text;
  while (!rule.empty()) {
    const std::string_view part = rule.substr(0, rule.find(';'));
    text += text.empty() ? "" : ";";
    text += part.starts_with(kCount) ? std::string(kCount) + std::to_string(count - 1) : std::string(part);
    rule.remove_prefix(std::min(part.size() + 1, rule.size()));
  }
  return text;
}

}  // namespace

std::optional<FieldMap> NextTask(const FieldMap& head, FieldMap& patch, Millis now) {
  FieldMap edited = patch;
  CompletePatch(ItemType::kTask, head, edited);
  const auto value = [&](FieldId id) {
    if (const auto at = edited.find(id); at != edited.end()) return at->second;
    const auto at = head.find(id);
    return at != head.end() ? at->second : Value{};
  };
  const auto number = [&](FieldId id) { return NumberIn({{id, value(id)}}, id); };
  const Value rule_value = value(field::kTaskLocalRecurrence);
  const auto* rule = std::get_if<std::string>(&rule_value);
  if (rule == nullptr || rule->empty() || number(field::kTaskStatus) != kDone ||
      NumberIn(head, field::kTaskStatus) == kDone)
    return std::nullopt;

  const auto parts = PartsOf(*rule);
  const auto part = [&](std::string_view name) {
    const auto at = parts.find(name);
    return at != parts.end() ? at->second : std::string();
  };
  const auto start = number(field::kTaskStart), end = number(field::kTaskEnd);
  const std::int64_t due = end.value_or(start.value_or(MidnightBefore(now.count())));
  std::optional<std::int64_t> day;
  if (part(kAfterCompletion) == "TRUE") {
    const std::int64_t completed = MidnightBefore(number(field::kTaskCompleted).value_or(now.count()));
    const auto interval = part("INTERVAL").empty() ? std::optional<std::int64_t>(1) : NumberOf(part("INTERVAL"));
    if (interval) day = DayAfter(completed, part("FREQ"), *interval);
  } else {
    day = NextDay(*rule, MidnightBefore(start.value_or(due)));
    if (day && start) *day += MidnightBefore(due) - MidnightBefore(*start);
  }
  const auto count = part("COUNT").empty() ? std::nullopt : NumberOf(part("COUNT"));
  const auto until = part("UNTIL").empty() ? std::nullopt : DateOf(part("UNTIL"));
  const std::string rest = count ? WithOneLess(*rule, *count) : *rule;
  if (!day || rest.empty() || (until && *day > *until)) return std::nullopt;

  FieldMap next = head;
  for (const auto& [id, changed] : edited) next[id] = changed;
  for (auto at = next.begin(); at != next.end();) {
    const Field* known = FindField(at->first);
    const bool kept =
        known != nullptr && known->sync != Sync::kServer && known->merge != Merge::kServer && !IsNull(at->second);
    at = kept ? at + 1 : next.erase(at);
  }
  for (const FieldId only_its : {field::kTaskUid, field::kTaskStatus, field::kTaskPercent, field::kTaskFolder,
                                 field::kTaskAnswer, field::kTaskAnswerMessage, field::kTaskCompleted})
    next.erase(only_its);
  const std::int64_t moved = *day + (due - MidnightBefore(due)) - due;
  if (!start && !end) next[field::kTaskEnd] = due;
  for (const FieldId id : {field::kTaskStart, field::kTaskEnd, field::kTaskAlarm})
    if (const auto time = NumberIn(next, id)) next[id] = *time + moved;
  next[field::kTaskStatus] = std::int64_t{1};
  next[field::kTaskLocalRecurrence] = rest;
  patch[field::kTaskLocalRecurrence] = Value{};
  return next;
}

}  // namespace outpost
