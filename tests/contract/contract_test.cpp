#include <catch2/catch.hpp>
#include <cstdlib>
#include <filesystem>

#include "base/log.h"
#include "base/random.h"
#include "base/system/files.h"
#include "base/system/system_clock.h"
#include "tests/support/shared.h"
#include "tools/oxserver/api_client.h"
#include "tools/oxserver/import.h"
#include "tools/oxserver/server.h"

using namespace outpost;

// A client that is not ours calls every operation the server has; what both said is held against OX's published
// document.
TEST_CASE("contract: every operation of the embedded server keeps to OX's API document", "[oxserver][contract]") {
  const auto check = outpost::test::Shared("tools/ox-contract-check");
  if (check.empty()) return;
  const auto folder = MakeTemporaryFolder("contract").value();
  const std::string record = (folder / "traffic.ndjson").string();
  const std::string here = std::string(OUTPOST_SOURCE) + "/tests/contract/";
  SystemClock clock;
  SystemRandom random;
  oxserver::ServerOptions options;
  options.record_file = record;
  auto server = oxserver::Server::Start(options, clock, random, NullLog());
  REQUIRE(server);
  REQUIRE(std::system(("python3 " + here + "session.py " + server.value()->url()).c_str()) == 0);
  server.value()->Stop();
  CHECK(std::system(("python3 " + check.string() + " --allow " + here + "allow.txt " + record).c_str()) == 0);
  std::filesystem::remove_all(folder);
}

TEST_CASE("contract: every series of the corpus takes place when a library that is not ours says",
          "[oxserver][contract][icalendar]") {
  constexpr int kWithoutLibrary = 77;
  const auto corpus = outpost::test::Shared("corpus/calendar");
  if (corpus.empty()) return;
  SystemClock clock;
  SystemRandom random;
  const auto server = oxserver::Server::Start({}, clock, random, NullLog());
  REQUIRE(server);
  const auto client = oxserver::ApiClient::SignIn(
      [&](const oxserver::HttpRequest& request) { return server.value()->Handle(request); }, "anna", "secret");
  REQUIRE(client);
  REQUIRE(oxserver::Import(corpus, *client.value()));
  const int ended = std::system(("python3 " + std::string(OUTPOST_SOURCE) + "/tests/contract/occurrences.py " +
                                 server.value()->url() + " " + corpus.string())
                                    .c_str());
  if (WEXITSTATUS(ended) == kWithoutLibrary)
    WARN("without python3-dateutil nothing is compared");
  else
    CHECK(ended == 0);
}

TEST_CASE("contract: a Socket.IO library that is not ours hears of a new mail", "[oxserver][contract][push]") {
  constexpr int kWithoutLibrary = 77;
  SystemClock clock;
  SystemRandom random;
  const auto server = oxserver::Server::Start({}, clock, random, NullLog());
  REQUIRE(server);
  // Debian's own: another python3 in the path does not see Debian's libraries.
  const int ended = std::system(
      ("/usr/bin/python3 " + std::string(OUTPOST_SOURCE) + "/tests/contract/listen.py " + server.value()->url())
          .c_str());
  if (WEXITSTATUS(ended) == kWithoutLibrary)
    WARN("without python3-socketio and python3-websocket nobody listens");
  else
    CHECK(ended == 0);
}
