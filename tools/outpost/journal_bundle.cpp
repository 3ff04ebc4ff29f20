#include "base/system/system_clock.h"
#include "care/bundle.h"
#include "tools/outpost/access.h"
#include "tools/outpost/journal_verbs.h"
#include "tools/outpost/values.h"

namespace outpost::cli {

Result<int> JournalBundle(const Common& common, const JournalArguments& arguments) {
  OUTPOST_TRY(const auto access, ReadAccess::Open(common));
  OUTPOST_TRY(const auto view, access->Events());
  BundleOptions options;
  options.account = access->place().folder;
  options.name = access->place().name;
  options.file = arguments.file;
  options.program = OUTPOST_VERSION;
  options.content = arguments.content;
  options.existing = arguments.force ? Existing::kReplace : Existing::kRefuse;
  ProgressBar bar;
  const SystemClock clock;
  OUTPOST_TRY(const auto report,
              PackBundle(*view, options, clock, [&bar](const char* what, std::uint64_t done, std::uint64_t total) {
                bar.Show(what, done, total);
              }));
  ShowReport(common.form(), {{"account", report.manifest.account},
                             {"time", report.manifest.time.count()},
                             {"content", arguments.content},
                             {"first", report.manifest.first},
                             {"last", report.manifest.last},
                             {"root", ToHex(report.manifest.root)},
                             {"events", report.events},
                             {"files", report.manifest.files.size()},
                             {"trace_bytes", report.trace_bytes},
                             {"bytes", report.bytes},
                             {"bundle", arguments.file},
                             {"bundle_bytes", report.bundle_bytes}});
  return kExitDone;
}

}  // namespace outpost::cli
