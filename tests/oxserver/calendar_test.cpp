// The module calendar (http-api.md 6): single appointments, people, conflicts. Series are in calendar_series_test.cpp.
#include <filesystem>

#include "base/system/files.h"
#include "tests/oxserver/calendar_client.h"

using namespace outpost;
using namespace outpost::oxserver;
using namespace outpost::oxserver::test;

TEST_CASE("calendar: times are read in the zone of the call, whole days in none", "[oxserver][calendar]") {
  Bench bench;
  Calendar client(bench);
  const auto made = client.NewAppointment(
      {{"title", "t"}, {"start_date", kJune + 8 * kHour}, {"end_date", kJune + 9 * kHour}}, "");  // Berlin: two ahead
  const auto id = Calendar::Id(made);
  CHECK(client.Appointment(id)["start_date"] == kJune + 6 * kHour);
  CHECK(client.Appointment(id, "Europe/Berlin")["end_date"] == kJune + 9 * kHour);
  CHECK(client.Appointment(id)["timezone"] == "Europe/Berlin");
  client.UpdateAppointment(id, kFar, {{"full_time", true}});
  for (const char* zone : {"UTC", "Europe/Berlin"}) {
    CHECK(client.Appointment(id, zone)["start_date"] == kJune);
    CHECK(client.Appointment(id, zone)["end_date"] == kJune + kDay);  // a day is the least
  }
}

TEST_CASE("calendar: what the server refuses, with its codes", "[oxserver][calendar]") {
  Bench bench;
  Calendar client(bench);
  const auto code = [&](Json fields) {
    for (const char* name : {"start_date", "end_date"})
      if (!fields.contains(name)) fields[name] = kJune;
    return CodeOf(client.NewAppointment(std::move(fields)));
  };
  CHECK(CodeOf(client.NewAppointment({{"title", "t"}})) == "CAL-4220");
  CHECK(code({{"end_date", kJune - 1}}) == "CAL-4221");
  CHECK(code({{"shown_as", 5}}) == "CAL-4228");
  CHECK(code({{"recurrence_type", 5}, {"interval", 1}}) == "CAL-4223");
  CHECK(code({{"recurrence_type", 1}}) == "CAL-4223");
  CHECK(code({{"recurrence_type", 4}, {"interval", 2}, {"month", 1}, {"day_in_month", 1}}) == "CAL-4223");
  CHECK(code({{"recurrence_type", 1}, {"interval", 1}, {"until", kJune}, {"occurrences", 2}}) == "CAL-4223");
  CHECK(code({{"recurrence_type", 1}, {"interval", 1}, {"until", kJune - 9 * kDay}}) == "CAL-4223");  // never
  CHECK(code(Json::parse(R"({"participants":[{"type":5}]})")) == "CAL-4220");
  CHECK(code({{"folder_id", client.Folder()}}) == "CAL-4060");
  CHECK(code({{"title", "t"}, {"start_date", "noon"}}) == "CAL-4229");
  const auto long_title =
      client.NewAppointment({{"title", std::string(256, 'x')}, {"start_date", kJune}, {"end_date", kJune}});
  CHECK(CodeOf(long_title) == "CAL-5070");
  CHECK(long_title["category"] == 12);
  CHECK(long_title["problematic"][0]["max_size"] == 255);
  const auto made = client.NewAppointment({{"uid", "u"}, {"start_date", kJune}, {"end_date", kJune}});
  const auto id = Calendar::Id(made);
  const auto twice = client.NewAppointment({{"uid", "u"}, {"start_date", kJune}, {"end_date", kJune}});
  CHECK(CodeOf(twice) == "CAL-4090");
  CHECK(twice["category"] == 9);
  const auto stale = client.UpdateAppointment(id, made["timestamp"].get<std::int64_t>() - 1, {{"title", "u"}});
  CHECK(CodeOf(stale) == "CAL-4120");
  CHECK(stale["category"] == 9);
  CHECK(CodeOf(client.UpdateAppointment(id, kFar, {{"uid", "v"}})) == "CAL-4035");
  CHECK(CodeOf(client.UpdateAppointment("999", kFar, {{"title", "u"}})) == "CAL-4040");
}

