#pragma once
#include <cstdint>
#include <optional>
#include <vector>

#include "journal/state.h"
#include "projection/zone.h"
#include "schemas/item_state.h"

namespace outpost {

// One time that something takes place.
struct CalendarEntry {
  ItemId item{};
  std::int64_t start = 0;  // milliseconds since 1970 UTC; of whole days when they begin in the viewer's zone
  std::int64_t end = 0;    // exclusive
  bool whole_days = false;
  std::optional<std::int64_t> day;  // of a series: which of its days, midnight UTC
  bool operator==(const CalendarEntry&) const = default;
};

// What takes place in `folder` between the instants `from` and `to` (exclusive), as somebody in the zone `viewer` sees
// it: series day by day, at the time of day that they have in their own zone, without the days that were dropped or
// that an item of their own replaces. By start, then by age. Reads the stored rows of that time, and of series,
// exceptions and long appointments those that reach into it: in time in proportion to what is shown, and to the series
// that are not over. Errors: kCorrupt, kUnavailable. Source: docs/projections.md, "Calendar".
Result<std::vector<CalendarEntry>> CalendarRange(const StateReader& state, const ItemId& folder, std::int64_t from,
                                                 std::int64_t to, const Zone& viewer);

}  // namespace outpost
