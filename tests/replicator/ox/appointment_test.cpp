// Appointments on the wire: each form that tasks do not have, both ways, as texts.
#include <catch2/catch.hpp>

#include "replicator/ox/answers.h"
#include "replicator/ox/kinds.h"
#include "replicator/ox/participants.h"
#include "replicator/ox/series.h"
#include "tests/replicator/ox/rows.h"

namespace outpost::test {
namespace {

using Texts = std::vector<std::string>;
constexpr std::int64_t kTuesday = 1'711'411'200'000;  // 2024-03-26

FieldId DateField(const char* name) { return FindField(ItemType::kAppointment, name)->id; }

std::string BodyOf(const Ask& ask) {
  const std::vector<Ask> asks{ask};
  return WriteMultiple(asks, PlanElements(asks));
}

Result<MultipleReply> Read(const Ask& ask, std::string body) {
  const std::vector<Ask> asks{ask};
  AnswerReader reader({ItemType::kAppointment});
  return reader.ReadMultiple(body, asks, PlanElements(asks));
}

// The fields of row 7 with some cells; nullopt where the answer is refused.
std::optional<FieldMap> RowOf(const std::map<std::string, std::string>& cells) {
  auto reply = Read(ask::Fetch{"31", ItemType::kAppointment, {"7"}},
                    R"([{"data":[)" + RowText(ItemType::kAppointment, R"("7","31",150)", cells) + "]}]");
  if (!reply) return std::nullopt;
  return reply.value().elements.at(0).answer.rows.at(0).fields;
}

}  // namespace

TEST_CASE("ox appointments: reads ask for series, in a range that leaves nothing out", "[ox][appointments]") {
  CHECK(
      BodyOf(ask::Listing{"31", ItemType::kAppointment}) ==
      R"([{"module":"calendar","action":"all","timezone":"UTC","folder":"31","columns":"1,6,223,206,208","start":-62135596800000,"end":253402214400000,"recurrence_master":"true"}])");
  for (const Ask& ask :
       {Ask(ask::Fetch{"31", ItemType::kAppointment, {"7"}}), Ask(ask::Changes{"31", ItemType::kAppointment, 5})})
    CHECK(BodyOf(ask).find(R"("recurrence_master":"true")") != std::string::npos);
  CHECK(BodyOf(ask::Fetch{"31", ItemType::kTask, {"7"}}).find("recurrence_master") == std::string::npos);
}

TEST_CASE("ox appointments: writes overrule what can be overruled, and say no reminder by -1", "[ox][appointments]") {
  CHECK(
      BodyOf(ask::Create{"31", ItemType::kAppointment, {{field::kAppointmentTitle, std::string("t")}}}) ==
      R"([{"module":"calendar","action":"new","timezone":"UTC","data":{"folder_id":"31","title":"t","ignore_conflicts":true}}])");
  CHECK(
      BodyOf(ask::Update{"31", "", "7", ItemType::kAppointment, 9, {{DateField("alarm"), Value{}}}}) ==
      R"([{"module":"calendar","action":"update","timezone":"UTC","folder":"31","id":"7","timestamp":9,"data":{"alarm":-1,"ignore_conflicts":true}}])");
  CHECK(RowOf({{"alarm", "-1"}}) == FieldMap{});
  CHECK(RowOf({{"alarm", "0"}}) == FieldMap{{DateField("alarm"), std::int64_t{0}}});
}

TEST_CASE("ox appointments: only exceptions have a place in a series, and a uid with the day", "[ox][appointments]") {
  const auto place = [](const char* series) {
    return RowOf({{"uid", "\"u\""},
                  {"recurrence_id", series},
                  {"recurrence_position", "2"},
                  {"recurrence_date_position", std::to_string(kTuesday)}});
  };
  CHECK(place("7") == FieldMap{{field::kAppointmentUid, std::string("u")}});
  CHECK(place("null") == FieldMap{{field::kAppointmentUid, std::string("u")}});
  CHECK(place("5") == FieldMap{{field::kAppointmentUid, std::string("u#20240326")},
                               {field::kAppointmentDatePosition, kTuesday},
                               {field::kAppointmentSeriesId, std::string("5")},
                               {field::kAppointmentPosition, std::int64_t{2}}});
  const auto heads = Read(ask::Listing{"31", ItemType::kAppointment},
                          R"([{"data":[["5",1,"u",5,null],["7",2,"u",5,1711411200000],["8",3,"v",null,null]]}])");
  REQUIRE(heads);
  const auto& answer = heads.value().elements.at(0).answer;
  CHECK(answer.heads.at(0).uid == "u");
  CHECK(answer.heads.at(1).uid == UidOfException("u", kTuesday));
  CHECK(answer.heads.at(2).uid == "v");
  CHECK_FALSE(Read(ask::Listing{"31", ItemType::kAppointment}, R"([{"data":[["5",1,"u"]]}])"));
}

TEST_CASE("ox appointments: days and answers are texts", "[ox][appointments]") {
  CHECK(RowOf({{"delete_exceptions", "[1711497600000,1711411200000]"}}) ==
        FieldMap{{field::kAppointmentDeleted, Texts{"2024-03-26", "2024-03-27"}}});
  CHECK(RowOf({{"delete_exceptions", "[]"}}) == FieldMap{});
  CHECK_FALSE(RowOf({{"delete_exceptions", "[\"soon\"]"}}));
  CHECK(RowOf({{"confirmations", R"([{"type":5,"mail":"a@b","status":2,"message":"no"}])"}}) ==
        FieldMap{{field::kAppointmentConfirmations, Texts{"a@b declined no"}}});
  CHECK(DayText(INT64_MIN) != "");  // a day beyond all calendars is no reason to fall over
}

TEST_CASE("ox appointments: conflicts without an error are a refusal that names the first", "[ox][appointments]") {
  const std::string conflicts =
      R"([{"data":{"conflicts":[{"id":"1","hard_conflict":true},{"title":"Fair","users":[{"id":3}]}]}}])";
  for (const Ask& ask : {Ask(ask::Create{"31", ItemType::kAppointment, {}}),
                         Ask(ask::Update{"31", "", "7", ItemType::kAppointment, 9, {}})}) {
    const auto reply = Read(ask, conflicts);
    REQUIRE(reply);
    const Answer& answer = reply.value().elements.at(0).answer;
    CHECK(answer.status == AnswerStatus::kRefused);
    CHECK(answer.code == "time_conflict");
    CHECK(answer.text == "at that time there is \"Fair\"");
  }
  CHECK_FALSE(Read(ask::Create{"31", ItemType::kAppointment, {}}, R"([{"data":{},"timestamp":5}])"));
  const auto done =
      Read(ask::Update{"31", "", "7", ItemType::kAppointment, 9, {}}, R"([{"data":{"id":7},"timestamp":5}])");
  REQUIRE(done);
  CHECK(done.value().elements.at(0).answer.version == 5);
}

TEST_CASE("ox appointments: an exception is a change of its series, a dropped day a deletion", "[ox][appointments]") {
  const FieldMap fields{{field::kAppointmentTitle, std::string("t")},
                        {field::kAppointmentUid, std::string("u#20240326")},
                        {field::kAppointmentDatePosition, kTuesday}};
  CHECK(
      BodyOf(ask::Create{"31", ItemType::kAppointment, fields, "5", 9}) ==
      R"([{"module":"calendar","action":"update","timezone":"UTC","folder":"31","id":"5","timestamp":9,"data":{"title":"t","recurrence_date_position":1711411200000,"ignore_conflicts":true}}])");
  const auto made =
      Read(ask::Create{"31", ItemType::kAppointment, fields, "5", 9}, R"([{"data":{"id":8},"timestamp":11}])");
  REQUIRE(made);
  CHECK(made.value().elements.at(0).answer.remote_id == "8");
  ask::Update update{"31", "", "5", ItemType::kAppointment, 9, {{field::kAppointmentTitle, std::string("t")}}};
  update.dropped = {kTuesday};
  const std::vector<Ask> asks{update};
  CHECK(PlanElements(asks).size() == 2);
  const std::string both = BodyOf(update);
  CHECK(both.find(R"("timestamp":9,"data":{"title":"t","ignore_conflicts":true}})") != std::string::npos);
  CHECK(
      both.find(
          R"({"module":"calendar","action":"delete","timezone":"UTC","timestamp":9000000000000000,"data":[{"id":"5","folder":"31","recurrence_date_position":1711411200000}]})") !=
      std::string::npos);
  update.fields.clear();
  CHECK(PlanElements({update}).size() == 1);
  // The deletion's timestamp may be that of the request: it says nothing of the series.
  for (const char* answer :
       {R"([{"data":[],"timestamp":9000000000000000}])", R"([{"error":"e","code":"CAL-4061","category":1}])"}) {
    const auto dropped = Read(update, answer);
    REQUIRE(dropped);
    CHECK(dropped.value().elements.at(0).answer.status == AnswerStatus::kDone);
    CHECK(dropped.value().elements.at(0).answer.version == 9);
  }
}

TEST_CASE("ox appointments: one's own answer is told by a call of its own, and read from what all have answered",
          "[ox][appointments]") {
  ask::Update update{"31", "", "5", ItemType::kAppointment, 9, {{field::kAppointmentAnswer, std::int64_t{3}}}};
  CHECK(
      BodyOf(update) ==
      R"([{"module":"calendar","action":"confirm","timezone":"UTC","folder":"31","id":"5","timestamp":9000000000000000,"data":{"confirmation":3,"confirmmessage":""}}])");
  update.fields = {{field::kAppointmentAnswer, Value{}}, {field::kAppointmentAnswerMessage, std::string("x")}};
  CHECK(BodyOf(update).find(R"({"confirmation":0,"confirmmessage":"x"})") != std::string::npos);
  const auto told = Read(update, R"([{"timestamp":12}])");
  REQUIRE(told);
  CHECK(told.value().elements.at(0).answer.version == 12);
  update.fields[field::kAppointmentTitle] = std::string("t");
  CHECK(PlanElements({update}).size() == 2);

  RemoteRow row;
  row.type = ItemType::kAppointment;
  row.fields = {{field::kAppointmentUsers, Texts{"user:33 declined", "user:3 accepted See you", "user:4 none"}}};
  RemoteRow other = row, nobody = row;
  NoteOwnAnswer("3", row);
  CHECK(row.fields.at(field::kAppointmentAnswer) == Value(std::int64_t{1}));
  CHECK(row.fields.at(field::kAppointmentAnswerMessage) == Value(std::string("See you")));
  NoteOwnAnswer("4", other);
  NoteOwnAnswer("5", nobody);
  CHECK(other.fields.size() == 1);
  CHECK(nobody.fields.size() == 1);
}

}  // namespace outpost::test
