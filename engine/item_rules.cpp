#include "engine/item_rules.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>
#include <optional>
#include <string>
#include <vector>

#include "schemas/rule_words.h"

namespace outpost {
namespace {

constexpr std::int64_t kDayMs = 86'400'000;
constexpr std::int64_t kUsualLengthMs = 30 * 60'000;  // of an appointment of which only the start is said
constexpr std::int64_t kReserved = 1;
constexpr std::int64_t kNotStarted = 1, kInProgress = 2, kCompleted = 3;
constexpr std::int64_t kYearly = 4;
constexpr std::int64_t kLastOfMonth = 5;
constexpr std::array kWeekdays{"SU", "MO", "TU", "WE", "TH", "FR", "SA"};

// An item as it is with the edit over it.
class Edited {
 public:
  Edited(const FieldMap& head, FieldMap& patch) : head_(head), patch_(patch) {}
  bool Touches(FieldId field) const { return patch_.contains(field); }
  bool TouchesAny(FieldId first, FieldId last) const {
    const auto at = patch_.lower_bound(first);
    return at != patch_.end() && at->first <= last;
  }
  Value Get(FieldId field) const { return Touches(field) ? patch_.at(field) : Before(field); }
  Value Before(FieldId field) const {
    const auto at = head_.find(field);
    return at != head_.end() ? at->second : Value{};
  }
  std::optional<std::int64_t> Number(FieldId field) const { return AsNumber(Get(field)); }
  std::optional<std::int64_t> NumberBefore(FieldId field) const { return AsNumber(Before(field)); }
  void Set(FieldId field, Value value) { patch_[field] = std::move(value); }
  void Clear(FieldId first, FieldId last) {
    for (FieldId field = first; field <= last; ++field)
      if (!IsNull(Get(field))) Set(field, Value{});
  }

 private:
  static std::optional<std::int64_t> AsNumber(const Value& value) {
    const auto* number = std::get_if<std::int64_t>(&value);
    return number != nullptr ? std::optional(*number) : std::nullopt;
  }

