#pragma once
#include <rocksdb/write_batch.h>

#include <map>
#include <optional>
#include <string>

#include "journal/record.h"
#include "journal/rocks.h"

namespace outpost::journal {

// Generations of the new database's state that salvage uses for itself, gone when it ends: rows of items as the newest
// row that was found has them, and all other rows as they were found.
inline constexpr std::uint8_t kItemRowsGeneration = 0xf0;
inline constexpr std::uint8_t kOtherRowsGeneration = 0xf1;

// The newest event that went into the row of an item; 0 for a row that cannot be read.
Sequence HeadOfRow(std::string_view key, std::string_view row);

// Gathers what several ways into a damaged journal find in one new database. What one way found another does not
// replace, but for item rows, of which the newest counts. Threads: one.
class Harvest {
 public:
  explicit Harvest(const Rocks& into) : into_(into) {}

  // Each returns false once the new database cannot be written: status() then says why.
  // A record counts when its header and body decode.
  bool Record(std::string_view key, std::string_view value);
  bool AppendMark(std::string_view key, std::string_view value);
  // A row of stored state, without table and generation in its key.
  bool StateRow(Table table, std::string_view key, std::string_view value);
  // A small blob, as its row has it.
  bool Blob(std::string_view key, std::string_view value) { return PutNew(into_.blobs(), key, value); }
  // One row of `meta` that is no mark.
  void Meta(const std::string& key, std::string value) { meta_.try_emplace(key, std::move(value)); }
  bool Flush();
  Result<void> status() const { return status_; }

  std::optional<std::string> meta(std::string_view key) const;
  // The highest sequence that any way told of, be its event there or not.
  Sequence last_told() const { return last_told_; }
  void Tell(Sequence seq) { last_told_ = std::max(last_told_, seq); }

 private:
  bool PutNew(rocksdb::ColumnFamilyHandle* family, std::string_view key, std::string_view value);
  bool Put(rocksdb::ColumnFamilyHandle* family, std::string_view key, std::string_view value);

  const Rocks& into_;
  rocksdb::WriteBatch batch_;
  std::map<std::string, std::string, std::less<>> meta_;
  Sequence last_told_ = 0;
  Result<void> status_ = Ok();
};

}  // namespace outpost::journal
