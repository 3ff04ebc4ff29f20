#include <cstdio>

#include "tests/projection/life.h"

using namespace outpost;
using namespace outpost::test;

namespace {

constexpr Millis kDay{std::chrono::hours(24)};

void Law(std::uint64_t seed, int rounds) {
  SeededRandom random(seed * 977);
  Life life(seed);
  std::uint64_t dropped = 0, checkpoints = 0, broken_off = 0;
  for (int round = 0; round < rounds; ++round) {
    INFO("seed " << seed << ", round " << round);
    life.Live(20 + static_cast<int>(random.Below(120)));
    // Days, not months, and little bytes: so that something is due in most rounds.
    const RetentionPolicy policy{kDay * static_cast<int>(1 + random.Below(20)), 0.5 + double(random.Below(4))};
    const bool cut = random.Chance(1, 2);
    const auto report = life.Retain(policy, cut ? static_cast<int>(random.Below(3)) : 1 << 30);
    if (random.Chance(1, 3)) life.Open();
    life.Check();
    dropped += report.dropped;
    checkpoints += report.checkpoint ? 1 : 0;
    broken_off += report.finished ? 0 : 1;
  }
  CHECK(checkpoints > 0);
  CHECK(dropped > 0);
  CHECK(life.swept > 0);
  std::printf("seed %llu: %llu events, %llu checkpoints, %llu dropped, broken off %llu times, %llu blobs swept\n",
              static_cast<unsigned long long>(seed), static_cast<unsigned long long>(life.journal->View()->last()),
              static_cast<unsigned long long>(checkpoints), static_cast<unsigned long long>(dropped),
              static_cast<unsigned long long>(broken_off), static_cast<unsigned long long>(life.swept));
}

// A case for each 40: together they take longer than one may.
void Histories(std::uint64_t from) {
  for (std::uint64_t seed = from; seed < from + 40; ++seed) Law(seed, 25);
}

}  // namespace

TEST_CASE("retention: fold(all) = fold(checkpoint + kept events) = what is stored, after any history", "[retention]") {
  for (std::uint64_t seed = 1; seed <= 4; ++seed) Law(seed, 12);
}

TEST_CASE("retention: the same, histories 100 to 139", "[.long][retention]") { Histories(100); }
TEST_CASE("retention: the same, histories 140 to 179", "[.long][retention]") { Histories(140); }
TEST_CASE("retention: the same, histories 180 to 219", "[.long][retention]") { Histories(180); }
TEST_CASE("retention: the same, histories 220 to 259", "[.long][retention]") { Histories(220); }
TEST_CASE("retention: the same, histories 260 to 299", "[.long][retention]") { Histories(260); }
