#include <catch2/catch.hpp>
#include <set>

#include "tests/schemas/samples.h"

using namespace outpost;
using namespace outpost::test;
using namespace std::string_literals;

TEST_CASE("events: a sample of every kind there is", "[schemas]") {
  std::set<Kind> sampled;
  for (const Event& event : SampleEvents()) sampled.insert(event.header.kind);
  for (int number = 0; number < 100; ++number) {
    const Kind kind = static_cast<Kind>(number);
    CHECK((KindName(kind) != "unknown"s) == (sampled.count(kind) == 1));
  }
}

TEST_CASE("events: decoding and encoding again gives the same bytes", "[schemas]") {
  for (const Event& event : SampleEvents()) {
    INFO(KindName(event.header.kind));
    CHECK(Recode(event.header.kind, event.body).value() == event.body);
    const std::string header = EncodeHeader(event.header);
    CHECK(EncodeHeader(DecodeHeader(header).value()) == header);
  }
}

TEST_CASE("events: a change comes back field by field", "[schemas]") {
  const ChangeBody body{{{101, "Ada"s}, {103, Value{}}, {65535, Blob{"x"}}}, "77/5", -5};
  const ChangeBody back = DecodeChange(Encode(body)).value();
  CHECK(back.patch == body.patch);
  CHECK(back.remote_id == body.remote_id);
  CHECK(back.version == body.version);
}

TEST_CASE("events: outcomes come back with their refusals", "[schemas]") {
  const OutcomesBody body{
      {{146, OutcomeKind::kParked}}, {{146, 146, 9000, 5680, "CON-0173", "too \"long\""}}, "r", 9, {}, 4};
  const OutcomesBody back = DecodeOutcomes(Encode(body)).value();
  CHECK(back.groups == body.groups);
  REQUIRE(back.refusals.size() == 1);
  CHECK(back.refusals[0].length == 9000);
  CHECK(back.refusals[0].limit == 5680);
  CHECK(back.refusals[0].code == "CON-0173");
  CHECK(back.refusals[0].text == "too \"long\"");
  CHECK(back.rival == 4);
  CHECK_FALSE(back.batch);
}

TEST_CASE("events: a batch comes back with its intents", "[schemas]") {
  const BatchOpenedBody body{IdOf<BatchId>(4), {{IdOf<ItemId>(2), Verb::kUpdate, {7, 9}, {100, 146}}}};
  const BatchOpenedBody back = DecodeBatchOpened(Encode(body)).value();
  CHECK(back.batch == body.batch);
  REQUIRE(back.entries.size() == 1);
  CHECK(back.entries[0].item == IdOf<ItemId>(2));
  CHECK(back.entries[0].verb == Verb::kUpdate);
  CHECK(back.entries[0].intents == std::vector<Sequence>{7, 9});
  CHECK(back.entries[0].groups == std::vector<GroupId>{100, 146});
}

TEST_CASE("header: the back link is rewritten in place and nothing else moves", "[schemas]") {
  for (Event event : SampleEvents()) {
    event.header.back = 0;
    std::string without = EncodeHeader(event.header);
    event.header.back = 0xfffffffe;
    const std::string with = EncodeHeader(event.header);
    SetBack(without, 0xfffffffe);
    CHECK(without == with);
  }
}

TEST_CASE("header: names, numbers and ids come back; none stays none", "[schemas]") {
  EventHeader header;
  header.time = Millis{1'795'508'753'120};
  header.kind = static_cast<Kind>(999);  // a kind of a later version
  header.origin = Origin::kRestore;
  header.key_id = 5;
  header.encoding = 2;
  const EventHeader back = DecodeHeader(EncodeHeader(header)).value();
  CHECK(back.time == header.time);
  CHECK(back.kind == header.kind);
  CHECK(KindName(back.kind) == "unknown"s);
  CHECK(back.origin == Origin::kRestore);
  CHECK(back.key_id == 5);
  CHECK(back.encoding == 2);
  CHECK_FALSE(back.item);
  CHECK_FALSE(back.op);
}

TEST_CASE("header: the bytes are the same whatever was encoded before", "[schemas]") {
  EventHeader plain;
  plain.time = Millis(1);
  EventHeader keyed;
  keyed.item = IdOf<ItemId>(1);
  keyed.op = IdOf<OpId>(2);
  keyed.key_id = 3;
  const auto all = [&] {
    std::vector<std::string> bytes;
    for (const bool item : {false, true})
      for (const bool op : {false, true}) {
        EventHeader header = plain;
        if (item) header.item = IdOf<ItemId>(0xaa);
        if (op) header.op = IdOf<OpId>(0xbb);
        bytes.push_back(EncodeHeader(header));
        const EventHeader back = DecodeHeader(bytes.back()).value();
        CHECK(back.item == header.item);
        CHECK(back.op == header.op);
      }
    return bytes;
  };
  const auto first = all();
  for (std::uint8_t fill = 1; fill < 9; ++fill) {
    keyed.key_id = fill % 2;
    keyed.item = IdOf<ItemId>(fill);
    keyed.back = fill;
    CHECK(DecodeHeader(EncodeHeader(keyed)).value().back == fill);
    CHECK(all() == first);
  }
}

TEST_CASE("events: at most 64 bytes beside patch, item id and op id", "[schemas]") {
  Event event;
  event.header = {Millis{1'795'508'753'120},
                  Kind::kLocalChanged,
                  Origin::kUser,
                  ItemType::kContact,
                  IdOf<ItemId>(1),
                  IdOf<OpId>(2),
                  9,
                  0,
                  0};
  CHECK(EncodeHeader(event.header).size() <= 32 + 64);
}

TEST_CASE("events: kinds have names and come back from them", "[schemas]") {
  for (const Event& event : SampleEvents()) CHECK(KindFromName(KindName(event.header.kind)) == event.header.kind);
  CHECK_FALSE(KindFromName("unknown"));
  CHECK_FALSE(KindFromName(""));
}

TEST_CASE("events: an outcome, verb or answer nobody knows is refused, not skipped", "[schemas]") {
  CHECK_FALSE(DecodeOutcomes(Encode(OutcomesBody{{{146, static_cast<OutcomeKind>(6)}}, {}, {}, 0, {}, 0})));
  CHECK_FALSE(DecodeOutcomes(Encode(OutcomesBody{{{146, static_cast<OutcomeKind>(0)}}, {}, {}, 0, {}, 0})));
  CHECK_FALSE(DecodeBatchOpened(Encode(BatchOpenedBody{{}, {{{}, static_cast<Verb>(4), {}, {}}}})));
  CHECK_FALSE(DecodeConsent(Encode(ConsentBody{1, 1, static_cast<ConsentAnswer>(3), {}})));
}
