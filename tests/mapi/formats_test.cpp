#include <catch2/catch.hpp>

#include "base/bytes.h"
#include "base/random.h"
#include "mapi-adapter/codec/blob.h"
#include "mapi-adapter/codec/entry_ids.h"
#include "mapi-adapter/codec/global_object_id.h"
#include "mapi-adapter/codec/kept_properties.h"
#include "mapi-adapter/codec/rights.h"
#include "mapi-adapter/codec/rtf.h"
#include "mapi-adapter/codec/time_zone.h"
#include "tests/mapi/fuzz_bodies.h"
#include "tests/mapi/vectors.h"

using namespace outpost;
using namespace outpost::mapi;
using namespace outpost::test;

TEST_CASE("formats: time zones come back byte by byte", "[mapi]") {
  std::size_t met = 0;
  std::vector<Vector> all = OwnVectors();
  for (Vector& vector : SharedVectors()) all.push_back(std::move(vector));
  for (const Vector& vector : all) {
    INFO(vector.name);
    if (vector.kind == "zone" || vector.kind == "tzstruct") {
      const auto zone = DecodeZoneStruct(vector.bytes);
      REQUIRE(zone);
      CHECK(zone.value().rule.daylight_bias == -60);
      CHECK(Encode(zone.value()) == vector.bytes);
      ++met;
    } else if (vector.kind == "definition" || vector.kind == "tzdef") {
      const auto zone = DecodeZoneDefinition(vector.bytes);
      REQUIRE(zone);
      CHECK_THAT(vector.meaning, Catch::Contains(zone.value().key_name));
      CHECK(zone.value().rules.back().flags != 0);
      CHECK(Encode(zone.value()) == vector.bytes);
      ++met;
    }
  }
  CHECK((met == 3 || met == 7));
}

TEST_CASE("formats: a zone that names more rules than it has, or none of its own, is refused by name", "[mapi]") {
  ZoneDefinition zone;
  zone.key_name = "UTC";
  const std::string bytes = Encode(zone);
  REQUIRE(DecodeZoneDefinition(bytes));
  std::string many = bytes;
  many[bytes.size() - 2] = 3;
  CHECK(DecodeZoneDefinition(many).error().context == "time zone definition, cRules at byte 16: 3 entries, room for 0");
  many[bytes.size() - 1] = 9;
  CHECK_THAT(DecodeZoneDefinition(many).error().context, Catch::Contains("cRules"));
  std::string nameless = bytes;
  nameless[4] = 0;
  CHECK_THAT(DecodeZoneDefinition(nameless).error().context, Catch::Contains("wFlags"));
}

TEST_CASE("formats: global object ids are uids and come back byte by byte", "[mapi]") {
  std::size_t met = 0;
  for (const Vector& vector : OwnVectors()) {
    if (vector.kind != "goid") continue;
    INFO(vector.name);
    const auto id = DecodeGlobalObjectId(vector.bytes);
    REQUIRE(id);
    CHECK(UidOf(id.value()) == vector.meaning);
    CHECK(Encode(id.value()) == vector.bytes);
    CHECK(GlobalObjectIdOf(vector.meaning) == id.value());
    ++met;
  }
  CHECK(met == 3);
  for (const Vector& vector : SharedVectors()) {
    if (vector.kind != "goid") continue;
    INFO(vector.name);
    const auto id = DecodeGlobalObjectId(vector.bytes);
    REQUIRE(id);
    CHECK(Encode(id.value()) == vector.bytes);
    const std::string uid = UidOf(id.value());
    CHECK(GlobalObjectIdOf(uid) == id.value());
    CHECK_THAT(vector.meaning, Catch::Contains(uid.substr(0, uid.find('#'))));
  }
}

TEST_CASE("formats: uids that only look like an id of Outlook's are wrapped", "[mapi]") {
  const std::string outlook(ToHex(AsBytes(Encode(*GlobalObjectIdOf("x")))));
  for (const std::string& uid : {std::string("a"), std::string(90, 'A'), std::string("#20240326"),
                                 outlook.substr(0, 84), outlook + "00", std::string("u#20241399")}) {
    INFO(uid);
    const auto id = GlobalObjectIdOf(uid);
    REQUIRE(id);
    CHECK(id->data.starts_with("vCal-Uid"));
    CHECK(UidOf(*id) == uid);
  }
  CHECK_FALSE(GlobalObjectIdOf(""));
  CHECK_FALSE(DecodeGlobalObjectId("abc"));
}

