#pragma once
#include <filesystem>

#include "base/result.h"
#include "journal/rocks.h"
#include "journal/witness.h"

namespace outpost::journal {

// Makes `to`, which must not exist, a journal of its own with the history of the one in `from` at a moment after the
// call began: tables and blobs are hard links where the file system has them, the rest are copies. FORMAT comes last,
// so an interrupted copy is never taken for a journal. `durable` is what TAIL of `from` may say; TAIL of the copy names
// its very end. Threads: any, beside appends to `rocks`. Errors: kConflict (`to` is there), kCorrupt (the copy does not
// end as it should), kUnavailable; what was made of `to` is removed.
Result<void> CopyJournal(const Rocks& rocks, const std::filesystem::path& from, const std::filesystem::path& to,
                         const Witness& durable);

}  // namespace outpost::journal
