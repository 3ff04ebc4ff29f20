#include "tests/sim/simulation.h"

#include <algorithm>
#include <functional>
#include <memory>

#include "base/check.h"
#include "tests/sim/client.h"
#include "tests/sim/coverage.h"
#include "tests/sim/server.h"

namespace outpost::sim {
namespace {

constexpr Millis kStart{1'790'000'000'000};
// Rounds of the healed world after which all must have come to rest, and tasks after which a stretch of time is
// endless.
constexpr int kHealingRounds = 60;
constexpr std::size_t kTasksMax = 200'000;

class World {
 public:
  World(const Script& script, Plant plant, const std::filesystem::path& scratch,
        const std::function<void(const std::string&)>& tell);
  Outcome Play();

 private:
  struct Computer {
    std::unique_ptr<Link> link;
    std::unique_ptr<Client> client;
  };
  void AdvanceTo(Millis time);
  void Do(const Step& step);
  void Happen(const Step& step);
  void Spring();
  void At(Millis delay, std::function<void()> what) { strand_.PostAfter(delay, std::move(what)); }
  void Heal();
  void Judge();
  void NoteFault(StepKind fault, const Client& client) {
    ++outcome_.faults[std::string(StepName(fault)) + " / " + client.Condition()];
  }

  const Script& script_;
  SeededRandom random_;
  ManualClock clock_{kStart};
  ManualStrand strand_{clock_};
  std::unique_ptr<FolderJudge> folders_;
  std::unique_ptr<MailJudge> mails_;
  std::unique_ptr<Oracle> oracle_;
  std::unique_ptr<Server> server_;
  std::vector<Computer> computers_;
  std::vector<std::pair<Step, const char*>> ambushes_;  // what waits for its client to be at something
  bool changes_tell_all_ = false;  // of what came and was changed: no rights go, no backup brings back
  Outcome outcome_;
  std::function<void(const std::string&)> tell_;
};

World::World(const Script& script, Plant plant, const std::filesystem::path& scratch,
             const std::function<void(const std::string&)>& tell)
    : script_(script), random_(script.seed) {
  oxserver::LogicOptions options;
  const Policy policy = random_.Chance(1, 3) ? Policy::kClientWins : Policy::kServerWins;
  const std::uint64_t stamps = random_.Below(8);
  options.stamps = stamps == 0   ? oxserver::StampMode::kSameTwice
                   : stamps == 1 ? oxserver::StampMode::kStepsBack
                                 : oxserver::StampMode::kStrict;
  options.ids = static_cast<oxserver::IdStyle>(random_.Below(3));
  options.boundary = random_.Chance(1, 2) ? oxserver::Boundary::kAfter : oxserver::Boundary::kFrom;
  options.older_contacts_path = random_.Chance(1, 3);
  options.move_tombstones = random_.Chance(1, 2);
  if (random_.Chance(1, 3)) options.tombstone_retention = Millis(3'600'000);
  options.sessions_per_user = 1'000'000;
  oracle_ = std::make_unique<Oracle>(policy, options.stamps != oxserver::StampMode::kStrict);
  folders_ = std::make_unique<FolderJudge>(policy, options.stamps != oxserver::StampMode::kStrict);
  folders_->fail = [this](const std::string& what) { oracle_->Fail(what); };
  oracle_->folders = folders_.get();
  if (tell) {
    tell_ = [this, tell](const std::string& what) {
      tell(std::to_string((clock_.WallNow() - kStart).count()) + " ms: " + what);
    };
    oracle_->tell = tell_;
    folders_->tell = tell_;
    tell_(std::string("stamps ") + std::to_string(static_cast<int>(options.stamps)) + ", boundary " +
          std::to_string(static_cast<int>(options.boundary)) +
          (options.older_contacts_path ? ", older contacts path" : "") +
          (options.move_tombstones ? ", move tombstones" : "") + ", deletions remembered for " +
          std::to_string(options.tombstone_retention.count() / 3'600'000) + " h" +
          (policy == Policy::kClientWins ? ", client wins" : ", server wins"));
  }
  // A restored server's mails are not judged yet.
  const bool has_mails =
      std::any_of(script.steps.begin(), script.steps.end(), [](const Step& step) { return IsAboutMail(step.kind); });
  // Of its own, so that the worlds of before stay what they were.
  SeededRandom more(script.seed + 0x5EED);
  const bool shares = more.Chance(1, 2);
  options.revoke_tombstones = more.Chance(1, 2);
  if (tell_ && shares)
    tell_(std::string("a folder is shared") +
          (options.revoke_tombstones ? ", and told as deleted where its rights are gone" : ""));
  const bool backups = more.Chance(1, 2) && !has_mails;
  changes_tell_all_ = !shares && !backups && options.stamps == oxserver::StampMode::kStrict;
  if (tell_ && backups) tell_("the server is backed up, and restored");
  if (has_mails) {
    mails_ = std::make_unique<MailJudge>(policy);
    mails_->fail = folders_->fail;
    mails_->tell = tell_;
    oracle_->mails = mails_.get();
    if (tell_) tell_("people also have mails");
  }
  const bool kinds = more.Chance(1, 4);
  if (tell_ && kinds) tell_("people also have tasks and appointments");
  server_ = std::make_unique<Server>(options, clock_, random_.Next(), *oracle_, shares, kinds, has_mails,
                                     backups ? scratch / "server" : std::filesystem::path());
  const std::size_t count = 1 + random_.Below(3);
  for (std::size_t i = 0; i < count; ++i) {
    Computer computer;
    const int number = static_cast<int>(i);
    computer.link = std::make_unique<Link>(
        [this, number](const oxserver::HttpRequest& request, const oxserver::HandleOptions& how) {
          return server_->Handle(number, request, how);
        },
        strand_, clock_, random_);
    ClientOptions client;
    client.number = number;
    client.policy = policy;
    client.batch_intents = std::vector<std::size_t>{1, 3, 50}[random_.Below(3)];
    client.page_items = std::vector<std::size_t>{1, 4, 50}[random_.Below(3)];
    client.seed = random_.Next();
    client.folder = scratch / ("client" + std::to_string(number));
    client.plant = plant;
    client.kinds = kinds;
    client.password = kFirstPassword;
    computer.client = std::make_unique<Client>(client, *computer.link, strand_, clock_, *oracle_);
    computer.link->reading_back = [client = computer.client.get()] {
      return client->Condition() == std::string_view("reading back");
    };
    computer.link->on_fault = [this, client = computer.client.get()](StepKind fault) { NoteFault(fault, *client); };
    computers_.push_back(std::move(computer));
  }
  for (Computer& computer : computers_) computer.client->Start();
}

void World::AdvanceTo(Millis time) {
  bool there = false;
  strand_.PostAfter(time - clock_.WallNow(), [&] { there = true; });
  for (std::size_t tasks = 0; !there; ++tasks) {
    if (tasks > kTasksMax) {
      oracle_->Fail("the world does not come to rest: more than " + std::to_string(kTasksMax) + " tasks");
      there = true;
      break;
    }
    strand_.RunOne();
    if (!ambushes_.empty()) Spring();
  }
}

// What was to happen when its client is at something, and it is.
void World::Spring() {
  for (std::size_t i = 0; i < ambushes_.size(); ++i) {
    const auto [step, condition] = ambushes_[i];
    if (computers_[step.client % computers_.size()].client->Condition() != std::string_view(condition)) continue;
    ambushes_.erase(ambushes_.begin() + static_cast<std::ptrdiff_t>(i));
    return Happen(step);
  }
}

void World::Do(const Step& step) {
  ++outcome_.operations;
  if (tell_) tell_(std::string("step ") + StepName(step.kind) + " " + std::to_string(step.client % computers_.size()));
  const auto& conditions = Conditions();
  // Two thirds of what can meet a client at anything wait for it to be there.
  if (MeetsConditions(step.kind) && step.b % 3 != 0)
    ambushes_.emplace_back(step, conditions[step.b / 3 % conditions.size()]);
  else
    Happen(step);
}

void World::Happen(const Step& step) {
  Computer& computer = computers_[step.client % computers_.size()];
  Client& client = *computer.client;
  const auto seconds = [&](std::uint64_t most) {
    return Millis(static_cast<std::int64_t>(1'000 * (1 + step.a % most)));
  };
  const Millis clock_step = step.b % 2 == 0 ? seconds(100'000) : -seconds(100'000);
  switch (step.kind) {
    case StepKind::kCreate:
    case StepKind::kEdit:
    case StepKind::kEditPart:
    case StepKind::kTag:
    case StepKind::kUntag:
    case StepKind::kMove:
    case StepKind::kDelete:
    case StepKind::kPoison:
    case StepKind::kToxic:
    case StepKind::kRetry:
    case StepKind::kRace:
    case StepKind::kFolderNew:
    case StepKind::kFolderRename:
    case StepKind::kFolderMove:
    case StepKind::kFolderDelete:
      return client.Do(step);
    case StepKind::kElseSameUid:
      if (const std::string uid = client.PendingCreate(step.a); !uid.empty()) server_->CreateWithUid(uid, step.b);
      return;
    case StepKind::kElseSameFolder:
      if (const FolderFacts facts = client.PendingFolder(step.a); !facts.parent.empty()) server_->CreateFolder(facts);
      return;
    case StepKind::kElseCreate:
    case StepKind::kElseEdit:
    case StepKind::kElseTag:
    case StepKind::kElseMove:
    case StepKind::kElseDelete:
    case StepKind::kElseNewFolder:
    case StepKind::kElseDropFolder:
    case StepKind::kElseRenameFolder:
    case StepKind::kElseMoveFolder:
    case StepKind::kElseEmptyFolder:
      return server_->Do(step);
    case StepKind::kElseMoveEdited:
      if (const std::string id = client.LastFolder(); !id.empty()) server_->MoveFolder(id, step.b);
      return;
    case StepKind::kMailSeen:
    case StepKind::kMailFlag:
    case StepKind::kMailMove:
    case StepKind::kMailDelete:
    case StepKind::kMailDraft:
    case StepKind::kMailSend:
    case StepKind::kMailFolderNew:
    case StepKind::kMailFolderRename:
    case StepKind::kMailFolderDelete:
    case StepKind::kMailEmpty:
      return client.DoMail(step);
    case StepKind::kElseMail:
    case StepKind::kElseMailFlag:
    case StepKind::kElseMailMove:
    case StepKind::kElseMailDelete:
    case StepKind::kElseMailIds:
    case StepKind::kElseMailFolderNew:
    case StepKind::kElseMailFolderRename:
    case StepKind::kElseMailFolderDrop:
      return server_->DoMail(step);
    case StepKind::kElseMailEdited:
      return server_->DoToMail(client.last_mail(), step);
    case StepKind::kElseRights:
      if (!server_->shares()) return;
      for (const Computer& one : computers_) NoteFault(step.kind, *one.client);
      return server_->Do(step);
    case StepKind::kLoseRequest:
    case StepKind::kLoseReply:
    case StepKind::kCutReply:
    case StepKind::kHalfReply:
    case StepKind::kTwice:
    case StepKind::kUnavailable:
    case StepKind::kThrottle:
    case StepKind::kForgetSession:
    case StepKind::kTryAgain:
    case StepKind::kServiceDown:
    case StepKind::kLate:
    case StepKind::kSlow:
      return computer.link->Arm(step.kind, step.a % 3, static_cast<Link::Aim>(step.b % 3));
    case StepKind::kOffline:
    case StepKind::kPortal:
    case StepKind::kCertificate:
    case StepKind::kBadProxy:
    case StepKind::kBusyServer:
      NoteFault(step.kind, client);
      computer.link->Begin(step.kind);
      return At(seconds(600), [link = computer.link.get(), kind = step.kind] { link->End(kind); });
    case StepKind::kPassword:
      for (const Computer& one : computers_) NoteFault(step.kind, *one.client);
      server_->ChangePassword();
      for (const Computer& one : computers_)
        At(seconds(1'000), [this, client = one.client.get()] { client->UsePassword(server_->password()); });
      return;
    case StepKind::kPause:
      NoteFault(step.kind, client);
      client.SetPaused(true);
      return At(seconds(600), [&client] { client.SetPaused(false); });
    case StepKind::kMaintenance:
      for (const Computer& one : computers_) NoteFault(step.kind, *one.client);
      server_->SetDown(true);
      return At(seconds(300), [this] { server_->SetDown(false); });
    case StepKind::kServerClock:
      for (const Computer& one : computers_) NoteFault(step.kind, *one.client);
      // Where its newest stamps are forgotten as well, nothing would tell what is written next from what was.
      return server_->StepClock(server_->keeps_backups() ? seconds(100'000) : clock_step);
    case StepKind::kBackUp:
      if (!server_->keeps_backups()) return;
      for (const Computer& one : computers_) NoteFault(step.kind, *one.client);
      return server_->BackUp();
    case StepKind::kRestore:
      if (!server_->has_backup()) return;
      for (const Computer& one : computers_) NoteFault(step.kind, *one.client);
      server_->SetDown(true);
      return At(seconds(60), [this] {
        server_->Restore();
        server_->SetDown(false);
      });
    case StepKind::kKill:
      NoteFault(step.kind, client);
      client.Kill();
      return At(seconds(60), [&client] { client.Start(); });
    case StepKind::kPowerCut:
      NoteFault(step.kind, client);
      client.PowerCut();
      return At(seconds(60), [&client] { client.Start(); });
    case StepKind::kClockStep:
      NoteFault(step.kind, client);
      return client.clock().Step(clock_step);
    case StepKind::kCloseFor:
      NoteFault(step.kind, client);
      client.Kill();
      return At(seconds(1'000) * 60, [&client] { client.Start(); });
    case StepKind::kDiskFull:
      NoteFault(step.kind, client);
      client.disk().SetFull(true);
      return At(seconds(100), [&client] {
        client.disk().SetFull(false);
        client.RestartIfStuck();
      });
    case StepKind::kSyncFails:
      NoteFault(step.kind, client);
      client.disk().FailNextSync();
      return At(seconds(100), [&client] { client.RestartIfStuck(); });
    case StepKind::kTidy:
      return client.Tidy();
    case StepKind::kResync:
      return client.Resync();
  }
}

// All faults end, every program runs, every question is answered; then they sync until nobody has anything to tell.
void World::Heal() {
  server_->SetDown(false);
  server_->RestoreRights();
  for (Computer& computer : computers_) {
    computer.link->Heal();
    computer.client->disk().Heal();
    computer.client->SetPaused(false);
    computer.client->UsePassword(server_->password());
  }
  ambushes_.clear();
  Millis pause{3 * 60'000};
  int rounds_at_rest = 0;
  for (int round = 0; round < kHealingRounds; ++round) {
    if (tell_) tell_("healing round " + std::to_string(round));
    for (Computer& computer : computers_) {
      computer.client->Start();
      computer.client->RestartIfStuck();
      computer.client->GiveConsents();
      computer.client->Unsettle();
      computer.client->Sync();
    }
    AdvanceTo(clock_.WallNow() + pause);
    if (std::all_of(computers_.begin(), computers_.end(), [](const Computer& computer) {
          return computer.client->running() && computer.client->idle() && computer.client->settled();
        }))
      ++rounds_at_rest;
    else
      rounds_at_rest = 0;
    if (rounds_at_rest == 2 && changes_tell_all_)
      for (std::size_t i = 0; i < computers_.size(); ++i)
        oracle_->JudgeHeld(static_cast<int>(i), computers_[i].client->Account());
    // What changes do not tell, a comparison finds within a day.
    pause = rounds_at_rest == 2 ? Millis(26 * 3'600'000) : Millis(3 * 60'000);
    if (rounds_at_rest == 4) return;
  }
  std::string why;
  for (const Computer& computer : computers_) {
    const SyncReport& report = computer.client->report();
    why += std::string("; ") + computer.client->Condition() + ", " + std::to_string(report.pending) + " pending, " +
           std::to_string(report.rounds) + " rounds, \"" + report.problem + "\"";
  }
  oracle_->Fail("not at rest after all has healed" + why);
}

void World::Judge() {
  std::vector<Mailbag> bags;
  for (std::size_t i = 0; i < computers_.size(); ++i) {
    Client& client = *computers_[i].client;
    if (!client.running()) continue;
    oracle_->JudgeClient(static_cast<int>(i), client.Account());
    folders_->JudgeClient(static_cast<int>(i), client.Folders());
    if (mails_) {
      bags.push_back(client.Mails());
      mails_->JudgeClient(static_cast<int>(i), bags.back());
    }
    client.Examine();
    outcome_.roots.push_back(client.Root());
  }
  if (mails_ && bags.size() == computers_.size()) mails_->JudgeDelivered(server_->Delivered(), bags);
}

Outcome World::Play() {
  try {
    for (const Step& step : script_.steps) {
      AdvanceTo(clock_.WallNow() + step.after);
      Do(step);
    }
    Heal();
    Judge();
  } catch (const InvariantViolation& violation) {
    oracle_->Fail(std::string("an invariant of the engine is broken: ") + violation.what());
  }
  for (const Computer& computer : computers_) {
    outcome_.exchanges += computer.link->exchanges();
    outcome_.operations += computer.link->exchanges();
  }
  outcome_.cells = oracle_->Cells();
  outcome_.cells.merge(folders_->Cells(*oracle_));
  if (mails_) outcome_.cells.merge(mails_->Cells());
  outcome_.exempted = oracle_->exempted();
  outcome_.restored_twice = oracle_->restored_twice();
  outcome_.violations = oracle_->violations();
  return outcome_;
}

}  // namespace

Outcome Run(const Script& script, Plant plant, const std::filesystem::path& scratch,
            const std::function<void(const std::string&)>& tell) {
  return World(script, plant, scratch, tell).Play();
}

Script Shrink(const Script& script, Plant plant, const std::filesystem::path& scratch, int runs_max) {
  Script best = script;
  int runs = 0;
  for (std::size_t piece = std::max<std::size_t>(best.steps.size() / 2, 1); runs < runs_max;) {
    bool shorter = false;
    for (std::size_t at = 0; at < best.steps.size() && runs < runs_max;) {
      Script tried = best;
      const auto from = tried.steps.begin() + static_cast<std::ptrdiff_t>(at);
      const auto to = from + static_cast<std::ptrdiff_t>(std::min(piece, best.steps.size() - at));
      // The time they took stays, so that what follows happens when it did.
      Millis skipped{0};
      for (auto step = from; step != to; ++step) skipped += step->after;
      const auto next = tried.steps.erase(from, to);
      if (next != tried.steps.end()) next->after += skipped;
      ++runs;
      if (Run(tried, plant, scratch).violations.empty()) {
        at += piece;
      } else {
        best = std::move(tried);
        shorter = true;
      }
    }
    if (piece == 1 && !shorter) break;
    if (piece > 1) piece /= 2;
  }
  return best;
}

}  // namespace outpost::sim
