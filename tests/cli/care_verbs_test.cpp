#include <catch2/catch.hpp>
#include <csignal>

#include "base/system/files.h"
#include "tests/cli/cli.h"

using namespace outpost::test;

namespace {

constexpr const char* kCanary = "Zq-content-canary";

// An account with two contacts, one of them not yet on the server.
struct Kept : Cli {
  Kept() {
    StartServer();
    AddAccount();
    New("first_name=Ada");
    Report({"sync"});
    New(std::string("first_name=") + kCanary);
  }
  void New(const std::string& field) { Report({"item", "new", "--folder", "Contacts", "--type", "contact", field}); }
  std::string file() const { return (folder() / "kept.outpost").string(); }
};

}  // namespace

TEST_CASE("journal: a backup is made, verified and restored elsewhere; the server gets each edit once", "[cli][care]") {
  Kept cli;
  const auto verified = cli.Report({"journal", "verify"});
  const auto backup = cli.Report({"journal", "backup", cli.file()});
  CheckMembers(backup,
               {"account", "time", "encrypted", "first", "last", "root", "files", "bytes", "backup", "backup_bytes"});
  CHECK(backup["root"] == verified["root"]);
  CHECK(backup["encrypted"] == false);
  CHECK(cli.Run({"journal", "backup", cli.file()}).code == 1);
  const auto again = cli.Report({"journal", "backup", cli.file(), "--force"});
  CHECK(again["root"] == verified["root"]);
  const auto checked = cli.Report({"journal", "verify", cli.file(), "--rebuild"});
  CHECK(checked["root"] == verified["root"]);
  CHECK(checked["rebuild_equal"] == true);
  CHECK(checked["backup"]["files"] == again["files"]);
  CHECK(CountInFiles(cli.folder(), kPassword) == 1);  // where the account keeps it, and not in the backup
  cli.Report({"sync"});

  CHECK(cli.Run({"journal", "restore", cli.file()}).code == 1);
  const auto restored = cli.Report({"journal", "restore", cli.file(), "--force"});
  CheckMembers(restored,
               {"account", "folder", "time", "first", "last", "root", "pending", "password_stored", "replaced"});
  CHECK(restored["root"] == verified["root"]);
  CHECK(restored["pending"] == 1);
  CHECK(restored["password_stored"] == true);
  CHECK(std::filesystem::is_directory(restored["replaced"].get<std::string>()));
  const auto synced = cli.Report({"sync"});
  CHECK(synced["batches"] == 0);
  CHECK(synced["resumed_batches"] == 1);
  CHECK(cli.Report({"item", "list", "--folder", "Contacts"}).size() == 2);
  CHECK(cli.elsewhere().ListContacts(cli.elsewhere().ContactsFolder().value(), {"id"}).value().size() == 2);
  CHECK(cli.Report({"journal", "audit"})["sound"] == true);
}

TEST_CASE("journal: backup and verify go through the process that holds the account", "[cli][care]") {
  Kept cli;
  cli.Report({"sync"});
  Process watch(cli.Call({"sync", "--watch", "--json"}));
  REQUIRE(watch.ReadLine());
  const auto backup = cli.Report({"journal", "backup", cli.file()});
  CHECK(cli.Report({"journal", "verify"})["chain_ok"] == true);
  CHECK(cli.Report({"journal", "verify", cli.file()})["root"] == backup["root"]);
  CHECK(cli.Run({"journal", "restore", cli.file(), "--force"}).code == 1);  // held: nothing is moved
  watch.Signal(SIGTERM);
  CHECK(watch.Wait() == 0);
  CHECK(cli.Report({"account", "list"}).size() == 1);
  for (const auto& entry : std::filesystem::recursive_directory_iterator(cli.data()))
    CHECK(entry.path().filename().string().find("checkpoint") == std::string::npos);
}

TEST_CASE("journal: a backup restored under another name is an account beside the first", "[cli][care]") {
  Kept cli;
  cli.Report({"journal", "backup", cli.file()});
  const auto name = cli.Report({"account", "list"})[0]["name"].get<std::string>();
  const auto restored = cli.Report({"journal", "restore", cli.file(), "--account", "anna@elsewhere.example"});
  CHECK(restored["account"] == "anna@elsewhere.example");
  CHECK(restored["password_stored"] == false);
  CHECK(cli.Report({"account", "list"}).size() == 2);
  CHECK(cli.Report({"item", "list", "--account", "anna@elsewhere.example"}) ==
        cli.Report({"item", "list", "--account", name}));
  CHECK(cli.Run({"journal", "restore", cli.file(), "--account", "nobody"}).code == 2);
}

