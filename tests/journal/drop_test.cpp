// How dropped history leaves the tables: in parts of bounded size, and never by a deletion of a range.
#include <rocksdb/table_properties.h>

#include "journal/layout.h"
#include "journal/rocks.h"
#include "journal/salvage.h"
#include "tests/journal/recorded_run.h"

using namespace outpost;
using namespace outpost::test;

namespace {

const RetentionPolicy kKeepNone{Millis(0), 0};

// What the server says of five items again and again: nearly all of it may go.
void AppendNews(RecordedRun& run, int appends) {
  Batch batch;
  for (std::uint64_t i = 0; i < 500; ++i) batch.push_back(Change(Item(i % 5 + 1), "news", Kind::kRemoteChanged));
  for (int i = 0; i < appends; ++i) REQUIRE(run.Append(batch, Durability::kUnsynced));
}

std::uint64_t RangeDeletionsIn(const std::filesystem::path& folder) {
  const auto rocks =
      journal::Rocks::Open(journal::DatabasePath(folder), journal::Rocks::Mode::kWrite, rocksdb::Env::Default());
  REQUIRE(rocks);
  REQUIRE(rocks.value()->Flush());
  std::uint64_t deletions = 0, tables = 0;
  for (auto* family : rocks.value()->families()) {
    rocksdb::TablePropertiesCollection properties;
    REQUIRE(rocks.value()->db().GetPropertiesOfAllTables(family, &properties).ok());
    for (const auto& [file, of_table] : properties) deletions += of_table->num_range_deletions;
    tables += properties.size();
  }
  REQUIRE(tables > 0);
  return deletions;
}

}  // namespace

TEST_CASE("drop: much history goes in parts, a call that is broken off between two is gone on with",
          "[journal][drop]") {
  RunSetup setup;
  setup.items = true;
  RecordedRun run(setup);
  run.Open();
  AppendNews(run, 50);
  const auto begun = [&] { return !run.journal().View()->gaps().empty(); };
  const auto part = run.journal().Retain(kKeepNone, begun);
  REQUIRE(part);
  CHECK_FALSE(part.value().finished);
  CHECK(part.value().dropped >= 10'000);
  CHECK(part.value().dropped < 20'000);
  CHECK(part.value().first == run.journal().View()->first());
  RunFold fold(run.setup(), 1);
  CHECK(VerifyRebuild(*run.journal().View(), {&fold.fold()}).value().equal());

  run.Close();
  run.Open();
  const auto rest = run.journal().Retain(kKeepNone, [] { return false; });
  REQUIRE(rest);
  CHECK(rest.value().finished);
  CHECK(part.value().dropped + rest.value().dropped >= 25'000);
  const auto view = run.journal().View();
  CHECK(view->gaps().size() == 1);
  const auto verified = VerifyEvents(*view).value();
  CHECK(verified.problem.empty());
  CHECK(verified.events + verified.missing == view->last());
  CHECK(VerifyRebuild(*view, {&fold.fold()}).value().equal());
}

TEST_CASE("drop: neither folds nor retention nor salvage leave a deletion of a range in a table", "[journal][drop]") {
  RunSetup setup;
  setup.items = true;
  RecordedRun run(setup);
  run.Open(1);
  AppendNews(run, 4);
  REQUIRE(run.journal().Retain(kKeepNone, [] { return false; }));
  run.Close();
  run.Open(2);  // folds anew, beside the old rows
  run.Close();
  run.Open(2);  // sweeps the old rows
  run.Close();
  CHECK(RangeDeletionsIn(run.folder()) == 0);

  const ScratchFolder scratch;
  const auto salvaged = scratch.path() / "salvaged";
  RunFold fold(run.setup(), 2);
  const ManualClock clock(Millis(1'800'000'000'000));
  REQUIRE(Bench::Outcome(Salvage({run.folder(), salvaged, "anna@test", {}, nullptr}, {&fold.fold()}, clock)) == "ok");
  CHECK(RangeDeletionsIn(salvaged) == 0);
}
