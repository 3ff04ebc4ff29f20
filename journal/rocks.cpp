#include "journal/rocks.h"

#include <rocksdb/cache.h>
#include <rocksdb/filter_policy.h>
#include <rocksdb/listener.h>
#include <rocksdb/options.h>
#include <rocksdb/table.h>

#include <algorithm>
#include <atomic>
#include <thread>

#include "journal/damage.h"
#include "journal/table_guard.h"

namespace outpost::journal {

// RocksDB would look every few seconds, on a thread of its own, whether there is room again. Closing the database while
// it does hangs for good in 7.8 (in DBImpl::CloseHelper, which waits for a recovery that has given up), so the writer
// goes on by itself, before its next write.
class FullDisk final : public rocksdb::EventListener {
 public:
  void OnErrorRecoveryBegin(rocksdb::BackgroundErrorReason, rocksdb::Status, bool* auto_recovery) override {
    *auto_recovery = false;
    stopped = true;
  }
  std::atomic<bool> stopped{false};
};

namespace {

// Write buffers and log together stay within 16 MiB: what is in the log is read again at the next open (64 MiB cost
// 0.95 s), and a terminal server runs twenty accounts.
constexpr std::size_t kWriteBuffersBytes = 8u << 20;
constexpr std::size_t kFamilyBufferBytes = 4u << 20;
constexpr std::size_t kMetaBufferBytes = 1u << 20;
constexpr std::size_t kBlobsBufferBytes = 1u << 20;
constexpr std::uint64_t kLogBytesMax = 8u << 20;
constexpr std::size_t kCacheBytes = 6u << 20;
constexpr std::uint64_t kTableFileBytes = 16u << 20;
constexpr std::uint64_t kLevelBaseBytes = 64u << 20;
constexpr std::size_t kReadAheadBytes = 256u << 10;
// A second process follows the manifest from its beginning and looks for each table that it names, those long gone too.
constexpr std::uint64_t kManifestBytesMax = 128u << 10;
// Events come in ascending order: a table of theirs overlaps no other, so it would only be moved from level to level,
// as small as a flush made it, and every open asks the disk for each of them. So they have one level, and are joined
// there.
constexpr std::uint64_t kEventLevelBytes = std::uint64_t{1} << 40;
constexpr int kEventTablesJoined = 8;

rocksdb::DBOptions DatabaseOptions(Rocks::Mode mode, rocksdb::Env* env) {
  rocksdb::DBOptions options;
  if (env != nullptr) options.env = env;
  const bool creates = mode == Rocks::Mode::kWrite || mode == Rocks::Mode::kSalvage;
  options.create_if_missing = mode == Rocks::Mode::kWrite;
  options.create_missing_column_families = creates;
  options.paranoid_checks = true;
  options.wal_recovery_mode = mode == Rocks::Mode::kSalvage ? rocksdb::WALRecoveryMode::kSkipAnyCorruptedRecords
                                                            : rocksdb::WALRecoveryMode::kPointInTimeRecovery;
  // All families reach the tables in one step: so the tables are always the journal at one moment, damage to the log
  // can only shorten it, and a second process that misses a log file sees an earlier moment or a hole in the events,
  // never rows without their events.
  options.atomic_flush = true;
  options.db_write_buffer_size = kWriteBuffersBytes;
  options.max_total_wal_size = kLogBytesMax;
  options.max_background_jobs = 2;
  options.max_bgerror_resume_count = 0;  // see FullDisk: the same holds for errors that may pass
  options.bytes_per_sync = 1u << 20;
  // RocksDB starts them all for each family at each open, however few tables there are; its 16 are most of what an open
  // costs.
  options.max_file_opening_threads = 2;
  options.max_open_files = -1;  // a secondary needs its files held open while the writer deletes them
  options.db_host_id.clear();   // tables go into backups and bundles: nobody needs the machine's name there
  options.stats_dump_period_sec = 0;
  options.stats_persist_period_sec = 0;
  options.info_log_level = rocksdb::InfoLogLevel::WARN_LEVEL;
  options.max_log_file_size = 256u << 10;
  options.keep_log_file_num = 2;
  options.max_manifest_file_size = kManifestBytesMax;
  return options;
}

rocksdb::ColumnFamilyOptions FamilyOptions(std::size_t buffer, bool filtered,
                                           const std::shared_ptr<rocksdb::Cache>& cache) {
  rocksdb::ColumnFamilyOptions options;
  options.write_buffer_size = buffer;
  options.max_write_buffer_number = 3;
  options.compression = rocksdb::kLZ4Compression;
  // Events are read in long runs and kept for long: small counts. State is read row by row: a block that is cheap to
  // open counts.
  options.bottommost_compression = filtered ? rocksdb::kLZ4Compression : rocksdb::kZSTD;
  options.target_file_size_base = kTableFileBytes;
  options.max_bytes_for_level_base = kLevelBaseBytes;
  options.level_compaction_dynamic_level_bytes = true;
  rocksdb::BlockBasedTableOptions table;
  table.block_cache = cache;
  table.cache_index_and_filter_blocks = true;
  table.pin_l0_filter_and_index_blocks_in_cache = true;
  table.format_version = 5;
  if (filtered) {
    table.filter_policy.reset(rocksdb::NewBloomFilterPolicy(10));
    options.memtable_whole_key_filtering = true;
    options.memtable_prefix_bloom_size_ratio = 0.03;
  }
  options.table_factory.reset(rocksdb::NewBlockBasedTableFactory(table));
  return options;
}

std::vector<rocksdb::ColumnFamilyDescriptor> Families() {
  const auto cache = rocksdb::NewLRUCache(kCacheBytes, 2);
  auto events = FamilyOptions(kFamilyBufferBytes, false, cache);
  events.level0_file_num_compaction_trigger = kEventTablesJoined;
  events.max_bytes_for_level_base = kEventLevelBytes;
  return {{rocksdb::kDefaultColumnFamilyName, FamilyOptions(kMetaBufferBytes, false, cache)},
          {"events", std::move(events)},
          {"state", FamilyOptions(kFamilyBufferBytes, true, cache)},
          {"meta", FamilyOptions(kMetaBufferBytes, false, cache)},
          {"blobs", FamilyOptions(kBlobsBufferBytes, true, cache)}};
}

// Those of Families() that the database has: one that is only read may be older than the newest of them. All of them
// where it cannot be asked; opening it then says why.
std::vector<rocksdb::ColumnFamilyDescriptor> FamiliesIn(const rocksdb::DBOptions& options, const std::string& folder) {
  auto families = Families();
  std::vector<std::string> names;
  if (!rocksdb::DB::ListColumnFamilies(options, folder, &names).ok()) return families;
  std::erase_if(families, [&](const rocksdb::ColumnFamilyDescriptor& family) {
    return family.name == "blobs" && std::find(names.begin(), names.end(), family.name) == names.end();
  });
  return families;
}

Result<void> CheckTables(rocksdb::Env* env, const std::filesystem::path& folder, const char* to_do) {
  const std::string table = FindProcessEnder(env, folder);
  if (table.empty()) return Ok();
  return Error{
      Code::kCorrupt, Retry::kNever,
      std::string("cannot ") + to_do + " " + folder.string() + ": the properties of table " + table + " are damaged"};
}

std::vector<std::string> TablesOf(rocksdb::DB& db, rocksdb::ColumnFamilyHandle* family) {
  rocksdb::ColumnFamilyMetaData tables;
  db.GetColumnFamilyMetaData(family, &tables);
  std::vector<std::string> names;
  for (const auto& level : tables.levels)
    for (const auto& file : level.files) names.push_back(file.name);
  return names;
}

rocksdb::Status RewriteTables(rocksdb::DB& db, rocksdb::ColumnFamilyHandle* family) {
  rocksdb::CompactionOptions options;
  options.compression = rocksdb::kDisableCompressionOption;  // as the family has it
  options.output_file_size_limit = kTableFileBytes;
  while (true) {
    const auto names = TablesOf(db, family);
    if (names.empty()) return rocksdb::Status::OK();
    const auto status = db.CompactFiles(options, family, names, db.NumberLevels(family) - 1);
    // A compaction that began before still has one of them in hand, or had and has replaced it.
    if (!status.IsAborted() && (status.ok() || TablesOf(db, family) == names)) return status;
    std::this_thread::yield();
  }
}

}  // namespace

rocksdb::ReadOptions LongRead() {
  rocksdb::ReadOptions options;
  options.fill_cache = false;
  options.readahead_size = kReadAheadBytes;
  return options;
}

Error ToError(const rocksdb::Status& status, std::string_view what) {
  const bool damaged = status.IsCorruption();
  return {damaged ? Code::kCorrupt : Code::kUnavailable, damaged ? Retry::kNever : Retry::kBackoff,
          std::string(what) + ": " + status.ToString()};
}

std::string StateKey(Table table, const Generations& generations, std::string_view key) {
  std::string full;
  full.reserve(key.size() + 2);
  full.push_back(static_cast<char>(table));
  full.push_back(static_cast<char>(generations[static_cast<std::uint8_t>(table)]));
  full.append(key);
  return full;
}

std::string AfterPrefix(std::string prefix) {
  while (!prefix.empty() && static_cast<std::uint8_t>(prefix.back()) == 0xff) prefix.pop_back();
  if (!prefix.empty()) prefix.back() = static_cast<char>(static_cast<std::uint8_t>(prefix.back()) + 1);
  return prefix;
}

Result<std::shared_ptr<Rocks>> Rocks::Open(const std::filesystem::path& folder, Mode mode, rocksdb::Env* env,
                                           const std::filesystem::path& scratch, std::shared_ptr<const void> keep) {
  OUTPOST_TRYV(CheckTables(env, folder, "open the database in"));
  auto options = DatabaseOptions(mode, env);
  std::shared_ptr<Rocks> rocks(new Rocks);
  rocks->full_disk_ = std::make_shared<FullDisk>();
  options.listeners.push_back(rocks->full_disk_);
  rocks->keep_ = std::move(keep);
  // The process's threads that join tables stand back behind appends, and whoever else needs the processor: nobody
  // waits for them until there are twenty tables. Where a system has no such thing they do not.
  options.env->LowerThreadPoolCPUPriority(rocksdb::Env::LOW, rocksdb::CpuPriority::kLow).PermitUncheckedError();
  rocksdb::DB* db = nullptr;
  rocksdb::Status status;
  switch (mode) {
    case Mode::kSalvage:
    case Mode::kWrite:
      status = rocksdb::DB::Open(options, folder.string(), Families(), &rocks->handles_, &db);
      break;
    case Mode::kReadOnly:
      status = rocksdb::DB::OpenForReadOnly(options, folder.string(), FamiliesIn(options, folder.string()),
                                            &rocks->handles_, &db);
      break;
    case Mode::kSecondary:
      status = rocksdb::DB::OpenAsSecondary(options, folder.string(), scratch.string(),
                                            FamiliesIn(options, folder.string()), &rocks->handles_, &db);
      break;
  }
  rocks->db_.reset(db);
  if (status.ok()) return rocks;
  Error error = ToError(status, "cannot open the database in " + folder.string());
  if (const auto table = status.IsCorruption() ? DamagedTable(env, folder) : std::string(); !table.empty())
    error.context += "; the damage is in table " + table;
  return error;
}

Result<void> Rocks::Repair(const std::filesystem::path& folder, rocksdb::Env* env) {
  OUTPOST_TRYV(CheckTables(env, folder, "repair"));
  const auto status = rocksdb::RepairDB(folder.string(), DatabaseOptions(Mode::kSalvage, env), Families());
  if (!status.ok()) return ToError(status, "cannot repair the copy");
  return Ok();
}

Result<void> Rocks::Flush() const {
  const auto status = db_->Flush(rocksdb::FlushOptions(), families());
  if (!status.ok()) return ToError(status, "cannot write what is in memory to tables");
  return Ok();
}

Result<void> Rocks::GoOnAfterFullDisk() const {
  if (!full_disk_->stopped.exchange(false)) return Ok();
  const auto status = db_->Resume();
  if (status.ok()) return Ok();
  full_disk_->stopped = true;
  return ToError(status, "the disk has been too full to write tables, and still is");
}

Result<void> Rocks::Compact() const {
  OUTPOST_TRYV(Flush());
  for (auto* family : families()) {
    auto status = db_->SetOptions(family, {{"disable_auto_compactions", "true"}});
    if (status.ok()) status = RewriteTables(*db_, family);
    const auto restored = db_->SetOptions(family, {{"disable_auto_compactions", "false"}});
    if (status.ok()) status = restored;
    if (!status.ok()) return ToError(status, "cannot rewrite the tables");
  }
  return Ok();
}

Rocks::~Rocks() {
  if (!db_) return;
  for (auto* handle : handles_) db_->DestroyColumnFamilyHandle(handle);
}

Result<std::optional<std::string>> Rocks::Get(const rocksdb::ReadOptions& options, rocksdb::ColumnFamilyHandle* family,
                                              std::string_view key) const {
  std::string value;
  const auto status = db_->Get(options, family, ToSlice(key), &value);
  if (status.IsNotFound()) return std::optional<std::string>();
  if (!status.ok()) return ToError(status, "cannot read from the database");
  return std::optional<std::string>(std::move(value));
}

}  // namespace outpost::journal
