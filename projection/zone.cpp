#include "projection/zone.h"

#include <libical/ical.h>

#include <chrono>

namespace outpost {
namespace {

constexpr std::int64_t kDayMs = 86'400'000;

icaltimetype ClockOf(std::int64_t ms) {
  const std::int64_t days = (ms - (ms % kDayMs + kDayMs) % kDayMs) / kDayMs;
  const std::chrono::year_month_day date{std::chrono::sys_days(std::chrono::days(days))};
  const auto seconds = static_cast<int>((ms - days * kDayMs) / 1000);
  icaltimetype time = icaltime_null_time();
  time.year = static_cast<int>(date.year());
  time.month = static_cast<int>(static_cast<unsigned>(date.month()));
  time.day = static_cast<int>(static_cast<unsigned>(date.day()));
  time.hour = seconds / 3600;
  time.minute = seconds / 60 % 60;
  time.second = seconds % 60;
  return time;
}

}  // namespace

std::optional<Zone> Zone::Find(const std::string& name) {
  Zone zone;
  if (name.empty() || name == "UTC") return zone;
  zone.zone_ = icaltimezone_get_builtin_timezone(name.c_str());
  return zone.zone_ != nullptr ? std::optional(zone) : std::nullopt;
}

std::int64_t Zone::ToLocal(std::int64_t utc) const {
  if (zone_ == nullptr) return utc;
  icaltimetype time = ClockOf(utc);
  int daylight = 0;
  const auto zone = static_cast<icaltimezone*>(zone_);
  return utc + icaltimezone_get_utc_offset_of_utc_time(zone, &time, &daylight) * std::int64_t{1000};
}

std::int64_t Zone::ToUtc(std::int64_t local) const {
  if (zone_ == nullptr) return local;
  icaltimetype time = ClockOf(local);
  int daylight = 0;
  return local - icaltimezone_get_utc_offset(static_cast<icaltimezone*>(zone_), &time, &daylight) * std::int64_t{1000};
}

}  // namespace outpost
