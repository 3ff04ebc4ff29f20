#pragma once
#include <vector>

#include "journal/rocks_view.h"

namespace outpost::journal {

// What is to go so that the journal begins at `keep_from`, the first event of an append: whole appends before it, but
// for those that hold an event of `needed` (ascending). With what has gone before; `fresh` are the spans whose events
// are still there. Errors: kCorrupt (the marks do not follow one another), kUnavailable.
struct GapPlan {
  GapBody gaps;
  std::vector<GapSpan> fresh;
  std::uint64_t events = 0;  // in the fresh spans
};
Result<GapPlan> PlanGaps(const RocksView& view, Sequence keep_from, const std::vector<Sequence>& needed);

}  // namespace outpost::journal
