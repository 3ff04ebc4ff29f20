#include "base/system/system_clock.h"
#include "care/backup.h"
#include "care/held_folder.h"
#include "care/restore.h"
#include "tools/outpost/access.h"
#include "tools/outpost/journal_verbs.h"
#include "tools/outpost/values.h"

namespace outpost::cli {
namespace {

CareProgress ShowOn(ProgressBar& bar) {
  return [&bar](const char* what, std::uint64_t done, std::uint64_t total) { bar.Show(what, done, total); };
}

Existing ExistingOf(const JournalArguments& arguments) {
  return arguments.force ? Existing::kReplace : Existing::kRefuse;
}

Json::Object ManifestJson(const BackupManifest& manifest) {
  return {{"account", manifest.account},   {"time", manifest.time.count()}, {"encrypted", manifest.encrypted},
          {"first", manifest.first},       {"last", manifest.last},         {"root", ToHex(manifest.root)},
          {"files", manifest.files.size()}};
}

// What opens a backup unpacked in `folder`: a passphrase, or the stored key of the account it was made of.
Result<KeySource> KeyOfBackup(const Common& common, const std::filesystem::path& folder, const std::string& account) {
  OUTPOST_TRY(const auto guard, EncryptionOf(JournalFolder(folder)));
  if (guard != KeyGuard::kStored) return GivenKey(folder);
  OUTPOST_TRY(const auto data, DataDirOf(common));
  OUTPOST_TRY(const auto place, PlaceNamed(data, common.account.empty() ? account : common.account));
  return GivenKey(place.folder);
}

}  // namespace

Result<std::unique_ptr<HeldFolder>> CheckpointOf(const AccountPlace& place, AccountCommands& commands) {
  const auto account = std::filesystem::absolute(place.folder);
  OUTPOST_TRY(auto held, HeldFolder::Make(account, ".checkpoint-"));
  OUTPOST_TRYV(commands.MakeCheckpoint(JournalFolder(held->path())));
  return held;
}

Result<int> JournalBackup(const Common& common, const JournalArguments& arguments) {
  OUTPOST_TRY(const auto place, PlaceOf(common));
  std::unique_ptr<HeldFolder> held;
  {
    OUTPOST_TRY(const auto access, WriteAccess::Open(place, {}));
    OUTPOST_TRY(held, CheckpointOf(place, access->commands()));
  }
  ProgressBar bar;
  const SystemClock clock;
  OUTPOST_TRY(const auto key, GivenKey(place.folder));
  OUTPOST_TRY(const auto report, PackJournal(JournalFolder(held->path()), key, place.name, arguments.file,
                                             ExistingOf(arguments), clock, ShowOn(bar)));
  Json::Object out = ManifestJson(report.manifest);
  out.emplace_back("bytes", report.bytes);
  out.emplace_back("backup", arguments.file);
  out.emplace_back("backup_bytes", report.archive_bytes);
  ShowReport(common.form(), out);
  return kExitDone;
}

Result<int> JournalRestore(const Common& common, const JournalArguments& arguments) {
  RestoreOptions options;
  OUTPOST_TRY(options.data, DataDirOf(common));
  options.file = arguments.file;
  options.account = common.account;
  options.existing = ExistingOf(arguments);
  OUTPOST_TRY(options.passphrase, GivenPassphrase());
  ProgressBar bar;
  const SystemClock clock;
  SystemRandom random;
  OUTPOST_TRY(const auto report, RestoreAccount(options, clock, random, NullLog(), ShowOn(bar)));
  std::error_code ignored;
  const bool password = std::filesystem::exists(report.place.folder / "secret", ignored);
  ShowReport(common.form(), {{"account", report.place.name},
                             {"folder", report.place.folder.string()},
                             {"time", report.manifest.time.count()},
                             {"first", report.events.first},
                             {"last", report.events.last},
                             {"root", ToHex(report.events.root)},
                             {"pending", report.pending},
                             {"password_stored", password},
                             {"replaced", TextOrNull(report.replaced.string())}});
  ShowNote(common.form(), "The next sync compares every folder in full before it sends anything.");
  return kExitDone;
}

Result<int> VerifyBackup(const Common& common, const JournalArguments& arguments) {
  ProgressBar bar;
  const auto progress = ShowOn(bar);
  OUTPOST_TRY(const auto base, MakeTemporaryFolder("outpost-verify-"));
  const auto check = [&]() -> Result<int> {
    OUTPOST_TRY(const auto manifest, UnpackBackup(arguments.file, base, progress));
    OUTPOST_TRY(const auto key, KeyOfBackup(common, base, manifest.account));
    OUTPOST_TRY(Verified verified, VerifyFolder(JournalFolder(base), key, arguments.rebuild));
    const bool same = *Find(verified.report, "root")->text() == ToHex(manifest.root);
    verified.report.emplace_back("backup", ManifestJson(manifest));
    ShowReport(common.form(), verified.report);
    return verified.sound && same ? kExitDone : kExitFailed;
  };
  auto code = check();
  std::error_code ignored;  // what stays behind is in the folder for temporary files
  std::filesystem::remove_all(base, ignored);
  return code;
}

}  // namespace outpost::cli
