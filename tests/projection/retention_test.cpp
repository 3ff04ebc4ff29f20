#include <cstdio>

#include "projection/past.h"
#include "replicator/queue.h"
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
  CHECK(life.forgotten > 0);
  std::printf(
      "seed %llu: %llu events, %llu checkpoints, %llu dropped, broken off %llu times, %llu blobs swept, %llu "
      "items forgotten\n",
      static_cast<unsigned long long>(seed), static_cast<unsigned long long>(life.journal->View()->last()),
      static_cast<unsigned long long>(checkpoints), static_cast<unsigned long long>(dropped),
      static_cast<unsigned long long>(broken_off), static_cast<unsigned long long>(life.swept),
      static_cast<unsigned long long>(life.forgotten));
}

// A case for each 40: together they take longer than one may.
void Histories(std::uint64_t from) {
  for (std::uint64_t seed = from; seed < from + 40; ++seed) Law(seed, 25);
}

}  // namespace

TEST_CASE("retention: fold(all) = fold(checkpoint + kept events) = what is stored, after any history", "[retention]") {
  for (std::uint64_t seed = 1; seed <= 4; ++seed) Law(seed, 12);
}

TEST_CASE("retention: what is gone for as long as history is kept is forgotten, and not earlier", "[retention]") {
  Life life(9);
  const ItemId item = life.Make({{FieldOf(ItemType::kContact, "note"), std::string("written once")},
                                 {field::UidOf(ItemType::kContact), std::string("uid-of-the-one")}},
                                "r1");
  life.Live(50);
  const Sequence alive = life.journal->View()->last();
  life.Remove(item);
  const auto there = [&] { return LoadItem(*life.journal->View(), item).value(); };
  const auto by_remote_id = [&] { return FindByRemoteId(*life.journal->View(), ItemType::kContact, "r1").value(); };
  const auto by_uid = [&] { return FindByUid(*life.journal->View(), "uid-of-the-one").value(); };
  const Millis gone = life.clock().WallNow();
  CHECK(Past::Open(*life.journal->View(), alive).value().Item(item).value()->Visible());
  REQUIRE(there());
  CHECK(there()->Gone());
  CHECK(there()->gone_since == gone);
  const RetentionPolicy policy{kDay * 10, 1000.0};
  while (life.clock().WallNow() < gone + policy.keep - kDay) {
    life.Live(4);
    life.Retain(policy);
    REQUIRE(there());
    CHECK(there()->gone_since == gone);
    CHECK(by_remote_id() == item);
    CHECK(by_uid() == item);
  }
  while (life.clock().WallNow() < gone + policy.keep * 2) {
    life.Live(4);
    life.Retain(policy);
    life.Check();
  }
  CHECK_FALSE(there());
  CHECK_FALSE(by_remote_id());
  CHECK_FALSE(by_uid());
  CHECK_FALSE(life.journal->View()->Get(kRemoteIndex, RemoteKey(ItemType::kContact, "r1")).value());
}

TEST_CASE("retention: the same, histories 100 to 139", "[.long][retention]") { Histories(100); }
TEST_CASE("retention: the same, histories 140 to 179", "[.long][retention]") { Histories(140); }
TEST_CASE("retention: the same, histories 180 to 219", "[.long][retention]") { Histories(180); }
TEST_CASE("retention: the same, histories 220 to 259", "[.long][retention]") { Histories(220); }
TEST_CASE("retention: the same, histories 260 to 299", "[.long][retention]") { Histories(260); }