TEST_CASE("calendar: what nobody gave is filled in", "[oxserver][calendar]") {
  Bench bench;
  Calendar client(bench);
  const auto id = Calendar::Id(client.NewAppointment(
      {{"start_date", kJune}, {"end_date", kJune + kHour}, {"alarm", -1}, {"timezone", "Customised zone"}}));
  const auto made = client.Appointment(id);
  CHECK(made["shown_as"] == 1);
  CHECK(made["timezone"] == "Europe/Berlin");
  CHECK(made["participants"] == Json::parse(R"([{"type":1,"id":3}])"));
  CHECK(made["users"][0]["confirm"] == 1);
  CHECK(made["organizer"] == "anna@example.com");
  CHECK(made["organizerId"] == 3);
  CHECK(made["sequence"] == 0);
  CHECK(made["recurrence_type"] == 0);
  CHECK_FALSE(made.contains("alarm"));
  CHECK_FALSE(made.contains("recurrence_id"));
  CHECK_FALSE(made.contains("principal"));
  client.UpdateAppointment(id, kFar, {{"title", "t"}});
  CHECK(client.Appointment(id)["sequence"] == 1);
  client.UpdateAppointment(id, kFar, {{"title", "u"}, {"sequence", 7}});
  CHECK(client.Appointment(id)["sequence"] == 7);
}

TEST_CASE("calendar: `all` needs a range and gives what touches it, by start", "[oxserver][calendar]") {
  Bench bench;
  Calendar client(bench);
  client.Simple("b", kJune + 10 * kHour, kHour);
  client.Simple("a", kJune + 8 * kHour, kHour);
  client.NewAppointment(
      {{"title", "day"}, {"start_date", kJune + kDay}, {"end_date", kJune + 2 * kDay}, {"full_time", true}});
  CHECK(CodeOf(client.Get("calendar?action=all&columns=200")) == "SVL-0002");
  const auto titles = [&](std::int64_t start, std::int64_t end, const std::string& more = "") {
    return client.Titles(start, end, more);
  };
  CHECK(titles(0, kFar) == "a b day ");
  CHECK(titles(kJune + 9 * kHour, kJune + 10 * kHour) == "");
  CHECK(titles(kJune + 9 * kHour, kJune + 10 * kHour + 1) == "b ");
  CHECK(titles(kJune + kDay, kJune + 2 * kDay) == "day ");
  CHECK(titles(0, kJune + kDay) == "a b ");
  CHECK(titles(0, kFar, "&sort=200&order=desc") == "day b a ");
  CHECK(titles(0, kFar, "&folder=" + client.CalendarFolder()) == "a b day ");
  CHECK(CodeOf(client.Get("calendar?action=all&columns=200&start=0&end=1&folder=" + client.Folder())) == "CAL-4060");
}

TEST_CASE("calendar: deltas tell deletions unless asked not to, and keep their timestamp", "[oxserver][calendar]") {
  Bench bench;
  Calendar client(bench);
  const auto made = client.Simple("t", kJune, kHour);
  const auto other = client.Simple("gone", kJune + kHour, kHour);
  const std::int64_t stamp = other["timestamp"];
  const auto deleted = client.DeleteAppointment(Calendar::Id(other), stamp);
  CHECK(deleted["data"] == Json::array());
  CHECK(deleted["timestamp"] > stamp);  // the time of the deletion
  client.UpdateAppointment(Calendar::Id(made), kFar, {{"title", "u"}});
  const auto delta = [&](std::int64_t since, const std::string& more = "") {
    return client.Get("calendar?action=updates&columns=1,200&folder=" + client.CalendarFolder() +
                      "&timestamp=" + std::to_string(since) + more);
  };
  CHECK(delta(stamp)["data"].size() == 2);
  CHECK(delta(stamp, "&ignore=deleted")["data"].size() == 1);
  CHECK(delta(stamp, "&ignore=changed")["data"] == Json::array({Calendar::Id(other)}));
  const auto nothing = delta(stamp, "&ignore=changed,deleted");
  CHECK(nothing["data"].empty());
  CHECK(nothing["timestamp"] == stamp);
  CHECK(delta(stamp, "&start=0&end=1000")["data"] == Json::array({Calendar::Id(other)}));  // deletions, whatever range
  CHECK(CodeOf(client.Get("calendar?action=updates&columns=1&timestamp=0")) == "SVL-0002");
  const auto everywhere = client.Get("calendar?action=updates&columns=1,200&timestamp=0&ignore=deleted&start=0&end=" +
                                     std::to_string(kFar));
  CHECK(everywhere["data"].size() == 1);
}

