#include <catch2/catch.hpp>

#include "replicator/ox/ox_dialect.h"
#include "tests/replicator/ox/fake_transport.h"

namespace outpost::test {
namespace {

const std::string kEnvelope = R"({"error":"no session","code":"SES-0201","category":4})";

// What ProbeBase asks and finds when only `right` speaks OX.
struct Probed {
  explicit Probed(const std::string& url, const std::string& right = "", HttpResult otherwise = Whole(404, "<html>")) {
    std::optional<BaseFound> found;
    ProbeBase(url, transport, [&](BaseFound got) { found = std::move(got); });
    while (transport.open() > 0) {
      const std::string asked = transport.sent.back().url;
      bases.push_back(asked.substr(0, asked.find("/folders?")));
      transport.Answer(bases.back() == right ? Whole(200, kEnvelope) : otherwise);
      REQUIRE(strand.RunAll(10));
    }
    REQUIRE(found);
    base = found->url;
    if (found->failure) failure = *found->failure;
    CHECK(base.empty() == found->failure.has_value());
  }
  ManualClock clock{Millis{0}};
  ManualStrand strand{clock};
  FakeTransport transport{strand};
  std::vector<std::string> bases;
  std::string base;
  Failure failure;
};

}  // namespace

TEST_CASE("ox probe: every way users write the address leads to the base", "[ox]") {
  const std::string base = "https://ox.example/ajax";
  for (const char* url :
       {"https://ox.example/usm-json", "ox.example", "https://ox.example", "https://ox.example/", " ox.example/ajax/ ",
        "https://ox.example/ajax", "https://ox.example/appsuite/api", "https://ox.example/appsuite/"})
    CHECK(Probed(url, base).base == base);
  CHECK(Probed("https://ox.example/usm-json", "https://ox.example/appsuite/api").base ==
        "https://ox.example/appsuite/api");
  CHECK(Probed("https://ox.example:8443/one/two", "https://ox.example:8443/one/two").base ==
        "https://ox.example:8443/one/two");
  CHECK(Probed("https://ox.example/mail/usm-json", "https://ox.example/mail/ajax").base ==
        "https://ox.example/mail/ajax");
  CHECK(Probed("http://127.0.0.1:8080/ajax", "http://127.0.0.1:8080/ajax").bases.size() == 1);
}

TEST_CASE("ox probe: a bare host is asked over TLS only", "[ox]") {
  for (const std::string& base : Probed("ox.example").bases) CHECK(base.find("https://ox.example/") == 0);
}

TEST_CASE("ox probe: nothing there speaks OX: the error names what was tried", "[ox]") {
  const Probed probed("https://ox.example/usm-json", "", Whole(200, R"({"hello":"world"})"));
  CHECK(probed.failure.why == LinkState::kProtocolError);
  CHECK(probed.bases == std::vector<std::string>{"https://ox.example/ajax", "https://ox.example/appsuite/api"});
  for (const std::string& base : probed.bases) CHECK(probed.failure.text.find(base) != std::string::npos);
  CHECK(probed.failure.text.find("'https://ox.example/usm-json'") != std::string::npos);
}

TEST_CASE("ox probe: an unreachable host, a wrong certificate and a bad address stop at once", "[ox]") {
  const Probed gone("ox.example", "", Faulty(LinkFault::kNotSent));
  CHECK(gone.failure.why == LinkState::kOffline);
  CHECK(gone.bases.size() == 1);
  CHECK(Probed("ox.example", "", Faulty(LinkFault::kCertificate)).failure.why == LinkState::kWrongCertificate);
  CHECK(Probed("ox.example", "", Whole(503, "")).failure.why == LinkState::kServerDown);
  for (const char* url :
       {"", "  ", "https://", "ftp://ox.example", "https://anna:secret@ox.example", "ox example", "ox.example?x=1"}) {
    const Probed bad(url);
    CHECK(bad.failure.why == LinkState::kProtocolError);
    CHECK(bad.bases.empty());
  }
}

TEST_CASE("ox probe: where the address redirects to is told", "[ox]") {
  HttpResult redirect = Whole(302, "");
  redirect.reply.redirect = "ox.example redirects to another host, www.ox.example: not followed";
  const Probed probed("ox.example", "", redirect);
  CHECK(probed.failure.why == LinkState::kProtocolError);
  CHECK(probed.failure.text.find(redirect.reply.redirect) != std::string::npos);
}

}  // namespace outpost::test
