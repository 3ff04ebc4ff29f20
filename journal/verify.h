#pragma once
#include "journal/rocks_view.h"

// Private to journal/ and its tests: a check of the chain in parts, each on a thread of its own.
namespace outpost::journal {

// The events from `from` up to and without `until`, and the chain before them.
struct VerifyPart {
  Sequence from = 1;
  Sequence until = 0;
  Digest chain{};
};
inline constexpr Sequence kToTheEnd = ~Sequence{0};

// Below this many events a second thread costs more than it brings.
inline constexpr Sequence kVerifyAloneEvents = 10'000;
// Each has iterators and blocks of its own; the processor's other work goes on beside.
inline constexpr std::size_t kVerifyThreadsMax = 4;

// VerifyEvents with the history cut into at most `count` parts where appends end: the report is that of one walk, for
// each part goes on from the stored chain, as a walk does behind damage. Errors: kCorrupt, kUnavailable.
Result<VerifyReport> VerifyInParts(const RocksView& view, std::size_t count);

}  // namespace outpost::journal
