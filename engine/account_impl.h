#pragma once
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "base/strand.h"
#include "engine/account.h"
#include "engine/bell.h"
#include "engine/edits.h"
#include "engine/folder_edits.h"
#include "engine/line_waits.h"
#include "engine/locked_random.h"
#include "engine/maintenance.h"
#include "engine/run_record.h"
#include "engine/settings.h"
#include "engine/trace_ring.h"
#include "engine/watcher.h"
#include "projection/account.h"
#include "replicator/net/curl_transport.h"
#include "replicator/paced_transport.h"
#include "replicator/replicator.h"
#include "replicator/rows.h"

namespace outpost {

// What is behind an Account, for account.cpp (its life and a person's edits) and account_sync.cpp (the way to the
// server). Not for others.
struct Account::Impl {
  Impl(AccountOptions options_in, Environment env_in)
      : options(std::move(options_in)),
        env(env_in),
        random(env_in.random),
        folds({&replication}),
        strand([this](const char* what) { env.log.Write(LogLevel::kError, "engine", what); }) {}

  AccountOptions options;
  Environment env;
  LockedRandom random;
  ReplicationRows replication;
  AccountFolds folds;
  std::unique_ptr<Journal> journal;
  ThreadStrand strand;
  std::once_flag tables_begun;
  std::optional<ThreadStrand> tables;
  std::unique_ptr<Maintenance> maintenance;

  // On the strand only.
  std::unique_ptr<Transport> line;
  std::unique_ptr<PacedTransport> transport;
  std::unique_ptr<Dialect> dialect;
  std::unique_ptr<TraceRing> trace;
  std::unique_ptr<Replicator> replicator;
  std::unique_ptr<Watcher> watcher;
  TransportOptions connection;  // what `line` was made with
  int runs = 0;                 // that use the line: of the replicator, or looking for the server's base
  RunRecord run;
  std::unique_ptr<Journal::Subscription> subscription;

  // How far the run is: written on the strand, read by any thread. The bell also rings for every commit.
  Bell bell;
  LineWaits line_waits;
  // What goes through all of the journal ends early where the account is to close.
  std::function<bool()> Closing() {
    return [this] { return line_waits.let_go(); };
  }
  Mutex meter_mutex;
  ProgressMeter meter OUTPOST_GUARDED_BY(meter_mutex);
  int syncs = 0;  // on the strand: calls of Sync that were not answered yet
  std::unique_ptr<Journal::Subscription> commits;

  std::string Setting(std::string_view name) const {
    const auto value = ReadSetting(*journal->View(), name);
    return value && value.value() ? *value.value() : std::string();
  }
  std::optional<std::uint32_t> NumberSetting(std::string_view name) const { return SettingNumber(name, Setting(name)); }
  RetentionPolicy Retention() const {
    RetentionPolicy policy;
    if (const auto days = NumberSetting(setting::kKeepDays)) policy.keep = std::chrono::hours(24) * *days;
    if (const auto percent = NumberSetting(setting::kHistoryPercent)) policy.history_factor = *percent / 100.0;
    return policy;
  }
  ReplicatorSettings Replication() const {
    ReplicatorSettings settings;
    if (Setting(setting::kPolicy) == "client-wins") settings.policy = Policy::kClientWins;
    settings.batch_intents = NumberSetting(setting::kBatchIntents).value_or(settings.batch_intents);
    settings.page_items = NumberSetting(setting::kPage).value_or(settings.page_items);
    settings.page_mails = NumberSetting(setting::kMailsPerRequest).value_or(settings.page_mails);
    settings.deletions.count = NumberSetting(setting::kConsentCount).value_or(settings.deletions.count);
    settings.deletions.percent = NumberSetting(setting::kConsentPercent).value_or(settings.deletions.percent);
    settings.deletions.own = NumberSetting(setting::kConsentOwn).value_or(settings.deletions.own);
    settings.window_days = NumberSetting(setting::kWindowDays).value_or(settings.window_days);
    return settings;
  }

  Pace LinePace() const {
    Pace pace;
    pace.requests = NumberSetting(setting::kRequestBudget).value_or(0);
    pace.bytes_per_s = NumberSetting(setting::kBandwidth).value_or(0) * 1'024ull;
    return pace;
  }

  OpId NewOp() { return MakeId<OpId>(env.clock.WallNow(), random); }

  // Plans an edit on the newest state until it is appended: `plan` answers the events, none when nothing is to be done.
  using EditPlan = std::function<Result<Batch>(const ItemState* item)>;
  Result<void> Edit(const ItemId& item, const EditPlan& plan);
  // The same for an edit of several items: what it was planned from is in `seen`.
  using TreeEditPlan = std::function<Result<FolderDeletion>(const StateReader& state)>;
  Result<void> EditTree(const ItemId& item, const TreeEditPlan& plan);

  // Before a run: parked edits that would pass now are stated again. After it: which version parked what it parked.
  Result<void> RetryHopeful();
  void NoteVersion();
  // Keeps what a run found out or did, before anybody hears of the run: who syncs once more builds on it. What cannot
  // be kept is found out, or done, once more.
  void NoteSetting(std::string_view name, const std::string& value);
  void NoteServerChoices();

  ProgressMeter::Now MeterNow() const { return {env.clock.MonotonicNow(), env.clock.WallNow()}; }
  EditCounts Edits() const {
    const auto counts = CountEdits(*journal->View());
    return counts ? counts.value() : EditCounts{};
  }
  void StartMeter();
  void BeginProgress();
  void NoteProgress(const SyncProgress& progress);
  void EndProgress();

  // What is told of the last run (engine/run_record.h).
  void NoteRun(const SyncReport& report);
  void NoteNextTry(Millis pause);
  void SaveRun();

  // Runs `ready` with a replicator that has a server to talk to; `failed` when there is none.
  void WithReplicator(std::function<void()> ready, std::function<void(SyncReport)> failed);
  void MakeReplicator(const std::string& base_url);
  // The connection as the settings are now.
  TransportOptions WantedConnection() const;
  void MakeConnection(std::function<void()> ready, std::function<void(SyncReport)> failed);
  void Sync(SyncOptions sync, std::function<void(const SyncProgress&)> progress, std::function<void(SyncReport)> done);
  void Watch(std::optional<Millis> poll, std::function<void(const SyncReport&)> report);
};

}  // namespace outpost
