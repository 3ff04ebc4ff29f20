#include "tools/outpost/demo_story.h"

#include <algorithm>
#include <future>

#include "base/system/files.h"
#include "engine/secrets.h"
#include "engine/settings.h"
#include "projection/folders.h"
#include "projection/items.h"
#include "tools/oxserver/generate.h"

namespace outpost::cli {
namespace {

constexpr std::size_t kEditsEachSide = 300;
constexpr std::size_t kClashes = 50;
constexpr std::size_t kDeletions = 30;
constexpr std::size_t kCreations = 30;
constexpr std::size_t kFullItems = 600;

// The process dies in a later batch than the one whose answer is cut off.
constexpr std::size_t kKillAtWrite = 6;
constexpr std::size_t kBatchesWanted = 8;
constexpr std::size_t kMeasuredEditsMax = 2000;
constexpr int kChildRunsMax = 20;

bool HasWrites(const oxserver::HttpRequest& request) {
  for (const char* action : {"\"new\"", "\"update\"", "\"delete\""})
    if (request.body.find(std::string("\"action\":") + action) != std::string::npos) return true;
  return false;
}

double Seconds(std::chrono::microseconds span) { return static_cast<double>(span.count()) / 1e6; }

}  // namespace

EditPlan PlanEdits(std::size_t contacts) {
  const auto share = [&](std::size_t full) {
    return contacts >= kFullItems ? full : std::max<std::size_t>(1, full * contacts / kFullItems);
  };
  EditPlan plan;
  // Below five contacts there is not one for each kind: clash, change and deletion here, change and deletion there.
  plan.clashes = contacts >= 1 ? share(kClashes) : 0;
  plan.deletions = contacts >= 5 ? share(kDeletions) : 0;
  plan.creations = share(kCreations);
  plan.changes =
      contacts >= 3 ? std::max<std::size_t>(1, share(kEditsEachSide - kClashes - kDeletions - kCreations)) : 0;
  while (plan.clashes + 2 * plan.changes + 2 * plan.deletions > contacts && plan.changes > 1) --plan.changes;
  return plan;
}

bool DemoFigures::good() const {
  return different == 0 && duplicates == 0 && items_client == items_server && edits_without_outcome == 0 &&
         losers_kept == conflicts && chain_ok && rebuild_equal;
}

Result<std::unique_ptr<DemoStory>> DemoStory::Start(const DemoOptions& options) {
  std::unique_ptr<DemoStory> story(new DemoStory(options));
  if (options.data.empty()) {
    OUTPOST_TRY(story->data_, MakeTemporaryFolder("outpost-demo-"));
  } else {
    story->data_ = std::filesystem::absolute(options.data);
    OUTPOST_TRYV(MakeFolder(story->data_));
  }
  oxserver::ServerOptions server;
  server.logic.requests_per_window = 0;  // the story must not wait five minutes
  server.before_answer = [demo = story.get()](const oxserver::HttpRequest& request, const oxserver::HttpResponse&) {
    if (!HasWrites(request) || ++demo->writes_seen_ != demo->kill_at_) return;
    if (ChildProcess* victim = demo->victim_.load()) victim->Kill();
  };
  OUTPOST_TRY(story->server_, oxserver::Server::Start(std::move(server), story->clock_, story->random_, NullLog()));
  OUTPOST_TRY(
      story->elsewhere_,
      oxserver::ApiClient::SignIn([demo = story.get()](const auto& request) { return demo->server_->Handle(request); },
                                  "anna", "secret"));
  story->network_ = std::make_unique<Network>();
  return story;
}

Result<void> DemoStory::Fill() {
  bar_.Show("filling the server", 0, 0);
  if (!options_.import_folder.empty()) {
    OUTPOST_TRY(figures_.import, oxserver::Import(options_.import_folder, *elsewhere_));
    return Ok();
  }
  oxserver::GenerateSpec spec;
  spec.contacts = options_.items;
  OUTPOST_TRYV(oxserver::Generate(spec, invent_, *elsewhere_));
  return Ok();
}

Result<void> DemoStory::OpenAccount(bool create) {
  AccountOptions options;
  options.folder = place_.folder;
  options.create = create;
  OUTPOST_TRY(account_, Account::Open(options, {clock_, random_, NullLog(), network_.get()}));
  return Ok();
}

Result<SyncReport> DemoStory::Sync(const char* what) {
  const auto done = std::make_shared<std::promise<SyncReport>>();  // outlives the call that fulfils it
  auto report = done->get_future();
  account_->SyncAsync(
      {}, [this, what](const SyncProgress& progress) { bar_.Show(what, progress.done, progress.total); },
      [done](SyncReport told) { done->set_value(std::move(told)); });
  SyncReport told = report.get();
  if (told.link != LinkState::kOnline || told.local_failure)
    return Error{Code::kUnavailable, Retry::kNever, std::string(what) + ": " + told.problem};
  return told;
}

Result<void> DemoStory::FirstSync() {
  OUTPOST_TRY(place_, PlaceFor(data_, server_->url(), "anna"));
  OUTPOST_TRYV(OpenAccount(true));
  OUTPOST_TRYV(account_->PutSettings(
      {{{std::string(setting::kServer), server_->url()}, {std::string(setting::kUser), "anna"}}}));
  OUTPOST_TRYV(StoreSecret(place_.folder, "secret"));
  const auto start = clock_.MonotonicNow();
  OUTPOST_TRY(const SyncReport report, Sync("first sync"));
  figures_.pull_seconds = Seconds(clock_.MonotonicNow() - start);
  figures_.pull_items_per_s = static_cast<double>(report.pulled) / figures_.pull_seconds;
  return Ok();
}

// In batches small enough that there are several however few edits were made.
std::size_t DemoStory::BatchIntents() const {
  const std::size_t sent = figures_.edits.all() - figures_.edits.clashes;
  return std::clamp<std::size_t>(sent / kBatchesWanted, 1, 50);
}

// One run of `outpost sync` as a process of its own: its exit code, or minus the signal that ended it.
Result<int> DemoStory::RunChild() {
  OUTPOST_TRY(const std::string program, OwnProgram());
  OUTPOST_TRY(ChildProcess child,
              ChildProcess::Start(program, {"sync", "--once", "--data", data_.string(), "--account", place_.name},
                                  {"OUTPOST_PASSWORD"}));
  victim_ = &child;
  const int ended = child.Wait();
  victim_ = nullptr;
  return ended;
}

// Back online: the first answer to changes is cut off after the server applied them, and a later batch meets the death
// of the process.
Result<void> DemoStory::ShipWithTrouble() {
  OUTPOST_TRYV(account_->PutSettings({{{std::string(setting::kBatchIntents), std::to_string(BatchIntents())}}}));
  account_.reset();
  const std::size_t sent = figures_.edits.all() - figures_.edits.clashes;
  const std::size_t batches = (sent + BatchIntents() - 1) / BatchIntents();
  kill_at_ = std::min(kKillAtWrite, std::max<std::size_t>(1, batches - 1));
  OUTPOST_TRYV(server_->AddFault("drop-reply:contacts.update:1"));
  figures_.cuts = 1;
  for (int run = 0; run < kChildRunsMax; ++run) {
    bar_.Show("shipping in a process of its own", static_cast<std::uint64_t>(run), 0);
    OUTPOST_TRY(const int ended, RunChild());
    if (ended < 0) ++figures_.kills;
    if (ended == 0) {
      kill_at_ = 0;
      return OpenAccount(false);
    }
  }
  return Error{Code::kUnavailable, Retry::kNever,
               "the edits did not get through in " + std::to_string(kChildRunsMax) + " runs"};
}

// A clean run for the figure: as many edits as there are contacts, up to two thousand.
Result<void> DemoStory::MeasurePush() {
  OUTPOST_TRYV(account_->PutSettings({{{std::string(setting::kBatchIntents), ""}}}));
  account_.reset();
  OUTPOST_TRYV(OpenAccount(false));
  OUTPOST_TRYV(Sync("settling"));
  std::vector<ItemId> items;
  {
    const auto view = account_->View();
    OUTPOST_TRY(const FolderNode folder, FindFolder(*view, "Contacts"));
    OUTPOST_TRYV(ForEachItem(*view, folder.id, [&](const ItemState& item) {
      items.push_back(item.id);
      return items.size() < kMeasuredEditsMax;
    }));
  }
  const Field* room = FindField(ItemType::kContact, "room_number");
  for (const ItemId& item : items) {
    OUTPOST_TRYV(account_->Set(item, {{room->id, std::string("R ") + std::to_string(figures_.edits_measured)}}));
    ++figures_.edits_measured;
    bar_.Show("edits for the figure", figures_.edits_measured, items.size());
  }
  const auto start = clock_.MonotonicNow();
  OUTPOST_TRY(const SyncReport report, Sync("shipping for the figure"));
  figures_.push_items_per_s = static_cast<double>(report.pushed) / Seconds(clock_.MonotonicNow() - start);
  return Ok();
}

}  // namespace outpost::cli
