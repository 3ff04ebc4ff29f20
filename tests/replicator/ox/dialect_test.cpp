#include <catch2/catch.hpp>

#include "replicator/ox/ox_dialect.h"
#include "tests/replicator/ox/fake_transport.h"

namespace outpost::test {
namespace {

const std::string kSignedIn = R"({"session":"s1-secret","user_id":4})";
const std::string kUpdated = R"({"data":{},"timestamp":60})";
const std::string kLost = R"({"error":"e","code":"SES-0203","category":4})";

Ask Update() { return ask::Update{"31", "", "7", ItemType::kContact, 50, {}}; }
Ask Changes() { return ask::Changes{"31", ItemType::kContact, 100}; }

// A dialect on a strand and a transport that the test drives.
struct Rig {
  Rig() { dialect = MakeOxDialect(Options(), transport, strand, clock, log); }
  static OxOptions Options() {
    OxOptions options;
    options.base_url = "https://ox.example/ajax";
    options.user = "anna";
    options.password = "pass-secret";
    return options;
  }
  std::shared_ptr<std::vector<Reply>> Send(std::vector<Ask> asks) {
    auto replies = std::make_shared<std::vector<Reply>>();
    dialect->Send(std::move(asks), [replies](Reply reply) { replies->push_back(std::move(reply)); });
    Run();
    return replies;
  }
  void Run() { REQUIRE(strand.RunAll(1000)); }
  void Answer(HttpResult result) {
    REQUIRE(transport.open() > 0);
    transport.Answer(std::move(result));
    Run();
  }
  void Answer(const std::string& body) { Answer(Whole(200, body)); }
  void AnswerOf(const std::string& url_part, HttpResult result) {
    INFO(url_part);
    REQUIRE(transport.Answer(std::move(result), url_part));
    Run();
  }
  void AnswerOf(const std::string& url_part, const std::string& body) { AnswerOf(url_part, Whole(200, body)); }
  // Lets the first sign-in succeed. What it was for has left with its questions, and is still open.
  void AnswerSignIn() {
    Answer(kSignedIn);
    AnswerOf("tombstoneCleanup", R"({"data":1000})");
    AnswerOf("currentTime", R"({"data":5000})");
    AnswerOf("folder/contacts", R"({"data":31})");
    AnswerOf("mail/deletemail", R"({"data":true})");
    AnswerOf("/contacts?action=updates", R"({"data":[],"timestamp":0})");
  }
  // The newest that is neither of the sign-in nor of its questions.
  const HttpRequest& Newest() const {
    return *std::find_if(transport.sent.rbegin(), transport.sent.rend(), [](const HttpRequest& request) {
      return request.url.find("/config/") == std::string::npos && request.url.find("/login") == std::string::npos &&
             request.url.find("/contacts?action=updates") == std::string::npos;
    });
  }
  bool LastWas(const std::string& part) const { return transport.sent.back().url.find(part) != std::string::npos; }

