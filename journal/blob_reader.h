#pragma once
#include <memory>
#include <string>

#include "journal/blob_files.h"
#include "journal/blob_format.h"
#include "journal/blobs.h"

// Private to journal/: reading blobs, byte by byte checked.
namespace outpost::journal {

// A blob file, opened: its trailer is whole and its length is right. Threads: one at a time.
class BlobFile {
 public:
  // Errors: kNotFound, kCorrupt (no blob file, or one cut short), kUnavailable.
  static Result<std::unique_ptr<BlobFile>> Open(const BlobFiles& files, const Digest& name);

  std::uint64_t size() const { return size_; }
  // What the list of digests makes the id of this content; damage to the list or the size gives another one than was
  // looked for.
  const Digest& id() const { return id_; }
  // Reads chunk `index` into `chunk` and checks it. Errors: kCorrupt (the chunk named; `chunk` is empty), kUnavailable.
  Result<void> ReadChunk(std::uint64_t index, std::string& chunk) const;

 private:
  BlobFile() = default;
  Result<void> Load(std::uint64_t file_bytes);
  Result<void> ReadAt(std::uint64_t offset, std::size_t bytes, std::string& out) const;
  std::string path_;
  std::unique_ptr<rocksdb::FSRandomAccessFile> file_;
  std::uint64_t size_ = 0;
  std::string digests_;
  Digest id_{};
};

// The row of a small blob. Errors: kNotFound, kCorrupt, kUnavailable; `snapshot` may be null.
Result<std::string> ReadSmallBlob(const Rocks& rocks, const rocksdb::Snapshot* snapshot, const Digest& id);

// Opens the blob wherever it lies. Errors: as BlobSource::Open.
Result<std::unique_ptr<BlobReader>> OpenBlob(const std::shared_ptr<Rocks>& rocks, const rocksdb::Snapshot* snapshot,
                                             const BlobFiles& files, const BlobRef& ref);

}  // namespace outpost::journal
