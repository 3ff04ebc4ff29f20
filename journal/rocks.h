#pragma once
#include <rocksdb/db.h>

#include <array>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "journal/state.h"

// Private to journal/: the only header that lets RocksDB in.
namespace outpost::journal {

inline rocksdb::Slice ToSlice(std::string_view text) { return {text.data(), text.size()}; }
inline std::string_view FromSlice(const rocksdb::Slice& slice) { return {slice.data(), slice.size()}; }

// kCorrupt where RocksDB says so, kUnavailable for all else; `what` says what was tried.
Error ToError(const rocksdb::Status& status, std::string_view what);

// Which generation of each table's rows counts; indexed by table.
using Generations = std::array<std::uint8_t, 256>;

// Key of a row in the column family `state`: table byte, generation byte, the row's key.
std::string StateKey(Table table, const Generations& generations, std::string_view key);
// The least key above all that start with `prefix`; empty when there is none.
std::string AfterPrefix(std::string prefix);

// One RocksDB database with our column families. Closes it when it goes. Threads: any.
class Rocks {
 public:
  enum class Mode {
    kWrite,      // creates what is missing
    kReadOnly,   // changes no file but RocksDB's own log
    kSecondary,  // beside a writer; keeps its own log in `scratch`
    kSalvage,    // writes, and steps over damaged records of the log: for copies of damaged databases
  };
  // Errors: kCorrupt, kUnavailable.
  static Result<std::shared_ptr<Rocks>> Open(const std::filesystem::path& folder, Mode mode, rocksdb::Env* env,
                                             const std::filesystem::path& scratch = {});
  // RocksDB's repair of what lies in `folder`, which it rewrites: for copies. Errors: kCorrupt, kUnavailable.
  static Result<void> Repair(const std::filesystem::path& folder, rocksdb::Env* env);
  ~Rocks();
  Rocks(const Rocks&) = delete;
  Rocks& operator=(const Rocks&) = delete;

  rocksdb::DB& db() const { return *db_; }
  rocksdb::ColumnFamilyHandle* events() const { return handles_[1]; }
  rocksdb::ColumnFamilyHandle* state() const { return handles_[2]; }
  rocksdb::ColumnFamilyHandle* meta() const { return handles_[3]; }
  // Events, state and meta: what a flush takes together.
  std::vector<rocksdb::ColumnFamilyHandle*> families() const { return {events(), state(), meta()}; }

  // A value, or nullopt. Errors: kCorrupt, kUnavailable.
  Result<std::optional<std::string>> Get(const rocksdb::ReadOptions& options, rocksdb::ColumnFamilyHandle* family,
                                         std::string_view key) const;

 private:
  Rocks() = default;
  std::unique_ptr<rocksdb::DB> db_;
  std::vector<rocksdb::ColumnFamilyHandle*> handles_;
};

}  // namespace outpost::journal
