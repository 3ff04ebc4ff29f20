// Invitations and delegated tasks, answered here: told by themselves, seen by the others, and never in the way of
// theirs.
#include "engine/answer.h"

#include <nlohmann/json.hpp>

#include "engine/occurrence.h"
#include "tests/engine/pair.h"

using namespace outpost;
using namespace outpost::test;

namespace {

constexpr std::int64_t kStart = 1'717'200'000'000;
using Answers = std::vector<std::string>;

// Somebody else whose invitations come, and who looks.
class Invited : public Pair {
 public:
  explicit Invited(oxserver::ServerOptions options = {}) : Pair(std::move(options)) {
    bert = Must(oxserver::ApiClient::SignIn([this](const auto& request) { return server().Handle(request); }, "bert",
                                            "secret"));
    Settle();
  }
  // He asks both; the item as it has come here.
  ItemId Asks(const char* module, ItemType type) {
    his_folder = Must(bert->OwnFolder(module));
    oxserver::FieldMap fields{{"title", "asked"}, {"participants", R"([{"type":1,"id":3},{"type":1,"id":4}])"}};
    if (type == ItemType::kAppointment) {
      fields["start_date"] = std::to_string(kStart);
      fields["end_date"] = std::to_string(kStart + 3'600'000);
      his_id = Must(bert->Create(module, his_folder, fields));
    } else {
      his_folder = Must(elsewhere().OwnFolder(module));  // of whoever is asked
      his_id = Must(elsewhere().Create(module, his_folder, fields));
    }
    Settle();
    const auto here = Must(FindByRemoteId(*account().View(), type, his_id));
    REQUIRE(here);
    return *here;
  }
  // A series of five days that he asks both to.
  ItemId AsksForDays() {
    his_folder = Must(bert->OwnFolder("calendar"));
    his_id = Must(bert->Create("calendar", his_folder,
                               {{"title", "daily"},
                                {"note", "n"},
                                {"participants", R"([{"type":1,"id":3},{"type":1,"id":4}])"},
                                {"start_date", std::to_string(kStart)},
                                {"end_date", std::to_string(kStart + 3'600'000)},
                                {"timezone", "Europe/Berlin"},
                                {"recurrence_type", "1"},
                                {"interval", "1"},
                                {"occurrences", "5"}}));
    Settle();
    return *Must(FindByRemoteId(*account().View(), ItemType::kAppointment, his_id));
  }
  ItemId SayOf(const ItemId& series, std::int64_t day, Attendance reply, const std::string& message) {
    return Must(account().Create(ItemType::kAppointment, Item(series).Folder(),
                                 Must(AnsweredDay(Item(series), day, reply, message))));
  }
  // Of the days that are appointments of their own: the day and who says what.
  nlohmann::json HisDays() {
    return nlohmann::json::parse(Must(bert->Do("calendar", "getChangeExceptions",
                                               {{"id", his_id}, {"folder", his_folder}, {"columns", "208,221,200"}})));
  }
  void Say(const ItemId& item, Attendance reply, const std::string& message = {}) {
    MustDo(account().Set(item, Must(AttendancePatch(Item(item), reply, message))));
  }
  Value Answer(const ItemId& item) { return Item(item).HeadValue(field::AnswerOf(Item(item).type).answer); }
  Value Message(const ItemId& item) { return Item(item).HeadValue(field::AnswerOf(Item(item).type).message); }
  Value Users(const ItemId& item) { return Item(item).HeadValue(field::AnswerOf(Item(item).type).users); }
  void HeSays(const char* module, const ItemId& item, int confirmation) {
    const auto folder = Must(bert->OwnFolder(module));
    Must(bert->Do(module, "confirm",
                  {{"id", Item(item).remote_id}, {"folder", folder}, {"timestamp", "9000000000000000"}},
                  "{\"confirmation\":" + std::to_string(confirmation) + "}"));
  }
  std::string HisUsers() { return Must(bert->Get("calendar", his_folder, his_id)).at("users"); }

  std::unique_ptr<oxserver::ApiClient> bert;
  std::string his_folder, his_id;
};

}  // namespace

