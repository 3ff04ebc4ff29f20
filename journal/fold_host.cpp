#include "journal/fold_host.h"

#include <rocksdb/write_batch.h>

#include <algorithm>
#include <exception>

#include "journal/gaps.h"
#include "journal/overlay.h"
#include "journal/record.h"
#include "journal/remove_rows.h"
#include "journal/retention_policy.h"

namespace outpost::journal {
namespace {

constexpr std::size_t kReplayChunkBytes = 4u << 20;

std::string TablesOf(const InlineFold& fold) {
  std::string tables;
  for (const Table table : fold.tables()) tables.push_back(static_cast<char>(table));
  return tables;
}

std::string Encode(const FoldRecord& record) {
  std::string value;
  AppendBe32(value, record.version);
  value.push_back(static_cast<char>(record.generation));
  return value + record.tables;
}

std::string FoldKey(std::string_view name) { return std::string(kMetaFold).append(name); }

Result<void> Write(const Rocks& rocks, rocksdb::WriteBatch& batch, bool sync, const char* what) {
  rocksdb::WriteOptions options;
  options.sync = sync;
  const auto status = rocks.db().Write(options, &batch);
  if (!status.ok()) return ToError(status, what);
  return Ok();
}

Result<void> DropGeneration(const Rocks& rocks, std::uint8_t table, std::uint8_t generation) {
  const std::string begin{static_cast<char>(table), static_cast<char>(generation)};
  return RemoveRows(rocks, rocks.state(), begin, AfterPrefix(begin));
}

}  // namespace

Result<FoldRecords> ReadFoldRecords(const Rocks& rocks, const rocksdb::Snapshot* snapshot) {
  rocksdb::ReadOptions options;
  options.snapshot = snapshot;
  FoldRecords records;
  const std::unique_ptr<rocksdb::Iterator> it(rocks.db().NewIterator(options, rocks.meta()));
  for (it->Seek(ToSlice(kMetaFold)); it->Valid() && it->key().starts_with(ToSlice(kMetaFold)); it->Next()) {
    const std::string_view value = FromSlice(it->value());
    const std::string name(FromSlice(it->key()).substr(kMetaFold.size()));
    if (value.size() < 5) return Error{Code::kCorrupt, Retry::kNever, "the record of fold " + name + " is too short"};
    records[name] = {ReadBe32(value), static_cast<std::uint8_t>(value[4]), std::string(value.substr(5))};
  }
  if (!it->status().ok()) return ToError(it->status(), "cannot read the fold records");
  return records;
}

Generations GenerationsOf(const FoldRecords& records) {
  Generations generations{};
  for (const auto& [name, record] : records)
    for (const char table : record.tables) generations[static_cast<std::uint8_t>(table)] = record.generation;
  return generations;
}

// Cursor: the number of the fold (one byte), then the fold's own.
Result<Restatement> FoldHost::Restate(const StateReader& state, std::string_view cursor, std::size_t bytes,
                                      Millis forget) const {
  const std::size_t at = cursor.empty() ? 0 : static_cast<std::uint8_t>(cursor[0]);
  if (at >= folds_.size()) return Error{Code::kCorrupt, Retry::kNever, "the cursor of a restatement is damaged"};
  OUTPOST_TRY(Restatement said, folds_[at]->Restate(state, cursor.substr(cursor.empty() ? 0 : 1), bytes, forget));
  const std::size_t next = said.next.empty() ? at + 1 : at;
  said.next = next < folds_.size() ? static_cast<char>(next) + said.next : std::string();
  return said;
}

Result<std::vector<Sequence>> FoldHost::Needed(const StateReader& state) const {
  std::vector<Sequence> needed;
  for (const InlineFold* fold : folds_) {
    OUTPOST_TRY(const auto more, fold->Needed(state));
    needed.insert(needed.end(), more.begin(), more.end());
  }
  std::sort(needed.begin(), needed.end());
  return needed;
}

bool FoldHost::Matches(const FoldRecords& records) const {
  return records.size() == folds_.size() && std::all_of(folds_.begin(), folds_.end(), [&](const InlineFold* fold) {
           const auto it = records.find(std::string(fold->name()));
           return it != records.end() && it->second.version == fold->version() && it->second.tables == TablesOf(*fold);
         });
}

Result<void> FoldHost::Adopt(const Rocks& rocks) {
  OUTPOST_TRY(const auto records, ReadFoldRecords(rocks, nullptr));
  generations_ = GenerationsOf(records);
  return Ok();
}

Result<void> FoldHost::Prepare(const Rocks& rocks, Log& log) {
  OUTPOST_TRY(const auto records, ReadFoldRecords(rocks, nullptr));
  generations_ = GenerationsOf(records);
  if (!Matches(records)) OUTPOST_TRYV(Rebuild(rocks, records, log));
  return Sweep(rocks);
}

Result<void> FoldHost::Apply(const Event& event, StateWriter& state) {
  for (InlineFold* fold : folds_) {
    const auto named = [&](const std::string& why) {
      return "fold " + std::string(fold->name()) + ", event " + std::to_string(event.seq) + ": " + why;
    };
    try {
      if (auto done = fold->Apply(event, state); !done) {
        return Error{done.error().code, done.error().retry, named(done.error().context)};
      }
    } catch (const std::exception& broken) {
      return Error{Code::kCorrupt, Retry::kNever, named(broken.what())};
    }
  }
  return Ok();
}

Result<void> FoldHost::Rebuild(const Rocks& rocks, const FoldRecords& old, Log& log) {
  std::uint8_t generation = 0;
  for (const auto& [name, record] : old) generation = std::max(generation, record.generation);
  ++generation;  // 255 is followed by 0: of two that lie side by side only equality counts
  FoldRecords fresh;
  for (const InlineFold* fold : folds_) {
    fresh[std::string(fold->name())] = {fold->version(), generation, TablesOf(*fold)};
    // A crash may have left rows of an attempt before.
    for (const Table table : fold->tables())
      OUTPOST_TRYV(DropGeneration(rocks, static_cast<std::uint8_t>(table), generation));
  }
  const Generations generations = GenerationsOf(fresh);
  OUTPOST_TRY(const std::uint64_t events, Replay(rocks, generations));
  OUTPOST_TRYV(Swap(rocks, old, fresh));
  generations_ = generations;
  if (events > 0) log.Write(LogLevel::kInfo, "journal", "folded " + std::to_string(events) + " events again");
  return Ok();
}

Result<std::uint64_t> FoldHost::Replay(const Rocks& rocks, const Generations& generations) {
  StateOverlay state(rocks, generations);
  std::uint64_t events = 0;
  const auto flush = [&]() -> Result<void> {
    rocksdb::WriteBatch batch;
    state.MoveInto(batch);
    state.Clear();
    return Write(rocks, batch, false, "cannot write the folds' rows");
  };
  rocksdb::ReadOptions options;
  options.fill_cache = false;
  const std::unique_ptr<rocksdb::Iterator> it(rocks.db().NewIterator(options, rocks.events()));
  OUTPOST_TRY(const Gaps gaps, Gaps::Read(rocks, nullptr));
  for (it->Seek(EventKey(gaps.whole_from())); it->Valid(); it->Next(), ++events) {
    const auto seq = SequenceOf(FromSlice(it->key()));
    if (!seq) return Error{Code::kCorrupt, Retry::kNever, "an event's key is not a sequence"};
    OUTPOST_TRY(const Event event, EventOf(*seq, FromSlice(it->value())));
    OUTPOST_TRYV(Apply(event, state));
    state.Mark();
    if (state.bytes() > kReplayChunkBytes) OUTPOST_TRYV(flush());
  }
  if (!it->status().ok()) return ToError(it->status(), "cannot read the events");
  OUTPOST_TRYV(flush());
  return events;
}

Result<void> FoldHost::Swap(const Rocks& rocks, const FoldRecords& old, const FoldRecords& fresh) {
  rocksdb::WriteBatch batch;
  for (const auto& [name, record] : old) batch.Delete(rocks.meta(), FoldKey(name));
  for (const auto& [name, record] : fresh) batch.Put(rocks.meta(), FoldKey(name), Encode(record));
  batch.Put(rocks.meta(), ToSlice(kMetaSweep), "1");
  // Checkpoints of other folds do not say what these need: none of them may become the journal's beginning.
  OUTPOST_TRY(const Gaps gaps, Gaps::Read(rocks, nullptr));
  OUTPOST_TRY(const auto checkpoints, KeysIn(rocks, rocks.meta(), CheckpointKey(gaps.whole_from() + 1),
                                             AfterPrefix(std::string(kMetaCheckpoint))));
  for (const std::string& key : checkpoints) batch.Delete(rocks.meta(), key);
  return Write(rocks, batch, true, "cannot swap the folds' rows");
}

// Drops every row whose generation does not count: walks the few (table, generation) prefixes there are, not the rows.
Result<void> FoldHost::Sweep(const Rocks& rocks) {
  OUTPOST_TRY(const auto flag, rocks.Get(rocksdb::ReadOptions(), rocks.meta(), kMetaSweep));
  if (!flag) return Ok();
  OUTPOST_TRY(const auto records, ReadFoldRecords(rocks, nullptr));
  std::array<bool, 256> owned{};
  for (const auto& [name, record] : records)
    for (const char table : record.tables) owned[static_cast<std::uint8_t>(table)] = true;
  const std::unique_ptr<rocksdb::Iterator> it(rocks.db().NewIterator(rocksdb::ReadOptions(), rocks.state()));
  for (it->SeekToFirst(); it->Valid() && it->key().size() >= 2;) {
    const auto table = static_cast<std::uint8_t>(it->key()[0]);
    const auto generation = static_cast<std::uint8_t>(it->key()[1]);
    if (!owned[table] || generation != generations_[table]) OUTPOST_TRYV(DropGeneration(rocks, table, generation));
    const std::string next = AfterPrefix(std::string(it->key().data(), 2));
    if (next.empty()) break;
    it->Seek(next);
  }
  if (!it->status().ok()) return ToError(it->status(), "cannot look for rows of dropped generations");
  rocksdb::WriteBatch batch;
  batch.Delete(rocks.meta(), ToSlice(kMetaSweep));
  return Write(rocks, batch, false, "cannot drop rows of old generations");
}

}  // namespace outpost::journal
