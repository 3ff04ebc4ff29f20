#include "tools/outpost/access.h"
#include "tools/outpost/journal_verbs.h"

namespace outpost::cli {

Result<int> JournalRebuild(const Common& common, const JournalArguments&) {
  OUTPOST_TRY(const auto place, PlaceOf(common));
  OUTPOST_TRY(const auto access, WriteAccess::Open(place, {}));
  OUTPOST_TRY(const auto report, access->commands().Rebuild());
  ShowReport(common.form(), {{"account", place.name}, {"events", report.events}});
  return kExitDone;
}

}  // namespace outpost::cli