TEST_CASE("calendar: conflicts are a success without an object, and only soft ones can be ignored",
          "[oxserver][calendar]") {
  Bench bench;
  Calendar client(bench);
  const auto first = Calendar::Id(client.Simple("first", kJune, 2 * kHour));
  const Json clash = {{"title", "second"}, {"start_date", kJune + kHour}, {"end_date", kJune + 3 * kHour}};
  const auto refused = client.NewAppointment(clash);
  CHECK_FALSE(refused.contains("error"));
  CHECK_FALSE(refused.contains("timestamp"));
  CHECK_FALSE(refused["data"].contains("id"));
  REQUIRE(refused["data"]["conflicts"].size() == 1);
  CHECK(refused["data"]["conflicts"][0]["title"] == "first");
  CHECK_FALSE(refused["data"]["conflicts"][0].contains("hard_conflict"));
  CHECK(client.Titles(0, kFar) == "first ");
  const auto with = [&](const char* name, const Json& value) {
    Json fields = clash;
    fields[name] = value;
    return client.NewAppointment(fields);
  };
  CHECK(with("ignore_conflicts", true)["data"].contains("id"));
  CHECK(with("shown_as", 4)["data"].contains("id"));
  CHECK(with("start_date", kJune + 3 * kHour)["data"].contains("id"));  // ends and starts may meet
  // A room is there once.
  const Json room = {{{"type", 1}, {"id", 3}}, {{"type", 3}, {"id", 9}}};
  client.UpdateAppointment(first, kFar, {{"participants", room}, {"ignore_conflicts", true}});
  Json booked = clash;
  booked["participants"] = room;
  booked["ignore_conflicts"] = true;
  const auto hard = client.NewAppointment(booked);
  REQUIRE(hard["data"]["conflicts"].size() == 1);
  CHECK(hard["data"]["conflicts"][0]["hard_conflict"] == true);
  // Bert sees when, not what.
  Calendar bert(bench, "bert");
  const auto theirs = bert.NewAppointment(
      {{"start_date", kJune}, {"end_date", kJune + kHour}, {"participants", Json::parse(R"([{"type":1,"id":3}])")}});
  REQUIRE_FALSE(theirs["data"]["conflicts"].empty());
  CHECK(theirs["data"]["conflicts"][0]["start_date"] == kJune);
  CHECK_FALSE(theirs["data"]["conflicts"][0].contains("title"));
}

