#pragma once
#include <vector>

#include "journal/rocks_view.h"

namespace outpost::journal {

// What is to go so that the journal begins at `keep_from`, the first event of an append: whole appends before it, but
// for those that hold an event of `needed` (ascending). With what has gone before; `fresh` are the ranges, ascending,
// whose events are still there. Once `most` events are to go, later appends are left for a further plan. Errors:
// kCorrupt (the marks do not follow one another), kUnavailable.
struct SequenceRange {
  Sequence from = 0, to = 0;  // both in it
};
struct GapPlan {
  GapBody gaps;
  std::vector<SequenceRange> fresh;
  std::uint64_t events = 0;  // in the fresh ranges
};
Result<GapPlan> PlanGaps(const RocksView& view, Sequence keep_from, const std::vector<Sequence>& needed,
                         std::uint64_t most);

}  // namespace outpost::journal
