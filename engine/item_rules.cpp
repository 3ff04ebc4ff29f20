#include "engine/item_rules.h"

#include <array>
#include <chrono>
#include <cstdio>
#include <optional>
#include <string>

namespace outpost {
namespace {

constexpr std::int64_t kDayMs = 86'400'000;
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

void CompleteTimes(Edited& task) {
  if (!task.TouchesAny(field::kTaskStart, field::kTaskFullTime)) return;
  if (task.Get(field::kTaskFullTime) == Value(true))
    for (const FieldId field : {field::kTaskStart, field::kTaskEnd})
      if (const auto time = task.Number(field); time && *time != DayOf(*time)) task.Set(field, DayOf(*time));
  const auto start = task.Number(field::kTaskStart), end = task.Number(field::kTaskEnd);
  const bool both = task.Touches(field::kTaskStart) && task.Touches(field::kTaskEnd);
  if (both || !start || !end || *start <= *end) return;
  if (task.Touches(field::kTaskEnd)) {
    task.Set(field::kTaskStart, *end);
    return;
  }
  const auto start_before = task.NumberBefore(field::kTaskStart);
  const std::int64_t moved = start_before && *start_before <= *end ? *end - *start_before : 0;
  task.Set(field::kTaskEnd, *start + moved);
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
std::string YearlyText(const Edited& task, std::int64_t interval) {
  std::string text = "FREQ=YEARLY;INTERVAL=" + std::to_string(interval);
  if (const auto month = task.Number(field::kTaskMonth)) text += ";BYMONTH=" + std::to_string(*month + 1);
  const auto day = task.Number(field::kTaskDayInMonth);
  const auto days = task.Number(field::kTaskDays);
  if (days) text += ";BYDAY=" + DaysText(*days);
  if (day && days)
    text += ";BYSETPOS=" + std::to_string(*day >= kLastOfMonth ? -1 : *day);
  else if (day)
    text += ";BYMONTHDAY=" + std::to_string(*day);
  if (const auto until = task.Number(field::kTaskUntil)) text += ";UNTIL=" + DateText(*until);
  if (const auto count = task.Number(field::kTaskOccurrences)) text += ";COUNT=" + std::to_string(*count);
  return text;
}

void CompleteRecurrence(Edited& task) {
  if (task.Touches(field::kTaskLocalRecurrence) && !IsEmpty(task.Get(field::kTaskLocalRecurrence)))
    return task.Clear(field::kTaskRecurrenceType, field::kTaskOccurrences);
  if (!task.TouchesAny(field::kTaskRecurrenceType, field::kTaskOccurrences)) return;
  const auto type = task.Number(field::kTaskRecurrenceType).value_or(0);
  if (type == 0) return task.Clear(field::kTaskRecurrenceType, field::kTaskOccurrences);
  const auto interval = task.Number(field::kTaskInterval);
  if (type == kYearly && interval.value_or(1) > 1) {
    task.Set(field::kTaskLocalRecurrence, YearlyText(task, *interval));
    return task.Clear(field::kTaskRecurrenceType, field::kTaskOccurrences);
  }
  if (!interval) task.Set(field::kTaskInterval, std::int64_t{1});
  if (!IsNull(task.Get(field::kTaskLocalRecurrence))) task.Set(field::kTaskLocalRecurrence, Value{});
}

void CompleteTask(const FieldMap& head, FieldMap& patch) {
  Edited task(head, patch);
  CompleteProgress(task);
  CompleteTimes(task);
  CompleteRecurrence(task);
}

struct Rules {
  ItemType type;
  void (*complete)(const FieldMap& head, FieldMap& patch);
};
constexpr Rules kRules[] = {{ItemType::kTask, CompleteTask}};

}  // namespace

void CompletePatch(ItemType type, const FieldMap& head, FieldMap& patch) {
  for (const Rules& rules : kRules)
    if (rules.type == type) rules.complete(head, patch);
}

}  // namespace outpost
