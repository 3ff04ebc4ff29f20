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
  if (!end.empty()) options.iterate_upper_bound = &bound;
  const std::unique_ptr<rocksdb::Iterator> it(rocks.db().NewIterator(options, rocks.state()));
  for (it->Seek(ToSlice(start)); it->Valid(); it->Next()) {
    if (!row(FromSlice(it->key()).substr(kKeyPrefixBytes), FromSlice(it->value()))) return Ok();
  }
  if (!it->status().ok()) return ToError(it->status(), "cannot read state table " + std::to_string(int(table)));
  return Ok();
}

Result<std::optional<std::string>> StateOverlay::Get(Table table, std::string_view key) const {
  std::string full = StateKey(table, generations_, key);
  if (const auto it = entries_.find(full); it != entries_.end()) return it->second.value;
  auto stored = rocks_.Get(rocksdb::ReadOptions(), rocks_.state(), full);
  if (!stored) {
    read_failed_ = true;
    return stored.error();
  }
  bytes_ += full.size() + kEntryOverheadBytes + (stored.value() ? stored.value()->size() : 0);
  entries_.emplace(std::move(full), Entry{stored.value(), false});
  return std::move(stored).value();
}

std::vector<std::string_view> StateOverlay::DirtyKeys(std::string_view prefix, std::string_view from) const {
  std::vector<std::string_view> keys;
  for (const auto& [key, entry] : entries_)
    if (entry.dirty && std::string_view(key).starts_with(prefix) && key >= from) keys.push_back(key);
  std::sort(keys.begin(), keys.end());
  return keys;
}

Result<void> StateOverlay::Scan(Table table, std::string_view prefix, std::string_view from, const RowFn& row) const {
  const auto ours = DirtyKeys(StateKey(table, generations_, prefix), StateKey(table, generations_, from));
  auto next = ours.begin();
  bool more = true;
  const auto give = [&](std::string_view full) {
    const auto& value = entries_.find(full)->second.value;
    if (value) more = row(full.substr(kKeyPrefixBytes), *value);
  };
  const auto stored = [&](std::string_view key, std::string_view value) {
    while (more && next != ours.end() && next->substr(kKeyPrefixBytes) < key) give(*next++);
    if (more && next != ours.end() && next->substr(kKeyPrefixBytes) == key) {
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

void StateOverlay::Set(std::string key, std::optional<std::string> value) {
  bytes_ += key.size() + kEntryOverheadBytes + (value ? value->size() : 0);
  const auto it = entries_.find(key);
  if (it == entries_.end()) {
    undo_.emplace_back(key, std::nullopt);
    entries_.emplace(std::move(key), Entry{std::move(value), true});
  } else {
    undo_.emplace_back(std::move(key), std::exchange(it->second, Entry{std::move(value), true}));
  }
}

void StateOverlay::Put(Table table, std::string_view key, std::string_view value) {
  Set(StateKey(table, generations_, key), std::string(value));
}

void StateOverlay::Delete(Table table, std::string_view key) { Set(StateKey(table, generations_, key), std::nullopt); }

void StateOverlay::Mark() { undo_.clear(); }

void StateOverlay::Rollback() {
  for (auto it = undo_.rbegin(); it != undo_.rend(); ++it) {
    if (it->second) {
      entries_[it->first] = std::move(*it->second);
    } else {
      entries_.erase(it->first);
    }
  }
  undo_.clear();
}

void StateOverlay::MoveInto(rocksdb::WriteBatch& batch) {
  for (const auto& [key, entry] : entries_) {
    if (!entry.dirty) continue;
    if (entry.value) {
      batch.Put(rocks_.state(), ToSlice(key), ToSlice(*entry.value));
    } else {
      batch.Delete(rocks_.state(), ToSlice(key));
    }
  }
}

void StateOverlay::Clear() {
  entries_.clear();
  undo_.clear();
  bytes_ = 0;
}

}  // namespace outpost::journal
