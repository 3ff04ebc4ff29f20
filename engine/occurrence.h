#pragma once
#include <cstdint>
#include <optional>

#include "base/result.h"
#include "journal/journal.h"
#include "schemas/item_state.h"

namespace outpost {

// One day of a series of appointments, midnight UTC. Pure, but for the system's zone files that libical reads.
// Threads: any.

// The fields of a new item that takes the place of that day: all that travels of the series but its rule, at the time
// of day that the series has in its zone, with `patch` over it. A `patch` with a start alone keeps the length. Errors:
// kInvalid for an item that is no series.
Result<FieldMap> ExceptionFields(const ItemState& series, std::int64_t day, const FieldMap& patch);
// The edit of a series by which that day no longer takes place. Errors: likewise.
Result<FieldMap> DroppedDay(const ItemState& series, std::int64_t day);

// No server takes a series of appointments, or one of its days, into another folder. Errors: kInvalid, by name.
Result<void> CheckMoves(const ItemState& item, const ItemId& folder);

// The item that takes the place of that day; nullopt where the series does.
Result<std::optional<ItemId>> ExceptionOn(const StateReader& state, const ItemState& series, std::int64_t day);

}  // namespace outpost
