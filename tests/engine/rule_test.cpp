// What the server does with mails that arrive: rules and the notice of absence, made and changed offline too.
#include <nlohmann/json.hpp>

#include "engine/rules.h"
#include "schemas/rule_words.h"
#include "tests/engine/pair.h"

using namespace outpost;
using namespace outpost::test;

namespace {

using Json = nlohmann::json;
using Texts = std::vector<std::string>;

// A pair whose server has mail filters, unless it is told otherwise, and somebody who writes to the account's user.
struct RulePair : Pair {
  explicit RulePair(oxserver::ServerOptions options = {}) : Pair(std::move(options)) {
    bert = Must(oxserver::ApiClient::SignIn([this](const auto& request) { return server().Handle(request); }, "bert",
                                            "secret"));
    Settle();
  }
  ItemId Folder() {
    const auto folder = Must(RulesFolder(*account().View()));
    REQUIRE(folder);
    return *folder;
  }
  ItemId Make(const std::string& name, const std::string& condition, const std::string& action, FieldMap more = {}) {
    more[field::kRuleName] = name;
    if (!condition.empty()) more[field::kRuleConditions] = Texts{condition};
    more[field::kRuleActions] = Texts{action};
    return Must(account().Create(ItemType::kRule, Folder(), more));
  }
  void Put(const ItemId& rule, FieldId id, const Value& value) { MustDo(account().Set(rule, {{id, value}})); }
  // The names of all rules in their order, with what the state is of those that are not synced.
  std::string Here() {
    std::string names;
    for (const ItemState& rule : Must(RulesInOrder(*account().View()))) {
      const Value name = rule.HeadValue(field::kRuleName);
      names += std::get<std::string>(name);
      if (ItemStateName(rule) != std::string_view("synced")) names += std::string(":") + ItemStateName(rule);
      names += " ";
    }
    return names;
  }
  ItemState Rule(const std::string& name) {
    for (ItemState& rule : Must(RulesInOrder(*account().View())))
      if (rule.HeadValue(field::kRuleName) == Value(name)) return rule;
    FAIL("no rule " << name);
    return {};
  }
  std::string Call(const std::string& action, const Json& body = nullptr) {
    return Must(elsewhere().Do("mailfilter/v2", action, {}, body.is_null() ? "" : body.dump()));
  }
  Json There() { return Json::parse(Call("list")); }
  std::string NamesThere() {
    std::string names;
    for (const auto& rule : There()) names += rule["rulename"].get<std::string>() + " ";
    return names;
  }
  int NewThere(const std::string& name, const Json& test, const Json& actions) {
    return std::stoi(Call("new", {{"rulename", name}, {"test", test}, {"actioncmds", actions}}));
  }
  // As in another process: all rules are read once more.
  SyncReport SyncAnew() {
    Reopen();
    return Settle();
  }
  void Letter(const std::string& subject) {
    Must(bert->SendMail("From: bert@example.com\r\nTo: anna@example.com\r\nSubject: " + subject + "\r\n\r\nx\r\n"));
  }
  static std::string Subjects(oxserver::ApiClient& user, const std::string& folder) {
    std::string all;
    for (const auto& mail : Must(user.ListMails(folder))) all += mail.subject + " ";
    return all;
  }
  std::unique_ptr<oxserver::ApiClient> bert;
};

const Json kSubject{{"id", "header"}, {"comparison", "contains"}, {"headers", {"Subject"}}, {"values", {"x"}}};
const Json kKeep = Json::array({{{"id", "keep"}}});

}  // namespace

