#include <catch2/catch.hpp>
#include <csignal>
#include <fstream>

#include "base/system/files.h"
#include "tests/cli/cli.h"

using namespace outpost::test;

namespace {

constexpr const char* kCanary = "Zq-content-canary";

// An account with an event of most kinds: a synced contact, a pending edit, a conflict, a parked field; the canary in
// all contents.
struct Storied : Cli {
  std::string id;
  Storied() {
    StartServer();
    AddAccount();
    const std::string canary = kCanary;
    id = Report(
        {"item", "new", "--folder", "Contacts", "--type", "contact", "first_name=" + canary, "note=" + canary})["id"];
    Report({"sync"});
    const std::string remote = Report({"item", "get", id})["remote_id"];
    const std::string folder = elsewhere().ContactsFolder().value();
    const auto folder_made = elsewhere().CreateFolder(folder, canary + " folder");
    REQUIRE(folder_made);
    REQUIRE(elsewhere().UpdateContact(folder, remote, {{"company", canary + " server"}}));
    Report({"item", "set", id, "company=" + canary + " local", "nickname=" + std::string(100, 'n') + canary});
    Report({"sync"});
    Report({"item", "set", id, "department=" + canary});
  }
};

}  // namespace

TEST_CASE("journal: the log is one array of events, selected by number and kind", "[cli]") {
  Storied cli;
  const auto log = cli.Report({"journal", "log"});
  REQUIRE(log.size() > 5);
  for (std::size_t i = 0; i < log.size(); ++i) {
    for (const char* name : {"seq", "time", "kind", "origin", "item", "folder"}) REQUIRE(log[i].count(name) == 1);
    CHECK(log[i]["seq"] == i + 1);
    CHECK(log[i]["time"].is_number_integer());
    CHECK(log[i].count("problem") == 0);
  }
  CHECK(cli.Report({"journal", "log", "--from", "2", "--to", "3"}).size() == 2);
  CHECK(cli.Report({"journal", "log", "--last", "1"})[0] == log.back());
  const auto outcomes = cli.Report({"journal", "log", "--kind", "outcome", "--last", "1"});
  REQUIRE(outcomes.size() == 1);
  CHECK(outcomes[0]["kind"] == "outcome");
  CHECK(cli.Run({"journal", "log", "--kind", "nonsense"}).code == 2);
  const auto text = cli.Run({"journal", "log", "--last", "2"});
  CHECK(std::count(text.output.begin(), text.output.end(), '\n') == 3);
}

TEST_CASE("journal: the log by item, folder, origin, time, batch and text; the last ones, a limit", "[cli]") {
  Storied cli;
  const auto log = cli.Report({"journal", "log"});
  const auto chosen = [&](Words words) {
    words.insert(words.begin(), {"journal", "log"});
    return cli.Report(words);
  };
  const auto which = [&](const auto& wanted) {
    Json rows = Json::array();
    for (const auto& event : log)
      if (wanted(event)) rows.push_back(event);
    return rows;
  };
  const auto of_item = which([&](const Json& event) { return event["item"] == cli.id; });
  REQUIRE(of_item.size() >= 5);
  CHECK(chosen({"--item", cli.id}) == of_item);
  CHECK(chosen({"--item", kCanary, "--last", "2"}) == Json::array({of_item[of_item.size() - 2], of_item.back()}));
  CHECK(chosen({"--item", cli.id, "--limit", "1"}) == Json::array({of_item[0]}));
  CHECK(chosen({"--folder", "Contacts"}) ==
        which([&](const Json& event) { return event["folder"] == of_item[0]["folder"]; }));
  CHECK(chosen({"--origin", "user", "--origin", "engine"}) ==
        which([](const Json& event) { return event["origin"] == "user" || event["origin"] == "engine"; }));
  const auto outcomes = which([](const Json& event) { return event["kind"] == "outcome"; });
  CHECK(chosen({"--kind", "outcome", "--last", "1"}) == Json::array({outcomes.back()}));
  CHECK(chosen({"--to", "2020-01-01"}).empty());
  CHECK(chosen({"--from", "2020-01-01", "--to", "3"}).size() == 3);
  CHECK(chosen({"--from", "2999-01-01"}).empty());
  const std::string batch = outcomes[0]["batch"];
  const auto of_batch = chosen({"--batch", batch});
  REQUIRE(of_batch.size() == 4);
  CHECK(of_batch[0]["kind"] == "local_created");
  CHECK(of_batch[1]["kind"] == "batch_opened");
  CHECK(of_batch[2] == outcomes[0]);
  CHECK(of_batch[3]["kind"] == "batch_closed");
  const auto with_text = chosen({"--text", "ZQ-CONTENT-CANARY server", "--content"});
  REQUIRE(with_text.size() == 1);
  CHECK(with_text[0]["kind"] == "remote_changed");
  CHECK(cli.Run({"journal", "log", "--text", "x"}).code == 2);
  CHECK(cli.Run({"journal", "log", "--origin", "nobody"}).code == 2);
  CHECK(cli.Run({"journal", "log", "--batch", "1"}).code == 2);
  CHECK(cli.Run({"journal", "log", "--from", "nonsense"}).code == 2);
  CHECK(cli.Run({"journal", "log", "--folder", "Nowhere"}).code == 1);
}

