// Users, groups and resources of the server, which are there offline.
#include "engine/people.h"

#include <nlohmann/json.hpp>

#include "engine/busy.h"
#include "engine/profile.h"
#include "replicator/planner.h"
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

namespace {

constexpr std::int64_t kHourMs = 3'600'000, kBusyDay = 1'780'272'000'000;  // 2026-06-01, midnight UTC
constexpr Millis kFirst{kBusyDay}, kLast{kBusyDay + 7 * 24 * kHourMs};

std::unique_ptr<oxserver::ApiClient> Bert(Pair& pair) {
  return Must(oxserver::ApiClient::SignIn([&pair](const auto& request) { return pair.server().Handle(request); },
                                          "bert", "secret"));
}

std::string BertsAppointment(oxserver::ApiClient& bert, std::int64_t start, std::int64_t end, oxserver::FieldMap more) {
  more["start_date"] = std::to_string(start);
  more["end_date"] = std::to_string(end);
  more["timezone"] = "UTC";
  return Must(bert.Create("calendar", Must(bert.OwnFolder("calendar")), more));
}

void Wish(Account& account, const std::string& who, Millis first = kFirst, Millis last = kLast) {
  const ItemState person = PersonCalled(account, who);
  MustDo(account.Set(person.id, Must(WishForBusy(person, first, last))));
}

}  // namespace

TEST_CASE("free/busy: asked for with the next round, kept with its age, and there offline", "[engine][people]") {
  Pair pair;
  pair.Settle();
  const auto bert = Bert(pair);
  BertsAppointment(*bert, kBusyDay + 9 * kHourMs, kBusyDay + 10 * kHourMs, {{"title", "Secret plan"}});
  BertsAppointment(*bert, kBusyDay + 24 * kHourMs, kBusyDay + 48 * kHourMs,
                   {{"title", "Away"}, {"full_time", "true"}, {"shown_as", "3"}});
  CHECK_FALSE(KnownBusy(PersonCalled(pair.account(), "user:4")));
  CHECK(pair.Sync().requests == 1);
  Wish(pair.account(), "user:4");
  CHECK(BusyIsWanted(PersonCalled(pair.account(), "user:4")));
  CHECK(pair.Sync().requests == 1);  // with what is asked anyway
  const auto known = KnownBusy(PersonCalled(pair.account(), "user:4"));
  REQUIRE(known);
  CHECK(known->Covers(kFirst, kLast));
  CHECK_FALSE(known->Covers(kFirst, kLast + Millis(1)));
  CHECK(pair.pc_clock.WallNow() - known->asked < std::chrono::minutes(5));
  CHECK(known->times ==
        std::vector<BusyTime>{
            {Millis(kBusyDay + 9 * kHourMs), Millis(kBusyDay + 10 * kHourMs), Availability::kReserved, false},
            {Millis(kBusyDay + 24 * kHourMs), Millis(kBusyDay + 48 * kHourMs), Availability::kAbsent, true}});
  CHECK(BusyIn(*known, Millis(kBusyDay + 10 * kHourMs), kLast).size() == 1);  // touching ends are no meeting
  const ItemState person = PersonCalled(pair.account(), "user:4");
  CHECK_FALSE(BusyIsWanted(person));
  CHECK(person.HeadValue(field::kPersonMail) == Value(std::string("bert@example.com")));

  // Nobody asks again, and the directory's next word of him leaves it.
  const auto events = pair.account().View()->last();
  pair.Sync();
  pair.Reopen();
  pair.Sync();
  CHECK(pair.account().View()->last() == events);
  BertsAppointment(*bert, kBusyDay + 3 * 24 * kHourMs, kBusyDay + 3 * 24 * kHourMs + kHourMs, {{"title", "Later"}});
  CHECK(KnownBusy(PersonCalled(pair.account(), "user:4"))->times.size() == 2);
  Wish(pair.account(), "user:4", kFirst, kFirst + Millis(kHourMs));
  Wish(pair.account(), "user:4", kLast - Millis(kHourMs), kLast);  // both at once
  pair.Settle();
  const auto later = KnownBusy(PersonCalled(pair.account(), "user:4"));
  CHECK(later->Covers(kFirst, kLast));
  CHECK(later->times.size() == 3);
  pair.CheckWhole();
}

