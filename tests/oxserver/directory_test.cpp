#include "tests/oxserver/harness.h"

using namespace outpost::oxserver;
using namespace outpost::oxserver::test;

TEST_CASE("groups: made, changed, deleted; deltas of objects; the one of all users is nobody's to change",
          "[oxserver][directory]") {
  Bench bench;
  Client anna(bench);
  const auto made = anna.Put("group?action=new", {{"name", "team"}, {"display_name", "Team"}, {"members", {4, 4}}});
  const std::string id = std::to_string(made["data"]["id"].get<int>());
  const std::int64_t born = made["timestamp"];
  const auto got = anna.Get("group?action=get&id=" + id);
  CHECK(got["data"] == Json{{"id", made["data"]["id"]},
                            {"name", "team"},
                            {"display_name", "Team"},
                            {"members", {4}},
                            {"last_modified_utc", born}});
  CHECK(got["timestamp"] == born);

  CHECK(CodeOf(anna.Put("group?action=new", {{"name", "TEAM"}, {"display_name", "x"}})) == "GRP-0011");
  CHECK(CodeOf(anna.Put("group?action=new", {{"name", "a/b"}, {"display_name", "x"}})) == "GRP-0013");
  CHECK(CodeOf(anna.Put("group?action=new", {{"name", "n"}, {"display_name", "x"}, {"members", {99}}})) == "GRP-0014");
  CHECK(CodeOf(anna.Get("group?action=get&id=77")) == "GRP-0006");
  const std::string update = "group?action=update&id=" + id + "&timestamp=";
  const auto changed = anna.Put(update + std::to_string(born), {{"members", {3, 4}}});
  CHECK_FALSE(changed.contains("data"));
  CHECK(CodeOf(anna.Put(update + std::to_string(born), {{"members", Json::array()}})) == "GRP-0012");
  CHECK(CodeOf(anna.Put("group?action=update&id=0&timestamp=9000000000000000", {{"display_name", "x"}})) == "GRP-0016");

  const auto since = [&](std::int64_t when) {
    return anna.Get("group?action=updates&timestamp=" + std::to_string(when));
  };
  auto delta = since(0);
  CHECK(delta["data"]["new"].size() == 2);  // all users too
  CHECK(delta["timestamp"] == changed["timestamp"]);
  delta = since(born);
  CHECK(delta["data"]["new"].empty());
  REQUIRE(delta["data"]["modified"].size() == 1);
  CHECK(delta["data"]["modified"][0]["members"] == Json{3, 4});
  CHECK(anna.Get("user?action=get&id=4")["data"]["groups"] == Json{0, made["data"]["id"]});

  const auto ref = Json{{"id", made["data"]["id"]}};
  CHECK(CodeOf(anna.Put("group?action=delete&timestamp=" + std::to_string(born), ref)) == "GRP-0012");
  anna.Put("group?action=delete&timestamp=9000000000000000", ref);
  delta = since(changed["timestamp"]);
  REQUIRE(delta["data"]["deleted"].size() == 1);
  CHECK(delta["data"]["deleted"][0]["id"] == made["data"]["id"]);
  CHECK(CodeOf(anna.Put("group?action=list", Json::array({ref}))) == "GRP-0006");
  CHECK(anna.Put("group?action=all&columns=1", Json())["data"].size() == 1);
  bench.clock.Advance(outpost::Millis{7'257'600'001});
  CHECK(since(0)["data"]["deleted"].empty());
}

TEST_CASE("groups: rights and invitations of a group are those of its members", "[oxserver][directory]") {
  Bench bench;
  Client anna(bench), bert(bench, "bert");
  const auto group =
      anna.Put("group?action=new", {{"name", "team"}, {"display_name", "Team"}, {"members", {4}}})["data"]["id"];
  const auto folder = anna.Folder();
  const auto share = [&](const Json& id) {
    return anna.Put("folders?action=update&id=" + folder + "&timestamp=9000000000000000",
                    {{"folder",
                      {{"permissions", Json::array({{{"entity", 3}, {"group", false}, {"bits", 403710016}},
                                                    {{"entity", id}, {"group", true}, {"bits", 257}}})}}}});
  };
  CHECK(CodeOf(share(4711)) == "SVL-0010");
  const std::string all = "contacts?action=all&columns=1&folder=" + folder;
  CHECK(CodeOf(bert.Get(all)) == "CON-0104");
  share(group);
  CHECK(bert.Get(all)["data"].empty());
  CHECK(anna.Get("folders?action=get&id=" + folder)["data"].dump().find("Team") != std::string::npos);
  const auto task =
      anna.Put("tasks?action=new", {{"folder_id", std::stoi(std::string(anna.Get("config/folder/tasks")["data"]))},
                                    {"title", "t"},
                                    {"status", 1},
                                    {"participants", Json::array({{{"type", 2}, {"id", group}}})}});
  const auto users = anna.Get("tasks?action=get&folder=" + std::string(anna.Get("config/folder/tasks")["data"]) +
                              "&id=" + task["data"]["id"].dump())["data"]["users"];
  REQUIRE(users.size() == 1);
  CHECK(users[0]["id"] == 4);
  anna.Put("group?action=delete&timestamp=9000000000000000", {{"id", group}});
  CHECK(CodeOf(bert.Get(all)) == "CON-0104");
}

TEST_CASE("resources: numbers as texts, as the model has them; all answers ids alone", "[oxserver][directory]") {
  Bench bench;
  Client anna(bench);
  CHECK(CodeOf(anna.Put("resource?action=new", {{"name", "r"}, {"display_name", "R"}})) == "RES-0006");
  const auto made = anna.Put("resource?action=new",
                             {{"name", "room"}, {"display_name", "Room"}, {"mailaddress", "room@example.com"}});
  const auto id = made["data"]["id"];
  CHECK(anna.Get("resource?action=all")["data"] == Json{id});
  const auto got = anna.Put("resource?action=search", {{"pattern", "RO*"}})["data"];
  REQUIRE(got.size() == 1);
  CHECK(got[0]["last_modified_utc"] == std::to_string(made["timestamp"].get<std::int64_t>()));
  CHECK(got[0]["availability"] == true);
  anna.Put("resource?action=update&id=" + id.dump() + "&timestamp=" + made["timestamp"].dump(),
           {{"availability", false}});
  CHECK(anna.Put("resource?action=list", Json::array({{{"id", id}}}))["data"][0]["availability"] == false);
  anna.Put("resource?action=delete&timestamp=9000000000000000", Json::array({{{"id", id}}}));
  CHECK(anna.Get("resource?action=all")["data"].empty());
  CHECK(anna.Get("resource?action=updates&timestamp=0")["data"]["deleted"].size() == 1);
}
