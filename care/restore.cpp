#include "care/restore.h"

#include "base/system/file_steps.h"
#include "base/system/files.h"
#include "care/held_folder.h"
#include "engine/account.h"
#include "engine/doubt.h"
#include "engine/secrets.h"
#include "replicator/queue.h"
#include "replicator/rows.h"

namespace outpost {
namespace {

namespace fs = std::filesystem;

bool IsThere(const fs::path& path) {
  std::error_code ignored;
  return fs::exists(fs::symlink_status(path, ignored));
}

// The account as the backup has it: opened once, made to look before it sends, folded again to compare.
Result<void> Settle(const fs::path& folder, const Secret& passphrase, const Clock& clock, Random& random, Log& log,
                    RestoreReport& report) {
  AccountOptions options;
  options.folder = folder;
  options.passphrase = passphrase;
  OUTPOST_TRY(const auto account, Account::Open(options, {clock, random, log, nullptr}));
  Journal& journal = account->journal();
  if (const JournalStats stats = journal.stats(); stats.read_only)
    return Error{Code::kCorrupt, Retry::kNever, "the journal in the backup is damaged: " + stats.read_only_reason};
  OUTPOST_TRY(Batch doubt, DoubtEvents(*account->View(), clock, random));
  OUTPOST_TRYV(journal.AppendAndWait(std::move(doubt), {}, Durability::kSynced));
  const auto view = account->View();
  OUTPOST_TRY(report.pending, CountQueue(*view));
  ReplicationRows replication;
  AccountFolds folds({&replication});
  OUTPOST_TRY(report.rebuild, VerifyRebuild(*view, folds.all()));
  if (report.rebuild.equal()) return Ok();
  return Error{Code::kCorrupt, Retry::kNever,
               "the state in the backup is not what its events make: " + report.rebuild.first_difference};
}

Result<void> Prove(const fs::path& account, const Secret& passphrase, RestoreReport& report) {
  OUTPOST_TRY(const KeySource key, KeyOf(account, passphrase));
  OUTPOST_TRY(report.events, ProveEvents(JournalFolder(account), key));
  if (!report.events.chain_ok)
    return Error{Code::kCorrupt, Retry::kNever, "the journal in the backup is damaged: " + report.events.problem};
  if (report.events.root == report.manifest.root && report.events.last == report.manifest.last) return Ok();
  return Error{Code::kCorrupt, Retry::kNever,
               "the journal in the backup ends at event " + std::to_string(report.events.last) +
                   ", its manifest names another history, to event " + std::to_string(report.manifest.last)};
}

// The key that the secret store has for the account that was backed up, for the one that is made.
Result<void> TakeKey(const RestoreOptions& options, const RestoreReport& report, const fs::path& account) {
  OUTPOST_TRY(const auto guard, EncryptionOf(JournalFolder(account)));
  if (guard != KeyGuard::kStored) return Ok();
  OUTPOST_TRY(const AccountPlace before, PlaceNamed(options.data, report.manifest.account));
  for (const fs::path& folder : {report.place.folder, before.folder})
    if (const auto key = LoadSecret(folder, SecretOf::kJournalKey))
      return StoreSecret(account, key.value(), SecretOf::kJournalKey);
  return Error{Code::kUnavailable, Retry::kNever,
               "the backup is encrypted, and its key is not in the secret store of an account " +
                   report.manifest.account + " or " + report.place.name};
}

// Moves what stands at `place` aside while nobody holds it; its passwords go into `heir`.
Result<fs::path> MoveAside(const AccountPlace& place, const fs::path& heir, const Clock& clock) {
  std::unique_ptr<FileLock> lock;
  if (IsThere(JournalFolder(place.folder))) {
    auto held = FileLock::Take(JournalFolder(place.folder) / "LOCK");
    if (!held) return held.error();
    lock = std::move(held).assume_value();
  }
  for (const SecretOf which : {SecretOf::kPassword, SecretOf::kProxyPassword})
    if (const auto password = LoadSecret(place.folder, which)) OUTPOST_TRYV(StoreSecret(heir, password.value(), which));
  const fs::path aside = place.folder.parent_path() / (".replaced-" + place.folder.filename().string() + "-" +
                                                       std::to_string(clock.WallNow().count()));
  if (IsThere(aside)) return Error{Code::kConflict, Retry::kBackoff, aside.string() + " is there already"};
  OUTPOST_TRYV(MoveDurably(place.folder, aside));
  return aside;
}

Result<void> PutIntoPlace(HeldFolder& made, const RestoreOptions& options, const Clock& clock, RestoreReport& report) {
  if (IsThere(report.place.folder)) {
    if (options.existing == Existing::kRefuse)
      return Error{Code::kConflict, Retry::kNever,
                   "account " + report.place.name + " is there already; --force moves it aside"};
    OUTPOST_TRY(report.replaced, MoveAside(report.place, made.path(), clock));
  }
  auto kept = made.KeepAs(report.place.folder);
  if (!kept && !report.replaced.empty()) {  // as it was
    if (auto back = MoveDurably(report.replaced, report.place.folder); !back)
      return Error{Code::kUnavailable, Retry::kNever,
                   kept.error().context + "; the account that was there is in " + report.replaced.string()};
  }
  return kept;
}

}  // namespace

Result<RestoreReport> RestoreAccount(const RestoreOptions& options, const Clock& clock, Random& random, Log& log,
                                     const CareProgress& progress) {
  RestoreReport report;
  OUTPOST_TRYV(MakeFolder(options.data));
  OUTPOST_TRY(const auto made, HeldFolder::Make(options.data, ".restore-"));
  OUTPOST_TRY(report.manifest, UnpackBackup(options.file, made->path(), progress));
  OUTPOST_TRY(report.place,
              PlaceNamed(options.data, options.account.empty() ? report.manifest.account : options.account));
  if (options.existing == Existing::kRefuse && IsThere(report.place.folder))
    return Error{Code::kConflict, Retry::kNever,
                 "account " + report.place.name + " is there already; --force moves it aside"};
  if (progress) progress("proving", 0, 0);
  OUTPOST_TRYV(TakeKey(options, report, made->path()));
  OUTPOST_TRYV(Prove(made->path(), options.passphrase, report));
  OUTPOST_TRYV(Settle(made->path(), options.passphrase, clock, random, log, report));
  OUTPOST_TRYV(PutIntoPlace(*made, options, clock, report));
  return report;
}

}  // namespace outpost
