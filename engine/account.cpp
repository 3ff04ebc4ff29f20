#include "engine/account.h"

#include <algorithm>
#include <future>
#include <set>

#include "base/mutex.h"
#include "base/strand.h"
#include "base/system/files.h"
#include "engine/account_key.h"
#include "engine/connection.h"
#include "engine/data_dir.h"
#include "engine/doubt.h"
#include "engine/edits.h"
#include "engine/locked_random.h"
#include "engine/maintenance.h"
#include "engine/run_record.h"
#include "engine/secrets.h"
#include "engine/settings.h"
#include "engine/watcher.h"
#include "projection/account.h"
#include "projection/folders.h"
#include "replicator/net/curl_transport.h"
#include "replicator/ox/ox_dialect.h"
#include "replicator/paced_transport.h"
#include "replicator/replicator.h"
#include "replicator/rows.h"

namespace outpost {
namespace {

// Times an edit is planned again because the item moved on meanwhile. More would mean that something writes it without
// end.
constexpr int kEditAttemptsMax = 100;

Error NoNetwork() { return {Code::kUnavailable, Retry::kNever, "this account was opened without a network"}; }

SyncReport OfflineReport(LinkState link, std::string problem) {
  SyncReport report;
  report.link = link;
  report.problem = std::move(problem);
  return report;
}

}  // namespace

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
  std::unique_ptr<Maintenance> maintenance;

  // On the strand only.
  std::unique_ptr<Transport> line;
  std::unique_ptr<PacedTransport> transport;
  std::unique_ptr<Dialect> dialect;
  std::unique_ptr<Replicator> replicator;
  std::unique_ptr<Watcher> watcher;
  TransportOptions connection;  // what `line` was made with
  int runs = 0;                 // of the replicator, under way
  RunRecord run;
  std::unique_ptr<Journal::Subscription> subscription;

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
    settings.deletions.count = NumberSetting(setting::kConsentCount).value_or(settings.deletions.count);
    settings.deletions.percent = NumberSetting(setting::kConsentPercent).value_or(settings.deletions.percent);
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

