#include "mapi-adapter/codec/recurrence_rule.h"

#include <algorithm>
#include <chrono>

namespace outpost::mapi {
namespace {

using std::chrono::days, std::chrono::months, std::chrono::sys_days, std::chrono::year_month,
    std::chrono::year_month_day;

constexpr std::int64_t kDayMs = 86'400'000;
constexpr sys_days kEpoch = std::chrono::year(1601) / 1 / 1;
constexpr std::uint32_t kAllDays = 0x7F;
constexpr std::int64_t kLast = 5;
constexpr std::uint32_t kCountWithoutEnd = 10;
constexpr std::int64_t kDaily = 1, kWeekly = 2, kMonthly = 3, kYearly = 4;
constexpr std::int64_t kIntervalMax = 0xFFFFFFFF / kMinutesPerDay;

sys_days DateOf(std::int64_t ms) { return sys_days(std::chrono::floor<days>(std::chrono::milliseconds(ms))); }
constexpr sys_days DateIn(LocalMinutes at) { return kEpoch + days(at / kMinutesPerDay); }
std::int64_t MsOf(sys_days date) { return date.time_since_epoch().count() * kDayMs; }
LocalMinutes MinutesOf(sys_days date) { return static_cast<LocalMinutes>((date - kEpoch).count()) * kMinutesPerDay; }
constexpr sys_days kLastDate = DateIn(kNoEnd);

unsigned WeekdayOf(sys_days date) { return std::chrono::weekday(date).c_encoding(); }
int MonthsSince1601(sys_days date) {
  const year_month_day parts(date);
  return (static_cast<int>(parts.year()) - 1601) * 12 + static_cast<int>(static_cast<unsigned>(parts.month())) - 1;
}
year_month MonthAt(std::int64_t since1601) {
  return year_month(std::chrono::year(1601), std::chrono::month(1)) + months(since1601);
}
sys_days LastOf(year_month month) { return sys_days(month / std::chrono::last); }

// Of a month its n-th day that is one of `mask`; none where it has fewer.
std::optional<sys_days> NthOf(year_month month, std::uint32_t mask, std::uint32_t nth) {
  std::optional<sys_days> last;
  std::uint32_t found = 0;
  for (sys_days date(month / 1); date <= LastOf(month); date += days(1)) {
    if ((mask >> WeekdayOf(date) & 1) == 0) continue;
    last = date;
    if (++found == nth && nth < kLast) return date;
  }
  return nth >= kLast ? last : std::nullopt;
}

// Each day from `start` on that a pattern means, ascending, until `visit` answers false or the calendar of the blob
// ends.
template <class Visit>
void ForEachDay(const RecurrencePattern& pattern, sys_days start, Visit visit) {
  const std::int64_t step = std::max<std::int64_t>(1, pattern.period);
  if (pattern.pattern == RecurPattern::kDay) {
    for (sys_days date = start; date <= kLastDate;
         date += days(step / kMinutesPerDay + (step < kMinutesPerDay ? 1 : 0)))
      if (!visit(date)) return;
  } else if (pattern.pattern == RecurPattern::kWeek) {
    const sys_days week = start - days((WeekdayOf(start) + 7 - pattern.first_day_of_week) % 7);
    for (std::int64_t at = 0; week + days(7 * at) <= kLastDate; at += step)
      for (int i = 0; i < 7; ++i) {
        const sys_days date = week + days(7 * at + i);
        if (date >= start && date <= kLastDate && (pattern.days >> WeekdayOf(date) & 1) != 0 && !visit(date)) return;
      }
  } else {
    for (std::int64_t at = MonthsSince1601(start); sys_days(MonthAt(at) / 1) <= kLastDate; at += step) {
      const year_month month = MonthAt(at);
      const std::optional<sys_days> date =
          pattern.pattern == RecurPattern::kMonthNth
              ? NthOf(month, pattern.days, pattern.day)
              : std::min(LastOf(month), sys_days(month / 1) + days(std::clamp<std::uint32_t>(pattern.day, 1, 31) - 1));
      if (date && *date >= start && *date <= kLastDate && !visit(*date)) return;
    }
  }
}

// What the periods are counted from: the pattern's table in docs/mapi.md.
LocalMinutes FirstDateTime(const RecurrencePattern& pattern, sys_days start) {
  if (pattern.pattern == RecurPattern::kDay) return MinutesOf(start) % pattern.period;
  if (pattern.pattern == RecurPattern::kWeek) {
    const sys_days week = start - days((WeekdayOf(start) + 7 - pattern.first_day_of_week) % 7);
    return static_cast<LocalMinutes>(MinutesOf(week) % (std::uint64_t{pattern.period} * 7 * kMinutesPerDay));
  }
  const auto first = static_cast<std::uint32_t>(MonthsSince1601(start)) % pattern.period;
  return MinutesOf(sys_days(MonthAt(first) / 1));
}

std::uint32_t Clamped(std::int64_t value, std::int64_t from, std::int64_t to) {
  return static_cast<std::uint32_t>(std::clamp(value, from, to));
}

void SetKind(const SeriesRule& rule, sys_days first, RecurrencePattern& out) {
  const year_month_day parts(first);
  const std::int64_t interval = std::clamp<std::int64_t>(rule.interval, 1, kIntervalMax);
  if (rule.type == kDaily) {
    out.period = static_cast<std::uint32_t>(interval * kMinutesPerDay);
    return;
  }
  if (rule.type == kWeekly) {
    out.frequency = RecurFrequency::kWeekly;
    out.pattern = RecurPattern::kWeek;
    out.period = Clamped(interval, 1, 0xFFFF);
    out.days = static_cast<std::uint32_t>(rule.days.value_or(0)) & kAllDays;
    if (out.days == 0) out.days = 1U << WeekdayOf(first);
    return;
  }
  const bool yearly = rule.type == kYearly;
  out.frequency = yearly ? RecurFrequency::kYearly : RecurFrequency::kMonthly;
  out.period = Clamped(yearly ? interval * 12 : interval, 1, 12 * 0xFFF);
  out.pattern = rule.days ? RecurPattern::kMonthNth : RecurPattern::kMonth;
  if (rule.days) out.days = static_cast<std::uint32_t>(*rule.days) & kAllDays;
  out.day = rule.days ? Clamped(rule.day_in_month.value_or(1), 1, kLast)
                      : Clamped(rule.day_in_month.value_or(static_cast<unsigned>(parts.day())), 1, 31);
}

// The first day on or behind `day` from which a pattern may be counted: a yearly one begins in its month.
sys_days Begin(const SeriesRule& rule, sys_days day) {
  if (rule.type != kYearly || !rule.month) return day;
  const year_month_day parts(day);
  const auto month = std::chrono::month(Clamped(*rule.month, 0, 11) + 1);
  if (parts.month() == month) return day;
  return sys_days((parts.month() < month ? parts.year() : parts.year() + std::chrono::years(1)) / month / 1);
}

}  // namespace

std::int64_t DayOf(LocalMinutes at) { return MsOf(DateIn(at)); }

LocalMinutes MidnightOf(std::int64_t day) { return MinutesOf(std::clamp(DateOf(day), kEpoch, kLastDate)); }

Result<SeriesRule> RuleOf(const RecurrencePattern& pattern) {
  const bool gregorian = pattern.calendar <= 1 || (pattern.calendar >= 9 && pattern.calendar <= 0xC);
  if (!gregorian || pattern.pattern >= RecurPattern::kHjMonth)
    return Error{Code::kRejected, Retry::kNever,
                 "recurrence: calendar " + std::to_string(pattern.calendar) + ", pattern " +
                     std::to_string(static_cast<unsigned>(pattern.pattern)) + " is no rule of the Gregorian calendar"};
  const bool by_week = pattern.pattern == RecurPattern::kWeek, by_day = pattern.pattern == RecurPattern::kDay;
  const bool yearly = !by_week && !by_day && pattern.frequency == RecurFrequency::kYearly;
  const std::uint32_t unit = by_day ? kMinutesPerDay : yearly ? 12 : 1;
  if (pattern.period == 0 || pattern.period % unit != 0)
    return Error{Code::kCorrupt, Retry::kNever,
                 "recurrence: Period " + std::to_string(pattern.period) + " is no multiple of " + std::to_string(unit)};
  SeriesRule rule;
  rule.type = by_day ? kDaily : by_week ? kWeekly : yearly ? kYearly : kMonthly;
  rule.interval = pattern.period / unit;
  if (by_week || pattern.pattern == RecurPattern::kMonthNth) rule.days = pattern.days & kAllDays;
  if (!by_week && !by_day) rule.day_in_month = pattern.pattern == RecurPattern::kMonthEnd ? 31 : pattern.day;
  if (yearly) rule.month = static_cast<unsigned>(year_month_day(DateIn(pattern.start)).month()) - 1;
  if (pattern.end == RecurEnd::kByDate) rule.until = DayOf(pattern.until);
  if (pattern.end == RecurEnd::kAfterCount) rule.occurrences = pattern.count;
  rule.after_completion = pattern.sliding;
  return rule;
}

RecurrencePattern PatternOf(const SeriesRule& rule, std::int64_t first_day, std::uint32_t first_day_of_week) {
  RecurrencePattern out;
  out.first_day_of_week = first_day_of_week % 7;
  out.sliding = rule.after_completion;
  const sys_days from = Begin(rule, std::clamp(DateOf(first_day), kEpoch, kLastDate));
  SetKind(rule, from, out);
  sys_days first = from;
  ForEachDay(out, from, [&first](sys_days date) { return first = date, false; });
  out.start = MinutesOf(first);
  out.first = FirstDateTime(out, first);
  if (!rule.until && !rule.occurrences) return out;
  const sys_days end = rule.until ? std::clamp(DateOf(*rule.until), kEpoch, kLastDate) : kLastDate;
  const std::int64_t most = rule.until ? 0xFFFFFFFF : std::max<std::int64_t>(1, *rule.occurrences);
  out.count = 0;
  sys_days last = first;
  ForEachDay(out, first, [&](sys_days date) {
    if (date > end) return false;
    last = date;
    return ++out.count < most;
  });
  out.end = rule.until ? RecurEnd::kByDate : RecurEnd::kAfterCount;
  out.until = MinutesOf(rule.until ? std::max(end, first) : last);
  out.count = std::max<std::uint32_t>(out.count, 1);
  return out;
}

}  // namespace outpost::mapi
