// Series of the module calendar (http-api.md 6.1, 6.3 and 6.4), and the rules of recurrence behind them.
#include "tests/oxserver/calendar_client.h"
#include "tools/oxserver/recurrence.h"

using namespace outpost;
using namespace outpost::oxserver;
using namespace outpost::oxserver::test;

namespace {

// 2024-03-25 09:00 in Berlin, a Monday: the clocks go forward on the Sunday after.
constexpr std::int64_t kMarch = 1'711'353'600'000;
constexpr std::int64_t kMarchDay = kMarch - 8 * kHour;

Json Daily(std::int64_t start, Json more = Json::object()) {
  Json fields = {{"title", "s"},         {"start_date", start}, {"end_date", start + kHour},
                 {"recurrence_type", 1}, {"interval", 1},       {"timezone", "Europe/Berlin"}};
  fields.update(more);
  return fields;
}

std::vector<std::int64_t> Starts(const RecurrenceRule& rule, std::int64_t first, std::size_t most,
                                 bool full_time = true, const char* zone = "UTC") {
  Zones zones("/usr/share/zoneinfo");
  std::vector<std::int64_t> starts;
  Series(rule, {first, first + kHour}, full_time, zones.Find(zone)).ForEach([&](const Occurrence& each) {
    CHECK(each.position == static_cast<std::int64_t>(starts.size()) + 1);
    starts.push_back(each.time.start);
    return starts.size() < most;
  });
  return starts;
}

// "2024-02-29", as midnight UTC.
std::int64_t Day(int year, unsigned month, unsigned day) {
  return std::chrono::sys_days(std::chrono::year(year) / static_cast<int>(month) / static_cast<int>(day))
             .time_since_epoch()
             .count() *
         kDay;
}

}  // namespace

TEST_CASE("recurrence: days that a month lacks are its last, as OX has it", "[oxserver][calendar]") {
  const RecurrenceRule monthly{.type = 3, .interval = 1, .day_in_month = 31};
  CHECK(Starts(monthly, Day(2024, 1, 31), 4) ==
        std::vector{Day(2024, 1, 31), Day(2024, 2, 29), Day(2024, 3, 31), Day(2024, 4, 30)});
  const RecurrenceRule leap{.type = 4, .interval = 1, .day_in_month = 29, .month = 1};
  CHECK(Starts(leap, Day(2024, 2, 29), 2) == std::vector{Day(2024, 2, 29), Day(2025, 2, 28)});
  const RecurrenceRule last_workday{.type = 3, .interval = 2, .days = 62, .day_in_month = 5};
  CHECK(Starts(last_workday, Day(2024, 5, 31), 3) == std::vector{Day(2024, 5, 31), Day(2024, 7, 31), Day(2024, 9, 30)});
  const RecurrenceRule second_tuesday{.type = 4, .interval = 1, .days = 4, .day_in_month = 2, .month = 10};
  CHECK(Starts(second_tuesday, Day(2024, 11, 12), 2) == std::vector{Day(2024, 11, 12), Day(2025, 11, 11)});
  const RecurrenceRule workdays{.type = 2, .interval = 2, .days = 62, .occurrences = 6};
  CHECK(Starts(workdays, Day(2024, 6, 3), 9).size() == 6);
  CHECK(Starts(workdays, Day(2024, 6, 3), 9).back() == Day(2024, 6, 17));
  const RecurrenceRule all_days{.type = 2, .interval = 1, .until = Day(2024, 6, 10)};
  CHECK(Starts(all_days, Day(2024, 6, 3), 99).size() == 8);
}

