#include <catch2/catch.hpp>

#include "tests/cli/cli.h"

using namespace outpost::test;

namespace {

// A contact in conflict over company and nickname: the server won.
struct InConflict : Cli {
  std::string id;
  std::string folder;
  std::string remote;
  InConflict() {
    StartServer();
    AddAccount();
    id = Report({"item", "new", "--folder", "Contacts", "--type", "contact", "first_name=Ada"})["id"];
    Report({"sync"});
    remote = Report({"item", "get", id})["remote_id"];
    folder = elsewhere().ContactsFolder().value();
    REQUIRE(elsewhere().UpdateContact(folder, remote, {{"company", "Theirs"}, {"nickname", "Theirs"}}));
    Report({"item", "set", id, "company=Ours", "nickname=Ours"});
    Report({"sync"});
  }
  std::string OnServer(const std::string& name) { return elsewhere().GetContact(folder, remote).value().at(name); }
};

}  // namespace

TEST_CASE("undo: the losing values go to the server, the conflict is settled and its story kept", "[cli]") {
  InConflict cli;
  const auto listed = cli.Report({"journal", "conflicts"});
  REQUIRE(listed.size() == 2);
  const std::string seq = std::to_string(listed[0]["loser_seq"].get<int>());
  const auto undone = cli.Report({"journal", "undo", seq, "company"});
  CheckMembers(undone, {"item", "way", "moved_to", "groups", "turned", "kept"});
  CHECK(undone["item"] == cli.id);
  CHECK(undone["way"] == "changed");
  CHECK(undone["turned"] == Json::array({"company"}));
  CHECK(cli.Report({"item", "get", cli.id})["state"] == "conflict");  // the nickname still waits
  CHECK(cli.Report({"journal", "settle", cli.id})["groups"] == Json::array({"nickname"}));
  CHECK(cli.Report({"sync"})["conflicts"] == 0);
  CHECK(cli.OnServer("company") == "Ours");
  CHECK(cli.OnServer("nickname") == "Theirs");
  CHECK(cli.Report({"item", "get", cli.id})["state"] == "synced");
  CHECK(cli.Report({"status"})["conflicts"] == 0);
  CHECK(cli.Report({"journal", "conflicts"}).empty());
  const auto story = cli.Report({"journal", "conflicts", "--all"});
  REQUIRE(story.size() == 2);
  CheckMembers(story[0], {"item", "type", "folder", "group", "winner", "winner_seq", "loser_seq", "loser", "now",
                          "settled", "settled_seq"});
  CHECK(story[0]["settled"] == "undone");
  CHECK(story[1]["settled"] == "kept");
  CHECK(cli.Run({"journal", "conflicts", "--all"}).output.find("Ours") == std::string::npos);
  const auto events = cli.Report({"journal", "log", "--kind", "conflict_settled"});
  REQUIRE(events.size() == 2);
  CHECK(events[0]["losers"][0]["group"] == "company");
  CHECK(events[0].count("op") == 1);
  CHECK(events[1].count("op") == 0);
  CHECK(cli.Report({"journal", "audit"})["losers_settled"] == 2);
  CHECK(cli.Report({"journal", "verify", "--rebuild"})["rebuild_equal"] == true);
  cli.Report({"journal", "undo", seq, "company"});  // and round again
  cli.Report({"sync"});
  CHECK(cli.OnServer("company") == "Theirs");
}

TEST_CASE("undo: later edits stay on top, and what is no conflict is refused", "[cli]") {
  InConflict cli;
  cli.Report({"item", "set", cli.id, "company=Later"});
  const auto undone = cli.Report({"journal", "undo", cli.id});
  CHECK(undone["turned"] == Json::array({"nickname"}));
  CHECK(undone["kept"] == Json::array({"company"}));
  cli.Report({"sync"});
  CHECK(cli.OnServer("company") == "Later");
  CHECK(cli.OnServer("nickname") == "Ours");
  const auto refused = cli.Run({"journal", "undo", cli.id, "note"});
  CHECK(refused.code == 1);
  CHECK(refused.errors.find("no such conflict") != std::string::npos);
  CHECK(cli.Run({"journal", "undo", "999999"}).code == 1);
  CHECK(cli.Run({"journal", "undo", "nonsense"}).code == 2);
  CHECK(cli.Run({"journal", "undo", cli.id, "nonsense"}).code == 2);
  CHECK(cli.Run({"journal", "settle", cli.id}).code == 1);
  CHECK(cli.Run({"journal", "undo"}).code == 2);
}
