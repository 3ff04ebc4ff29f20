#pragma once
#include "journal/rocks_view.h"

// Private to journal/ and its tests: a check of the chain in parts, by several threads.
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
// More parts than threads: whoever is done early takes the next one. Each part costs a few seeks.
inline constexpr std::size_t kVerifyPartsPerThread = 4;

// VerifyEvents with the history cut into at most `count` parts where appends end: the report is that of one walk, for
// each part goes on from the stored chain, as a walk does behind damage. State is read beside the parts. Threads: up to
// `count`, at most kVerifyThreadsMax or one for each processor. Errors: kCorrupt, kUnavailable.
Result<VerifyReport> VerifyInParts(const RocksView& view, std::size_t count);

}  // namespace outpost::journal
