#include <future>
#include <set>
#include <thread>

#include "journal/item_fold.h"
#include "tests/journal/journal_dsl.h"

using namespace outpost;
using namespace outpost::test;

TEST_CASE("threads: appends of 16 threads all land once, in each thread's order, with fewer syncs than appends",
          "[journal][threads]") {
  Bench bench;
  constexpr std::uint64_t kThreads = 16;
  constexpr std::uint64_t kEach = 60;
  std::vector<std::thread> threads;
  std::atomic<int> failures{0};
  for (std::uint64_t t = 0; t < kThreads; ++t) {
    threads.emplace_back([&, t] {
      Sequence seen = 0;
      for (std::uint64_t i = 0; i < kEach; ++i) {
        const auto appended =
            bench.journal->AppendAndWait({Change(Item(t), std::to_string(i))}, {{Item(t), seen}}, Durability::kSynced);
        if (!appended) ++failures;
        if (appended) seen = appended.value().last;
      }
    });
  }
  for (auto& thread : threads) thread.join();
  CHECK(failures == 0);
  const auto stats = bench.journal->stats();
  CHECK(stats.appends == kThreads * kEach);
  CHECK(stats.syncs < stats.appends);
  CHECK(bench.journal->View()->last() == kThreads * kEach);
  std::vector<int> next(kThreads, 0);
  REQUIRE(bench.journal->View()->Scan(1, kThreads * kEach, [&](const Event& event) {
    const auto thread = ReadBe64(event.header.item.View(), 8);
    const auto text = DecodeChange(event.body).value().patch.begin()->second;
    CHECK(text == Value(std::to_string(next[thread]++)));
    return true;
  }));
  CHECK(next == std::vector<int>(kThreads, kEach));
  CHECK(bench.Verify().chain_ok);
  CHECK(bench.Rebuild().equal());
}

TEST_CASE(
    "threads: who waits for an append comes after what was appended before it, and listeners hear of both in order",
    "[journal][threads]") {
  Bench bench;
  std::atomic<bool> stop{false};
  std::thread stranger([&] {
    while (!stop) (void)bench.journal->AppendAndWait({Change(Item(99), "y")}, {}, Durability::kUnsynced);
  });
  Sequence heard = 0;
  bool in_order = true;
  const auto subscription = bench.journal->Subscribe([&](Sequence last) {
    in_order = in_order && last >= heard;
    heard = last;
  });
  for (int i = 0; i < 200; ++i) {
    std::atomic<Sequence> first{0};
    bench.journal->Append({Change(Item(1), "a")}, {}, Durability::kUnsynced,
                          [&](const Result<Appended>& r) { first = r.value().last; });
    const auto second = bench.journal->AppendAndWait({Change(Item(1), "b")}, {}, Durability::kUnsynced);
    REQUIRE(second);
    CHECK(first != 0);
    CHECK(second.value().last > first);
  }
  stop = true;
  stranger.join();
  bench.Close();
  CHECK(in_order);
  bench.Open();
  CHECK(bench.journal->View()->last() == heard);
}

TEST_CASE("threads: a lone caller that waits writes on its own thread, and hands over when others come",
          "[journal][threads]") {
  Bench bench;
  std::thread::id told_on;
  const auto subscription = bench.journal->Subscribe([&](Sequence) { told_on = std::this_thread::get_id(); });
  bench.MustAppend(Changes(1, 1));
  CHECK(told_on == std::this_thread::get_id());
  Sequence others = 0;
  const auto during = bench.journal->Subscribe([&](Sequence last) {
    if (last != 2) return;  // the lone caller still has the pen
    bench.journal->Append({Change(Item(2), "z")}, {}, Durability::kSynced,
                          [&](const Result<Appended>& r) { others = r.value().last; });
  });
  bench.MustAppend(Changes(1, 1));
  bench.Close();
  CHECK(others == 3);
  CHECK(told_on != std::this_thread::get_id());
}

TEST_CASE("threads: views and subscriptions come and go while appends run", "[journal][threads]") {
  Bench bench;
  std::atomic<bool> stop{false};
  std::vector<std::thread> threads;
  for (int t = 0; t < 3; ++t) {
    threads.emplace_back([&] {
      Sequence before = 0;
      while (!stop) {
        Sequence told = 0;
        const auto subscription = bench.journal->Subscribe([&](Sequence last) { told = last; });
        const auto view = bench.journal->View();
        if (view->last() < before) std::abort();
        before = view->last();
        if (before != 0 && !view->Read(before)) std::abort();
      }
    });
  }
  for (int i = 0; i < 100; ++i) bench.MustAppend(Changes(1, 5));
  stop = true;
  for (auto& thread : threads) thread.join();
  CHECK(bench.journal->View()->last() == 500);
}

TEST_CASE("threads: a close answers every append that was accepted", "[journal][threads]") {
  Bench bench;
  std::atomic<int> answered{0};
  for (int i = 0; i < 200; ++i)
    bench.journal->Append({Change(Item(1), "x")}, {}, Durability::kUnsynced,
                          [&](const Result<Appended>& r) { answered += r ? 1 : 0; });
  bench.Close();
  CHECK(answered == 200);
  bench.Open();
  CHECK(bench.journal->View()->last() == 200);
}

TEST_CASE("threads: an append without memory in its middle is answered, and so are all after it",
          "[journal][threads]") {
  class OutOfMemory final : public ItemHeads {
   public:
    explicit OutOfMemory(const ItemHeads& heads) : heads_(heads) {}
    Result<Sequence> HeadOf(const ItemId& item, const StateReader& state) const override {
      if (item == Item(13)) throw std::bad_alloc();
      return heads_.HeadOf(item, state);
    }

   private:
    const ItemHeads& heads_;
  };
  const bool alone = GENERATE(true, false);  // on the caller's thread, or on the writer's
  Folder folder;
  const ManualClock clock{Millis(1'700'000'000'000)};
  ItemFold fold(1, {});
  JournalOptions options;
  options.folder = folder.path();
  options.reserve_bytes = 0;
  {
    const OutOfMemory heads(fold);
    const auto journal = Journal::Open(options, {&fold}, heads, clock, NullLog()).value();
    REQUIRE(journal->AppendAndWait(Changes(1, 3), {}, Durability::kSynced));
    const auto append = [&](std::uint64_t item) {
      if (alone) return journal->AppendAndWait(Changes(item, 1), {}, Durability::kSynced);
      std::promise<Result<Appended>> answer;
      journal->Append(Changes(item, 1), {}, Durability::kSynced,
                      [&](Result<Appended> done) { answer.set_value(done); });
      return answer.get_future().get();
    };
    CHECK(append(13).error().code == Code::kCorrupt);
    CHECK(append(14).error().code == Code::kCorrupt);
    CHECK(journal->stats().read_only_reason.find("broken off") != std::string::npos);
  }
  const auto again = Journal::Open(options, {&fold}, fold, clock, NullLog()).value();
  CHECK(again->View()->last() == 3);
  CHECK(again->AppendAndWait(Changes(13, 1), {}, Durability::kSynced));
}
