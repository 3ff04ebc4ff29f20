#pragma once
#include <rocksdb/db.h>

#include <array>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "journal/state.h"

// Private to journal/: the only header that lets RocksDB in.
namespace outpost::journal {

inline rocksdb::Slice ToSlice(std::string_view text) { return {text.data(), text.size()}; }
inline std::string_view FromSlice(const rocksdb::Slice& slice) { return {slice.data(), slice.size()}; }

// kCorrupt where RocksDB says so, kUnavailable for all else; `what` says what was tried.
Error ToError(const rocksdb::Status& status, std::string_view what);

// For a walk from one end to the other: the cache keeps what it has, and the file is read in long pieces. The default
// asks the system for each block, which is a fifth of the time of a walk.
rocksdb::ReadOptions LongRead();

// Which generation of each table's rows counts; indexed by table.
using Generations = std::array<std::uint8_t, 256>;

// Key of a row in the column family `state`: table byte, generation byte, the row's key.
std::string StateKey(Table table, const Generations& generations, std::string_view key);
// The least key above all that start with `prefix`; empty when there is none.
std::string AfterPrefix(std::string prefix);

// Told when RocksDB stops over a full disk (rocks.cpp).
class FullDisk;

// One RocksDB database with our column families. Closes it when it goes. Threads: any.
class Rocks {
 public:
  enum class Mode {
    kWrite,      // creates what is missing
    kReadOnly,   // changes no file but RocksDB's own log
    kSecondary,  // beside a writer; keeps its own log in `scratch`
    kSalvage,    // writes, and steps over damaged records of the log: for copies of damaged databases
  };
  // `env` outlives the database; `keep` is held until that is closed. Errors: kCorrupt, kUnavailable.
  static Result<std::shared_ptr<Rocks>> Open(const std::filesystem::path& folder, Mode mode, rocksdb::Env* env,
                                             const std::filesystem::path& scratch = {},
                                             std::shared_ptr<const void> keep = {});
  // RocksDB's repair of what lies in `folder`, which it rewrites: for copies. Errors: kCorrupt, kUnavailable.
  static Result<void> Repair(const std::filesystem::path& folder, rocksdb::Env* env);
  ~Rocks();
  Rocks(const Rocks&) = delete;
  Rocks& operator=(const Rocks&) = delete;

  rocksdb::DB& db() const { return *db_; }
  rocksdb::ColumnFamilyHandle* events() const { return handles_[1]; }
  rocksdb::ColumnFamilyHandle* state() const { return handles_[2]; }
  rocksdb::ColumnFamilyHandle* meta() const { return handles_[3]; }
  // Null where no writer has made it yet: a journal of the time before blobs.
  rocksdb::ColumnFamilyHandle* blobs() const { return handles_.size() > 4 ? handles_[4] : nullptr; }
  // All but the empty default: what a flush takes together.
  std::vector<rocksdb::ColumnFamilyHandle*> families() const { return {handles_.begin() + 1, handles_.end()}; }

  // What a blob's file is called, by the blob's id; the id itself unless set before the first use.
  using BlobName = std::function<Digest(const Digest& id)>;
  void set_blob_name(BlobName name) { blob_name_ = std::move(name); }
  const BlobName& blob_name() const { return blob_name_; }

  // Brings what is in memory to tables, all families in one step. Whatever else flushes by itself (a checkpoint,
  // CompactRange) takes only the families that hold something then, and where a flush of more of them is queued
  // Debian's RocksDB 7.8 ends the process (an assertion on their reasons): call this, and let the other find nothing to
  // flush. Errors: kCorrupt, kUnavailable.
  Result<void> Flush() const;
  // Rewrites all tables of all families to the last level, without what is deleted. Meanwhile RocksDB's own compactions
  // rest. Errors: kCorrupt, kUnavailable.
  Result<void> Compact() const;

  // Where the disk was too full for tables that RocksDB writes by itself, it takes nothing any more until this is
  // called: that tries again what failed. For the writer, before a write. Errors: kUnavailable (still full).
  Result<void> GoOnAfterFullDisk() const;

  // A value, or nullopt. Errors: kCorrupt, kUnavailable.
  Result<std::optional<std::string>> Get(const rocksdb::ReadOptions& options, rocksdb::ColumnFamilyHandle* family,
                                         std::string_view key) const;

 private:
  Rocks() = default;
  std::shared_ptr<const void> keep_;
  std::shared_ptr<FullDisk> full_disk_;
  std::unique_ptr<rocksdb::DB> db_;
  std::vector<rocksdb::ColumnFamilyHandle*> handles_;
  BlobName blob_name_ = [](const Digest& id) { return id; };
};

}  // namespace outpost::journal