TEST_CASE("calendar: people answer for themselves, and are asked again when it moves", "[oxserver][calendar]") {
  Bench bench;
  Calendar anna(bench), bert(bench, "bert");
  const auto made = anna.NewAppointment({{"title", "meet"},
                                         {"start_date", kJune},
                                         {"end_date", kJune + kHour},
                                         {"participants",
                                          {{{"type", 1}, {"id", 3}},
                                           {{"type", 5}, {"mail", "bert@example.com"}},
                                           {{"type", 5}, {"mail", "c@example.org"}, {"display_name", "C"}}}}});
  const auto id = Calendar::Id(made);
  CHECK(anna.Appointment(id)["confirmations"] ==
        Json::parse(R"([{"type":5,"mail":"c@example.org","display_name":"C","status":0}])"));
  anna.Share(anna.CalendarFolder(), 4, 2 | 2 << 7);
  const auto confirm = [&](Calendar& who, std::int64_t stamp, const Json& body) {
    return who.Put(
        "calendar?action=confirm&id=" + id + "&folder=" + anna.CalendarFolder() + "&timestamp=" + std::to_string(stamp),
        body);
  };
  CHECK(CodeOf(confirm(bert, 5, {{"confirmation", 1}})) == "CAL-4120");
  CHECK(CodeOf(confirm(bert, kFar, {{"confirmation", 1}, {"id", 3}})) == "CAL-4035");
  const auto answer = confirm(bert, kFar, {{"confirmation", 3}, {"confirmmessage", "perhaps"}});
  CHECK_FALSE(answer.contains("data"));
  CHECK(answer["timestamp"] > made["timestamp"]);
  const auto of_bert = [&] { return anna.Appointment(id)["users"][1]; };
  CHECK(of_bert()["confirm"] == 3);
  anna.UpdateAppointment(id, kFar, {{"title", "meet!"}, {"end_date", kJune + kHour / 2}});
  CHECK(of_bert()["confirm"] == 3);  // shorter suits whom longer suited
  anna.UpdateAppointment(id, kFar, {{"start_date", kJune - kHour}});
  CHECK(of_bert()["confirm"] == 0);
  CHECK(anna.Appointment(id)["users"][0]["confirm"] == 1);
}

TEST_CASE("calendar: private ones keep to their owner's folder, others see when at most", "[oxserver][calendar]") {
  Bench bench;
  Calendar anna(bench), bert(bench, "bert");
  const auto id = Calendar::Id(anna.NewAppointment(
      {{"title", "doctor"}, {"private_flag", true}, {"start_date", kJune}, {"end_date", kJune + kHour}}));
  const std::string folder = anna.CalendarFolder();
  anna.Share(folder, 4, 2 | 2 << 7 | 2 << 14);
  CHECK(bert.Titles(0, kFar, "&folder=" + folder) == "");
  CHECK(bert.Titles(0, kFar, "&showPrivate=true&folder=" + folder) == "Private ");
  CHECK(CodeOf(bert.Get("calendar?action=get&id=" + id + "&folder=" + folder)) == "CAL-4030");
  const auto open =
      anna.Put("folders?action=new&folder_id=2", {{"folder", {{"title", "Public"}, {"module", "calendar"}}}})["data"];
  CHECK(CodeOf(anna.UpdateAppointment(id, kFar, {{"folder_id", open}})) == "CAL-4226");
  CHECK(CodeOf(anna.NewAppointment(
            {{"private_flag", true}, {"folder_id", open}, {"start_date", kJune + kDay}, {"end_date", kJune + kDay}})) ==
        "CAL-4222");
  const Json meeting = {{"private_flag", true},
                        {"start_date", kJune + kDay},
                        {"end_date", kJune + kDay},
                        {"participants", {{{"type", 1}, {"id", 3}}, {{"type", 1}, {"id", 4}}}}};
  CHECK(CodeOf(anna.NewAppointment(meeting)).empty());
  LogicOptions options;
  options.private_participants = false;
  Bench older(options);
  Calendar there(older);
  CHECK(CodeOf(there.NewAppointment(meeting)) == "APP-0023");
}

TEST_CASE("calendar: a move leaves a deletion, on behalf of somebody has a principal", "[oxserver][calendar]") {
  Bench bench;
  Calendar anna(bench), bert(bench, "bert");
  const auto made = anna.Simple("t", kJune, kHour);
  const auto id = Calendar::Id(made);
  const std::string sub = anna.Put("folders?action=new&folder_id=" + anna.CalendarFolder(),
                                   {{"folder", {{"title", "Sub"}, {"module", "calendar"}}}})["data"];
  CHECK(CodeOf(anna.UpdateAppointment(id, kFar, {{"folder_id", sub}})).empty());
  const auto delta = anna.Get("calendar?action=updates&columns=1&folder=" + anna.CalendarFolder() +
                              "&timestamp=" + std::to_string(made["timestamp"].get<std::int64_t>()));
  CHECK(delta["data"] == Json::array({id}));
  anna.Share(sub, 4, 2 | 2 << 7 | 2 << 14);
  const auto behalf = Calendar::Id(
      bert.NewAppointment({{"folder_id", sub}, {"start_date", kJune + kDay}, {"end_date", kJune + kDay + kHour}}));
  const auto there = anna.Appointment(behalf, "UTC", sub);
  CHECK(there["organizer"] == "bert@example.com");
  CHECK(there["principal"] == "anna@example.com");
  CHECK(there["principalId"] == 3);
  CHECK(there["participants"] == Json::parse(R"([{"type":1,"id":3}])"));
}

