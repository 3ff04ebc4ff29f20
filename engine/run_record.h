#pragma once
#include <filesystem>
#include <optional>
#include <string>

#include "engine/progress.h"
#include "replicator/sync_types.h"

namespace outpost {

// How an account's runs went of late: for people, never for decisions. Kept in a small file beside the journal, because
// a run without news is no event; where it is lost, or a copy of the account has none, nothing else is. Times in
// milliseconds since 1970 UTC; 0: never.
struct RunRecord {
  std::string state;          // LinkStateName of the last run, "failed" where our own side failed
  std::int64_t since = 0;     // when that state began
  std::int64_t last_run = 0;  // its end
  std::int64_t last_success = 0;
  std::string last_error;  // the sentence for a person; kept after a success
  std::int64_t last_error_time = 0;
  std::int64_t next_try = 0;  // 0: when somebody asks
  Speeds speeds;              // of the runs of late; nothing in a record of before they were kept
};

// The record after a run that ended at `now`; `next_try` is none's. Pure.
RunRecord After(const RunRecord& before, const SyncReport& report, Millis now);

// nullopt where there is none that can be read.
std::optional<RunRecord> LoadRunRecord(const std::filesystem::path& account);
// Replaces the file as a whole, without waiting for the disk: a round without news would do little else. Errors:
// kUnavailable.
Result<void> SaveRunRecord(const std::filesystem::path& account, const RunRecord& record);

}  // namespace outpost
