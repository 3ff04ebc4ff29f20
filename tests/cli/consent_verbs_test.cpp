// Promise 9 through the command line, against the real server: many contacts are missing, and the server remembers no
// deletion, so that every sync compares in full and infers.
#include <catch2/catch.hpp>

#include "tests/cli/cli.h"

using namespace outpost::test;

namespace {

struct Emptied : Cli {
  std::string folder;
  std::vector<std::string> remote;
  Emptied() {
    StartServer(outpost::Millis{1});
    folder = elsewhere().ContactsFolder().value();
    for (int i = 0; i < 100; ++i)
      remote.push_back(elsewhere().CreateContact(folder, {{"last_name", "n" + std::to_string(i)}}).value());
    AddAccount();
    DeleteThere(0, 60);
  }
  void DeleteThere(std::size_t from, std::size_t to) {
    for (std::size_t i = from; i < to; ++i) REQUIRE(elsewhere().DeleteContact(folder, remote[i]));
  }
  std::size_t Held() const { return Report({"item", "list", "--folder", "Contacts"}).size(); }
};

}  // namespace

TEST_CASE("consent: what waits is shown, and goes once it is given", "[cli][consent]") {
  Emptied cli;
  CHECK(cli.Report({"consent", "list"}).empty());
  const auto asked = cli.Report({"sync"});
  CHECK(asked["held_deletions"] == 60);
  CHECK(asked["problem"].is_string());
  CHECK(cli.Held() == 100);
  const auto waiting = cli.Report({"consent", "list"});
  REQUIRE(waiting.size() == 1);
  CheckMembers(waiting[0], {"folder", "folder_id", "deleted", "count", "held", "items"});
  CHECK(waiting[0]["folder"] == "Contacts");
  CHECK(waiting[0]["deleted"] == "there");
  CHECK(waiting[0]["count"] == 60);
  CHECK(waiting[0]["held"] == 100);
  CHECK(waiting[0]["items"].size() == 60);
  CHECK(cli.Report({"status"})["held_deletions"] == 60);

  cli.Report({"sync"});  // it goes on waiting, and is asked once
  CHECK(cli.Report({"consent", "list"}) == waiting);
  CHECK(cli.Report({"journal", "log", "--kind", "consent"}).size() == 1);
  CHECK(cli.Held() == 100);

  const auto given = cli.Report({"consent", "give", "Contacts"});
  CHECK(given["answer"] == "given");
  CHECK(given["count"] == 60);
  CHECK(cli.Held() == 100);  // the next sync looks once more, then deletes
  CHECK(cli.Report({"sync"})["held_deletions"] == 0);
  CHECK(cli.Held() == 40);
  CHECK(cli.Report({"consent", "list"}).empty());
  CHECK(cli.Run({"consent", "give", "Contacts"}).code == 1);
}

TEST_CASE("consent: only what is still missing goes when it is given", "[cli][consent]") {
  Emptied cli;
  cli.Report({"sync"});
  cli.Report({"consent", "give", "Contacts"});
  cli.DeleteThere(60, 61);
  cli.Report({"sync"});
  CHECK(cli.Held() == 39);
}

TEST_CASE("consent: a word counts for what was asked, not for what goes missing later", "[cli][consent]") {
  Emptied cli;
  cli.Report({"sync"});
  cli.Report({"consent", "give", "Contacts"});
  cli.Report({"sync"});
  REQUIRE(cli.Held() == 40);
  cli.DeleteThere(60, 100);  // all that is left
  CHECK(cli.Report({"sync"})["held_deletions"] == 40);
  CHECK(cli.Held() == 40);
  CHECK(cli.Report({"consent", "list"})[0]["count"] == 40);
}

TEST_CASE("consent: a refusal is final until much that is new is missing", "[cli][consent]") {
  Emptied cli;
  cli.Report({"sync"});
  CHECK(cli.Report({"consent", "refuse", "Contacts"})["answer"] == "refused");
  const auto quiet = [&] {
    const auto sync = cli.Report({"sync"});
    CHECK(sync["held_deletions"] == 0);
    CHECK(sync["problem"].is_null());
    CHECK(cli.Report({"consent", "list"}).empty());
  };
  quiet();
  CHECK(cli.Held() == 100);
  cli.DeleteThere(60, 62);  // few: they go, what was refused stays
  quiet();
  CHECK(cli.Held() == 98);
  CHECK(cli.Report({"journal", "log", "--kind", "consent"}).size() == 2);  // asked once, answered once
  cli.DeleteThere(62, 92);
  CHECK(cli.Report({"sync"})["held_deletions"] == 90);
  CHECK(cli.Held() == 98);
  CHECK(cli.Report({"consent", "list"})[0]["count"] == 90);
  cli.Report({"consent", "give", "Contacts"});
  quiet();
  CHECK(cli.Held() == 8);
}

TEST_CASE("consent: what was deleted here is asked about too, a folder by its title, and comes back when it is refused",
          "[cli][consent]") {
  Cli cli;
  cli.StartServer();
  cli.AddAccount();
  cli.Report({"sync"});
  cli.Report({"settings", "set", "consent_own", "2"});
  cli.Report({"folder", "new", "Old", "--parent", "Contacts", "--type", "contact"});
  for (const char* name : {"a", "b", "c"})
    cli.Report({"item", "new", "--folder", "Contacts/Old", "--type", "contact", std::string("last_name=") + name});
  cli.Report({"sync"});
  cli.Report({"folder", "delete", "Contacts/Old", "--contents"});
  CHECK(cli.Report({"sync"})["held_deletions"] == 3);
  const auto waiting = cli.Report({"consent", "list"});
  REQUIRE(waiting.size() == 1);
  CHECK(waiting[0]["folder"] == "Old");
  CHECK(waiting[0]["deleted"] == "here");
  CHECK(waiting[0]["count"] == 3);
  CHECK(cli.Report({"status"})["held_deletions"] == 3);
  CHECK(cli.Report({"consent", "refuse", "Old"})["answer"] == "refused");
  CHECK(cli.Report({"item", "list", "--folder", "Contacts/Old"}).size() == 3);
  CHECK(cli.Report({"sync"})["pending"] == 0);
  CHECK(cli.Report({"consent", "list"}).empty());
}
