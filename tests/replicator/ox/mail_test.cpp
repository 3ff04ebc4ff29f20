// Mails on the wire, both ways, as texts.
#include "replicator/ox/mail.h"

#include <catch2/catch.hpp>

#include "replicator/ox/answers.h"

namespace outpost::test {
namespace {

using Texts = std::vector<std::string>;
const std::string kExamined = R"({"data":{"validity":"9","total":2,"unread":1,"next":"18"}})";

std::string BodyOfMail(const Ask& ask) {
  const std::vector<Ask> asks{ask};
  return WriteMultiple(asks, PlanElements(asks));
}

Result<MultipleReply> ReadMail(const Ask& ask, std::string body) {
  const std::vector<Ask> asks{ask};
  AnswerReader reader({ItemType::kMail});
  return reader.ReadMultiple(body, asks, PlanElements(asks));
}

Ask FetchMails(std::vector<std::string> ids) { return ask::Fetch{"default0/INBOX", ItemType::kMail, std::move(ids)}; }

std::string RowOfMail(const std::string& id, const std::string& flags, const std::string& rest) {
  return "[\"" + id + "\"," + flags + ",3," + rest + "]";
}
constexpr const char* kPlain =
    R"("S",[["Ada","a@x.y"],[null,"b@x.y"]],[],null,[],5,6,7,true,3,null,"<m@x>",null,["<r@x>","<q@x>"])";

}  // namespace

TEST_CASE("ox mail: ids name folder, validity and number, whatever is in the folder's name", "[ox][mail]") {
  const std::string joined = JoinMailId("default0/a:b", "9", "17");
  const auto id = SplitMailId(joined);
  REQUIRE(id);
  CHECK(id->folder == "default0/a:b");
  CHECK(id->validity == "9");
  CHECK(id->id == "17");
  for (const char* bad : {"", "17", "a:17", ":17"}) CHECK_FALSE(SplitMailId(bad));
}

TEST_CASE("ox mail: a version is the state of flags and colour, and says nothing of what passes", "[ox][mail]") {
  CHECK(MailVersion(0, 0) > 0);
  CHECK(MailVersion(32, 0) == MailVersion(32 | 16 | 64, 0));
  CHECK(MailVersion(32, 1) != MailVersion(32, 2));
  ask::Update update{"f", "", "f:9:17", ItemType::kMail, MailVersion(32 | 4, 5), {{field::kMailSeen, false}}};
  CHECK(VersionAfter(update) == MailVersion(4, 5));
  update.fields = {{field::kMailFlagged, true}, {field::kMailColor, Value{}}};
  CHECK(VersionAfter(update) == MailVersion(32 | 4 | 8, 0));
}

TEST_CASE("ox mail: requests", "[ox][mail]") {
  CHECK(BodyOfMail(ask::Examine{"default0/INBOX", ItemType::kMail}) ==
        R"([{"module":"mail","action":"examine","timezone":"UTC","folder":"default0/INBOX"}])");
  CHECK(BodyOfMail(FetchMails({"default0/INBOX:9:17"})) ==
        R"([{"module":"mail","action":"examine","timezone":"UTC","folder":"default0/INBOX"},)"
        R"({"module":"mail","action":"list","timezone":"UTC",)"
        R"("columns":"600,611,102,607,603,604,605,606,609,610,608,602,614,613",)"
        R"("headers":"Message-ID,References,In-Reply-To","data":[{"id":"17","folder":"default0/INBOX"}]}])");
  ask::Update update{"a", "", "a:9:17", ItemType::kMail, 1, {{field::kMailSeen, false}}};
  CHECK(
      BodyOfMail(update) ==
      R"([{"module":"mail","action":"update","timezone":"UTC","folder":"a","id":"17","data":{"flags":32,"value":false}},)"
      R"({"module":"mail","action":"list","timezone":"UTC","columns":"600","data":[{"id":"17","folder":"a"}]}])");
  update.fields = {{field::kMailSeen, true}, {field::kMailFlagged, Value{}}, {field::kMailColor, Value{}}};
  update.target = "b";
  CHECK(BodyOfMail(update) == R"([{"module":"mail","action":"update","timezone":"UTC","folder":"a","id":"17",)"
                              R"("data":{"set_flags":32,"clear_flags":8,"color_label":0,"folder_id":"b"}},)"
                              R"({"module":"mail","action":"examine","timezone":"UTC","folder":"b"}])");
  CHECK(BodyOfMail(ask::Delete{"a", "a:9:17", ItemType::kMail, 1}) ==
        R"([{"module":"mail","action":"delete","timezone":"UTC","data":[{"id":"17","folder":"a"}]}])");
}

TEST_CASE("ox mail: flags are set where the mail is there afterwards", "[ox][mail]") {
  const Ask update = ask::Update{"a", "", "a:9:17", ItemType::kMail, MailVersion(0, 0), {{field::kMailSeen, true}}};
  const std::string done = R"([{"data":{"folder_id":"a","id":"17"}},)";
  const auto set = ReadMail(update, done + R"({"data":[["17"]]}])");
  REQUIRE(set);
  CHECK(set.value().elements.at(1).answer.status == AnswerStatus::kDone);
  CHECK(set.value().elements.at(1).answer.version == MailVersion(32, 0));
  for (const char* rows : {"[]", "[null]"}) {
    const auto gone = ReadMail(update, done + R"({"data":)" + rows + "}]");
    REQUIRE(gone);
    CHECK(gone.value().elements.at(1).answer.status == AnswerStatus::kChangedMeanwhile);
  }
  for (const char* bad : {"{}", R"({"data":7})", R"({"data":{}})"}) CHECK_FALSE(ReadMail(update, done + bad + "]"));
}

TEST_CASE("ox mail: sent, stored and looked for", "[ox][mail]") {
  struct Letter final : BodySource {
    std::uint64_t size() const override { return 0; }
    std::ptrdiff_t Read(std::span<char>) override { return 0; }
  };
  const auto letter = [] { return std::make_shared<Letter>(); };
  HttpRequest request;
  REQUIRE(WriteSubmission({"a/Sent", true, {{field::kMailSeen, true}}, letter}, "s", request));
  CHECK(request.method + request.url == "PUT/mail?action=new&session=s");
  CHECK((request.stream && request.body.empty()));
  request = {};
  const FieldMap draft{{field::kMailSeen, true}, {field::kMailDraft, true}};
  REQUIRE(WriteSubmission({"a/D", false, draft, letter}, "s", request));
  CHECK(request.method + request.url == "PUT/mail?action=new&folder=a%2FD&flags=36&session=s");
  request = {};
  REQUIRE(WriteSubmission({"a", false, {{field::kMailSeen, true}}, letter}, "s", request));
  CHECK(request.method + request.url == "POST/mail?action=import&folder=a&flags=32&force=true&session=s");
  // No two sessions part their forms alike, so no file can be made to hold what parts them.
  HttpRequest other;
  REQUIRE(WriteSubmission({"a", false, {{field::kMailSeen, true}}, letter}, "t", other));
  CHECK(request.tail != other.tail);
  CHECK(request.body.starts_with(request.tail.substr(2, request.tail.size() - 6) + "\r\n"));
  CHECK_FALSE(WriteSubmission({"a", false, {}, [] { return std::shared_ptr<Letter>(); }}, "s", request));
  CHECK(BodyOfMail(ask::Delete{"a", "a:9:17", ItemType::kMail, 1, true}).find(R"("harddelete":"true")") !=
        std::string::npos);

  const Ask receipt =
      ask::Update{"a", "", "a:9:17", ItemType::kMail, MailVersion(32, 0), {{field::kMailReceiptSent, true}}};
  CHECK(BodyOfMail(receipt) == R"([{"module":"mail","action":"receipt_ack","timezone":"UTC",)"
                               R"("data":{"folder":"a","id":"17"}}])");
  for (const char* body : {"[{}]", R"([{"data":{}}])"}) {
    const auto sent = ReadMail(receipt, body);
    REQUIRE(sent);
    CHECK(sent.value().elements.at(0).answer.version == MailVersion(32 | 512, 0));
  }

  AnswerReader reader({ItemType::kMail});
  const auto single = [&](bool send, std::string body) {
    return reader.ReadSingle(body, ask::Submit{"a", send, {}, letter});
  };
  for (const char* body : {R"({"data":{"folder_id":"b","id":"4"}})", R"({"data":[{"folder_id":"b","id":4}]})"})
    CHECK(single(false, body).value().answer.remote_id == "b::4");
  // It has left, and there is no copy of it: an error, a warning, or no word about it.
  for (const char* body : {R"({"error":"e","code":"MSG-0042","category":11})", R"({"data":null})",
                           R"({"error":"e","code":"MSG-0043","category":13,"data":{"folder_id":"b","id":"4"}})",
                           R"({"error":"e","code":"MSG-0043","category":13})"}) {
    INFO(body);
    const auto sent = single(true, body);
    REQUIRE(sent);
    CHECK(sent.value().answer.left);
    CHECK(sent.value().answer.status == AnswerStatus::kTryLater);
  }
  CHECK_FALSE(single(false, R"({"data":null})"));
  const auto refused = single(true, R"({"error":"e","code":"MSG-0076","category":1})");
  CHECK((refused.value().answer.status == AnswerStatus::kRefused && !refused.value().answer.left));
  CHECK(single(true, R"({"error":"e","code":"MSG-0075","category":1})").value().answer.status ==
        AnswerStatus::kTryLater);

  const Ask seek = ask::Seek{"a", ItemType::kMail, "<m@x>"};
  CHECK(BodyOfMail(seek) == R"([{"module":"mail","action":"examine","timezone":"UTC","folder":"a"},)"
                            R"({"module":"mail","action":"get","timezone":"UTC","folder":"a","message_id":"<m@x>",)"
                            R"("unseen":"true"}])");
  const auto found = ReadMail(seek, "[" + kExamined + R"(,{"data":{"id":"4","subject":"S"}}])");
  REQUIRE(found);
  CHECK(found.value().elements.at(1).answer.heads.at(0).remote_id == "a:9:4");
  CHECK(found.value().elements.at(1).answer.newest == "a:9:17");
  const auto none = ReadMail(seek, "[" + kExamined + R"(,{"error":"e","code":"MSG-0032","category":1}])");
  REQUIRE(none);
  CHECK(none.value().elements.at(1).answer.status == AnswerStatus::kDone);
  CHECK(none.value().elements.at(1).answer.newest == "a:9:17");
}

TEST_CASE("ox mail: rows", "[ox][mail]") {
  const Ask ask = FetchMails({"default0/INBOX:9:17"});
  const auto reply = ReadMail(ask, "[" + kExamined + R"(,{"data":[)" + RowOfMail("17", "360", kPlain) + "]}]");
  REQUIRE(reply);
  const RemoteRow row = reply.value().elements.at(1).answer.rows.at(0);
  CHECK(row.remote_id == "default0/INBOX:9:17");
  CHECK(row.folder == "default0/INBOX");
  CHECK(row.version == MailVersion(360, 3));
  CHECK(row.fields == FieldMap{{field::kMailSubject, std::string("S")},
                               {field::kMailFrom, Texts{"Ada <a@x.y>", "b@x.y"}},
                               {field::kMailSent, std::int64_t{5}},
                               {field::kMailReceived, std::int64_t{6}},
                               {field::kMailSize, std::int64_t{7}},
                               {field::kMailAttachment, true},
                               {field::kMailPriority, std::int64_t{3}},
                               {field::kMailMessageId, std::string("<m@x>")},
                               {field::kMailInReplyTo, std::string("<r@x>")},
                               {field::kMailSeen, true},
                               {field::kMailFlagged, true},
                               {field::kMailForwarded, true},
                               {field::kMailColor, std::int64_t{3}}});
  // The number is another mail's by now.
  const auto other = ReadMail(FetchMails({"default0/INBOX:8:17"}),
                              "[" + kExamined + R"(,{"data":[)" + RowOfMail("17", "0", kPlain) + "]}]");
  REQUIRE(other);
  CHECK(other.value().elements.at(1).answer.rows.empty());
}

TEST_CASE("ox mail: what is of another shape is worth nothing", "[ox][mail]") {
  const Ask ask = FetchMails({"default0/INBOX:9:17"});
  for (const std::string& body :
       {"[" + kExamined + R"(,{"data":[["17",0,0]]}])", "[" + kExamined + R"(,{"data":{}}])", "[" + kExamined + ",{}]",
        "[" + kExamined + "]", std::string(R"([{"data":{"total":2}},{"data":[]}])"),
        "[" + kExamined + R"(,{"data":[)" + RowOfMail("17", "\"x\"", kPlain) + "]}]"})
    CHECK_FALSE(ReadMail(ask, body));
  CHECK_FALSE(ReadMail(ask::Delete{"a", "a:9:17", ItemType::kMail, 1}, R"([{"data":["16"]}])"));
  CHECK_FALSE(ReadMail(ask::Update{"a", "b", "a:9:17", ItemType::kMail, 1, {}}, "[{\"data\":{}}," + kExamined + "]"));
}

TEST_CASE("ox mail: a listing's cursor tells of everything that examine tells", "[ox][mail]") {
  const Ask ask = ask::Listing{"a", ItemType::kMail};
  const auto cursor = [&](const std::string& examined) {
    const auto reply = ReadMail(ask, "[" + examined + R"(,{"data":[["18",32,0],["17",0,2]]}])");
    REQUIRE(reply);
    const Answer& answer = reply.value().elements.at(1).answer;
    CHECK(answer.heads.size() == 2);
    CHECK(answer.heads.at(0).version == MailVersion(32, 0));
    return answer.cursor;
  };
  const auto first = cursor(kExamined);
  CHECK(first > 0);
  CHECK(cursor(R"({"data":{"next":18,"unread":1,"total":2,"validity":9}})") == first);
  for (const char* other : {R"({"data":{"validity":"8","total":2,"unread":1,"next":"18"}})",
                            R"({"data":{"validity":"9","total":3,"unread":1,"next":"18"}})",
                            R"({"data":{"validity":"9","total":2,"unread":0,"next":"18"}})",
                            R"({"data":{"validity":"9","total":2,"unread":1,"next":"19"}})"})
    CHECK(cursor(other) != first);
}

TEST_CASE("ox mail: a move answers the new id, and what the server refuses of it is no word about the mail",
          "[ox][mail]") {
  const Ask ask = ask::Update{"a", "b", "a:9:17", ItemType::kMail, MailVersion(0, 0), {{field::kMailSeen, true}}};
  const auto moved = ReadMail(ask, R"([{"data":{"folder_id":"b","id":"4"}},)" + kExamined + "]");
  REQUIRE(moved);
  CHECK(moved.value().elements.at(1).answer.remote_id == "b:9:4");
  CHECK(moved.value().elements.at(1).answer.version == MailVersion(32, 0));
  const auto error = [](const char* code, int category) {
    return R"({"error":"e","code":")" + std::string(code) + R"(","category":)" + std::to_string(category) + "}";
  };
  // Done, but nobody knows where to: read back.
  CHECK_FALSE(ReadMail(ask, R"([{"data":{"folder_id":"b","id":"4"}},)" + error("IMAP-1002", 8) + "]"));
  const auto gone = ReadMail(ask, "[" + error("MSG-0032", 1) + "," + kExamined + "]");
  REQUIRE(gone);
  CHECK(gone.value().elements.at(0).answer.status == AnswerStatus::kGone);
  const auto nowhere = ReadMail(ask, "[" + error("IMAP-1002", 8) + "," + error("IMAP-1002", 8) + "]");
  REQUIRE(nowhere);
  CHECK(nowhere.value().elements.at(0).answer.status == AnswerStatus::kRefused);
}

TEST_CASE("ox mail: a server without mail has no mail folders, and the root of an account holds nothing",
          "[ox][mail]") {
  const Ask ask = ask::Folders{{ItemType::kMail}};
  const auto none = ReadMail(ask, R"([{"error":"e","code":"FLD-1","category":3}])");
  REQUIRE(none);
  CHECK(none.value().elements.at(0).answer.status == AnswerStatus::kDone);
  const auto later = ReadMail(ask, R"([{"error":"e","code":"FLD-1","category":5}])");
  REQUIRE(later);
  CHECK(later.value().elements.at(0).answer.status == AnswerStatus::kTryLater);
  const auto folders =
      ReadMail(ask, R"([{"data":{"private":[["default0","1",null,"E-Mail","mail",7,4,null,true,0],)"
                    R"(["default0/INBOX","default0",null,"INBOX","mail",7,403710016,[{"rights":"lrs"}],true,7]]}}])");
  REQUIRE(folders);
  const auto& rows = folders.value().elements.at(0).answer.rows;
  REQUIRE(rows.size() == 2);
  CHECK(rows[0].fields.at(field::kFolderModule) == Value(std::string("none")));
  CHECK(rows[1].fields.at(field::kFolderModule) == Value(std::string("mail")));
  CHECK(rows[1].version == 0);
}

}  // namespace outpost::test
