#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/ids.h"
#include "care/archive.h"

namespace outpost {

// What a backup says of itself: its last entry. Source: docs/cli.md, "Backups".
struct BackupManifest {
  std::string account;              // USER@HOST[:PORT]
  Millis time{0};                   // when it was made
  bool encrypted = false;           // a key is needed to read the journal in it
  Sequence first = 0;               // oldest event
  Sequence last = 0;                // newest event
  Digest root{};                    // names the whole history
  std::vector<ArchivedFile> files;  // all entries before the manifest, in their order
};

inline constexpr std::uint32_t kBackupFormat = 1;
inline constexpr std::string_view kManifestName = "manifest.json";
// Names of 400,000 files. Above, reading a hostile one would eat the memory.
inline constexpr std::uint64_t kManifestBytesMax = 64u << 20;

std::string EncodeManifest(const BackupManifest& manifest);
// Errors: kCorrupt, kNewerFormat.
Result<BackupManifest> DecodeManifest(std::string_view bytes);

}  // namespace outpost
