#include "base/system/files.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <fstream>

namespace outpost {
namespace {

Error FileError(const char* what, const std::filesystem::path& path, int error) {
  return {error == ENOENT ? Code::kNotFound : Code::kUnavailable, Retry::kNever,
          std::string(what) + " " + path.string() + ": " + std::strerror(error)};
}

Result<void> WriteAll(int descriptor, std::string_view content, const std::filesystem::path& path) {
  while (!content.empty()) {
    const ssize_t written = ::write(descriptor, content.data(), content.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return FileError("cannot write", path, errno);
    content.remove_prefix(static_cast<std::size_t>(written));
  }
  return Ok();
}

Result<void> SyncFolder(const std::filesystem::path& folder) {
  const int descriptor = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (descriptor < 0) return FileError("cannot open folder", folder, errno);
  const int failed = ::fsync(descriptor) != 0 ? errno : 0;
  ::close(descriptor);
  if (failed != 0) return FileError("cannot sync folder", folder, failed);
  return Ok();
}

Result<void> PutInPlace(const std::filesystem::path& path, std::string_view content, bool sync) {
  std::string temporary = path.string() + ".XXXXXX";
  const int descriptor = ::mkstemp(temporary.data());
  if (descriptor < 0) return FileError("cannot create a file beside", path, errno);
  Result<void> done = WriteAll(descriptor, content, temporary);
  if (done && sync && ::fsync(descriptor) != 0) done = FileError("cannot sync", temporary, errno);
  ::close(descriptor);
  if (done && ::rename(temporary.c_str(), path.c_str()) != 0) done = FileError("cannot replace", path, errno);
  if (!done) {
    ::unlink(temporary.c_str());
    return done;
  }
  return sync ? SyncFolder(path.has_parent_path() ? path.parent_path() : ".") : Ok();
}

}  // namespace

Result<std::string> ReadFile(const std::filesystem::path& path) {
  errno = 0;
  std::ifstream in(path, std::ios::binary);
  if (!in) return FileError("cannot open", path, errno != 0 ? errno : EIO);
  std::string content;
  char piece[1 << 16];
  while (in.read(piece, sizeof piece) || in.gcount() > 0) content.append(piece, static_cast<std::size_t>(in.gcount()));
  if (in.bad()) return FileError("cannot read", path, errno != 0 ? errno : EIO);
  return content;
}

Result<void> WriteFileDurably(const std::filesystem::path& path, std::string_view content) {
  return PutInPlace(path, content, true);
}

Result<void> ReplaceFile(const std::filesystem::path& path, std::string_view content) {
  return PutInPlace(path, content, false);
}

Result<void> MakeFolder(const std::filesystem::path& path) {
  std::error_code error;
  const auto parent = std::filesystem::absolute(path).parent_path();
  if (!std::filesystem::exists(path, error) && !error && parent != path) OUTPOST_TRYV(MakeFolder(parent));
  const bool created = !error && std::filesystem::create_directory(path, error);
  if (error) return FileError("cannot create folder", path, error.value());
  if (!created) return Ok();
  std::filesystem::permissions(path, std::filesystem::perms::owner_all, error);
  if (error) return FileError("cannot set the rights of folder", path, error.value());
  return SyncFolder(parent);
}

Result<std::string> FolderIdentity(const std::filesystem::path& path) {
  struct ::stat found {};
  if (::stat(path.c_str(), &found) != 0) return FileError("cannot look at", path, errno);
  return std::to_string(found.st_ino);  // not the device: its number may change with each start of the computer
}

Result<std::filesystem::path> MakeTemporaryFolder(std::string_view prefix) {
  std::error_code error;
  const auto base = std::filesystem::temp_directory_path(error);
  if (error) return FileError("cannot find the folder for temporary files", "", error.value());
  std::string name = (base / (std::string(prefix) + "XXXXXX")).string();
  if (::mkdtemp(name.data()) == nullptr) return FileError("cannot create folder", name, errno);
  return std::filesystem::path(name);
}

Result<std::uint64_t> FreeBytes(const std::filesystem::path& path) {
  struct statvfs info {};
  if (::statvfs(path.c_str(), &info) != 0) return FileError("cannot ask for the free space of", path, errno);
  return static_cast<std::uint64_t>(info.f_bavail) * info.f_frsize;
}

Result<std::unique_ptr<FileLock>> FileLock::Take(const std::filesystem::path& path) {
  const int descriptor = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (descriptor < 0) return FileError("cannot open", path, errno);
  if (::flock(descriptor, LOCK_EX | LOCK_NB) != 0) {
    const int error = errno;
    ::close(descriptor);
    if (error == EWOULDBLOCK) return Error{Code::kConflict, Retry::kBackoff, "another process holds " + path.string()};
    return FileError("cannot lock", path, error);
  }
  return std::unique_ptr<FileLock>(new FileLock(descriptor));
}

FileLock::~FileLock() { ::close(descriptor_); }

}  // namespace outpost
