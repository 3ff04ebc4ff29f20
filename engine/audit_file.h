#pragma once
#include <filesystem>
#include <functional>
#include <optional>

#include "base/log.h"
#include "journal/journal.h"
#include "projection/audit.h"

namespace outpost {

// What the last audit in the background found, up to which event.
struct AuditSummary {
  Sequence at = 0;
  std::uint64_t edits_without_outcome = 0;
  bool sound = true;
};

// Follows what was appended since the last time to its outcomes, compares it with what waits (projection/audit.h), and
// keeps how far it came in `audit.json` in the account's folder: numbers and ids only. A file that cannot be read is
// made anew from all events. What it finds is logged as an error; what goes wrong, as a warning, and tried again the
// next time. Blocks until it is level or `stop` answers true; not for a thread of Outlook. Threads: any, one at a time
// for one account.
void FollowAudit(const Journal& journal, const std::filesystem::path& account, const std::function<bool()>& stop,
                 Log& log);

// Nullopt where there is none that can be read.
std::optional<AuditSummary> LoadAuditSummary(const std::filesystem::path& account);

}  // namespace outpost
