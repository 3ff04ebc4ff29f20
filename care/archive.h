#pragma once
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/result.h"

namespace outpost {

// One file in an archive.
struct ArchivedFile {
  std::string name;  // path inside the archive, parts joined by "/"
  std::uint64_t bytes = 0;
  Digest sha256{};
  bool operator==(const ArchivedFile&) const = default;
};

using PieceFn = std::function<Result<void>(std::string_view)>;

// Writes a compressed archive (tar in zstd) as a stream: memory does not grow with the files. Threads: one.
class ArchiveWriter {
 public:
  // Errors: those of NewFile::Create.
  static Result<std::unique_ptr<ArchiveWriter>> Create(const std::filesystem::path& path);
  virtual ~ArchiveWriter() = default;
  // Adds the file `from` as `name`; `piece` sees its bytes as they go by and may be empty. Errors: kNotFound,
  // kUnavailable (cannot be read or written, or it changed its size meanwhile).
  virtual Result<ArchivedFile> AddFile(const std::string& name, const std::filesystem::path& from,
                                       const PieceFn& piece) = 0;
  virtual Result<void> AddText(const std::string& name, std::string_view content) = 0;
  // Ends the archive and has it on disk. Nothing may be added any more.
  virtual Result<void> Finish() = 0;
};

// Reads such an archive as a stream. What it is given may be hostile: only plain files with plain relative names come
// out of it. Threads: one.
class ArchiveReader {
 public:
  // Errors: kNotFound, kUnavailable, kInvalid (no such archive).
  static Result<std::unique_ptr<ArchiveReader>> Open(const std::filesystem::path& path);
  virtual ~ArchiveReader() = default;
  struct Entry {
    std::string name;
    std::uint64_t bytes = 0;  // as it says itself
  };
  // The next file; nullopt at the end. Errors: kCorrupt (cut off, or damaged), kInvalid (an entry that must not be
  // there: a link, an absolute path, "..", a sparse file; named).
  virtual Result<std::optional<Entry>> Next() = 0;
  // The content of the entry at hand in pieces, and its hash. Errors: kCorrupt (cut off, or more or fewer bytes than
  // it said), those of `piece`.
  virtual Result<Digest> Read(const PieceFn& piece) = 0;
};

// Whether `name` is a plain relative path: parts of letters, digits, ".", "-" and "_" that do not begin with ".", at
// most four of them and 200 characters.
bool IsPlainName(std::string_view name);

}  // namespace outpost
