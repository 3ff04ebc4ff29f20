#include "projection/sort_key.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <vector>

using outpost::kSortKeyBytesMax;
using outpost::SortKey;

TEST_CASE("sort key: case, accents, width and leading spaces make no difference", "[sort_key]") {
  CHECK(SortKey("Élodie") == SortKey("elodie"));
  CHECK(SortKey("STRASSE") == SortKey("straße"));
  CHECK(SortKey("Ａｄａ") == SortKey("ada"));
  CHECK(SortKey("  Ada") == SortKey("Ada"));
  CHECK(SortKey("e\xcc\x81") == SortKey("\xc3\xa9"));  // e + combining acute, precomposed
  CHECK(SortKey("a\tb") == SortKey("a b"));
  CHECK(SortKey("a\x01"
                "b") == SortKey("ab"));
}

TEST_CASE("sort key: the order of a table", "[sort_key]") {
  const std::vector<std::string> sorted{"1st", "Ada", "adam", "Änne", "Anton", "Zoë", "Ζωή", "Яна", "山田", ""};
  std::vector<std::string> shuffled = sorted;
  std::reverse(shuffled.begin(), shuffled.end());
  std::sort(shuffled.begin(), shuffled.end(), [](const auto& a, const auto& b) { return SortKey(a) < SortKey(b); });
  CHECK(shuffled == sorted);
}

TEST_CASE("sort key: text that shows nothing sorts behind all other", "[sort_key]") {
  for (const char* nothing : {"", "   ", "\n", "\xcc\x81"}) CHECK(SortKey(nothing) == "\xff");
  CHECK(SortKey("\xf4\x8f\xbf\xbf") < SortKey(""));  // the last code point there is
}

TEST_CASE("sort key: bounded, cut between characters, without zero bytes", "[sort_key]") {
  CHECK(SortKey(std::string(5000, 'x')).size() == kSortKeyBytesMax);
  std::string snowmen;
  for (int i = 0; i < 1000; ++i) snowmen += "x☃";
  const std::string key = SortKey(snowmen);
  CHECK(key.size() <= kSortKeyBytesMax);
  CHECK(key.size() > kSortKeyBytesMax - 4);
  CHECK(SortKey(key) == key);  // a cut inside a character would come back as U+FFFD
  CHECK(SortKey(std::string("a\0b", 3)).find('\0') == std::string::npos);
  CHECK(SortKey(std::string(3, '\0')) == "\xff");
}

TEST_CASE("sort key: bytes that are no UTF-8 still have one place", "[sort_key]") {
  for (const char* bad : {"\xff\xfe", "ab\xc3", "\xed\xa0\x80", "\xf8\x88\x80\x80\x80", "a\x80z"}) {
    const std::string key = SortKey(bad);
    CHECK_FALSE(key.empty());
    CHECK(key.find("\xef\xbf\xbd") != std::string::npos);
    CHECK(SortKey(bad) == key);
  }
}
