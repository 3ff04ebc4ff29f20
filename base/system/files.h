#pragma once
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"

namespace outpost {

// The whole file. Errors: kNotFound, kUnavailable (named with the path and the system's text).
Result<std::string> ReadFile(const std::filesystem::path& path);

// Replaces the file as a whole, readable by the owner only: temporary file beside it, fsync, rename, fsync of the
// folder. After an error the old file is as it was. Errors: kUnavailable.
Result<void> WriteFileDurably(const std::filesystem::path& path, std::string_view content);

// The same without waiting for the disk: after a power cut it may be the old file, or one that is empty. For what is
// made anew by itself.
Result<void> ReplaceFile(const std::filesystem::path& path, std::string_view content);

// Creates the folder and its parents, each for the owner only, and syncs the folders they are new in; no error if it is
// there. Errors: kUnavailable.
Result<void> MakeFolder(const std::filesystem::path& path);

// A new empty folder under the system's folder for temporary files. Errors: kUnavailable.
Result<std::filesystem::path> MakeTemporaryFolder(std::string_view prefix);

// What the file system knows the folder by: it stays when the folder is renamed, and a copy has another. Errors:
// kUnavailable.
Result<std::string> FolderIdentity(const std::filesystem::path& path);

// Bytes that a writer without privileges may still use on the file system of `path`. Errors: kUnavailable.
Result<std::uint64_t> FreeBytes(const std::filesystem::path& path);

// An exclusive lock on the file at `path` (created if missing), held until the object goes; it goes with the process
// too.
class FileLock {
 public:
  // Errors: kConflict when another process holds it, kUnavailable otherwise.
  static Result<std::unique_ptr<FileLock>> Take(const std::filesystem::path& path);
  ~FileLock();
  FileLock(const FileLock&) = delete;
  FileLock& operator=(const FileLock&) = delete;

 private:
  explicit FileLock(int descriptor) : descriptor_(descriptor) {}
  int descriptor_;
};

}  // namespace outpost
