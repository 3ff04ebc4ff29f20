// Rows folded again beside those that are read and written.
#include <thread>

#include "journal/rocks_view.h"
#include "tests/journal/journal_dsl.h"

using namespace outpost;
using namespace outpost::test;

namespace {

const auto kNever = [] { return false; };

// A bench whose fold may be of another version than its rows.
struct Upgrade : Bench {
  void Become(std::uint32_t version, std::uint32_t reads_since) {
    Close();
    fold = std::make_unique<CountingFold>(version, reads_since);
    Open();
  }
  Result<RefoldReport> Refold(const std::function<bool()>& cancelled = kNever) {
    CountingFold other(fold->version(), fold->reads_since());
    return journal->Refold({&other}, cancelled);
  }
  std::size_t RowsOfAllGenerations() const {
    const auto view = journal->View();
    const auto all = dynamic_cast<const journal::RocksView&>(*view).State();
    std::size_t rows = 0;
    for (all->SeekToFirst(); all->Valid(); all->Next()) ++rows;
    return rows;
  }
  void Fill(std::uint64_t appends, std::uint64_t each) {
    for (std::uint64_t i = 0; i < appends; ++i) MustAppend(Changes(10 * i, each, 100));
  }
};

}  // namespace

TEST_CASE("refold: rows of an older version that the fold goes on with are made anew behind an open journal",
          "[journal]") {
  Upgrade bench;
  bench.Fill(3, 10);
  bench.Become(2, 1);
  CHECK(bench.journal->stats().rows_behind);
  CHECK(bench.Total(Kind::kLocalChanged) == 30);  // as they were
  bench.Fill(1, 1);
  CHECK(bench.Total(Kind::kLocalChanged) == 30 + 1001);
  auto before = bench.journal->View();
  const auto report = bench.Refold();
  REQUIRE(Bench::Outcome(report) == "ok");
  CHECK(report.value().events == 31);
  CHECK(report.value().finished);
  CHECK_FALSE(bench.journal->stats().rows_behind);
  CHECK(bench.Total(Kind::kLocalChanged) == 31 * 1001);
  CHECK(bench.Rebuild().equal());
  std::string key;
  AppendBe64(key, static_cast<std::uint64_t>(Kind::kLocalChanged));
  CHECK(CountingFold::Number(*before, CountingFold::kTotals, key, 0).value() == 30 + 1001);  // the rows of its moment
  before.reset();
  bench.Reopen();
  CHECK_FALSE(bench.journal->stats().rows_behind);
  CHECK(bench.Total(Kind::kLocalChanged) == 31 * 1001);
  CHECK(bench.Rebuild().equal());
}

TEST_CASE("refold: rows that the fold cannot go on with are made anew before the journal opens", "[journal]") {
  Upgrade bench;
  bench.Fill(2, 5);
  bench.Become(3, 2);
  CHECK_FALSE(bench.journal->stats().rows_behind);
  CHECK(bench.Total(Kind::kLocalChanged) == 10 * 1001);
  bench.Become(2, 1);  // of a newer version: never gone on with
  CHECK(bench.Rebuild().equal());
  CHECK_FALSE(bench.journal->stats().rows_behind);
}

TEST_CASE("refold: cancelled, the old rows count, also after an open, and the next one goes through", "[journal]") {
  Upgrade bench;
  constexpr std::uint64_t kItems = 2 * kBatchEventsMax;  // rows for more than one piece
  for (const std::uint64_t first : {std::uint64_t{0}, kItems / 2}) bench.MustAppend(Changes(first, kItems / 2));
  const std::size_t rows = bench.RowsOfAllGenerations();
  bench.Become(2, 1);
  int asked = 0;
  const auto report = bench.Refold([&] { return ++asked == 1; });
  REQUIRE(Bench::Outcome(report) == "ok");
  CHECK_FALSE(report.value().finished);
  CHECK(bench.Total(Kind::kLocalChanged) == kItems);
  CHECK(bench.RowsOfAllGenerations() > rows);
  bench.Reopen();
  CHECK(bench.journal->stats().rows_behind);
  CHECK(bench.Total(Kind::kLocalChanged) == kItems);
  CHECK(bench.RowsOfAllGenerations() > rows);  // no opening waits for them to go
  REQUIRE(bench.journal->Compact());
  CHECK(bench.RowsOfAllGenerations() == rows);
  asked = 0;
  REQUIRE(Bench::Outcome(bench.Refold([&] { return ++asked < 0; })) == "ok");
  CHECK(asked > 1);  // so the first time it was broken off in the middle
  CHECK(bench.Total(Kind::kLocalChanged) == kItems * 1001);
  CHECK(bench.Rebuild().equal());
}

