#include "tests/oxserver/harness.h"

using namespace outpost;
using namespace outpost::oxserver;
using namespace outpost::oxserver::test;

TEST_CASE("snippets: made, changed, shared and deleted by their owner; malformed ones are refused", "[oxserver]") {
  Bench bench;
  Client anna(bench), bert(bench, "bert");
  CHECK(anna.Get("snippet?action=all")["data"] == Json::array());
  const Json body{{"type", "signature"},
                  {"module", "io.ox/mail"},
                  {"displayname", "Work"},
                  {"content", "-- \nAnna"},
                  {"misc", {{"insertion", "below"}, {"x", {1, 2}}}},
                  {"colour", "blue"}};
  const Json made = anna.Put("snippet?action=new", body)["data"];
  REQUIRE(made.is_string());
  const std::string id = made;
  const Json whole{{"id", id},
                   {"createdby", 3},
                   {"accountid", -1},
                   {"type", "signature"},
                   {"module", "io.ox/mail"},
                   {"displayname", "Work"},
                   {"content", "-- \nAnna"},
                   {"shared", false},
                   {"misc", {{"insertion", "below"}, {"x", {1, 2}}}}};
  CHECK(anna.Get("snippet?action=get&id=" + id)["data"] == whole);
  CHECK(anna.Put("snippet?action=list", Json::array({id}))["data"] == Json::array({whole}));
  CHECK(anna.Get("snippet?action=all&type=signature")["data"] == Json::array({whole}));
  CHECK(anna.Get("snippet?action=all&type=other")["data"] == Json::array());

  // Only what is said changes; misc as a whole.
  const Json changed = anna.Put("snippet?action=update&id=" + id, {{"content", "A."}, {"misc", {{"y", 1}}}})["data"];
  CHECK(changed["content"] == "A.");
  CHECK(changed["displayname"] == "Work");
  CHECK(changed["misc"] == Json{{"y", 1}});

  CHECK(anna.Put("snippet?action=new", {{"type", "signature"}})["code"] == "SVL-0002");
  CHECK(anna.Put("snippet?action=new", {{"displayname", "x"}})["code"] == "SVL-0002");
  CHECK(anna.Put("snippet?action=new", {{"displayname", "x"}, {"type", 1}})["code"] == "SVL-0010");
  CHECK(anna.Put("snippet?action=update&id=" + id, {{"misc", "{}"}})["code"] == "SVL-0010");
  CHECK(anna.Put("snippet?action=update&id=9", {{"content", ""}})["code"] == "SNIPPET-0005");
  CHECK(anna.Get("snippet?action=get&id=9")["code"] == "SNIPPET-0005");
  CHECK(anna.Get("snippet?action=detach")["code"] == "SVL-0001");

  // Another user sees what is shared, and changes nothing of it.
  CHECK(bert.Get("snippet?action=all")["data"] == Json::array());
  CHECK(bert.Put("snippet?action=delete&id=" + id, Json::array())["code"] == "SNIPPET-0005");
  anna.Put("snippet?action=update&id=" + id, {{"shared", true}});
  CHECK(bert.Get("snippet?action=all")["data"].size() == 1);
  CHECK(bert.Put("snippet?action=update&id=" + id, {{"content", "B."}})["code"] == "SNIPPET-0006");
  CHECK(bert.Put("snippet?action=delete&id=" + id, Json::array())["code"] == "SNIPPET-0006");
  CHECK_FALSE(anna.Put("snippet?action=delete", Json::array({id})).contains("error"));
  CHECK(anna.Get("snippet?action=all")["data"] == Json::array());
  CHECK(anna.Put("snippet?action=delete", Json::array())["code"] == "SVL-0002");

  LogicOptions none;
  none.snippets = false;
  Bench without(none);
  Client alone(without);
  CHECK(alone.Get("snippet?action=all")["code"] == "SVL-0007");
}
