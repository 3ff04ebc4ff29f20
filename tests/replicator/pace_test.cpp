// How fast, how much and how often: budget, bandwidth, sizes of requests, items that fail again and again
// (user-pains.md 5, 6, 19).
#include <catch2/catch.hpp>
#include <deque>

#include "base/random.h"
#include "replicator/paced_transport.h"
#include "replicator/patience.h"
#include "replicator/request_size.h"

using namespace outpost;

namespace {

// A line that answers each exchange after a time, with so many bytes.
class TimedLine final : public Transport {
 public:
  TimedLine(Strand& strand, const Clock& clock) : strand_(strand), clock_(clock) {}
  void Send(HttpRequest, Millis, std::function<void(HttpResult)> done) override {
    left.push_back(clock_.WallNow());
    ++under_way;
    most_under_way = std::max(most_under_way, under_way);
    strand_.PostAfter(takes, [this, done] {
      --under_way;
      HttpResult result;
      result.ok = true;
      result.wire_bytes = bytes;
      done(std::move(result));
    });
  }
  void ClearCookies() override { cleared = true; }

  Millis takes{20};
  std::uint64_t bytes = 1'000;
  std::vector<Millis> left;
  int under_way = 0;
  int most_under_way = 0;
  bool cleared = false;

 private:
  Strand& strand_;
  const Clock& clock_;
};

struct Rig {
  ManualClock clock{Millis{1'000'000}};
  ManualStrand strand{clock};
  TimedLine line{strand, clock};
};

ItemId Item(std::uint8_t number) {
  ItemId id;
  id.bytes[15] = number;
  return id;
}

}  // namespace

