#include "journal/fold_host.h"

#include <rocksdb/write_batch.h>

#include <algorithm>
#include <exception>

#include "journal/record.h"
#include "journal/refold.h"

namespace outpost::journal {
namespace {

std::string TablesOf(const InlineFold& fold) {
  std::string tables;
  for (const Table table : fold.tables()) tables.push_back(static_cast<char>(table));
  return tables;
}

}  // namespace

std::string Encode(const FoldRecord& record) {
  std::string value;
  AppendBe32(value, record.version);
  value.push_back(static_cast<char>(record.generation));
  return value + record.tables;
}

std::string FoldKey(std::string_view name) { return std::string(kMetaFold).append(name); }

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

FoldRecords FoldHost::Records(std::uint8_t generation) const {
  FoldRecords records;
  for (const InlineFold* fold : folds_)
    records[std::string(fold->name())] = {fold->version(), generation, TablesOf(*fold)};
  return records;
}

FoldHost::Fit FoldHost::FitOf(const FoldRecords& records) const {
  if (records.size() != folds_.size()) return Fit::kNone;
  Fit fit = Fit::kWhole;
  for (const InlineFold* fold : folds_) {
    const auto found = records.find(std::string(fold->name()));
    if (found == records.end() || found->second.tables != TablesOf(*fold)) return Fit::kNone;
    const std::uint32_t version = found->second.version;
    if (version > fold->version() || version < fold->reads_since()) return Fit::kNone;
    if (version != fold->version()) fit = Fit::kReadable;
  }
  return fit;
}

Result<void> FoldHost::Adopt(const Rocks& rocks) {
  OUTPOST_TRY(const auto records, ReadFoldRecords(rocks, nullptr));
  Adopt(GenerationsOf(records));
  return Ok();
}

void FoldHost::Adopt(const Generations& generations) {
  MutexLock lock(mutex_);
  generations_ = generations;
}

Generations FoldHost::Current() const {
  MutexLock lock(mutex_);
  return generations_;
}

Result<void> FoldHost::Prepare(const Rocks& rocks, Log& log) {
  OUTPOST_TRY(const auto records, ReadFoldRecords(rocks, nullptr));
  Adopt(GenerationsOf(records));
  const Fit fit = FitOf(records);
  behind_ = fit == Fit::kReadable;
  if (fit == Fit::kNone) OUTPOST_TRYV(RefoldNow(rocks, log));
  return Ok();
}

Result<void> FoldHost::RefoldNow(const Rocks& rocks, Log& log) {
  Refolder refold(rocks, *this);
  OUTPOST_TRYV(refold.Begin());
  OUTPOST_TRYV(refold.Follow([] { return true; }));
  if (refold.events() > 0) OUTPOST_TRYV(refold.Settle());
  rocksdb::WriteBatch batch;
  OUTPOST_TRYV(refold.Finish(batch));
  rocksdb::WriteOptions options;
  options.sync = true;
  const auto status = rocks.db().Write(options, &batch);
  if (!status.ok()) return ToError(status, "cannot swap the folds' rows");
  Adopt(refold.generations());
  if (refold.events() > 0)
    log.Write(LogLevel::kInfo, "journal", "folded " + std::to_string(refold.events()) + " events again");
  return Ok();
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

}  // namespace outpost::journal