TEST_CASE("recurrence: the time of day stays across changes of the offset, also at an hour that is skipped",
          "[oxserver][calendar]") {
  const RecurrenceRule daily{.type = 1, .interval = 1};
  // 02:30 in Berlin: it does not exist on 2024-03-31 and exists twice on 2024-10-27.
  const auto spring = Starts(daily, Day(2024, 3, 30) + kHour + kHour / 2, 3, false, "Europe/Berlin");
  CHECK(spring == std::vector{Day(2024, 3, 30) + kHour + kHour / 2, Day(2024, 3, 31) + kHour + kHour / 2,
                              Day(2024, 4, 1) + kHour / 2});
  const auto autumn = Starts(daily, Day(2024, 10, 26) + kHour / 2, 3, false, "Europe/Berlin");
  CHECK(autumn == std::vector{Day(2024, 10, 26) + kHour / 2, Day(2024, 10, 27) + kHour + kHour / 2,
                              Day(2024, 10, 28) + kHour + kHour / 2});
  // A day that begins before midnight UTC: positions are days of the zone.
  Zones zones("/usr/share/zoneinfo");
  const Series auckland(daily, {Day(2024, 6, 1) + 20 * kHour, Day(2024, 6, 1) + 21 * kHour}, false,
                        zones.Find("Pacific/Auckland"));
  CHECK(auckland.At(1)->date == Day(2024, 6, 2));
  CHECK(auckland.On(Day(2024, 6, 3))->position == 2);
}

TEST_CASE("calendar: series come as occurrences, or as themselves when asked", "[oxserver][calendar]") {
  Bench bench;
  Calendar client(bench);
  const auto id = Calendar::Id(client.NewAppointment(Daily(kMarch, {{"occurrences", 10}})));
  const auto starts = client.Cells(201, kMarchDay, kMarchDay + 8 * kDay);
  REQUIRE(starts.size() == 8);
  CHECK(starts[5] == kMarch + 5 * kDay);
  CHECK(starts[6] == kMarch + 6 * kDay - kHour);  // nine o'clock in summer
  CHECK(client.Cells(207, kMarchDay, kMarchDay + 2 * kDay) == std::vector<Json>{1, 2});
  CHECK(client.Cells(208, kMarchDay, kMarchDay + 2 * kDay) == std::vector<Json>{kMarchDay, kMarchDay + kDay});
  CHECK(client.Cells(201, 0, kFar, "&recurrence_master=true") == std::vector<Json>{kMarch});
  CHECK(client.Cells(201, kMarchDay + 20 * kDay, kFar, "&recurrence_master=true").empty());
  const auto master = client.Appointment(id);
  CHECK(master["recurrence_id"] == std::stoll(id));
  CHECK(master["recurrence_start"] == kMarchDay);
  CHECK_FALSE(master.contains("recurrence_position"));
  CHECK(client.Appointment(id, "UTC", {}, "&recurrence_position=7")["start_date"] == kMarch + 6 * kDay - kHour);
  const auto delta = [&](const std::string& more) {
    return client.Get("calendar?action=updates&columns=1,207&timestamp=0&folder=" + client.CalendarFolder() +
                      more)["data"];
  };
  CHECK(delta("").size() == 1);  // the first occurrence only
  CHECK(delta("")[0][1] == 1);
  CHECK(delta("&start=0&end=" + std::to_string(kFar)).size() == 10);
  CHECK(delta("&recurrence_master=true")[0][1].is_null());
  const auto listed = [&](Json ref, const std::string& more = {}) {
    ref["id"] = id;
    ref["folder"] = client.CalendarFolder();
    return client.Put("calendar?action=list&columns=207,201&timezone=UTC" + more, Json::array({ref}))["data"];
  };
  CHECK(listed({{"recurrence_position", 3}})[0][0] == 3);
  CHECK(listed({{"recurrence_date_position", kMarchDay + kDay}})[0][0] == 2);
  CHECK(listed(Json::object(), "&recurrence_master=true")[0][0].is_null());
  CHECK(listed({{"recurrence_position", 11}}).empty());
}

TEST_CASE("calendar: a series starts with its first real occurrence", "[oxserver][calendar]") {
  Bench bench;
  Calendar client(bench);
  Json fields = Daily(kMarch);  // Monday, but on Wednesdays
  fields["recurrence_type"] = 2;
  fields["days"] = 8;
  const auto id = Calendar::Id(client.NewAppointment(fields));
  CHECK(client.Appointment(id)["start_date"] == kMarch + 2 * kDay);
  CHECK(client.Appointment(id)["recurrence_start"] == kMarchDay + 2 * kDay);
  client.UpdateAppointment(id, kFar, {{"recurrence_type", 0}});
  for (const char* name : {"days", "interval", "recurrence_id", "recurrence_start"})
    CHECK_FALSE(client.Appointment(id).contains(name));
}

