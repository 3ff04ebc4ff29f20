#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <future>
#include <memory>
#include <optional>

#include "base/system/terminal.h"
#include "engine/json/sync_json.h"
#include "projection/folders.h"
#include "tools/outpost/access.h"
#include "tools/outpost/progress_output.h"
#include "tools/outpost/values.h"

namespace outpost::cli {
namespace {

struct Arguments {
  bool once = false;
  bool watch = false;
  bool dry_run = false;
  bool password_stdin = false;
  bool progress = false;
  std::string folder;
  std::string retry;
  std::optional<std::uint32_t> poll_seconds;
};

int Show(const Common& common, const SyncReport& report) {
  ShowReport(common.form(), SyncJson(report));
  if (!report.problem.empty()) ShowError(report.problem);
  return ExitCodeOf(report);
}

void TellProgress(Form form, const ProgressReport& progress) {
  if (form == Form::kJson) return ShowEvent(form, {{"progress", ProgressJson(progress)}});
  ShowProgressLine(ProgressLine(progress, SystemClock().WallNow()));
}

// The run here or by the holder, told as it goes on.
Result<SyncReport> RunTold(Form form, AccountCommands& commands, const SyncOptions& options) {
  const ProgressTeller teller(commands, [form](const ProgressReport& progress) { TellProgress(form, progress); });
  return commands.Sync(options);
}

// The run here, with a progress bar.
SyncReport RunHere(Account& account, const SyncOptions& options) {
  ProgressBar bar;
  const auto done = std::make_shared<std::promise<SyncReport>>();  // outlives the call that fulfils it
  auto report = done->get_future();
  account.SyncAsync(
      options,
      [&bar](const SyncProgress& progress) { bar.Show(PhaseName(progress.phase), progress.done, progress.total); },
      [done](SyncReport told) { done->set_value(std::move(told)); });
  return report.get();
}

Result<int> Once(const Common& common, const Arguments& arguments, WriteAccess& access) {
  SyncOptions options;
  if (!arguments.folder.empty()) {
    OUTPOST_TRY(const auto view, access.View());
    OUTPOST_TRY(const auto folder, FindFolder(*view, arguments.folder));
    options.folder = folder.id;
  }
  if (!arguments.retry.empty()) {
    OUTPOST_TRY(const auto item, ParseItemId(arguments.retry));
    OUTPOST_TRYV(access.commands().Retry(item));
  }
  if (arguments.progress) {
    OUTPOST_TRY(const auto report, RunTold(common.form(), access.commands(), options));
    return Show(common, report);
  }
  if (access.account() != nullptr) return Show(common, RunHere(*access.account(), options));
  OUTPOST_TRY(const auto report, access.commands().Sync(options));
  return Show(common, report);
}

Result<int> DryRun(const Common& common, WriteAccess& access) {
  OUTPOST_TRY(const auto preview, access.account()->DryRun());
  ShowReport(common.form(), PreviewJson(preview));
  if (!preview.link.problem.empty()) ShowError(preview.link.problem);
  return ExitCodeOf(preview.link);
}

Result<int> Watch(const Common& common, const Arguments& arguments, StopRequest& stop, WriteAccess& access) {
  const Form form = common.form();
  std::optional<Millis> poll;
  if (arguments.poll_seconds) poll = std::chrono::seconds(*arguments.poll_seconds);
  access.account()->Watch(poll, [form](const SyncReport& report) {
    Json::Object event{{"time", SystemClock().WallNow().count()}};
    for (auto& member : SyncJson(report)) event.push_back(std::move(member));
    ShowEvent(form, event);
  });
  stop.Wait();
  access.account()->StopWatching();
  return kExitDone;
}

Result<int> Sync(const Common& common, const Arguments& arguments) {
  OUTPOST_TRY(const auto place, PlaceOf(common));
  WriteAccess::Options options;
  options.network = WriteAccess::Network::kUsed;
  OUTPOST_TRY(options.password, GivenPassword(arguments.password_stdin));
  if (arguments.watch) {
    StopRequest stop;  // before any thread starts
    OUTPOST_TRY(const auto access, WriteAccess::OpenHere(place, std::move(options)));
    return Watch(common, arguments, stop, *access);
  }
  if (arguments.dry_run) {
    OUTPOST_TRY(const auto access, WriteAccess::OpenHere(place, std::move(options)));
    return DryRun(common, *access);
  }
  OUTPOST_TRY(const auto access, WriteAccess::Open(place, std::move(options)));
  return Once(common, arguments, *access);
}

}  // namespace

void AddSync(Program& program, CLI::App& app) {
  auto arguments = std::make_shared<Arguments>();
  CLI::App& verb = AddVerb(program, app, "sync", "Bring the account and its server in step",
                           [arguments](const Common& common) { return Sync(common, *arguments); });
  auto* once = verb.add_flag("--once", arguments->once,
                             "Until neither side has anything to tell, or something must be waited for (default)");
  auto* watch = verb.add_flag("--watch", arguments->watch,
                              "Keep going until stopped; other commands go through this one meanwhile");
  auto* dry = verb.add_flag("--dry-run", arguments->dry_run, "Only say what would be done");
  auto* progress =
      verb.add_flag("--progress", arguments->progress, "Tell how far it is, line by line on standard error");
  progress->excludes(watch)->excludes(dry);
  auto* folder = verb.add_option("--folder", arguments->folder, "This folder first")->type_name("PATH");
  auto* retry =
      verb.add_option("--retry", arguments->retry, "Send the parked fields of this item once more")->type_name("ID");
  auto* poll = verb.add_option("--poll", arguments->poll_seconds,
                               "With --watch: seconds between rounds while little happens; else the setting \"poll\"")
                   ->type_name("SECONDS");
  poll->check(CLI::Range(1, 86'400))->needs(watch);
  verb.add_flag("--password-stdin", arguments->password_stdin,
                "Read the password from the first line of standard input");
  once->excludes(watch)->excludes(dry);
  watch->excludes(dry)->excludes(folder)->excludes(retry);
  dry->excludes(folder)->excludes(retry);
}

}  // namespace outpost::cli
