#pragma once
#include <map>
#include <vector>

#include "inspect/why.h"

namespace outpost {

// The local edits among `events` (one item's, oldest first) and what became of each group of theirs. Errors: kCorrupt.
Result<std::vector<EditFate>> FatesOf(const std::vector<Event>& events);

// What reached the server from here and was changed there afterwards by somebody else, and stands so now: for each
// group the newest edit of it. Errors: kCorrupt.
struct ChangedElsewhere {
  Sequence edit = 0;
  std::vector<FieldId> fields;
  Sequence told = 0;  // the outcome
  Sequence by = 0;    // the remote change
};
Result<std::vector<ChangedElsewhere>> EditsChangedElsewhere(const std::vector<Event>& events,
                                                            const std::vector<EditFate>& fates);

// How many requests carried the edits `intents`, from event `from` on, and the newest that did.
struct Tries {
  std::uint64_t count = 0;
  Sequence newest = 0;
};
// Looks at kTriesLookedThrough events at most. Errors: kCorrupt, kUnavailable.
inline constexpr Sequence kTriesLookedThrough = 2'000'000;
Result<Tries> TriesOf(const JournalView& view, Sequence edit, Sequence until);

}  // namespace outpost
