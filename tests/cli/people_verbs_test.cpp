#include <catch2/catch.hpp>

#include "tests/cli/cli.h"

using namespace outpost;
using namespace outpost::test;

TEST_CASE("people: listed and found offline, and named where their ids show", "[cli]") {
  Cli cli;
  cli.StartServer();
  REQUIRE(cli.elsewhere().Do("group", "new", {}, R"({"name":"team","display_name":"Team","members":[3]})"));
  cli.AddAccount();
  cli.StopServer();
  const auto all = cli.Report({"people"});
  REQUIRE(all.size() == 4);
  for (const auto& person : all) CheckMembers(person, {"who", "id", "kind", "name", "mail", "members", "fields"});
  const auto found = cli.Report({"people", "--search", "ANN"});
  REQUIRE(found.size() == 1);
  CHECK(found[0]["who"] == "user:3");
  CHECK(found[0]["mail"] == "anna@example.com");
  CHECK(found[0]["members"].is_null());
  CHECK(found[0]["fields"]["groups"].size() == 2);
  const auto groups = cli.Report({"people", "--kind", "group", "--search", "te"});
  REQUIRE(groups.size() == 1);
  CHECK(groups[0]["members"] == Json::array({{{"who", "user:3"}, {"name", "Anna"}}}));
  CHECK(cli.Run({"people", "--kind", "room"}).code == 2);
  CHECK(cli.Run({"people"}).output.find("Team") != std::string::npos);

  const auto rights =
      cli.Report({"folder", "rights", "Contacts", "--grant", groups[0]["who"].get<std::string>() + "=reviewer"});
  REQUIRE(rights["rights"].size() == 2);
  CHECK(rights["rights"][0]["name"] == "Team");
  CHECK(rights["rights"][1]["name"] == "Anna");
  const auto meeting = cli.Report({"item", "new", "--folder", "Calendar", "title=Round", "start_date=2026-05-04T09:00Z",
                                   "end_date=2026-05-04T10:00Z", "participants=user:3,x@example.org"});
  CHECK(meeting["people"] == Json{{"user:3", "Anna"}});
  CHECK_FALSE(cli.Report({"item", "new", "--folder", "Contacts", "last_name=L"}).contains("people"));
  cli.Report({"item", "new", "--folder", "Contacts", "display_name=Dr. Änne Berg", "email1=x@y.example"});
  const auto typed = cli.Report({"people", "--address", "ann"});
  REQUIRE(typed.size() == 3);  // Anna of the server's directory, her contact in its address book, and Änne
  for (const auto& entry : typed) CheckMembers(entry, {"id", "type", "name", "addresses"});
  CHECK(typed[2]["name"] == "Dr. Änne Berg");
  CHECK(typed[2]["addresses"] == Json::array({"x@y.example"}));
  CHECK(cli.Report({"people", "--address", "X@Y"}).size() == 1);
  CHECK(cli.Report({"people", "--address", "ann", "--limit", "1"}).size() == 1);
  CHECK(cli.Run({"people", "--address", "ann", "--kind", "user"}).code == 2);
  for (const auto& item : cli.Report({"item", "list"})) CHECK(item["type"] != "person");  // no items of his
  CHECK(cli.Run({"item", "delete", found[0]["id"].get<std::string>()}).code == 2);
}

TEST_CASE("freebusy: asked for when what is known is old, and offline shown with its age", "[cli]") {
  Cli cli;
  cli.StartServer();
  cli.AddAccount();
  const std::string calendar = cli.elsewhere().OwnFolder("calendar").value();
  REQUIRE(cli.elsewhere().Create(
      "calendar", calendar,
      {{"title", "Dentist"}, {"start_date", "1780304400000"}, {"end_date", "1780308000000"}, {"timezone", "UTC"}}));
  const Words june{"--from", "2026-06-01", "--to", "2026-06-08"};
  const auto ask = [&](Words words, int code = 0) {
    words.insert(words.begin(), "freebusy");
    words.insert(words.end(), june.begin(), june.end());
    return cli.Report(words, code);
  };
  auto told = ask({"anna"});
  REQUIRE(told.size() == 1);
  CheckMembers(told[0], {"who", "name", "from", "until", "known", "asked", "age_seconds", "refused", "busy"});
  CHECK(told[0]["who"] == "user:3");
  CHECK(told[0]["known"] == true);
  CHECK(told[0]["from"] == 1780272000000);
  CHECK(told[0]["busy"] ==
        Json::array({{{"from", 1780304400000}, {"until", 1780308000000}, {"as", "reserved"}, {"whole_days", false}}}));
  const auto asked = told[0]["asked"];
  CHECK(ask({"user:3"})[0]["asked"] == asked);  // young enough
  CHECK(ask({"user:3", "--max-age", "0"})[0]["asked"] != asked);
  CHECK(cli.Run({"freebusy", "anna", june[0], june[1], june[2], june[3]}).output.find("reserved") != std::string::npos);

  cli.StopServer();
  const auto offline = ask({"group:0", "--max-age", "0"}, 3);  // of bert nothing is known
  REQUIRE(offline.size() == 2);
  CHECK(offline[0]["busy"].size() == 1);
  CHECK(offline[0]["age_seconds"] >= 0);
  CHECK(offline[1]["known"] == false);
  CHECK(offline[1]["asked"].is_null());
  CHECK(ask({"anna", "--max-age", "0"})[0]["busy"].size() == 1);
  CHECK(ask({"anna", "--cached"})[0]["busy"].size() == 1);
  CHECK(cli.Run({"freebusy", "nobody"}).code == 1);
  CHECK(cli.Run({"freebusy", "anna", "--from", "2026-06-02", "--to", "2026-06-01"}).code == 2);
  cli.StartServer();
  CHECK(ask({"group:0"})[1]["known"] == true);  // the wish was kept
}

TEST_CASE("profile: shown and changed offline", "[cli]") {
  Cli cli;
  cli.StartServer();
  cli.AddAccount();
  cli.StopServer();
  CHECK(cli.Report({"profile", "show"})["fields"]["email1"] == "anna@example.com");
  const auto set = cli.Report({"profile", "set", "cellular_telephone1=+49 2", "city_business=Olpe"});
  CHECK(set["state"] == "pending");
  CHECK(set["type"] == "contact");
  cli.StartServer();
  CHECK(cli.Report({"sync"})["pending"] == 0);
  const auto there = Json::parse(cli.elsewhere().Do("user", "get", {{"id", "3"}}).value());
  CHECK(there["cellular_telephone1"] == "+49 2");
  CHECK(there["city_business"] == "Olpe");
  CHECK(cli.Run({"profile", "set", "no_such_field=1"}).code == 2);
}
