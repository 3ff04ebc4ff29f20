#include "base/ids.h"

#include <catch2/catch.hpp>
#include <set>
#include <unordered_set>
#include <vector>

#include "base/clock.h"

using namespace outpost;

TEST_CASE("ids: sort by the time they were made", "[base]") {
  SeededRandom random(1);
  ItemId before;
  for (const std::int64_t ms :
       std::vector<std::int64_t>{1, 255, 256, 1'700'000'000'000, 1'700'000'000'001, 0xffff'ffff'ffff}) {
    const auto id = MakeId<ItemId>(Millis{ms}, random);
    CHECK(before < id);
    before = id;
  }
}

TEST_CASE("ids: two of one millisecond differ, one seed gives the same ones", "[base]") {
  SeededRandom random(1), again(1);
  std::set<ItemId> seen;
  for (int i = 0; i < 1000; ++i) {
    const auto id = MakeId<ItemId>(Millis{5}, random);
    CHECK(id == MakeId<ItemId>(Millis{5}, again));
    seen.insert(id);
  }
  CHECK(seen.size() == 1000);
}

TEST_CASE("ids: the zero id means none", "[base]") {
  CHECK_FALSE(ItemId{});
  SeededRandom random(1);
  CHECK(MakeId<OpId>(Millis{0}, random));
}

TEST_CASE("ids: bytes and hexadecimal and back; other lengths are none", "[base]") {
  SeededRandom random(2);
  const auto id = MakeId<BatchId>(Millis{1'700'000'000'000}, random);
  CHECK(BatchId::FromView(id.View()) == id);
  CHECK(BatchId::FromHex(id.Hex()) == id);
  CHECK(id.Hex().size() == 32);
  CHECK_FALSE(BatchId::FromView(std::string(15, 'x')));
  CHECK_FALSE(BatchId::FromView(std::string(17, 'x')));
  CHECK_FALSE(BatchId::FromHex(id.Hex().substr(1)));
  CHECK_FALSE(BatchId::FromHex(std::string(32, 'z')));
}

TEST_CASE("ids: usable as keys of hash tables", "[base]") {
  SeededRandom random(3);
  std::unordered_set<ItemId> set;
  const auto id = MakeId<ItemId>(Millis{1}, random);
  set.insert(id);
  set.insert(id);
  CHECK(set.size() == 1);
  CHECK(set.count(ItemId{}) == 0);
}
