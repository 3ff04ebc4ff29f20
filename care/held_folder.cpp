#include "care/held_folder.h"

#include <vector>

#include "base/system/file_steps.h"

namespace outpost {
namespace {

namespace fs = std::filesystem;

constexpr const char* kLockName = "held";

constexpr std::size_t kRandomCharacters = 6;  // of a temporary folder's name

// Of a folder of ours alone: it has the lock already. What a person made may begin as they do.
bool MayBeOurs(const fs::path& path, const std::string& prefix) {
  const std::string name = path.filename().string();
  std::error_code error;
  return name.starts_with(prefix) && name.size() == prefix.size() + kRandomCharacters &&
         fs::is_regular_file(fs::symlink_status(path / kLockName, error));
}

void RemoveAbandoned(const fs::path& base, const std::string& prefix) {
  std::error_code error;
  std::vector<fs::path> found;
  for (fs::directory_iterator at(base, error), end; !error && at != end; at.increment(error))
    if (MayBeOurs(at->path(), prefix)) found.push_back(at->path());
  for (const fs::path& folder : found)
    if (const auto lock = FileLock::Take(folder / kLockName)) fs::remove_all(folder, error);
}

}  // namespace

Result<std::unique_ptr<HeldFolder>> HeldFolder::Make(const fs::path& base, const std::string& prefix) {
  RemoveAbandoned(base, prefix);
  OUTPOST_TRY(const fs::path path, MakeTemporaryFolderIn(base, prefix));
  OUTPOST_TRY(auto lock, FileLock::Take(path / kLockName));
  return std::unique_ptr<HeldFolder>(new HeldFolder(path, std::move(lock)));
}

HeldFolder::~HeldFolder() {
  std::error_code ignored;
  if (!path_.empty()) fs::remove_all(path_, ignored);
}

Result<void> HeldFolder::KeepAs(const fs::path& to) {
  std::error_code ignored;
  if (fs::exists(fs::symlink_status(to, ignored)))
    return Error{Code::kConflict, Retry::kNever, to.string() + " is there already"};
  fs::remove(path_ / kLockName, ignored);
  OUTPOST_TRYV(MoveDurably(path_, to));
  path_.clear();
  return Ok();
}

}  // namespace outpost
