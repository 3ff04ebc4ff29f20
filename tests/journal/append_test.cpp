#include <algorithm>
#include <fstream>

#include "tests/journal/journal_dsl.h"

using namespace outpost;
using namespace outpost::test;

TEST_CASE("append: events and what folds make of them are there together and outlive a reopen", "[journal]") {
  Bench bench;
  CHECK(bench.MustAppend({Change(Item(1), "one"), Change(Item(2), "two")}) == 2);
  CHECK(bench.MustAppend({Change(Item(1), "three")}) == 3);
  for (int round = 0; round < 2; ++round) {
    CHECK(bench.journal->View()->last() == 3);
    CHECK(bench.journal->View()->first() == 1);
    CHECK(bench.Head(Item(1)) == 3);
    CHECK(bench.Head(Item(2)) == 2);
    CHECK(bench.Total(Kind::kLocalChanged) == 3);
    const auto event = bench.journal->View()->Read(2);
    REQUIRE(event);
    CHECK(event.value().header.item == Item(2));
    CHECK(event.value().header.time == Millis(1'700'000'000'000));
    CHECK(DecodeChange(event.value().body).value().patch.at(1) == Value(std::string("two")));
    bench.Reopen();
  }
}

TEST_CASE("append: an empty journal has no first and no last event", "[journal]") {
  Bench bench;
  CHECK(bench.journal->View()->first() == 0);
  CHECK(bench.journal->View()->last() == 0);
  CHECK(bench.journal->View()->Read(1).error().code == Code::kNotFound);
  CHECK(bench.Verify().chain_ok);
}

TEST_CASE("append: an item that moved on since it was seen stops the whole append", "[journal]") {
  Bench bench;
  bench.MustAppend({Change(Item(1), "one")});
  const auto refused = bench.Append({Change(Item(2), "a"), Change(Item(1), "b")}, {{Item(1), 0}});
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code == Code::kPreconditionFailed);
  CHECK(bench.journal->View()->last() == 1);
  CHECK(bench.Head(Item(2)) == 0);
  CHECK(bench.Append({Change(Item(1), "b")}, {{Item(1), 1}, {Item(2), 0}}).value().first == 2);
}

TEST_CASE("append: two appends of one group that saw the same item: the second is refused", "[journal]") {
  Bench bench;
  std::vector<std::string> answers(9);
  HeldWriter held(*bench.journal);
  for (std::size_t i = 0; i < 9; ++i)
    bench.journal->Append(
        {Change(Item(i / 3), std::to_string(i))}, {{Item(i / 3), 0}}, Durability::kSynced,
        [&, i](Result<Appended> result) { answers[i] = result ? "ok" : CodeName(result.error().code); });
  held.Release();
  REQUIRE(bench.journal->Flush());
  const std::string no = "precondition_failed";
  CHECK(answers == std::vector<std::string>{"ok", no, no, "ok", no, no, "ok", no, no});
  CHECK(bench.journal->View()->last() == 4);
  CHECK(bench.journal->stats().syncs == 2);
  CHECK(bench.Verify().chain_ok);
  CHECK(bench.Rebuild().equal());
}

TEST_CASE("append: what is over a limit or cannot be decoded is rejected and nothing is written", "[journal]") {
  Bench bench;
  const auto code = [&](Batch batch) { return bench.Append(std::move(batch)).error().code; };
  CHECK(code({}) == Code::kRejected);
  CHECK(code(Batch(kBatchEventsMax + 1, Change(Item(1), "x"))) == Code::kRejected);
  CHECK(code({Change(Item(1), std::string(kBatchBytesMax, 'x'))}) == Code::kRejected);
  NewEvent broken = Change(Item(1), "x");
  broken.body = "this is no body";
  CHECK(code({Change(Item(2), "fine"), broken}) == Code::kRejected);
  CHECK(bench.journal->View()->last() == 0);
  CHECK_FALSE(bench.journal->stats().read_only);
}

TEST_CASE("append: a fold's refusal takes back its append only", "[journal]") {
  Bench bench;
  std::vector<std::string> answers(3);
  const auto note = [&](std::size_t i) {
    return [&, i](Result<Appended> result) {
      answers[i] = result ? std::to_string(result.value().first) + ".." + std::to_string(result.value().last)
                          : CodeName(result.error().code);
    };
  };
  HeldWriter held(*bench.journal);
  bench.fold->refuse_at = 4;
  bench.journal->Append({Change(Item(1), "a")}, {}, Durability::kSynced, note(0));
  bench.journal->Append({Change(Item(1), "b"), Change(Item(2), "c")}, {}, Durability::kSynced, note(1));
  bench.journal->Append({Change(Item(1), "d")}, {}, Durability::kSynced, note(2));
  held.Release();
  REQUIRE(bench.journal->Flush());
  CHECK(answers == std::vector<std::string>{"2..2", "rejected", "3..3"});
  CHECK(bench.Head(Item(1)) == 3);
  CHECK(bench.Head(Item(2)) == 0);
  CHECK(bench.Verify().chain_ok);
  bench.fold->refuse_at = 0;
  CHECK(bench.Rebuild().equal());
}

