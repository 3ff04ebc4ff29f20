#pragma once
#include <filesystem>
#include <string>

#include "base/log.h"
#include "care/packing.h"
#include "journal/journal.h"

namespace outpost {

// A bundle: all that support needs of an account, in one file. It is an account's folder (a journal, last-run.json, the
// end of outpost.log, trace/) with bundle.json, which says what it was made of, packed as a backup is. Without contents
// the journal in it is one of its own: the same events at the same sequences, with tokens in place of what people wrote
// (care/redact.h), under a chain of its own. Source: docs/cli.md, "Bundles".

struct BundleOptions {
  std::filesystem::path account;  // the folder
  std::string name;               // USER@HOST[:PORT]
  std::filesystem::path file;
  std::string program;  // its version
  bool content = false;
  Existing existing = Existing::kRefuse;
};

struct BundleReport {
  BackupManifest manifest;  // its account is a token where contents are not shown
  std::uint64_t events = 0;
  std::uint64_t bytes = 0;         // of the files in it
  std::uint64_t bundle_bytes = 0;  // of the bundle
  std::uint64_t trace_bytes = 0;
};

// Packs what `view` shows, and the files beside the journal, into options.file. Never the account's secrets. Works
// beside whoever holds the account, and changes nothing of it; what is being made lies beside the bundle meanwhile,
// readable by the owner. Memory does not grow with the journal but for its folds, as of an open. Errors: kConflict (the
// file is there), kCorrupt (the journal is damaged: named), kUnavailable; nothing is left then. Threads: any.
Result<BundleReport> PackBundle(const JournalView& view, const BundleOptions& options, const Clock& clock,
                                const CareProgress& progress);

// Reads the whole bundle, checks every hash, and unpacks it below the empty folder `into`, which is then read as the
// account's. Errors: as UnpackBackup.
Result<BackupManifest> UnpackBundle(const std::filesystem::path& file, const std::filesystem::path& into,
                                    const CareProgress& progress);

// What is in a bundle beside its journal.
inline constexpr const char* kBundleFacts = "bundle.json";
inline constexpr const char* kBundleLog = "outpost.log";
inline constexpr const char* kBundleTrace = "trace";
inline constexpr std::size_t kBundleLogBytes = 256u << 10;  // of the log's end

}  // namespace outpost
