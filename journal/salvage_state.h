#pragma once
#include "base/clock.h"
#include "journal/fold_host.h"
#include "journal/harvest.h"
#include "journal/salvage.h"
#include "journal/salvage_plan.h"

namespace outpost::journal {

// The state as well as it can be told where events are gone, as events behind the last one of `plan`: each item's
// newest row that was found, with the events behind it folded in; all else folded from the events that are left, with
// rows that were found where these say nothing. `rows_count`: the rows that were found are those of the very end, and
// count as they are. Moves plan.last, plan.chain and plan.bytes; plan.gaps.whole_from becomes the first event that was
// added. Errors: kInvalid (a fold that cannot restate), kUnavailable.
Result<void> RestateSalvaged(const Rocks& rocks, FoldHost& folds, bool rows_count, const Clock& clock,
                             SalvagePlan& plan, SalvageReport& report);

// Appends the gap event that tells of plan.gaps, and stores its list.
Result<void> TellGaps(const Rocks& rocks, const Clock& clock, SalvagePlan& plan);

}  // namespace outpost::journal
