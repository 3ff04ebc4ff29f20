#include "base/system/system_clock.h"
#include "care/salvage_account.h"
#include "tools/outpost/access.h"
#include "tools/outpost/journal_verbs.h"
#include "tools/outpost/values.h"

namespace outpost::cli {
namespace {

Json TimeOrNull(Millis time) { return time.count() == 0 ? Json() : Json(time.count()); }

Json::Array RunsJson(const SalvageReport& found) {
  Json::Array runs;
  for (const MissingRun& run : found.runs)
    runs.emplace_back(Json::Object{
        {"from", run.from}, {"to", run.to}, {"after", TimeOrNull(run.after)}, {"before", TimeOrNull(run.before)}});
  return runs;
}

Json::Array AboutJson(const SalvageReport& found) {
  Json::Array about;
  for (const MissingEvent& event : found.about)
    about.emplace_back(Json::Object{{"seq", event.seq}, {"item", event.item.Hex()}});
  return about;
}

// USER@HOST is an account of the data directory, all else a folder.
Result<AccountPlace> TargetOf(const Common& common, const std::string& target) {
  if (target.find('/') != std::string::npos || target.find('@') == std::string::npos)
    return AccountPlace{target, target};
  OUTPOST_TRY(const auto data, DataDirOf(common));
  return PlaceNamed(data, target);
}

}  // namespace

Result<int> JournalSalvage(const Common& common, const JournalArguments& arguments) {
  OUTPOST_TRY(const auto from, PlaceOf(common));
  OUTPOST_TRY(const auto to, TargetOf(common, arguments.file));
  ProgressBar bar;
  const SystemClock clock;
  SystemRandom random;
  const auto progress = [&bar](const char* what, std::uint64_t done, std::uint64_t total) {
    bar.Show(what, done, total);
  };
  OUTPOST_TRY(const auto passphrase, GivenPassphrase());
  OUTPOST_TRY(const auto report,
              SalvageAccount(from.folder, to.folder, passphrase, clock, random, NullLog(), progress));
  Json::Array ways;
  for (const std::string& way : report.found.ways) ways.emplace_back(way);
  ShowReport(common.form(), {{"account", from.name},
                             {"folder", to.folder.string()},
                             {"old_last", report.found.old_last},
                             {"events", report.found.events},
                             {"appends", report.found.appends},
                             {"unproven", report.found.unproven},
                             {"missing", report.found.missing},
                             {"runs", RunsJson(report.found)},
                             {"about", AboutJson(report.found)},
                             {"restated", report.found.restated},
                             {"saved_by_rows", report.found.saved_by_rows},
                             {"not_folded", report.found.not_folded},
                             {"pending", report.pending},
                             {"last", report.events.last},
                             {"root", ToHex(report.events.root)},
                             {"ways", std::move(ways)}});
  ShowNote(common.form(), "The next sync of it compares every folder in full before it sends anything.");
  return kExitDone;
}

}  // namespace outpost::cli
