#include "base/strand.h"

#include <catch2/catch.hpp>
#include <future>
#include <thread>
#include <vector>

#include "base/check.h"

using namespace outpost;

namespace {

// Waits until all that was posted before has run.
void Drain(Strand& strand) {
  std::promise<void> reached;
  strand.Post([&] { reached.set_value(); });
  reached.get_future().wait();
}

}  // namespace

TEST_CASE("thread strand: functions run in order, one at a time, on one thread that is not ours", "[base][threads]") {
  ThreadStrand strand(nullptr);
  std::vector<int> order;
  std::vector<std::thread::id> threads;
  for (int i = 0; i < 1000; ++i)
    strand.Post([&, i] {
      order.push_back(i);
      threads.push_back(std::this_thread::get_id());
    });
  Drain(strand);
  REQUIRE(order.size() == 1000);
  CHECK(std::is_sorted(order.begin(), order.end()));
  CHECK(std::count(threads.begin(), threads.end(), threads[0]) == 1000);
  CHECK(threads[0] != std::this_thread::get_id());
}

TEST_CASE("thread strand: many threads post at once and nothing is lost", "[base][threads]") {
  ThreadStrand strand(nullptr);
  int count = 0;
  std::vector<std::thread> posters;
  for (int t = 0; t < 4; ++t)
    posters.emplace_back([&] {
      for (int i = 0; i < 500; ++i) strand.Post([&] { ++count; });
    });
  for (std::thread& poster : posters) poster.join();
  Drain(strand);
  CHECK(count == 2000);
}

TEST_CASE("thread strand: a delayed function comes after one without delay", "[base][threads]") {
  ThreadStrand strand(nullptr);
  std::vector<int> order;
  std::promise<void> reached;
  strand.PostAfter(Millis{5}, [&] {
    order.push_back(2);
    reached.set_value();
  });
  strand.Post([&] { order.push_back(1); });
  reached.get_future().wait();
  CHECK(order == std::vector<int>{1, 2});
}

TEST_CASE("thread strand: a broken invariant is told once and later functions are dropped", "[base][threads]") {
  std::promise<std::string> told;
  bool ran = false;
  ThreadStrand strand([&](const char* text) { told.set_value(text); });
  strand.Post([&] {
    strand.Post([&] { ran = true; });
    FailCheck("the sky is up", "here.cpp", 1);
  });
  CHECK(told.get_future().get().find("the sky is up") != std::string::npos);
  strand.Post([&] { ran = true; });
  strand.Stop();
  CHECK_FALSE(ran);
}

TEST_CASE("thread strand: stopping drops what waits, returns after what runs, and may be repeated", "[base][threads]") {
  bool late = false, finished = false;
  std::promise<void> running, go;
  ThreadStrand strand(nullptr);
  strand.PostAfter(Millis{3'600'000}, [&] { late = true; });
  strand.Post([&] {
    running.set_value();
    go.get_future().wait();
    finished = true;
  });
  running.get_future().wait();
  strand.Post([&] { late = true; });
  std::thread stopper([&] { strand.Stop(); });
  go.set_value();
  stopper.join();
  CHECK(finished);
  strand.Stop();
  strand.Post([&] { late = true; });
  strand.Stop();
}

TEST_CASE("manual strand: by time, then by the order of posting; its clock is the time", "[base]") {
  ManualClock clock{Millis{1000}};
  ManualStrand strand(clock);
  std::vector<std::pair<int, Millis>> ran;
  const auto note = [&](int what) { return [&ran, &clock, what] { ran.emplace_back(what, clock.WallNow()); }; };
  strand.PostAfter(Millis{20}, note(3));
  strand.PostAfter(Millis{10}, note(2));
  strand.Post(note(1));
  strand.PostAfter(Millis{20}, note(4));
  CHECK(strand.RunAll(100));
  CHECK(ran == std::vector<std::pair<int, Millis>>{
                   {1, Millis{1000}}, {2, Millis{1010}}, {3, Millis{1020}}, {4, Millis{1020}}});
  CHECK_FALSE(strand.RunOne());
}

TEST_CASE("manual strand: time that has passed meanwhile is not taken back", "[base]") {
  ManualClock clock{Millis{0}};
  ManualStrand strand(clock);
  strand.PostAfter(Millis{10}, [] {});
  clock.Advance(Millis{50});
  CHECK(strand.RunOne());
  CHECK(clock.WallNow() == Millis{50});
}

TEST_CASE("manual strand: what posts itself again ends after the steps given", "[base]") {
  ManualClock clock{Millis{0}};
  ManualStrand strand(clock);
  int runs = 0;
  std::function<void()> again = [&] {
    ++runs;
    strand.PostAfter(Millis{1}, again);
  };
  strand.Post(again);
  CHECK_FALSE(strand.RunAll(10));
  CHECK(runs == 10);
}

TEST_CASE("thread strand: stopped, it lets go of what it had not started, and of what is posted later",
          "[base][threads]") {
  ThreadStrand strand(nullptr);
  const auto held = std::make_shared<int>(0);
  std::promise<void> begun, go_on;
  strand.Post([&, held] {
    begun.set_value();
    go_on.get_future().wait();
    ++*held;
  });
  begun.get_future().wait();
  strand.Post([held] { ++*held; });
  strand.PostAfter(Millis{3'600'000}, [held] { ++*held; });
  std::thread stopper([&] { strand.Stop(); });
  go_on.set_value();
  stopper.join();
  CHECK(*held <= 2);  // the second may have begun before the stop
  CHECK(held.use_count() == 1);
  strand.Post([held] { ++*held; });
  strand.PostAfter(Millis{0}, [held] { ++*held; });
  CHECK(held.use_count() == 1);
  strand.Stop();
}
