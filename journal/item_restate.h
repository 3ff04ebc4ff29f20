#pragma once
#include "journal/state.h"
#include "schemas/checkpoint.h"

namespace outpost {

// Makes the rows of `table` from body.from to body.to those of `body`; rows that are so already are left alone.
// Errors: kCorrupt, kUnavailable.
Result<void> ReplaceRows(Table table, const SectionBody& body, StateWriter& state);

}  // namespace outpost
