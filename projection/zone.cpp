#include "projection/zone.h"

#include "projection/ical_time.h"

namespace outpost {

std::optional<Zone> Zone::Find(const std::string& name) {
  Zone zone;
  if (name.empty() || name == "UTC") return zone;
  zone.zone_ = icaltimezone_get_builtin_timezone(name.c_str());
  return zone.zone_ != nullptr ? std::optional(zone) : std::nullopt;
}

std::int64_t Zone::ToLocal(std::int64_t utc) const {
  if (zone_ == nullptr) return utc;
  icaltimetype time = ClockAt(utc);
  int daylight = 0;
  const auto zone = static_cast<icaltimezone*>(zone_);
  return utc + icaltimezone_get_utc_offset_of_utc_time(zone, &time, &daylight) * std::int64_t{1000};
}

std::int64_t Zone::ToUtc(std::int64_t local) const {
  if (zone_ == nullptr) return local;
  icaltimetype time = ClockAt(local);
  int daylight = 0;
  return local - icaltimezone_get_utc_offset(static_cast<icaltimezone*>(zone_), &time, &daylight) * std::int64_t{1000};
}

}  // namespace outpost
