#pragma once
#include <rocksdb/write_batch.h>

#include <functional>
#include <string>

#include "journal/blobs.h"
#include "journal/fold_host.h"
#include "journal/overlay.h"

namespace outpost::journal {

// Folds all events into a new generation of rows, beside the one that counts, and makes it count. Whatever breaks it
// off, the old rows stay whole, and what there is of the new ones goes at the next sweep.
// Threads: one; the writer may go on meanwhile, but not while Finish() works, and no history may be dropped.
class Refolder {
 public:
  // Asked between two pieces: false breaks it off.
  using GoOn = std::function<Result<bool>()>;

  // `folds` make the rows; not those of a writer that goes on. Both outlive it.
  Refolder(const Rocks& rocks, FoldHost& folds);

  // Chooses the generation, and drops what a crash may have left of an attempt at it.
  Result<void> Begin();
  // Folds the events that are there and not folded yet. False: broken off. Errors: kCorrupt (an event or a fold cannot
  // be followed), kUnavailable, those of `go_on`.
  Result<bool> Follow(const GoOn& go_on);
  // How many events are there and not folded yet.
  Result<std::uint64_t> Behind() const;
  // Brings the rows into tables, and notes before that they are whole: see kMetaRowsWhole.
  Result<void> Settle();
  // Puts into `batch` what is left to be folded and all that makes the new rows count once it is written.
  Result<void> Finish(rocksdb::WriteBatch& batch);

  std::uint64_t events() const { return events_; }
  // What counts after that write.
  const Generations& generations() const { return generations_; }

 private:
  Result<bool> Fold(const GoOn& go_on, StateOverlay& state);
  Result<bool> WriteOut(const GoOn& go_on, StateOverlay& state);

  const Rocks& rocks_;
  FoldHost& folds_;
  FoldRecords old_, fresh_;
  Generations generations_{};
  std::uint8_t generation_ = 0;
  Sequence next_ = 0;  // the first event that is not folded yet
  std::uint64_t events_ = 0;
  std::string settled_;  // the value of kMetaRowsWhole; empty: there were no events
};

// Drops every row whose generation does not count, if any may be left; `cancelled` leaves the rest to the next time.
// Not while a Refolder works. Errors: kCorrupt, kUnavailable.
Result<void> SweepGenerations(const Rocks& rocks, const CancelFn& cancelled);

}  // namespace outpost::journal
