#include "replicator/ox/answers.h"

#include <catch2/catch.hpp>

#include "replicator/ox/requests.h"
#include "schemas/busy.h"
#include "tests/replicator/ox/rows.h"

namespace outpost::test {
namespace {

const Ask kChanges = ask::Changes{"31", ItemType::kContact, 100};
const Ask kUpdate = ask::Update{"31", "", "7", ItemType::kContact, 50, {}};
const Ask kCreate = ask::Create{"31", ItemType::kContact, {}};
const Ask kDelete = ask::Delete{"31", "7", ItemType::kContact, 50};
const Ask kListing = ask::Listing{"31", ItemType::kContact};

Result<MultipleReply> ReadWhole(std::string body, const std::vector<Ask>& asks) {
  AnswerReader reader({ItemType::kContact});
  return reader.ReadMultiple(body, asks, PlanElements(asks));
}

// The answer to a single ask whose envelope is `envelope`.
ElementAnswer ReadOne(const Ask& ask, const std::string& envelope) {
  auto reply = ReadWhole("[" + envelope + "]", {ask});
  INFO(envelope);
  REQUIRE(reply);
  REQUIRE(reply.value().elements.size() == 1);
  return reply.value().elements.front();
}

bool Refuses(const Ask& ask, const std::string& envelope) {
  auto reply = ReadWhole("[" + envelope + "]", {ask});
  return !reply && reply.error().code == Code::kCorrupt;
}

std::string ErrorText(const std::string& code, int category, const std::string& more = "") {
  return R"({"error":"text","code":")" + code + R"(","category":)" + std::to_string(category) + more + "}";
}

Answer AnswerTo(const Ask& ask, const std::string& code, int category) {
  return ReadOne(ask, ErrorText(code, category)).answer;
}

}  // namespace

TEST_CASE("ox answers: rows, deletions and cursor of a delta; ids as numbers and as texts", "[ox]") {
  const std::string rows =
      RowText(ItemType::kContact, R"(7,"31",150)", {{"first_name", "\"Ada\""}, {"birthday", "\"86400000\""}}) + "," +
      RowText(ItemType::kContact, R"( "8" , 31 , "160" )", {{"categories", "\"b,a\""}, {"private_flag", "true"}}) +
      R"(,9,"10")";
  const auto answer = ReadOne(kChanges, R"({"timestamp":170,"data":[)" + rows + "]}").answer;
  CHECK(answer.status == AnswerStatus::kDone);
  CHECK(answer.cursor == 170);
  CHECK(answer.deleted == std::vector<std::string>{"9", "10"});
  REQUIRE(answer.rows.size() == 2);
  CHECK(answer.rows[0].remote_id == "7");
  CHECK(answer.rows[0].folder == "31");
  CHECK(answer.rows[0].version == 150);
  CHECK(answer.rows[0].type == ItemType::kContact);
  CHECK(answer.rows[0].fields ==
        FieldMap{{ContactField("first_name"), std::string("Ada")}, {ContactField("birthday"), std::int64_t{86400000}}});
  CHECK(answer.rows[1].remote_id == "8");
  CHECK(answer.rows[1].folder == "31");
  CHECK(answer.rows[1].version == 160);
  CHECK(answer.rows[1].fields == FieldMap{{ContactField("categories"), std::vector<std::string>{"b", "a"}},
                                          {ContactField("private_flag"), true}});
}

TEST_CASE("ox answers: the cursor of an empty delta never goes back", "[ox]") {
  CHECK(ReadOne(kChanges, R"({"data":[],"timestamp":0})").answer.cursor == 100);
  CHECK(ReadOne(kChanges, R"({"data":[]})").answer.cursor == 100);
  CHECK(ReadOne(kChanges, R"({"data":[],"timestamp":101})").answer.cursor == 101);
}

TEST_CASE("ox answers: a listing has ids, versions and uids, and the newest version as cursor", "[ox]") {
  const auto answer = ReadOne(kListing, R"({"data":[["1",30,"u1"],[2,"20",null]],"timestamp":99})").answer;
  REQUIRE(answer.heads.size() == 2);
  CHECK(answer.heads[0].uid == "u1");
  CHECK(answer.heads[1].remote_id == "2");
  CHECK(answer.heads[1].version == 20);
  CHECK(answer.heads[1].uid.empty());
  CHECK(answer.cursor == 30);
  CHECK(ReadOne(kListing, R"({"data":[],"timestamp":0})").answer.cursor == 0);
}

TEST_CASE("ox answers: folders of all three kinds, with parent and rights", "[ox]") {
  const auto row = [](const char* id, const char* parent, const char* title) {
    return RowText(ItemType::kFolder, std::string(id) + "," + parent + ",5",
                   {{"title", title},
                    {"module", "\"contacts\""},
                    {"type", "1"},
                    {"own_rights", "403710016"},
                    {"standard_folder", "true"}});
  };
  const std::string data = R"({"private":[)" + row("31", "1", "\"Contacts\"") + R"(],"public":[)" +
                           row("\"6\"", "2", "\"All\"") + R"(],"shared":null})";
  const auto answer = ReadOne(ask::Folders{{ItemType::kContact, ItemType::kList}}, R"({"data":)" + data + "}").answer;
  REQUIRE(answer.rows.size() == 2);
  CHECK(answer.rows[0].remote_id == "31");
  CHECK(answer.rows[0].folder == kRemotePrivateRoot);
  CHECK(answer.rows[0].type == ItemType::kFolder);
  CHECK(answer.rows[0].fields.at(field::kFolderTitle) == Value(std::string("Contacts")));
  CHECK(answer.rows[0].fields.at(field::kFolderModule) == Value(std::string("contact")));
  CHECK(answer.rows[0].fields.at(field::kFolderOwnRights) == Value(std::int64_t{403710016}));
  CHECK(answer.rows[0].fields.at(field::kFolderStandard) == Value(true));
  CHECK(answer.rows[1].remote_id == "6");
}

TEST_CASE("ox answers: folder changes leave out other modules, and read rights that are text", "[ox]") {
  const std::string rows =
      RowText(ItemType::kFolder, R"("31","1",5)", {{"title", "\"C\""}, {"module", "\"contacts\""}}) + "," +
      RowText(ItemType::kFolder, R"("40","1",6)", {{"title", "\"T\""}, {"module", "\"tasks\""}}) + "," +
      RowText(ItemType::kFolder, R"("default0/INBOX","1",6)", {{"module", "\"mail\""}, {"own_rights", "\"lrs\""}}) +
      R"(,"77")";
  const auto answer = ReadOne(ask::FolderChanges{3}, R"({"data":[)" + rows + R"(],"timestamp":6})").answer;
  REQUIRE(answer.rows.size() == 1);
  CHECK(answer.rows[0].remote_id == "31");
  CHECK(answer.deleted == std::vector<std::string>{"77"});
  CHECK(answer.cursor == 6);
}

TEST_CASE("ox answers: the version after a write is the envelope's timestamp", "[ox]") {
  const auto made = ReadOne(kCreate, R"({"data":{"id":12},"timestamp":400})").answer;
  CHECK(made.remote_id == "12");
  CHECK(made.version == 400);
  CHECK(ReadOne(kUpdate, R"({"data":{},"timestamp":401})").answer.version == 401);
  CHECK(ReadOne(kDelete, R"({"data":{},"timestamp":50})").answer.status == AnswerStatus::kDone);
  CHECK(ReadOne(kDelete, R"({"data":[],"timestamp":50})").answer.status == AnswerStatus::kDone);
  CHECK(ReadOne(kDelete, R"({"data":["7"],"timestamp":50})").answer.status == AnswerStatus::kChangedMeanwhile);
}

TEST_CASE("ox answers: a warning dressed as an error is no failure", "[ox]") {
  const std::string dressed =
      R"({"error":"careful","code":"CON-0155","category":13,"data":{"id":"12"},"timestamp":400})";
  CHECK(ReadOne(kCreate, dressed).answer.remote_id == "12");
  const std::string by_name =
      R"({"data":{"id":"12"},"timestamp":400,"error":"careful","code":"CON-0155","categories":"WARNING"})";
  CHECK(ReadOne(kCreate, by_name).answer.status == AnswerStatus::kDone);
}

TEST_CASE("ox answers: each class of error", "[ox]") {
  CHECK(AnswerTo(kUpdate, "CON-0119", 9).status == AnswerStatus::kChangedMeanwhile);
  CHECK(AnswerTo(kUpdate, "FLD-1022", 9).status == AnswerStatus::kChangedMeanwhile);
  CHECK(AnswerTo(kUpdate, "CAL-4090", 9).status == AnswerStatus::kRefused);
  CHECK(AnswerTo(kDelete, "CON-0125", 8).status == AnswerStatus::kGone);
  CHECK(AnswerTo(kChanges, "FLD-0008", 8).status == AnswerStatus::kGone);
  CHECK(AnswerTo(kUpdate, "XXX-0001", 4).status == AnswerStatus::kTryLater);
  CHECK(AnswerTo(kUpdate, "XXX-0001", 5).status == AnswerStatus::kTryLater);
  CHECK(AnswerTo(kUpdate, "XXX-0001", 6).status == AnswerStatus::kTryLater);
  CHECK(AnswerTo(kUpdate, "SES-0208", 8).status == AnswerStatus::kTryLater);
  const auto refused = AnswerTo(kCreate, "CON-0112", 3);
  CHECK(refused.status == AnswerStatus::kRefused);
  CHECK(refused.code == "CON-0112");
  CHECK(refused.text == "text");
  CHECK(refused.denied);
  CHECK_FALSE(AnswerTo(kCreate, "CON-0154", 1).denied);
  for (const char* code : {"SES-0201", "SES-0203", "SES-0205", "SES-0206"})
    CHECK(ReadOne(kUpdate, ErrorText(code, 4)).session_lost);
  CHECK_FALSE(ReadOne(kUpdate, ErrorText("SES-0204", 4)).session_lost);
}

TEST_CASE("ox answers: nothing changed counts as done with the version known", "[ox]") {
  const auto answer = AnswerTo(kUpdate, "CON-0122", 1);
  CHECK(answer.status == AnswerStatus::kDone);
  CHECK(answer.version == 50);
  CHECK(AnswerTo(kCreate, "CON-0122", 1).status == AnswerStatus::kRefused);
}

TEST_CASE("ox answers: a value too long names field, length and limit, by column or by name", "[ox]") {
  const auto by_column = ReadOne(
      kUpdate,
      ErrorText("CON-0154", 1, R"(,"problematic":[{"id":501,"length":200,"max_size":128}],"truncated":[501,502])"));
  CHECK(by_column.answer.status == AnswerStatus::kRefused);
  REQUIRE(by_column.answer.problems.size() == 2);
  CHECK(by_column.answer.problems[0].field == ContactField("first_name"));
  CHECK(by_column.answer.problems[0].length == 200);
  CHECK(by_column.answer.problems[0].limit == 128);
  CHECK(by_column.answer.problems[1].field == ContactField("last_name"));
  CHECK(by_column.answer.problems[1].limit == 0);
  const auto by_name = ReadOne(kUpdate, ErrorText("CON-0100", 12, R"(,"problematic":[{"name":"email1"}])"));
  REQUIRE(by_name.answer.problems.size() == 1);
  CHECK(by_name.answer.problems[0].field == ContactField("email1"));
}

TEST_CASE("ox answers: nothing is concluded from half an answer", "[ox]") {
  CHECK(Refuses(kChanges, R"({"timestamp":5})"));
  CHECK(Refuses(kChanges, R"({"data":null,"timestamp":5})"));
  CHECK(Refuses(kChanges, R"({"data":{},"timestamp":5})"));
  CHECK(Refuses(kChanges, R"({"data":[["7","31",150]],"timestamp":5})"));
  CHECK(Refuses(kChanges, R"({"data":[null],"timestamp":5})"));
  CHECK(Refuses(kChanges, R"({"data":[{"id":"7"}],"timestamp":5})"));
  CHECK(Refuses(kChanges, R"({"data":[)" + RowText(ItemType::kContact, R"(null,"31",150)", {}) + "]}"));
  CHECK(Refuses(kChanges, R"({"data":[)" + RowText(ItemType::kContact, R"("7","31",null)", {}) + "]}"));
  CHECK(Refuses(kChanges,
                R"({"data":[)" + RowText(ItemType::kContact, R"("7","31",150)", {{"birthday", "\"soon\""}}) + "]}"));
  CHECK(Refuses(kListing, R"({"data":[["1",30]]})"));
  CHECK(Refuses(kListing, R"({"data":[["1",30,"u",4]]})"));
  CHECK(Refuses(kListing, R"({"data":["1"]})"));
  CHECK(Refuses(kListing, "{}"));
  CHECK(Refuses(kCreate, R"({"data":{},"timestamp":5})"));
  CHECK(Refuses(kCreate, R"({"data":{"id":"1"}})"));
  CHECK(Refuses(kUpdate, R"({"data":{}})"));
  CHECK(Refuses(kUpdate, R"({"data":{},"timestamp":"now"})"));
  CHECK(Refuses(kUpdate, "null"));
  CHECK(Refuses(kUpdate, "[]"));
}

TEST_CASE("ox answers: as many answers as asks, and nothing after them", "[ox]") {
  const std::string one = R"({"data":{},"timestamp":5})";
  CHECK(ReadWhole("[" + one + "," + one + "]", {kUpdate, kUpdate}));
  CHECK_FALSE(ReadWhole("[" + one + "]", {kUpdate, kUpdate}));
  CHECK_FALSE(ReadWhole("[" + one + "," + one + "]", {kUpdate}));
  CHECK_FALSE(ReadWhole("[" + one + "]]", {kUpdate}));
  CHECK_FALSE(ReadWhole("[" + one + "][" + one + "]", {kUpdate}));
  CHECK_FALSE(ReadWhole("", {kUpdate}));
  CHECK_FALSE(ReadWhole("<html>", {kUpdate}));
  CHECK_FALSE(ReadWhole("7", {kUpdate}));
  CHECK_FALSE(ReadWhole("{}", {kUpdate}));
  const std::string whole = "[" + one + "]";
  for (std::size_t size = 0; size < whole.size(); ++size) CHECK_FALSE(ReadWhole(whole.substr(0, size), {kUpdate}));
}

TEST_CASE("ox answers: the documented form with data around the list is read too", "[ox]") {
  auto reply = ReadWhole(R"({"data":[{"data":{},"timestamp":5}]})", {kUpdate});
  REQUIRE(reply);
  CHECK(reply.value().elements.at(0).answer.version == 5);
  auto refused = ReadWhole(ErrorText("SES-0203", 4), {kUpdate});
  REQUIRE(refused);
  REQUIRE(refused.value().refused);
  CHECK(IsSessionLost(*refused.value().refused));
}

TEST_CASE("ox answers: a half surrogate in one name leaves the others readable", "[ox]") {
  const std::string row = RowText(ItemType::kContact, R"("7","31",150)", {{"first_name", R"("A\ud83d")"}});
  const auto answer = ReadOne(kChanges, R"({"data":[)" + row + R"(],"timestamp":170})").answer;
  CHECK(answer.rows.at(0).fields.at(ContactField("first_name")) == Value(std::string("A\xEF\xBF\xBD")));
}

TEST_CASE("ox answers: login", "[ox]") {
  AnswerReader reader({});
  std::string body = R"({"session":"abc","user":"anna","user_id":4,"context_id":1,"locale":"en_US"})";
  auto login = reader.ReadLogin(body);
  REQUIRE(login);
  CHECK(login.value().session == "abc");
  CHECK(login.value().user_id == "4");
  body = ErrorText("LGI-0006", 1);
  login = reader.ReadLogin(body);
  REQUIRE(login);
  CHECK(login.value().refused->code == "LGI-0006");
  body = "{}";
  CHECK_FALSE(reader.ReadLogin(body));
}

TEST_CASE("ox answers: what is no code of OX is not taken for one", "[ox]") {
  AnswerReader reader({ItemType::kContact});
  for (const char* code : {"s3cret", "SES-", "-0203", "ses-0203", "SES-0203 s3cret", "SES-s3cret", "SES-123456789"}) {
    std::string body = std::string(R"({"error":"no","category":3,"code":")") + code + "\"}";
    const auto reply = reader.ReadLogin(body);
    REQUIRE(reply);
    REQUIRE(reply.value().refused);
    CHECK(reply.value().refused->code == "unreadable");
  }
}

TEST_CASE("ox answers: free/busy: times without names, each once, in order; what is not understood is not free",
          "[ox]") {
  const Ask ask = ask::Busy{"user:4", Millis{0}, Millis{9}};
  const auto answer =
      ReadOne(ask, R"({"data":[{"start_date":5,"end_date":"7","shown_as":2,"full_time":false,"title":"x"},)"
                   R"({"start_date":1,"end_date":0,"shown_as":9,"full_time":"true"},)"
                   R"({"start_date":5,"end_date":7,"shown_as":2,"participants":[{"type":1,"id":4}]}]})")
          .answer;
  REQUIRE(answer.rows.size() == 1);
  CHECK(answer.rows[0].remote_id == "user:4");
  CHECK(answer.rows[0].type == ItemType::kPerson);
  CHECK(answer.rows[0].fields ==
        FieldMap{{field::kPersonBusy, std::vector<std::string>{"1 1 reserved days", "5 7 tentative"}}});
  CHECK(ReadOne(ask, R"({"data":[]})").answer.rows[0].fields.empty());
  for (const char* odd : {R"({"data":{"a":[]}})", R"({"data":[7,{"start_date":1,"end_date":2}]})",
                          R"({"data":[{"start_date":"soon","end_date":2,"x":{"y":[1]}},{"start_date":1}]})"}) {
    const auto refused = ReadOne(ask, odd).answer;
    CHECK(refused.code == "not_understood");
    CHECK(refused.rows.empty());
  }
  CHECK(ReadOne(ask, R"({"error":"no","code":"APP-0013","category":3})").answer.code == "APP-0013");
  const std::vector<Ask> asks{ask, ask::Busy{"resource:7", Millis{1}, Millis{2}},
                              ask::Busy{"group:0", Millis{1}, Millis{2}}};
  const auto elements = PlanElements(asks);
  REQUIRE(elements.size() == 2);  // a group has no times of its own
  CHECK(WriteMultiple(asks, elements) ==
        R"([{"module":"calendar","action":"freebusy","timezone":"UTC","id":"4","type":"1","start":0,"end":9},)"
        R"({"module":"calendar","action":"freebusy","timezone":"UTC","id":"7","type":"3","start":1,"end":2}])");
}

TEST_CASE("ox answers: people: users as rows, groups and resources as changes of objects", "[ox]") {
  const Ask users = ask::People{PersonKind::kUser, 5}, groups = ask::People{PersonKind::kGroup, 100},
            resources = ask::People{PersonKind::kResource, 0};
  const std::string row =
      R"([4,150,"Bert","B",null,"b@x",null,"","Boss",null,null,["b1@x","b2@x"],[0,"7"],"31","bert"])";
  auto answer = ReadOne(users, R"({"timestamp":170,"data":[)" + row + "]}").answer;
  REQUIRE(answer.rows.size() == 1);
  CHECK(answer.all);
  CHECK(answer.cursor == 170);
  CHECK(answer.rows[0].type == ItemType::kPerson);
  CHECK(answer.rows[0].remote_id == "user:4");
  CHECK(answer.rows[0].version == 150);
  CHECK(answer.rows[0].fields == FieldMap{{field::kPersonKind, std::string("user")},
                                          {field::kPersonDisplayName, std::string("Bert")},
                                          {field::kPersonFirstName, std::string("B")},
                                          {field::kPersonMail, std::string("b@x")},
                                          {field::kPersonPosition, std::string("Boss")},
                                          {field::kPersonAliases, std::vector<std::string>{"b1@x", "b2@x"}},
                                          {field::kPersonGroups, std::vector<std::string>{"group:0", "group:7"}},
                                          {field::kPersonContact, std::string("31")},
                                          {field::kPersonName, std::string("bert")}});
  answer =
      ReadOne(groups,
              R"({"data":{"new":[{"id":9,"name":"t","display_name":"T","members":[3,4],"last_modified_utc":"120"}],)"
              R"("modified":[],"deleted":[{"id":8}]}})")
          .answer;
  CHECK_FALSE(answer.all);
  CHECK(answer.cursor == 100);
  REQUIRE(answer.rows.size() == 1);
  CHECK(answer.rows[0].remote_id == "group:9");
  CHECK(answer.rows[0].version == 120);
  CHECK(answer.rows[0].fields.at(field::kPersonMembers) == Value(std::vector<std::string>{"user:3", "user:4"}));
  CHECK(answer.deleted == std::vector<std::string>{"group:8"});
  answer =
      ReadOne(resources, R"({"timestamp":0,"data":{"modified":[{"id":"5","mailaddress":"r@x","availability":false}]}})")
          .answer;
  CHECK(answer.all);
  CHECK(answer.rows.at(0).fields == FieldMap{{field::kPersonKind, std::string("resource")},
                                             {field::kPersonMail, std::string("r@x")},
                                             {field::kPersonAvailable, false}});

  CHECK(Refuses(users, R"({"data":[[4,150,"Bert"]]})"));
  CHECK(Refuses(users, R"({"data":{"new":[]}})"));
  CHECK(Refuses(users, R"({"data":[[null,150,"a","b","c","d","e","f","g","h","i",[],[],"1","k"]]})"));
  CHECK(Refuses(users, R"({"data":[[4,150,"a","b","c","d","e","f","g","h","i","x",[],"1","k"]]})"));
  CHECK(Refuses(users, R"({"timestamp":1})"));
  CHECK(Refuses(groups, R"({"data":[]})"));
  CHECK(Refuses(groups, R"({"data":{"new":[{"name":"t"}]}})"));
  CHECK(Refuses(groups, R"({"data":{"new":[{"id":9,"members":"3"}]}})"));
  CHECK(Refuses(resources, R"({"data":{"new":[{"id":9,"availability":"perhaps"}]}})"));
}

}  // namespace outpost::test
