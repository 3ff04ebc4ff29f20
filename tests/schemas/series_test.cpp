#include "schemas/series.h"

#include <catch2/catch.hpp>

#include "schemas/busy.h"

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

TEST_CASE("busy times are texts that come back as they were, and nothing else is one", "[schemas]") {
  for (const Availability how :
       {Availability::kReserved, Availability::kTentative, Availability::kAbsent, Availability::kFree})
    for (const bool days : {false, true}) {
      const BusyTime time{Millis(-86'400'000), Millis(1'780'308'000'000), how, days};
      CHECK(ParseBusyText(BusyText(time)) == time);
    }
  CHECK(BusyText({Millis(1), Millis(2), Availability::kAbsent, true}) == "1 2 absent days");
  for (const char* text : {"", "1", "1 2", "1 2 busy", "2 1 free", "1 2 free day", "1 2 free days x", "1  2 free",
                           " 1 2 free", "1 2 free ", "1x 2 free", "99999999999999999999 2 free"})
    CHECK_FALSE(ParseBusyText(text));
}
