#pragma once
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <string_view>

#include "base/result.h"

// Steps for moving whole files about: streaming, linking, putting into place.
namespace outpost {

// A new empty folder in `base`, its name starting with `prefix`, for the owner only. Errors: kUnavailable.
Result<std::filesystem::path> MakeTemporaryFolderIn(const std::filesystem::path& base, std::string_view prefix);

// The second name `to` for the file `from`, or a copy where the file system has no such links; for files that are never
// changed in place. Errors: kNotFound (`from`), kConflict (`to` is there), kUnavailable.
Result<void> LinkOrCopy(const std::filesystem::path& from, const std::filesystem::path& to);
// A copy of its own, readable by the owner only. Errors: as LinkOrCopy.
Result<void> CopyFile(const std::filesystem::path& from, const std::filesystem::path& to);

// Renames and syncs the folder that holds `to`. What stood at `to` is replaced if it is a file; a folder there is
// kConflict. Errors: kNotFound, kConflict, kUnavailable.
Result<void> MoveDurably(const std::filesystem::path& from, const std::filesystem::path& to);

// Calls `piece` with the file's bytes in order, at most 256 KiB a call, until it fails. Errors: kNotFound,
// kUnavailable, those of `piece`.
Result<void> ReadPieces(const std::filesystem::path& path, const std::function<Result<void>(std::string_view)>& piece);

// A file that is written from its beginning to its end, readable by the owner only. Threads: one.
class NewFile {
 public:
  // Makes it, or empties what a process that died left there. Errors: kConflict (another process is writing it),
  // kNotFound (no such folder), kUnavailable.
  static Result<std::unique_ptr<NewFile>> Create(const std::filesystem::path& path);
  ~NewFile();
  NewFile(const NewFile&) = delete;
  NewFile& operator=(const NewFile&) = delete;

  // Errors: kUnavailable (disk full, named).
  Result<void> Write(std::string_view bytes);
  // What was written is on disk. Errors: kUnavailable.
  Result<void> Sync();
  const std::filesystem::path& path() const { return path_; }

 private:
  NewFile(int descriptor, std::filesystem::path path) : descriptor_(descriptor), path_(std::move(path)) {}
  int descriptor_;
  std::filesystem::path path_;
};

}  // namespace outpost
