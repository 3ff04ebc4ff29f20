#include <atomic>
#include <thread>

#include "journal/item_fold.h"
#include "tests/journal/child.h"
#include "tests/journal/journal_dsl.h"

using namespace outpost;
using namespace outpost::test;

namespace {

// Checks that a view shows all events up to its last, and just their effect.
void CheckWhole(const JournalView& view) {
  Sequence next = view.last() > 2000 ? view.last() - 2000 : 1;
  const Sequence from = next;
  const auto scanned = view.Scan(from, view.last(), [&](const Event& event) {
    REQUIRE(event.seq == next++);
    return true;
  });
  REQUIRE(Bench::Outcome(scanned) == "ok");
  REQUIRE(next == view.last() + 1);
  std::string kind;
  AppendBe64(kind, static_cast<std::uint64_t>(Kind::kLocalChanged));
  REQUIRE(CountingFold::Number(view, CountingFold::kTotals, kind, 0).value() == view.last());
  std::uint64_t sum = 0;
  REQUIRE(view.Scan(CountingFold::kHeads, "", "", [&](std::string_view, std::string_view row) {
    sum += ReadBe64(row, 8);
    return true;
  }));
  REQUIRE(sum == view.last());
}

}  // namespace

TEST_CASE("follower: it sees what the writer has committed, and writes nothing into its folder",
          "[journal][follower]") {
  Bench bench;
  bench.MustAppend(Changes(1, 3));
  const auto follower = JournalFollower::Open(bench.options.folder, bench.folder.beside("scratch"));
  REQUIRE(follower);
  auto view = follower.value()->View();
  REQUIRE(Bench::Outcome(view) == "ok");
  CHECK(view.value()->last() == 3);
  CHECK(bench.fold->HeadOf(Item(2), *view.value()).value() == 2);
  CHECK(VerifyEvents(*view.value()).value().chain_ok);
  CHECK(VerifyRebuild(*view.value(), {bench.fold.get()}).value().equal());
  bench.MustAppend(Changes(1, 2));
  CHECK(view.value()->last() == 3);
  CHECK(follower.value()->View().value()->last() == 3);  // the moment stands still while somebody looks
  view.value().reset();
  view = follower.value()->View();
  CHECK(view.value()->last() == 5);
  CheckWhole(*view.value());
}

TEST_CASE("rows that a view reads together are those that it reads one by one, as long as it lives",
          "[journal][follower]") {
  Bench bench;
  bench.MustAppend(Changes(1, 3));
  const auto view = bench.journal->View();
  const ItemId none = Item(99);
  const std::vector<ItemId> items{Item(1), Item(2), Item(3), none};
  std::vector<std::string_view> keys;
  for (const ItemId& item : items) keys.push_back(item.View());
  std::vector<std::optional<std::string>> alone;
  for (const auto key : keys) alone.push_back(bench.journal->View()->Get(CountingFold::kHeads, key).value());
  view->Expect(CountingFold::kHeads, keys, nullptr);
  bench.MustAppend(Changes(1, 3));
  for (std::size_t i = 0; i < keys.size(); ++i) CHECK(view->Get(CountingFold::kHeads, keys[i]).value() == alone[i]);
  CHECK(alone[0].has_value());
  CHECK_FALSE(alone[3].has_value());
  // Others of the table, and another table, are not mistaken for them.
  view->Expect(CountingFold::kHeads, std::span(keys).first(1), nullptr);
  for (std::size_t i = 0; i < keys.size(); ++i) CHECK(view->Get(CountingFold::kHeads, keys[i]).value() == alone[i]);
  CHECK_FALSE(view->Get(CountingFold::kTotals, keys[0]).value().has_value());
  CHECK(bench.journal->View()->Get(CountingFold::kHeads, keys[0]).value() != alone[0]);
}

