#pragma once
#include <rocksdb/file_system.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/result.h"
#include "journal/data_key.h"
#include "journal/rocks.h"

// Private to journal/: the files of blobs. Source: schemas/blobs.md, "Files".
namespace outpost::journal {

// The folder of blob files of one journal, reached through the journal's own file system, so that what encrypts,
// records or disturbs the database's files does the same to these. Threads: any; holds no lock.
class BlobFiles {
 public:
  explicit BlobFiles(std::shared_ptr<Rocks> rocks);

  // What the file of blob `id` is called: the id itself in a plain journal.
  Digest NameOf(const Digest& id) const { return rocks_->blob_name()(id); }
  // Below the journal's folder: "blobs/ab/ab01…".
  static std::string Relative(const Digest& name);
  std::string Path(const Digest& name) const;
  std::string TemporaryPath(std::uint64_t number) const;

  // Errors of all below: kUnavailable, named by what and file; kNotFound where that is said; kCorrupt from a file
  // system that finds damage by itself.
  Result<std::unique_ptr<rocksdb::FSWritableFile>> Create(const std::string& path) const;
  // kNotFound.
  Result<std::unique_ptr<rocksdb::FSRandomAccessFile>> Open(const std::string& path) const;
  // kNotFound.
  Result<std::uint64_t> Size(const std::string& path) const;
  // No error if it is not there.
  Result<void> Remove(const std::string& path) const;
  Result<void> Rename(const std::string& from, const std::string& to) const;
  // Creates the folder of blobs, or the one for `name`, and makes that last. These three give kCorrupt where a sync
  // failed: what is on disk is then not known.
  Result<void> MakeRoot() const;
  Result<void> MakeFolderFor(const Digest& name) const;
  // Makes what was renamed into the folder for `name` last.
  Result<void> SyncFolderFor(const Digest& name) const;

  struct Found {
    Digest name;
    std::uint64_t file_bytes = 0;
  };
  // The blob files of the folder for names that begin with `first`; files of other names are passed over.
  Result<std::vector<Found>> List(std::uint8_t first) const;
  Result<std::vector<std::uint64_t>> Temporaries() const;

 private:
  std::string FolderFor(const Digest& name) const;
  Result<void> MakeFolder(const std::string& path, const std::string& parent) const;
  Result<void> SyncFolder(const std::string& path) const;
  Result<std::vector<std::string>> Children(const std::string& path) const;
  rocksdb::FileSystem& fs() const { return *rocks_->db().GetFileSystem(); }

  const std::shared_ptr<Rocks> rocks_;
  const std::string root_;
};

// Blobs of a journal with a key are called by what nobody without it can guess; before the database is used.
void NameBlobs(Rocks& rocks, std::shared_ptr<const DataKey> key);

}  // namespace outpost::journal
