#include <map>
#include <set>

#include "engine/account_impl.h"
#include "engine/connection.h"
#include "engine/parked.h"
#include "engine/secrets.h"
#include "replicator/ox/ox_dialect.h"

namespace outpost {
namespace {

Error NoNetwork() { return {Code::kUnavailable, Retry::kNever, "this account was opened without a network"}; }

SyncReport OfflineReport(LinkState link, std::string problem) {
  SyncReport report;
  report.link = link;
  report.problem = std::move(problem);
  return report;
}

}  // namespace

Result<void> Account::Impl::RetryHopeful() {
  OUTPOST_TRY(const auto all, ParkedWithHopes(*journal->View(), options.version));
  std::map<ItemId, std::set<std::pair<Sequence, GroupId>>> hopeful;
  bool new_engine = false;
  for (const ParkedHope& parked : all) {
    if (!parked.hope) continue;
    hopeful[parked.item].emplace(parked.parked.seq, parked.parked.refusal.group);
    new_engine = new_engine || *parked.hope == Hope::kNewEngine;
  }
  for (const auto& [item, groups] : hopeful)
    OUTPOST_TRYV(Edit(item, [&](const ItemState* state) -> Result<Batch> {
      if (state == nullptr || state->parked.empty() || !state->Visible()) return Batch{};  // a person was faster
      return RetryEvents(
          item, state, [this] { return NewOp(); },
          [&](const ParkedGroup& parked) {
            return groups.contains({parked.seq, parked.refusal.group});
          });
    }));
  if (new_engine) NoteVersion();
  return Ok();
}

void Account::Impl::NoteVersion() { NoteSetting(setting::kParkedBy, options.version); }

void Account::Impl::NoteSetting(std::string_view name, const std::string& value) {
  if (Setting(name) == value) return;
  const SettingsBody settings{{{std::string(name), value}}};
  const auto noted = journal->AppendAndWait(
      {{Kind::kAccountSet, Origin::kEngine, ItemType::kNone, {}, {}, Encode(settings)}}, {}, Durability::kSynced);
  if (!noted) env.log.Write(LogLevel::kWarning, "engine", noted.assume_error().context);
}

// So that they count offline too.
void Account::Impl::NoteServerChoices() {
  if (!dialect || !dialect->session().mail_goes_for_good) return;
  const bool for_good = *dialect->session().mail_goes_for_good;
  if (for_good || !Setting(setting::kMailForGood).empty())
    NoteSetting(setting::kMailForGood, for_good ? "true" : "false");
}

void Account::Impl::StartMeter() {
  {
    MutexLock lock(meter_mutex);
    meter = ProgressMeter(run.speeds);
  }
  commits = journal->Subscribe([this](Sequence) { bell.Ring(); });
}

void Account::Impl::BeginProgress() {
  if (syncs++ > 0) return;  // one run answers all
  const EditCounts edits = Edits();
  {
    MutexLock lock(meter_mutex);
    meter.Begin(MeterNow(), edits);
  }
  bell.Ring();
}

void Account::Impl::NoteProgress(const SyncProgress& progress) {
  const EditCounts edits = Edits();
  {
    MutexLock lock(meter_mutex);
    meter.Note(MeterNow(), progress, edits);
  }
  bell.Ring();
}

void Account::Impl::EndProgress() {
  if (--syncs > 0) return;
  const EditCounts edits = Edits();
  {
    MutexLock lock(meter_mutex);
    meter.End(MeterNow(), edits);
    run.speeds = meter.speeds();
  }
  bell.Ring();
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
  bell.Ring();
}

void Account::Impl::MakeReplicator(const std::string& base_url) {
  OxOptions ox;
  ox.base_url = base_url;
  ox.user = Setting(setting::kUser);
  ox.password = options.password;
  ox.request_deadline = options.request_deadline;
  ox.seed = random.Next();
  dialect = MakeOxDialect(ox, *transport, strand, env.clock, env.log);
  replicator = std::make_unique<Replicator>([this] { return Replication(); }, *journal, *dialect, strand, env.clock,
                                            random, env.log);
  if (trace == nullptr) trace = std::make_unique<TraceRing>(TraceFolder(options.folder), env.clock, env.log);
  if (const auto key = RandomSecret(kTraceKeyBytes))
    replicator->TraceTo(trace.get(), options.version, key.assume_value());
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
  if (line == nullptr || (runs == 0 && !(wanted == connection))) {
    connection = std::move(wanted);
    transport.reset();
    line = MakeTransport(*env.network, strand, connection);
    transport = std::make_unique<PacedTransport>(
        *line, [this] { return LinePace(); }, strand, env.clock);
  }
  if (const std::string base = Setting(setting::kBaseUrl); !base.empty()) {
    MakeReplicator(base);
    return ready();
  }
  ++runs;
  ProbeBase(Setting(setting::kServer), *transport, [this, ready, failed](const BaseFound& base) {
    --runs;
    if (base.failure) {
      SyncReport report = OfflineReport(base.failure->why, base.failure->text);
      report.retry_after = base.failure->retry_after;
      return failed(std::move(report));
    }
    if (replicator == nullptr) MakeReplicator(base.url);
    NoteSetting(setting::kBaseUrl, base.url);
    ready();
  });
}

void Account::Impl::Sync(SyncOptions sync, std::function<void(const SyncProgress&)> progress,
                         std::function<void(SyncReport)> tell) {
  BeginProgress();
  const auto done = [this, tell = std::move(tell)](SyncReport report) {
    EndProgress();
    NoteServerChoices();
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
        const auto note = [this, progress](const SyncProgress& told) {
          NoteProgress(told);
          if (progress) progress(told);
        };
        // Who only joins a run leaves the other's bar in place.
        const bool joins = syncs > 1 && !progress;
        replicator->Run(sync.folder, resync, joins ? std::function<void(const SyncProgress&)>() : note,
                        [this, resync, wanted, done](SyncReport report) {
                          --runs;
                          if (resync && report.link == LinkState::kOnline && !report.local_failure)
                            NoteSetting(setting::kResynced, wanted);
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
  hooks.listen = [this] {
    if (dialect) dialect->Listen([this] { watcher->News(); });
  };
  hooks.poll = [this, poll] {
    const auto seconds = NumberSetting(setting::kPoll);
    return poll.value_or(seconds ? std::chrono::seconds(*seconds) : SyncSchedule::kPoll);
  };
  hooks.pending = [this] {
    const auto view = journal->View();
    const auto pending = CountQueue(*view), wishes = CountWishes(*view);
    return (pending ? pending.value() : 0) + (wishes ? wishes.value() : 0);
  };
  hooks.report = std::move(report);
  hooks.next = [this](Millis pause) { NoteNextTry(pause); };
  if (!subscription)
    subscription = journal->Subscribe([this](Sequence) { strand.Post([this] { watcher->Committed(); }); });
  // Never a second one: the run under way and its timers would tell the first.
  if (watcher) return watcher->Restart(std::move(hooks));
  watcher = std::make_unique<Watcher>(std::move(hooks), strand, random);
  watcher->Start();
}

}  // namespace outpost
