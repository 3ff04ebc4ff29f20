#include "journal/blob_store.h"

#include <algorithm>

#include "base/system/files.h"
#include "journal/blob_format.h"
#include "journal/blob_reader.h"

namespace outpost::journal {
namespace {

class Store final : public BlobStore {
 public:
  explicit Store(std::shared_ptr<BlobCore> core) : core_(std::move(core)) {}

  Result<std::unique_ptr<BlobReader>> Open(const BlobRef& ref) const override {
    return OpenBlob(core_->rocks(), nullptr, core_->files(), ref);
  }
  Result<std::unique_ptr<BlobWriter>> Create() override {
    OUTPOST_TRYV(core_->CheckWritable());
    return MakeBlobWriter(core_);
  }
  Result<PinnedBlob> Pin(const BlobRef& ref) override {
    PinnedBlob pinned(ref, core_->Hold(ref));
    OUTPOST_TRYV(Open(ref));
    return pinned;
  }
  Result<std::unique_ptr<BlobSweep>> BeginSweep() override {
    if (!core_->BeginWatch())
      return Error{Code::kConflict, Retry::kBackoff, "a sweep of the journal's blobs is under way"};
    return MakeBlobSweep(core_);
  }

 private:
  const std::shared_ptr<BlobCore> core_;
};

}  // namespace

Digest BlobCore::AddressOf(const BlobRef& ref) const {
  return ref.size < kBlobFileBytes ? ref.id : files_.NameOf(ref.id);
}

Result<void> BlobCore::CheckWritable() const {
  OUTPOST_TRYV(parts_.writable());
  {
    MutexLock lock(mutex_);
    if (!failure_.empty())
      return Error{Code::kCorrupt, Retry::kNever, "no blob is written until the journal is opened again: " + failure_};
  }
  const auto free_bytes = FreeBytes(parts_.folder);
  if (!free_bytes || free_bytes.value() >= parts_.reserve_bytes) return Ok();
  return Error{Code::kUnavailable, Retry::kBackoff,
               "the disk of " + parts_.folder.string() + " is full: " + std::to_string(free_bytes.value()) +
                   " bytes free, " + std::to_string(parts_.reserve_bytes) + " are kept in reserve"};
}

Result<void> BlobCore::Noted(Result<void> synced) {
  if (synced || synced.error().code != Code::kCorrupt) return synced;
  MutexLock lock(mutex_);
  if (failure_.empty()) failure_ = synced.error().context;
  return synced;
}

std::shared_ptr<const void> BlobCore::Hold(const BlobRef& ref) {
  const Digest address = AddressOf(ref);
  {
    MutexLock lock(mutex_);
    while (condemned_.contains(address)) removed_.Wait(mutex_);
    ++holds_[address];
    if (watched_) watched_->insert(address);
  }
  return {static_cast<const void*>(this),
          [core = shared_from_this(), address](const void*) { core->Release(address); }};
}

void BlobCore::Release(const Digest& address) {
  MutexLock lock(mutex_);
  const auto held = holds_.find(address);
  if (--held->second == 0) holds_.erase(held);
}

bool BlobCore::Condemn(const Digest& address) {
  MutexLock lock(mutex_);
  if (holds_.contains(address) || (watched_ && watched_->contains(address))) return false;
  return condemned_.insert(address).second;
}

void BlobCore::Removed(const Digest& address) {
  MutexLock lock(mutex_);
  condemned_.erase(address);
  removed_.NotifyAll();
}

bool BlobCore::BeginWatch() {
  MutexLock lock(mutex_);
  if (watched_) return false;
  watched_.emplace();
  for (const auto& [address, holders] : holds_) watched_->insert(address);
  return true;
}

void BlobCore::EndWatch() {
  MutexLock lock(mutex_);
  watched_.reset();
}

std::uint64_t BlobCore::NewTemporary() {
  MutexLock lock(mutex_);
  temporaries_.insert(++next_temporary_);
  return next_temporary_;
}

void BlobCore::DropTemporary(std::uint64_t number) {
  MutexLock lock(mutex_);
  temporaries_.erase(number);
}

bool BlobCore::IsLive(std::uint64_t temporary) const {
  MutexLock lock(mutex_);
  return temporaries_.contains(temporary);
}

Result<std::uint64_t> BlobCore::RemoveTemporaries() {
  OUTPOST_TRY(const auto found, files_.Temporaries());
  {
    MutexLock lock(mutex_);  // a writer to come never gets the number of a file that is about to go
    for (const std::uint64_t number : found) next_temporary_ = std::max(next_temporary_, number);
  }
  std::uint64_t removed = 0;
  for (const std::uint64_t number : found) {
    if (IsLive(number)) continue;
    OUTPOST_TRYV(files_.Remove(files_.TemporaryPath(number)));
    ++removed;
  }
  return removed;
}

Result<void> BlobCore::PrepareRoot() {
  {
    MutexLock lock(mutex_);
    if (root_ready_) return Ok();
  }
  OUTPOST_TRYV(Noted(files_.MakeRoot()));
  MutexLock lock(mutex_);
  root_ready_ = true;
  return Ok();
}

Result<void> BlobCore::PrepareFolderFor(const Digest& name) {
  {
    MutexLock lock(mutex_);
    if (folders_ready_.contains(name[0])) return Ok();
  }
  OUTPOST_TRYV(Noted(files_.MakeFolderFor(name)));
  MutexLock lock(mutex_);
  folders_ready_.insert(name[0]);
  return Ok();
}

std::unique_ptr<BlobStore> MakeBlobStore(BlobParts parts, Log& log) {
  const bool writable = parts.writable().has_value();
  auto core = std::make_shared<BlobCore>(std::move(parts));
  if (writable)
    if (const auto removed = core->RemoveTemporaries(); !removed)
      log.Write(LogLevel::kWarning, "journal", "temporary blobs stay behind: " + removed.error().context);
  return std::make_unique<Store>(std::move(core));
}

}  // namespace outpost::journal

namespace outpost {

Result<PinnedBlob> BlobStore::Put(Bytes content) {
  OUTPOST_TRY(const auto writer, Create());
  OUTPOST_TRYV(writer->Write(content));
  return writer->Finish();
}

}  // namespace outpost