TEST_CASE("append: events of kinds this build does not know are kept and counted", "[journal]") {
  Bench bench;
  NewEvent strange = Change(Item(1), "x", static_cast<Kind>(999));
  strange.body = "whatever a later version writes";
  bench.MustAppend({Change(Item(1), "a"), strange});
  CHECK(bench.journal->stats().unknown_kinds == 1);
  CHECK(bench.Verify().unknown_kinds == 1);
  CHECK(bench.Verify().chain_ok);
  bench.Reopen();
  CHECK(bench.journal->View()->Read(2).value().body == "whatever a later version writes");
}

TEST_CASE("append: a disk without the reserve refuses by name and reads go on", "[journal]") {
  Bench bench;
  bench.MustAppend({Change(Item(1), "a")});
  bench.options.reserve_bytes = ~std::uint64_t{0};
  bench.Reopen();
  const auto refused = bench.Append({Change(Item(1), "b")});
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code == Code::kUnavailable);
  CHECK(refused.error().context.find(bench.options.folder.string()) != std::string::npos);
  CHECK(refused.error().context.find("reserve") != std::string::npos);
  CHECK(bench.journal->View()->Read(1));
  CHECK_FALSE(bench.journal->stats().read_only);
  bench.options.reserve_bytes = 0;
  bench.Reopen();
  CHECK(bench.MustAppend({Change(Item(1), "b")}) == 2);
}

TEST_CASE("history: an item's events are found along the back links, newest first", "[journal]") {
  Bench bench;
  bench.MustAppend({Change(Item(1), "1"), Change(Item(2), "2"), Change(Item(1), "3")});
  bench.MustAppend({Change(Item(2), "4")});
  bench.MustAppend({Change(Item(1), "5")});
  const auto view = bench.journal->View();
  std::vector<Sequence> seen;
  REQUIRE(view->History(bench.Head(Item(1)), [&](const Event& event) {
    seen.push_back(event.seq);
    return true;
  }));
  CHECK(seen == std::vector<Sequence>{5, 3, 1});
  seen.clear();
  REQUIRE(view->History(bench.Head(Item(2)), [&](const Event& event) {
    seen.push_back(event.seq);
    return false;
  }));
  CHECK(seen == std::vector<Sequence>{4});
}

TEST_CASE("scan: a range gives its events in order and stops when asked", "[journal]") {
  Bench bench;
  bench.MustAppend(Changes(1, 20));
  std::vector<Sequence> seen;
  const auto note = [&](const Event& event) {
    seen.push_back(event.seq);
    return event.seq < 8;
  };
  const auto view = bench.journal->View();
  REQUIRE(view->Scan(5, 7, note));
  CHECK(seen == std::vector<Sequence>{5, 6, 7});
  seen.clear();
  REQUIRE(view->Scan(6, 100, note));
  CHECK(seen == std::vector<Sequence>{6, 7, 8});
}

TEST_CASE("view: it stays as it is while the writer goes on", "[journal]") {
  Bench bench;
  bench.MustAppend({Change(Item(1), "a")});
  const auto before = bench.journal->View();
  bench.MustAppend({Change(Item(1), "b")});
  CHECK(before->last() == 1);
  CHECK(bench.fold->HeadOf(Item(1), *before).value() == 1);
  CHECK(before->Read(2).error().code == Code::kNotFound);
  CHECK(bench.Head(Item(1)) == 2);
}

TEST_CASE("subscription: each commit is told until the subscription goes", "[journal]") {
  Bench bench;
  std::vector<Sequence> told;
  auto subscription = bench.journal->Subscribe([&](Sequence last) { told.push_back(last); });
  bench.MustAppend(Changes(1, 3));
  bench.MustAppend(Changes(1, 2));
  REQUIRE_FALSE(bench.Append({Change(Item(1), "x")}, {{Item(1), 77}}));
  REQUIRE(bench.journal->Flush());
  subscription.reset();
  bench.MustAppend(Changes(1, 1));
  CHECK(told == std::vector<Sequence>{3, 5});
}

TEST_CASE("open: a second writer is refused, a missing journal named, a newer format not touched", "[journal]") {
  Bench bench;
  bench.MustAppend({Change(Item(1), "a")});
  const auto second = Journal::Open(bench.options, {bench.fold.get()}, *bench.fold, bench.clock, NullLog());
  REQUIRE_FALSE(second);
  CHECK(second.error().code == Code::kConflict);
  bench.Close();

  JournalOptions elsewhere = bench.options;
  elsewhere.folder = bench.folder.beside("nothing");
  elsewhere.create = false;
  CHECK(Journal::Open(elsewhere, {bench.fold.get()}, *bench.fold, bench.clock, NullLog()).error().code ==
        Code::kNotFound);
  CHECK_FALSE(std::filesystem::exists(elsewhere.folder));

  const auto format = bench.options.folder / "FORMAT";
  { std::ofstream(format, std::ios::trunc) << "outpost-journal 7\n"; }
  const auto listing = [&] {
    std::vector<std::string> files;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(bench.options.folder))
      files.push_back(entry.path().string() + (entry.is_regular_file() ? ReadFile(entry.path()).value() : ""));
    std::sort(files.begin(), files.end());
    return files;
  };
  const auto before = listing();
  const auto newer = bench.TryOpen();
  REQUIRE_FALSE(newer);
  CHECK(newer.error().code == Code::kNewerFormat);
  CHECK(newer.error().context.find("format 7") != std::string::npos);
  CHECK(JournalFollower::Open(bench.options.folder, bench.folder.beside("scratch")).error().code == Code::kNewerFormat);
  CHECK(listing() == before);
}
