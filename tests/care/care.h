#pragma once
#include "base/system/files.h"
#include "care/backup.h"
#include "care/restore.h"
#include "tests/engine/pair.h"

namespace outpost::test {

// A backup of the pair's account, and the account put back from it as after the loss of its disk.
class BackedUp : public Pair {
 public:
  using Pair::Pair;
  std::filesystem::path file() const { return folder() / "anna.outpost"; }
  std::filesystem::path data() const { return folder() / "data"; }

  BackupReport Backup(Existing existing = Existing::kRefuse) {
    const auto checkpoint = folder() / ("checkpoint" + std::to_string(++checkpoints_));
    MustDo(account().MakeCheckpoint(checkpoint));
    return Must(PackJournal(checkpoint, {}, "anna@test", file(), existing, clock_, nullptr));
  }
  Result<RestoreReport> TryRestore(Existing existing = Existing::kRefuse) {
    return RestoreAccount({file(), data(), "", existing, {}}, clock_, random_, NullLog(), nullptr);
  }
  // The account is the one in the backup from here on.
  RestoreReport Restore() {
    Close();
    auto report = Must(TryRestore());
    std::filesystem::remove_all(folder() / "account");
    std::filesystem::rename(report.place.folder, folder() / "account");
    Reopen();
    return report;
  }

 private:
  SystemClock clock_;
  SeededRandom random_{99};
  int checkpoints_ = 0;
};

// Files below `folder`, with their content, by relative name.
inline std::map<std::string, std::string> Contents(const std::filesystem::path& folder) {
  std::map<std::string, std::string> contents;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder))
    if (entry.is_regular_file())
      contents[entry.path().lexically_relative(folder).string()] = Must(ReadFile(entry.path()));
  return contents;
}

}  // namespace outpost::test
