#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "schemas/fields.h"

namespace outpost {

// A series is one item. A changed occurrence of it, an exception, is an item of its own: its uid is that of the series
// with the day it replaces behind it, so that each finds the other. Days are midnight UTC, whatever zone the series is
// in. Threads: any.

// "2024-03-26". Days beyond all calendars give the last one that has a name.
std::string DayText(std::int64_t day);
// nullopt for anything else.
std::optional<std::int64_t> DayFromText(std::string_view text);

// "u" and 2024-03-26: "u#20240326".
std::string UidOfException(std::string_view series_uid, std::int64_t day);
// "u" of it; nullopt for a uid that no exception has.
std::optional<std::string_view> SeriesUidOf(std::string_view exception_uid);

// The field that says which day an item of that type replaces in its series; 0 for types without series.
FieldId ReplacedDayOf(ItemType type);
// The field of a series that names the days that do not take place; 0 likewise.
FieldId DroppedDaysOf(ItemType type);

}  // namespace outpost
