#include "care/salvage_account.h"

#include "base/system/files.h"
#include "care/held_folder.h"
#include "engine/account.h"
#include "engine/account_key.h"
#include "engine/doubt.h"
#include "engine/secrets.h"
#include "replicator/queue.h"
#include "replicator/rows.h"

namespace outpost {
namespace {

namespace fs = std::filesystem;

// The new account opened once: its folds made, and all of it proven.
Result<void> Settle(const fs::path& folder, const Secret& passphrase, const Clock& clock, Random& random, Log& log,
                    AccountSalvage& report) {
  AccountOptions options;
  options.folder = folder;
  options.passphrase = passphrase;
  OUTPOST_TRY(const auto account, Account::Open(options, {clock, random, log, nullptr}));
  OUTPOST_TRY(Batch doubt, DoubtEvents(*account->View(), clock, random));
  OUTPOST_TRYV(account->journal().AppendAndWait(std::move(doubt), {}, Durability::kSynced));
  const auto view = account->View();
  OUTPOST_TRY(report.pending, CountQueue(*view));
  OUTPOST_TRY(report.events, VerifyEvents(*view));
  ReplicationRows replication;
  AccountFolds folds({&replication});
  OUTPOST_TRY(report.rebuild, VerifyRebuild(*view, folds.all()));
  if (report.events.chain_ok && report.rebuild.equal()) return Ok();
  return Error{Code::kCorrupt, Retry::kNever,
               "what was salvaged cannot be proven: " + report.events.problem + report.rebuild.first_difference};
}

}  // namespace

Result<AccountSalvage> SalvageAccount(const fs::path& from, const fs::path& to, const Secret& passphrase,
                                      const Clock& clock, Random& random, Log& log, const CareProgress& progress) {
  std::error_code ignored;
  if (fs::exists(fs::symlink_status(to, ignored)))
    return Error{Code::kConflict, Retry::kNever, to.string() + " is there already"};
  const fs::path base = to.has_parent_path() ? to.parent_path() : fs::path(".");
  OUTPOST_TRYV(MakeFolder(base));
  OUTPOST_TRY(const auto made, HeldFolder::Make(base, ".salvage-"));
  AccountSalvage report;
  ReplicationRows replication;
  AccountFolds folds({&replication});
  if (progress) progress("reading", 0, 0);
  SalvageOptions options;
  options.from = JournalFolder(from);
  options.to = JournalFolder(made->path());
  options.id = from.filename().string();
  OUTPOST_TRY(options.key, KeyOf(from, passphrase));
  OUTPOST_TRY(report.found, Salvage(options, folds.all(), clock));
  for (const SecretOf which : {SecretOf::kPassword, SecretOf::kProxyPassword, SecretOf::kJournalKey})
    if (const auto secret = LoadSecret(from, which)) OUTPOST_TRYV(StoreSecret(made->path(), secret.value(), which));
  if (progress) progress("proving", 0, 0);
  OUTPOST_TRYV(Settle(made->path(), passphrase, clock, random, log, report));
  OUTPOST_TRYV(made->KeepAs(to));
  return report;
}

}  // namespace outpost
