#include "tests/journal/blob_fs.h"

#include <algorithm>

namespace outpost::test {
namespace {

bool IsBlob(const std::string& path) { return path.find("/blobs/") != std::string::npos || path.ends_with("/blobs"); }

}  // namespace

using rocksdb::IODebugContext;
using rocksdb::IOOptions;
using rocksdb::IOStatus;

IOStatus BlobFs::Step(const char* what) {
  const std::lock_guard lock(mutex_);
  const std::uint64_t number = operations_++;
  if (number >= stop_at_) return IOStatus::IOError("injected", "stopped");
  log_.emplace_back(what);
  return number == fail_at_ ? failure_ : IOStatus::OK();
}

class BlobFs::File final : public rocksdb::FSWritableFileOwnerWrapper {
 public:
  File(BlobFs& fs, std::filesystem::path path, std::unique_ptr<rocksdb::FSWritableFile> file)
      : FSWritableFileOwnerWrapper(std::move(file)), fs_(fs), path_(std::move(path)) {}
  using FSWritableFileOwnerWrapper::Append;
  IOStatus Append(const rocksdb::Slice& data, const IOOptions& options, IODebugContext* debug) override {
    if (auto step = fs_.Step("append"); !step.ok()) return step;
    size_ += data.size();
    return target()->Append(data, options, debug);
  }
  IOStatus Fsync(const IOOptions& options, IODebugContext* debug) override {
    if (auto step = fs_.Step("fsync"); !step.ok()) return step;
    const std::lock_guard lock(fs_.mutex_);
    for (auto& [path, bytes] : fs_.synced_)
      if (path == path_) bytes = size_;
    return target()->Fsync(options, debug);
  }
  IOStatus Sync(const IOOptions& options, IODebugContext* debug) override { return Fsync(options, debug); }

 private:
  BlobFs& fs_;
  const std::filesystem::path path_;
  std::uint64_t size_ = 0;
};

class BlobFs::Directory final : public rocksdb::FSDirectoryWrapper {
 public:
  Directory(BlobFs& fs, std::filesystem::path path, std::unique_ptr<rocksdb::FSDirectory> directory)
      : FSDirectoryWrapper(std::move(directory)), fs_(fs), path_(std::move(path)) {}
  IOStatus Fsync(const IOOptions& options, IODebugContext* debug) override {
    if (auto step = Passed(); !step.ok()) return step;
    return FSDirectoryWrapper::Fsync(options, debug);
  }
  IOStatus FsyncWithDirOptions(const IOOptions& options, IODebugContext* debug,
                               const rocksdb::DirFsyncOptions& directory) override {
    if (auto step = Passed(); !step.ok()) return step;
    return FSDirectoryWrapper::FsyncWithDirOptions(options, debug, directory);
  }

 private:
  IOStatus Passed() {
    if (auto step = fs_.Step("fsync folder"); !step.ok()) return step;
    const std::lock_guard lock(fs_.mutex_);
    std::erase_if(fs_.renames_, [&](const auto& rename) { return rename.second.parent_path() == path_; });
    std::erase_if(fs_.folders_, [&](const auto& folder) { return folder.parent_path() == path_; });
    return IOStatus::OK();
  }
  BlobFs& fs_;
  const std::filesystem::path path_;
};

void BlobFs::LosePower() {
  std::error_code gone;
  for (auto rename = renames_.rbegin(); rename != renames_.rend(); ++rename)
    std::filesystem::rename(rename->second, rename->first, gone);
  for (const auto& [path, bytes] : synced_)
    if (std::filesystem::exists(path, gone) && std::filesystem::file_size(path) > bytes)
      std::filesystem::resize_file(path, bytes);
  for (const auto& folder : folders_) std::filesystem::remove_all(folder, gone);
}

IOStatus BlobFs::NewWritableFile(const std::string& name, const rocksdb::FileOptions& options,
                                 std::unique_ptr<rocksdb::FSWritableFile>* result, IODebugContext* debug) {
  if (!IsBlob(name)) return target()->NewWritableFile(name, options, result, debug);
  if (auto step = Step("create"); !step.ok()) return step;
  auto status = target()->NewWritableFile(name, options, result, debug);
  if (!status.ok()) return status;
  const std::lock_guard lock(mutex_);
  std::erase_if(synced_, [&](const auto& file) { return file.first == name; });
  synced_.emplace_back(name, 0);
  *result = std::make_unique<File>(*this, name, std::move(*result));
  return status;
}

IOStatus BlobFs::NewDirectory(const std::string& name, const IOOptions& options,
                              std::unique_ptr<rocksdb::FSDirectory>* result, IODebugContext* debug) {
  auto status = target()->NewDirectory(name, options, result, debug);
  const std::lock_guard lock(mutex_);
  const bool parent =
      std::any_of(folders_.begin(), folders_.end(), [&](const auto& folder) { return folder.parent_path() == name; });
  if (status.ok() && (IsBlob(name) || parent)) *result = std::make_unique<Directory>(*this, name, std::move(*result));
  return status;
}

IOStatus BlobFs::CreateDirIfMissing(const std::string& name, const IOOptions& options, IODebugContext* debug) {
  if (!IsBlob(name)) return target()->CreateDirIfMissing(name, options, debug);
  if (auto step = Step("create folder"); !step.ok()) return step;
  const std::lock_guard lock(mutex_);
  if (!std::filesystem::exists(name)) folders_.emplace_back(name);
  return target()->CreateDirIfMissing(name, options, debug);
}

IOStatus BlobFs::RenameFile(const std::string& from, const std::string& to, const IOOptions& options,
                            IODebugContext* debug) {
  if (!IsBlob(to)) return target()->RenameFile(from, to, options, debug);
  if (auto step = Step("rename"); !step.ok()) return step;
  const std::lock_guard lock(mutex_);
  renames_.emplace_back(from, to);
  return target()->RenameFile(from, to, options, debug);
}

IOStatus BlobFs::DeleteFile(const std::string& name, const IOOptions& options, IODebugContext* debug) {
  if (!IsBlob(name)) return target()->DeleteFile(name, options, debug);
  if (auto step = Step("delete"); !step.ok()) return step;
  return target()->DeleteFile(name, options, debug);
}

}  // namespace outpost::test
