#include <catch2/catch.hpp>

#include "engine/data_dir.h"
#include "journal/journal.h"
#include "projection/folds.h"
#include "replicator/rows.h"
#include "tests/cli/cli.h"

using namespace outpost;
using namespace outpost::test;

namespace {

struct Lived : Cli {
  Lived() {
    StartServer();
    AddAccount();
    ada = Report({"item", "new", "--folder", "Contacts", "--type", "contact", "last_name=Ada", "company=First"})["id"];
    Report({"sync"});
    then = Report({"journal", "stats"})["last"];
  }
  std::string Then() const { return std::to_string(then); }

  std::string ada;
  std::int64_t then = 0;
};

}  // namespace

TEST_CASE("past: a folder is viewed as it stood, and what changed since is told", "[cli]") {
  Lived cli;
  cli.Report({"item", "set", cli.ada, "company=Second"});
  const std::string bob =
      cli.Report({"item", "new", "--folder", "Contacts", "--type", "contact", "last_name=Bob"})["id"];
  const Json before = cli.Report({"journal", "view", "--folder", "Contacts", "--at", cli.Then(), "--content"});
  REQUIRE(before.size() == 1);
  CheckMembers(before[0], {"item", "type", "folder", "state", "label", "fields"});
  CHECK(before[0]["item"] == cli.ada);
  CHECK(before[0]["fields"]["company"] == "First");
  CHECK(cli.Report({"journal", "view", "--folder", "Contacts"}).size() == 2);
  CHECK(cli.Report({"journal", "view", "--folder", "Contacts", "--at", "2100-01-01"}).size() == 2);
  CHECK(cli.Run({"journal", "view", "--folder", "Contacts", "--at", "1999-12-31"}).code == 1);
  CHECK(cli.Run({"journal", "view", "--folder", "Contacts", "--at", "yesterday"}).code == 2);

  const Json differences = cli.Report({"journal", "diff", cli.Then() + "..", "--content"});
  REQUIRE(differences.size() == 2);
  for (const auto& row : differences) {
    CheckMembers(row, {"item", "type", "what", "folder", "was_in", "fields"});
    const bool is_ada = row["item"] == cli.ada;
    CHECK((is_ada || row["item"] == bob));
    CHECK(row["what"] == (is_ada ? "changed" : "came"));
    if (is_ada) CHECK(row["fields"] == Json({{"company", "Second"}}));
  }
  const auto hidden = cli.Run({"journal", "diff", cli.Then() + ".."});
  CHECK(hidden.output.find("Second") == std::string::npos);
  CHECK(hidden.output.find("company") != std::string::npos);
  CHECK(cli.Run({"journal", "diff", cli.Then()}).code == 2);
  CHECK(cli.Run({"journal", "diff", "9.." + std::string("1")}).code == 2);
}

TEST_CASE("past: items and folders are brought back", "[cli]") {
  Lived cli;
  cli.Report({"item", "set", cli.ada, "company=Second", "note=n"});
  const Json group = cli.Report({"item", "restore", cli.ada, "--at", cli.Then(), "--group", "company"});
  CHECK(group["fields"]["company"] == "First");
  CHECK(group["fields"]["note"] == "n");
  CHECK(cli.Run({"item", "restore", cli.ada, "--at", cli.Then(), "--group", "nonsense"}).code == 2);
  cli.Report({"item", "delete", cli.ada});
  cli.Report({"sync"});
  const Json back = cli.Report({"item", "restore", cli.ada, "--at", cli.Then()});
  CHECK(back["state"] == "pending");
  CHECK(back["fields"].count("note") == 0);
  cli.Report({"item", "delete", cli.ada});
  const Json folder = cli.Report({"folder", "restore", "Contacts", "--at", cli.Then()});
  CHECK(folder == Json({{"at", cli.then}, {"unchanged", 0}, {"changed", 0}, {"made_again", 1}, {"newer", 0}}));
  CHECK(cli.Report({"sync"})["pending"] == 0);
  CHECK(cli.Run({"item", "restore", cli.ada, "--at", "0"}).code == 1);
}

TEST_CASE("past: what another version of the program made of the events is not read, but made again by the next sync",
          "[cli]") {
  Lived cli;
  const auto make_rows_of = [&](std::uint32_t version) {
    ReplicationRows replication;
    AccountFolds folds({&replication});
    ItemFold older(version, {&folds.projection, &replication});
    JournalOptions options;
    options.folder = JournalFolder(std::filesystem::directory_iterator(cli.data())->path());
    const SystemClock clock;
    REQUIRE(Journal::Open(std::move(options), {&older}, older, clock, NullLog()));
  };
  CHECK(cli.Report({"status"})["rows_behind"] == false);
  make_rows_of(kAccountFoldsReadSince);  // those are read, and said to be old until they are made again
  CHECK(cli.Report({"status"})["rows_behind"] == true);
  CHECK(cli.Report({"item", "list", "--folder", "Contacts"})[0]["id"] == cli.ada);
  cli.Report({"journal", "rebuild"});
  CHECK(cli.Report({"status"})["rows_behind"] == false);
  make_rows_of(kAccountFoldsReadSince - 1);
  const auto refused = cli.Run({"folder", "list"});
  CHECK(refused.code == 1);
  CHECK(refused.errors.find("was made by another version of Outpost") != std::string::npos);
  CHECK(cli.Report({"journal", "log"}).size() > 5);
  cli.Report({"sync"});
  const Json items = cli.Report({"item", "list", "--folder", "Contacts"});
  REQUIRE(items.size() == 1);
  CHECK(items[0]["id"] == cli.ada);
}

TEST_CASE("trash: what was deleted is listed, the newest first, and restored", "[cli]") {
  Lived cli;
  const std::string task = cli.Report({"item", "new", "--folder", "Tasks", "title=Call"})["id"];
  cli.Report({"item", "delete", cli.ada});
  cli.Report({"sync"});
  cli.Report({"item", "delete", task});
  const auto all = cli.Report({"trash", "list"});
  REQUIRE(all.size() == 2);
  for (const auto& row : all) CheckMembers(row, {"id", "type", "folder", "label", "deleted", "state"});
  CHECK(all[0]["id"] == task);
  CHECK(all[0]["label"] == "Call");
  CHECK(all[0]["folder"] == "Tasks");
  CHECK(all[1]["id"] == cli.ada);
  CHECK(all[1]["state"] == "gone");
  CHECK(all[0]["deleted"] >= all[1]["deleted"]);
  CHECK(cli.Report({"trash", "list", "--type", "contact"}).size() == 1);
  CHECK(cli.Report({"trash", "list", "--folder", "Tasks"})[0]["id"] == task);
  CHECK(cli.Run({"trash", "list", "--type", "letter"}).code == 2);
  CHECK(cli.Run({"trash", "list"}).output.find("Call") != std::string::npos);
  const auto back = cli.Report({"trash", "restore", cli.ada, task});
  REQUIRE(back.size() == 2);
  CHECK(back[0]["fields"]["last_name"] == "Ada");
  CHECK(cli.Report({"sync"})["pending"] == 0);
  CHECK(cli.Report({"trash", "list"}).empty());
  CHECK(cli.Run({"trash", "restore", cli.ada}).code == 1);
}
