// Users, groups and resources of the server, which are there offline.
#include "engine/people.h"

#include <nlohmann/json.hpp>

#include "tests/engine/pair.h"

using namespace outpost;
using namespace outpost::test;

namespace {

std::vector<std::string> Who(Account& account, const PeopleQuery& query = {}) {
  std::vector<std::string> who;
  MustDo(ForEachPerson(*account.View(), query, [&](const ItemState& person) {
    who.push_back(person.remote_id);
    return true;
  }));
  return who;
}

std::string NewEntry(Pair& pair, const char* module, const nlohmann::json& fields) {
  return nlohmann::json::parse(Must(pair.elsewhere().Do(module, "new", {}, fields.dump())))["id"].dump();
}

ItemState PersonCalled(Account& account, const std::string& who) {
  const auto id = Must(FindByRemoteId(*account.View(), ItemType::kPerson, who));
  REQUIRE(id);
  return Must(LoadItem(*account.View(), *id)).value();
}

}  // namespace

TEST_CASE("people: who is on the server is known here, changes and goes; a quiet round asks nothing more",
          "[engine][people]") {
  Pair pair;
  const auto room = NewEntry(pair, "resource",
                             {{"name", "room"}, {"display_name", "Blue room"}, {"mailaddress", "room@example.com"}});
  const auto team = NewEntry(pair, "group", {{"name", "team"}, {"display_name", "Team"}, {"members", {3, 4}}});
  const auto report = pair.Settle();
  CHECK(Who(pair.account()) ==
        std::vector<std::string>{"group:0", "user:3", "user:4", "resource:" + room, "group:" + team});
  const auto bert = PersonCalled(pair.account(), "user:4");
  CHECK(bert.HeadValue(field::kPersonMail) == Value(std::string("bert@example.com")));
  CHECK(bert.HeadValue(field::kPersonGroups) == Value(std::vector<std::string>{"group:0", "group:" + team}));
  CHECK(PersonCalled(pair.account(), "group:" + team).HeadValue(field::kPersonMembers) ==
        Value(std::vector<std::string>{"user:3", "user:4"}));
  CHECK(Who(pair.account(), {"bl", ""}) == std::vector<std::string>{"resource:" + room});
  CHECK(Who(pair.account(), {"ROOM@", "resource"}) == std::vector<std::string>{"resource:" + room});
  CHECK(Who(pair.account(), {"ert", ""}).empty());
  CHECK(Who(pair.account(), {"", "user"}) == std::vector<std::string>{"user:3", "user:4"});
  CHECK(Must(PeopleNames::Load(*pair.account().View())).Of("group:" + team) == "Team");

  const auto events = pair.account().View()->last();
  CHECK(pair.Sync().requests == 1);
  pair.Reopen();
  const auto quiet = pair.Sync();
  CHECK(quiet.pulled == 0);
  CHECK(pair.account().View()->last() == events);  // the same people are no news

  // Nobody edits them here.
  CHECK(pair.account().Delete(bert.id).error().code == Code::kInvalid);
  CHECK(pair.account().Set(bert.id, {{field::kPersonMail, std::string("x")}}).error().code == Code::kInvalid);
  CHECK(pair.account().Move(bert.id, pair.Contacts()).error().code == Code::kInvalid);
  CHECK(pair.account().Create(ItemType::kPerson, pair.Contacts(), {}).error().code == Code::kInvalid);

  Must(pair.elsewhere().Do("group", "update", {{"id", team}, {"timestamp", "9000000000000000"}}, R"({"members":[4]})"));
  Must(pair.elsewhere().Do("resource", "delete", {{"timestamp", "9000000000000000"}}, "[{\"id\":" + room + "}]"));
  pair.Reopen();
  pair.Settle();
  CHECK(Who(pair.account()) == std::vector<std::string>{"group:0", "user:3", "user:4", "group:" + team});
  CHECK(PersonCalled(pair.account(), "group:" + team).HeadValue(field::kPersonMembers) ==
        Value(std::vector<std::string>{"user:4"}));
  CHECK(PersonCalled(pair.account(), "user:3").HeadValue(field::kPersonGroups) ==
        Value(std::vector<std::string>{"group:0"}));
  pair.CheckWhole();
}

TEST_CASE("people: a server that does not tell of them now, or tells nothing, takes nobody away", "[engine][people]") {
  oxserver::ServerOptions options;
  Pair pair(std::move(options));
  pair.Settle();
  const auto there = Who(pair.account());
  REQUIRE(there.size() == 3);
  oxserver::ServerOptions failing;
  failing.faults = {"service-down:user.all", "service-down:group.updates", "try-again:resource.updates"};
  Pair other(std::move(failing), 5);
  const auto report = other.Settle();
  CHECK(report.problem.empty());
  CHECK(Who(other.account()).empty());
  other.CheckWhole();
}
