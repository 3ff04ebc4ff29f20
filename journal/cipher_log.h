#pragma once
#include <rocksdb/env.h>
#include <rocksdb/file_system.h>

#include <memory>
#include <string>

#include "base/mutex.h"

namespace outpost::journal {

// RocksDB's own messages, a line each with the time in microseconds since 1970 UTC, written through a file system of
// ours: they can hold keys of rows. A line that cannot be written ends the log and hurts nobody: RocksDB's logger for
// such files takes the next line after a failed one (a full disk) for a bug and ends the process. Threads: any.
class CipherLog final : public rocksdb::Logger {
 public:
  explicit CipherLog(std::unique_ptr<rocksdb::FSWritableFile> file) : file_(std::move(file)) {}
  ~CipherLog() override;
  using rocksdb::Logger::Logv;
  void Logv(const char* format, va_list arguments) override;
  std::size_t GetLogFileSize() const override;

 protected:
  rocksdb::Status CloseImpl() override;

 private:
  mutable Mutex mutex_;  // held while a line is written: lines of two threads must not mix
  std::unique_ptr<rocksdb::FSWritableFile> file_ OUTPOST_GUARDED_BY(mutex_);  // null: ended
  std::size_t size_ OUTPOST_GUARDED_BY(mutex_) = 0;
};

}  // namespace outpost::journal
