#pragma once
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "engine/edits.h"
#include "engine/folder_edits.h"
#include "engine/watcher.h"
#include "projection/folds.h"
#include "replicator/ox/ox_dialect.h"
#include "replicator/paced_transport.h"
#include "replicator/replicator.h"
#include "replicator/rows.h"
#include "tests/sim/disk.h"
#include "tests/sim/folder_judge.h"
#include "tests/sim/journal.h"
#include "tests/sim/link.h"
#include "tests/sim/mail_judge.h"
#include "tests/sim/oracle.h"
#include "tests/sim/plants.h"
#include "tests/sim/strand.h"

namespace outpost::sim {

struct ClientOptions {
  int number = 0;
  Policy policy = Policy::kServerWins;
  std::size_t batch_intents = 50;
  std::size_t page_items = 50;
  std::uint64_t requests_per_window = 1'500;  // in 5 minutes
  std::uint64_t seed = 0;
  std::string password;
  bool kinds = false;            // its person also has tasks and appointments
  std::filesystem::path folder;  // for the lock file; all else is on the simulated disk
  Plant plant = Plant::kNone;
};

// One computer with the account: its disk, its program (journal, folds, replicator, dialect: the real ones) and the
// person before it. The program can die at any moment and be started again. Threads: one.
class Client {
 public:
  Client(ClientOptions options, Link& link, Strand& world, const Clock& clock, Oracle& oracle);
  ~Client();

  // Where the disk refuses, it is tried again a minute later, as a person would.
  void Start();
  void Kill();
  void PowerCut();
  bool running() const { return program_ != nullptr; }
  // Starts it again where its journal can only be read any more.
  void RestartIfStuck();
  Disk& disk() { return disk_; }
  SkewedClock& clock() { return clock_; }

  // What the person does. Nothing where there is nothing to do it to, or the computer is off.
  void Do(const Step& step);
  void Tidy();
  void Resync() { resync_ = true; }
  // The uid of a contact made here that the server does not have yet; empty where there is none.
  std::string PendingCreate(std::uint64_t choice) const;
  // The same of a folder; one without parent where there is none.
  FolderFacts PendingFolder(std::uint64_t choice) const;
  // The server's id of the folder that its person changed last; empty where it has none.
  std::string LastFolder() const;
  void DoMail(const Step& step);
  // The subject of the mail that its person changed last; empty where there is none.
  const std::string& last_mail() const { return last_mail_; }
  // Answers every question about deletions with yes.
  void GiveConsents();

  // Syncs now; again by itself afterwards, as the account does while it is watched.
  void Sync();
  bool idle() const { return !syncing_; }
  // The last finished run told of nothing new, nothing failed and nothing waits.
  bool settled() const { return settled_; }
  void Unsettle() { settled_ = false; }
  const SyncReport& report() const { return report_; }

  void SetPaused(bool paused);
  // The person has learned of another password.
  void UsePassword(const std::string& password);

  // "closed", "paused", "offline" and the like, or what the replicator is at.
  const char* Condition() const;

  ClientAccount Account() const;
  TreeAccount Folders() const;
  Mailbag Mails() const;
  // Checks of journal and projections by the engine itself; failures go to the oracle.
  void Examine();
  Digest Root() const;

 private:
  struct Program;
  struct Seen {
    ItemState state;
    Values values;  // of the base
  };
  std::unique_ptr<JournalView> View() const;
  std::vector<ItemId> VisibleItems() const;
  std::optional<ItemState> Choose(std::uint64_t choice) const;
  std::string RemoteFolder(const JournalView& view, ItemType type, const FieldMap& fields) const;
  // The types of items that people make here.
  std::span<const ItemType> Types() const;
  std::vector<ItemId> OpenFolders(ItemType type) const;
  Edit StartEdit(const ItemState& item, StepKind what) const;
  // Of a save: its first event; 0: nobody knows whether it was saved. None: it was not.
  std::optional<Sequence> Save(const Batch& batch, Preconditions seen);
  void DoFolder(const Step& step);
  void SaveFolderEdit(const Batch& batch, Preconditions seen, FolderEdit edit);
  void DeleteFolder(const JournalView& view, const ItemId& folder);
  FolderEdit StartFolderEdit(const JournalView& view, const ItemState& folder, StepKind what) const;
  FolderFacts FactsOf(const JournalView& view, const FieldMap& fields) const;
  std::vector<ItemState> MailFolders() const;
  std::vector<ItemState> OwnMailFolders() const;
  std::optional<ItemState> ChooseMail(std::uint64_t choice) const;
  MailEdit StartMailEdit(const ItemState& item, StepKind what) const;
  void SaveMailEdits(const Result<Batch>& batch, Preconditions seen, std::vector<MailEdit> edits);
  void SetMail(const ItemState& mail, const FieldMap& patch, MailEdit edit);
  void MoveMail(const ItemState& mail, const ItemId& target, StepKind what);
  void DeleteMail(const ItemState& mail);
  void WriteMail(bool draft);
  void NewMailFolder(std::uint64_t choice);
  void DeleteMailFolder(const ItemState& folder);
  void EmptyMailFolder(const ItemState& folder);
  OpId NewOp() { return MakeId<OpId>(clock_.WallNow(), random_); }
  void Commit(const Result<Batch>& batch, const ItemId& item, Sequence head, std::vector<Edit> edits);
  void Create(const Step& step);
  void EditTime(const ItemState& item, const Group& group, std::uint64_t choice);
  void Set(const ItemState& item, const FieldMap& patch, std::vector<Edit> edits);
  void Run(std::function<void(const SyncReport&)> done);
  void Ended(const SyncReport& report);
  std::int64_t NextDay() { return DayFor(options_.number, ++values_); }
  std::string NextValue() { return "p" + std::to_string(options_.number) + "." + std::to_string(++values_); }

  const ClientOptions options_;
  Link& link_;
  Strand& world_;
  Oracle& oracle_;
  SkewedClock clock_;
  SeededRandom random_;
  Disk disk_;
  std::unique_ptr<Program> program_;
  std::optional<Step> race_;
  ItemId last_folder_{};
  std::string last_mail_;
  std::string password_;
  int paused_ = 0;
  std::uint64_t values_ = 0;
  bool created_ = false;
  bool syncing_ = false;
  bool edited_ = false;  // while it synced
  bool settled_ = false;
  bool resync_ = false;
  bool resyncing_ = false;
  int quiet_ = 0;  // runs without news in a row
  SyncReport report_;
  SyncProgress::Phase phase_ = SyncProgress::Phase::kIdle;
};

}  // namespace outpost::sim