TEST_CASE("free/busy: what the server does not tell is said, and what may pass is asked for again",
          "[engine][people]") {
  oxserver::ServerOptions options;
  options.faults = {"try-again:calendar.freebusy:1", "service-down:calendar.freebusy:2"};
  Pair pair(std::move(options));
  pair.Settle();
  Wish(pair.account(), "user:4");
  pair.Sync();
  CHECK(BusyIsWanted(PersonCalled(pair.account(), "user:4")));
  pair.Sync();
  pair.Settle();
  CHECK(KnownBusy(PersonCalled(pair.account(), "user:4"))->Covers(kFirst, kLast));

  const ItemState person = PersonCalled(pair.account(), "user:4"), group = PersonCalled(pair.account(), "group:0");
  CHECK(WishForBusy(group, kFirst, kLast).error().code == Code::kInvalid);
  CHECK(WishForBusy(person, kLast, kFirst).error().code == Code::kInvalid);
  CHECK(WishForBusy(person, kFirst, kFirst + kBusyMost + Millis(1)).error().code == Code::kInvalid);
  CHECK(Must(FindPeople(*pair.account().View(), "BERT@example.com")).front().id == person.id);
  CHECK(Must(FindPeople(*pair.account().View(), "group:0")).size() == 2);
  CHECK(FindPeople(*pair.account().View(), "ber").error().code == Code::kNotFound);
  // The wish of a person who is gone asks nothing.
  const auto room =
      NewEntry(pair, "resource", {{"name", "room"}, {"display_name", "Room"}, {"mailaddress", "room@example.com"}});
  pair.Reopen();
  pair.Settle();
  Wish(pair.account(), "resource:" + room);
  Must(pair.elsewhere().Do("resource", "delete", {{"timestamp", "9000000000000000"}}, "[{\"id\":" + room + "}]"));
  pair.Reopen();
  pair.Settle();
  CHECK(Must(CountWishes(*pair.account().View())) == 0);
  pair.CheckWhole();
}

TEST_CASE("profile: one's own entry is edited offline, comes back to the directory, and others' entries are theirs",
          "[engine][people]") {
  Pair pair;
  pair.Settle();
  const auto own = Must(OwnEntry(*pair.account().View()));
  REQUIRE(own);
  CHECK(own->HeadValue(Pair::Field("email1")) == Value(std::string("anna@example.com")));
  MustDo(pair.account().Set(own->id, {{Pair::Field("telephone_business1"), std::string("+49 1")},
                                      {Pair::Field("city_home"), std::string("Bonn")},
                                      {Pair::Field("position"), std::string("Head of all")}}));
  CHECK(ItemStateName(*Must(OwnEntry(*pair.account().View()))) == std::string("pending"));
  pair.Settle();
  CHECK(ItemStateName(*Must(OwnEntry(*pair.account().View()))) == std::string("synced"));
  const auto there = nlohmann::json::parse(Must(pair.elsewhere().Do("user", "get", {{"id", "3"}})));
  CHECK(there["telephone_business1"] == "+49 1");
  CHECK(there["city_home"] == "Bonn");
  pair.Reopen();
  pair.Settle();
  CHECK(PersonCalled(pair.account(), "user:3").HeadValue(field::kPersonPosition) == Value(std::string("Head of all")));
  const auto second = pair.OtherAccount();
  Must(second->Sync({}));
  CHECK(Must(OwnEntry(*second->View()))->HeadValue(Pair::Field("city_home")) == Value(std::string("Bonn")));

  // Changed on both sides; and what the server does not let anybody change.
  MustDo(second->Set(Must(OwnEntry(*second->View()))->id, {{Pair::Field("position"), std::string("Theirs")}}));
  Must(second->Sync({}));
  MustDo(pair.account().Set(own->id, {{Pair::Field("position"), std::string("Ours")}}));
  pair.Settle();
  CHECK(pair.HeadText(own->id, "position") == "Theirs");
  CHECK(pair.Item(own->id).losers.size() == 1);
  MustDo(pair.account().Set(own->id, {{Pair::Field("email1"), std::string("x@example.com")}}));
  const Value bert = PersonCalled(pair.account(), "user:4").HeadValue(field::kPersonContact);
  const auto other = pair.ByRemoteId(std::get<std::string>(bert));
  REQUIRE(other);
  MustDo(pair.account().Set(*other, {{Pair::Field("position"), std::string("Servant")}}));
  pair.Sync();
  REQUIRE(pair.Item(own->id).parked.size() == 1);
  CHECK(pair.Item(own->id).parked[0].refusal.code.find("CON-0173") != std::string::npos);
  REQUIRE(pair.Item(*other).parked.size() == 1);
  CHECK(IsDenied(pair.Item(*other).parked[0].refusal.code));
  pair.CheckWhole();
}
