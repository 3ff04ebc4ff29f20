// The server's end of a line for news, message by message.
#include "tools/oxserver/push.h"

#include <catch2/catch.hpp>

#include "tests/oxserver/harness.h"

using namespace outpost;
using namespace outpost::oxserver;

namespace {

using Messages = std::vector<std::string>;
constexpr const char* kOld = "/socket.io/appsuite/?EIO=3&transport=websocket&session=s";
constexpr const char* kNew = "/socket.io/appsuite/?EIO=4&transport=websocket&session=s";

int RefusalOf(const std::string& target, bool upgrade = true) {
  const auto response = RefusePush(target, upgrade);
  if (!response) return -1;
  CHECK(response->status == 400);
  return test::Json::parse(response->body).at("code");
}

}  // namespace

TEST_CASE("push: what is no request for a line is refused with Engine.IO's own codes", "[oxserver][push]") {
  CHECK(IsPushPath("/socket.io/appsuite?EIO=3"));
  CHECK(IsPushPath("/socket.io/appsuite/?EIO=3"));
  CHECK_FALSE(IsPushPath("/socket.io/appsuites/?EIO=3"));
  CHECK_FALSE(IsPushPath("/socket.io/"));
  CHECK(RefusalOf(kOld) == -1);
  CHECK(RefusalOf(kNew) == -1);
  CHECK(RefusalOf(kNew, false) == 3);
  CHECK(RefusalOf("/socket.io/appsuite/?EIO=4&transport=polling") == 0);
  CHECK(RefusalOf("/socket.io/appsuite/?transport=websocket") == 5);
  CHECK(RefusalOf("/socket.io/appsuite/?EIO=2&transport=websocket") == 5);
  CHECK(RefusalOf(std::string(kNew) + "&sid=x") == 1);
}

TEST_CASE("push: protocol 3 joins by itself and is pinged by the client", "[oxserver][push]") {
  PushLine line(kOld, "line-1");
  const Messages begin = line.Begin();
  REQUIRE(begin.size() == 2);
  const auto open = test::Json::parse(begin[0].substr(1));
  CHECK(open.at("sid") == "line-1");
  CHECK(open.at("pingInterval") == PushLine::kPingInterval.count());
  CHECK(begin[1] == "40");
  CHECK(line.Event("ox:mail:new", "{}") == Messages{"42[\"ox:mail:new\",{}]"});
  CHECK(line.Receive("2probe") == Messages{"3probe"});
  CHECK(line.Tick().empty());
  CHECK(line.Tick().empty());
  CHECK(line.Receive("2") == Messages{"3"});
  for (int i = 0; i < 3; ++i) CHECK(line.Tick().empty());
  CHECK_FALSE(line.ended());
  line.Tick();
  CHECK(line.ended());  // silent for longer than interval and timeout
}

TEST_CASE("push: protocol 4 joins when asked and is pinged by the server", "[oxserver][push]") {
  PushLine line(kNew, "line-1");
  CHECK(line.Begin().size() == 1);
  CHECK(line.Event("ox:mail:new", "{}").empty());
  CHECK(line.Receive("40") == Messages{"40{\"sid\":\"line-1\"}"});
  CHECK(line.Event("ox:mail:new", "{}").size() == 1);
  CHECK(line.Tick() == Messages{"2"});
  CHECK(line.Receive("3").empty());
  CHECK_FALSE(line.ended());
  CHECK(line.Receive("2").empty());
  CHECK(line.ended());
}

TEST_CASE("push: a mail is told to who gets it, an appointment to those in whose calendar it stands",
          "[oxserver][push]") {
  std::vector<std::string> told;
  LogicOptions options;
  options.on_event = [&](int user, const std::string& topic, const std::string& data) {
    told.push_back(std::to_string(user) + " " + topic + " " + data);
  };
  test::Bench bench(options);
  test::Client anna(bench), bert(bench, "bert");
  const std::string mail = "From: anna@example.com\r\nTo: bert@example.com\r\nSubject: x\r\n\r\nx\r\n";
  REQUIRE(anna.Raw("PUT", "mail?action=new&session=" + anna.session, mail, "message/rfc822").status == 200);
  REQUIRE(told.size() == 1);
  CHECK(told[0] == "4 ox:mail:new {\"folder\":\"default0/INBOX\",\"id\":\"1\"}");
  told.clear();
  const std::string calendar = anna.Get("config/folder/calendar")["data"].dump();
  const std::string theirs = bert.Get("config/folder/calendar")["data"].dump();
  const auto made =
      anna.Put("calendar?action=new", {{"folder_id", anna.Get("config/folder/calendar")["data"]},
                                       {"title", "Meeting"},
                                       {"start_date", 1'700'010'000'000},
                                       {"end_date", 1'700'013'600'000},
                                       {"participants", {{{"type", 1}, {"id", 3}}, {{"type", 1}, {"id", 4}}}}});
  REQUIRE(test::CodeOf(made).empty());
  REQUIRE(told.size() >= 2);
  const auto number = [](std::string text) {
    text.erase(std::remove(text.begin(), text.end(), '"'), text.end());
    return text;
  };
  CHECK(std::find(told.begin(), told.end(),
                  "3 ox:calendar:updates {\"folders\":[\"cal://0/" + number(calendar) + "\"],\"needsAction\":[]}") !=
        told.end());
  CHECK(std::find(told.begin(), told.end(),
                  "4 ox:calendar:updates {\"folders\":[\"cal://0/" + number(theirs) + "\"],\"needsAction\":[]}") !=
        told.end());
}

TEST_CASE("push: a line needs the session and its cookies", "[oxserver][push]") {
  test::Bench bench;
  test::Client anna(bench);
  HttpRequest request{"GET", std::string("/socket.io/appsuite/?session=") + anna.session, {{"User-Agent", "test"}}, ""};
  CHECK(std::holds_alternative<HttpResponse>(bench.logic->Admit(request)));
  request.headers.emplace_back("Cookie", anna.cookies);
  const auto admitted = bench.logic->Admit(request);
  REQUIRE(std::holds_alternative<SessionOf>(admitted));
  CHECK(std::get<SessionOf>(admitted).user == 3);
  CHECK(bench.logic->HasSession(anna.session));
  anna.Raw("GET", "login?action=logout&session=" + anna.session);
  CHECK_FALSE(bench.logic->HasSession(anna.session));
}
