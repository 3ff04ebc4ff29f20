#include "projection/calendar.h"

#include <algorithm>
#include <catch2/catch.hpp>

#include "projection/series_days.h"
#include "projection/stored_order.h"
#include "schemas/series.h"
#include "tests/projection/memory_account.h"
#include "tools/oxserver/recurrence.h"

using namespace outpost;
using namespace outpost::test;

namespace {

constexpr std::int64_t kHour = 3'600'000, kDay = 24 * kHour;

std::int64_t Day(const char* text) { return *DayFromText(text); }

// An account with one calendar, and what it shows.
class Calendar {
 public:
  Calendar() { account.Folder("c", "Calendar", {}, 1, "calendar"); }
  ItemId Id(const std::string& name) const { return account.Id(name); }
  void New(const std::string& name, std::int64_t start, std::int64_t end, FieldMap more = {}) {
    more[field::kAppointmentFolder] = Id("c");
    more[field::kAppointmentTitle] = name;
    more[field::kAppointmentStart] = start;
    more[field::kAppointmentEnd] = end;
    more[field::kAppointmentUid] = "uid-" + name;
    account.RemoteNew(ItemType::kAppointment, name, std::move(more));
    names_.push_back(name);
  }
  std::vector<CalendarEntry> Range(std::int64_t from, std::int64_t to, const std::string& zone = {}) const {
    const auto range = CalendarRange(account.state, Id("c"), from, to, Zone::Find(zone).value());
    REQUIRE(range);
    return range.value();
  }
  // "name 2024-03-26+9" for each: day and hour of UTC.
  std::vector<std::string> Shown(std::int64_t from, std::int64_t to, const std::string& zone = {}) const {
    std::vector<std::string> shown;
    for (const CalendarEntry& entry : Range(from, to, zone)) {
      const auto name = std::find_if(names_.begin(), names_.end(), [&](const auto& n) { return Id(n) == entry.item; });
      REQUIRE(name != names_.end());
      const std::int64_t in_day = (entry.start % kDay + kDay) % kDay;
      shown.push_back(*name + " " + DayText(entry.start - in_day) + "+" + std::to_string(in_day / kHour));
    }
    return shown;
  }

  MemoryAccount account;

 private:
  std::vector<std::string> names_;
};

using Shown = std::vector<std::string>;

FieldMap Weekly(const char* zone, std::int64_t weekdays) {
  return {{field::kAppointmentRecurrenceType, std::int64_t{2}},
          {field::kAppointmentDays, weekdays},
          {field::kAppointmentZone, std::string(zone)}};
}

SeriesRule RandomRule(SeededRandom& random) {
  SeriesRule rule;
  rule.every = static_cast<SeriesRule::Every>(1 + random.Below(4));
  const bool yearly = rule.every == SeriesRule::Every::kYear;
  rule.interval = static_cast<std::int64_t>(1 + random.Below(random.Chance(1, 2) ? 2 : yearly ? 5 : 14));
  if (rule.every == SeriesRule::Every::kWeek || (rule.every > SeriesRule::Every::kWeek && random.Chance(1, 2)))
    rule.weekdays = static_cast<std::uint8_t>(1 + random.Below(127));
  rule.day_in_month = static_cast<std::int64_t>(1 + random.Below(rule.weekdays != 0 ? 5 : 31));
  rule.month = static_cast<std::int64_t>(random.Below(12));
  return rule;
}

oxserver::RecurrenceRule Libical(const SeriesRule& rule) {
  oxserver::RecurrenceRule same;
  same.type = static_cast<std::int64_t>(rule.every);
  same.interval = rule.interval;
  if (rule.weekdays != 0) same.days = rule.weekdays;
  same.day_in_month = rule.day_in_month;
  same.month = rule.month;
  if (rule.until) same.until = *rule.until * kDay;
  same.occurrences = rule.occurrences;
  return same;
}

}  // namespace

