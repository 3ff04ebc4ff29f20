#pragma once
#include <filesystem>
#include <string>

#include "base/clock.h"
#include "care/packing.h"

namespace outpost {

struct BackupReport {
  BackupManifest manifest;
  std::uint64_t bytes = 0;          // of the files in it
  std::uint64_t archive_bytes = 0;  // of the backup
};

// Packs the journal `checkpoint` (made by Journal::MakeCheckpoint, standing still) into `file`: proves its events,
// packs its files and a manifest, reads all of it back and compares every hash, and only then gives it its name; until
// then it is `file` with ".part" behind, of which nothing is left after an error. Memory does not grow with the
// journal, but for a line of the manifest per file. What is encrypted stays so: `key` is for the proof only. Never
// packs the account's secrets: they are not in the journal. Errors: kConflict
// (`file` is there, or is being written), kCorrupt (the journal or what was read back is damaged), kUnavailable.
Result<BackupReport> PackJournal(const std::filesystem::path& checkpoint, const KeySource& key,
                                 const std::string& account, const std::filesystem::path& file, Existing existing,
                                 const Clock& clock, const CareProgress& progress);

// Reads the whole backup and checks every hash against its manifest; writes nothing. Errors: kNotFound, kInvalid (no
// backup, or an entry that must not be in one: named), kCorrupt (cut off, or differs from the manifest: named),
// kNewerFormat, kUnavailable.
Result<BackupManifest> CheckBackup(const std::filesystem::path& file, const CareProgress& progress);

// The same, and unpacks it below the empty folder `into`; what is there is believed only after it has returned. Errors:
// as CheckBackup, and kUnavailable when an entry would not fit on the disk.
Result<BackupManifest> UnpackBackup(const std::filesystem::path& file, const std::filesystem::path& into,
                                    const CareProgress& progress);

}  // namespace outpost
