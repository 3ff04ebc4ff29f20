#pragma once
#include <functional>
#include <string_view>

#include "base/ids.h"
#include "journal/reader.h"

namespace outpost {

// Called with each item's row, in the order of ids; the row is valid during the call only.
using ItemRowFn = std::function<Result<void>(const ItemId& id, std::string_view row)>;

// Reads all rows of kItemsTable. Errors: those of `look`, after which it is not called again; kCorrupt, kUnavailable.
Result<void> ForEachItemRow(const JournalView& view, const ItemRowFn& look);

// The same, with `look` on a thread of its own that lasts as long as the call: the database unpacks the next rows while
// the last ones are looked at, and each of the two is about half of the time. Where no thread is to be had all is done
// on the caller's. `look` must not use `view`, which belongs to the caller's thread meanwhile; what it throws is thrown
// here. Memory: some 1 MiB.
Result<void> ForEachItemRowBeside(const JournalView& view, const ItemRowFn& look);

}  // namespace outpost
