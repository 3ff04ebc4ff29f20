#include <catch2/catch.hpp>
#include <filesystem>
#include <map>
#include <sstream>

#include "base/system/files.h"
#include "journal/journal.h"
#include "projection/audit.h"
#include "projection/folds.h"
#include "projection/items.h"
#include "replicator/rows.h"

using namespace outpost;
namespace fs = std::filesystem;

// tests/golden/journal/format-N is a journal as the last build of format N left it, behind a killed process: made by
// `outpost demo`, without RocksDB's own logs. format-N.txt says what it holds. A journal here is never changed.

namespace {

const fs::path kJournals = fs::path(OUTPOST_SOURCE) / "tests/golden/journal";

// A journal of a released format, copied to where it can be written.
struct Released {
  explicit Released(const fs::path& golden) {
    fs::copy(golden, folder, fs::copy_options::recursive);
    std::istringstream lines(ReadFile(golden.string() + ".txt").value());
    for (std::string name, value; lines >> name >> value;) says[name] = value;
  }
  ~Released() {
    journal.reset();
    fs::remove_all(folder.parent_path());
  }
  Released(const Released&) = delete;
  Released& operator=(const Released&) = delete;

  void Open() {
    journal.reset();
    JournalOptions options;
    options.folder = folder;
    options.create = false;
    auto opened = Journal::Open(std::move(options), folds.all(), folds.items, clock, NullLog());
    INFO((opened ? "" : opened.error().context));
    REQUIRE(opened);
    journal = std::move(opened).value();
    REQUIRE(journal->stats().read_only_reason == "");
  }

  // All that the journal held is there and proven.
  void Check(const JournalView& view, const std::vector<std::string>& outdated) {
    CHECK(std::to_string(view.last()) == says["last"]);
    const auto verified = VerifyEvents(view).value();
    CHECK(verified.problem == "");
    CHECK(ToHex(verified.root) == says["root"]);
    const auto rebuilt = VerifyRebuild(view, folds.all()).value();
    CHECK(rebuilt.first_difference == "");
    CHECK(rebuilt.outdated == outdated);
    CHECK(std::to_string(CountVisible(view).value()[ItemType::kContact]) == says["contacts"]);
    auto audit = Audit(view).value();
    CHECK(audit.sound());
    CHECK(std::to_string(audit.edits) == says["edits"]);
    CHECK(std::to_string(audit.outcomes[OutcomeKind::kAcknowledged]) == says["acknowledged"]);
    CHECK(std::to_string(audit.losers_listed) == says["losers"]);
  }

  const fs::path folder = MakeTemporaryFolder("outpost-released-").value() / "journal";
  std::map<std::string, std::string> says;
  ManualClock clock{Millis{1'800'000'000'000}};
  ReplicationRows replication;
  AccountFolds folds{{&replication}};
  std::unique_ptr<Journal> journal;
};

std::vector<fs::path> AllReleased() {
  std::vector<fs::path> folders;
  for (const auto& entry : fs::directory_iterator(kJournals))
    if (entry.is_directory()) folders.push_back(entry.path());
  return folders;
}

}  // namespace

TEST_CASE("released formats: a journal of each is read by another process as it is, without being changed",
          "[released]") {
  REQUIRE_FALSE(AllReleased().empty());
  for (const fs::path& golden : AllReleased()) {
    INFO(golden.filename());
    Released released(golden);
    const auto format = ReadFile(released.folder / "FORMAT").value();
    const auto scratch = released.folder.parent_path() / "scratch";
    const auto follower = JournalFollower::Open(released.folder, scratch).value();
    released.Check(*follower->View().value(), {"items"});  // of an older build
    CHECK(ReadFile(released.folder / "FORMAT").value() == format);
  }
}

TEST_CASE("released formats: a journal of each is opened, gone on with, and bounded", "[released]") {
  for (const fs::path& golden : AllReleased()) {
    INFO(golden.filename());
    Released released(golden);
    released.Open();
    released.Check(*released.journal->View(), {});
    CHECK(ReadFile(released.folder / "FORMAT").value() == "outpost-journal 2\n");
    SettingsBody settings{{{"policy", "client-wins"}}};
    REQUIRE(released.journal->AppendAndWait(
        {{Kind::kAccountSet, Origin::kUser, ItemType::kNone, {}, {}, Encode(settings)}}, {}, Durability::kSynced));
    released.Open();
    RetentionPolicy nothing_old{Millis{0}, 2.0};
    const auto report = released.journal->Retain(nothing_old, [] { return false; });
    REQUIRE(report);
    CHECK(report.value().dropped > 0);
    const auto view = released.journal->View();
    CHECK(VerifyEvents(*view).value().problem == "");
    CHECK(VerifyRebuild(*view, released.folds.all()).value().first_difference == "");
    CHECK(Audit(*view).value().sound());
    CHECK(std::to_string(CountVisible(*view).value()[ItemType::kContact]) == released.says["contacts"]);
    CHECK(std::to_string(Audit(*view).value().losers_listed) == released.says["losers"]);
  }
}
