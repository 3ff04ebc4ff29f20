#pragma once
#include <cstdint>
#include <functional>
#include <vector>

#include "mapi-adapter/codec/recurrence.h"
#include "schemas/fields.h"

namespace outpost::mapi {

// Between PidLidAppointmentRecur, where Outlook has a series with all its changed days, and the items that are kept
// here (docs/adr/0017): the series, and one for each changed day. Pure; threads: any.

// The clock of the series' zone: milliseconds since 1970, local ones as if they were UTC (projection/zone.h).
struct SeriesClock {
  std::function<std::int64_t(std::int64_t utc)> to_local;
  std::function<std::int64_t(std::int64_t local)> to_utc;
};

// For items that are in no zone.
SeriesClock UtcClock();

// A day of a series that is otherwise than its rule says.
struct ChangedDay {
  std::int64_t day = 0;  // midnight UTC of the day it replaces
  FieldMap fields;       // of an edit: what is otherwise; of an item: all it has
};

struct SeriesEdit {
  FieldMap series;                  // the rule, when the first one begins and ends, the days that do not take place
  std::vector<ChangedDay> changed;  // by day; to be laid over the series (engine/occurrence.h, ExceptionFields)
};

// What a blob says. `full_time`: of a series of whole days, whose times are midnights UTC here. Errors: those of
// RuleOf. A changed day that the blob does not also name as one without its rule is changed all the same; of two for
// one day the later one counts.
Result<SeriesEdit> SeriesFrom(const AppointmentRecurrence& blob, bool full_time, const SeriesClock& clock);

// The blob of a series and its changed days; `weeks_from`: 0 for Sunday. An exception says what its item has otherwise
// than the series. Errors: kInvalid for an item that is no series or has no start.
Result<AppointmentRecurrence> SeriesTo(const FieldMap& series, std::vector<ChangedDay> changed,
                                       const SeriesClock& clock, std::uint32_t weeks_from = 1);

// MAPI's word for `shown_as` and back; what has none here is reserved.
std::uint32_t BusyStatusOf(std::int64_t shown_as);
std::int64_t ShownAsOf(std::uint32_t busy_status);

}  // namespace outpost::mapi
