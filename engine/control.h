#pragma once
#include <filesystem>
#include <memory>
#include <string>

#include "base/log.h"
#include "base/system/local_socket.h"
#include "engine/commands.h"

namespace outpost {

// How other processes reach whoever holds an account: AccountCommands over a socket in the account's folder
// (docs/adr/0004-control-socket.md).

// How long a caller waits for the effect of an edit. Above: a person would take it for hanging; below a few seconds a
// busy disk looks like a failure.
inline constexpr Millis kControlDeadline{30'000};
// Sync works through a whole first download if there is one; whether the holder still lives is seen from the
// connection.
inline constexpr Millis kControlSyncDeadline{std::chrono::hours(24)};
// A checkpoint flushes a few MiB and links files; where it has to copy them, it takes as long as the disk takes.
inline constexpr Millis kControlCheckpointDeadline{600'000};
// Dropping history and rewriting tables reads and writes the journal a few times over.
inline constexpr Millis kControlTidyDeadline{std::chrono::hours(4)};

// Serves `commands` at `socket` for processes of the same user. A request that cannot be understood is answered with
// kInvalid (or its connection dropped) and hurts nobody else. Destruction ends what waits in `commands` (StopWaiting),
// and returns after the last call of them.
class ControlServer {
 public:
  // `commands` and `log` outlive the server; `commands` is called from several threads. Errors: kConflict (another
  // holder), kUnavailable.
  static Result<std::unique_ptr<ControlServer>> Start(const std::filesystem::path& socket, AccountCommands& commands,
                                                      Log& log);
  ~ControlServer();

 private:
  ControlServer(std::unique_ptr<LocalServer> server, AccountCommands& commands)
      : commands_(commands), server_(std::move(server)) {}
  AccountCommands& commands_;
  std::unique_ptr<LocalServer> server_;
};

// The commands of the process that holds an account. Each call makes a connection of its own, so it reaches a holder
// that was restarted meanwhile. Errors of each call beside its own: kNotFound (nobody holds the account now),
// kUnavailable (not done), kOutcomeUnknown (the holder went away or did not answer in time: it may have been done),
// kNewerFormat (the holder speaks another version).
class ControlClient final : public AccountCommands {
 public:
  // Errors: kNotFound (nobody holds the account), kUnauthorized (another user's process does), kUnavailable.
  static Result<std::unique_ptr<ControlClient>> Connect(const std::filesystem::path& socket);

  Result<ItemId> Create(ItemType type, ItemId folder, FieldMap fields) override;
  Result<void> Set(ItemId item, FieldMap patch) override;
  Result<void> Move(ItemId item, ItemId folder) override;
  Result<void> Delete(ItemId item) override;
  Result<void> DeleteForGood(ItemId item) override;
  Result<ItemId> Attach(ItemId item, AttachFile file) override;
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
  Result<void> MakeCheckpoint(const std::filesystem::path& folder) override;
  Result<RetentionReport> Tidy() override;
  Result<RefoldReport> Rebuild() override;
  Result<ProgressReport> Progress(std::uint64_t seen, Millis wait) override;
  // Not for others: nothing is done.
  void StopWaiting() override {}

 private:
  explicit ControlClient(std::filesystem::path socket) : socket_(std::move(socket)) {}
  std::filesystem::path socket_;
};

}  // namespace outpost
