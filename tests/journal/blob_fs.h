#pragma once
#include <rocksdb/env.h>
#include <rocksdb/file_system.h>

#include <filesystem>
#include <functional>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

namespace outpost::test {

// A file system that counts what is changed below a folder `blobs`, can end or fail at any of these operations, and
// knows what a power cut would leave of them.
class BlobFs final : public rocksdb::FileSystemWrapper {
 public:
  BlobFs() : FileSystemWrapper(rocksdb::FileSystem::Default()) {}
  const char* Name() const override { return "BlobFs"; }

  // From operation `number` (from 0) on nothing below `blobs` changes any more: the process is dead.
  void StopAt(std::uint64_t number) { stop_at_ = number; }
  // Operation `number` alone fails, with `status`.
  void FailAt(std::uint64_t number, rocksdb::IOStatus status) {
    fail_at_ = number;
    failure_ = std::move(status);
  }
  std::uint64_t operations() const { return operations_; }
  // What each operation was: "create", "append", "fsync", …
  const std::vector<std::string>& log() const { return log_; }

  // Takes back what was not made to last: bytes that no fsync followed, names that no fsync of their folder followed.
  // For files that nobody has open.
  void LosePower();

  rocksdb::IOStatus NewWritableFile(const std::string& name, const rocksdb::FileOptions& options,
                                    std::unique_ptr<rocksdb::FSWritableFile>* result,
                                    rocksdb::IODebugContext* debug) override;
  rocksdb::IOStatus NewDirectory(const std::string& name, const rocksdb::IOOptions& options,
                                 std::unique_ptr<rocksdb::FSDirectory>* result,
                                 rocksdb::IODebugContext* debug) override;
  rocksdb::IOStatus CreateDirIfMissing(const std::string& name, const rocksdb::IOOptions& options,
                                       rocksdb::IODebugContext* debug) override;
  rocksdb::IOStatus RenameFile(const std::string& from, const std::string& to, const rocksdb::IOOptions& options,
                               rocksdb::IODebugContext* debug) override;
  rocksdb::IOStatus DeleteFile(const std::string& name, const rocksdb::IOOptions& options,
                               rocksdb::IODebugContext* debug) override;

 private:
  class File;
  class Directory;
  rocksdb::IOStatus Step(const char* what);

  std::mutex mutex_;
  std::uint64_t operations_ = 0;
  std::uint64_t stop_at_ = ~std::uint64_t{0};
  std::uint64_t fail_at_ = ~std::uint64_t{0};
  rocksdb::IOStatus failure_;
  std::vector<std::string> log_;
  std::vector<std::pair<std::filesystem::path, std::uint64_t>> synced_;           // file, bytes that last
  std::vector<std::pair<std::filesystem::path, std::filesystem::path>> renames_;  // not yet made to last
  std::vector<std::filesystem::path> folders_;                                    // not yet made to last
};

}  // namespace outpost::test