// libical knows no year beyond 2582, which an interval of 5 years does not reach.
TEST_CASE("series: any rule takes place on the days that libical finds", "[calendar]") {
  const oxserver::Zone utc("UTC", {});
  const auto seed = GENERATE(range(1u, 201u));
  SeededRandom random(seed);
  SeriesRule rule = RandomRule(random);
  const auto first = static_cast<std::int64_t>(random.Below(25'000)) - 2'000;
  const auto end = random.Below(3);
  if (end == 1) rule.until = first + static_cast<std::int64_t>(random.Below(3'000));
  if (end == 2) rule.occurrences = static_cast<std::int64_t>(1 + random.Below(60));
  std::vector<std::int64_t> expected;
  const oxserver::Series series(Libical(rule), {first * kDay, first * kDay}, true, utc);
  series.ForEach([&](const oxserver::Occurrence& each) {
    expected.push_back(each.date / kDay);
    return expected.size() < 300;
  });
  INFO("seed " << seed << " " << oxserver::RuleText(Libical(rule)) << " from day " << first);
  const SeriesDays days(rule, first);
  const bool ends = end != 0 && expected.size() < 300;
  if (ends) REQUIRE(days.last() == (expected.empty() ? first - 1 : expected.back()));
  if (end == 0) REQUIRE(days.last() == std::nullopt);
  for (int look = 0; look < 20; ++look) {
    const std::int64_t span = expected.empty() ? 100 : expected.back() - first + 40;
    const std::int64_t from = first - 20 + static_cast<std::int64_t>(random.Below(static_cast<std::uint64_t>(span)));
    const std::int64_t to = std::min(from + static_cast<std::int64_t>(random.Below(400)),
                                     ends || expected.empty() ? from + 400 : expected.back() + 1);
    std::vector<std::int64_t> wanted, found;
    std::copy_if(expected.begin(), expected.end(), std::back_inserter(wanted),
                 [&](std::int64_t day) { return day >= from && day < to; });
    days.ForEach(from, to, [&](std::int64_t day) { return found.push_back(day), true; });
    REQUIRE(found == wanted);
  }
}

TEST_CASE("series: rules of absurd numbers end, and go nowhere", "[calendar]") {
  SeriesRule rule;
  rule.every = SeriesRule::Every::kYear;
  rule.interval = 10'000;
  std::vector<std::int64_t> days;
  SeriesDays(rule, 19'000).ForEach(-10'000'000'000, 10'000'000'000, [&](std::int64_t day) {
    return days.push_back(day), true;
  });
  CHECK(days.size() <= 1);
  rule.every = SeriesRule::Every::kDay;
  rule.occurrences = std::int64_t{1} << 60;
  CHECK(SeriesDays(rule, 19'000).last() == std::nullopt);
  CHECK(RuleOf(ItemType::kContact, [](FieldId) { return Value{}; }) == std::nullopt);
}

TEST_CASE("calendar: what reaches into the time is shown, the end not being part of it", "[calendar]") {
  Calendar calendar;
  const std::int64_t day = Day("2024-03-26");
  calendar.New("before", day - kHour, day);
  calendar.New("into", day - kHour, day + kHour);
  calendar.New("moment", day, day);
  calendar.New("last", day + 23 * kHour, day + 25 * kHour);
  calendar.New("after", day + kDay, day + kDay + kHour);
  calendar.New("year", day - 200 * kDay, day + 100 * kDay);
  CHECK(calendar.Shown(day, day + kDay) ==
        Shown{"year 2023-09-08+0", "into 2024-03-25+23", "moment 2024-03-26+0", "last 2024-03-26+23"});
  CHECK(calendar.Shown(day - 300 * kDay, day - 250 * kDay).empty());
}

TEST_CASE("calendar: whole days are days of the viewer, series keep their zone's time of day", "[calendar]") {
  Calendar calendar;
  calendar.New("birthday", Day("2024-03-30"), Day("2024-03-31"), {{field::kAppointmentFullTime, true}});
  calendar.New("standup", Day("2024-03-25") + 8 * kHour, Day("2024-03-25") + 9 * kHour, Weekly("Europe/Berlin", 62));
  // The clocks of Berlin go forward on the 31st: at nine there it is eight here, then seven.
  CHECK(calendar.Shown(Day("2024-03-29"), Day("2024-04-02")) ==
        Shown{"standup 2024-03-29+8", "birthday 2024-03-30+0", "standup 2024-04-01+7"});
  CHECK(calendar.Shown(Day("2024-03-30"), Day("2024-03-31"), "America/New_York") == Shown{"birthday 2024-03-30+4"});
  CHECK(calendar.Shown(Day("2024-03-30"), Day("2024-03-31"), "Asia/Tokyo") == Shown{"birthday 2024-03-29+15"});
  const auto range = calendar.Range(Day("2024-03-30"), Day("2024-03-31"), "America/New_York");
  CHECK(range[0].end - range[0].start == kDay);
  CHECK(range[0].whole_days);
  CHECK_FALSE(range[0].day);
  CHECK(calendar.Range(Day("2024-04-01"), Day("2024-04-02"))[0].day == Day("2024-04-01"));
}

TEST_CASE("calendar: days that were dropped or replaced are not shown twice", "[calendar]") {
  Calendar calendar;
  FieldMap weekly = Weekly("UTC", 2);
  weekly[field::kAppointmentDeleted] = std::vector<std::string>{"2024-03-11"};
  weekly[field::kAppointmentChanged] = std::vector<std::string>{"2024-03-18"};
  weekly[field::kAppointmentOccurrences] = std::int64_t{5};
  calendar.New("team", Day("2024-03-04") + 9 * kHour, Day("2024-03-04") + 10 * kHour, weekly);
  const auto exception = [&](const std::string& name, const char* replaced, std::int64_t start) {
    calendar.New(name, start, start + kHour,
                 {{field::kAppointmentDatePosition, Day(replaced)},
                  {field::kAppointmentUid, UidOfException("uid-team", Day(replaced))}});
    calendar.account.RemoteSet(name, {{field::kAppointmentUid, UidOfException("uid-team", Day(replaced))}});
  };
  exception("moved", "2024-03-18", Day("2024-03-19") + 9 * kHour);
  exception("far", "2024-03-25", Day("2024-06-01") + 9 * kHour);  // the server has not said so yet
  CHECK(calendar.Shown(Day("2024-03-01"), Day("2024-05-01")) ==
        Shown{"team 2024-03-04+9", "moved 2024-03-19+9", "team 2024-04-01+9"});
  CHECK(calendar.Shown(Day("2024-06-01"), Day("2024-07-01")) == Shown{"far 2024-06-01+9"});
}

TEST_CASE("calendar: any month shows what all appointments, gone through one by one, would", "[calendar]") {
  const auto seed = GENERATE(range(1u, 21u));
  INFO("seed " << seed);
  SeededRandom random(seed);
  const char* zones[] = {"UTC", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kolkata"};
  Calendar calendar;
  struct One {
    std::string name;
    std::int64_t start, end;
    bool whole;
    std::optional<SeriesRule> rule;
    std::string zone;
  };
  std::vector<One> all;
  for (int i = 0; i < 60; ++i) {
    One one{std::to_string(i), 0, 0, random.Chance(1, 4), {}, zones[random.Below(5)]};
    one.start = (19'000 + static_cast<std::int64_t>(random.Below(700))) * kDay;
    if (!one.whole) one.start += static_cast<std::int64_t>(random.Below(96)) * kHour / 4;
    one.end = one.start + (one.whole ? kDay : kHour) *
                              static_cast<std::int64_t>(random.Chance(1, 10) ? 40 * 24 : 1 + random.Below(3));
    FieldMap more{{field::kAppointmentFullTime, one.whole}, {field::kAppointmentZone, one.zone}};
    if (random.Chance(1, 3)) {
      one.rule = RandomRule(random);
      if (random.Chance(1, 2)) one.rule->occurrences = static_cast<std::int64_t>(1 + random.Below(20));
      if (random.Chance(1, 3)) one.rule->until = one.start / kDay + static_cast<std::int64_t>(random.Below(400));
      more[field::kAppointmentRecurrenceType] = static_cast<std::int64_t>(one.rule->every);
      more[field::kAppointmentInterval] = one.rule->interval;
      if (one.rule->weekdays != 0) more[field::kAppointmentDays] = std::int64_t{one.rule->weekdays};
      more[field::kAppointmentDayInMonth] = one.rule->day_in_month;
      more[field::kAppointmentMonth] = one.rule->month;
      if (one.rule->occurrences) more[field::kAppointmentOccurrences] = *one.rule->occurrences;
      if (one.rule->until) more[field::kAppointmentUntil] = *one.rule->until * kDay;
    }
    calendar.New(one.name, one.start, one.end, more);
    all.push_back(std::move(one));
  }
  for (int look = 0; look < 20; ++look) {
    const std::int64_t from = (19'000 + static_cast<std::int64_t>(random.Below(1'200))) * kDay +
                              static_cast<std::int64_t>(random.Below(24)) * kHour;
    const std::int64_t to = from + static_cast<std::int64_t>(1 + random.Below(31)) * kDay;
    const std::string viewer = zones[random.Below(5)];
    const Zone seen = Zone::Find(viewer).value();
    std::vector<CalendarEntry> expected;
    for (const One& one : all) {
      const auto add = [&](std::int64_t start, std::optional<std::int64_t> day) {
        std::int64_t end = start + (one.end - one.start);
        if (one.whole) start = seen.ToUtc(start), end = seen.ToUtc(end);
        if (start < to && (end > from || start >= from))
          expected.push_back({calendar.Id(one.name), start, end, one.whole, day});
      };
      if (!one.rule) {
        add(one.start, {});
        continue;
      }
      const Zone own = Zone::Find(one.whole ? "UTC" : one.zone).value();
      const std::int64_t local = own.ToLocal(one.start);
      const std::int64_t time = (local % kDay + kDay) % kDay;
      SeriesDays((*one.rule), (local - time) / kDay).ForEach(18'000, 22'000, [&](std::int64_t day) {
        add(own.ToUtc(day * kDay + time), day * kDay);
        return true;
      });
    }
    std::sort(expected.begin(), expected.end(), [](const auto& a, const auto& b) {
      return std::tie(a.start, a.item, a.day) < std::tie(b.start, b.item, b.day);
    });
    INFO("from " << from << " to " << to << " in " << viewer);
    REQUIRE(calendar.Range(from, to, viewer) == expected);
  }
}