TEST_CASE("calendar: has, newappointments, freebusy, search, resolveuid and copy", "[oxserver][calendar]") {
  Bench bench;
  Calendar anna(bench), bert(bench, "bert");
  const auto id = Calendar::Id(anna.NewAppointment(
      {{"title", "Dentist"}, {"uid", "u1"}, {"start_date", kJune + kHour}, {"end_date", kJune + 2 * kHour}}));
  anna.NewAppointment(
      {{"title", "Trip"}, {"start_date", kJune + 2 * kDay}, {"end_date", kJune + 3 * kDay}, {"full_time", true}});
  const auto ask = [](Calendar& who, const std::string& what, std::int64_t days) {
    return who.Get("calendar?action=" + what + "&timezone=UTC&start=" + std::to_string(kJune) +
                   "&end=" + std::to_string(kJune + days * kDay))["data"];
  };
  CHECK(ask(anna, "has", 4) == Json::parse("[true,false,true,false]"));
  CHECK(ask(anna, "newappointments&columns=200&limit=1", 9) == Json::parse(R"([["Dentist"]])"));
  CHECK(ask(anna, "newappointments&columns=200&limit=9", 9).size() == 2);
  const auto busy = ask(bert, "freebusy&id=3&type=1", 9);
  REQUIRE(busy.size() == 2);
  CHECK(busy[0]["start_date"] == kJune + kHour);
  CHECK(busy[0]["shown_as"] == 1);
  CHECK_FALSE(busy[0].contains("title"));
  CHECK(ask(anna, "freebusy&id=3&type=1", 9)[1]["title"] == "Trip");
  CHECK(ask(anna, "freebusy&id=4&type=1", 9).empty());
  const auto found = [&](const Json& body) {
    return anna.Put("calendar?action=search&columns=200", body)["data"].size();
  };
  CHECK(found({{"pattern", "dent"}}) == 1);
  CHECK(found({{"startletter", "t"}}) == 1);
  CHECK(found({{"pattern", "nobody"}}) == 0);
  CHECK(anna.Get("calendar?action=resolveuid&uid=u1")["data"]["id"] == id);
  CHECK(CodeOf(anna.Get("calendar?action=resolveuid&uid=u2")) == "CAL-4043");
  CHECK(CodeOf(bert.Get("calendar?action=resolveuid&uid=u1")) == "CAL-4043");
  const auto copied =
      anna.Put("calendar?action=copy&ignore_conflicts=true&timezone=UTC&id=" + id + "&folder=" + anna.CalendarFolder(),
               {{"folder_id", anna.CalendarFolder()}});
  REQUIRE(copied["data"].contains("id"));
  const auto copy = anna.Appointment(Calendar::Id(copied));
  CHECK(copy["title"] == "Dentist");
  CHECK(copy["start_date"] == kJune + kHour);
  CHECK(copy["uid"] != "u1");
}

