#pragma once
#include <rocksdb/write_batch.h>

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "base/clock.h"
#include "journal/fold_host.h"
#include "journal/journal.h"
#include "journal/overlay.h"
#include "journal/record.h"
#include "journal/witness.h"

namespace outpost::journal {

// So many rows are read together; the database splits longer lists into such ones itself.
inline constexpr std::size_t kReadTogether = 32;

// An append as its caller's thread made it ready: bodies checked and hashed.
struct PreparedAppend {
  Batch events;
  std::vector<Digest> body_hashes;
  Preconditions seen;
};

// An append that is made in the writer, from the state it will follow: exact without preconditions.
struct BuiltAppend {
  Batch events;  // none: nothing to say, nothing is written
  // Adds to the same write what else must change with the events; empty: nothing. `bytes_before`: of all records ever
  // appended before; `last`: the sequence of its last event.
  std::function<void(rocksdb::WriteBatch& batch, std::uint64_t bytes_before, Sequence last)> more;
};
// `next` is the sequence its first event will get.
using AppendBuilder = std::function<Result<BuiltAppend>(const StateReader& state, Sequence next)>;

// Bodies are checked against their kinds and hashed. Errors: kRejected (named by the event's place in the batch).
Result<PreparedAppend> PrepareAppend(Batch batch, Preconditions seen);

// Builds the one write of a group of appends: events, marks, and what the folds make of them. Nothing reaches the disk
// from here. Threads: the writer's.
class Group {
 public:
  // `appended_bytes`: of all records up to `tip`.
  Group(const Rocks& rocks, FoldHost& folds, const ItemHeads& heads, Witness tip, std::uint64_t appended_bytes);

  // Starts the next group; `tip` of the last one stays.
  void Begin();
  // Gives back what the group holds in memory, once it is written and answered: Begin() would, but then an append waits
  // for it.
  void End();
  // Events of these items come next, in appends of their own: their rows are read together.
  void Expect(std::span<const ItemId> items) { heads_.Expect(items, state_); }

  // Takes one append into the group, or leaves the group as it was.
  // Errors: kPreconditionFailed, kRejected (a fold refuses an event); kCorrupt when stored state cannot be read:
  // damaged() is then true.
  Result<Appended> Add(PreparedAppend& append, Millis now);
  bool damaged() const { return damaged_; }
  // The same for what `build` makes of the state as the group will leave it. Errors beside: those of `build`.
  Result<Appended> AddBuilt(const AppendBuilder& build, Millis now);

  // Completes the write with the folds' rows. The batch is valid until Begin().
  rocksdb::WriteBatch& Seal();
  bool empty() const { return appends_ == 0; }
  std::size_t bytes() const { return batch_.GetDataSize(); }
  // The history as this group leaves it.
  const Witness& tip() const { return tip_; }
  std::uint64_t unknown_kinds() const { return unknown_kinds_; }

 private:
  template <class List, class ItemOf>
  void ExpectNext(const List& list, std::size_t at, ItemOf item_of);
  Result<void> Check(const Preconditions& seen);
  Result<Appended> Stage(PreparedAppend& append, Millis now);
  Result<void> StageEvent(NewEvent& event, const Digest& body_hash, Sequence seq, Millis now);
  Result<std::uint32_t> BackOf(const ItemId& item, Sequence seq);
  Error Classify(Error error);

  const Rocks& rocks_;
  FoldHost& folds_;
  const ItemHeads& heads_;
  StateOverlay state_;
  rocksdb::WriteBatch batch_;
  Sha256 hasher_;
  Witness tip_;
  std::vector<Digest> leaves_;
  std::vector<ItemId> expected_;  // kept for its memory
  std::size_t appends_ = 0;
  std::uint64_t unknown_kinds_ = 0;
  std::uint64_t appended_bytes_ = 0;
  bool damaged_ = false;
};

// The back link of an event of sequence `seq` whose item was last seen at `head` (0: never).
std::uint32_t BackLink(Sequence head, Sequence seq);

}  // namespace outpost::journal
