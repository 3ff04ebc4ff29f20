#include "projection/series_days.h"

#include <algorithm>
#include <bit>
#include <chrono>

namespace outpost {
namespace {

using Every = SeriesRule::Every;
using std::chrono::days, std::chrono::sys_days, std::chrono::year_month_day;

constexpr std::int64_t kDayMs = 86'400'000;
// The years that have names; days since 1970.
constexpr std::int64_t kEarliest = -700'000, kLatest = 2'900'000;
constexpr std::int64_t kIntervalMax = 10'000;
constexpr std::int64_t kOccurrencesMax = 3'000'000;
constexpr std::int64_t kLastOfMonth = 5;
constexpr std::uint8_t kEveryWeekday = 127;

std::int64_t FloorDivide(std::int64_t a, std::int64_t b) { return a / b - (a % b != 0 && (a < 0) != (b < 0) ? 1 : 0); }

// 0 Sunday … 6 Saturday; the first of January 1970 was a Thursday.
std::int64_t WeekdayOf(std::int64_t day) { return ((day + 4) % 7 + 7) % 7; }
std::int64_t MondayOf(std::int64_t day) { return day - (WeekdayOf(day) + 6) % 7; }

std::int64_t MonthsOf(std::int64_t day) {
  const year_month_day date{sys_days(days(day))};
  return static_cast<int>(date.year()) * std::int64_t{12} + static_cast<unsigned>(date.month()) - 1;
}
std::int64_t FirstOfMonth(std::int64_t months) {
  const std::int64_t year = FloorDivide(months, 12);
  const auto month = static_cast<unsigned>(months - year * 12 + 1);
  return sys_days(std::chrono::year(static_cast<int>(year)) / std::chrono::month(month) / 1).time_since_epoch().count();
}

std::optional<std::int64_t> NumberOf(const Value& value) {
  const auto* number = std::get_if<std::int64_t>(&value);
  return number != nullptr ? std::optional(*number) : std::nullopt;
}

struct RuleFields {
  FieldId type, days, day_in_month, month, interval, until, occurrences;
};
constexpr RuleFields kOfAppointment{field::kAppointmentRecurrenceType, field::kAppointmentDays,
                                    field::kAppointmentDayInMonth,     field::kAppointmentMonth,
                                    field::kAppointmentInterval,       field::kAppointmentUntil,
                                    field::kAppointmentOccurrences};
constexpr RuleFields kOfTask{field::kTaskRecurrenceType, field::kTaskDays,  field::kTaskDayInMonth, field::kTaskMonth,
                             field::kTaskInterval,       field::kTaskUntil, field::kTaskOccurrences};

}  // namespace

std::optional<SeriesRule> RuleOf(ItemType type, const FieldValueFn& value) {
  if (type != ItemType::kAppointment && type != ItemType::kTask) return std::nullopt;
  const RuleFields& fields = type == ItemType::kAppointment ? kOfAppointment : kOfTask;
  const auto number = [&](FieldId id) { return NumberOf(value(id)); };
  const std::int64_t every = number(fields.type).value_or(0);
  if (every < 1 || every > 4) return std::nullopt;
  SeriesRule rule;
  rule.every = static_cast<Every>(every);
  rule.interval = std::clamp<std::int64_t>(number(fields.interval).value_or(1), 1, kIntervalMax);
  rule.weekdays = static_cast<std::uint8_t>(number(fields.days).value_or(0) & kEveryWeekday);
  rule.day_in_month = std::clamp<std::int64_t>(number(fields.day_in_month).value_or(1), 1, 31);
  rule.month = std::clamp<std::int64_t>(number(fields.month).value_or(0), 0, 11);
  if (const auto until = number(fields.until)) rule.until = FloorDivide(*until, kDayMs);
  rule.occurrences = number(fields.occurrences);
  if (rule.occurrences && *rule.occurrences < 1) rule.occurrences.reset();
  return rule;
}

SeriesDays::SeriesDays(const SeriesRule& rule, std::int64_t first)
    : rule_(rule), first_(std::clamp(first, kEarliest, kLatest)) {
  if (rule_.every == Every::kWeek && rule_.weekdays == 0) rule_.weekdays = kEveryWeekday;
  if (rule_.every == Every::kDay) origin_ = first_;
  if (rule_.every == Every::kWeek) origin_ = MondayOf(first_);
  if (rule_.every == Every::kMonth) origin_ = MonthsOf(first_);
  if (rule_.every == Every::kYear) origin_ = FloorDivide(MonthsOf(first_), 12) * 12 + rule_.month;
  if (!rule_.until && !rule_.occurrences) return;
  if (!rule_.until) {
    last_ = LastByCount(std::min(*rule_.occurrences, kOccurrencesMax));
    return;
  }
  // The last that is not behind the day it may be.
  const std::int64_t until = std::clamp(*rule_.until, kEarliest, kLatest);
  last_ = first_ - 1;
  for (std::int64_t period = PeriodOf(until), tries = 0; period >= 0 && tries < 3 && *last_ < first_; --period, ++tries)
    DaysOf(period, [&](std::int64_t day) {
      if (day >= first_ && day <= until) last_ = day;
      return day <= until;
    });
}

std::int64_t SeriesDays::PeriodOf(std::int64_t day) const {
  switch (rule_.every) {
    case Every::kDay:
      return FloorDivide(day - origin_, rule_.interval);
    case Every::kWeek:
      return FloorDivide(day - origin_, rule_.interval * 7);
    case Every::kMonth:
      return FloorDivide(MonthsOf(day) - origin_, rule_.interval);
    case Every::kYear:
      break;
  }
  return FloorDivide(MonthsOf(day) - origin_, rule_.interval * 12);
}

// The one day of a month that the rule means; `months` since the year 0.
std::int64_t SeriesDays::InMonth(std::int64_t months) const {
  const std::int64_t first = FirstOfMonth(months), next = FirstOfMonth(months + 1);
  if (rule_.weekdays == 0) return std::min(first + rule_.day_in_month, next) - 1;
  const auto meant = [&](std::int64_t day) { return (rule_.weekdays >> WeekdayOf(day) & 1) != 0; };
  std::int64_t day = first;
  if (rule_.day_in_month >= kLastOfMonth) {
    for (day = next - 1; !meant(day);) --day;
    return day;
  }
  for (std::int64_t nth = 0;; ++day)
    if (meant(day) && ++nth == rule_.day_in_month) return day;
}

void SeriesDays::DaysOf(std::int64_t period, const std::function<bool(std::int64_t day)>& visit) const {
  switch (rule_.every) {
    case Every::kDay:
      visit(origin_ + period * rule_.interval);
      return;
    case Every::kWeek:
      for (std::int64_t i = 0, monday = origin_ + period * rule_.interval * 7; i < 7; ++i)
        if ((rule_.weekdays >> WeekdayOf(monday + i) & 1) != 0 && !visit(monday + i)) return;
      return;
    case Every::kMonth:
      visit(InMonth(origin_ + period * rule_.interval));
      return;
    case Every::kYear:
      visit(InMonth(origin_ + period * rule_.interval * 12));
      return;
  }
}

// Of the first period only days from the first on count, and it may have none; every other has as many as the next.
std::optional<std::int64_t> SeriesDays::LastByCount(std::int64_t count) const {
  std::optional<std::int64_t> last;
  std::int64_t left = count;
  const auto take = [&](std::int64_t day) {
    if (day < first_) return true;
    last = day;
    return --left > 0;
  };
  DaysOf(0, take);
  if (left == 0) return last;
  const std::int64_t each = rule_.every == Every::kWeek ? std::popcount(rule_.weekdays) : 1;
  const std::int64_t skipped = (left - 1) / each;
  const std::int64_t days_a_period[] = {0, 1, 7, 31, 366};
  const std::int64_t far = days_a_period[static_cast<std::size_t>(rule_.every)] * rule_.interval;
  if (skipped + 1 > (kLatest - first_) / far) return std::nullopt;
  left -= skipped * each;
  DaysOf(1 + skipped, take);
  return last;
}

void SeriesDays::ForEach(std::int64_t from, std::int64_t to, const std::function<bool(std::int64_t day)>& visit) const {
  from = std::max(from, first_);
  to = std::min({to, kLatest, last_ ? *last_ + 1 : kLatest});
  bool more = from < to;
  for (std::int64_t period = more ? std::max<std::int64_t>(PeriodOf(from), 0) : 0; more; ++period)
    DaysOf(period, [&](std::int64_t day) {
      more = day < to && (day < from || visit(day));
      return more;
    });
}

}  // namespace outpost
