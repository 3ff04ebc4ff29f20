#include <signal.h>

#include <catch2/catch.hpp>
#include <set>
#include <thread>

#include "tests/cli/cli.h"
#include "tests/replicator/net/link.h"

using namespace outpost::test;
namespace oxserver = outpost::oxserver;

namespace {

// The server as a process that keeps its state, and a client of it over the network.
struct Kept {
  explicit Kept(const Cli& cli) : link(network) {
    Command command = cli.Call({});
    command.arguments.resize(1);
    for (const std::string& word : {std::string("server"), std::string("--state"), (cli.folder() / "kept.db").string(),
                                    std::string("--option"), std::string("requests_per_window=0")})
      command.arguments.push_back(word);
    process = std::make_unique<Process>(command);
    const std::string line = process->ReadLine().value();
    const auto begin = line.find("http://");
    root = line.substr(begin, line.rfind('/') - begin);
    client = oxserver::ApiClient::SignIn([this](const oxserver::HttpRequest& request) { return Send(request); }, "anna",
                                         "secret")
                 .value();
    folder = client->ContactsFolder().value();
  }
  oxserver::HttpResponse Send(const oxserver::HttpRequest& request) {
    const auto result = link.Send({request.method, root + request.target, request.headers, request.body});
    oxserver::HttpResponse response{result.ok ? result.reply.status : 0, {}, result.reply.body};
    for (const auto& [name, value] : result.reply.headers)
      response.headers.emplace_back(name == "set-cookie" ? "Set-Cookie" : name, value);
    return response;
  }
  std::set<std::string> Names() {
    std::set<std::string> names;
    const auto rows = client->ListContacts(folder, {"last_name"}).value();
    for (const auto& row : rows) names.insert(row.at("last_name"));
    return names;
  }

  outpost::Network network;
  Link link;
  std::unique_ptr<Process> process;
  std::string root;
  std::unique_ptr<oxserver::ApiClient> client;
  std::string folder;
};

}  // namespace

TEST_CASE("server: killed in the middle of writes, it has lost nothing that it answered", "[cli]") {
  Cli cli;
  std::set<std::string> made, deleted;
  std::int64_t highest = 0;
  {
    Kept kept(cli);
    Awaited<bool> busy;
    std::thread writer([&] {
      for (int i = 0;; ++i) {
        const std::string name = "n" + std::to_string(i);
        const auto id = kept.client->CreateContact(kept.folder, {{"last_name", name}});
        if (!id) return;
        highest = std::stoll(id.value());
        if (i % 3 == 0) {
          if (!kept.client->DeleteContact(kept.folder, id.value())) return;  // unanswered: it may be gone or not
          deleted.insert(name);
        } else {
          made.insert(name);
        }
        if (i == 60) busy.Give(true);
      }
    });
    busy.Take();
    kept.process->Signal(SIGKILL);
    writer.join();
    CHECK(kept.process->Wait() == 128 + SIGKILL);
  }
  REQUIRE(deleted.size() > 10);
  Kept again(cli);
  const auto there = again.Names();
  for (const auto& name : made) CHECK(there.count(name) == 1);
  for (const auto& name : deleted) CHECK(there.count(name) == 0);
  CHECK(there.size() <= made.size() + 1);
  CHECK(std::stoll(again.client->CreateContact(again.folder, {{"last_name", "next"}}).value()) > highest);
}
