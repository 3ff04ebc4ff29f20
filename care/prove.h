#pragma once
#include <filesystem>
#include <functional>
#include <string>

#include "journal/encryption.h"
#include "journal/reader.h"

namespace outpost {

// Tells how far something is: what is done now, and of how much; a total of 0 is not known.
using CareProgress = std::function<void(const char* what, std::uint64_t done, std::uint64_t total)>;

// Reads the whole journal in `folder`, which stands still, and checks its chain; `key` opens it. Damage is in the
// report. Errors: those of JournalFollower. Threads: any; takes time in proportion to the journal.
Result<VerifyReport> ProveEvents(const std::filesystem::path& folder, const KeySource& key);

}  // namespace outpost
