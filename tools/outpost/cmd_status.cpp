#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <memory>

#include "base/system/terminal.h"
#include "engine/json/status_json.h"
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
  return StatusJson(place, view, now, HolderOf(place));
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
