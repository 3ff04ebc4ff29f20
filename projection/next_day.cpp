#include "projection/next_day.h"

#include <libical/ical.h>

#include <algorithm>
#include <chrono>
#include <string>

namespace outpost {
namespace {

constexpr std::int64_t kDayMs = 86'400'000;
constexpr int kStepsMax = 1000;  // days that a rule gives before the one after the first: a handful

// Without the parts that only we know.
std::string PlainRule(std::string_view rule) {
  std::string plain;
  while (!rule.empty()) {
    const auto end = std::min(rule.find(';'), rule.size());
    const std::string_view part = rule.substr(0, end);
    if (!part.starts_with("X-") && !part.empty()) plain += (plain.empty() ? "" : ";") + std::string(part);
    rule.remove_prefix(std::min(end + 1, rule.size()));
  }
  return plain;
}

std::int64_t DaysSince1970(const icaltimetype& time) {
  const std::chrono::year_month_day date{std::chrono::year(time.year),
                                         std::chrono::month(static_cast<unsigned>(time.month)),
                                         std::chrono::day(static_cast<unsigned>(time.day))};
  return std::chrono::sys_days(date).time_since_epoch().count();
}

}  // namespace

std::optional<std::int64_t> NextDay(std::string_view rule, std::int64_t day) {
  icalrecurrencetype parsed = icalrecurrencetype_from_string(PlainRule(rule).c_str());
  std::optional<std::int64_t> next;
  if (parsed.freq != ICAL_NO_RECURRENCE) {
    const std::int64_t number = day >= 0 ? day / kDayMs : -((-day + kDayMs - 1) / kDayMs);
    const std::chrono::year_month_day date{std::chrono::sys_days(std::chrono::days(number))};
    icaltimetype start = icaltime_null_date();
    start.year = static_cast<int>(date.year());
    start.month = static_cast<int>(static_cast<unsigned>(date.month()));
    start.day = static_cast<int>(static_cast<unsigned>(date.day()));
    if (icalrecur_iterator* days = icalrecur_iterator_new(parsed, start); days != nullptr) {
      for (int step = 0; step < kStepsMax && !next; ++step) {
        const icaltimetype at = icalrecur_iterator_next(days);
        if (icaltime_is_null_time(at)) break;
        if (const std::int64_t found = DaysSince1970(at) * kDayMs; found > number * kDayMs) next = found;
      }
      icalrecur_iterator_free(days);
    }
  }
  return next;
}

}  // namespace outpost
