// How the client hears that there is something new.
#include "replicator/ox/push.h"

#include <catch2/catch.hpp>

#include "base/log.h"
#include "base/strand.h"
#include "tests/replicator/ox/fake_transport.h"

namespace outpost::test {
namespace {

using Kind = PushPacket::Kind;

constexpr const char* kHello = "0{\"sid\":\"x\",\"upgrades\":[],\"pingInterval\":25000,\"pingTimeout\":60000}";

// A transport whose lines are in the test's hand.
class Lines final : public Transport {
 public:
  explicit Lines(Strand& strand) : strand_(strand) {}
  void Send(HttpRequest, Millis, std::function<void(HttpResult)>) override { FAIL("no request is due"); }
  void ClearCookies() override {}
  std::unique_ptr<OpenLine> Open(HttpRequest request, Millis, std::uint64_t, LineEvents events) override {
    urls.push_back(request.url);
    events_ = std::move(events);
    return std::make_unique<Line>(*this);
  }
  void Say(const std::string& text) {
    strand_.Post([say = events_.message, text] { say(text); });
  }
  void End(int status) {
    strand_.Post([end = events_.closed, status] { end(status, "test"); });
  }

  std::vector<std::string> urls;
  std::vector<std::string> sent;
  int gone = 0;

 private:
  struct Line final : OpenLine {
    explicit Line(Lines& lines) : owner(lines) {}
    ~Line() override { ++owner.gone; }
    void Send(std::string text) override { owner.sent.push_back(std::move(text)); }
    Lines& owner;
  };
  Strand& strand_;
  LineEvents events_;
};

struct Listening {
  Listening() {
    PushOptions options;
    options.base_url = "https://host/ajax";
    options.deadline = Millis{60'000};
    push = std::make_unique<Push>(options, lines, strand, clock, NullLog());
  }
  void Keep(const std::string& session = "s1") {
    push->Keep(session, [this] { ++news; });
  }
  void RunFor(Millis time) {
    bool there = false;
    strand.PostAfter(time, [&] { there = true; });
    while (!there) REQUIRE(strand.RunOne());
  }
  ManualClock clock{Millis{1'700'000'000'000}};
  ManualStrand strand{clock};
  Lines lines{strand};
  int news = 0;
  std::unique_ptr<Push> push;
};

}  // namespace

TEST_CASE("push: packets of the protocol, and what is none", "[ox][push]") {
  const auto open = ReadPushPacket(kHello);
  REQUIRE(open);
  CHECK(open->kind == Kind::kOpen);
  CHECK(open->interval == Millis{25'000});
  CHECK(open->timeout == Millis{60'000});
  CHECK(ReadPushPacket("0{}")->interval == Millis{25'000});
  CHECK(ReadPushPacket("0{\"pingInterval\":0}")->interval > Millis{0});
  CHECK(ReadPushPacket("0{\"pingInterval\":9000000000000000}")->interval <= Millis{300'000});
  CHECK(ReadPushPacket("2")->text == "3");
  CHECK(ReadPushPacket("2probe")->text == "3probe");
  CHECK(ReadPushPacket("42[\"ox:mail:new\",{\"folder\":\"x\"}]")->text == "ox:mail:new");
  CHECK(ReadPushPacket("42/name,17[\"a\"]")->text == "a");
  CHECK(ReadPushPacket("40")->kind == Kind::kOther);
  CHECK(ReadPushPacket("3")->kind == Kind::kOther);
  for (const char* end : {"1", "41", "44{}"}) CHECK(ReadPushPacket(end)->kind == Kind::kEnd);
  for (const char* none : {"", "x", "4", "0", "0[", "0{\"pingInterval\":\"x\"}", "42", "42{}", "42[]", "42[1]", "42/",
                           "42/a", "42[\"a", "429"})
    CHECK_FALSE(ReadPushPacket(none));
}

TEST_CASE("push: each event is news, once the server has accepted the line", "[ox][push]") {
  Listening here;
  here.Keep();
  REQUIRE(here.lines.urls.size() == 1);
  CHECK(here.lines.urls[0] == "https://host/socket.io/appsuite/?EIO=3&transport=websocket&session=s1");
  here.lines.Say("42[\"ox:mail:new\",{}]");
  here.RunFor(Millis{1});
  CHECK(here.news == 0);
  CHECK_FALSE(here.push->open());
  here.lines.Say(kHello);
  here.lines.Say("40");
  here.lines.Say("42[\"ox:mail:new\",{}]");
  here.lines.Say("42[\"ox:calendar:updates\",{}]");
  here.RunFor(Millis{1});
  CHECK(here.push->open());
  CHECK(here.news == 2);
  here.Keep();
  CHECK(here.lines.urls.size() == 1);
  here.Keep("s2");  // the session is another one
  CHECK(here.lines.urls.size() == 2);
  CHECK(here.lines.gone == 1);
}

TEST_CASE("push: a server that answers no ping is gone", "[ox][push]") {
  Listening here;
  here.Keep();
  here.lines.Say(kHello);
  for (int i = 0; i < 10; ++i) {
    here.RunFor(Millis{25'000});
    here.lines.Say("3");
  }
  CHECK(here.push->open());
  CHECK(here.lines.sent.size() >= 9);
  CHECK(here.lines.sent.front() == "2");
  here.RunFor(Millis{120'000});
  CHECK_FALSE(here.push->open());
  CHECK(here.lines.gone == 1);
  here.Keep();  // it had been open: no need to wait
  CHECK(here.lines.urls.size() == 2);
}

TEST_CASE("push: a server that does not say its word, or says nonsense, ends the line", "[ox][push]") {
  Listening here;
  here.Keep();
  here.RunFor(Millis{61'000});
  CHECK(here.lines.gone == 1);
  here.RunFor(Push::kPauseLeast);
  here.Keep();
  here.lines.Say(kHello);
  here.lines.Say("nonsense");
  here.RunFor(Millis{1});
  CHECK_FALSE(here.push->open());
  CHECK(here.lines.gone == 2);
}

TEST_CASE("push: lines that fail are tried less and less often, and where there are none once an hour", "[ox][push]") {
  Listening here;
  const auto tries_in = [&](Millis time, int status) {
    const std::size_t before = here.lines.urls.size();
    for (Millis past{0}; past < time; past += Millis{30'000}) {
      const std::size_t had = here.lines.urls.size();
      here.Keep();
      if (here.lines.urls.size() > had) here.lines.End(status);
      here.RunFor(Millis{30'000});
    }
    return here.lines.urls.size() - before;
  };
  const std::size_t failing = tries_in(Millis{24 * 3'600'000}, 0);
  CHECK(failing >= 24);
  CHECK(failing <= 32);
  const std::size_t without = tries_in(Millis{24 * 3'600'000}, 404);
  CHECK(without >= 22);
  CHECK(without <= 25);
}

}  // namespace outpost::test
