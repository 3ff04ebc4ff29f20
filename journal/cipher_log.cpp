#include "journal/cipher_log.h"

#include <rocksdb/system_clock.h>

#include <cstdarg>
#include <cstdio>

namespace outpost::journal {
namespace {

constexpr std::size_t kLineBytesMax = 16u << 10;

std::string Formatted(const char* format, va_list arguments) {
  va_list again;
  va_copy(again, arguments);
  const int size = std::vsnprintf(nullptr, 0, format, again);
  va_end(again);
  if (size <= 0) return "\n";
  std::string line(std::min<std::size_t>(static_cast<std::size_t>(size), kLineBytesMax) + 1, '\0');
  std::vsnprintf(line.data(), line.size(), format, arguments);
  line.back() = '\n';
  return line;
}

}  // namespace

CipherLog::~CipherLog() {
  if (!closed_) CloseImpl().PermitUncheckedError();
}

void CipherLog::Logv(const char* format, va_list arguments) {
  const std::string line =
      std::to_string(rocksdb::SystemClock::Default()->NowMicros()) + " " + Formatted(format, arguments);
  MutexLock lock(mutex_);
  if (!file_) return;
  if (file_->Append(line, rocksdb::IOOptions(), nullptr).ok() && file_->Flush(rocksdb::IOOptions(), nullptr).ok()) {
    size_ += line.size();
  } else {
    file_.reset();
  }
}

std::size_t CipherLog::GetLogFileSize() const {
  MutexLock lock(mutex_);
  return size_;
}

rocksdb::Status CipherLog::CloseImpl() {
  MutexLock lock(mutex_);
  if (file_) file_->Close(rocksdb::IOOptions(), nullptr).PermitUncheckedError();
  file_.reset();
  return rocksdb::Status::OK();
}

}  // namespace outpost::journal
