// When an account that is watched syncs (user-pains.md 19, 20).
#include <catch2/catch.hpp>

#include "base/random.h"
#include "engine/sync_schedule.h"
#include "engine/watcher.h"

using namespace outpost;

namespace {

constexpr Millis kDay{24 * 3'600'000};

SyncReport Well(std::uint64_t news) {
  SyncReport report;
  report.pulled = news;
  return report;
}

SyncReport Stopped(LinkState link, Millis retry_after = Millis{0}) {
  SyncReport report;
  report.link = link;
  report.retry_after = retry_after;
  return report;
}

// Runs in a day that all end alike.
std::uint64_t RunsOfADay(const SyncReport& report) {
  SeededRandom random(1);
  SyncSchedule schedule(random);
  Millis now{0};
  std::uint64_t runs = 0;
  while (now < kDay) {
    ++runs;
    const auto pause = schedule.AfterRun(report, SyncSchedule::kPoll);
    if (!pause) break;
    REQUIRE(pause->count() > 0);
    now += *pause;
  }
  return runs;
}

// A watched account whose runs take a second and end as told.
struct Watched {
  Watched() {
    Watcher::Hooks hooks;
    hooks.sync = [this](std::function<void(const SyncReport&)> done) {
      starts.push_back(clock.WallNow());
      strand.PostAfter(Millis{1'000}, [this, done, sent = pending] {
        if (report.link == LinkState::kOnline) pending -= sent;
        report.pending = report.link == LinkState::kOnline ? 0 : pending;  // known to the run; later edits are not
        done(report);
      });
    };
    hooks.paused = [this] { return paused; };
    hooks.poll = [] { return SyncSchedule::kPoll; };
    hooks.pending = [this] { return pending; };
    hooks.listen = [this] { ++listened; };
    watcher = std::make_unique<Watcher>(std::move(hooks), strand, random);
  }
  void Edit() {
    ++pending;
    strand.Post([this] { watcher->Committed(); });
  }
  void RunFor(Millis time) {
    bool there = false;
    strand.PostAfter(time, [&] { there = true; });
    while (!there) REQUIRE(strand.RunOne());
  }

  ManualClock clock{Millis{1'000'000}};
  ManualStrand strand{clock};
  SeededRandom random{1};
  SyncReport report;
  bool paused = false;
  std::uint64_t pending = 0;
  int listened = 0;
  std::vector<Millis> starts;
  std::unique_ptr<Watcher> watcher;
};

}  // namespace