TEST_CASE("calendar: changing one occurrence makes a new object", "[oxserver][calendar]") {
  Bench bench;
  Calendar client(bench);
  const auto made = client.NewAppointment(Daily(kMarch, {{"occurrences", 10}, {"uid", "u"}}));
  const auto id = Calendar::Id(made);
  CHECK(CodeOf(client.UpdateAppointment(id, kFar, {{"recurrence_position", 11}, {"title", "x"}})) == "CAL-4061");
  const auto changed = client.UpdateAppointment(id, kFar,
                                                {{"recurrence_position", 2},
                                                 {"title", "moved"},
                                                 {"start_date", kMarch + kDay + 2 * kHour},
                                                 {"end_date", kMarch + kDay + 3 * kHour}});
  const auto exception = Calendar::Id(changed);
  CHECK(exception != id);
  const auto one = client.Appointment(exception);
  CHECK(one["title"] == "moved");
  CHECK(one["recurrence_id"] == std::stoll(id));
  CHECK(one["recurrence_position"] == 2);
  CHECK(one["recurrence_date_position"] == kMarchDay + kDay);
  CHECK(one["recurrence_type"] == 0);
  CHECK(one["uid"] == "u");
  CHECK(client.Get("calendar?action=resolveuid&uid=u")["data"]["id"] == id);
  CHECK(client.Appointment(id)["change_exceptions"] == Json::array({kMarchDay + kDay}));
  CHECK(client.Cells(200, kMarchDay, kMarchDay + 3 * kDay) == std::vector<Json>{"s", "moved", "s"});
  // The same occurrence again is the same object.
  CHECK(Calendar::Id(client.UpdateAppointment(
            id, kFar, {{"recurrence_date_position", kMarchDay + kDay}, {"title", "again"}})) == exception);
  CHECK(client.Appointment(exception)["title"] == "again");
  const auto exceptions = client.Get("calendar?action=getChangeExceptions&columns=1,200&id=" + id +
                                     "&folder=" + client.CalendarFolder())["data"];
  CHECK(exceptions == Json::array({Json::array({exception, "again"})}));
  const std::string sub = client.Put("folders?action=new&folder_id=" + client.CalendarFolder(),
                                     {{"folder", {{"title", "Sub"}, {"module", "calendar"}}}})["data"];
  CHECK(CodeOf(client.UpdateAppointment(id, kFar, {{"folder_id", sub}})) == "CAL-4224");
  CHECK(CodeOf(client.UpdateAppointment(exception, kFar, {{"folder_id", sub}})) == "CAL-4225");
  // A changed occurrence goes by its own id, and is deleted from the series then.
  client.DeleteAppointment(exception, kFar);
  CHECK_FALSE(client.Appointment(id).contains("change_exceptions"));
  CHECK(client.Appointment(id)["delete_exceptions"] == Json::array({kMarchDay + kDay}));
}

TEST_CASE("calendar: deleting one occurrence changes only the series, by either spelling", "[oxserver][calendar]") {
  Bench bench;
  Calendar client(bench);
  const auto id = Calendar::Id(client.NewAppointment(Daily(kMarch, {{"occurrences", 3}})));
  const auto before = client.Appointment(id)["last_modified_utc"].get<std::int64_t>();
  const auto deleted = client.DeleteAppointment(id, kFar, {{"pos", 1}});
  CHECK(deleted["data"] == Json::array());
  CHECK(client.Appointment(id)["delete_exceptions"] == Json::array({kMarchDay}));
  CHECK(client.Appointment(id)["last_modified_utc"] > before);
  CHECK(CodeOf(client.DeleteAppointment(id, kFar, {{"recurrence_position", 1}})) == "CAL-4061");
  client.DeleteAppointment(id, kFar, {{"recurrence_date_position", kMarchDay + 2 * kDay}});
  CHECK(client.Cells(201, 0, kFar) == std::vector<Json>{kMarch + kDay});
  client.DeleteAppointment(id, kFar, {{"recurrence_position", 2}});  // the last one: nothing is left of the series
  CHECK(CodeOf(client.Get("calendar?action=get&id=" + id + "&folder=" + client.CalendarFolder())) == "CAL-4040");
}

