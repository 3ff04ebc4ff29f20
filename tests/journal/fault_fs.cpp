#include "tests/journal/fault_fs.h"

namespace outpost::test {
namespace {
rocksdb::IOStatus Injected(const char* what) { return rocksdb::IOStatus::IOError("injected", what); }
}  // namespace

using rocksdb::IODebugContext;
using rocksdb::IOOptions;
using rocksdb::IOStatus;

// Any file but a log: written at once, until the power is cut.
class FaultFs::DyingFile final : public rocksdb::FSWritableFileOwnerWrapper {
 public:
  DyingFile(FaultFs& fs, std::unique_ptr<rocksdb::FSWritableFile> file)
      : FSWritableFileOwnerWrapper(std::move(file)), fs_(fs) {}
  using FSWritableFileOwnerWrapper::Append;
  IOStatus Append(const rocksdb::Slice& data, const IOOptions& options, IODebugContext* debug) override {
    return fs_.dead_ ? Injected("no power") : target()->Append(data, options, debug);
  }
  IOStatus Append(const rocksdb::Slice& data, const IOOptions& options, const rocksdb::DataVerificationInfo& info,
                  IODebugContext* debug) override {
    return fs_.dead_ ? Injected("no power") : target()->Append(data, options, info, debug);
  }
  IOStatus Sync(const IOOptions& options, IODebugContext* debug) override {
    return fs_.dead_ ? Injected("no power") : target()->Sync(options, debug);
  }

 private:
  FaultFs& fs_;
};

class FaultFs::LogFile final : public rocksdb::FSWritableFileOwnerWrapper {
 public:
  LogFile(FaultFs& fs, std::unique_ptr<rocksdb::FSWritableFile> file)
      : FSWritableFileOwnerWrapper(std::move(file)), fs_(fs) {
    const std::lock_guard lock(fs_.mutex_);
    fs_.logs_.insert(this);
  }
  ~LogFile() override {
    const std::lock_guard lock(fs_.mutex_);
    fs_.logs_.erase(this);
  }

  IOStatus Append(const rocksdb::Slice& data, const IOOptions&, IODebugContext*) override {
    const std::lock_guard lock(fs_.mutex_);
    if (fs_.dead_) return Injected("no power");
    pending_.append(data.data(), data.size());
    size_ += data.size();
    return IOStatus::OK();
  }
  IOStatus Append(const rocksdb::Slice& data, const IOOptions& options, const rocksdb::DataVerificationInfo&,
                  IODebugContext* debug) override {
    return Append(data, options, debug);
  }
  IOStatus Sync(const IOOptions& options, IODebugContext* debug) override {
    const std::lock_guard lock(fs_.mutex_);
    if (fs_.dead_) return Injected("no power");
    if (fs_.fail_sync_.exchange(false)) return Injected("sync failed");
    ++fs_.log_syncs_;
    if (auto written = Release(pending_.size()); !written.ok()) return written;
    return target()->Sync(options, debug);
  }
  IOStatus Fsync(const IOOptions& options, IODebugContext* debug) override { return Sync(options, debug); }
  // An ordinary close leaves what the cache holds to the system, which writes it some day: after no power cut it is
  // there.
  IOStatus Close(const IOOptions& options, IODebugContext* debug) override {
    const std::lock_guard lock(fs_.mutex_);
    if (!fs_.dead_)
      if (auto written = Release(pending_.size()); !written.ok()) return written;
    return target()->Close(options, debug);
  }
  std::uint64_t GetFileSize(const IOOptions&, IODebugContext*) override { return size_; }

  // The caller holds the mutex.
  IOStatus Release(std::size_t bytes) {
    const auto status = target()->Append(rocksdb::Slice(pending_.data(), bytes), IOOptions(), nullptr);
    pending_.erase(0, bytes);
    return status.ok() ? target()->Flush(IOOptions(), nullptr) : status;
  }
  std::size_t pending() const { return pending_.size(); }

 private:
  FaultFs& fs_;
  std::string pending_;
  std::uint64_t size_ = 0;
};

void FaultFs::CutPower(unsigned kept_percent) {
  const std::lock_guard lock(mutex_);
  dead_ = true;
  for (LogFile* log : logs_) log->Release(log->pending() * kept_percent / 100).PermitUncheckedError();
}

IOStatus FaultFs::NewWritableFile(const std::string& name, const rocksdb::FileOptions& options,
                                  std::unique_ptr<rocksdb::FSWritableFile>* result, IODebugContext* debug) {
  if (dead_) return Injected("no power");
  auto status = target()->NewWritableFile(name, options, result, debug);
  if (!status.ok()) return status;
  if (name.ends_with(".log")) {
    *result = std::make_unique<LogFile>(*this, std::move(*result));
  } else {
    *result = std::make_unique<DyingFile>(*this, std::move(*result));
  }
  return status;
}

}  // namespace outpost::test