TEST_CASE("a day's runs in each state of the connection", "[engine][schedule]") {
  // One request a round; the server allows 432,000 a day.
  CHECK(RunsOfADay(Well(0)) < 900);
  CHECK(RunsOfADay(Well(0)) > 600);
  CHECK(RunsOfADay(Well(1)) < 24 * 3'600 / 10);
  CHECK(RunsOfADay(Stopped(LinkState::kOffline)) < 24 * 60 + 10);
  CHECK(RunsOfADay(Stopped(LinkState::kOffline)) > 24 * 60 / 2);
  CHECK(RunsOfADay(Stopped(LinkState::kCaptivePortal)) < 24 * 30 + 10);
  CHECK(RunsOfADay(Stopped(LinkState::kServerDown)) < 24 * 4 + 10);
  CHECK(RunsOfADay(Stopped(LinkState::kThrottled)) < 24 * 4 + 10);
  CHECK(RunsOfADay(Stopped(LinkState::kThrottled, Millis{7'200'000})) <= 13);
  CHECK(RunsOfADay(Stopped(LinkState::kWrongCertificate)) < 24 + 10);
  CHECK(RunsOfADay(Stopped(LinkState::kProtocolError)) < 24 + 10);
  CHECK(RunsOfADay(Stopped(LinkState::kWrongPassword)) == 1);
  SyncReport broken;
  broken.local_failure = true;
  CHECK(RunsOfADay(broken) < 24 * 4 + 10);
}

TEST_CASE("a server that asks for patience gets it, also where an edit waits", "[engine][schedule]") {
  Watched watched;
  watched.report = Stopped(LinkState::kThrottled, Millis{600'000});
  watched.watcher->Start();
  watched.RunFor(Millis{2'000});
  watched.Edit();
  watched.RunFor(Millis{590'000});
  CHECK(watched.starts.size() == 1);
  watched.RunFor(Millis{400'000});
  CHECK(watched.starts.size() == 2);
}

TEST_CASE("an edit is sent at once when online, and soon when the line failed before", "[engine][schedule]") {
  Watched watched;
  watched.watcher->Start();
  watched.RunFor(Millis{5'000});
  REQUIRE(watched.starts.size() == 1);
  Millis edited = watched.clock.WallNow();
  watched.Edit();
  watched.RunFor(Millis{1});
  REQUIRE(watched.starts.size() == 2);
  CHECK(watched.starts.back() == edited);

  watched.report = Stopped(LinkState::kServerDown);
  watched.RunFor(Millis{3'600'000});  // deep in its back-off
  watched.report = {};
  edited = watched.clock.WallNow();
  watched.Edit();
  watched.RunFor(Millis{7'000});
  CHECK(watched.starts.back() - edited == Millis{5'000});
  CHECK(watched.pending == 0);
}

TEST_CASE("an edit while a run is under way is sent right after it", "[engine][schedule]") {
  Watched watched;
  watched.report.pending = 0;
  watched.watcher->Start();
  watched.RunFor(Millis{500});
  REQUIRE(watched.starts.size() == 1);
  watched.Edit();
  watched.RunFor(Millis{501});
  CHECK(watched.starts.size() == 2);
}

TEST_CASE("a paused account rests until it is resumed, and then syncs at once", "[engine][schedule]") {
  Watched watched;
  watched.paused = true;
  watched.watcher->Start();
  watched.Edit();
  watched.RunFor(kDay);
  CHECK(watched.starts.empty());
  watched.paused = false;
  watched.strand.Post([&] { watched.watcher->Committed(); });
  watched.RunFor(Millis{1});
  CHECK(watched.starts.size() == 1);
  watched.watcher->Stop();
  watched.RunFor(kDay);
  CHECK(watched.starts.size() == 1);
}

TEST_CASE("a refused sign-in is asked once, whatever is edited", "[engine][schedule]") {
  Watched watched;
  watched.report = Stopped(LinkState::kWrongPassword);
  watched.watcher->Start();
  for (int i = 0; i < 10; ++i) {
    watched.Edit();
    watched.RunFor(Millis{3'600'000});
  }
  CHECK(watched.starts.size() == 1);
}

TEST_CASE("news is looked at once, but not more often than once in a while however much is told",
          "[engine][schedule]") {
  Watched watched;
  watched.watcher->Start();
  watched.RunFor(Millis{3'000});
  CHECK(watched.listened == 1);
  REQUIRE(watched.starts.size() == 1);
  watched.watcher->News();
  REQUIRE(watched.starts.size() == 2);
  watched.RunFor(Millis{500});
  for (int i = 0; i < 100; ++i) watched.watcher->News();  // while it runs
  CHECK(watched.starts.size() == 2);
  watched.RunFor(Millis{3'000});
  CHECK(watched.starts.size() == 3);
  watched.RunFor(Millis{2'000});
  CHECK(watched.starts.size() == 3);
  for (int i = 0; i < 600; ++i) {  // ten a second for a minute
    watched.watcher->News();
    watched.RunFor(Millis{100});
  }
  CHECK(watched.starts.size() < 3 + 60'000 / (1'000 + Watcher::kNewsPause.count()) + 2);
  CHECK(watched.starts.size() > 20);
}

TEST_CASE("news does not disturb who is paused, stopped, or was asked for patience", "[engine][schedule]") {
  Watched watched;
  watched.report = Stopped(LinkState::kThrottled, Millis{600'000});
  watched.watcher->Start();
  watched.RunFor(Millis{2'000});
  CHECK(watched.listened == 0);
  watched.watcher->News();
  CHECK(watched.starts.size() == 1);
  watched.report = Well(0);
  watched.RunFor(Millis{700'000});
  const std::size_t before = watched.starts.size();
  watched.paused = true;
  watched.watcher->News();
  watched.RunFor(Millis{5'000});
  CHECK(watched.starts.size() == before);
  watched.watcher->Stop();
  watched.paused = false;
  watched.watcher->News();
  watched.RunFor(Millis{5'000});
  CHECK(watched.starts.size() == before);
}
