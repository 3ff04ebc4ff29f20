#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace outpost::mapi {

// What Outlook keeps of a series in one binary property: PidLidAppointmentRecur of appointments, PidLidTaskRecurrence
// of tasks. Source: [MS-OXOCAL] 2.2.1.44, [MS-OXOTASK] 2.2.2.2.15. Pure; threads: any.

// Minutes since 1601-01-01 00:00 in the zone of the series.
using LocalMinutes = std::uint32_t;
inline constexpr LocalMinutes kNoEnd = 0x5AE980DF;   // end of a series without one: 4500-08-31 23:59
inline constexpr LocalMinutes kNoDate = 0x5AE980E0;  // "none" among the dates of tasks
inline constexpr std::uint32_t kMinutesPerDay = 1440;

// How often; the numbers are those stored.
enum class RecurFrequency : std::uint16_t { kDaily = 0x200A, kWeekly = 0x200B, kMonthly = 0x200C, kYearly = 0x200D };
enum class RecurPattern : std::uint16_t {
  kDay = 0,
  kWeek = 1,
  kMonth = 2,     // on a day of the month
  kMonthNth = 3,  // on the n-th of some weekdays
  kMonthEnd = 4,
  kHjMonth = 0xA,  // the same of the Hijri calendar
  kHjMonthNth = 0xB,
  kHjMonthEnd = 0xC
};
enum class RecurEnd : std::uint32_t { kByDate = 0x2021, kAfterCount = 0x2022, kNever = 0x2023 };

struct RecurrencePattern {
  RecurFrequency frequency = RecurFrequency::kDaily;
  RecurPattern pattern = RecurPattern::kDay;
  std::uint16_t calendar = 0;  // 0 and 1: Gregorian
  LocalMinutes first = 0;      // what the period is counted from, see FirstDateTime()
  std::uint32_t period = 0;    // Day: minutes; Week: weeks; else months
  bool sliding = false;        // of tasks: made anew when it is done
  std::uint32_t days = 0;      // Week, MonthNth: bits from Sunday = 1
  std::uint32_t day = 0;       // Month, MonthEnd: 1 to 31; MonthNth: 1 to 4, 5 is the last
  RecurEnd end = RecurEnd::kNever;
  std::uint32_t count = 10;             // of occurrences; 10 where there is no end
  std::uint32_t first_day_of_week = 0;  // 0: Sunday
  std::vector<LocalMinutes> deleted;    // midnights on which the rule does not hold: of days dropped and days changed
  std::vector<LocalMinutes> modified;   // midnights to which changed days went
  LocalMinutes start = 0;               // midnight of the first day
  LocalMinutes until = kNoEnd;          // midnight of the last day

  bool operator==(const RecurrencePattern&) const = default;
};

// What a changed day says otherwise than its series; absent: as the series.
struct RecurException {
  LocalMinutes start = 0, end = 0;
  LocalMinutes original = 0;           // when it would have been
  std::optional<std::string> subject;  // UTF-16LE, without a NUL, as it came
  std::optional<std::string> location;
  std::string subject_ansi, location_ansi;      // the same in the code page of whoever wrote it
  std::optional<std::uint32_t> meeting_type;    // PidLidAppointmentStateFlags
  std::optional<std::uint32_t> reminder_delta;  // minutes
  std::optional<std::uint32_t> reminder_set, busy_status, has_attachment, all_day, color;
  bool has_body = false;               // its text is in the embedded message
  std::uint32_t change_highlight = 0;  // what was changed last; for show

  bool operator==(const RecurException&) const = default;
};

struct AppointmentRecurrence {
  RecurrencePattern pattern;
  std::uint32_t writer_version = 0x3009;   // below it no change_highlight is stored
  std::uint32_t start_offset = 0;          // minutes after midnight
  std::uint32_t end_offset = 0;            // of the day it begins; may be above 1440
  std::vector<RecurException> exceptions;  // by day

  bool operator==(const AppointmentRecurrence&) const = default;
};

// Errors: kCorrupt, named by field and byte: cut short, a count beyond the bytes, a version, frequency, pattern or end
// that is not known. Blocks that are reserved are passed over, and so is what lies behind the last of them, where old
// bytes may be left. Memory is linear in the bytes.
Result<RecurrencePattern> DecodeTaskRecurrence(std::string_view bytes);
Result<AppointmentRecurrence> DecodeAppointmentRecurrence(std::string_view bytes);

// What decodes to the same. Of bytes that Outlook writes: the same bytes, but for what decoding passes over.
std::string Encode(const RecurrencePattern& pattern);
std::string Encode(const AppointmentRecurrence& recurrence);

}  // namespace outpost::mapi
