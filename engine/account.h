#pragma once
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/log.h"
#include "base/random.h"
#include "engine/commands.h"
#include "engine/parked.h"
#include "engine/status.h"
#include "journal/journal.h"
#include "projection/folds.h"
#include "replicator/net/proxy.h"

namespace outpost {

class Network;
class Strand;

// The world, passed in; outlives the account.
struct Environment {
  const Clock& clock;
  Random& random;  // of cryptographic quality where ids must not be guessed; guarded by the account
  Log& log;
  Network* network = nullptr;      // null: the account never goes online (reading and editing only)
  ProxyOptions system_proxy = {};  // what the setting `proxy` = system stands for
};

struct AccountOptions {
  std::filesystem::path folder;     // <data>/<user@host>
  std::string password;             // empty: the stored one (engine/data_dir.h)
  bool create = false;              // for a new account: makes the folder
  std::optional<KeyGuard> encrypt;  // for a new account: how its key is to be guarded; none: it is not encrypted
  Secret passphrase;                // of an account that is guarded by one
  Millis request_deadline{60'000};
  std::string version{EngineVersion()};  // that parks and retries; another one for tests
};

// One user on one server: journal, projections, replicator, wired. While it lives no other process can open the
// account. Threads: any. Destruction stops the replicator, closes the journal, returns after the last callback.
class Account final : public AccountCommands {
 public:
  // Errors: those of Journal::Open, KeyOf and NewKeyOf, kNotFound (no account there and create is false).
  static Result<std::unique_ptr<Account>> Open(AccountOptions options, Environment environment);
  ~Account() override;

  Result<ItemId> Create(ItemType type, ItemId folder, FieldMap fields) override;
  Result<void> Set(ItemId item, FieldMap patch) override;
  // The fields that `plan` answers for the item as it is then, and no other: planned again where somebody changed it
  // meanwhile. Errors: as Set, and those of `plan`, which runs on the caller's thread.
  Result<void> SetAsPlanned(ItemId item, const std::function<Result<FieldMap>(const ItemState&)>& plan);
  Result<void> Move(ItemId item, ItemId folder) override;
  Result<void> Delete(ItemId item) override;
  Result<void> DeleteForGood(ItemId item) override;
  Result<ItemId> Attach(ItemId item, AttachFile file) override;
  // The same of bytes that are a blob here already, by their name and type (`file.path` does not count); `properties`:
  // what else stays here of it (schemas/properties.md), null for nothing. Errors: as Attach.
  Result<ItemId> AttachContent(ItemId item, AttachFile file, const PinnedBlob& content, Value properties,
                               ItemId replaces = {});
  Result<void> SetPhoto(ItemId item, std::filesystem::path file) override;
  Result<ItemId> WriteMail(MailFile mail) override;
  Result<ItemId> CopyMail(ItemId mail, ItemId folder) override;
  Result<ItemId> MoveSeries(ItemId series, ItemId folder) override;
  Result<void> ChangeRights(ItemId folder, std::vector<RightsChange> changes) override;
  Result<void> Restore(ItemId item, FieldMap fields) override;
  Result<void> Retry(ItemId item) override;
  Result<UndoReport> UndoConflict(ConflictName conflict, bool over_later_edits) override;
  Result<std::vector<GroupId>> SettleConflict(ConflictName conflict) override;
  Result<void> AnswerConsent(ItemId folder, ConsentAnswer answer) override;
  Result<void> PutSettings(SettingsBody settings) override;
  Result<void> SetPassword(std::string password) override;
  Result<void> ChangePassword(std::string password) override;
  Result<SyncReport> Sync(SyncOptions options) override;
  Result<ProgressReport> Progress(std::uint64_t seen, Millis wait) override;
  void StopWaiting() override;
  Result<void> MakeCheckpoint(const std::filesystem::path& folder) override;
  Result<RetentionReport> Tidy() override;
  Result<RefoldReport> Rebuild() override;

  // Sync without waiting; `progress` and `done` run on the replicator's strand.
  void SyncAsync(SyncOptions options, std::function<void(const SyncProgress&)> progress,
                 std::function<void(SyncReport)> done);

  // Keeps syncing until StopWatching(): at once, after each local change, and as engine/sync_schedule.h says; `poll`
  // instead of the account's setting. `report` runs on the replicator's strand after each run.
  void Watch(std::optional<Millis> poll, std::function<void(const SyncReport&)> report);
  void StopWatching();

  // What the next Sync would do; sends reads only, appends nothing.
  Result<SyncPreview> DryRun();

  // How it stands now. Errors: those of ReadStatus.
  Result<AccountStatus> Status() const { return ReadStatus(*View(), folder()); }

  std::unique_ptr<JournalView> View() const;
  Journal& journal();
  // Where open tables of this account are kept up to date (engine/live.h): neither the replicator nor a caller waits
  // for their sorting. Its thread starts with the first call and ends with the account.
  Strand& tables();
  std::vector<InlineFold*> folds();
  const std::filesystem::path& folder() const;

 private:
  struct Impl;
  explicit Account(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace outpost
