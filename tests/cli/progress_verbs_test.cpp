// How far a sync is, as the program tells it.
#include <signal.h>

#include <catch2/catch.hpp>
#include <sstream>

#include "tests/cli/cli.h"

using namespace outpost::test;

namespace {

constexpr int kContacts = 700;

const std::vector<std::string> kMembers{"phase",        "since",     "stored",        "listed",
                                        "folders_left", "sent",      "to_send",       "receive_per_s",
                                        "send_per_s",   "remaining", "stalled_since", "folders"};

void Fill(Cli& cli) {
  const std::string folder = cli.elsewhere().ContactsFolder().value();
  std::vector<outpost::oxserver::FieldMap> contacts;
  for (int i = 0; i < kContacts; ++i) contacts.push_back({{"last_name", "Contact " + std::to_string(i)}});
  REQUIRE(cli.elsewhere().CreateContacts(folder, contacts));
}

void AddUnsynced(const Cli& cli) {
  cli.Report({"account", "add", "--server", cli.url(), "--user", "anna", "--password-stdin"}, 0,
             std::string(kPassword) + "\n");
}

std::vector<Json> LinesOf(const std::string& output) {
  std::vector<Json> lines;
  std::istringstream in(output);
  for (std::string line; std::getline(in, line);) lines.push_back(Json::parse(line));
  return lines;
}

}  // namespace

TEST_CASE("sync --progress: a stream of counts that never run ahead, then the report", "[cli]") {
  Cli cli;
  cli.StartServer();
  Fill(cli);
  AddUnsynced(cli);
  const auto done = cli.Run({"sync", "--progress", "--json"});
  CHECK(done.code == 0);
  const auto lines = LinesOf(done.output);
  REQUIRE(lines.size() >= 2);
  std::uint64_t stored = 0;
  for (std::size_t i = 0; i + 1 < lines.size(); ++i) {
    CheckMembers(lines[i], {"progress"});
    const Json& progress = lines[i]["progress"];
    CheckMembers(progress, kMembers);
    CHECK(progress["stored"].get<std::uint64_t>() >= stored);
    stored = progress["stored"];
    CHECK(progress["stored"] <= progress["listed"]);
  }
  const Json last = lines[lines.size() - 2]["progress"];
  CHECK(last["phase"] == "done");
  CHECK(last["stored"] >= kContacts);
  CHECK(last["folders_left"] == 0);
  CHECK(last["remaining"].is_null());
  bool named = false;
  for (const Json& folder : last["folders"]) {
    CheckMembers(folder, {"folder", "folder_id", "stored", "listed"});
    CHECK(folder["stored"] == folder["listed"]);
    named = named || (folder["folder"] == "Contacts" && folder["stored"] == kContacts);
  }
  CHECK(named);
  CHECK(lines.back()["link"] == "online");
  CHECK(lines.back()["pulled"] >= kContacts);
}

TEST_CASE("sync --progress: lines for a person go to standard error", "[cli]") {
  Cli cli;
  cli.StartServer();
  cli.AddAccount();
  cli.Report({"item", "new", "--folder", "Contacts", "first_name=Ada"});
  const std::string waiting = cli.Report({"journal", "audit"})["pairs_pending"].dump();
  const auto done = cli.Run({"sync", "--progress"});
  CHECK(done.code == 0);
  CHECK(done.errors.find("done: " + waiting + " of " + waiting + " changes sent\n") != std::string::npos);
  CHECK(done.output.find("progress") == std::string::npos);
  CHECK(cli.Run({"sync", "--progress", "--watch"}).code == 2);
}

TEST_CASE("status: how far another process's sync is, while it waits for the server", "[cli]") {
  Cli cli;
  cli.StartServer();
  Fill(cli);
  AddUnsynced(cli);
  REQUIRE(cli.server().AddFault("slow=600000:contacts.list:2"));  // the second request for rows
  CHECK(cli.Report({"status"})["progress"].is_null());
  Process sync(cli.Call({"sync", "--json"}));
  Json progress;
  do {
    progress = cli.Report({"status"})["progress"];
  } while (progress.is_null() || progress["stored"] == 0);
  CheckMembers(progress, kMembers);
  CHECK(progress["phase"] == "receiving");
  CHECK(progress["stored"] < progress["listed"]);
  CHECK(progress["sent"] == 0);
  // Told by the same socket: the edit made meanwhile waits.
  const Words edit{"item", "new", "--folder", "Contacts", "first_name=Ada"};
  cli.Report(edit);
  CHECK(cli.Report({"status"})["progress"]["to_send"] == cli.Report({"journal", "audit"})["pairs_pending"]);
  sync.Signal(SIGKILL);
  sync.Wait();
  CHECK(cli.Report({"status"})["progress"].is_null());
}

TEST_CASE("status --watch: woken by whoever holds the account", "[cli]") {
  Cli cli;
  cli.StartServer();
  cli.AddAccount();
  Process watch(cli.Call({"sync", "--watch", "--json"}));
  CHECK(Json::parse(watch.ReadLine().value())["link"] == "online");
  Process status(cli.Call({"status", "--watch", "--json"}));
  Json line = Json::parse(status.ReadLine().value());
  CHECK(line["held"] == true);
  const auto events = line["events"].get<std::uint64_t>();
  cli.Report({"item", "new", "--folder", "Contacts", "first_name=Ada"});
  do {
    line = Json::parse(status.ReadLine().value());
  } while (line["events"] == events || line["pending"] != 0);
  CHECK(line["events"].get<std::uint64_t>() > events);
  watch.Signal(SIGTERM);
  CHECK(watch.Wait() == 0);
  do {
    line = Json::parse(status.ReadLine().value());
  } while (line["held"] == true);
  status.Signal(SIGTERM);
  CHECK(status.Wait() == 0);
}
