#pragma once
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "base/clock.h"
#include "journal/encryption.h"
#include "journal/fold.h"
#include "journal/reader.h"

namespace outpost {

struct SalvageOptions {
  std::filesystem::path from;  // the damaged journal; nothing in it is written
  std::filesystem::path to;    // the new one; must not exist
  std::string id;              // JournalOptions::id, for a journal that has lost its own
  KeySource key;               // what the damaged one opens by; the new one has the same key
  // As JournalOptions::rocksdb_env.
  void* rocksdb_env = nullptr;
};

// Events that are gone, side by side.
struct MissingRun {
  Sequence from = 0;
  Sequence to = 0;
  Millis after{0};   // when the event before it was written; 0: not known
  Millis before{0};  // when the event behind it was written; 0: not known
};

// One of them of which it is known what it was about: a later event of the item points to it, or a row was made from
// it.
struct MissingEvent {
  Sequence seq = 0;
  ItemId item{};
};

inline constexpr std::size_t kMissingListedMax = 100'000;

struct SalvageReport {
  std::uint64_t events = 0;         // in the new journal, as they were
  std::uint64_t appends = 0;        // of them, proven by their chain
  std::uint64_t unproven = 0;       // events of appends that are not whole, or whose mark is gone
  std::uint64_t missing = 0;        // events that are gone
  std::vector<MissingRun> runs;     // all of them, the first kMissingListedMax runs
  std::vector<MissingEvent> about;  // by sequence, the first kMissingListedMax
  std::uint64_t restated = 0;       // items that were restated behind the old end
  std::uint64_t saved_by_rows = 0;  // of them, those whose stored row knew more than the events that are left
  std::uint64_t not_folded = 0;     // events that could not be followed without those that are gone
  Sequence last = 0;                // of the new journal
  Sequence old_last = 0;            // the last event the old one is known to have had
  std::vector<std::string> ways;    // what was tried on the old journal, and what it met
};

// Copies all that can be read of a damaged journal into a new one. Sequences and records stay as they are; appends that
// are whole keep their chain; what is gone is said by a gap, behind which the state of all items is restated: folded
// from what is left, or from the old journal's rows where they knew more. The new journal is whole in the sense of
// VerifyEvents, opens for writing, and its folds are made at the first open. Works on copies of the old files, linked
// where nothing writes them. `folds` are those of the journal; needs one that restates where events are gone. Errors:
// kNotFound (no journal there), kConflict (`to` is there, or a process holds the old journal), kNewerFormat, kInvalid
// (a fold that cannot restate), kCorrupt (not a single event can be read), kUnavailable; nothing is left of `to` then.
// Threads: any; takes time in proportion to the journal, memory to the list of what is missing. Source:
// schemas/event.md, section 9.
Result<SalvageReport> Salvage(const SalvageOptions& options, const std::vector<InlineFold*>& folds, const Clock& clock);

}  // namespace outpost