TEST_CASE("calendar: exceptions go with their series, and with days it loses", "[oxserver][calendar]") {
  for (const bool keep : {true, false}) {
    INFO("keep_exceptions " << keep);
    LogicOptions options;
    options.keep_exceptions = keep;
    Bench bench(options);
    Calendar client(bench);
    const auto made = client.NewAppointment(Daily(kMarch, {{"occurrences", 10}}));
    const auto id = Calendar::Id(made);
    const auto second =
        Calendar::Id(client.UpdateAppointment(id, kFar, {{"recurrence_position", 2}, {"title", "second"}}));
    const auto ninth =
        Calendar::Id(client.UpdateAppointment(id, kFar, {{"recurrence_position", 9}, {"title", "ninth"}}));
    client.DeleteAppointment(id, kFar, {{"recurrence_position", 3}});
    const auto there = [&](const std::string& which) { return client.Appointment(which).is_object(); };
    client.UpdateAppointment(id, kFar, {{"location", "elsewhere"}});
    CHECK(there(ninth));
    const std::int64_t stamp = client.UpdateAppointment(id, kFar, {{"occurrences", 5}})["timestamp"];
    CHECK_FALSE(there(ninth));
    CHECK(there(second) == keep);
    CHECK(client.Appointment(id).value("change_exceptions", Json()) ==
          (keep ? Json::array({kMarchDay + kDay}) : Json()));
    CHECK(client.Appointment(id).contains("delete_exceptions") == keep);
    client.DeleteAppointment(id, kFar);
    CHECK_FALSE(there(second));
    const auto gone = client.Get("calendar?action=updates&columns=1&folder=" + client.CalendarFolder() +
                                 "&timestamp=" + std::to_string(stamp - 1))["data"];
    CHECK(gone.size() >= 2);
  }
}

TEST_CASE("calendar: an answer to one occurrence is an exception, one to the series is not", "[oxserver][calendar]") {
  Bench bench;
  Calendar client(bench);
  const auto id = Calendar::Id(client.NewAppointment(Daily(kMarch, {{"occurrences", 3}})));
  const auto confirm = [&](const std::string& more, int what) {
    return client.Put("calendar?action=confirm&id=" + id + "&folder=" + client.CalendarFolder() +
                          "&timestamp=" + std::to_string(kFar) + more,
                      {{"confirmation", what}});
  };
  confirm("", 3);
  CHECK(client.Appointment(id)["users"][0]["confirm"] == 3);
  CHECK_FALSE(client.Appointment(id).contains("change_exceptions"));
  confirm("&occurrence=2", 2);
  CHECK(client.Appointment(id)["users"][0]["confirm"] == 3);
  CHECK(client.Appointment(id)["change_exceptions"] == Json::array({kMarchDay + kDay}));
  CHECK(CodeOf(confirm("&occurrence=4", 2)) == "CAL-4061");
}

TEST_CASE("calendar: a series clashes where its occurrences do", "[oxserver][calendar]") {
  Bench bench;
  Calendar client(bench);
  client.Simple("in summer", kMarch + 7 * kDay - kHour, kHour);
  CHECK(client.NewAppointment(Daily(kMarch, {{"occurrences", 7}}))["data"].contains("id"));
  const auto clash = client.NewAppointment(Daily(kMarch + 2 * kHour, {{"occurrences", 7}}));
  CHECK(clash["data"].contains("id"));
  const auto into = client.Simple("into the series", kMarch + kDay, kHour);
  REQUIRE(into["data"].contains("conflicts"));
  CHECK(into["data"]["conflicts"][0]["title"] == "s");
}