TEST_CASE("journal: a log that is followed shows further events as they come", "[cli]") {
  Storied cli;
  outpost::test::Process follow(cli.Call({"journal", "log", "--follow", "--last", "1", "--json"}));
  const auto first = follow.ReadLine();
  REQUIRE(first);
  const auto newest = Json::parse(*first);
  CHECK(newest["fields"] == Json::array({"department"}));
  cli.Report({"item", "set", cli.id, "nickname=short"});
  const auto second = follow.ReadLine();
  REQUIRE(second);
  CHECK(Json::parse(*second)["seq"] == newest["seq"].get<int>() + 1);
  CHECK(Json::parse(*second)["fields"] == Json::array({"nickname"}));
  follow.Signal(SIGTERM);
  CHECK(follow.Wait() == 0);
  CHECK(follow.output().empty());
}

TEST_CASE("journal: one event in full, and an item with its history", "[cli]") {
  Storied cli;
  const auto log = cli.Report({"journal", "log"});
  const auto event = cli.Report({"journal", "show", "2"});
  for (const auto& [name, member] : log[1].items()) CHECK(event[name] == member);
  CHECK(event["body_bytes"] > 0);
  CHECK(cli.Run({"journal", "show", "0"}).code == 1);
  CHECK(cli.Run({"journal", "show", "999999"}).code == 1);
  const auto item = cli.Report({"journal", "item", cli.id});
  CHECK(item["id"] == cli.id);
  CHECK(item["pending"] == 1);
  CHECK(item["events"].size() >= 4);
  CHECK(item["events"][0]["kind"] == "local_created");
  CHECK(item["events"][0].count("before") == 1);
  CHECK(cli.Report({"journal", "item", std::string(kCanary) + " " + kCanary + " server"}) == item);
  for (const auto& one : item["events"]) CHECK(one["item"] == cli.id);
  CHECK(cli.Run({"journal", "item", std::string(32, 'f')}).code == 1);
}

TEST_CASE("journal: queue, conflicts and parked name items, groups and reasons", "[cli]") {
  Storied cli;
  const auto queue = cli.Report({"journal", "queue"});
  REQUIRE(queue.size() == 1);
  CheckMembers(queue[0], {"seq", "kind", "op", "item", "type", "folder", "groups", "fields"});
  CHECK(queue[0]["item"] == cli.id);
  CHECK(queue[0]["fields"] == Json::array({"department"}));
  const auto conflicts = cli.Report({"journal", "conflicts"});
  REQUIRE(conflicts.size() == 1);
  CheckMembers(conflicts[0], {"item", "type", "folder", "group", "winner", "winner_seq", "loser_seq", "loser", "now"});
  CHECK(conflicts[0]["winner"] == "server");
  CHECK(conflicts[0]["group"] == "company");
  const auto shown = cli.Report({"journal", "conflicts", "--content"});
  CHECK(shown[0]["loser"]["company"] == std::string(kCanary) + " local");
  CHECK(shown[0]["now"]["company"] == std::string(kCanary) + " server");
  const auto parked = cli.Report({"journal", "parked"});
  REQUIRE(parked.size() == 1);
  CheckMembers(parked[0], {"seq", "item", "type", "folder", "group", "field", "length", "limit", "code", "fields"});
  CHECK(parked[0]["limit"] == 64);
  const auto status = cli.Report({"status"});
  CHECK(status["pending"] == 1);
  CHECK(status["conflicts"] == 1);
  CHECK(status["parked"] == 1);
}

TEST_CASE("journal: contents are hidden unless asked for", "[cli]") {
  Storied cli;
  const std::vector<Words> verbs{{"journal", "log"},       {"journal", "item", cli.id},
                                 {"journal", "queue"},     {"journal", "parked"},
                                 {"journal", "conflicts"}, {"journal", "tree"},
                                 {"journal", "stats"},     {"journal", "verify", "--rebuild"},
                                 {"journal", "audit"},     {"status"}};
  for (const auto& verb : verbs) {
    for (const bool json : {false, true}) {
      Words words = verb;
      if (json) words.push_back("--json");
      const auto done = cli.Run(words);
      INFO(verb[0] << " " << verb.back());
      CHECK(done.code == 0);
      CHECK(done.output.find(kCanary) == std::string::npos);
      CHECK(done.errors.find(kCanary) == std::string::npos);
    }
  }
  for (const auto& event : cli.Report({"journal", "log"}))
    CHECK(cli.Run({"journal", "show", std::to_string(event["seq"].get<int>())}).output.find(kCanary) ==
          std::string::npos);
  for (const Words& verb : {Words{"journal", "log"},
                            {"journal", "item", cli.id},
                            {"journal", "queue"},
                            {"journal", "parked"},
                            {"journal", "conflicts"},
                            {"journal", "tree"}}) {
    Words words = verb;
    words.push_back("--content");
    INFO(verb[1]);
    CHECK(cli.Run(words).output.find(kCanary) != std::string::npos);
  }
}

