#pragma once
#include <rocksdb/env.h>
#include <rocksdb/file_system.h>

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

namespace outpost::test {

// One thing a program did to the disk. Content goes by file, names by path: a file that is renamed stays the same file.
struct DiskOp {
  enum class Kind : std::uint8_t {
    kCreate,  // `path` names the new, empty `file`; or `file`, which was there, is empty now
    kAppend,
    kWriteAt,   // `bytes` at offset `number`
    kTruncate,  // to `number` bytes
    kSync,
    kRename,  // `path` to `target`, over what was there
    kLink,    // `target` is another name of `path`
    kDelete,
    kMakeFolder,
    kDeleteFolder,
    kSyncFolder,
  };
  Kind kind{};
  std::uint64_t file = 0;
  std::string path;  // relative to the root; of content operations the name the file was opened by
  std::string target;
  std::uint64_t number = 0;
  std::string bytes;

  // "append 120 bytes to db/000004.log": for failing tests.
  std::string Text() const;
};

// A file system that keeps a record of every operation that changes what lies under `root`, in order, one at a time.
// Syncs are recorded and not done: what they promise is for the reader of the record to judge. RocksDB's own log of
// what it does (LOG) and its LOCK hold nothing of a journal and go past it. Threads: any.
class RecordingFs final : public rocksdb::FileSystemWrapper {
 public:
  explicit RecordingFs(std::filesystem::path root);
  const char* Name() const override { return "RecordingFs"; }

  // Asked before each operation, one at a time: what it answers other than OK is the operation's result, which is then
  // neither done nor recorded; but of an append without space half the bytes arrive, as on a disk.
  using Gate = std::function<rocksdb::IOStatus(const DiskOp&)>;
  void SetGate(Gate gate);
  // How many operations the gate has refused.
  std::size_t refused() const;

  std::size_t size() const;
  // The record so far. Valid while nobody writes.
  const std::vector<DiskOp>& ops() const { return ops_; }

  rocksdb::IOStatus NewWritableFile(const std::string& name, const rocksdb::FileOptions& options,
                                    std::unique_ptr<rocksdb::FSWritableFile>* result,
                                    rocksdb::IODebugContext* debug) override;
  rocksdb::IOStatus ReopenWritableFile(const std::string& name, const rocksdb::FileOptions& options,
                                       std::unique_ptr<rocksdb::FSWritableFile>* result,
                                       rocksdb::IODebugContext* debug) override;
  rocksdb::IOStatus NewRandomRWFile(const std::string& name, const rocksdb::FileOptions& options,
                                    std::unique_ptr<rocksdb::FSRandomRWFile>* result,
                                    rocksdb::IODebugContext* debug) override;
  rocksdb::IOStatus NewDirectory(const std::string& name, const rocksdb::IOOptions& options,
                                 std::unique_ptr<rocksdb::FSDirectory>* result,
                                 rocksdb::IODebugContext* debug) override;
  rocksdb::IOStatus DeleteFile(const std::string& name, const rocksdb::IOOptions& options,
                               rocksdb::IODebugContext* debug) override;
  rocksdb::IOStatus Truncate(const std::string& name, std::size_t size, const rocksdb::IOOptions& options,
                             rocksdb::IODebugContext* debug) override;
  rocksdb::IOStatus RenameFile(const std::string& from, const std::string& to, const rocksdb::IOOptions& options,
                               rocksdb::IODebugContext* debug) override;
  rocksdb::IOStatus LinkFile(const std::string& from, const std::string& to, const rocksdb::IOOptions& options,
                             rocksdb::IODebugContext* debug) override;
  rocksdb::IOStatus CreateDir(const std::string& name, const rocksdb::IOOptions& options,
                              rocksdb::IODebugContext* debug) override;
  rocksdb::IOStatus CreateDirIfMissing(const std::string& name, const rocksdb::IOOptions& options,
                                       rocksdb::IODebugContext* debug) override;
  rocksdb::IOStatus DeleteDir(const std::string& name, const rocksdb::IOOptions& options,
                              rocksdb::IODebugContext* debug) override;
  // Files are never used again under another name here: RocksDB is not set to.
  rocksdb::IOStatus ReuseWritableFile(const std::string&, const std::string&, const rocksdb::FileOptions&,
                                      std::unique_ptr<rocksdb::FSWritableFile>*, rocksdb::IODebugContext*) override {
    return rocksdb::IOStatus::NotSupported("not recorded: reuse of a file");
  }

 private:
  class Writable;
  class InPlace;
  class Directory;
  using Act = std::function<rocksdb::IOStatus()>;

  // The path below the root, or empty for what is not recorded.
  std::string Within(const std::string& path) const;
  std::uint64_t FileOf(const std::string& path) const;
  // The caller holds the mutex.
  rocksdb::IOStatus Ask(const DiskOp& op);
  // Asks the gate, does `act`, records `op`, renames.
  rocksdb::IOStatus Do(DiskOp op, const Act& act);
  rocksdb::IOStatus Append(DiskOp op, rocksdb::FSWritableFile& file, const rocksdb::Slice& data);
  void Note(const DiskOp& op);

  const std::string root_;
  mutable std::mutex mutex_;
  Gate gate_;
  std::size_t refused_ = 0;
  std::vector<DiskOp> ops_;
  std::map<std::string, std::uint64_t> names_;
  std::uint64_t last_file_ = 0;
};

}  // namespace outpost::test
