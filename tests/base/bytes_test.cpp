#include "base/bytes.h"

#include <catch2/catch.hpp>

#include "base/check.h"

using namespace outpost;

TEST_CASE("bytes: hexadecimal and back, upper case taken too", "[base]") {
  std::string all;
  for (int i = 0; i < 256; ++i) all.push_back(static_cast<char>(i));
  const std::string hex = ToHex(AsBytes(all));
  CHECK(hex.size() == 512);
  CHECK(hex.starts_with("000102"));
  CHECK(hex.ends_with("fdfeff"));
  CHECK(ParseHex(hex) == all);
  CHECK(ParseHex("aBcD") == "\xab\xcd");
  CHECK(ParseHex("") == "");
}

TEST_CASE("bytes: what is no hexadecimal is refused as a whole", "[base]") {
  for (const char* bad : {"0", "abc", "0g", "g0", "0x12", " 12", "12 ", "ä"}) CHECK_FALSE(ParseHex(bad));
}

TEST_CASE("bytes: big-endian numbers order like their bytes", "[base]") {
  const std::uint64_t numbers[] = {0, 1, 255, 256, 0x123456789abcdef0, 0xffffffffffffffff};
  std::string before;
  for (const std::uint64_t number : numbers) {
    std::string bytes;
    AppendBe64(bytes, number);
    CHECK(bytes.size() == 8);
    CHECK(ReadBe64(bytes) == number);
    CHECK(before < bytes);
    before = bytes;
  }
  std::string mixed = "x";
  AppendBe32(mixed, 0xdeadbeef);
  CHECK(mixed == "x\xde\xad\xbe\xef");
  CHECK(ReadBe32(mixed, 1) == 0xdeadbeef);
}

TEST_CASE("bytes: reading past the end is a broken invariant, not a wild read", "[base]") {
  CHECK_THROWS_AS(ReadBe64("1234567"), InvariantViolation);
  CHECK_THROWS_AS(ReadBe32("12345", 2), InvariantViolation);
}