TEST_CASE("formats: text goes between UTF-8 and UTF-16, and what is no character is marked", "[mapi]") {
  const std::string text = "aé→\U0001F600";
  CHECK(Utf8FromWide(WideFromUtf8(text)) == text);
  CHECK(WideFromUtf8("é") == std::string("\xE9\0", 2));
  CHECK(Utf8FromWide(std::string("\x3D\xD8", 2)) == "\uFFFD");
  CHECK(Utf8FromWide(std::string("\x00\xDC\x41\x00", 4)) == "\uFFFDA");
  CHECK(Utf8FromWide("A") == "\uFFFD");
  for (const char* bad : {"\xC0\x80", "\xE0\x80\x80", "\xED\xA0\x80", "\xF5", "\xF4\x90\x80\x80", "\xE2\x82", "\x80"}) {
    const std::string wide = WideFromUtf8(bad);
    CHECK(wide.starts_with("\xFD\xFF"));
  }
}

TEST_CASE("formats: compressed RTF comes back, and is packed as Microsoft's examples are", "[mapi]") {
  std::size_t met = 0;
  for (const Vector& vector : OwnVectors()) {
    if (vector.kind != "rtf") continue;
    std::string text = vector.meaning;
    if (text.ends_with("\\r\\n")) text.replace(text.size() - 4, 4, "\r\n");
    CHECK(DecodeRtf(vector.bytes).value() == text);
    CHECK(EncodeRtf(text).value() == vector.bytes);
    ++met;
  }
  CHECK(met == 2);

  SeededRandom random(3);
  for (const std::size_t size : {0, 1, 2, 17, 4095, 4096, 4097, 20'000}) {
    std::string text;
    while (text.size() < size) text.push_back("{}\\par \n"[random.Below(8)]);
    CHECK(DecodeRtf(EncodeRtf(text).value()).value() == text);
  }
  const std::string large(kRtfPackMax + 1, 'x');
  const std::string stored = EncodeRtf(large).value();
  CHECK(stored.size() == 16 + large.size());
  CHECK(stored.substr(8, 4) == "MELA");
  CHECK(DecodeRtf(stored).value() == large);
  CHECK(EncodeRtf(std::string(kRtfPackMax, 'x')).value().size() < kRtfPackMax / 5);
}

TEST_CASE("formats: RTF that is damaged is named", "[mapi]") {
  const std::string good = EncodeRtf("{\\rtf1 hello}").value();
  const auto changed = [&good](std::size_t at, char to) {
    std::string bytes = good;
    bytes[at] = to;
    return DecodeRtf(bytes).error().context;
  };
  CHECK_THAT(changed(0, '\x7F'), Catch::Contains("CONTENTS at byte 16"));
  CHECK_THAT(changed(7, '\x7F'), Catch::Contains("RAWSIZE"));
  CHECK_THAT(changed(8, 'X'), Catch::Contains("COMPTYPE"));
  CHECK_THAT(changed(17, '!'), Catch::Contains("CRC"));
  CHECK_THAT(DecodeRtf("").error().context, Catch::Contains("COMPSIZE"));
}

TEST_CASE("formats: one-off and wrapped entry ids come back, and are members of lists", "[mapi]") {
  for (const Vector& vector : OwnVectors()) {
    INFO(vector.name);
    if (vector.kind.starts_with("oneoff")) {
      const auto id = DecodeOneOffId(vector.bytes);
      REQUIRE(id);
      CHECK(MemberLine(id.value()) == vector.meaning);
      CHECK((Encode(id.value()) == vector.bytes) == (vector.kind == "oneoff"));
      CHECK(id.value().rich_text == (vector.kind != "oneoff"));
      OneOffId again = OneOffOfMember(vector.meaning + "\tLove");
      again.rich_text = id.value().rich_text;
      CHECK(again == id.value());
    } else if (vector.kind == "wrapped") {
      const auto id = DecodeWrappedId(vector.bytes);
      REQUIRE(id);
      CHECK(id.value().kind == WrappedId::Kind::kContact);
      CHECK(id.value().address == WrappedId::Address::kMail1);
      CHECK(DecodeOneOffId(id.value().inner));
      CHECK(Encode(id.value()) == vector.bytes);
      CHECK_FALSE(DecodeOneOffId(vector.bytes));
    }
  }
  CHECK(OneOffOfMember("ada@example.org").address == "ada@example.org");
  CHECK(MemberLine(OneOffOfMember("<ada@example.org>")) == "ada@example.org");
  CHECK(OneOffOfMember("Ada").address.empty());
  CHECK(MemberLine({"a\tb\n", "SMTP", "c@d"}) == "a b  <c@d>");
}

TEST_CASE("formats: rights are Outlook's bits for every level, and come back", "[mapi]") {
  const std::pair<const char*, std::uint32_t> levels[] = {
      {"none", 0},       {"contributor", 0x402},       {"reviewer", 0x401}, {"author-without-edit", 0x403},
      {"author", 0x41B}, {"publishing-author", 0x49B}, {"editor", 0x47B},   {"publishing-editor", 0x4FB},
      {"owner", 0x5FB}};
  for (const auto& [name, bits] : levels) {
    INFO(name);
    const FolderRights rights = RightsFromBits(*BitsFromText(name));
    CHECK(MemberRightsOf(rights) == bits);
    CHECK(RightsOfMember(bits) == rights);
  }
  CHECK(RightsOfMember(0x413).write == 0);  // Exchange's own level without changing: removes its own
  CHECK(RightsOfMember(0x413).remove == 1);
  CHECK(RightsOfMember(0x1800) == FolderRights{});  // free/busy alone shows no folder
  CHECK(FolderAccessOf(kOwnerRights) == 0x1F);
  CHECK(FolderAccessOf(RightsOfMember(0x401)) == access::kRead);
  const FolderRights author = RightsOfMember(0x41B);
  CHECK(ItemAccessOf(author, true) == 0x7);
  CHECK(ItemAccessOf(author, false) == access::kRead);
}

TEST_CASE("formats: properties that are no fields come back byte by byte, by name", "[mapi]") {
  const std::string set(16, '\x42');
  const std::vector<KeptProp> props{{{0x6999, {}, 0, {}}, PropType::kLong, std::string("\1\0\0\0", 4)},
                                    {{0, set, 7, {}}, PropType::kUnicode, std::string("\x3d\xd8", 2)},  // half a pair
                                    {{0, set, 0, "Größe"}, PropType::kMvBinary, std::string("\1\0\0\0\2\0\0\0ab", 10)}};
  const std::string bytes = Encode(props);
  REQUIRE(DecodeKeptProps(bytes));
  const auto back = DecodeKeptProps(bytes).value();
  CHECK(back.size() == 3);
  CHECK(std::is_permutation(back.begin(), back.end(), props.begin()));
  CHECK(Encode(back) == bytes);
  std::vector<KeptProp> twice = props;
  twice.push_back({{0x6999, {}, 0, {}}, PropType::kBoolean, std::string("\1\0", 2)});
  const auto later = DecodeKeptProps(Encode(twice)).value();
  CHECK(later.size() == 3);
  CHECK(std::count(later.begin(), later.end(), twice.back()) == 1);
  CHECK(DecodeKeptProps(Encode(std::vector<KeptProp>{})).value().empty());
  for (const auto& vector : OwnVectors())
    if (vector.kind == "kept") CHECK(Encode(DecodeKeptProps(vector.bytes).value()) == vector.bytes);

  // A value that is none of its type, an id that is for names, and a name twice are damage.
  for (const KeptProp& bad :
       std::vector<KeptProp>{{{0x6999, {}, 0, {}}, PropType::kLong, "abc"},
                             {{0x6999, {}, 0, {}}, PropType::kUnicode, "abc"},
                             {{0x6999, {}, 0, {}}, PropType::kObject, "abcd"},
                             {{0x6999, {}, 0, {}}, PropType::kMvLong, std::string("\2\0\0\0a", 5)},
                             {{0x8001, {}, 0, {}}, PropType::kBinary, "abc"},
                             {{0, {}, 0, {}}, PropType::kBinary, "abc"}})
    CHECK(DecodeKeptProps(Encode(std::vector<KeptProp>{bad})).error().code == Code::kCorrupt);
  std::string doubled = Encode(std::vector<KeptProp>{props[0]});
  doubled += doubled.substr(5);
  doubled[1] = 2;
  CHECK_THAT(DecodeKeptProps(doubled).error().context, Catch::Contains("order"));
  CHECK_THAT(DecodeKeptProps(bytes + "x").error().context, Catch::Contains("bytes behind the end"));
  std::string many = bytes;
  many[3] = '\x7f';
  CHECK_THAT(DecodeKeptProps(many).error().context, Catch::Contains("count at byte 5"));
}

TEST_CASE("formats: every vector, cut at every length and changed, decodes or errs in every decoder", "[mapi][fuzz]") {
  SeededRandom random(8);
  for (const Vector& vector : OwnVectors())
    for (const auto body : mapi::test::kFuzzBodies) {
      for (std::size_t size = 0; size <= vector.bytes.size(); ++size) body(vector.bytes.substr(0, size));
      for (int i = 0; i < 200; ++i) {
        std::string changed = vector.bytes;
        for (std::uint64_t n = 1 + random.Below(3); n > 0; --n)
          changed[random.Below(changed.size())] = static_cast<char>(random.Below(256));
        body(changed);
      }
    }
}
