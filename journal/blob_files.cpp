#include "journal/blob_files.h"

#include <charconv>

#include "base/bytes.h"
#include "journal/blob_format.h"
#include "journal/layout.h"

namespace outpost::journal {
namespace {

constexpr std::string_view kTemporaryPrefix = "tmp-";

Error FileError(const rocksdb::IOStatus& status, const char* what, const std::string& path) {
  Code code = Code::kUnavailable;
  if (status.IsNotFound() || status.IsPathNotFound()) code = Code::kNotFound;
  if (status.IsCorruption()) code = Code::kCorrupt;  // an encrypted file whose beginning is not one
  return {code, Retry::kBackoff, std::string(what) + " " + path + ": " + status.ToString()};
}

}  // namespace

BlobFiles::BlobFiles(std::shared_ptr<Rocks> rocks)
    : rocks_(std::move(rocks)),
      root_(BlobsPath(std::filesystem::path(rocks_->db().GetName()).parent_path()).string()) {}

std::string BlobFiles::Relative(const Digest& name) {
  const std::string hex = ToHex(name);
  return "blobs/" + hex.substr(0, 2) + "/" + hex;
}

std::string BlobFiles::FolderFor(const Digest& name) const { return root_ + "/" + ToHex(Bytes(name).first(1)); }
std::string BlobFiles::Path(const Digest& name) const { return FolderFor(name) + "/" + ToHex(name); }
std::string BlobFiles::TemporaryPath(std::uint64_t number) const {
  return root_ + "/" + std::string(kTemporaryPrefix) + std::to_string(number);
}

Result<std::unique_ptr<rocksdb::FSWritableFile>> BlobFiles::Create(const std::string& path) const {
  std::unique_ptr<rocksdb::FSWritableFile> file;
  const auto status = fs().NewWritableFile(path, rocksdb::FileOptions(), &file, nullptr);
  if (!status.ok()) return FileError(status, "cannot create", path);
  return file;
}

Result<std::unique_ptr<rocksdb::FSRandomAccessFile>> BlobFiles::Open(const std::string& path) const {
  std::unique_ptr<rocksdb::FSRandomAccessFile> file;
  const auto status = fs().NewRandomAccessFile(path, rocksdb::FileOptions(), &file, nullptr);
  if (!status.ok()) return FileError(status, "cannot open", path);
  return file;
}

Result<std::uint64_t> BlobFiles::Size(const std::string& path) const {
  std::uint64_t size = 0;
  const auto status = fs().GetFileSize(path, rocksdb::IOOptions(), &size, nullptr);
  if (!status.ok()) return FileError(status, "cannot ask for the size of", path);
  return size;
}

Result<void> BlobFiles::Remove(const std::string& path) const {
  const auto status = fs().DeleteFile(path, rocksdb::IOOptions(), nullptr);
  if (status.ok()) return Ok();
  auto error = FileError(status, "cannot remove", path);
  if (error.code == Code::kNotFound) return Ok();
  return error;
}

Result<void> BlobFiles::Rename(const std::string& from, const std::string& to) const {
  const auto status = fs().RenameFile(from, to, rocksdb::IOOptions(), nullptr);
  if (!status.ok()) return FileError(status, "cannot rename a new blob to", to);
  return Ok();
}

Result<void> BlobFiles::SyncFolder(const std::string& path) const {
  std::unique_ptr<rocksdb::FSDirectory> folder;
  auto status = fs().NewDirectory(path, rocksdb::IOOptions(), &folder, nullptr);
  if (!status.ok()) return FileError(status, "cannot open folder", path);
  status = folder->FsyncWithDirOptions(rocksdb::IOOptions(), nullptr, rocksdb::DirFsyncOptions());
  if (status.ok()) return Ok();
  Error error = FileError(status, "cannot sync folder", path);
  error.code = Code::kCorrupt;
  return error;
}

Result<void> BlobFiles::MakeFolder(const std::string& path, const std::string& parent) const {
  const auto status = fs().CreateDirIfMissing(path, rocksdb::IOOptions(), nullptr);
  if (!status.ok()) return FileError(status, "cannot create folder", path);
  return SyncFolder(parent);
}

Result<void> BlobFiles::MakeRoot() const {
  return MakeFolder(root_, std::filesystem::path(root_).parent_path().string());
}
Result<void> BlobFiles::MakeFolderFor(const Digest& name) const { return MakeFolder(FolderFor(name), root_); }
Result<void> BlobFiles::SyncFolderFor(const Digest& name) const { return SyncFolder(FolderFor(name)); }

Result<std::vector<std::string>> BlobFiles::Children(const std::string& path) const {
  std::vector<std::string> names;
  const auto status = fs().GetChildren(path, rocksdb::IOOptions(), &names, nullptr);
  if (status.ok()) return names;
  auto error = FileError(status, "cannot list", path);
  if (error.code == Code::kNotFound) return std::vector<std::string>();
  return error;
}

Result<std::vector<BlobFiles::Found>> BlobFiles::List(std::uint8_t first) const {
  const std::string folder = FolderFor(Digest{first});
  OUTPOST_TRY(const auto names, Children(folder));
  std::vector<Found> found;
  for (const std::string& hex : names) {
    const auto name = ParseDigest(hex);
    if (!name || (*name)[0] != first) continue;
    const auto size = Size(folder + "/" + hex);
    if (!size && size.error().code == Code::kNotFound) continue;  // removed meanwhile
    if (!size) return size.error();
    found.push_back({*name, size.value()});
  }
  return found;
}

Result<std::vector<std::uint64_t>> BlobFiles::Temporaries() const {
  OUTPOST_TRY(const auto names, Children(root_));
  std::vector<std::uint64_t> numbers;
  for (const std::string& name : names) {
    if (!name.starts_with(kTemporaryPrefix)) continue;
    std::uint64_t number = 0;
    const char* const end = name.data() + name.size();
    const auto parsed = std::from_chars(name.data() + kTemporaryPrefix.size(), end, number);
    if (parsed.ec == std::errc() && parsed.ptr == end) numbers.push_back(number);
  }
  return numbers;
}

void NameBlobs(Rocks& rocks, std::shared_ptr<const DataKey> key) {
  rocks.set_blob_name([key = std::move(key)](const Digest& id) { return key ? key->NameOf(id) : id; });
}

}  // namespace outpost::journal