TEST_CASE("follower: beside a busy writer in another process no view ever has a hole", "[journal][follower]") {
  Folder folder;
  Child writer({OUTPOST_CRASH_WRITER, folder.path().string(), "3", "4", "3000"});
  std::string line;
  REQUIRE(writer.ReadLine(line));
  const auto follower = JournalFollower::Open(folder.path(), folder.beside("scratch"));
  REQUIRE(follower);
  Sequence last = 0;
  int grown = 0;
  int busy = 0;
  for (int i = 0; i < 60; ++i) {
    // Until something newer than the last view was acknowledged.
    for (Sequence acknowledged = 0; acknowledged <= last;) {
      REQUIRE(writer.ReadLine(line));
      acknowledged = std::max<Sequence>(acknowledged, std::strtoull(line.c_str() + line.find(' '), nullptr, 10));
    }
    const auto view = follower.value()->View();
    if (!view) {
      REQUIRE(view.error().code == Code::kUnavailable);
      WARN(view.error().context);
      ++busy;
      continue;
    }
    REQUIRE(view.value()->last() >= last);
    grown += view.value()->last() > last ? 1 : 0;
    last = view.value()->last();
    CheckWhole(*view.value());
  }
  std::printf("follower: %d of 60 views newer than the one before, %d times too busy, last event %llu\n", grown, busy,
              static_cast<unsigned long long>(last));
  CHECK(grown > 50);
  CHECK(busy < 5);
}

TEST_CASE("follower: a journal that ends before its witness is shown, and verify says so", "[journal][follower]") {
  Bench bench;
  bench.MustAppend(Changes(1, 3));
  const auto tail = ReadFile(bench.options.folder / "TAIL").value();
  bench.Close();
  Bench longer;
  longer.MustAppend(Changes(1, 3));
  longer.MustAppend(Changes(1, 4));
  std::filesystem::copy_file(longer.options.folder / "TAIL", bench.options.folder / "TAIL",
                             std::filesystem::copy_options::overwrite_existing);
  const auto follower = JournalFollower::Open(bench.options.folder, bench.folder.beside("scratch"));
  const auto view = follower.value()->View();
  REQUIRE(view);
  const auto report = VerifyEvents(*view.value()).value();
  CHECK_FALSE(report.chain_ok);
  CHECK(report.first_bad == 4);
}

// A secondary of RocksDB keeps what it read of a log in front of the tables where the log after that was emptied by a
// flush of another family alone.
TEST_CASE("follower: what it saw while history was dropped does not hide what came of that", "[journal][follower]") {
  Folder folder;
  const ManualClock clock{Millis(1'700'000'000'000)};
  ItemFold fold(1, {});
  JournalOptions options;
  options.folder = folder.path();
  options.reserve_bytes = 0;
  const auto journal = Journal::Open(options, {&fold}, fold, clock, NullLog()).value();
  Batch news;
  for (std::uint64_t i = 0; i < 1'000; ++i) news.push_back(Change(Item(i % 5 + 1), "news", Kind::kRemoteChanged));
  for (int i = 0; i < 25; ++i) REQUIRE(journal->AppendAndWait(news, {}, Durability::kUnsynced));
  REQUIRE(journal->MakeCheckpoint(folder.beside("flushed")));  // what is to be dropped is in tables
  const auto follower = JournalFollower::Open(options.folder, folder.beside("follower")).value();
  const auto look = [&] {
    const auto view = follower->View();
    REQUIRE(Bench::Outcome(view) == "ok");
    CHECK(view.value()->last() == journal->View()->last());
    CHECK(view.value()->first() == journal->View()->first());
    CHECK(VerifyEvents(*view.value()).value().problem == "");
    CHECK(VerifyRebuild(*view.value(), {&fold}).value().first_difference == "");
  };
  int looks = 0;
  // Between two parts of what is dropped.
  REQUIRE(journal->Retain({Millis(0), 0}, [&] {
    look();
    ++looks;
    return false;
  }));
  CHECK(looks > 2);
  REQUIRE(journal->blobs().Put(AsBytes("small")));
  REQUIRE(journal->MakeCheckpoint(folder.beside("copy")));  // flushes, and there is nothing but the blob
  REQUIRE(journal->AppendAndWait({Change(Item(1), "newer", Kind::kRemoteChanged)}, {}, Durability::kSynced));
  look();
}