TEST_CASE("journal: a damaged backup is told, and neither verified nor restored", "[cli][care]") {
  Kept cli;
  cli.Report({"journal", "backup", cli.file()});
  std::string bytes = outpost::ReadFile(cli.file()).value();
  bytes[bytes.size() / 2] = static_cast<char>(bytes[bytes.size() / 2] ^ 1);
  REQUIRE(outpost::WriteFileDurably(cli.file(), bytes));
  for (const Words& words :
       {Words{"journal", "verify", cli.file()}, Words{"journal", "restore", cli.file(), "--force"}}) {
    const auto done = cli.Run(words);
    CHECK(done.code == 1);
    CHECK(done.output.empty());
    CHECK(done.errors.find("outpost: ") == 0);
  }
  CHECK(cli.Report({"item", "list", "--folder", "Contacts"}).size() == 2);
}

TEST_CASE("journal: stats add up, and name folders only with contents", "[cli][care]") {
  Kept cli;
  const auto stats = cli.Report({"journal", "stats"});
  CheckMembers(stats, {"account", "first", "last", "bytes", "items", "pending", "open_batches", "totals", "history",
                       "by_kind", "by_origin", "by_folder", "by_day", "disk", "live", "history_per_live", "tables",
                       "search", "folded_per_events"});
  const std::uint64_t events = stats["history"]["events"];
  CHECK(events == stats["last"]);
  CHECK(stats["history"]["oldest"] == 1);
  CHECK(stats["history"]["holes"] == 0);
  for (const char* name : {"by_kind", "by_origin", "by_folder", "by_day"}) {
    std::uint64_t sum = 0, bytes = 0;
    for (const auto& row : stats[name]) {
      sum += row["events"].get<std::uint64_t>();
      bytes += row["bytes"].get<std::uint64_t>();
    }
    INFO(name);
    CHECK(sum == events);
    CHECK(bytes == stats["history"]["bytes"]);
  }
  CHECK(stats["by_kind"]["local_created"]["events"] == 2);
  CHECK(stats["live"]["items"] >= 2);
  CHECK(stats["disk"]["all"] == stats["bytes"]);
  CHECK(stats.dump().find("Contacts") == std::string::npos);
  CHECK(cli.Report({"journal", "stats", "--content"})["by_folder"].dump().find("Contacts") != std::string::npos);
  CHECK(cli.Run({"journal", "stats"}).output.find("by_day") != std::string::npos);
}

TEST_CASE("journal: rows are made again from the events, and nothing else changes", "[cli][care]") {
  Kept cli;
  const auto before = cli.Report({"journal", "verify", "--rebuild"});
  const auto contacts = cli.Report({"item", "list", "--folder", "Contacts"});
  const auto rebuilt = cli.Report({"journal", "rebuild"});
  CheckMembers(rebuilt, {"account", "events"});
  CHECK(rebuilt["events"] == before["events"]);
  CHECK(cli.Report({"journal", "verify", "--rebuild"}) == before);
  CHECK(cli.Report({"item", "list", "--folder", "Contacts"}) == contacts);
  CHECK(cli.Report({"sync"})["batches"] == 1);
  CHECK(cli.Report({"journal", "audit"})["sound"] == true);
}

TEST_CASE("journal: verify fails whichever table is damaged, whether it holds events or rows made from them",
          "[cli][care]") {
  Kept cli;
  cli.Report({"journal", "compact"});
  const std::filesystem::path folder = cli.Report({"account", "show"})["folder"].get<std::string>();
  std::size_t tables = 0;
  for (const auto& file : std::filesystem::directory_iterator(folder / "journal" / "db")) {
    if (file.path().extension() != ".sst") continue;
    ++tables;
    const std::string whole = outpost::ReadFile(file.path()).value();
    std::string damaged = whole;
    damaged[8] = static_cast<char>(~damaged[8]);
    REQUIRE(outpost::WriteFileDurably(file.path(), damaged));
    INFO(file.path().filename());
    CHECK(cli.Run({"journal", "verify"}).code == 1);
    REQUIRE(outpost::WriteFileDurably(file.path(), whole));
  }
  CHECK(tables >= 3);
  CHECK(cli.Run({"journal", "verify"}).code == 0);
}