TEST_CASE("answers: an invitation is accepted offline with a message, and the answer is changed later",
          "[engine][answers]") {
  Invited pair;
  const ItemId item = pair.Asks("calendar", ItemType::kAppointment);
  CHECK(IsNull(pair.Answer(item)));
  CHECK(pair.Users(item) == Value(Answers{"user:3 none", "user:4 accepted"}));
  pair.Say(item, Attendance::kAccept, "gladly");
  CHECK(std::string(ItemStateName(pair.Item(item))) == "pending");
  pair.Settle();
  CHECK(pair.HisUsers().find(R"("confirm":1,"confirmmessage":"gladly")") != std::string::npos);
  pair.Settle();
  CHECK(pair.Users(item) == Value(Answers{"user:3 accepted gladly", "user:4 accepted"}));
  CHECK(pair.Answer(item) == Value(std::int64_t{1}));
  pair.Say(item, Attendance::kTentative);
  pair.Say(item, Attendance::kDecline, "after all");
  pair.Settle();
  CHECK(pair.HisUsers().find(R"("confirm":2,"confirmmessage":"after all")") != std::string::npos);
  pair.Say(item, Attendance::kNone);
  pair.Settle();
  pair.Settle();
  CHECK(pair.Users(item) == Value(Answers{"user:3 none", "user:4 accepted"}));
  CHECK(IsNull(pair.Message(item)));
  CHECK(Must(pair.account().Status()).conflicts == 0);
  CHECK_FALSE(AttendancePatch(pair.Item(pair.Contacts()), Attendance::kAccept, ""));
  pair.CheckWhole();
}

TEST_CASE("answers: others' answers change nothing that was edited here, own answers from elsewhere are a conflict",
          "[engine][answers]") {
  Invited pair;
  const ItemId item = Must(
      pair.account().Create(ItemType::kAppointment, Must(FindFolder(*pair.account().View(), "Calendar")).id,
                            {{field::kAppointmentTitle, std::string("meet")},
                             {field::kAppointmentStart, kStart},
                             {FindField(ItemType::kAppointment, "participants")->id, Answers{"user:3", "user:4"}}}));
  pair.Settle();
  pair.Settle();
  CHECK(pair.Answer(item) == Value(std::int64_t{1}));  // who invites takes part
  pair.HeSays("calendar", item, 3);
  MustDo(pair.account().Set(item, {{field::kAppointmentTitle, std::string("meet here")}}));
  pair.Say(item, Attendance::kTentative, "late");
  pair.Settle();
  pair.Settle();
  CHECK(pair.Users(item) == Value(Answers{"user:3 tentative late", "user:4 tentative"}));
  CHECK(pair.Item(item).HeadValue(field::kAppointmentTitle) == Value(std::string("meet here")));
  CHECK(Must(pair.account().Status()).conflicts == 0);

  const auto folder = Must(pair.elsewhere().OwnFolder("calendar"));
  Must(pair.elsewhere().Do("calendar", "confirm",
                           {{"id", pair.Item(item).remote_id}, {"folder", folder}, {"timestamp", "9000000000000000"}},
                           R"({"confirmation":2,"confirmmessage":"from the phone"})"));
  pair.Say(item, Attendance::kAccept, "from here");
  pair.Settle();
  CHECK(pair.Answer(item) == Value(std::int64_t{2}));
  CHECK(pair.Message(item) == Value(std::string("from the phone")));
  CHECK(Must(pair.account().Status()).conflicts == 1);
  pair.CheckWhole();
}

TEST_CASE("answers: tasks are answered likewise; who takes no part is told so, and the rest goes out",
          "[engine][answers]") {
  Invited pair;
  const ItemId item = pair.Asks("tasks", ItemType::kTask);
  pair.Say(item, Attendance::kAccept, "I do it");
  MustDo(pair.account().Set(item, {{field::kTaskTitle, std::string("done by me")}}));
  pair.Settle();
  const auto task = Must(pair.elsewhere().Get("tasks", pair.his_folder, pair.his_id));
  CHECK(task.at("title") == "done by me");
  CHECK(task.at("users").find(R"("confirm":1,"confirmmessage":"I do it")") != std::string::npos);

  MustDo(pair.account().Set(item, {{FindField(ItemType::kTask, "participants")->id, Answers{"user:4"}}}));
  pair.Settle();
  pair.Say(item, Attendance::kDecline);
  MustDo(pair.account().Set(item, {{field::kTaskTitle, std::string("not mine")}}));
  pair.Settle();
  CHECK(Must(pair.elsewhere().Get("tasks", pair.his_folder, pair.his_id)).at("title") == "not mine");
  const ItemState refused = pair.Item(item);
  REQUIRE(refused.parked.size() == 1);
  CHECK(refused.parked.front().refusal.code == "no_right TSK-0063");
  pair.CheckWhole();
}

TEST_CASE("answers: one whose answer is lost is there once", "[engine][answers]") {
  for (const char* fault : {"drop-reply:calendar.confirm:1", "drop-request:calendar.confirm:1"}) {
    INFO(fault);
    Invited pair;
    const ItemId item = pair.Asks("calendar", ItemType::kAppointment);
    MustDo(pair.server().AddFault(fault));
    pair.Say(item, Attendance::kAccept, "yes");
    pair.Settle();
    pair.Settle();
    CHECK(pair.Users(item) == Value(Answers{"user:3 accepted yes", "user:4 accepted"}));
    CHECK(Must(pair.account().Status()).conflicts == 0);
    pair.CheckWhole();
  }
}

