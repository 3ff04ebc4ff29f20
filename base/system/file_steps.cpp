#include "base/system/file_steps.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <vector>

namespace outpost {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kPieceBytes = 256u << 10;

Error StepError(const char* what, const fs::path& path, int error) {
  const Code code = error == ENOENT                                            ? Code::kNotFound
                    : error == EEXIST || error == ENOTEMPTY || error == EISDIR ? Code::kConflict
                                                                               : Code::kUnavailable;
  return {code, Retry::kNever, std::string(what) + " " + path.string() + ": " + std::strerror(error)};
}

// Closes a descriptor when it goes.
class Descriptor {
 public:
  explicit Descriptor(int number) : number_(number) {}
  ~Descriptor() {
    if (number_ >= 0) ::close(number_);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  int number() const { return number_; }

 private:
  int number_;
};

}  // namespace

Result<fs::path> MakeTemporaryFolderIn(const fs::path& base, std::string_view prefix) {
  std::string name = (base / (std::string(prefix) + "XXXXXX")).string();
  if (::mkdtemp(name.data()) == nullptr) return StepError("cannot create folder", name, errno);
  return fs::path(name);
}

Result<void> LinkOrCopy(const fs::path& from, const fs::path& to) {
  if (::link(from.c_str(), to.c_str()) == 0) return Ok();
  if (errno == ENOENT || errno == EEXIST) return StepError("cannot link", errno == ENOENT ? from : to, errno);
  return CopyFile(from, to);
}

Result<void> CopyFile(const fs::path& from, const fs::path& to) {
  std::error_code ignored;
  if (fs::exists(to, ignored)) return StepError("cannot copy to", to, EEXIST);
  OUTPOST_TRY(const auto copy, NewFile::Create(to));
  auto copied = ReadPieces(from, [&](std::string_view piece) { return copy->Write(piece); });
  if (copied) copied = copy->Sync();
  if (!copied) fs::remove(to, ignored);
  return copied;
}

Result<void> MoveDurably(const fs::path& from, const fs::path& to) {
  if (::rename(from.c_str(), to.c_str()) != 0) return StepError("cannot move to", to, errno);
  const fs::path folder = to.has_parent_path() ? to.parent_path() : ".";
  const Descriptor opened(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (opened.number() < 0 || ::fsync(opened.number()) != 0) return StepError("cannot sync folder", folder, errno);
  return Ok();
}

Result<void> ReadPieces(const fs::path& path, const std::function<Result<void>(std::string_view)>& piece) {
  const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (file.number() < 0) return StepError("cannot open", path, errno);
  std::vector<char> buffer(kPieceBytes);
  for (;;) {
    const ssize_t got = ::read(file.number(), buffer.data(), buffer.size());
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return StepError("cannot read", path, errno);
    if (got == 0) return Ok();
    OUTPOST_TRYV(piece({buffer.data(), static_cast<std::size_t>(got)}));
  }
}

Result<std::unique_ptr<NewFile>> NewFile::Create(const fs::path& path) {
  const int descriptor = ::open(path.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
  if (descriptor < 0) return StepError("cannot create", path, errno);
  std::unique_ptr<NewFile> file(new NewFile(descriptor, path));
  if (::flock(descriptor, LOCK_EX | LOCK_NB) != 0)
    return Error{Code::kConflict, Retry::kBackoff, "another process is writing " + path.string()};
  if (::ftruncate(descriptor, 0) != 0) return StepError("cannot empty", path, errno);
  return file;
}

NewFile::~NewFile() { ::close(descriptor_); }

Result<void> NewFile::Write(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(descriptor_, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return StepError("cannot write", path_, errno);
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
  return Ok();
}

Result<void> NewFile::Sync() {
  if (::fsync(descriptor_) != 0) return StepError("cannot sync", path_, errno);
  return Ok();
}

}  // namespace outpost
