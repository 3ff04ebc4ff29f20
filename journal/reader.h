#pragma once
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "journal/state.h"
#include "schemas/checkpoint.h"
#include "schemas/event.h"

namespace outpost {

// A consistent view of a journal: its events up to last(), and the state the folds made of just these.
// Threads: one at a time.
class JournalView : public StateReader {
 public:
  // From here on every event is there, and the state can be folded from here: 1, or the first event of a checkpoint. Of
  // older events only those that something still refers to are there. 0 when empty.
  virtual Sequence first() const = 0;
  virtual Sequence last() const = 0;  // 0 when empty
  // Of the inline fold with that name: the version of it that made the state there is. Nullopt where it made none.
  // Errors: kCorrupt, kUnavailable.
  virtual Result<std::optional<std::uint32_t>> FoldVersion(std::string_view name) const {
    (void)name;
    return std::optional<std::uint32_t>{};
  }
  // What was dropped, ascending; all of it before first().
  virtual std::vector<GapSpan> gaps() const = 0;

  // The event with that number: RocksDB's checksums and the header's shape verified. An erased body is empty. Errors:
  // kNotFound (also when it was dropped), kCorrupt (named by sequence).
  virtual Result<Event> Read(Sequence seq) const = 0;

  // Calls `visit` for each event of [from, to] that is there, ascending, until it answers false. Errors: kCorrupt
  // (missing or damaged without a gap that explains it, named by sequence; the events before it were visited).
  using EventFn = std::function<bool(const Event&)>;
  virtual Result<void> Scan(Sequence from, Sequence to, const EventFn& visit) const = 0;
  using StateReader::Scan;

  // The history of one item, newest first, along the back links from `head` (the sequence of its newest event), until
  // `visit` answers false.
  Result<void> History(Sequence head, const EventFn& visit) const;
};

// What a check of the whole journal found.
struct VerifyReport {
  Sequence first = 0;
  Sequence last = 0;
  std::uint64_t events = 0;
  std::uint64_t missing = 0;  // dropped or lost, and said so by a gap
  std::uint64_t appends = 0;
  std::uint64_t unknown_kinds = 0;
  Digest root{};           // names the whole history
  bool chain_ok = false;   // events, marks and witness are sound; state may still have a problem
  Sequence first_bad = 0;  // 0: none
  std::string problem;     // what is wrong there; empty: nothing
  std::string file;        // the table or log file in db/ that holds the damage; empty: unknown
};

// Reads every event, checks its bytes, recomputes every leaf and link of the chain and compares with the stored marks
// and the witness; then reads every row of state, for RocksDB's checksums (whether it is the right row, VerifyRebuild
// knows). Errors: kUnavailable only; damage is in the report. Threads: any; takes time in proportion to the
// journal. Source: schemas/event.md, "Chain".
Result<VerifyReport> VerifyEvents(const JournalView& view);

// How stored state compares with the same folds run again over all events from first() on.
struct RebuildReport {
  std::uint64_t events = 0;
  std::uint64_t rows_stored = 0;
  std::uint64_t rows_rebuilt = 0;
  std::uint64_t rows_different = 0;  // missing on one side, or with another value
  std::string first_difference;      // table and key in hexadecimal; no values
  // Folds whose stored rows another build made: they are made again when a journal is opened for writing, and are not
  // compared here.
  std::vector<std::string> outdated;
  bool equal() const { return rows_different == 0; }
};

class InlineFold;

// Folds all events again in memory and compares every row byte for byte (promise 2).
// Errors: kCorrupt when an event cannot be read. Threads: any; memory in proportion to the state.
Result<RebuildReport> VerifyRebuild(const JournalView& view, const std::vector<InlineFold*>& folds);

}  // namespace outpost
