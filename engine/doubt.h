#pragma once
#include <filesystem>

#include "base/clock.h"
#include "base/random.h"
#include "journal/journal.h"

namespace outpost {

// The events that make an account look before it sends, for a journal that may have forgotten what it once sent: one
// that was restored from a backup, one with holes, or a copy of an account that went on elsewhere. They ask for a full
// comparison of every folder, and say of every edit that waits that it is in a batch whose answer was never seen. So
// the replicator reads back what became of each (creates by their uid, in every folder) before it sends anything: what
// the server has already is taken as done, what somebody may have deleted since is parked for a person, and the rest is
// sent. Appended as one batch. Errors: kCorrupt, kUnavailable.
Result<Batch> DoubtEvents(const JournalView& view, const Clock& clock, Random& random);

// Whether the account in `folder` is a copy: then another one may have gone on with the same edits, and this one doubts
// (DoubtEvents). The file "place" says where the account was at home; an account without one is at home here. Errors:
// kCorrupt, kUnavailable.
Result<void> NoticeCopy(const std::filesystem::path& folder, Journal& journal, const Clock& clock, Random& random);

}  // namespace outpost
