#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "journal/rocks.h"
#include "journal/state.h"

namespace rocksdb {
class WriteBatch;
}

namespace outpost::journal {

// The state as a group of appends will leave it: what folds put, over what the database has. It caches what was read,
// too. Threads: one; while it lives nobody else writes to `state`.
class StateOverlay final : public StateWriter {
 public:
  StateOverlay(const Rocks& rocks, const Generations& generations) : rocks_(rocks), generations_(generations) {}

  Result<std::optional<std::string>> Get(Table table, std::string_view key) const override;
  Result<void> Scan(Table table, std::string_view prefix, std::string_view from, const RowFn& row) const override;
  Result<DecodedRow> GetDecoded(Table table, std::string_view key, DecodeRow decode) const override;
  void Expect(Table table, std::span<const std::string_view> keys, DecodeRow decode) const override;
  void Put(Table table, std::string_view key, std::string_view value) override;
  void PutDecoded(Table table, std::string_view key, std::string value, DecodedRow decoded) override;
  void Delete(Table table, std::string_view key) override;

  // From here on changes can be taken back as one; what was changed before stays.
  void Mark();
  void Rollback();

  // True once the database could not give a row: the state itself is damaged, not the event being folded.
  bool read_failed() const { return read_failed_; }
  // Of all rows it holds, once each and as they are now: about what they take in memory, if none is decoded.
  std::size_t bytes() const { return bytes_; }

  // Puts all changes into `batch`; Clear() then forgets them.
  void MoveInto(rocksdb::WriteBatch& batch);
  // The same in batches of about `bytes`, each handed to `write`; false from it ends it, and is the answer.
  using WritePiece = std::function<Result<bool>(rocksdb::WriteBatch& batch)>;
  Result<bool> MoveOut(std::size_t bytes, const WritePiece& write);
  void Clear();

 private:
  struct Entry {
    std::optional<std::string> value;  // nullopt: there is no such row
    DecodedRow decoded;                // of `value`, once somebody asked
    bool known = false;                // `value` is the row's; else at most `decoded` is
    bool dirty = false;
    std::size_t counted = 0;  // of bytes(): the value's, also where only `decoded` of it is kept
    std::uint64_t mark = 0;   // of the Mark() since which the entry was changed
  };
  struct Hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const noexcept { return std::hash<std::string_view>{}(text); }
  };
  using Entries = std::unordered_map<std::string, Entry, Hash, std::equal_to<>>;
  using Row = Entries::value_type;

  Row& RowAt(Table table, std::string_view key) const;
  Entry& At(Table table, std::string_view key) const { return RowAt(table, key).second; }
  void PutInto(rocksdb::WriteBatch& batch, const Row& row) const;
  Result<void> Read(std::string_view full_key, rocksdb::PinnableSlice& value, bool& found) const;
  Entry& Change(Table table, std::string_view key);
  void Count(Entry& entry, std::size_t size) const;
  std::vector<const Row*> Dirty(std::string_view prefix, std::string_view from) const;

  const Rocks& rocks_;
  const Generations& generations_;
  mutable Entries entries_;
  // What an entry was at Mark(); the nodes of entries_ do not move. One that was only read is read again.
  std::vector<std::pair<Entry*, Entry>> undo_;
  std::uint64_t mark_ = 1;
  mutable std::string key_;      // of the row at hand
  mutable Row* last_ = nullptr;  // the row asked for last: an event asks for its item's several times in a row
  mutable bool read_failed_ = false;
  mutable std::size_t bytes_ = 0;
};

// Walks the rows of `table` as stored; shared by the overlay and the views. Errors: kCorrupt, kUnavailable.
Result<void> ScanRows(const Rocks& rocks, const rocksdb::Snapshot* snapshot, const Generations& generations,
                      Table table, std::string_view prefix, std::string_view from, const StateReader::RowFn& row);

}  // namespace outpost::journal
