#pragma once
#include <filesystem>
#include <string>

#include "journal/harvest.h"

namespace outpost::journal {

// The ways into a damaged journal, from gentle to rough. Each works on files of its own in `scratch`, a new folder:
// tables are linked, since nobody writes them, all else is copied. Found things go to `harvest`. The text says what was
// done and met, for a person. Errors: kUnavailable (copying, or writing the new journal; damage is no error).
struct WayReport {
  std::string text;
  bool rows_unbroken = false;  // the database could be opened as one, and all of its state was read
};

// 1. As any reader opens it: it ends where its log is damaged first.
Result<WayReport> OpenAsItIs(const std::filesystem::path& damaged, const std::filesystem::path& scratch,
                             rocksdb::Env* env, Harvest& harvest);
// 2. Stepping over damaged records of the log.
Result<WayReport> OpenPastLogDamage(const std::filesystem::path& damaged, const std::filesystem::path& scratch,
                                    rocksdb::Env* env, Harvest& harvest);
// 3. Repaired by RocksDB: tables without a manifest, damaged tables left out.
Result<WayReport> OpenRepaired(const std::filesystem::path& damaged, const std::filesystem::path& scratch,
                               rocksdb::Env* env, Harvest& harvest);
// 4. Table by table, and the log by itself: needs nothing but these files.
Result<WayReport> ReadFileByFile(const std::filesystem::path& damaged, const std::filesystem::path& scratch,
                                 rocksdb::Env* env, Harvest& harvest);

}  // namespace outpost::journal
