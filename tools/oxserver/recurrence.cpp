#include "tools/oxserver/recurrence.h"

#include <libical/ical.h>

#include <chrono>
#include <cstdio>
#include <memory>

namespace outpost::oxserver {
namespace {

constexpr std::int64_t kDayMs = 86'400'000;
constexpr std::int64_t kShortestMonth = 28;
constexpr std::int64_t kLastOfMonth = 5;  // the n-th weekday
constexpr const char* kWeekdays[] = {"SU", "MO", "TU", "WE", "TH", "FR", "SA"};

std::int64_t DayOf(std::int64_t ms) { return ms - ((ms % kDayMs) + kDayMs) % kDayMs; }

std::string DaysText(std::int64_t days) {
  std::string text;
  for (int i = 0; i < 7; ++i)
    if ((days >> i & 1) != 0) text += (text.empty() ? "" : ",") + std::string(kWeekdays[i]);
  return text;
}

std::string MonthDayText(std::int64_t day) {
  if (day <= kShortestMonth) return ";BYMONTHDAY=" + std::to_string(day);
  std::string text = ";BYMONTHDAY=28";
  for (std::int64_t each = kShortestMonth + 1; each <= day && each <= 31; ++each) text += "," + std::to_string(each);
  return text + ";BYSETPOS=-1";
}

std::string DayText(const RecurrenceRule& rule) {
  if (!rule.days) return MonthDayText(rule.day_in_month.value_or(1));
  const auto nth = rule.day_in_month.value_or(1);
  return ";BYDAY=" + DaysText(*rule.days) + ";BYSETPOS=" + std::to_string(nth >= kLastOfMonth ? -1 : nth);
}

// The clock reading `local` (milliseconds as if it were UTC) without a zone.
icaltimetype Floating(std::int64_t local) {
  const std::chrono::sys_days day{std::chrono::days(DayOf(local) / kDayMs)};
  const std::chrono::year_month_day date(day);
  const auto seconds = static_cast<int>((local - DayOf(local)) / 1000);
  icaltimetype time = icaltime_null_time();
  time.year = static_cast<int>(date.year());
  time.month = static_cast<int>(static_cast<unsigned>(date.month()));
  time.day = static_cast<int>(static_cast<unsigned>(date.day()));
  time.hour = seconds / 3600;
  time.minute = seconds / 60 % 60;
  time.second = seconds % 60;
  return time;
}

std::int64_t LocalOf(const icaltimetype& time) {
  const auto days = std::chrono::sys_days(std::chrono::year(time.year) / time.month / time.day).time_since_epoch();
  return days.count() * kDayMs + ((time.hour * 60 + time.minute) * 60 + time.second) * std::int64_t{1000};
}

struct IteratorEnd {
  void operator()(icalrecur_iterator* iterator) const { icalrecur_iterator_free(iterator); }
};

}  // namespace

std::string RuleText(const RecurrenceRule& rule) {
  constexpr const char* kFrequencies[] = {"", "DAILY", "WEEKLY", "MONTHLY", "YEARLY"};
  std::string text = "FREQ=" + std::string(kFrequencies[rule.type]) + ";INTERVAL=" + std::to_string(rule.interval);
  if (rule.type == 2 && rule.days) text += ";BYDAY=" + DaysText(*rule.days);
  if (rule.type == 2 && !rule.days) text += ";BYDAY=" + DaysText(127);
  if (rule.type == 4) text += ";BYMONTH=" + std::to_string(rule.month.value_or(0) + 1);
  if (rule.type > 2) text += DayText(rule);
  if (rule.until) {
    const icaltimetype last = Floating(DayOf(*rule.until));
    char date[48];
    std::snprintf(date, sizeof date, ";UNTIL=%04d%02d%02dT235959", last.year, last.month, last.day);
    text += date;
  } else if (rule.occurrences) {
    text += ";COUNT=" + std::to_string(*rule.occurrences);
  }
  return text;
}

Series::Series(const RecurrenceRule& rule, Span first, bool full_time, const Zone& zone)
    : rule_(RuleText(rule)), first_(first), full_time_(full_time), zone_(&zone) {}

void Series::ForEach(const std::function<bool(const Occurrence&)>& visit) const {
  const std::int64_t local = full_time_ ? first_.start : zone_->ToTime(first_.start);
  const std::int64_t length = first_.end - first_.start;
  const std::int64_t rest = local - local / 1000 * 1000;  // libical counts seconds
  const auto rule = icalrecurrencetype_from_string(rule_.c_str());
  const std::unique_ptr<icalrecur_iterator, IteratorEnd> iterator(icalrecur_iterator_new(rule, Floating(local)));
  if (!iterator) return;
  Occurrence occurrence;
  while (occurrence.position < kOccurrencesMax) {
    const icaltimetype next = icalrecur_iterator_next(iterator.get());
    if (icaltime_is_null_time(next)) return;
    const std::int64_t reading = LocalOf(next) + rest;
    ++occurrence.position;
    occurrence.date = DayOf(reading);
    occurrence.time.start = full_time_ ? reading : zone_->ToUtc(reading);
    occurrence.time.end = occurrence.time.start + length;
    if (!visit(occurrence)) return;
  }
}

std::optional<Occurrence> Series::At(std::int64_t position) const {
  std::optional<Occurrence> found;
  ForEach([&](const Occurrence& each) {
    if (each.position == position) found = each;
    return !found;
  });
  return found;
}

std::optional<Occurrence> Series::On(std::int64_t date) const {
  std::optional<Occurrence> found;
  ForEach([&](const Occurrence& each) {
    if (each.date == date) found = each;
    return each.date < date;
  });
  return found;
}

}  // namespace outpost::oxserver