  ManualClock clock{Millis{777}};
  ManualStrand strand{clock};
  FakeTransport transport{strand};
  KeptLog log;
  std::unique_ptr<Dialect> dialect;
};

Failure FailureAfter(HttpResult result, Ask ask) {
  Rig rig;
  const auto replies = rig.Send({std::move(ask)});
  rig.AnswerSignIn();
  rig.Answer(std::move(result));
  REQUIRE(replies->size() == 1);
  REQUIRE(replies->front().failure);
  CHECK(rig.transport.open() == 0);
  return *replies->front().failure;
}

}  // namespace

TEST_CASE("ox dialect: the first Send signs in, asks for clock and horizon once, and is one multiple", "[ox]") {
  Rig rig;
  const auto replies = rig.Send({Update(), Update()});
  REQUIRE(rig.LastWas("/login?action=login"));
  CHECK(rig.transport.sent.back().body == "name=anna&password=pass-secret&client=outpost");
  CHECK(rig.transport.cookies_cleared == 1);
  rig.AnswerSignIn();
  REQUIRE(rig.Newest().url == "https://ox.example/ajax/multiple?session=s1-secret");
  rig.Answer("[" + kUpdated + "," + kUpdated + "]");
  REQUIRE(replies->size() == 1);
  REQUIRE_FALSE(replies->front().failure);
  REQUIRE(replies->front().answers.size() == 2);
  CHECK(replies->front().answers[1].version == 60);
  CHECK(rig.dialect->session().user_id == "4");
  CHECK(rig.dialect->session().tombstone_horizon == Millis{1000});
  CHECK(rig.dialect->session().server_now == Millis{5000});
  CHECK(rig.dialect->session().deltas_complete);
  CHECK(rig.dialect->session().mail_goes_for_good == true);
  CHECK(rig.dialect->requests() == 7);
  const auto more = rig.Send({Update()});
  rig.Answer("[" + kUpdated + "]");
  CHECK(more->size() == 1);
  CHECK(rig.dialect->requests() == 8);
}

TEST_CASE("ox dialect: what a sign-in is for leaves with its questions, and its answer waits for what it needs",
          "[ox]") {
  const std::string none = R"([{"data":[],"timestamp":0}])";
  Rig rig;
  const auto first = rig.Send({Changes()});
  rig.Answer(kSignedIn);
  CHECK(rig.transport.open() == 5);
  rig.AnswerOf("/multiple", none);
  rig.AnswerOf("tombstoneCleanup", R"({"data":1000})");
  rig.AnswerOf("currentTime", R"({"data":5000})");
  rig.AnswerOf("mail/deletemail", R"({"data":false})");
  CHECK(first->empty());
  rig.AnswerOf("folder/contacts", R"({"data":31})");
  REQUIRE(first->size() == 1);
  CHECK_FALSE(first->front().failure);
  CHECK(rig.dialect->session().tombstone_horizon == Millis{1000});
  const auto second = rig.Send({Changes()});  // how deletions are told is being asked
  rig.AnswerOf("/multiple", none);
  CHECK(second->empty());
  rig.AnswerOf("/contacts?action=updates", R"({"data":[],"timestamp":0})");
  REQUIRE(second->size() == 1);
  CHECK(rig.dialect->session().deltas_complete);
}

TEST_CASE("ox dialect: a write whose answer waits for a question that fails may be done, and the question comes again",
          "[ox]") {
  Rig rig;
  const auto replies = rig.Send({Update()});
  rig.Answer(kSignedIn);
  rig.AnswerOf("/multiple", "[" + kUpdated + "]");
  rig.AnswerOf("tombstoneCleanup", Whole(503, "down"));
  REQUIRE(replies->size() == 1);
  REQUIRE(replies->front().failure);
  CHECK(replies->front().failure->maybe_applied);
  while (rig.transport.open() > 0) rig.Answer(R"({"data":5000})");
  const auto more = rig.Send({Changes()});
  CHECK(rig.transport.open() == 5);
  rig.AnswerOf("/multiple", R"([{"data":[],"timestamp":0}])");
  for (const char* path : {"tombstoneCleanup", "currentTime", "mail/deletemail"})
    rig.AnswerOf(path, R"({"data":7000})");
  CHECK(more->empty());
  rig.AnswerOf("folder/contacts", Whole(404, "not here"));
  REQUIRE(more->size() == 1);
  CHECK_FALSE(more->front().failure);
}

TEST_CASE("ox dialect: a question that meets a lost session is no answer, and comes again with the next one", "[ox]") {
  Rig rig;
  const auto failed = rig.Send({Changes()});
  rig.Answer(kSignedIn);
  rig.AnswerOf("tombstoneCleanup", Whole(503, "down"));
  rig.AnswerOf("/multiple", R"([{"data":[],"timestamp":0}])");
  REQUIRE(failed->size() == 1);
  CHECK(failed->front().failure);
  while (rig.transport.open() > 0) rig.Answer(R"({"data":5000})");
  const auto lost = rig.Send({Changes()});
  rig.AnswerOf("tombstoneCleanup", Whole(403, "<html>no session</html>"));
  rig.AnswerOf("/multiple", R"([{"data":[],"timestamp":0}])");
  REQUIRE(lost->size() == 1);
  CHECK(lost->front().failure);
  while (rig.transport.open() > 0) rig.Answer(R"({"data":5000})");
  CHECK(rig.dialect->session().tombstone_horizon == Millis{0});
  const auto replies = rig.Send({Changes()});
  REQUIRE(rig.LastWas("/login?action=login"));
  rig.AnswerSignIn();
  rig.AnswerOf("/multiple", R"([{"data":[],"timestamp":0}])");
  REQUIRE(replies->size() == 1);
  CHECK_FALSE(replies->front().failure);
  CHECK(rig.dialect->session().tombstone_horizon == Millis{1000});
}

TEST_CASE("ox dialect: a server that does not tell clock and horizon gets the usual ones", "[ox]") {
  Rig rig;
  std::optional<SessionInfo> info;
  rig.dialect->SignIn([&](std::optional<Failure> failure, SessionInfo told) {
    CHECK_FALSE(failure);
    info = told;
  });
  rig.Answer(kSignedIn);
  rig.Answer(R"({"error":"no such setting","code":"USS-0001","category":1})");
  rig.Answer(Whole(404, "not here"));
  rig.Answer(Whole(403, "not for you"));  // of a session just made: a proxy that lets not everything through
  rig.Answer(R"({"data":"perhaps"})");
  REQUIRE(info);
  CHECK_FALSE(info->deltas_complete);
  CHECK_FALSE(info->mail_goes_for_good);
  CHECK(info->tombstone_horizon == Millis{7'257'600'000});
  CHECK(info->server_now == Millis{777});
}

TEST_CASE("ox dialect: no answer about clock and horizon is a failed sign-in, not the usual values", "[ox]") {
  for (const HttpResult& result :
       {HttpResult{false, {}, LinkFault::kBroken, "cut"}, Whole(503, "down"), Whole(200, "<html>a portal</html>"),
        Whole(200, R"({"error":"later","code":"SRV-0002","category":4})"), Whole(200, kLost)}) {
    Rig rig;
    int failed = 0;
    rig.dialect->SignIn([&](std::optional<Failure> failure, SessionInfo) { failed += failure ? 1 : 0; });
    rig.Answer(kSignedIn);
    rig.Answer(result);
    CHECK(failed == 1);
    // The other questions were under way: what they bring changes nothing any more.
    const std::size_t sent = rig.transport.sent.size();
    rig.Answer(R"({"data":5000})");
    rig.Answer(R"({"data":31})");
    rig.Answer(R"({"data":true})");
    CHECK(rig.transport.open() == 0);
    CHECK(rig.transport.sent.size() == sent);
    CHECK(failed == 1);
  }
}

TEST_CASE("ox dialect: a server that looks deletions up by the newest row is told from one that does not", "[ox]") {
  Rig rig;
  std::optional<SessionInfo> info;
  rig.dialect->SignIn([&](std::optional<Failure>, SessionInfo told) { info = told; });
  rig.Answer(kSignedIn);
  rig.Answer(R"({"data":1000})");
  rig.Answer(R"({"data":5000})");
  rig.Answer(R"({"data":31})");
  rig.Answer(R"({"data":false})");
  REQUIRE(rig.LastWas("/contacts?action=updates"));
  rig.Answer(R"({"data":[],"timestamp":4102444800000})");
  REQUIRE(info);
  CHECK_FALSE(info->deltas_complete);
}

TEST_CASE("ox dialect: a lost session is made anew once, then the same request goes again", "[ox]") {
  for (const int status : {200, 400, 403}) {
    Rig rig;
    const auto replies = rig.Send({Update()});
    rig.AnswerSignIn();
    const std::string first = rig.Newest().body;
    rig.Answer(status == 200 ? Whole(200, kLost) : Whole(status, "<html>no session</html>"));
    REQUIRE(rig.LastWas("/login?action=login"));
    rig.Answer(R"({"session":"s2-secret","user_id":4})");
    REQUIRE(rig.LastWas("/multiple?session=s2-secret"));
    CHECK(rig.transport.sent.back().body == first);
    rig.Answer("[" + kUpdated + "]");
    REQUIRE(replies->size() == 1);
    CHECK_FALSE(replies->front().failure);
    CHECK(rig.dialect->requests() == 9);
  }
}

TEST_CASE("ox dialect: a session lost twice is a failure, not a third sign-in", "[ox]") {
  Rig rig;
  const auto replies = rig.Send({Update()});
  rig.AnswerSignIn();
  rig.Answer("[" + kLost + "]");
  rig.Answer(kSignedIn);
  rig.Answer("[" + kLost + "]");
  REQUIRE(replies->size() == 1);
  REQUIRE(replies->front().failure);
  CHECK(replies->front().failure->why == LinkState::kProtocolError);
  CHECK_FALSE(replies->front().failure->maybe_applied);
  CHECK(rig.transport.open() == 0);
}

TEST_CASE("ox dialect: a session lost in the middle repeats only what was not done", "[ox]") {
  Rig rig;
  const auto replies = rig.Send({Update(), ask::Create{"31", ItemType::kContact, {}}, Update()});
  rig.AnswerSignIn();
  rig.Answer("[" + kUpdated + "," + kLost + R"(,{"data":{},"timestamp":61}])");
  rig.Answer(kSignedIn);
  CHECK(rig.transport.sent.back().body.find("\"new\"") != std::string::npos);
  CHECK(rig.transport.sent.back().body.find("\"update\"") == std::string::npos);
  rig.Answer(R"([{"data":{"id":9},"timestamp":70}])");
  REQUIRE(replies->size() == 1);
  REQUIRE_FALSE(replies->front().failure);
  CHECK(replies->front().answers[0].version == 60);
  CHECK(replies->front().answers[1].remote_id == "9");
  CHECK(replies->front().answers[2].version == 61);
}

TEST_CASE("ox dialect: a failure after some writes were done says so", "[ox]") {
  Rig rig;
  const auto replies = rig.Send({Update(), Update()});
  rig.AnswerSignIn();
  rig.Answer("[" + kUpdated + "," + kLost + "]");
  rig.Answer(Faulty(LinkFault::kNotSent));
  REQUIRE(replies->size() == 1);
  CHECK(replies->front().failure->why == LinkState::kOffline);
  CHECK(replies->front().failure->maybe_applied);
}

TEST_CASE("ox dialect: after a write without answer its session is ended before anything else is asked", "[ox]") {
  Rig rig;
  const auto write = rig.Send({Update()});
  rig.AnswerSignIn();
  rig.Answer(Faulty(LinkFault::kBroken));
  REQUIRE(write->size() == 1);
  REQUIRE(write->front().failure->maybe_applied);
  const auto read = rig.Send({Changes()});
  REQUIRE(rig.transport.open() == 1);
  CHECK(rig.transport.sent.back().url == "https://ox.example/ajax/login?action=logout&session=s1-secret");
  const int cleared = rig.transport.cookies_cleared;  // it needs the session's
  SECTION("it is not ended: nothing is asked") {
    rig.Answer(Faulty(LinkFault::kBroken));
    REQUIRE(read->size() == 1);
    CHECK(read->front().failure->why == LinkState::kOffline);
    const auto again = rig.Send({Changes()});
    CHECK(rig.LastWas("action=logout"));
    rig.Answer(Whole(200, "<html>Welcome to our hotel</html>", {{"content-type", "text/html"}}));
    REQUIRE(again->size() == 1);
    CHECK(again->front().failure->why == LinkState::kCaptivePortal);
    rig.Send({Changes()});
    CHECK(rig.LastWas("action=logout"));
    CHECK(rig.transport.open() == 1);
  }
  SECTION("it is, or is not there any more") {
    rig.Answer(GENERATE(Whole(200, ""), Whole(403, "<html>403</html>")));
    REQUIRE(rig.LastWas("action=login"));
    CHECK(rig.transport.cookies_cleared == cleared + 1);
    rig.Answer(R"({"session":"s2","user_id":4})");
    rig.Answer(R"([{"data":[],"timestamp":0}])");
    REQUIRE(read->size() == 1);
    CHECK_FALSE(read->front().failure);
    CHECK(rig.transport.sent.back().url.find("session=s2") != std::string::npos);
  }
}

TEST_CASE("ox dialect: a read without answer leaves the session as it is", "[ox]") {
  Rig rig;
  rig.Send({Changes()});
  rig.AnswerSignIn();
  rig.Answer(Faulty(LinkFault::kBroken));
  rig.Send({Changes()});
  CHECK_FALSE(rig.LastWas("/login"));
}

TEST_CASE("ox dialect: several Sends with a lost session share one sign-in", "[ox]") {
  Rig rig;
  const auto first = rig.Send({Update()});
  const auto second = rig.Send({Changes()});
  CHECK(rig.transport.open() == 1);
  rig.AnswerSignIn();
  CHECK(rig.transport.open() == 2);
  rig.Answer("[" + kLost + "]");
  rig.Answer("[" + kLost + "]");
  CHECK(rig.transport.open() == 1);
  rig.Answer(R"({"session":"s2","user_id":4})");
  CHECK(rig.transport.open() == 2);
  rig.Answer("[" + kUpdated + "]");
  rig.Answer(R"([{"data":[],"timestamp":0}])");
  CHECK(first->size() == 1);
  CHECK(second->size() == 1);
  CHECK(rig.dialect->requests() == 11);
}

TEST_CASE("ox dialect: a wrong password is one sentence and no second try", "[ox]") {
  Rig rig;
  const auto replies = rig.Send({Update()});
  rig.Answer(R"({"error":"anna: pass-secret is wrong","code":"LGI-0006","category":1})");
  REQUIRE(replies->size() == 1);
  REQUIRE(replies->front().failure);
  CHECK(replies->front().failure->why == LinkState::kWrongPassword);
  CHECK_FALSE(replies->front().failure->maybe_applied);
  CHECK(replies->front().failure->text == "ox.example refused the sign-in: user name or password is wrong (LGI-0006)");
  const auto again = rig.Send({Update()});
  REQUIRE(again->size() == 1);
  CHECK(again->front().failure->why == LinkState::kWrongPassword);
  CHECK(rig.dialect->requests() == 1);
  rig.dialect->SignIn([](std::optional<Failure>, SessionInfo) {});
  CHECK(rig.transport.open() == 1);
}

TEST_CASE("ox dialect: too many sessions is no wrong password", "[ox]") {
  Rig rig;
  const auto replies = rig.Send({Update()});
  rig.Answer(R"({"error":"e","code":"SES-0007","category":8})");
  CHECK(replies->at(0).failure->why == LinkState::kServerDown);
}

TEST_CASE("ox dialect: each way a request can fail has its state", "[ox]") {
  const auto offline = FailureAfter(Faulty(LinkFault::kNotSent), Update());
  CHECK(offline.why == LinkState::kOffline);
  CHECK_FALSE(offline.maybe_applied);
  const auto broken = FailureAfter(Faulty(LinkFault::kBroken), Update());
  CHECK(broken.why == LinkState::kOffline);
  CHECK(broken.maybe_applied);
  CHECK_FALSE(FailureAfter(Faulty(LinkFault::kBroken), Changes()).maybe_applied);
  CHECK(FailureAfter(Faulty(LinkFault::kCertificate), Update()).why == LinkState::kWrongCertificate);
  const auto throttled = FailureAfter(Whole(429, "slow down", {{"retry-after", "12"}}), Update());
  CHECK(throttled.why == LinkState::kThrottled);
  CHECK(throttled.retry_after == Millis{12'000});
  CHECK_FALSE(throttled.maybe_applied);
  const auto down = FailureAfter(Whole(503, "<html>", {{"retry-after", "Mon, 23 Nov 2026 08:00:00 GMT"}}), Update());
  CHECK(down.why == LinkState::kServerDown);
  CHECK(down.retry_after == Millis{0});
  CHECK(down.maybe_applied);
  CHECK_FALSE(FailureAfter(Whole(500, ""), Changes()).maybe_applied);
  CHECK(FailureAfter(Whole(404, ""), Update()).why == LinkState::kProtocolError);
  const auto cut = FailureAfter(Whole(200, R"([{"data":{},"timest)"), Update());
  CHECK(cut.why == LinkState::kProtocolError);
  CHECK(cut.maybe_applied);
  CHECK_FALSE(FailureAfter(Whole(200, R"([{"data":[)"), Changes()).maybe_applied);
  CHECK(FailureAfter(Whole(200, R"({"error":"e","code":"SVL-0001","category":5})"), Update()).why ==
        LinkState::kServerDown);
}

TEST_CASE("ox dialect: going away answers what is open, once", "[ox]") {
  Rig rig;
  const auto sent = rig.Send({Update()});
  rig.AnswerSignIn();
  rig.dialect.reset();
  CHECK(sent->empty());
  rig.Run();
  REQUIRE(sent->size() == 1);
  CHECK(sent->front().failure->why == LinkState::kOffline);
  CHECK(sent->front().failure->maybe_applied);
  rig.Answer("[" + kUpdated + "]");
  CHECK(sent->size() == 1);
}

TEST_CASE("ox dialect: a callback may destroy the dialect", "[ox]") {
  Rig rig;
  int answered = 0;
  for (int i = 0; i < 3; ++i)
    rig.dialect->Send({Update()}, [&](Reply) {
      ++answered;
      rig.dialect.reset();
    });
  rig.Answer(Whole(503, ""));
  CHECK(answered == 3);
}

TEST_CASE("ox dialect: items that are not carried are refused without asking", "[ox]") {
  Rig rig;
  const auto replies = rig.Send({ask::Create{"31", ItemType::kMail, {}}});
  REQUIRE(replies->size() == 1);
  CHECK_FALSE(replies->front().failure);
  CHECK(replies->front().answers.at(0).status == AnswerStatus::kRefused);
  CHECK(rig.dialect->requests() == 0);
  const auto none = rig.Send({});
  CHECK(none->size() == 1);
}

TEST_CASE("ox dialect: secrets are in no log line and no text", "[ox]") {
  Rig rig;
  const auto replies = rig.Send({Update()});
  rig.AnswerSignIn();
  rig.Answer("[" + kLost + "]");
  rig.Answer(kSignedIn);
  rig.Answer(Whole(503, "s1-secret pass-secret"));
  REQUIRE(replies->size() == 1);
  const std::string all = rig.log.text() + replies->front().failure->text;
  CHECK(all.find("signed in at ox.example") != std::string::npos);
  CHECK(all.find("secret") == std::string::npos);
}

}  // namespace outpost::test
