#include "schemas/value.h"

#include <catch2/catch.hpp>

#include "tests/schemas/samples.h"

using namespace outpost;
using namespace outpost::test;
using namespace std::string_literals;

namespace {

std::string BytesOf(const Value& value) {
  std::string bytes;
  AppendValue(bytes, value);
  return bytes;
}

}  // namespace

TEST_CASE("value: every kind comes back as it went", "[schemas]") {
  for (const Value& value : SampleValues()) CHECK(ParseValue(KindOf(value), BytesOf(value)).value() == value);
}

TEST_CASE("value: the bytes are what event.md says", "[schemas]") {
  CHECK(BytesOf(std::int64_t{0x0102030405060708}) == "\x08\x07\x06\x05\x04\x03\x02\x01");
  CHECK(BytesOf(std::int64_t{-2}) == "\xfe\xff\xff\xff\xff\xff\xff\xff");
  CHECK(BytesOf(true) == "\x01");
  CHECK(BytesOf(false) == "\0"s);
  CHECK(BytesOf("ä"s) == "\xc3\xa4");
  CHECK(BytesOf(std::vector<std::string>{"ab", ""}) == "\x02\0\0\0ab\0\0\0\0"s);
  CHECK(BytesOf(Value{}).empty());
  BlobRef ref{{}, 0x0102030405060708};
  ref.id.fill(0xa5);
  CHECK(BytesOf(ref) == std::string(32, '\xa5') + "\x08\x07\x06\x05\x04\x03\x02\x01");
}

TEST_CASE("value: any other shape is refused", "[schemas]") {
  const std::pair<ValueKind, std::string> bad[] = {{ValueKind::kNull, "x"},
                                                   {ValueKind::kInt, ""},
                                                   {ValueKind::kInt, "1234567"},
                                                   {ValueKind::kInt, "123456789"},
                                                   {ValueKind::kBool, ""},
                                                   {ValueKind::kBool, "\x02"},
                                                   {ValueKind::kBool, "\x01\x01"},
                                                   {ValueKind::kTexts, "\x01\0"s},
                                                   {ValueKind::kTexts, "\x02\0\0\0a"s},
                                                   {ValueKind::kTexts, "\xff\xff\xff\xff"s},
                                                   {ValueKind::kId, "short"},
                                                   {ValueKind::kBlob, ""},
                                                   {ValueKind::kBlob, std::string(39, 'x')},
                                                   {ValueKind::kBlob, std::string(41, 'x')},
                                                   {static_cast<ValueKind>(8), ""},
                                                   {static_cast<ValueKind>(255), "x"}};
  for (const auto& [kind, bytes] : bad) {
    const Result<Value> parsed = ParseValue(kind, bytes);
    REQUIRE_FALSE(parsed);
    CHECK(parsed.error().code == Code::kCorrupt);
  }
}

TEST_CASE("value: what a person cannot tell apart is the same", "[schemas]") {
  CHECK(SameValue(Value{}, ""s));
  CHECK(SameValue(""s, std::vector<std::string>{}));
  CHECK(SameValue(Value{}, Value{}));
  CHECK(SameValue("a"s, "a"s));
  CHECK_FALSE(SameValue("a"s, "A"s));
  CHECK_FALSE(SameValue(Value{}, std::int64_t{0}));
  CHECK(SameValue(Value{}, false));
  CHECK_FALSE(SameValue(Value{}, true));
  CHECK_FALSE(SameValue(std::vector<std::string>{"a", "b"}, std::vector<std::string>{"b", "a"}));
  CHECK_FALSE(SameValue(Value{}, std::vector<std::string>{""}));
}

TEST_CASE("digest: equal exactly where the values are", "[schemas]") {
  const std::vector<Value> values = SampleValues();
  for (const Value& a : values)
    for (const Value& b : values) {
      if (KindOf(a) == ValueKind::kBytes || KindOf(b) == ValueKind::kBytes) continue;  // an empty blob is no empty text
      CHECK((DigestOf(146, a, 1) == DigestOf(146, b, 1)) == SameValue(a, b));
    }
  CHECK(DigestOf(146, Blob{}, 1) == DigestOf(146, Blob{}, 1));
  CHECK(DigestOf(146, Blob{"a"}, 1) != DigestOf(146, "a"s, 1));
}

TEST_CASE("digest: tells nothing across fields and keys", "[schemas]") {
  CHECK(DigestOf(146, "a"s, 1) != DigestOf(147, "a"s, 1));
  CHECK(DigestOf(146, "a"s, 1) != DigestOf(146, "a"s, 2));
}
