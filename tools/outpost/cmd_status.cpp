#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <memory>

#include "base/system/terminal.h"
#include "engine/settings.h"
#include "engine/status.h"
#include "projection/account.h"
#include "projection/items.h"
#include "tools/outpost/access.h"
#include "tools/outpost/progress_output.h"
#include "tools/outpost/values.h"

namespace outpost::cli {
namespace {

constexpr Millis kLookAgain{500};
// A busy account changes thousands of times a second; nobody reads faster than this.
constexpr Millis kPauseBetween{100};
// How long the holder is to wait for a change: the wish to stop is noticed between two such calls.
constexpr Millis kHolderWaits{1'000};

Json SettingJson(const std::map<std::string, std::string>& settings, std::string_view name) {
  const auto found = settings.find(std::string(name));
  return found != settings.end() ? Json(found->second) : Json();
}

Json TimeOrNull(std::int64_t time) { return time == 0 ? Json() : Json(time); }

// `now` 0: without the ages, which change by themselves.
Json FolderStatusJson(const FolderStatus& folder, std::int64_t now) {
  const std::int64_t stored = folder.token_time.count();
  Json::Object out{{"id", folder.id.Hex()},
                   {"type", ItemTypeName(folder.content)},
                   {"complete", folder.complete},
                   {"token", folder.token ? Json(*folder.token) : Json()},
                   {"token_time", TimeOrNull(stored)}};
  if (now != 0) out.emplace_back("age", stored == 0 ? Json() : Json(std::max<std::int64_t>(0, now - stored)));
  return out;
}

Json LastErrorJson(const RunRecord& run) {
  if (run.last_error.empty()) return {};
  return Json::Object{{"text", run.last_error}, {"time", run.last_error_time}};
}

Json AuditJson(const std::optional<AuditSummary>& audit) {
  if (!audit) return {};
  return Json::Object{
      {"seq", audit->at}, {"edits_without_outcome", audit->edits_without_outcome}, {"sound", audit->sound}};
}

// Of whoever holds the account; null where nobody does, or no run is under way.
struct Holder {
  bool held = false;
  Json progress;
};
Holder HolderOf(const AccountPlace& place) {
  Holder holder;
  const auto client = ControlClient::Connect(ControlSocket(place.folder));
  holder.held = client.has_value();
  if (!client) return holder;
  const auto progress = client.assume_value()->Progress(0, Millis{0});
  if (progress && progress.assume_value().running) holder.progress = ProgressJson(progress.assume_value());
  return holder;
}

Result<Json::Object> StatusOf(const AccountPlace& place, const JournalView& view, std::int64_t now) {
  const Holder holder = HolderOf(place);
  OUTPOST_TRY(const auto settings, ReadSettings(view));
  OUTPOST_TRY(const auto visible, CountVisible(view));
  OUTPOST_TRY(const auto status, ReadStatus(view, place.folder));
  const RunRecord run = status.run.value_or(RunRecord{});
  Json::Object items;
  for (const auto& [type, count] : visible)
    if (type != ItemType::kFolder && type != ItemType::kPerson) items.emplace_back(ItemTypeName(type), count);
  Json::Array folders;
  for (const auto& folder : status.folders) folders.push_back(FolderStatusJson(folder, now));
  const Json policy = SettingJson(settings, setting::kPolicy);
  return Json::Object{{"account", place.name},
                      {"server", SettingJson(settings, setting::kServer)},
                      {"user", SettingJson(settings, setting::kUser)},
                      {"policy", policy.null() ? Json("server-wins") : policy},
                      {"state", status.state},
                      {"since", TimeOrNull(run.since)},
                      {"last_run", TimeOrNull(run.last_run)},
                      {"last_success", TimeOrNull(run.last_success)},
                      {"next_try", TimeOrNull(run.next_try)},
                      {"last_error", LastErrorJson(run)},
                      {"paused", status.state == "paused"},
                      {"held", holder.held},
                      {"progress", holder.progress},
                      {"items", std::move(items)},
                      {"pending", status.pending},
                      {"parked", status.parked},
                      {"conflicts", status.conflicts},
                      {"held_deletions", status.held_deletions},
                      {"lost", status.lost},
                      {"audit", AuditJson(status.audit)},
                      {"open_batches", status.open_batches},
                      {"events", view.last()},
                      {"folders", std::move(folders)}};
}

Result<int> Once(const Common& common) {
  OUTPOST_TRY(const auto access, ReadAccess::Open(common));
  OUTPOST_TRY(const auto view, access->View());
  OUTPOST_TRY(const auto status, StatusOf(access->place(), *view, SystemClock().WallNow().count()));
  ShowReport(common.form(), status);
  return kExitDone;
}

// Waits until it is worth while to look again; true when the program is to stop. Whoever holds the account wakes us;
// nobody holds it: then it changes by short commands only, and is looked at now and then. `seen` is the newest change
// that the holder told of.
bool StopsBeforeNews(const AccountPlace& place, StopRequest& stop, std::uint64_t& seen) {
  while (!stop.WaitFor(kPauseBetween)) {
    const auto client = ControlClient::Connect(ControlSocket(place.folder));
    if (!client) return stop.WaitFor(kLookAgain);
    const auto progress = client.assume_value()->Progress(seen, kHolderWaits);
    if (!progress) return stop.WaitFor(kLookAgain);
    const bool news = progress.assume_value().version != seen || progress.assume_value().running;
    seen = progress.assume_value().version;
    if (news) return false;
  }
  return true;
}

Result<int> Watch(const Common& common) {
  StopRequest stop;
  OUTPOST_TRY(const auto access, ReadAccess::Open(common));
  std::string shown;
  std::uint64_t seen = 0;
  do {
    OUTPOST_TRY(const auto view, access->View());
    OUTPOST_TRY(const auto status, StatusOf(access->place(), *view, 0));
    if (std::string line = ToLine(status); line != shown) {
      ShowEvent(common.form(), status);
      shown = std::move(line);
    }
  } while (!StopsBeforeNews(access->place(), stop, seen));
  return kExitDone;
}

}  // namespace

void AddStatus(Program& program, CLI::App& app) {
  auto watch = std::make_shared<bool>(false);
  CLI::App& verb = AddVerb(program, app, "status", "How an account stands",
                           [watch](const Common& common) { return *watch ? Watch(common) : Once(common); });
  verb.add_flag("--watch", *watch, "Show it again whenever it changes, until stopped");
}

}  // namespace outpost::cli