TEST_CASE("calendar: a meeting lies in the calendar of everybody who takes part", "[oxserver][calendar]") {
  const auto folder = MakeTemporaryFolder("oxserver-meeting").value();
  LogicOptions options;
  options.state_file = (folder / "state.db").string();
  std::string id, his;
  {
    Bench bench(options);
    Calendar anna(bench), bert(bench, "bert");
    his = bert.CalendarFolder();
    const Json both = {{{"type", 1}, {"id", 3}}, {{"type", 1}, {"id", 4}}};
    const auto made = anna.NewAppointment(
        {{"title", "meet"}, {"start_date", kJune}, {"end_date", kJune + kHour}, {"participants", both}});
    id = Calendar::Id(made);
    CHECK(bert.Titles(0, kFar) == "meet ");
    CHECK(bert.Appointment(id)["folder_id"] == his);  // as he sees it
    CHECK(anna.Appointment(id)["folder_id"] == anna.CalendarFolder());
    CHECK(bert.Cells(20, 0, kFar, "&folder=" + his) == std::vector<Json>{his});
    CHECK(CodeOf(bert.UpdateAppointment(id, kFar, {{"title", "mine"}})) == "CAL-4038");
    const auto answer =
        bert.Put("calendar?action=confirm&id=" + id + "&folder=" + his + "&timestamp=" + std::to_string(kFar),
                 {{"confirmation", 1}});
    CHECK(CodeOf(answer).empty());
    CHECK(anna.Appointment(id)["users"][1]["confirm"] == 1);
  }
  Bench bench(options);
  Calendar anna(bench), bert(bench, "bert");
  CHECK(bert.Titles(0, kFar) == "meet ");  // kept over a restart
  const auto delta = [&](std::int64_t since) {
    return bert.Get("calendar?action=updates&columns=1&folder=" + his + "&timestamp=" + std::to_string(since))["data"];
  };
  const std::int64_t before = anna.UpdateAppointment(id, kFar, {{"title", "meet!"}})["timestamp"];
  CHECK(delta(before - 1) == Json::array({Json::array({id})}));
  anna.UpdateAppointment(id, kFar, {{"participants", {{{"type", 1}, {"id", 3}}}}});
  CHECK(delta(before) == Json::array({id}));  // gone from his calendar
  CHECK(bert.Titles(0, kFar) == "");
  // He leaves by deleting it; it stays hers.
  anna.UpdateAppointment(id, kFar, {{"participants", {{{"type", 1}, {"id", 3}}, {{"type", 1}, {"id", 4}}}}});
  const auto left = bert.Put("calendar?action=delete&timestamp=" + std::to_string(kFar),
                             Json::array({{{"id", id}, {"folder", his}}}));
  CHECK(CodeOf(left).empty());
  CHECK(bert.Titles(0, kFar) == "");
  CHECK(anna.Appointment(id)["users"].size() == 1);
  CHECK(anna.Appointment(id)["participants"].size() == 1);
  // Deleted by her it goes from both.
  anna.UpdateAppointment(id, kFar, {{"participants", {{{"type", 2}, {"id", 0}}}}});
  CHECK(bert.Titles(0, kFar) == "meet! ");
  anna.DeleteAppointment(id, kFar);
  CHECK(bert.Titles(0, kFar) == "");
  for (const auto& deleted : delta(before)) CHECK(deleted == id);
  std::filesystem::remove_all(folder);
}

TEST_CASE("calendar: somebody leaves a series on one day, or a folder of his goes", "[oxserver][calendar]") {
  Bench bench;
  Calendar anna(bench), bert(bench, "bert");
  const std::string his = bert.CalendarFolder();
  const auto id =
      Calendar::Id(anna.NewAppointment({{"title", "s"},
                                        {"start_date", kJune},
                                        {"end_date", kJune + kHour},
                                        {"recurrence_type", 1},
                                        {"interval", 1},
                                        {"occurrences", 3},
                                        {"participants", {{{"type", 1}, {"id", 3}}, {{"type", 1}, {"id", 4}}}}}));
  bert.Put("calendar?action=delete&timestamp=" + std::to_string(kFar),
           Json::array({{{"id", id}, {"folder", his}, {"recurrence_position", 2}}}));
  CHECK(bert.Titles(0, kFar) == "s s ");
  CHECK(anna.Titles(0, kFar) == "s s s ");
  CHECK(anna.Appointment(id)["change_exceptions"].size() == 1);
  bert.Put("folders?action=clear", Json::array({his}));
  CHECK(anna.Titles(0, kFar) == "s s s ");
}
