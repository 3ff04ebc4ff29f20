#pragma once
#include <rocksdb/env.h>
#include <rocksdb/file_system.h>

#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"

// Files of the journal beside its database, on the same file system as the database: what records, fails or encrypts
// the one does so to the other. Private to journal/.
namespace outpost::journal {

using Disk = std::shared_ptr<rocksdb::FileSystem>;

// The file system of `env`, or the real one for null.
Disk DiskOf(rocksdb::Env* env);

// kNotFound where RocksDB says so, kCorrupt where it says that; kUnavailable for all else.
Error DiskError(const rocksdb::IOStatus& status, std::string_view what, const std::filesystem::path& path);

// Errors: kUnavailable.
Result<bool> Exists(const Disk& disk, const std::filesystem::path& path);

// The whole file. Errors: kNotFound, kUnavailable.
Result<std::string> ReadWhole(const Disk& disk, const std::filesystem::path& path);

// Replaces the file as a whole: `path`.new, fsync, rename, fsync of the folder. After an error the old file is as it
// was. Threads: one at a time for one path. Errors: kUnavailable.
Result<void> WriteDurably(const Disk& disk, const std::filesystem::path& path, std::string_view content);

// A file of which the first bytes are rewritten in place (a witness): one write, no new length, no rename.
// Threads: one.
class WitnessFile {
 public:
  // Opens a file that is there. Errors: kNotFound, kUnavailable.
  static Result<std::unique_ptr<WitnessFile>> Open(const Disk& disk, const std::filesystem::path& path);
  // Writes `content` at offset 0; on disk only after Sync(). Errors: kUnavailable.
  Result<void> Write(std::string_view content);
  Result<void> Sync();

 private:
  WitnessFile(std::unique_ptr<rocksdb::FSRandomRWFile> file, std::filesystem::path path)
      : file_(std::move(file)), path_(std::move(path)) {}
  const std::unique_ptr<rocksdb::FSRandomRWFile> file_;
  const std::filesystem::path path_;
};

}  // namespace outpost::journal
