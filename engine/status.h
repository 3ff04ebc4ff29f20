#pragma once
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "engine/audit_file.h"
#include "engine/run_record.h"
#include "journal/reader.h"

namespace outpost {

struct FolderStatus {
  ItemId id{};
  ItemType content{};
  std::optional<std::int64_t> token;  // the newest server token (cursor); none before the folder was read
  Millis token_time{0};               // when it was stored; 0: not known any more
  bool complete = false;              // read once in full
};

// How an account stands: all but `run` from the journal.
struct AccountStatus {
  std::string state = "never";   // LinkStateName of the last run, "failed", "paused", or "never" before the first one
  std::optional<RunRecord> run;  // none where no run was recorded here
  std::uint64_t pending = 0;     // edits without outcome
  std::uint64_t parked = 0;      // field groups
  std::uint64_t conflicts = 0;   // field groups that wait for a person
  std::uint64_t held_deletions = 0;
  std::uint64_t open_batches = 0;
  // (edit, group) pairs neither pending nor decided: 0, or promise 3 is broken. By the sums that are kept with each
  // event against the items' rows, so in time with what is pending; Audit() proves it event by event.
  std::uint64_t lost = 0;
  // The rows are those of an older version of Outpost that this one goes on with; they are made again in the
  // background.
  bool rows_behind = false;
  std::optional<AuditSummary> audit;  // the last one in the background; none where there was none
  std::vector<FolderStatus> folders;
};

// `account`: its folder. Time in proportion to folders and to what waits, not to items or events. Errors: kCorrupt,
// kUnavailable. Threads: any.
Result<AccountStatus> ReadStatus(const JournalView& view, const std::filesystem::path& account);

// How many events the index of words is behind `view`; nullopt where there is none that is of use (an encrypted
// account, one yet to be made). Opens its file: for who shows it, not for Outlook's calls. Threads: any.
std::optional<std::uint64_t> ReadSearchBehind(const JournalView& view, const std::filesystem::path& account);

}  // namespace outpost
