#include "care/backup.h"

namespace outpost {
namespace {

namespace fs = std::filesystem;

const ArchiveKind kBackup{"backup", [](const std::string& name) { return name.starts_with(kJournalPrefix); }};

Result<void> Pack(const fs::path& checkpoint, const KeySource& key, const std::string& account, const fs::path& part,
                  const Clock& clock, const CareProgress& progress, BackupReport& report) {
  BackupManifest& manifest = report.manifest;
  if (progress) progress("proving", 0, 0);
  OUTPOST_TRY(const VerifyReport proof, ProveEvents(checkpoint, key));
  if (!proof.chain_ok)
    return Error{Code::kCorrupt, Retry::kNever,
                 "the journal is damaged, a backup of it would be too: " + proof.problem + "; see \"journal salvage\""};
  OUTPOST_TRY(const auto files, JournalFiles(checkpoint));
  std::error_code ignored;
  manifest.account = account;
  manifest.time = clock.WallNow();
  manifest.encrypted = fs::exists(checkpoint / "KEY", ignored);
  manifest.first = proof.first;
  manifest.last = proof.last;
  manifest.root = proof.root;
  for (const FileToPack& file : files) report.bytes += file.bytes;
  OUTPOST_TRYV(PackFiles(files, part, kBackup, manifest, progress));
  report.archive_bytes = SizeOfFile(part);
  return Ok();
}

}  // namespace

Result<BackupReport> PackJournal(const fs::path& checkpoint, const KeySource& key, const std::string& account,
                                 const fs::path& file, Existing existing, const Clock& clock,
                                 const CareProgress& progress) {
  BackupReport report;
  OUTPOST_TRYV(PackAs(file, existing, [&](const fs::path& part) {
    return Pack(checkpoint, key, account, part, clock, progress, report);
  }));
  return report;
}

Result<BackupManifest> CheckBackup(const fs::path& file, const CareProgress& progress) {
  return CheckPacked(file, kBackup, progress);
}

Result<BackupManifest> UnpackBackup(const fs::path& file, const fs::path& into, const CareProgress& progress) {
  return UnpackPacked(file, into, kBackup, progress);
}

}  // namespace outpost
