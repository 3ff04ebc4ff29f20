#pragma once
#include <filesystem>
#include <memory>
#include <string>

#include "base/result.h"
#include "base/system/files.h"

namespace outpost {

// A temporary folder that goes with the object, and one day with whoever comes next if the process died: its owner
// holds a lock in it, and making one removes its namesakes that nobody holds. Threads: one.
class HeldFolder {
 public:
  // In `base`, called `prefix` and six characters. Errors: kUnavailable.
  static Result<std::unique_ptr<HeldFolder>> Make(const std::filesystem::path& base, const std::string& prefix);
  ~HeldFolder();
  HeldFolder(const HeldFolder&) = delete;
  HeldFolder& operator=(const HeldFolder&) = delete;

  const std::filesystem::path& path() const { return path_; }
  // Renames it to `to`, durably: from then on it stays. Errors: kConflict (`to` is there), kUnavailable; it is
  // temporary as before then.
  Result<void> KeepAs(const std::filesystem::path& to);

 private:
  HeldFolder(std::filesystem::path path, std::unique_ptr<FileLock> lock)
      : path_(std::move(path)), lock_(std::move(lock)) {}
  std::filesystem::path path_;
  std::unique_ptr<FileLock> lock_;
};

}  // namespace outpost