TEST_CASE("in no window more requests leave than allowed, and all leave in order", "[replicator][pace]") {
  Rig rig;
  PacedTransport paced(
      rig.line,
      [] {
        return Pace{10, Millis{60'000}, 0};
      },
      rig.strand, rig.clock);
  std::vector<int> answered;
  for (int i = 0; i < 35; ++i)
    paced.Send({}, Millis{1'000}, [&answered, i](HttpResult result) {
      CHECK(result.ok);
      answered.push_back(i);
    });
  REQUIRE(rig.strand.RunAll(10'000));
  REQUIRE(answered.size() == 35);
  CHECK(std::is_sorted(answered.begin(), answered.end()));
  for (std::size_t i = 10; i < rig.line.left.size(); ++i)
    CHECK(rig.line.left[i] - rig.line.left[i - 10] > Millis{60'000});
  CHECK(rig.line.left[9] == rig.line.left[0]);  // what is allowed does not wait
}

TEST_CASE("a limit of bytes holds over a while, one exchange at a time", "[replicator][pace]") {
  Rig rig;
  PacedTransport paced(
      rig.line,
      [] {
        return Pace{0, Millis{300'000}, 10'000};
      },
      rig.strand, rig.clock);
  rig.line.bytes = 50'000;  // five seconds' worth
  std::vector<Millis> ends;
  for (int i = 0; i < 5; ++i) paced.Send({}, Millis{1'000}, [&](HttpResult) { ends.push_back(rig.clock.WallNow()); });
  REQUIRE(rig.strand.RunAll(10'000));
  REQUIRE(ends.size() == 5);
  CHECK(rig.line.most_under_way == 1);
  CHECK(rig.line.left.back() - rig.line.left.front() == Millis{20'000});
  paced.ClearCookies();
  CHECK(rig.line.cleared);
}

TEST_CASE("a lower budget counts at once, and what waits at the end is told that it was not sent",
          "[replicator][pace]") {
  Rig rig;
  std::uint64_t budget = 100;
  std::vector<HttpResult> results;
  {
    PacedTransport paced(
        rig.line, [&] { return Pace{budget}; }, rig.strand, rig.clock);
    for (int i = 0; i < 20; ++i) paced.Send({}, Millis{1'000}, [&](HttpResult result) { results.push_back(result); });
    for (int i = 0; i < 100 && results.size() < 20; ++i) rig.strand.RunOne();
    REQUIRE(results.size() == 20);
    budget = 5;
    paced.Send({}, Millis{1'000}, [&](HttpResult result) { results.push_back(result); });
    CHECK(rig.line.left.size() == 20);
  }
  rig.strand.RunAll(1'000);
  REQUIRE(results.size() == 21);
  CHECK(!results.back().ok);
  CHECK(results.back().fault == LinkFault::kNotSent);
}

TEST_CASE("requests grow on a line with a long delay and shrink where answers are big or late", "[replicator][pace]") {
  using std::chrono::microseconds;
  RequestSize near_by;
  const std::size_t usual = near_by.pages();
  for (int i = 0; i < 20; ++i) near_by.Answered(near_by.pages(), 500'000, microseconds{15'000});
  CHECK(near_by.pages() == usual);

  RequestSize far_away;
  for (int i = 0; i < 20; ++i) far_away.Answered(far_away.pages(), 1'000'000, microseconds{220'000});
  CHECK(far_away.pages() == tuning::kPagesPerRequestMax);
  far_away.Answered(far_away.pages(), tuning::kAnswerBytesMax + 1, microseconds{230'000});
  CHECK(far_away.pages() == tuning::kPagesPerRequestMax / 2);

  RequestSize late;
  late.Answered(1, 1'000, microseconds{10'000});
  for (int i = 0; i < 20; ++i) late.Answered(late.pages(), 100'000, microseconds{9'000'000});
  CHECK(late.pages() == 1);
  late.Failed(1);
  CHECK(late.pages() == 1);
  for (int i = 0; i < 20; ++i) late.Answered(late.pages(), 100'000, microseconds{12'000});
  CHECK(late.pages() == usual);
}

TEST_CASE("the one item that makes requests fail is found by halves and parked when others pass",
          "[replicator][pace]") {
  Patience patience;
  std::vector<ItemId> batch;
  for (std::uint8_t i = 0; i < 50; ++i) batch.push_back(Item(i));
  const ItemId culprit = Item(17);
  std::uint64_t run = 1;
  int requests = 0;
  std::size_t size = batch.size();
  while (!patience.Exhausted(culprit)) {
    REQUIRE(++requests < 100);
    // As the pusher does: those that may travel together, the culprit's share of them fails.
    std::vector<ItemId> sent;
    for (const ItemId& item : batch)
      if (sent.size() < size) sent.push_back(item);
    if (std::find(sent.begin(), sent.end(), culprit) == sent.end()) {
      for (const ItemId& item : sent) patience.Answered(item);
      std::erase_if(batch, [&](const ItemId& item) { return std::find(sent.begin(), sent.end(), item) != sent.end(); });
    } else {
      patience.RequestFailed(sent, true, run);
      if (sent.size() == 1) {
        ++run;
        patience.Answered(Item(99));
      }
    }
    size = patience.BatchMax(batch.front()).value_or(50);
  }
  CHECK(*patience.Exhausted(culprit) == "server_fails");
  CHECK(requests < 30);
  for (const ItemId& item : batch) CHECK((item == culprit || !patience.Exhausted(item)));
}

TEST_CASE("where no write passes nothing is parked for a long time", "[replicator][pace]") {
  Patience patience;
  for (std::uint64_t run = 1; run < static_cast<std::uint64_t>(tuning::kFailedRunsMax); ++run) {
    for (int i = 0; i < 10; ++i) patience.RequestFailed({Item(1)}, true, run);
    patience.PutOff(Item(2), "TRY-0001", run);
    CHECK(!patience.Exhausted(Item(1)));
  }
  for (std::uint64_t run = 100; run < 200; ++run) patience.PutOff(Item(2), "TRY-0001", run);
  patience.Answered(Item(3));
  CHECK(!patience.Exhausted(Item(2)));  // the server may have been read-only for days
  for (int i = 0; i < tuning::kPutOffRunsMax; ++i) {
    CHECK(!patience.Exhausted(Item(2)));
    patience.PutOff(Item(2), "TRY-0001", 200 + static_cast<std::uint64_t>(i));
    patience.Answered(Item(3));
  }
  CHECK(*patience.Exhausted(Item(2)) == "TRY-0001");
  patience.RequestFailed({Item(1)}, true, 300);
  CHECK(*patience.Exhausted(Item(1)) == "server_fails");
  patience.Answered(Item(1));
  CHECK(!patience.Exhausted(Item(1)));
  // A line that breaks is no fault of the item's.
  for (std::uint64_t run = 400; run < 500; ++run) patience.RequestFailed({Item(4)}, false, run);
  CHECK(!patience.Exhausted(Item(4)));
}
