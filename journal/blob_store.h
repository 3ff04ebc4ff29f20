#pragma once
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>

#include "base/log.h"
#include "base/mutex.h"
#include "journal/blob_files.h"
#include "journal/blobs.h"

// Private to journal/: who holds which blob, and what may be removed.
namespace outpost::journal {

struct BlobParts {
  std::shared_ptr<Rocks> rocks;
  std::filesystem::path folder;  // the journal's, for asking for free space
  std::uint64_t reserve_bytes = 0;
  // Whether the journal may be written now: an error where it is read-only.
  std::function<Result<void>()> writable;
};

// What writers, pins and the sweep of one journal share. A blob's *address* is the key under which it lies: its id for
// a row, its name for a file. Threads: any; no lock is held during I/O.
class BlobCore : public std::enable_shared_from_this<BlobCore> {
 public:
  explicit BlobCore(BlobParts parts) : parts_(std::move(parts)), files_(parts_.rocks) {}

  const std::shared_ptr<Rocks>& rocks() const { return parts_.rocks; }
  const BlobFiles& files() const { return files_; }
  Digest AddressOf(const BlobRef& ref) const;

  // Errors: kCorrupt (the journal is read-only).
  Result<void> CheckReadWrite() const { return parts_.writable(); }
  // Errors: kCorrupt (the same, or a sync of blobs failed before), kUnavailable (disk full).
  Result<void> CheckWritable() const;

  // Keeps the blob from being removed while what is returned lives; waits for a removal of it that is under way.
  std::shared_ptr<const void> Hold(const BlobRef& ref);
  // True, and nobody gets hold of the blob until Removed(), if it may be removed now.
  bool Condemn(const Digest& address);
  void Removed(const Digest& address);

  // From Begin to End every hold is remembered. False if it is on already.
  bool BeginWatch();
  void EndWatch();

  // The number of a new temporary file, and its end.
  std::uint64_t NewTemporary();
  void DropTemporary(std::uint64_t number);
  bool IsLive(std::uint64_t temporary) const;
  // Removes the temporaries that no writer of this process owns; how many. Errors: kUnavailable.
  Result<std::uint64_t> RemoveTemporaries();

  // Creates the folder of blobs, or the one that the file `name` goes to, once; makes what was renamed there last.
  // Errors: kUnavailable; kCorrupt (a sync failed: no blob is written from now on).
  Result<void> PrepareRoot();
  Result<void> PrepareFolderFor(const Digest& name);
  Result<void> SyncFolderFor(const Digest& name) { return Noted(files_.SyncFolderFor(name)); }

 private:
  Result<void> Noted(Result<void> synced);
  void Release(const Digest& address);

  const BlobParts parts_;
  const BlobFiles files_;

  mutable Mutex mutex_;
  CondVar removed_;
  std::map<Digest, std::size_t> holds_ OUTPOST_GUARDED_BY(mutex_);
  std::set<Digest> condemned_ OUTPOST_GUARDED_BY(mutex_);
  std::optional<std::set<Digest>> watched_ OUTPOST_GUARDED_BY(mutex_);
  std::set<std::uint64_t> temporaries_ OUTPOST_GUARDED_BY(mutex_);
  std::uint64_t next_temporary_ OUTPOST_GUARDED_BY(mutex_) = 0;
  bool root_ready_ OUTPOST_GUARDED_BY(mutex_) = false;
  std::set<std::uint8_t> folders_ready_ OUTPOST_GUARDED_BY(mutex_);
  std::string failure_ OUTPOST_GUARDED_BY(mutex_);
};

// The writer of blob_writer.cpp and the sweep of blob_sweep.cpp.
std::unique_ptr<BlobWriter> MakeBlobWriter(std::shared_ptr<BlobCore> core);
std::unique_ptr<BlobSweep> MakeBlobSweep(std::shared_ptr<BlobCore> core);

// The blobs of a journal that is open for writing; removes the temporaries of writers that died with their process.
// Errors are logged: a temporary that stays costs space only.
std::unique_ptr<BlobStore> MakeBlobStore(BlobParts parts, Log& log);

}  // namespace outpost::journal
