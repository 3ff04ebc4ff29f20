#pragma once
#include <rocksdb/env.h>
#include <rocksdb/file_system.h>

#include <atomic>
#include <memory>
#include <mutex>
#include <set>
#include <string>

namespace outpost::test {

// A file system under RocksDB on which log bytes reach the disk only when they are synced, and whose syncs can fail.
class FaultFs final : public rocksdb::FileSystemWrapper {
 public:
  FaultFs() : FileSystemWrapper(rocksdb::FileSystem::Default()) {}
  const char* Name() const override { return "FaultFs"; }

  // The next sync of a log file fails; nothing of it reaches the disk.
  void FailNextSync() { fail_sync_ = true; }
  // From now on nothing can be written; of each log's unsynced bytes `kept_percent` are on disk.
  void CutPower(unsigned kept_percent);
  std::uint64_t log_syncs() const { return log_syncs_; }

  rocksdb::IOStatus NewWritableFile(const std::string& name, const rocksdb::FileOptions& options,
                                    std::unique_ptr<rocksdb::FSWritableFile>* result,
                                    rocksdb::IODebugContext* debug) override;

 private:
  class LogFile;
  class DyingFile;
  std::atomic<bool> fail_sync_{false};
  std::atomic<bool> dead_{false};
  std::atomic<std::uint64_t> log_syncs_{0};
  std::mutex mutex_;
  std::set<LogFile*> logs_;
};

}  // namespace outpost::test
