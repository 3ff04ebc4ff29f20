#include "journal/disk.h"

namespace outpost::journal {
namespace {

Result<void> SyncFolder(const Disk& disk, const std::filesystem::path& folder) {
  std::unique_ptr<rocksdb::FSDirectory> directory;
  auto status = disk->NewDirectory(folder.string(), rocksdb::IOOptions(), &directory, nullptr);
  if (!status.ok()) return DiskError(status, "cannot open folder", folder);
  status = directory->FsyncWithDirOptions(rocksdb::IOOptions(), nullptr, rocksdb::DirFsyncOptions());
  if (!status.ok()) return DiskError(status, "cannot sync folder", folder);
  return Ok();
}

}  // namespace

Disk DiskOf(rocksdb::Env* env) { return env != nullptr ? env->GetFileSystem() : rocksdb::FileSystem::Default(); }

Error DiskError(const rocksdb::IOStatus& status, std::string_view what, const std::filesystem::path& path) {
  const Code code = status.IsNotFound() || status.IsPathNotFound() ? Code::kNotFound
                    : status.IsCorruption()                        ? Code::kCorrupt
                                                                   : Code::kUnavailable;
  return {code, Retry::kNever, std::string(what) + " " + path.string() + ": " + status.ToString()};
}

Result<bool> Exists(const Disk& disk, const std::filesystem::path& path) {
  const auto status = disk->FileExists(path.string(), rocksdb::IOOptions(), nullptr);
  if (status.ok()) return true;
  if (status.IsNotFound() || status.IsPathNotFound()) return false;
  return DiskError(status, "cannot look for", path);
}

Result<std::string> ReadWhole(const Disk& disk, const std::filesystem::path& path) {
  std::string content;
  const auto status = rocksdb::ReadFileToString(disk.get(), path.string(), &content);
  if (!status.ok()) return DiskError(status, "cannot read", path);
  return content;
}

Result<void> WriteDurably(const Disk& disk, const std::filesystem::path& path, std::string_view content) {
  const std::string fresh = path.string() + ".new";
  auto status = rocksdb::WriteStringToFile(disk.get(), rocksdb::Slice(content.data(), content.size()), fresh, true);
  if (!status.ok()) return DiskError(status, "cannot write", fresh);
  status = disk->RenameFile(fresh, path.string(), rocksdb::IOOptions(), nullptr);
  if (!status.ok()) {
    disk->DeleteFile(fresh, rocksdb::IOOptions(), nullptr).PermitUncheckedError();
    return DiskError(status, "cannot replace", path);
  }
  return SyncFolder(disk, path.has_parent_path() ? path.parent_path() : ".");
}

Result<std::unique_ptr<WitnessFile>> WitnessFile::Open(const Disk& disk, const std::filesystem::path& path) {
  std::unique_ptr<rocksdb::FSRandomRWFile> file;
  const auto status = disk->NewRandomRWFile(path.string(), rocksdb::FileOptions(), &file, nullptr);
  if (!status.ok()) return DiskError(status, "cannot open", path);
  return std::unique_ptr<WitnessFile>(new WitnessFile(std::move(file), path));
}

Result<void> WitnessFile::Write(std::string_view content) {
  const rocksdb::Slice bytes(content.data(), content.size());
  const auto status = file_->Write(0, bytes, rocksdb::IOOptions(), nullptr);
  if (!status.ok()) return DiskError(status, "cannot write", path_);
  return Ok();
}

Result<void> WitnessFile::Sync() {
  const auto status = file_->Sync(rocksdb::IOOptions(), nullptr);
  if (!status.ok()) return DiskError(status, "cannot sync", path_);
  return Ok();
}

}  // namespace outpost::journal
