#include "schemas/series.h"

#include <catch2/catch.hpp>

using namespace outpost;

TEST_CASE("series: days are texts and back, a uid of an exception gives that of its series", "[schemas][series]") {
  constexpr std::int64_t kDay = 86'400'000;
  for (const std::int64_t day : {std::int64_t{0}, -kDay, 19'808 * kDay, -25'567 * kDay, 2'900'000 * kDay})
    if (const auto back = DayFromText(DayText(day)); DayText(day).size() == 10) CHECK(back == day);
  CHECK(DayText(19'808 * kDay) == "2024-03-26");
  for (const char* text : {"", "2024-3-26", "2024-02-30", "2024-13-01", "2024-03-26T", "20240326", "abcd-ef-gh"})
    CHECK_FALSE(DayFromText(text));
  CHECK(UidOfException("u", 19'808 * kDay) == "u#20240326");
  CHECK(SeriesUidOf("u#20240326") == "u");
  CHECK(SeriesUidOf("a#b#20240326") == "a#b");
  for (const char* uid : {"", "u", "u#2024032", "u#2024032x", "20240326"}) CHECK_FALSE(SeriesUidOf(uid));
  CHECK(DayText(INT64_MAX).size() >= 10);  // beyond all calendars is no reason to fall over
  CHECK(DayText(INT64_MIN).size() >= 10);
}
