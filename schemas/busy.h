#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"

namespace outpost {

// How an appointment shows the time that it takes, by the numbers of the field shown_as.
enum class Availability : std::uint8_t { kReserved = 1, kTentative = 2, kAbsent = 3, kFree = 4 };
// "reserved", "tentative", "absent", "free".
const char* AvailabilityName(Availability availability);

// A time at which somebody is not free, or is said to be: one text of field::kPersonBusy, which is never written.
struct BusyTime {
  Millis from{0}, until{0};  // of whole days midnight UTC of the days that are meant, wherever they are looked at
  Availability availability = Availability::kReserved;
  bool whole_days = false;
  bool operator==(const BusyTime&) const = default;
};

// "1780304400000 1780308000000 reserved", of whole days with " days" behind. Such texts are in order where the numbers
// are of one length. Threads: any.
std::string BusyText(const BusyTime& time);
// nullopt for any other text.
std::optional<BusyTime> ParseBusyText(std::string_view text);

}  // namespace outpost