TEST_CASE("answers: one day of a series is answered offline by who may not change it, and changed later",
          "[engine][answers]") {
  constexpr std::int64_t kDay = 86'400'000, kFirst = kStart - kStart % kDay;
  Invited pair;
  const ItemId series = pair.AsksForDays();
  const ItemId day = pair.SayOf(series, kFirst + 2 * kDay, Attendance::kDecline, "not then");
  CHECK(Must(ExceptionOn(*pair.account().View(), pair.Item(series), kFirst + 2 * kDay)) == day);
  CHECK(pair.Item(day).HeadValue(field::kAppointmentTitle) == Value(std::string("daily")));
  CHECK(pair.Answer(day) == Value(std::int64_t{2}));
  CHECK(std::string(ItemStateName(pair.Item(day))) == "pending");
  pair.Settle();
  auto days = pair.HisDays();
  REQUIRE(days.size() == 1);
  CHECK(days[0][0] == kFirst + 2 * kDay);
  CHECK(days[0][1].dump().find(R"("confirm":2,"confirmmessage":"not then")") != std::string::npos);
  CHECK(pair.HisUsers().find(R"("confirm":2)") == std::string::npos);  // of all other days nothing is said
  pair.Settle();
  CHECK(pair.Users(day) == Value(Answers{"user:3 declined not then", "user:4 accepted"}));
  CHECK(std::string(ItemStateName(pair.Item(day))) == "synced");

  pair.Say(day, Attendance::kAccept, "after all");
  pair.Say(series, Attendance::kTentative);
  pair.Settle();
  days = pair.HisDays();
  REQUIRE(days.size() == 1);
  CHECK(days[0][1].dump().find(R"("confirm":1,"confirmmessage":"after all")") != std::string::npos);
  CHECK(Must(pair.account().Status()).conflicts == 0);

  // A day that the series does not have is parked; the others go on.
  const ItemId none = pair.SayOf(series, kFirst + 9 * kDay, Attendance::kDecline, "");
  const ItemId last = pair.SayOf(series, kFirst + 4 * kDay, Attendance::kNone, "");
  pair.Settle();
  CHECK_FALSE(pair.Item(none).parked.empty());
  CHECK(pair.Item(last).on_server);
  CHECK(pair.HisDays().size() == 2);
  CHECK_FALSE(AnsweredDay(pair.Item(day), kFirst, Attendance::kAccept, ""));  // a day is no series
  pair.CheckWhole();
}

TEST_CASE("appointments: a series and its days stay in their folder", "[engine][answers]") {
  Invited pair;
  const ItemId calendar = Must(FindFolder(*pair.account().View(), "Calendar")).id;
  const ItemId other = Must(pair.account().Create(
      ItemType::kFolder, calendar,
      {{field::kFolderTitle, std::string("Other")}, {field::kFolderModule, std::string("appointment")}}));
  FieldMap fields{{field::kAppointmentTitle, std::string("daily")}, {field::kAppointmentStart, kStart}};
  const ItemId single = Must(pair.account().Create(ItemType::kAppointment, calendar, fields));
  fields[field::kAppointmentRecurrenceType] = std::int64_t{1};
  const ItemId series = Must(pair.account().Create(ItemType::kAppointment, calendar, fields));
  const ItemId day = Must(pair.account().Create(
      ItemType::kAppointment, calendar, Must(ExceptionFields(pair.Item(series), kStart - kStart % 86'400'000, {}))));
  for (const ItemId& item : {series, day}) {
    CHECK(pair.account().Move(item, other).error().code == Code::kInvalid);
    MustDo(pair.account().Move(item, calendar));  // where it is
  }
  MustDo(pair.account().Move(single, other));
}

TEST_CASE("answers: one to a day whose answer is lost is there once, also where the series changed meanwhile",
          "[engine][answers]") {
  constexpr std::int64_t kDay = 86'400'000, kFirst = kStart - kStart % kDay;
  for (const char* fault :
       {"drop-reply:calendar.confirm:1", "drop-request:calendar.confirm:1", "drop-reply:calendar.getChangeExceptions:1",
        "session-expired:calendar.confirm:1", "session-expired:calendar.getChangeExceptions:1", ""}) {
    INFO(fault);
    Invited pair;
    const ItemId series = pair.AsksForDays();
    if (*fault != '\0') MustDo(pair.server().AddFault(fault));
    const ItemId day = pair.SayOf(series, kFirst + kDay, Attendance::kTentative, "maybe");
    if (*fault == '\0') MustDo(pair.bert->Update("calendar", pair.his_folder, pair.his_id, {{"note", "other"}}));
    pair.Settle();
    pair.Settle();
    CHECK(pair.HisDays().size() == 1);
    CHECK(pair.Users(day) == Value(Answers{"user:3 tentative maybe", "user:4 accepted"}));
    CHECK(Must(pair.account().Status()).conflicts == 0);
    pair.CheckWhole();
  }
}