TEST_CASE("rules: made, changed, moved and deleted offline, they reach the server; those of elsewhere come",
          "[engine][rules]") {
  RulePair pair;
  CHECK(pair.Here().empty());
  const ItemId lists = pair.Make("lists", "header:List-Id exists", "move default0/Trash", {{field::kRuleStop, true}});
  const ItemId both = pair.Make("both", "subject contains bill", "mark seen,color:4");
  pair.Put(both, field::kRuleConditions, Texts{"subject contains bill", "not from is bert@example.com"});
  pair.Put(both, field::kRuleMatch, std::string(kMatchAny));
  CHECK(pair.Here() == "lists:pending both:pending ");
  pair.Settle();
  CHECK(pair.Here() == "lists both ");
  const Json there = pair.There();
  REQUIRE(there.size() == 2);
  CHECK(there[0]["test"] == Json{{"id", "exists"}, {"headers", {"List-Id"}}});
  CHECK(there[0]["actioncmds"] == Json{{{"id", "move"}, {"into", "default0/Trash"}}, {{"id", "stop"}}});
  CHECK(there[0]["active"] == true);
  CHECK(there[1]["test"]["id"] == "anyof");
  CHECK(there[1]["test"]["tests"][1]["test"]["values"] == Json::array({"bert@example.com"}));
  CHECK(there[1]["actioncmds"] == Json::array({{{"id", "addflags"}, {"flags", {"\\seen", "$cl_4"}}}}));

  const int other = pair.NewThere("other", kSubject, kKeep);
  pair.Call("reorder", Json::array({other, there[0]["id"], there[1]["id"]}));
  CHECK(pair.SyncAnew().pulled >= 3);
  CHECK(pair.Here() == "other lists both ");
  CHECK(pair.Rule("other").HeadValue(field::kRuleConditions) == Value(Texts{"subject contains x"}));
  CHECK(pair.Rule("lists").HeadValue(field::kRuleStop) == Value(true));

  // In any order, and one after another: each place is one in what the moves before have left.
  pair.Put(both, field::kRulePosition, std::int64_t{0});
  pair.Put(pair.Rule("other").id, field::kRulePosition, std::int64_t{2});
  pair.Make("first", "", "keep", {{field::kRulePosition, std::int64_t{0}}});
  pair.Put(lists, field::kRuleActive, false);
  const std::string wanted = pair.Here();
  CHECK(wanted == "first:pending both:pending lists:pending other:pending ");
  pair.Settle();
  CHECK(pair.NamesThere() == "first both lists other ");
  CHECK(pair.Here() == "first both lists other ");
  CHECK(pair.There()[2]["active"] == false);
  CHECK(pair.There()[0]["test"] == Json{{"id", "true"}});

  MustDo(pair.account().Delete(lists));
  pair.Call("delete", {{"id", other}});
  pair.Settle();
  CHECK(pair.SyncAnew().pending == 0);
  CHECK(pair.NamesThere() == "first both ");
  CHECK(pair.Here() == "first both ");
  const auto quiet = pair.Sync();
  CHECK(quiet.requests == 1);
  pair.CheckWhole();
}

TEST_CASE("rules: changed on both sides, the server's counts and the loser is kept; other sides of it meet",
          "[engine][rules]") {
  RulePair pair;
  const ItemId rule = pair.Make("r", "subject contains one", "mark seen");
  pair.Make("other", "", "keep");
  pair.Settle();
  const int id = pair.There()[0]["id"];
  Json test = kSubject;
  test["values"][0] = "theirs";
  pair.Call("update", {{"id", id}, {"test", test}});
  pair.Put(rule, field::kRuleConditions, Texts{"subject contains mine"});
  pair.Put(rule, field::kRuleActions, Texts{"discard"});
  pair.Settle();
  CHECK(pair.Item(rule).HeadValue(field::kRuleConditions) == Value(Texts{"subject contains theirs"}));
  CHECK(pair.There()[0]["test"] == test);
  CHECK(pair.There()[0]["actioncmds"] == Json::array({{{"id", "discard"}}}));
  REQUIRE(pair.Item(rule).losers.size() == 1);
  CHECK(GroupName(pair.Item(rule).losers[0].group) == "conditions");
  Must(pair.account().UndoConflict({rule, 0, 0}, false));
  pair.Settle();
  CHECK(pair.There()[0]["test"]["values"] == Json::array({"mine"}));

  pair.Call("delete", {{"id", id}});
  pair.Put(rule, field::kRuleName, std::string("renamed"));
  pair.Settle();
  CHECK(pair.NamesThere() == "other ");
  CHECK_FALSE(pair.Item(rule).losers.empty());
  pair.CheckWhole();
}

TEST_CASE("rules: what says more than the words here stays as it is, in its place", "[engine][rules]") {
  RulePair pair;
  Json nested = {{"id", "allof"}, {"tests", {kSubject, {{"id", "anyof"}, {"tests", {kSubject, kSubject}}}}}};
  const Json odd_actions = {{{"id", "setflags"}, {"flags", {"\\seen"}}}, {{"id", "stop"}}, {{"id", "keep"}}};
  pair.NewThere("nested", nested, kKeep);
  pair.NewThere("odd", kSubject, odd_actions);
  pair.SyncAnew();
  const ItemState before = pair.Rule("nested");
  const Value verbatim = before.HeadValue(field::kRuleVerbatim);
  REQUIRE(std::holds_alternative<std::string>(verbatim));
  CHECK(Json::parse(std::get<std::string>(verbatim)) == Json{{"test", nested}, {"actioncmds", kKeep}});
  CHECK(IsNull(before.HeadValue(field::kRuleConditions)));
  CHECK_FALSE(pair.account().Set(before.id, {{field::kRuleActions, Texts{"discard"}}}));
  pair.Put(before.id, field::kRuleName, std::string("n2"));
  pair.Put(pair.Rule("odd").id, field::kRuleActive, false);
  pair.Put(pair.Rule("odd").id, field::kRulePosition, std::int64_t{0});
  pair.Settle();
  CHECK(pair.NamesThere() == "odd n2 ");
  const Json there = pair.There();
  CHECK(there[1]["test"] == nested);
  CHECK(there[0]["actioncmds"] == odd_actions);
  CHECK(there[0]["active"] == false);
  for (const char* bad : {"subject has x", "size over much", "from contains"})
    CHECK_FALSE(pair.account().Set(before.id, {{field::kRuleConditions, Texts{bad}}}));
  CHECK_FALSE(pair.account().Create(ItemType::kRule, pair.Folder(), {{field::kRuleActions, Texts{"mark red"}}}));
  pair.CheckWhole();
}

