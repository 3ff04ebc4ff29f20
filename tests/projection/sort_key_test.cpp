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

TEST_CASE("sort key: what stands behind the key's end changes nothing, and appending is the same", "[sort_key]") {
  const std::string tail = "\xe2\x98\x83\xff\xcc\x81 end";
  for (const std::size_t size : {0, 1, 62, 63, 64, 65, 71, 72, 73, 100}) {
    for (const char* front : {"", " ", "\xc2\xa0 ", "\xcd\xba"}) {  // U+037A folds to a space and a letter
      const std::string text = front + std::string(size, 'X') + "\xc3\x84";
      const std::string key = SortKey(text + tail);
      if (size >= kSortKeyBytesMax) CHECK(key == SortKey(text));
      std::string behind = "k";
      outpost::AppendSortKey(text + tail, behind);
      CHECK(behind == "k" + key);
    }
  }
  for (const char* space : {" ", "\xc2\xa0"}) {
    std::string spaces;
    for (int i = 0; i < 200; ++i) spaces += space;
    CHECK(SortKey(spaces + "X") == "x");
  }
}

TEST_CASE("sort key: bytes that are no UTF-8 still have one place", "[sort_key]") {
  for (const char* bad : {"\xff\xfe", "ab\xc3", "\xed\xa0\x80", "\xf8\x88\x80\x80\x80", "a\x80z"}) {
    const std::string key = SortKey(bad);
    CHECK_FALSE(key.empty());
    CHECK(key.find("\xef\xbf\xbd") != std::string::npos);
    CHECK(SortKey(bad) == key);
  }
}
