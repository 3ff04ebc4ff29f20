#include "tests/sim/disk.h"

#include <pthread.h>

#include <filesystem>
#include <string_view>
#include <utility>

namespace outpost::sim {

using rocksdb::IODebugContext;
using rocksdb::IOOptions;
using rocksdb::IOStatus;

namespace {

// How much of a file is there, and how much of that a sync has confirmed.
struct Extent {
  std::uint64_t size = 0;
  std::uint64_t synced = 0;
};

// RocksDB compacts on a thread of its own, whenever the system lets it run. Were it the one to meet a full disk or a
// failing sync, two runs of a seed would differ.
bool OnCompactionThread() {
  char name[16] = {};
  return pthread_getname_np(pthread_self(), name, sizeof name) == 0 && std::string_view(name) == "rocksdb:low";
}

}  // namespace

class Disk::Files final : public rocksdb::FileSystemWrapper {
 public:
  explicit Files(const std::shared_ptr<rocksdb::FileSystem>& memory) : FileSystemWrapper(memory) {}
  const char* Name() const override { return "SimDisk"; }

  IOStatus NewWritableFile(const std::string& name, const rocksdb::FileOptions& options,
                           std::unique_ptr<rocksdb::FSWritableFile>* result, IODebugContext* debug) override;
  IOStatus RenameFile(const std::string& from, const std::string& to, const IOOptions& options,
                      IODebugContext* debug) override {
    const std::lock_guard lock(mutex_);
    if (dead_) return NoPower();
    const auto moved = extents_.find(from);
    if (moved != extents_.end()) {
      extents_[to] = moved->second;
      extents_.erase(from);
    }
    return target()->RenameFile(from, to, options, debug);
  }
  IOStatus DeleteFile(const std::string& name, const IOOptions& options, IODebugContext* debug) override {
    const std::lock_guard lock(mutex_);
    if (dead_) return NoPower();
    extents_.erase(name);
    return target()->DeleteFile(name, options, debug);
  }

  // What an append or a sync may do now.
  IOStatus Append(Extent& extent, std::uint64_t bytes) {
    const std::lock_guard lock(mutex_);
    if (dead_) return NoPower();
    if (full_ && !OnCompactionThread()) {
      refused_ = true;
      // Not NoSpace: after that RocksDB tries again on a thread of its own, by the real clock.
      return IOStatus::IOError("the simulated disk is full");
    }
    extent.size += bytes;
    return IOStatus::OK();
  }
  IOStatus Sync(Extent& extent) {
    const std::lock_guard lock(mutex_);
    if (dead_) return NoPower();
    if (fail_sync_ && !OnCompactionThread()) {
      fail_sync_ = false;
      refused_ = true;
      return IOStatus::IOError("the simulated disk cannot sync");
    }
    extent.synced = extent.size;
    return IOStatus::OK();
  }

  void CutPower() {
    const std::lock_guard lock(mutex_);
    dead_ = true;
  }
  void RestorePower() {
    const std::lock_guard lock(mutex_);
    dead_ = false;
    for (auto& [name, extent] : extents_) {
      if (extent->synced == extent->size) continue;
      extent->size = extent->synced;
      target()->Truncate(name, extent->size, IOOptions(), nullptr).PermitUncheckedError();
    }
  }
  void SetFull(bool full) {
    const std::lock_guard lock(mutex_);
    full_ = full;
  }
  void FailNextSync() {
    const std::lock_guard lock(mutex_);
    fail_sync_ = true;
  }
  void Heal() {
    const std::lock_guard lock(mutex_);
    full_ = fail_sync_ = false;
  }
  bool refused() {
    const std::lock_guard lock(mutex_);
    return std::exchange(refused_, false);
  }

 private:
  class Writable;
  static IOStatus NoPower() { return IOStatus::IOError("the simulated computer has no power"); }

  std::mutex mutex_;
  bool dead_ = false;
  bool full_ = false;
  bool fail_sync_ = false;
  bool refused_ = false;
  std::map<std::string, std::shared_ptr<Extent>> extents_;
};

class Disk::Files::Writable final : public rocksdb::FSWritableFileOwnerWrapper {
 public:
  Writable(Files& files, std::shared_ptr<Extent> extent, std::unique_ptr<rocksdb::FSWritableFile> file)
      : FSWritableFileOwnerWrapper(std::move(file)), files_(files), extent_(std::move(extent)) {}

  IOStatus Append(const rocksdb::Slice& data, const IOOptions& options, IODebugContext* debug) override {
    auto allowed = files_.Append(*extent_, data.size());
    return allowed.ok() ? target()->Append(data, options, debug) : allowed;
  }
  IOStatus Append(const rocksdb::Slice& data, const IOOptions& options, const rocksdb::DataVerificationInfo&,
                  IODebugContext* debug) override {
    return Append(data, options, debug);
  }
  IOStatus Sync(const IOOptions&, IODebugContext*) override { return files_.Sync(*extent_); }
  IOStatus Fsync(const IOOptions&, IODebugContext*) override { return files_.Sync(*extent_); }

 private:
  Files& files_;
  const std::shared_ptr<Extent> extent_;
};

IOStatus Disk::Files::NewWritableFile(const std::string& name, const rocksdb::FileOptions& options,
                                      std::unique_ptr<rocksdb::FSWritableFile>* result, IODebugContext* debug) {
  const std::lock_guard lock(mutex_);
  if (dead_) return NoPower();
  auto status = target()->NewWritableFile(name, options, result, debug);
  // RocksDB tells its own log what it does when the real clock says so: nothing depends on that file, and no fault is
  // to.
  if (!status.ok() || std::filesystem::path(name).filename() == "LOG") return status;
  auto extent = std::make_shared<Extent>();
  extents_[name] = extent;
  *result = std::make_unique<Writable>(*this, std::move(extent), std::move(*result));
  return status;
}

Disk::Disk() : memory_(rocksdb::NewMemEnv(rocksdb::Env::Default())) {
  files_ = std::make_shared<Files>(memory_->GetFileSystem());
  env_ = rocksdb::NewCompositeEnv(files_);
}
Disk::~Disk() = default;

void Disk::CutPower() { files_->CutPower(); }
void Disk::RestorePower() { files_->RestorePower(); }
void Disk::SetFull(bool full) { files_->SetFull(full); }
void Disk::FailNextSync() { files_->FailNextSync(); }

void Disk::Heal() { files_->Heal(); }
bool Disk::refused() { return files_->refused(); }

}  // namespace outpost::sim
