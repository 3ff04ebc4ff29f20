#pragma once
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "replicator/dialect.h"

namespace outpost {

// Who wins where both sides changed one field group to different values; the loser is kept either way.
enum class Policy : std::uint8_t { kServerWins, kClientWins };

// How far a run of rounds has come. Counts are of confirmed work, never of what was only asked for.
struct SyncProgress {
  enum class Phase : std::uint8_t { kConnecting, kReadingBack, kPulling, kPushing, kIdle };
  Phase phase = Phase::kIdle;
  ItemId folder{};          // that is being read in full; none: `done` is of the run
  std::uint64_t done = 0;   // items of the folder that are stored as the server has them; field groups acknowledged
  std::uint64_t total = 0;  // items that the server has in the folder; 0 without a folder: not known
  std::optional<std::uint64_t> folders_left = {};  // to be read in full that were not listed yet; none: not known
};

// What a run of rounds did and how it ended.
struct SyncReport {
  LinkState link = LinkState::kOnline;  // other than kOnline: why it had to stop
  std::string problem;                  // one sentence for the user; empty when all is well
  Millis retry_after{0};                // when to try again, where that helps
  bool local_failure = false;           // our own side failed (disk, damage): `problem` says what
  std::uint64_t rounds = 0;
  std::uint64_t requests = 0;
  std::uint64_t pulled = 0;  // remote changes stored
  std::uint64_t pushed = 0;  // (intent, group) acknowledged
  std::uint64_t batches = 0;
  std::uint64_t resumed_batches = 0;  // read back after a lost answer or a crash
  std::uint64_t conflicts = 0;
  std::uint64_t parked = 0;
  std::uint64_t held_deletions = 0;  // inferred deletions that wait for consent
  std::uint64_t pending = 0;         // edits still without outcome at the end
  std::uint64_t wishes = 0;          // CountWishes at the end; in this process only
};

// What a dry run would do next, by the real planner; nothing is written and only reads are sent.
struct SyncPreview {
  SyncReport link;
  std::uint64_t send = 0;
  std::uint64_t fetch = 0;
  std::uint64_t overwrite = 0;
  std::uint64_t remove = 0;
};

}  // namespace outpost
