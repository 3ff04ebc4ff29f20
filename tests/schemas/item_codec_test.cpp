#include <catch2/catch.hpp>

#include "tests/schemas/samples.h"

using namespace outpost;
using namespace outpost::test;

TEST_CASE("item row: every part comes back", "[schemas]") {
  const ItemState item = SampleItem();
  const ItemState back = DecodeItem(item.id, EncodeItem(item)).value();
  CHECK(back.id == item.id);
  CHECK(back.type == item.type);
  CHECK(back.head_seq == 90);
  CHECK(back.born_seq == 3);
  CHECK(back.base_seq == 80);
  CHECK(back.on_server);
  CHECK(back.remote_id == "77/5");
  CHECK(back.version == -1);
  CHECK(back.base == item.base);
  REQUIRE(back.pending.size() == 2);
  CHECK(back.pending[0].op == item.pending[0].op);
  CHECK(back.pending[0].kind == Kind::kLocalChanged);
  CHECK(back.pending[0].groups == item.pending[0].groups);
  CHECK(back.pending[0].patch == item.pending[0].patch);
  CHECK(back.pending[1].seq == 90);
  REQUIRE(back.parked.size() == 1);
  CHECK(back.parked[0].refusal.code == "CON-0173");
  CHECK(back.parked[0].patch == item.parked[0].patch);
  REQUIRE(back.losers.size() == 2);
  CHECK(back.losers[1].seq == 62);
  CHECK(back.losers[1].rival == 63);
  CHECK(back.losers[1].group == 148);
  CHECK(back.losers[1].server_lost);
  CHECK_FALSE(back.losers[0].server_lost);
}

TEST_CASE("item row: one state has one row, byte for byte", "[schemas]") {
  CHECK(EncodeItem(SampleItem()) == EncodeItem(SampleItem()));
  CHECK(EncodeItem(DecodeItem({}, EncodeItem(SampleItem())).value()) == EncodeItem(SampleItem()));
  CHECK(EncodeItem(DecodeItem({}, EncodeItem(ItemState{})).value()) == EncodeItem(ItemState{}));
}

TEST_CASE("item row: damage is named by the item", "[schemas]") {
  const auto id = IdOf<ItemId>(0xab);
  const Result<ItemState> damaged = DecodeItem(id, "not a row");
  REQUIRE_FALSE(damaged);
  CHECK(damaged.error().code == Code::kCorrupt);
  CHECK(damaged.error().context.find(id.Hex()) != std::string::npos);
}