TEST_CASE("refold: other folds than those of the journal are refused, and a second one beside the first", "[journal]") {
  Upgrade bench;
  bench.Fill(2, 2);
  CountingFold other(7, 1);
  CHECK(bench.journal->Refold({&other}, kNever).error().code == Code::kInvalid);
  CHECK(bench.journal->Refold({}, kNever).error().code == Code::kInvalid);
  Code second{}, history{};
  REQUIRE(bench.Refold([&] {
    second = bench.Refold().error().code;
    history = bench.journal->Retain({}, kNever).error().code;
    return false;
  }));
  CHECK(second == Code::kConflict);
  CHECK(history == Code::kConflict);
}

TEST_CASE("refold: an event that a fold cannot follow leaves the old rows", "[journal]") {
  Upgrade bench;
  bench.Fill(5, 5);
  CountingFold refusing(1);
  refusing.refuse_at = 17;
  CHECK_FALSE(bench.journal->Refold({&refusing}, kNever));
  CHECK(bench.Rebuild().equal());
  bench.Fill(1, 1);
  CHECK(bench.Total(Kind::kLocalChanged) == 26);
  REQUIRE(Bench::Outcome(bench.Refold()) == "ok");
  CHECK(bench.Rebuild().equal());
}

TEST_CASE("refold: broken off where only the swap is left, the old rows count, for a follower too", "[journal]") {
  Upgrade bench;
  bench.Fill(2, 5);
  REQUIRE(Bench::Outcome(bench.Refold()) == "ok");
  CountingFold refusing(1);
  refusing.refuse_at = 11;
  bool appended = false;
  const auto report = bench.journal->Refold({&refusing}, [&] {  // asked when all ten events are folded
    if (!appended) bench.MustAppend(Changes(99, 1));
    appended = true;
    return false;
  });
  CHECK_FALSE(report);
  CHECK(appended);
  CHECK(bench.Rebuild().equal());
  auto follower = JournalFollower::Open(bench.folder.path(), bench.folder.beside("scratch"));
  REQUIRE(Bench::Outcome(follower) == "ok");
  const auto view = follower.value()->View();
  REQUIRE(Bench::Outcome(view) == "ok");
  CHECK(bench.fold->HeadOf(Item(99), *view.value()).value() == 11);
}

TEST_CASE("refold: others append and read beside it, and the rows are those of all they appended",
          "[journal][threads]") {
  Upgrade bench;
  bench.Fill(20, 50);
  bench.Become(2, 1);
  std::atomic<bool> stop{false};
  std::atomic<int> failures{0};
  std::vector<std::thread> threads;
  for (std::uint64_t t = 0; t < 3; ++t)
    threads.emplace_back([&, t] {
      for (std::uint64_t i = 0; !stop; ++i)
        if (!bench.Append(Changes(1000 * t + i % 7, 3, 200), {},
                          i % 5 == 0 ? Durability::kSynced : Durability::kUnsynced))
          ++failures;
    });
  threads.emplace_back([&] {
    while (!stop) {  // the heads are level with the events of the same view, whichever rows count in it
      const auto view = bench.journal->View();
      const auto last = view->Read(view->last());
      if (!last || bench.fold->HeadOf(last.value().header.item, *view).value() != view->last()) ++failures;
    }
  });
  for (int round = 0; round < 3; ++round) CHECK(Bench::Outcome(bench.Refold()) == "ok");
  stop = true;
  for (auto& thread : threads) thread.join();
  CHECK(failures == 0);
  CHECK(bench.Rebuild().equal());
  CHECK(bench.Verify().chain_ok);
  bench.Reopen();
  CHECK(bench.Rebuild().equal());
}
