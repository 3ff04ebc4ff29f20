#include "base/random.h"

#include <catch2/catch.hpp>
#include <map>

#include "base/check.h"
#include "base/system/system_clock.h"

using namespace outpost;

TEST_CASE("random: a seed gives the numbers the standard prescribes", "[base]") {
  SeededRandom random(5489);
  std::uint64_t last = 0;
  for (int i = 0; i < 10'000; ++i) last = random.Next();
  CHECK(last == 9981545732273789042ull);
}

TEST_CASE("random: below its bound, and every number comes up", "[base]") {
  SeededRandom random(1);
  std::map<std::uint64_t, int> seen;
  for (int i = 0; i < 7000; ++i) ++seen[random.Below(7)];
  CHECK(seen.size() == 7);
  CHECK(seen.rbegin()->first == 6);
  for (const auto& [number, count] : seen) CHECK(count > 800);
  CHECK(random.Below(1) == 0);
  CHECK_THROWS_AS(random.Below(0), InvariantViolation);
}

TEST_CASE("random: chances of nothing and of all are certain", "[base]") {
  SeededRandom random(1);
  for (int i = 0; i < 100; ++i) {
    CHECK_FALSE(random.Chance(0, 3));
    CHECK(random.Chance(3, 3));
  }
}

TEST_CASE("random: the system's source does not repeat itself", "[base]") {
  SystemRandom random;
  const std::uint64_t first = random.Next();
  CHECK((random.Next() != first || random.Next() != first));
}

TEST_CASE("clock: monotonic time does not step back, wall time is of this century", "[base]") {
  const SystemClock clock;
  const auto before = clock.MonotonicNow();
  CHECK(clock.MonotonicNow() >= before);
  CHECK(clock.WallNow() > Millis{1'700'000'000'000});
}
