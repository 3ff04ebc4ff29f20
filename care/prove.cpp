#include "care/prove.h"

#include "base/system/files.h"
#include "journal/journal.h"

namespace outpost {
namespace {

Result<VerifyReport> Prove(const std::filesystem::path& folder, const KeySource& key,
                           const std::filesystem::path& scratch) {
  OUTPOST_TRY(const auto follower, JournalFollower::Open(folder, scratch, key));
  OUTPOST_TRY(const auto view, follower->View());
  return VerifyEvents(*view);
}

}  // namespace

Result<VerifyReport> ProveEvents(const std::filesystem::path& folder, const KeySource& key) {
  OUTPOST_TRY(const auto scratch, MakeTemporaryFolder("outpost-prove-"));
  auto report = Prove(folder, key, scratch);
  std::error_code ignored;  // what stays behind is in the folder for temporary files
  std::filesystem::remove_all(scratch, ignored);
  return report;
}

}  // namespace outpost