  const FieldMap& head_;
  FieldMap& patch_;
};

void CompleteProgress(Edited& task) {
  const auto status = task.Number(field::kTaskStatus);
  const auto percent = task.Number(field::kTaskPercent);
  if (task.Touches(field::kTaskStatus)) {
    if (status == kNotStarted && percent.value_or(0) != 0) task.Set(field::kTaskPercent, std::int64_t{0});
    if (status == kCompleted) task.Set(field::kTaskPercent, std::int64_t{100});
  } else if (task.Touches(field::kTaskPercent) && percent) {
    if (*percent == 100)
      task.Set(field::kTaskStatus, kCompleted);
    else if (*percent == 0 && status == kCompleted)
      task.Set(field::kTaskStatus, kNotStarted);
    else if (*percent > 0 && (status == kNotStarted || status == kCompleted))
      task.Set(field::kTaskStatus, kInProgress);
  }
}

std::int64_t DayOf(std::int64_t ms) { return ms - ((ms % kDayMs) + kDayMs) % kDayMs; }

// The fields that say when an item takes place. `start` to `full_time` follow one another in fields.tsv, and so do
// `type` to `occurrences`.
struct PlanFields {
  FieldId start, end, full_time;
  FieldId type, days, day_in_month, month, interval, until, occurrences;
  FieldId local_recurrence;
};
constexpr PlanFields kTaskPlan{
    field::kTaskStart, field::kTaskEnd,         field::kTaskFullTime,       field::kTaskRecurrenceType,
    field::kTaskDays,  field::kTaskDayInMonth,  field::kTaskMonth,          field::kTaskInterval,
    field::kTaskUntil, field::kTaskOccurrences, field::kTaskLocalRecurrence};
constexpr PlanFields kAppointmentPlan{field::kAppointmentStart,          field::kAppointmentEnd,
                                      field::kAppointmentFullTime,       field::kAppointmentRecurrenceType,
                                      field::kAppointmentDays,           field::kAppointmentDayInMonth,
                                      field::kAppointmentMonth,          field::kAppointmentInterval,
                                      field::kAppointmentUntil,          field::kAppointmentOccurrences,
                                      field::kAppointmentLocalRecurrence};

void CompleteTimes(const PlanFields& plan, Edited& item) {
  if (!item.TouchesAny(plan.start, plan.full_time)) return;
  if (item.Get(plan.full_time) == Value(true))
    for (const FieldId field : {plan.start, plan.end})
      if (const auto time = item.Number(field); time && *time != DayOf(*time)) item.Set(field, DayOf(*time));
  const auto start = item.Number(plan.start), end = item.Number(plan.end);
  const bool both = item.Touches(plan.start) && item.Touches(plan.end);
  if (both || !start || !end || *start <= *end) return;
  if (item.Touches(plan.end)) {
    item.Set(plan.start, *end);
    return;
  }
  const auto start_before = item.NumberBefore(plan.start);
  const std::int64_t moved = start_before && *start_before <= *end ? *end - *start_before : 0;
  item.Set(plan.end, *start + moved);
}

// An appointment keeps its length when it moves, has an end, and takes a day at least where it takes whole days.
void CompleteSpan(Edited& item) {
  constexpr const PlanFields& plan = kAppointmentPlan;
  if (!item.TouchesAny(plan.start, plan.full_time)) return;
  const bool full_time = item.Get(plan.full_time) == Value(true);
  const auto start = item.Number(plan.start);
  if (item.Touches(plan.start) && !item.Touches(plan.end) && start) {
    const auto start_before = item.NumberBefore(plan.start), end_before = item.NumberBefore(plan.end);
    const bool known = start_before && end_before && *start_before <= *end_before;
    item.Set(plan.end, *start + (known ? *end_before - *start_before : full_time ? kDayMs : kUsualLengthMs));
  }
  CompleteTimes(plan, item);
  const auto begins = item.Number(plan.start), ends = item.Number(plan.end);
  if (full_time && begins && ends && *ends == *begins) item.Set(plan.end, *begins + kDayMs);
}

std::string DaysText(std::int64_t days) {
  std::string text;
  for (std::size_t i = 0; i < kWeekdays.size(); ++i)
    if ((days >> i & 1) != 0) text += (text.empty() ? "" : ",") + std::string(kWeekdays[i]);
  return text;
}

// "20301231".
std::string DateText(std::int64_t ms) {
  const std::chrono::year_month_day date(std::chrono::sys_days(std::chrono::days(DayOf(ms) / kDayMs)));
  char text[16];
  std::snprintf(text, sizeof text, "%04d%02u%02u", static_cast<int>(date.year()), static_cast<unsigned>(date.month()),
                static_cast<unsigned>(date.day()));
  return text;
}

// The rule as RFC 5545 writes it.
std::string YearlyText(const PlanFields& plan, const Edited& item, std::int64_t interval) {
  std::string text = "FREQ=YEARLY;INTERVAL=" + std::to_string(interval);
  if (const auto month = item.Number(plan.month)) text += ";BYMONTH=" + std::to_string(*month + 1);
  const auto day = item.Number(plan.day_in_month);
  const auto days = item.Number(plan.days);
  if (days) text += ";BYDAY=" + DaysText(*days);
  if (day && days)
    text += ";BYSETPOS=" + std::to_string(*day >= kLastOfMonth ? -1 : *day);
  else if (day)
    text += ";BYMONTHDAY=" + std::to_string(*day);
  if (const auto until = item.Number(plan.until)) text += ";UNTIL=" + DateText(*until);
  if (const auto count = item.Number(plan.occurrences)) text += ";COUNT=" + std::to_string(*count);
  return text;
}

void CompleteRecurrence(const PlanFields& plan, Edited& item) {
  if (item.Touches(plan.local_recurrence) && !IsEmpty(item.Get(plan.local_recurrence)))
    return item.Clear(plan.type, plan.occurrences);
  if (!item.TouchesAny(plan.type, plan.occurrences)) return;
  const auto type = item.Number(plan.type).value_or(0);
  if (type == 0) return item.Clear(plan.type, plan.occurrences);
  const auto interval = item.Number(plan.interval);
  if (type == kYearly && interval.value_or(1) > 1) {
    item.Set(plan.local_recurrence, YearlyText(plan, item, *interval));
    return item.Clear(plan.type, plan.occurrences);
  }
  if (!interval) item.Set(plan.interval, std::int64_t{1});
  if (!IsNull(item.Get(plan.local_recurrence))) item.Set(plan.local_recurrence, Value{});
}

void CompleteTask(const FieldMap& head, FieldMap& patch) {
  Edited task(head, patch);
  CompleteProgress(task);
  CompleteTimes(kTaskPlan, task);
  CompleteRecurrence(kTaskPlan, task);
}

void CompleteAppointment(const FieldMap& head, FieldMap& patch) {
  Edited appointment(head, patch);
  CompleteSpan(appointment);
  CompleteRecurrence(kAppointmentPlan, appointment);
  if (const auto days = patch.find(field::kAppointmentDeleted); days != patch.end())
    if (auto* texts = std::get_if<std::vector<std::string>>(&days->second)) {  // in the order that servers give them
      std::sort(texts->begin(), texts->end());
      texts->erase(std::unique(texts->begin(), texts->end()), texts->end());
    }
  if (head.empty() && !appointment.Touches(field::kAppointmentShownAs))
    appointment.Set(field::kAppointmentShownAs, kReserved);
}

// A new one is at work at once.
void CompleteRule(const FieldMap& head, FieldMap& patch) {
  Edited rule(head, patch);
  if (head.empty() && !rule.Touches(field::kRuleActive)) rule.Set(field::kRuleActive, true);
  const bool none = IsEmpty(rule.Get(field::kRuleConditions));
  if (rule.Touches(field::kRuleConditions) && none) rule.Set(field::kRuleMatch, std::string(kMatchAlways));
  const bool always =
      IsNull(rule.Get(field::kRuleMatch)) || rule.Get(field::kRuleMatch) == Value(std::string(kMatchAlways));
  if (rule.Touches(field::kRuleConditions) && !none && always) rule.Set(field::kRuleMatch, std::string(kMatchAll));
  if (head.empty() && none && rule.Get(field::kRuleKind) != Value(std::string(kVacationRule)))
    rule.Set(field::kRuleMatch, std::string(kMatchAlways));
}

struct Rules {
  ItemType type;
  void (*complete)(const FieldMap& head, FieldMap& patch);
};
constexpr Rules kRules[] = {
    {ItemType::kTask, CompleteTask}, {ItemType::kAppointment, CompleteAppointment}, {ItemType::kRule, CompleteRule}};

}  // namespace

void CompletePatch(ItemType type, const FieldMap& head, FieldMap& patch) {
  for (const Rules& rules : kRules)
    if (rules.type == type) rules.complete(head, patch);
}

}  // namespace outpost
