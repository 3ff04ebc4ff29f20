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