TEST_CASE("journal: neither the password nor contents are in the log file, the password in no file of the journal",
          "[cli]") {
  Storied cli;
  cli.Report({"sync"});
  CHECK(CountInFiles(cli.data(), kPassword) == 1);  // the secret
  for (const auto& entry : std::filesystem::recursive_directory_iterator(cli.data())) {
    if (entry.path().filename() != "outpost.log") continue;
    CHECK(outpost::ReadFile(entry.path()).value().find(kCanary) == std::string::npos);
  }
}

TEST_CASE("journal: audit, verify, tree and stats are reports", "[cli]") {
  Storied cli;
  const auto audit = cli.Report({"journal", "audit"});
  CHECK(audit["edits"] == 3);
  CHECK(audit["pending"] == 1);
  CHECK(audit["edits_without_outcome"] == 0);
  CHECK(audit["outcomes"]["loser"] == 1);
  CHECK(audit["outcomes"]["parked"] == 1);
  CHECK(audit["sound"] == true);
  const auto verify = cli.Report({"journal", "verify", "--rebuild"});
  CHECK(verify["chain_ok"] == true);
  CHECK(verify["problem"].is_null());
  CHECK(verify["rebuild_equal"] == true);
  CHECK(verify["root"].get<std::string>().size() == 64);
  CHECK(cli.Report({"journal", "verify"}).count("rebuild_equal") == 0);
  CheckMembers(verify["blobs"], {"checked", "bytes", "references", "bad", "missing", "unreferenced",
                                 "unreferenced_bytes", "bad_blobs", "missing_blobs"});
  CHECK(verify["blobs"]["bad"] == 0);
  bool contacts = false;
  for (const auto& folder : cli.Report({"journal", "tree", "--content"}))
    contacts = contacts || (folder["path"] == "Contacts" && folder["complete"] == true);
  CHECK(contacts);
  const auto stats = cli.Report({"journal", "stats"});
  CHECK(stats["last"] == verify["last"]);
  CHECK(stats["pending"] == 1);
  CHECK(stats["bytes"] > 0);
}

TEST_CASE("journal: verify names a blob that is damaged and ends with 1", "[cli]") {
  Storied cli;
  std::filesystem::path journal;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(cli.data()))
    if (entry.path().filename() == "FORMAT") journal = entry.path().parent_path();
  REQUIRE_FALSE(journal.empty());
  const std::string name = "ab" + std::string(62, '0');
  std::filesystem::create_directories(journal / "blobs" / "ab");
  std::ofstream(journal / "blobs" / "ab" / name) << std::string(70'000, 'x');
  const auto verify = cli.Report({"journal", "verify"}, 1);
  CHECK(verify["chain_ok"] == true);
  const auto& blobs = verify["blobs"];
  CHECK(blobs["checked"] == 1);
  CHECK(blobs["bad"] == 1);
  CHECK(blobs["missing"] == 0);
  REQUIRE(blobs["bad_blobs"].size() == 1);
  CHECK(blobs["bad_blobs"][0]["name"] == name);
  CHECK(blobs["bad_blobs"][0]["file"] == "blobs/ab/" + name);
  CHECK(blobs["bad_blobs"][0]["problem"].get<std::string>().find("trailer") != std::string::npos);
  const auto text = cli.Run({"journal", "verify"});
  CHECK(text.code == 1);
  CHECK(text.output.find(name) != std::string::npos);
}

TEST_CASE("journal: looking changes nothing in the account's folder", "[cli]") {
  Storied cli;
  const auto snapshot = [&] {
    std::map<std::string, std::string> files;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(cli.data()))
      if (entry.is_regular_file()) files[entry.path().string()] = outpost::ReadFile(entry.path()).value();
    return files;
  };
  const auto before = snapshot();
  for (const Words& verb : {Words{"journal", "log"},
                            {"journal", "verify", "--rebuild"},
                            {"journal", "audit"},
                            {"item", "list"},
                            {"status"}})
    CHECK(cli.Run(verb).code == 0);
  CHECK((snapshot() == before));
}
