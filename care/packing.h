#pragma once
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "care/archive.h"
#include "care/manifest.h"
#include "care/prove.h"

namespace outpost {

// What backups and bundles for support share: an archive of files, whose last entry is a manifest that tells all of
// them. Threads: one.

enum class Existing { kRefuse, kReplace };

// A file to be packed, and what it is called there.
struct FileToPack {
  std::string name;
  std::filesystem::path path;
  std::uint64_t bytes = 0;
};

inline constexpr std::string_view kJournalPrefix = "journal/";

// The files of the journal in `folder`, as "journal/…", by name; not RocksDB's lock and own log, which are of the open
// that made them. Errors: kInvalid (a file that no journal has), kUnavailable.
Result<std::vector<FileToPack>> JournalFiles(const std::filesystem::path& folder);

// What is refused in an archive, and how it is called in what is said of it.
struct ArchiveKind {
  const char* name;                                 // "backup"
  std::function<bool(const std::string&)> belongs;  // whether an entry of that name, not the manifest, may be in it
};

// Packs `files`, then `manifest` with what they are, into `part`; reads it back and compares every hash. The manifest's
// list of files is filled in. Errors: kConflict (`part` is being written), kCorrupt, kUnavailable.
Result<void> PackFiles(const std::vector<FileToPack>& files, const std::filesystem::path& part, const ArchiveKind& kind,
                       BackupManifest& manifest, const CareProgress& progress);

// Reads the whole archive and checks every hash. Errors: kNotFound, kInvalid (none of that kind: named), kCorrupt,
// kNewerFormat, kUnavailable.
Result<BackupManifest> CheckPacked(const std::filesystem::path& file, const ArchiveKind& kind,
                                   const CareProgress& progress);
// The same, and unpacks it below `into`; what is there is believed only after it has returned.
Result<BackupManifest> UnpackPacked(const std::filesystem::path& file, const std::filesystem::path& into,
                                    const ArchiveKind& kind, const CareProgress& progress);

// Runs `pack`, which writes the file it is given, and gives that the name `file` only when it succeeds; nothing is left
// behind after an error. Errors: kConflict (`file` is there), those of `pack`, kUnavailable.
Result<void> PackAs(const std::filesystem::path& file, Existing existing,
                    const std::function<Result<void>(const std::filesystem::path&)>& pack);

std::uint64_t SizeOfFile(const std::filesystem::path& file);

}  // namespace outpost
