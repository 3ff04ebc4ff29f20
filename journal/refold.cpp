#include "journal/refold.h"

#include <algorithm>
#include <array>

#include "journal/gaps.h"
#include "journal/layout.h"
#include "journal/record.h"
#include "journal/remove_rows.h"
#include "journal/retention_policy.h"

namespace outpost::journal {
namespace {

// An append waits for one write of a piece at most.
constexpr std::size_t kPieceBytes = 512u << 10;
// Rows stay in memory until so much was put: one that changes often is then written seldom.
constexpr std::size_t kHeldBytes = 32u << 20;

Result<void> Write(const Rocks& rocks, rocksdb::WriteBatch& batch, const char* what) {
  const auto status = rocks.db().Write(rocksdb::WriteOptions(), &batch);
  batch.Clear();
  if (!status.ok()) return ToError(status, what);
  return Ok();
}

Result<bool> DropGeneration(const Rocks& rocks, std::uint8_t table, std::uint8_t generation,
                            const CancelFn& cancelled = {}) {
  const std::string begin{static_cast<char>(table), static_cast<char>(generation)};
  return RemoveRows(rocks, rocks.state(), begin, AfterPrefix(begin), cancelled);
}

// Checkpoints of other folds do not say what these need: none of them may become the journal's beginning.
Result<void> ForgetCheckpoints(const Rocks& rocks, rocksdb::WriteBatch& batch) {
  OUTPOST_TRY(const Gaps gaps, Gaps::Read(rocks, nullptr));
  OUTPOST_TRY(const auto checkpoints, KeysIn(rocks, rocks.meta(), CheckpointKey(gaps.whole_from() + 1),
                                             AfterPrefix(std::string(kMetaCheckpoint))));
  for (const std::string& key : checkpoints) batch.Delete(rocks.meta(), key);
  return Ok();
}

}  // namespace

Refolder::Refolder(const Rocks& rocks, FoldHost& folds) : rocks_(rocks), folds_(folds) {}

Result<void> Refolder::Begin() {
  OUTPOST_TRY(old_, ReadFoldRecords(rocks_, nullptr));
  for (const auto& [name, record] : old_) generation_ = std::max(generation_, record.generation);
  ++generation_;  // 255 is followed by 0: of two that lie side by side only equality counts
  fresh_ = folds_.Records(generation_);
  generations_ = GenerationsOf(fresh_);
  for (const auto& [name, record] : fresh_)
    for (const char table : record.tables)
      OUTPOST_TRYV(DropGeneration(rocks_, static_cast<std::uint8_t>(table), generation_));
  OUTPOST_TRY(const Gaps gaps, Gaps::Read(rocks_, nullptr));
  next_ = gaps.whole_from();
  rocksdb::WriteBatch batch;
  batch.Put(rocks_.meta(), ToSlice(kMetaSweep), "1");
  return Write(rocks_, batch, "cannot begin to fold the events again");
}

// Into `state`, which is written and emptied now and then; what is in it at the end is not written yet.
Result<bool> Refolder::Fold(const GoOn& go_on, StateOverlay& state) {
  const std::unique_ptr<rocksdb::Iterator> it(rocks_.db().NewIterator(LongRead(), rocks_.events()));
  Event event;
  for (it->Seek(EventKey(next_)); it->Valid(); it->Next()) {
    const auto seq = SequenceOf(FromSlice(it->key()));
    if (!seq) return Error{Code::kCorrupt, Retry::kNever, "an event's key is not a sequence"};
    OUTPOST_TRYV(ReadEvent(*seq, FromSlice(it->value()), event));
    OUTPOST_TRYV(folds_.Apply(event, state));
    state.Mark();
    ++events_;
    next_ = *seq + 1;
    if (!go_on || state.bytes() < kHeldBytes) continue;
    OUTPOST_TRY(const bool more, WriteOut(go_on, state));
    if (!more) return false;
  }
  if (!it->status().ok()) return ToError(it->status(), "cannot read the events");
  return true;
}

Result<bool> Refolder::Follow(const GoOn& go_on) {
  StateOverlay state(rocks_, generations_);
  OUTPOST_TRY(const bool whole, Fold(go_on, state));
  if (!whole) return false;
  return WriteOut(go_on, state);
}

Result<bool> Refolder::WriteOut(const GoOn& go_on, StateOverlay& state) {
  OUTPOST_TRY(const bool whole, state.MoveOut(kPieceBytes, [&](rocksdb::WriteBatch& batch) -> Result<bool> {
    OUTPOST_TRYV(Write(rocks_, batch, "cannot write the folds' rows"));
    return go_on();
  }));
  state.Clear();
  return whole;
}

Result<std::uint64_t> Refolder::Behind() const {
  OUTPOST_TRY(const Sequence last, Applied(rocks_, nullptr));
  return last < next_ ? 0 : last + 1 - next_;
}

Result<void> Refolder::Settle() {
  settled_.clear();
  AppendBe64(settled_, rocks_.db().GetLatestSequenceNumber());
  rocksdb::WriteBatch batch;
  batch.Put(rocks_.meta(), ToSlice(kMetaRowsWhole), settled_);
  OUTPOST_TRYV(Write(rocks_, batch, "cannot note that the folds' rows are whole"));
  return rocks_.Flush();
}

Result<void> Refolder::Finish(rocksdb::WriteBatch& batch) {
  StateOverlay state(rocks_, generations_);
  OUTPOST_TRYV(Fold(nullptr, state));
  state.MoveInto(batch);
  for (const auto& [name, record] : old_) batch.Delete(rocks_.meta(), FoldKey(name));
  for (const auto& [name, record] : fresh_) batch.Put(rocks_.meta(), FoldKey(name), Encode(record));
  if (settled_.empty())
    batch.Delete(rocks_.meta(), ToSlice(kMetaRowsTold));
  else
    batch.Put(rocks_.meta(), ToSlice(kMetaRowsTold), settled_);
  batch.Put(rocks_.meta(), ToSlice(kMetaSweep), "1");
  return ForgetCheckpoints(rocks_, batch);
}

// Walks the few (table, generation) prefixes there are, not the rows.
Result<void> SweepGenerations(const Rocks& rocks, const CancelFn& cancelled) {
  OUTPOST_TRY(const auto flag, rocks.Get(rocksdb::ReadOptions(), rocks.meta(), kMetaSweep));
  if (!flag) return Ok();
  OUTPOST_TRY(const auto records, ReadFoldRecords(rocks, nullptr));
  const Generations generations = GenerationsOf(records);
  std::array<bool, 256> owned{};
  for (const auto& [name, record] : records)
    for (const char table : record.tables) owned[static_cast<std::uint8_t>(table)] = true;
  const std::unique_ptr<rocksdb::Iterator> it(rocks.db().NewIterator(rocksdb::ReadOptions(), rocks.state()));
  for (it->SeekToFirst(); it->Valid() && it->key().size() >= 2;) {
    const auto table = static_cast<std::uint8_t>(it->key()[0]);
    const auto generation = static_cast<std::uint8_t>(it->key()[1]);
    if (!owned[table] || generation != generations[table]) {
      OUTPOST_TRY(const bool dropped, DropGeneration(rocks, table, generation, cancelled));
      if (!dropped) return Ok();
    }
    const std::string next = AfterPrefix(std::string(it->key().data(), 2));
    if (next.empty()) break;
    it->Seek(next);
  }
  if (!it->status().ok()) return ToError(it->status(), "cannot look for rows of dropped generations");
  rocksdb::WriteBatch batch;
  batch.Delete(rocks.meta(), ToSlice(kMetaSweep));
  return Write(rocks, batch, "cannot drop rows of old generations");
}

}  // namespace outpost::journal
