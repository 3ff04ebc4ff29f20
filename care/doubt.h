#pragma once
#include "base/clock.h"
#include "base/random.h"
#include "journal/journal.h"

namespace outpost {

// The events that make an account look before it sends, for a journal that may have forgotten what it once sent: one
// that was restored from a backup, or one with holes. They ask for a full comparison of every folder, and say of every
// edit that waits that it is in a batch whose answer was never seen. So the replicator reads back what became of each
// (creates by their uid, in every folder) before it sends anything: what the server has already is taken as done, what
// somebody may have deleted since is parked for a person, and the rest is sent. Appended as one batch. Errors:
// kCorrupt, kUnavailable.
Result<Batch> DoubtEvents(const JournalView& view, const Clock& clock, Random& random);

}  // namespace outpost
