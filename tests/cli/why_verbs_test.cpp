// `journal why` and `journal explain`: what happened, and which rule led there, against the real server.
#include <catch2/catch.hpp>
#include <regex>

#include "tests/cli/cli.h"

using namespace outpost::test;

namespace {

constexpr const char* kSecretName = "Zq-why-canary";

// A contact "Zq-why-canary Ada" that both sides have.
struct Asked : Cli {
  std::string id, remote, folder;
  Asked() {
    StartServer();
    AddAccount();
    id = Report({"item", "new", "--folder", "Contacts", "--type", "contact", std::string("first_name=") + kSecretName,
                 "last_name=Ada"})["id"];
    Report({"sync"});
    remote = Report({"item", "get", id})["remote_id"];
    folder = elsewhere().ContactsFolder().value();
  }
  // The findings about `name`, which must mean one item.
  Json Findings(const std::string& name) const {
    const auto report = Report({"journal", "why", name});
    CheckMembers(report, {"found", "items"});
    REQUIRE(report["found"] == 1);
    CheckMembers(report["items"][0], {"id", "type", "folder", "state", "visible", "findings", "edits", "chain"});
    return report["items"][0]["findings"];
  }
  Json Finding(const std::string& name, const std::string& rule) const {
    const auto findings = Findings(name);
    for (const auto& finding : findings) {
      CheckMembers(finding, {"topic", "rule", "sentence", "next", "events", "other"});
      if (finding["rule"] == rule) return finding;
    }
    FAIL("no " << rule << " in " << findings.dump());
    return {};
  }
};

std::string Masked(std::string text) {
  text = std::regex_replace(text, std::regex("[0-9a-f]{32}"), "ID");
  return std::regex_replace(text, std::regex("[0-9]{4}-[0-9]{2}-[0-9]{2} [0-9:]{8}"), "TIME");
}

}  // namespace

TEST_CASE("why: pending, answered, changed elsewhere, in conflict, parked", "[cli][why]") {
  Asked cli;
  CHECK(cli.Findings(cli.id)[0]["rule"] == "well");
  cli.Report({"item", "set", cli.id, "company=Ours"});
  const auto unsent = cli.Finding(cli.id, "unsent");
  CHECK(unsent["topic"] == "pending");
  CHECK(unsent["sentence"].get<std::string>().find("company") != std::string::npos);
  CHECK(unsent["next"] == "outpost sync sends it");
  cli.Report({"account", "pause"});
  CHECK(cli.Finding(cli.id, "paused")["next"] == "outpost account resume");
  cli.Report({"account", "resume"});
  cli.StopServer();
  cli.Run({"sync"});
  CHECK(cli.Finding(cli.id, "link")["sentence"].get<std::string>().find("offline") != std::string::npos);
  cli.StartServer();
  cli.Report({"sync"});
  CHECK(cli.Findings(cli.id)[0]["rule"] == "well");

  REQUIRE(cli.elsewhere().UpdateContact(cli.folder, cli.remote, {{"company", "Theirs"}}));
  cli.Report({"sync"});
  const auto changed = cli.Finding(cli.id, "changed_elsewhere");
  CHECK(changed["topic"] == "different");
  REQUIRE(changed["events"].size() == 3);
  const auto log = cli.Report({"journal", "log"});
  CHECK(log[changed["events"][0].get<std::size_t>() - 1]["kind"] == "local_changed");
  CHECK(log[changed["events"][1].get<std::size_t>() - 1]["kind"] == "outcome");
  CHECK(log[changed["events"][2].get<std::size_t>() - 1]["kind"] == "remote_changed");

  REQUIRE(cli.elsewhere().UpdateContact(cli.folder, cli.remote, {{"nickname", "Theirs"}}));
  cli.Report({"item", "set", cli.id, "nickname=Ours", "department=" + std::string(1000, 'd')});
  cli.Report({"sync"});
  const auto conflict = cli.Finding(cli.id, "server_won");
  CHECK(conflict["topic"] == "conflict");
  CHECK(conflict["events"].size() == 2);
  const auto parked = cli.Finding(cli.id, "parked");
  CHECK(parked["sentence"].get<std::string>().find("department has 1000, at most") != std::string::npos);
  const auto edits = cli.Report({"journal", "why", cli.id})["items"][0]["edits"];
  std::map<std::string, std::string> fates;
  for (const auto& edit : edits) {
    CheckMembers(edit, {"seq", "time", "kind", "group", "fields", "fate", "decided"});
    fates[edit["group"]] = edit["fate"];
  }
  CHECK(fates["existence"] == "acknowledged");
  CHECK(fates["company"] == "acknowledged");
  CHECK(fates["nickname"] == "loser");
  CHECK(fates["department"] == "parked");
}

