#pragma once
#include <atomic>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "base/system/process.h"
#include "base/system/system_clock.h"
#include "engine/account.h"
#include "engine/data_dir.h"
#include "engine/json/json.h"
#include "replicator/net/network.h"
#include "tools/outpost/demo.h"
#include "tools/outpost/output.h"
#include "tools/oxserver/api_client.h"
#include "tools/oxserver/import.h"
#include "tools/oxserver/server.h"

namespace outpost::cli {

// How many edits of each kind are made on each side.
struct EditPlan {
  std::size_t clashes = 0;  // both sides change the same field group of the same contact
  std::size_t changes = 0;
  std::size_t deletions = 0;
  std::size_t creations = 0;
  std::size_t all() const { return clashes + changes + deletions + creations; }
};
// 300 on each side, 50 of them clashes; fewer than 600 contacts shrink them in proportion, at least one of each kind as
// long as there are contacts for it.
EditPlan PlanEdits(std::size_t contacts);

// A conflict as the report tells it.
struct ToldConflict {
  std::string contact;
  std::string group;
  std::string winner;
  std::string loser;
};

// What the story found.
struct DemoFigures {
  EditPlan edits;
  std::uint64_t items_client = 0;
  std::uint64_t items_server = 0;
  std::uint64_t different = 0;   // items whose fields differ between client and server, or that only one side has
  std::uint64_t duplicates = 0;  // uids that occur more than once on the server or here
  std::uint64_t edits_local = 0;
  std::uint64_t edits_remote = 0;
  std::uint64_t edits_measured = 0;
  std::uint64_t edits_without_outcome = 0;
  std::uint64_t conflicts = 0;
  std::uint64_t losers_kept = 0;
  std::uint64_t parked = 0;
  std::uint64_t batches = 0;
  std::uint64_t resumed_batches = 0;
  std::uint64_t kills = 0;
  std::uint64_t cuts = 0;
  std::uint64_t events = 0;
  bool chain_ok = false;
  bool rebuild_equal = false;
  std::string root;
  double pull_seconds = 0;
  double pull_items_per_s = 0;
  double push_items_per_s = 0;
  std::vector<ToldConflict> told;
  oxserver::ImportReport import;
  bool good() const;
};

// One run of the demo: its server, its account, its figures.
class DemoStory {
 public:
  static Result<std::unique_ptr<DemoStory>> Start(const DemoOptions& options);

  Result<void> Fill();  // the server's contacts
  Result<void> FirstSync();
  Result<void> EditBothSides();  // while offline
  Result<void> ShipWithTrouble();
  Result<void> MeasurePush();
  Result<void> Examine();

  const DemoFigures& figures() const { return figures_; }
  const std::filesystem::path& data() const { return data_; }

 private:
  explicit DemoStory(const DemoOptions& options) : options_(options) {}
  Result<void> OpenAccount(bool create);
  Result<SyncReport> Sync(const char* what);
  Result<void> EditLocally(std::vector<ItemId> pool, const ItemId& folder);
  Result<void> EditRemotely(const std::vector<std::string>& pool, const std::string& folder);
  Result<int> RunChild();
  std::size_t BatchIntents() const;
  // Contacts folders of the server, by id.
  Result<std::vector<std::string>> ServerFolders();
  Result<void> Compare(const JournalView& view);
  Result<void> TellConflicts(const JournalView& view);

  DemoOptions options_;
  SystemClock clock_;
  SystemRandom random_;
  SeededRandom invent_{20261123};
  ProgressBar bar_;
  std::filesystem::path data_;
  AccountPlace place_;
  std::unique_ptr<Network> network_;
  std::unique_ptr<oxserver::Server> server_;
  std::unique_ptr<oxserver::ApiClient> elsewhere_;
  std::unique_ptr<Account> account_;
  std::atomic<ChildProcess*> victim_{nullptr};  // killed when the server has applied its
  std::atomic<std::size_t> kill_at_{0};         // so-many-th request with writes
  std::atomic<std::size_t> writes_seen_{0};
  DemoFigures figures_;
};

}  // namespace outpost::cli
