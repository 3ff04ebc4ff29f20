#pragma once
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "journal/state.h"
#include "replicator/sync_types.h"

namespace outpost {

// How fast work went of late: a sum that forgets. Kept from run to run (engine/run_record.h), so that the next one does
// not begin with a guess.
struct Speed {
  std::uint64_t done = 0;
  std::uint64_t micros = 0;  // in which it was done
  // A second; none while too little was seen to tell.
  std::optional<double> PerSecond() const;
  void Add(std::uint64_t more, std::chrono::microseconds in);
};

// Of this account's own runs.
struct Speeds {
  Speed receiving;  // items stored
  Speed sending;    // edited field groups decided
};

// Edited field groups, by the sums that the journal keeps with each event.
struct EditCounts {
  std::uint64_t made = 0;
  std::uint64_t decided = 0;
};
// Errors: kCorrupt, kUnavailable. Takes six reads, however many edits there are.
Result<EditCounts> CountEdits(const StateReader& state);

// A folder that is read in full.
struct FolderProgress {
  ItemId folder{};
  std::string path;          // empty where it is not known
  std::uint64_t stored = 0;  // items of it that are on disk here as the server has them
  std::uint64_t listed = 0;  // items that the server has in it
};

// How far an account's run of rounds is: counts of what is on disk, never of what was asked for. Times in milliseconds
// since 1970 UTC.
struct ProgressReport {
  bool running = false;
  SyncProgress::Phase phase = SyncProgress::Phase::kIdle;
  Millis since{0};                            // when the run began; 0: none did yet
  std::vector<FolderProgress> folders;        // in the order in which they were listed
  std::optional<std::uint64_t> folders_left;  // that have yet to be listed; none: not known yet
  std::uint64_t stored = 0;                   // of all folders above
  std::uint64_t listed = 0;
  std::uint64_t sent = 0;     // edited field groups decided since the run began
  std::uint64_t to_send = 0;  // that wait
  std::optional<double> receive_per_s;
  std::optional<double> send_per_s;
  std::optional<Millis> remaining;      // none where nobody can know: nothing to go by, or nothing moves
  std::optional<Millis> stalled_since;  // when something last moved, where that is too long ago
  std::uint64_t runs = 0;               // that ended in this process
  std::uint64_t version = 0;            // see AccountCommands::Progress
};

// Follows a run by what the replicator tells and what the journal counts. Has no clock and no disk: times are passed
// in. Threads: one.
class ProgressMeter {
 public:
  // Nothing moved for so long: stalled. Below, a slow answer (a large page over a thin line) would pass for it; above,
  // a person wonders first.
  static constexpr Millis kStalledAfter{10'000};

  struct Now {
    std::chrono::microseconds monotonic{0};
    Millis wall{0};
  };

  explicit ProgressMeter(Speeds past = {}) : speeds_(past) {}

  void Begin(Now now, EditCounts edits);
  void Note(Now now, const SyncProgress& progress, EditCounts edits);
  void End(Now now, EditCounts edits);

  // As it stands at `now`, without paths and version.
  ProgressReport At(Now now, EditCounts edits) const;
  const Speeds& speeds() const { return speeds_; }

 private:
  void Moved(Now now) { moved_ = now; }
  std::optional<Millis> Remaining(const ProgressReport& report) const;

  Speeds speeds_;
  ProgressReport report_;
  EditCounts at_begin_;
  std::uint64_t decided_ = 0;                                  // when last noted
  std::chrono::microseconds noted_{0};                         // the last note, by which the next one is measured
  SyncProgress::Phase measured_ = SyncProgress::Phase::kIdle;  // what went on since then
  Now moved_;
};

}  // namespace outpost
