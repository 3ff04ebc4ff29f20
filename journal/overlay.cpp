#include "journal/overlay.h"

#include <rocksdb/write_batch.h>

#include <algorithm>

namespace outpost::journal {
namespace {
constexpr std::size_t kEntryOverheadBytes = 128;
constexpr std::size_t kKeyPrefixBytes = 2;
}  // namespace

Result<void> ScanRows(const Rocks& rocks, const rocksdb::Snapshot* snapshot, const Generations& generations,
                      Table table, std::string_view prefix, std::string_view from, const StateReader::RowFn& row) {
  const std::string start = StateKey(table, generations, std::max(prefix, from));
  const std::string end = AfterPrefix(StateKey(table, generations, prefix));
  const rocksdb::Slice bound = ToSlice(end);
  rocksdb::ReadOptions options;
  options.snapshot = snapshot;
  options.adaptive_readahead = true;  // else what is read ahead begins small again in each file
  if (!end.empty()) options.iterate_upper_bound = &bound;
  const std::unique_ptr<rocksdb::Iterator> it(rocks.db().NewIterator(options, rocks.state()));
  for (it->Seek(ToSlice(start)); it->Valid(); it->Next()) {
    if (!row(FromSlice(it->key()).substr(kKeyPrefixBytes), FromSlice(it->value()))) return Ok();
  }
  if (!it->status().ok()) return ToError(it->status(), "cannot read state table " + std::to_string(int(table)));
  return Ok();
}

// A row's place, made where there is none yet.
StateOverlay::Row& StateOverlay::RowAt(Table table, std::string_view key) const {
  key_.clear();
  key_.push_back(static_cast<char>(table));
  key_.push_back(static_cast<char>(generations_[static_cast<std::uint8_t>(table)]));
  key_.append(key);
  if (last_ != nullptr && last_->first == key_) return *last_;
  const auto [row, made] = entries_.try_emplace(key_);
  if (made) bytes_ += key_.size() + kEntryOverheadBytes;
  last_ = &*row;
  return *last_;
}

Result<void> StateOverlay::Read(std::string_view full_key, rocksdb::PinnableSlice& value, bool& found) const {
  const auto status = rocks_.db().Get(rocksdb::ReadOptions(), rocks_.state(), ToSlice(full_key), &value);
  found = status.ok();
  if (found || status.IsNotFound()) return Ok();
  read_failed_ = true;
  return ToError(status, "cannot read from the database");
}

void StateOverlay::Count(Entry& entry, std::size_t size) const {
  bytes_ += size - entry.counted;  // modulo 2^64, as is a row that became smaller
  entry.counted = size;
}

Result<std::optional<std::string>> StateOverlay::Get(Table table, std::string_view key) const {
  Entry& entry = At(table, key);
  if (entry.known) return entry.value;
  rocksdb::PinnableSlice stored;
  bool found = false;
  OUTPOST_TRYV(Read(key_, stored, found));
  if (found) entry.value.emplace(stored.data(), stored.size());
  entry.known = true;
  Count(entry, stored.size());
  return entry.value;
}

Result<DecodedRow> StateOverlay::GetDecoded(Table table, std::string_view key, DecodeRow decode) const {
  Entry& entry = At(table, key);
  if (entry.decoded || (entry.known && !entry.value)) return entry.decoded;
  if (entry.known) {
    OUTPOST_TRY(entry.decoded, decode(key, *entry.value));
    return entry.decoded;
  }
  rocksdb::PinnableSlice stored;
  bool found = false;
  OUTPOST_TRYV(Read(key_, stored, found));
  entry.known = !found;
  if (!found) return DecodedRow();
  Count(entry, stored.size());
  OUTPOST_TRY(entry.decoded, decode(key, FromSlice(stored)));
  return entry.decoded;
}

// One call of the database for all rows it has to be asked for: rows of one block cost one look for the block.
void StateOverlay::Expect(Table table, std::span<const std::string_view> keys, DecodeRow decode) const {
  if (decode == nullptr) return;
  std::vector<Row*> rows;
  std::vector<rocksdb::Slice> full_keys;
  for (const std::string_view key : keys) {
    const std::size_t before = entries_.size();
    Row& row = RowAt(table, key);
    if (entries_.size() == before) continue;
    rows.push_back(&row);
    full_keys.push_back(ToSlice(row.first));
  }
  if (rows.empty()) return;
  std::vector<rocksdb::PinnableSlice> values(rows.size());
  std::vector<rocksdb::Status> statuses(rows.size());
  rocks_.db().MultiGet(rocksdb::ReadOptions(), rocks_.state(), rows.size(), full_keys.data(), values.data(),
                       statuses.data());
  for (std::size_t i = 0; i < rows.size(); ++i) {
    Entry& entry = rows[i]->second;
    entry.known = statuses[i].IsNotFound();
    if (!statuses[i].ok()) continue;
    auto decoded = decode(std::string_view(rows[i]->first).substr(kKeyPrefixBytes), FromSlice(values[i]));
    if (decoded) entry.decoded = std::move(decoded).value();
    Count(entry, values[i].size());
  }
}

std::vector<const StateOverlay::Row*> StateOverlay::Dirty(std::string_view prefix, std::string_view from) const {
  std::vector<const Row*> rows;
  for (const Row& row : entries_)
    if (row.second.dirty && std::string_view(row.first).starts_with(prefix) && row.first >= from) rows.push_back(&row);
  std::sort(rows.begin(), rows.end(), [](const Row* a, const Row* b) { return a->first < b->first; });
  return rows;
}

Result<void> StateOverlay::Scan(Table table, std::string_view prefix, std::string_view from, const RowFn& row) const {
  const auto ours = Dirty(StateKey(table, generations_, prefix), StateKey(table, generations_, from));
  auto next = ours.begin();
  bool more = true;
  const auto key_of = [](const Row* at) { return std::string_view(at->first).substr(kKeyPrefixBytes); };
  const auto give = [&](const Row* at) {
    if (at->second.value) more = row(key_of(at), *at->second.value);
  };
  const auto stored = [&](std::string_view key, std::string_view value) {
    while (more && next != ours.end() && key_of(*next) < key) give(*next++);
    if (more && next != ours.end() && key_of(*next) == key) {
      give(*next++);
    } else if (more) {
      more = row(key, value);
    }
    return more;
  };
  if (auto done = ScanRows(rocks_, nullptr, generations_, table, prefix, from, stored); !done) {
    read_failed_ = true;
    return done;
  }
  while (more && next != ours.end()) give(*next++);
  return Ok();
}

// The entry of a row that is about to get another value; what it was is kept for Rollback().
StateOverlay::Entry& StateOverlay::Change(Table table, std::string_view key) {
  Entry& entry = At(table, key);
  if (entry.mark != mark_) {
    Entry before = std::exchange(entry, Entry{});
    entry.counted = before.counted;
    if (!before.dirty) before = Entry{};
    undo_.emplace_back(&entry, std::move(before));
  }
  entry.mark = mark_;
  entry.known = entry.dirty = true;
  entry.decoded.reset();
  return entry;
}

void StateOverlay::Put(Table table, std::string_view key, std::string_view value) {
  Entry& entry = Change(table, key);
  std::optional<std::string>& now = entry.value;
  if (now) {
    now->assign(value);  // in the memory it has: sums change with each event
  } else {
    now.emplace(value);
  }
  Count(entry, value.size());
}

void StateOverlay::PutDecoded(Table table, std::string_view key, std::string value, DecodedRow decoded) {
  Entry& entry = Change(table, key);
  Count(entry, value.size());
  entry.value = std::move(value);
  entry.decoded = std::move(decoded);
}

void StateOverlay::Delete(Table table, std::string_view key) {
  Entry& entry = Change(table, key);
  entry.value.reset();
  Count(entry, 0);
}

void StateOverlay::Mark() {
  undo_.clear();
  ++mark_;
}

void StateOverlay::Rollback() {
  for (auto& [entry, before] : undo_) {
    bytes_ += before.counted - entry->counted;
    *entry = std::move(before);
  }
  undo_.clear();
}

void StateOverlay::PutInto(rocksdb::WriteBatch& batch, const Row& row) const {
  if (row.second.value)
    batch.Put(rocks_.state(), ToSlice(row.first), ToSlice(*row.second.value));
  else
    batch.Delete(rocks_.state(), ToSlice(row.first));
}

// In the order of the keys: the same state gives the same bytes in the log, and the write buffer takes neighbours
// faster than strangers.
void StateOverlay::MoveInto(rocksdb::WriteBatch& batch) {
  for (const Row* row : Dirty({}, {})) PutInto(batch, *row);
}

Result<bool> StateOverlay::MoveOut(std::size_t bytes, const WritePiece& write) {
  rocksdb::WriteBatch batch;
  for (const Row* row : Dirty({}, {})) {
    PutInto(batch, *row);
    if (batch.GetDataSize() < bytes) continue;
    OUTPOST_TRY(const bool more, write(batch));
    if (!more) return false;
    batch.Clear();
  }
  return batch.Count() == 0 ? Result<bool>(true) : write(batch);
}

void StateOverlay::Clear() {
  last_ = nullptr;
  entries_.clear();
  undo_.clear();
  bytes_ = 0;
}

}  // namespace outpost::journal