TEST_CASE("journal: a damaged account is salvaged beside itself, and syncs on without doubles", "[cli][care]") {
  Kept cli;
  cli.Report({"sync"});
  cli.New("first_name=Waiting");
  const std::filesystem::path folder = cli.Report({"account", "show"})["folder"].get<std::string>();
  REQUIRE(std::filesystem::remove(folder / "journal" / "db" / "CURRENT"));
  CHECK(cli.Run({"item", "list"}).code == 1);
  const auto saved = cli.Report({"journal", "salvage", "saved@elsewhere.example"});
  CheckMembers(saved, {"account", "folder", "old_last", "events", "appends", "unproven", "missing", "runs", "about",
                       "restated", "saved_by_rows", "not_folded", "pending", "last", "root", "ways"});
  CHECK(saved["missing"] == 0);
  CHECK(saved["pending"] == 1);
  CHECK(cli.Run({"journal", "salvage", "saved@elsewhere.example", "--account", folder.filename().string()}).code == 1);
  const Words account{"--account", "saved@elsewhere.example"};
  CHECK(cli.Report({"journal", "verify", "--rebuild", account[0], account[1]})["rebuild_equal"] == true);
  CHECK(cli.Report({"sync", account[0], account[1]})["pending"] == 0);
  CHECK(cli.Report({"item", "list", "--folder", "Contacts", account[0], account[1]}).size() == 3);
  CHECK(cli.elsewhere().ListContacts(cli.elsewhere().ContactsFolder().value(), {"id"}).value().size() == 3);
  const std::string target = (cli.folder() / "rescued").string();
  CHECK(cli.Report({"journal", "salvage", target, "--account", folder.filename().string()})["folder"] == target);
  CHECK(std::filesystem::exists(target + "/journal/FORMAT"));
}

TEST_CASE("journal: a bundle is made, read by every verb that only reads, and replayed", "[cli][care]") {
  Kept cli;
  cli.Report({"sync"});
  const std::string id = cli.IdOf(kCanary);
  REQUIRE_FALSE(id.empty());
  cli.Report({"item", "set", id, std::string("note=") + kCanary});
  const auto made = cli.Report({"journal", "bundle", cli.file()});
  CheckMembers(made, {"account", "time", "content", "first", "last", "root", "events", "files", "trace_bytes", "bytes",
                      "bundle", "bundle_bytes"});
  CHECK(made["content"] == false);
  CHECK(made["trace_bytes"] > 0);
  CHECK(cli.Run({"journal", "bundle", cli.file()}).code == 1);
  const auto read = [&](Words words, int code = 0) {
    words.push_back("--json");
    auto command = cli.Call(words);
    command.arguments.back() = cli.file();  // of --data
    const auto done = Run(command);
    std::string shown;
    for (const auto& word : words) shown += word + " ";
    INFO(shown << done.errors);
    CHECK(done.code == code);
    CHECK(done.output.find(kCanary) == std::string::npos);
    CHECK(done.output.find("127.0.0.1") == std::string::npos);
    return Json::parse(done.output, nullptr, false);
  };
  CHECK(read({"journal", "log"}).size() == cli.Report({"journal", "log"}).size());
  CHECK(read({"journal", "log", "--content"}).size() == made["events"]);
  CHECK(read({"journal", "show", "1", "--content"})["seq"] == 1);
  CHECK(read({"journal", "item", id, "--content"})["id"] == id);
  CHECK(read({"journal", "why", id})["found"] == 1);
  CHECK(read({"journal", "explain", id}).size() == cli.Report({"journal", "explain", id}).size());
  CHECK(read({"journal", "queue", "--content"}).size() == 1);
  CHECK(read({"journal", "parked"}).empty());
  CHECK(read({"journal", "conflicts"}).empty());
  CHECK(read({"journal", "tree", "--content"}).size() == cli.Report({"journal", "tree"}).size());
  const auto folder = read({"journal", "item", id})["folder"].get<std::string>();
  CHECK(read({"journal", "view", "--folder", folder}).size() == 2);
  CHECK(read({"journal", "diff", "1.."}).size() == cli.Report({"journal", "diff", "1.."}).size());
  CHECK(read({"journal", "stats"})["last"] == made["last"]);
  CHECK(read({"journal", "audit"})["sound"] == true);
  CHECK(read({"journal", "verify", "--rebuild"})["root"] == made["root"]);
  CHECK(read({"status"})["pending"] == 1);
  read({"item", "set", id, "note=x"}, 2);  // only read
  const auto replayed = cli.Report({"journal", "replay", cli.file()});
  CheckMembers(replayed, {"account", "version", "from", "to", "last", "records", "decisions", "requests", "noted",
                          "different", "unreadable", "same", "differences"});
  CHECK(replayed["same"] == true);
  CHECK(replayed["decisions"] > 5);
  CHECK(replayed["requests"] > 2);
  const auto here = cli.Report({"journal", "replay"});
  CHECK(here["decisions"] == replayed["decisions"]);
  CHECK(cli.Report({"journal", "replay", "--until", "3"})["decisions"] < here["decisions"]);
  const auto all = cli.Run({"journal", "replay", "--all", "--json"});
  CHECK(static_cast<std::uint64_t>(std::count(all.output.begin(), all.output.end(), '\n')) == here["records"]);
  // Written over once more, from what another process holds.
  Process watch(cli.Call({"sync", "--watch", "--json"}));
  REQUIRE(watch.ReadLine());
  CHECK(cli.Report({"journal", "bundle", cli.file(), "--force", "--content"})["content"] == true);
  CHECK(cli.Report({"journal", "replay", cli.file()})["same"] == true);
}
