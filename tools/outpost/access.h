#pragma once
#include <filesystem>
#include <memory>
#include <optional>
#include <string>

#include "base/log.h"
#include "base/system/system_clock.h"
#include "engine/account.h"
#include "engine/control.h"
#include "engine/data_dir.h"
#include "journal/journal.h"
#include "replicator/net/network.h"
#include "tools/outpost/program.h"

namespace outpost::cli {

// The data directory of `common`, and the account it chooses there. Errors: those of DefaultDataDir and FindAccount;
// kInvalid (it is a file: a bundle is only read).
Result<std::filesystem::path> DataDirOf(const Common& common);
Result<AccountPlace> PlaceOf(const Common& common);

// The account that `common` chooses, to be read only: also one in a bundle, which --data may name. That is unpacked
// into a temporary folder, which goes with the last copy of `unpacked`. Errors: those of PlaceOf and UnpackBundle.
struct ReadPlace {
  AccountPlace place;
  std::shared_ptr<const void> unpacked;
};
Result<ReadPlace> ReadPlaceOf(const Common& common);

// The password given to this call: the first line of standard input if `from_stdin`, else OUTPOST_PASSWORD, else empty.
// Errors: kInvalid (standard input is empty).
Result<std::string> GivenPassword(bool from_stdin);

// The passphrase of an encrypted account given to this call: the next line of standard input if `from_stdin`, else
// OUTPOST_PASSPHRASE, else empty. Errors: kInvalid (standard input has no such line).
Result<Secret> GivenPassphrase(bool from_stdin = false);
// What opens the journal of the account in `folder`, with GivenPassphrase. Errors: those of both, and of KeyOf.
Result<KeySource> GivenKey(const std::filesystem::path& folder);

// Reads the journal in a folder without changing a file in it. Threads: one.
class FolderReader {
 public:
  // Errors: those of JournalFollower::Open.
  static Result<std::unique_ptr<FolderReader>> Open(const std::filesystem::path& journal, const KeySource& key);
  ~FolderReader();
  // The journal as it is now.
  Result<std::unique_ptr<JournalView>> View() { return follower_->View(); }

 private:
  explicit FolderReader(std::filesystem::path scratch) : scratch_(std::move(scratch)) {}
  std::filesystem::path scratch_;
  std::unique_ptr<JournalFollower> follower_;
};

// Reads an account without disturbing whoever holds it. Threads: one.
class ReadAccess {
 public:
  // An encrypted account opens as GivenPassphrase says. Errors: those of PlaceOf, KeyOf and JournalFollower::Open.
  static Result<std::unique_ptr<ReadAccess>> Open(const Common& common);
  static Result<std::unique_ptr<ReadAccess>> Open(AccountPlace place);
  const AccountPlace& place() const { return place_; }
  // The account as it is now. Errors: those of JournalFollower::View, kUnavailable (its state is that of another
  // version of this program, until the account is opened for writing).
  Result<std::unique_ptr<JournalView>> View();
  // The same for its events, whoever's state it has.
  Result<std::unique_ptr<JournalView>> Events() { return reader_->View(); }

 private:
  explicit ReadAccess(AccountPlace place) : place_(std::move(place)) {}
  std::shared_ptr<const void> unpacked_;
  AccountPlace place_;
  std::unique_ptr<FolderReader> reader_;
};

// Changes an account: it is opened here, or the commands go to the process that holds it. Threads: as the members'.
class WriteAccess {
 public:
  enum class Network { kNone, kUsed };
  struct Options {
    Network network = Network::kNone;
    std::string password;  // empty: the stored one
    bool create = false;
    std::optional<KeyGuard> encrypt;   // for a new account
    std::optional<Secret> passphrase;  // none: as GivenPassphrase says
  };
  // A holder without a control socket is another short command: waits for it, kHolderWait at most.
  // Errors: those of Account::Open and ControlClient::Connect.
  static Result<std::unique_ptr<WriteAccess>> Open(const AccountPlace& place, Options options);
  // The same, only where the account can be opened here. Errors: kConflict (another process holds it) beside those of
  // Account::Open.
  static Result<std::unique_ptr<WriteAccess>> OpenHere(const AccountPlace& place, Options options);
  ~WriteAccess();

  AccountCommands& commands() { return account_ ? static_cast<AccountCommands&>(*account_) : *client_; }
  // Null where another process holds the account.
  Account* account() { return account_.get(); }
  // The account as it is now, with what was just done.
  Result<std::unique_ptr<JournalView>> View();
  Log& log() { return *log_; }

 private:
  WriteAccess() = default;
  AccountPlace place_;
  SystemClock clock_;
  SystemRandom random_;
  std::unique_ptr<Log> log_;
  std::unique_ptr<outpost::Network> network_;
  std::unique_ptr<Account> account_;
  std::unique_ptr<ControlServer> control_;
  std::unique_ptr<ControlClient> client_;
  std::unique_ptr<ReadAccess> reader_;  // behind client_
};

inline constexpr Millis kHolderWait{10'000};

}  // namespace outpost::cli