TEST_CASE("why: missing, moved and doubled, by id, server's id or name", "[cli][why]") {
  Asked cli;
  CHECK(cli.Findings(cli.remote)[0]["rule"] == "well");
  CHECK(cli.Findings("zq-WHY-canary ada")[0]["rule"] == "well");
  CHECK(cli.Findings("y-canary")[0]["rule"] == "well");
  const auto none = cli.Run({"journal", "why", "Nobody-of-that-name"});
  CHECK(none.code == 1);
  CHECK(none.errors.find("Nobody-of-that-name") == std::string::npos);
  CHECK(cli.Run({"journal", "why", std::string(32, 'f')}).code == 1);
  CHECK(cli.Run({"journal", "why"}).code == 2);

  REQUIRE(cli.elsewhere().CreateContact(cli.folder, {{"first_name", kSecretName}, {"last_name", "Ada"}}));
  cli.Report({"sync"});
  const auto twins = cli.Report({"journal", "why", std::string(kSecretName) + " Ada"});
  REQUIRE(twins["found"] == 2);
  for (const auto& item : twins["items"]) {
    REQUIRE(item["findings"].size() == 1);
    CHECK(item["findings"][0]["rule"] == "twin_both");
    CHECK(item["findings"][0]["sentence"].get<std::string>().find("sent 1 times") != std::string::npos);
    CHECK(item["findings"][0]["other"] != item["id"]);
  }

  cli.Report({"folder", "new", "Friends", "--parent", "Contacts"});
  cli.Report({"item", "move", cli.id, "--folder", "Contacts/Friends"});
  CHECK(cli.Finding(cli.id, "folder_waits")["next"].get<std::string>().find("outpost journal why ") == 0);
  cli.Report({"sync"});
  CHECK(cli.Finding(cli.id, "moved_here")["topic"] == "moved");

  cli.Report({"item", "delete", cli.id});
  CHECK(cli.Finding(cli.id, "deleted_here")["events"].size() == 1);
  cli.Report({"sync"});
  const auto gone = cli.Finding(cli.id, "deleted_here");
  CHECK(gone["events"].size() == 2);
  const std::string next = gone["next"];
  CHECK(next.find("outpost item restore " + cli.id + " --at ") == 0);
  cli.Report({"item", "restore", cli.id, "--at",
              next.substr(next.find("--at ") + 5, next.find(" brings") - next.find("--at ") - 5)});
  cli.Report({"sync"});
  CHECK(cli.Report({"item", "get", cli.id})["state"] == "synced");
  const std::string again = cli.Report({"item", "get", cli.id})["remote_id"];
  std::string friends;
  for (const auto& one : cli.Report({"folder", "list"}))
    if (one["path"] == "Contacts/Friends") friends = one["remote_id"];
  REQUIRE(cli.elsewhere().DeleteContact(friends, again));
  cli.Report({"sync"});
  CHECK(cli.Finding(cli.id, "deleted_there")["topic"] == "missing");
}

TEST_CASE("explain: the life of an item and a day, in three languages, contents hidden", "[cli][why]") {
  Asked cli;
  cli.Report({"item", "set", cli.id, "company=Ours"});
  const auto life = cli.Report({"journal", "explain", cli.id});
  REQUIRE(life.size() == 3);
  std::string expected;
  for (const auto& told : life) {
    CheckMembers(told, {"seq", "last", "count", "time", "kind", "origin", "item", "type", "key", "topic", "sentence"});
    expected += "TIME  #" + std::to_string(told["seq"].get<int>()) + "  " + Masked(told["sentence"]) + "\n";
  }
  CHECK(life[0]["key"] == "local_created");
  CHECK(life[1]["key"] == "outcome.created");
  const std::string english = Masked(cli.Run({"journal", "explain", cli.id, "--language", "en"}).output);
  CHECK(english == expected);
  CHECK(Masked(life[0]["sentence"]) == "A person made it here in folder ID, with first_name, last_name, uid.");
  CHECK(life[1]["sentence"] == "The server made it, as " + cli.remote + ".");
  CHECK(life[2]["sentence"] == "A person changed company here.");
  const std::string german = cli.Run({"journal", "explain", cli.id, "--language", "de"}).output;
  CHECK(german.find("Eine Person hat hier geändert: company.") != std::string::npos);
  CHECK(cli.Run({"journal", "explain", cli.id, "--language", "fr_CH.UTF-8"}).output.find("Une personne l'a créé ici") !=
        std::string::npos);
  CHECK(cli.Run({"journal", "explain", cli.id, "--language", "tlh"}).code == 2);
  CHECK(cli.Run({"journal", "explain"}).code == 2);
  CHECK(cli.Run({"journal", "explain", cli.id, "--day", "2026-01-01"}).code == 2);
  CHECK(cli.Run({"journal", "explain", "--day", "nonsense"}).code == 2);
  CHECK(cli.Report({"journal", "explain", "--day", "2020-01-01"}).empty());

  const std::string today = cli.Run({"journal", "explain", cli.id}).output.substr(0, 10);
  const auto day = cli.Report({"journal", "explain", "--day", today});
  const auto log = cli.Report({"journal", "log"});
  std::size_t told = 0;
  for (const auto& one : day) told += one["count"].get<std::size_t>();
  CHECK(told == log.size());
  for (const Words& verb :
       {Words{"journal", "explain", "--day", today}, {"journal", "explain", cli.id}, {"journal", "why", cli.id}}) {
    Words shown = verb;
    shown.push_back("--content");
    CHECK(cli.Run(verb).output.find(kSecretName) == std::string::npos);
    CHECK(cli.Run(shown).output.find(kSecretName) != std::string::npos);
  }
}