  // Before a run: parked edits that would pass now are stated again. After it: which version parked what it parked.
  Result<void> RetryHopeful();
  void NoteVersion();

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

Result<void> Account::Impl::Edit(const ItemId& item, const EditPlan& plan) {
  for (int attempt = 0; attempt < kEditAttemptsMax; ++attempt) {
    std::optional<ItemState> state;
    {
      const auto view = journal->View();
      OUTPOST_TRY(state, LoadItem(*view, item));
    }
    OUTPOST_TRY(Batch batch, plan(state ? &*state : nullptr));
    if (batch.empty()) return Ok();
    auto appended =
        journal->AppendAndWait(std::move(batch), {{item, state ? state->head_seq : 0}}, Durability::kSynced);
    if (appended) return Ok();
    if (appended.error().code != Code::kPreconditionFailed) return appended.error();
  }
  return Error{Code::kUnavailable, Retry::kBackoff,
               "item " + item.Hex() + " is changed by somebody else without pause"};
}

Result<void> Account::Impl::RetryHopeful() {
  OUTPOST_TRY(const auto all, ParkedWithHopes(*journal->View(), options.version));
  std::set<ItemId> hopeful;
  bool new_engine = false;
  for (const ParkedHope& parked : all) {
    if (!parked.hope) continue;
    hopeful.insert(parked.item);
    new_engine = new_engine || *parked.hope == Hope::kNewEngine;
  }
  for (const ItemId& item : hopeful)
    OUTPOST_TRYV(Edit(item, [&](const ItemState* state) -> Result<Batch> {
      if (state == nullptr || state->parked.empty() || !state->Visible()) return Batch{};  // a person was faster
      return RetryEvents(item, state, [this] { return NewOp(); });
    }));
  if (new_engine) NoteVersion();
  return Ok();
}

void Account::Impl::NoteVersion() {
  if (Setting(setting::kParkedBy) == options.version) return;
  SettingsBody settings{{{std::string(setting::kParkedBy), options.version}}};
  const auto noted = journal->AppendAndWait(
      {{Kind::kAccountSet, Origin::kEngine, ItemType::kNone, {}, {}, Encode(settings)}}, {}, Durability::kSynced);
  if (!noted)
    env.log.Write(LogLevel::kWarning, "engine", noted.assume_error().context);  // retried once more than needed
}

void Account::Impl::NoteRun(const SyncReport& report) {
  run = After(run, report, env.clock.WallNow());
  SaveRun();
}

void Account::Impl::NoteNextTry(Millis pause) {
  run.next_try = (env.clock.WallNow() + pause).count();
  SaveRun();
}

void Account::Impl::SaveRun() {
  if (const auto saved = SaveRunRecord(options.folder, run); !saved)
    env.log.Write(LogLevel::kWarning, "engine", saved.assume_error().context);
}

void Account::Impl::MakeReplicator(const std::string& base_url) {
  OxOptions ox;
  ox.base_url = base_url;
  ox.user = Setting(setting::kUser);
  ox.password = options.password;
  ox.request_deadline = options.request_deadline;
  dialect = MakeOxDialect(ox, *transport, strand, env.clock, env.log);
  replicator = std::make_unique<Replicator>([this] { return Replication(); }, *journal, *dialect, strand, env.clock,
                                            random, env.log);
}

void Account::Impl::WithReplicator(std::function<void()> ready, std::function<void(SyncReport)> failed) {
  if (replicator != nullptr) {
    if (runs > 0 || WantedConnection() == connection) return ready();
    // Not here: what called us may be the replicator that goes.
    strand.Post([this, ready, failed] {
      if (runs > 0) return ready();
      replicator.reset();
      dialect.reset();
      transport.reset();
      line.reset();
      WithReplicator(ready, failed);
    });
    return;
  }
  if (env.network == nullptr) return failed(OfflineReport(LinkState::kOffline, NoNetwork().context));
  if (options.password.empty()) {
    auto stored = LoadSecret(options.folder);
    if (!stored && stored.error().code != Code::kNotFound)
      return failed(OfflineReport(LinkState::kWrongPassword, stored.error().context));
    if (stored) options.password = std::move(stored).assume_value();
  }
  if (options.password.empty())
    return failed(OfflineReport(LinkState::kWrongPassword, "no password is stored for this account"));
  MakeConnection(ready, failed);
}

TransportOptions Account::Impl::WantedConnection() const {
  const auto settings = ReadSettings(*journal->View());
  return ConnectionOf(settings ? settings.value() : std::map<std::string, std::string>(), env.system_proxy, [this] {
    const auto password = LoadSecret(options.folder, SecretOf::kProxyPassword);
    return password ? password.value() : std::string();
  });
}

void Account::Impl::MakeConnection(std::function<void()> ready, std::function<void(SyncReport)> failed) {
  TransportOptions wanted = WantedConnection();
  if (line == nullptr || !(wanted == connection)) {
    connection = std::move(wanted);
    transport.reset();
    line = MakeTransport(*env.network, strand, connection);
    transport = std::make_unique<PacedTransport>(*line, [this] { return LinePace(); }, strand, env.clock);
  }
  if (const std::string base = Setting(setting::kBaseUrl); !base.empty()) {
    MakeReplicator(base);
    return ready();
  }
  ProbeBase(Setting(setting::kServer), *transport, [this, ready, failed](const BaseFound& base) {
    if (base.failure) {
      SyncReport report = OfflineReport(base.failure->why, base.failure->text);
      report.retry_after = base.failure->retry_after;
      return failed(std::move(report));
    }
    if (replicator == nullptr) MakeReplicator(base.url);
    SettingsBody settings{{{std::string(setting::kBaseUrl), base.url}}};
    journal->Append({{Kind::kAccountSet, Origin::kEngine, ItemType::kNone, {}, {}, Encode(settings)}}, {},
                    Durability::kSynced, [](Result<Appended>) {});  // probed again next time if it did not get there
    ready();
  });
}

void Account::Impl::Sync(SyncOptions sync, std::function<void(const SyncProgress&)> progress,
                         std::function<void(SyncReport)> tell) {
  const auto done = [this, tell = std::move(tell)](SyncReport report) {
    NoteRun(report);
    tell(std::move(report));
  };
  WithReplicator(
      [this, sync, progress, done] {
        if (const auto retried = RetryHopeful(); !retried) {
          SyncReport broken = OfflineReport(LinkState::kOnline, retried.assume_error().context);
          broken.local_failure = true;
          return done(std::move(broken));
        }
        const std::string wanted = Setting(setting::kResync);
        const bool resync = !wanted.empty() && wanted != Setting(setting::kResynced);
        ++runs;
        replicator->Run(sync.folder, resync, progress, [this, resync, wanted, done](SyncReport report) {
          --runs;
          if (resync && report.link == LinkState::kOnline && !report.local_failure) {
            SettingsBody settings{{{std::string(setting::kResynced), wanted}}};
            journal->Append({{Kind::kAccountSet, Origin::kEngine, ItemType::kNone, {}, {}, Encode(settings)}}, {},
                            Durability::kSynced,
                            [](Result<Appended>) {});  // compared once more if it did not get there
          }
          if (report.parked > 0) NoteVersion();
          done(std::move(report));
        });
      },
      done);
}

void Account::Impl::Watch(std::optional<Millis> poll, std::function<void(const SyncReport&)> report) {
  Watcher::Hooks hooks;
  hooks.sync = [this](std::function<void(const SyncReport&)> done) { Sync({}, nullptr, std::move(done)); };
  hooks.paused = [this] { return Setting(setting::kPaused) == "true"; };
  hooks.poll = [this, poll] {
    const auto seconds = NumberSetting(setting::kPoll);
    return poll.value_or(seconds ? std::chrono::seconds(*seconds) : SyncSchedule::kPoll);
  };
  hooks.pending = [this] {
    const auto pending = CountQueue(*journal->View());
    return pending ? pending.value() : 0;
  };
  hooks.report = std::move(report);
  hooks.next = [this](Millis pause) { NoteNextTry(pause); };
  watcher = std::make_unique<Watcher>(std::move(hooks), strand, random);
  watcher->Start();
}

Account::Account(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

Account::~Account() {
  if (impl_ == nullptr) return;
  impl_->subscription.reset();
  impl_->strand.Stop();
  impl_->maintenance.reset();
  impl_->replicator.reset();
  impl_->dialect.reset();
  impl_->transport.reset();
  impl_->line.reset();
  impl_->journal.reset();
}

Result<std::unique_ptr<Account>> Account::Open(AccountOptions options, Environment environment) {
  const auto folder = options.folder;
  std::error_code ignored;
  if (!options.create && !std::filesystem::exists(JournalFolder(folder), ignored))
    return Error{Code::kNotFound, Retry::kNever, "there is no account in " + folder.string()};
  if (options.create) OUTPOST_TRYV(MakeFolder(folder));
  JournalOptions journal_options;
  journal_options.folder = JournalFolder(folder);
  journal_options.create = options.create;
  journal_options.id = folder.filename().string();
  OUTPOST_TRY(journal_options.key, options.create && options.encrypt
                                       ? NewKeyOf(folder, *options.encrypt, options.passphrase)
                                       : KeyOf(folder, options.passphrase));
  options.passphrase = {};  // not kept beside the key that it opened
  auto impl = std::make_unique<Impl>(std::move(options), environment);
  OUTPOST_TRY(impl->journal,
              Journal::Open(journal_options, impl->folds.all(), impl->folds.items, environment.clock, environment.log));
  OUTPOST_TRYV(NoticeCopy(folder, *impl->journal, environment.clock, impl->random));
  impl->run = LoadRunRecord(folder).value_or(RunRecord{});
  impl->run.next_try = 0;
  impl->maintenance = std::make_unique<Maintenance>(
      *impl->journal, impl->strand, [account = impl.get()] { return account->Retention(); }, environment.log);
  impl->maintenance->Start();
  return std::unique_ptr<Account>(new Account(std::move(impl)));
}

Result<ItemId> Account::Create(ItemType type, ItemId folder, FieldMap fields) {
  OUTPOST_TRYV(CheckFields(type, fields));
  OUTPOST_TRYV(CheckFolder(*impl_->journal->View(), folder, type));
  const ItemId id = MakeId<ItemId>(impl_->env.clock.WallNow(), impl_->random);
  OUTPOST_TRYV(impl_->Edit(id, [&](const ItemState*) -> Result<Batch> {
    return Batch{CreateEvent(id, type, folder, fields, impl_->NewOp())};
  }));
  return id;
}

Result<void> Account::Set(ItemId item, FieldMap patch) {
  return impl_->Edit(item, [&](const ItemState* state) {
    return SetEvents(item, state, patch, [this] { return impl_->NewOp(); });
  });
}

Result<void> Account::Move(ItemId item, ItemId folder) {
  return impl_->Edit(item, [&](const ItemState* state) -> Result<Batch> {
    OUTPOST_TRYV(CheckVisible(item, state));
    OUTPOST_TRYV(CheckFolder(*impl_->journal->View(), folder, state->type));
    return SetEvents(item, state, {{field::FolderOf(state->type), folder}}, [this] { return impl_->NewOp(); });
  });
}

Result<void> Account::Delete(ItemId item) {
  return impl_->Edit(item, [&](const ItemState* state) {
    return DeleteEvents(item, state, impl_->NewOp());
  });
}

Result<void> Account::Retry(ItemId item) {
  return impl_->Edit(item, [&](const ItemState* state) {
    return RetryEvents(item, state, [this] { return impl_->NewOp(); });
  });
}

Result<UndoReport> Account::UndoConflict(ConflictName conflict, bool over_later_edits) {
  OUTPOST_TRY(const ItemId item, ItemOfConflict(*impl_->journal->View(), conflict));
  UndoReport report;
  OUTPOST_TRYV(impl_->Edit(item, [&](const ItemState* state) -> Result<Batch> {
    if (state == nullptr) return Error{Code::kNotFound, Retry::kNever, "there is no item " + item.Hex()};
    OUTPOST_TRY(auto planned, PlanUndo(*impl_->journal->View(), *state, conflict, over_later_edits,
                                       [this] { return impl_->NewOp(); }));
    report = std::move(planned.report);
    return std::move(planned.events);
  }));
  return report;
}

Result<std::vector<GroupId>> Account::SettleConflict(ConflictName conflict) {
  OUTPOST_TRY(const ItemId item, ItemOfConflict(*impl_->journal->View(), conflict));
  std::vector<GroupId> groups;
  OUTPOST_TRYV(impl_->Edit(item, [&](const ItemState* state) -> Result<Batch> {
    if (state == nullptr) return Error{Code::kNotFound, Retry::kNever, "there is no item " + item.Hex()};
    return PlanSettle(*state, conflict, groups);
  }));
  return groups;
}

Result<void> Account::AnswerConsent(ItemId folder, ConsentAnswer answer) {
  return impl_->Edit(folder, [&](const ItemState* state) -> Result<Batch> {
    OUTPOST_TRYV(CheckVisible(folder, state));
    OUTPOST_TRY(const std::optional<ConsentBody> asked, WaitingConsent(*impl_->journal->View(), folder));
    if (!asked) return Error{Code::kNotFound, Retry::kNever, "nothing waits for consent in folder " + folder.Hex()};
    ConsentBody body = *asked;
    body.answer = answer;
    // Given: the folder is compared once more, so that only what is still missing is deleted.
    Batch batch{{Kind::kConsent, Origin::kUser, ItemType::kFolder, folder, {}, Encode(body)}};
    if (answer == ConsentAnswer::kGiven)
      batch.push_back(
          {Kind::kCursorMoved, Origin::kEngine, ItemType::kFolder, folder, {}, Encode(CursorMovedBody{0, 0, false})});
    return batch;
  });
}

Result<void> Account::PutSettings(SettingsBody settings) {
  OUTPOST_TRYV(CheckSettings(settings));
  OUTPOST_TRYV(impl_->journal->AppendAndWait(
      {{Kind::kAccountSet, Origin::kUser, ItemType::kNone, {}, {}, Encode(settings)}}, {}, Durability::kSynced));
  // Another way to the server may be what a watch that has stopped waits for.
  impl_->strand.Post([impl = impl_.get()] {
    if (impl->watcher && impl->line && !(impl->WantedConnection() == impl->connection)) impl->watcher->Now();
  });
  return Ok();
}

Result<void> Account::SetPassword(std::string password) {
  OUTPOST_TRYV(StoreSecret(impl_->options.folder, password));
  impl_->strand.Post([impl = impl_.get(), password = std::move(password)] {
    impl->options.password = password;
    if (impl->dialect) impl->dialect->UsePassword(password);
    if (impl->watcher) impl->watcher->Now();
  });
  return Ok();
}

Result<SyncReport> Account::Sync(SyncOptions options) {
  auto promise = std::make_shared<std::promise<SyncReport>>();
  auto report = promise->get_future();
  SyncAsync(options, nullptr, [promise](SyncReport done) { promise->set_value(std::move(done)); });
  return report.get();
}

Result<void> Account::MakeCheckpoint(const std::filesystem::path& folder) {
  if (!folder.is_absolute())
    return Error{Code::kInvalid, Retry::kNever, "a checkpoint's folder must be an absolute path: " + folder.string()};
  return impl_->journal->MakeCheckpoint(folder);
}

Result<RetentionReport> Account::Tidy() {
  OUTPOST_TRY(auto report, impl_->journal->Retain(impl_->Retention(), [] { return false; }));
  OUTPOST_TRYV(impl_->journal->Compact());
  return report;
}

void Account::SyncAsync(SyncOptions options, std::function<void(const SyncProgress&)> progress,
                        std::function<void(SyncReport)> done) {
  impl_->strand.Post([this, options, progress = std::move(progress), done = std::move(done)] {
    impl_->Sync(options, progress, done);
  });
}

void Account::Watch(std::optional<Millis> poll, std::function<void(const SyncReport&)> report) {
  impl_->strand.Post([this, poll, report = std::move(report)] { impl_->Watch(poll, report); });
  impl_->subscription = impl_->journal->Subscribe([impl = impl_.get()](Sequence) {
    impl->strand.Post([impl] {
      if (impl->watcher) impl->watcher->Committed();
    });
  });
}

void Account::StopWatching() {
  impl_->subscription.reset();
  impl_->strand.Post([this] {
    if (impl_->watcher) impl_->watcher->Stop();
  });
}

Result<SyncPreview> Account::DryRun() {
  auto promise = std::make_shared<std::promise<Result<SyncPreview>>>();
  auto preview = promise->get_future();
  impl_->strand.Post([this, promise] {
    impl_->WithReplicator(
        [this, promise] {
          ++impl_->runs;
          impl_->replicator->Preview([this, promise](Result<SyncPreview> done) {
            --impl_->runs;
            promise->set_value(std::move(done));
          });
        },
        [promise](SyncReport failed) {
          SyncPreview offline;
          offline.link = std::move(failed);
          promise->set_value(std::move(offline));
        });
  });
  return preview.get();
}

std::unique_ptr<JournalView> Account::View() const { return impl_->journal->View(); }
Journal& Account::journal() { return *impl_->journal; }
std::vector<InlineFold*> Account::folds() { return impl_->folds.all(); }
const std::filesystem::path& Account::folder() const { return impl_->options.folder; }

}  // namespace outpost
