#pragma once
#include <libical/ical.h>

#include <chrono>
#include <cstdint>

namespace outpost {

// What a clock shows that reads `ms`, milliseconds since 1970 as if they were UTC, in libical's terms and without a
// zone. For files that speak to libical themselves. Pure.
inline icaltimetype ClockAt(std::int64_t ms) {
  const auto day = std::chrono::floor<std::chrono::days>(std::chrono::milliseconds(ms));
  const std::chrono::year_month_day date{std::chrono::sys_days(day)};
  const auto seconds = static_cast<int>((ms - std::chrono::milliseconds(day).count()) / 1000);
  icaltimetype time = icaltime_null_time();
  time.year = static_cast<int>(date.year());
  time.month = static_cast<int>(static_cast<unsigned>(date.month()));
  time.day = static_cast<int>(static_cast<unsigned>(date.day()));
  time.hour = seconds / 3600;
  time.minute = seconds / 60 % 60;
  time.second = seconds % 60;
  return time;
}

}  // namespace outpost
