#include "tools/outpost/access.h"
#include "tools/outpost/journal_verbs.h"

namespace outpost::cli {
namespace {

std::uint64_t BytesBelow(const std::filesystem::path& folder) {
  std::uint64_t bytes = 0;
  std::error_code error;
  for (std::filesystem::recursive_directory_iterator file(folder, error), end; !error && file != end;
       file.increment(error)) {
    std::error_code gone;  // a file the writer has just replaced
    const auto size = file->is_regular_file(gone) ? file->file_size(gone) : 0;
    if (!gone) bytes += size;
  }
  return bytes;
}

}  // namespace

Result<int> JournalCompact(const Common& common, const JournalArguments&) {
  OUTPOST_TRY(const auto place, PlaceOf(common));
  const std::uint64_t before = BytesBelow(JournalFolder(place.folder));
  OUTPOST_TRY(const auto access, WriteAccess::Open(place, {}));
  OUTPOST_TRY(const auto report, access->commands().Tidy());
  ShowReport(common.form(), {{"account", place.name},
                             {"checkpoint", report.checkpoint},
                             {"restated", report.restated},
                             {"dropped", report.dropped},
                             {"first", report.first},
                             {"blobs_removed", report.blobs.removed},
                             {"blobs_removed_bytes", report.blobs.removed_bytes},
                             {"bytes_before", before},
                             {"bytes", BytesBelow(JournalFolder(place.folder))}});
  return kExitDone;
}

}  // namespace outpost::cli