TEST_CASE("rules: a lost answer makes none twice, and what the server does not offer is parked by name",
          "[engine][rules][fault]") {
  RulePair pair;
  pair.Make("a", "subject contains one", "mark seen");
  MustDo(pair.server().AddFault("drop-reply:mailfilter.new:1"));
  pair.Settle();
  CHECK(pair.NamesThere() == "a ");
  CHECK(pair.Here() == "a ");
  const ItemId rule = pair.Rule("a").id;
  pair.Put(rule, field::kRuleActions, Texts{"discard"});
  MustDo(pair.server().AddFault("cut:mailfilter.update:1"));
  pair.Settle();
  CHECK(pair.There()[0]["actioncmds"] == Json::array({{{"id", "discard"}}}));
  MustDo(pair.account().Delete(rule));
  MustDo(pair.server().AddFault("drop-reply:mailfilter.delete:1"));
  pair.Settle();
  CHECK(pair.There().empty());
  const ItemId bad = pair.Make("b", "body regex ^x", "keep");
  pair.Sync();
  REQUIRE_FALSE(pair.Item(bad).parked.empty());
  CHECK(pair.Item(bad).parked[0].refusal.code == "not_offered");
  CHECK(pair.Item(bad).parked[0].refusal.text == "this server's mail filters do not have the test body by regex");
  pair.CheckWhole();
}

TEST_CASE("vacation: set offline, it answers once and in its period; rules work on what arrives", "[engine][rules]") {
  RulePair pair;
  const std::int64_t today = pair.server_clock.WallNow().count() / 86'400'000 * 86'400'000;
  pair.Make("news", "subject contains news", "move default0/Trash");
  const ItemId away = Must(pair.account().Create(ItemType::kRule, pair.Folder(),
                                                 {{field::kRuleKind, std::string(kVacationRule)},
                                                  {field::kRuleName, std::string("vacation")},
                                                  {field::kRulePosition, std::int64_t{0}},
                                                  {field::kRuleSubject, std::string("Away")},
                                                  {field::kRuleText, std::string("Zur\xC3\xBC"
                                                                                 "ck am Montag")},
                                                  {field::kRuleDays, std::int64_t{7}},
                                                  {field::kRuleFirstDay, today - 86'400'000},
                                                  {field::kRuleLastDay, today + 5 * 86'400'000}}));
  pair.Letter("before");
  pair.Settle();
  CHECK(pair.NamesThere() == "vacation news ");
  pair.Letter("news one");
  pair.Letter("two");
  CHECK(RulePair::Subjects(*pair.bert, "default0/INBOX") == "Away ");
  CHECK(RulePair::Subjects(pair.elsewhere(), "default0/INBOX") == "before two ");
  CHECK(RulePair::Subjects(pair.elsewhere(), "default0/Trash") == "news one ");

  pair.SyncAnew();
  CHECK(pair.Item(away).HeadValue(field::kRuleLastDay) == Value(today + 5 * 86'400'000));
  CHECK(pair.Item(away).HeadValue(field::kRuleDays) == Value(std::int64_t{7}));
  pair.Put(away, field::kRuleLastDay, Value{});
  pair.Put(away, field::kRuleText, std::string("Still away"));
  pair.Settle();
  CHECK(pair.There()[0]["test"]["id"] == "currentdate");
  CHECK(pair.There()[0]["actioncmds"][0]["subject"] == "Away");
  pair.Put(away, field::kRuleActive, false);
  pair.Settle();
  pair.Letter("three");
  CHECK(RulePair::Subjects(*pair.bert, "default0/INBOX") == "Away ");
  pair.CheckWhole();
}

TEST_CASE("rules: a server without mail filters has none, and says so nowhere", "[engine][rules]") {
  oxserver::ServerOptions options;
  options.logic.mail_filters = false;
  RulePair pair(std::move(options));
  CHECK_FALSE(Must(RulesFolder(*pair.account().View())));
  CHECK(pair.Sync().problem.empty());
}
