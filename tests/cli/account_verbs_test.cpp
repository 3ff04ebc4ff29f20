#include <signal.h>

#include <catch2/catch.hpp>

#include "tests/cli/cli.h"

using namespace outpost::test;
namespace oxserver = outpost::oxserver;

namespace {

const std::vector<std::string> kSyncMembers{
    "link",   "problem", "retry_after",     "local_failure", "rounds", "requests",       "pulled",
    "pushed", "batches", "resumed_batches", "conflicts",     "parked", "held_deletions", "pending"};

}  // namespace

TEST_CASE("account: added, listed, shown, removed", "[cli]") {
  Cli cli;
  cli.StartServer();
  const auto added = cli.Report({"account", "add", "--server", cli.url(), "--user", "anna", "--password-stdin"}, 0,
                                std::string(kPassword) + "\n");
  CheckMembers(added, {"account", "server", "user", "folder", "encryption", "trust", "signed_in", "link", "problem"});
  CHECK(added["trust"] == "system");
  CHECK(added["signed_in"] == true);
  CHECK(added["link"] == "online");
  const auto list = cli.Report({"account", "list"});
  REQUIRE(list.size() == 1);
  CheckMembers(list[0], {"name", "folder", "held"});
  CHECK(list[0]["name"] == added["account"]);
  CHECK(list[0]["held"] == false);
  const auto shown = cli.Report({"account", "show"});
  CheckMembers(
      shown, {"name", "folder", "encryption", "password_stored", "proxy_password_stored", "trust", "held", "settings"});
  CHECK(shown["trust"] == "system");
  CHECK(shown["password_stored"] == true);
  CHECK(shown["encryption"] == "none");
  CHECK(shown["settings"]["user"] == "anna");
  CHECK(cli.Run({"account", "add", "--server", cli.url(), "--user", "anna", "--password-stdin"}, "other\n").code == 1);
  CHECK(cli.Report({"account", "remove"})["removed"] == added["account"]);
  CHECK(cli.Report({"account", "list"}).empty());
  CHECK(std::filesystem::is_empty(cli.data()));
}

TEST_CASE("account: a wrong password ends with code 3, one sentence, and leaves nothing behind", "[cli]") {
  Cli cli;
  cli.StartServer();
  const auto before = cli.server().requests();
  const auto done =
      cli.Run({"account", "add", "--server", cli.url(), "--user", "anna", "--password-stdin", "--json"}, "wrong\n");
  CHECK(done.code == 3);
  CHECK(done.output.empty());
  CHECK(std::count(done.errors.begin(), done.errors.end(), '\n') == 1);
  CHECK(std::filesystem::is_empty(cli.data()));
  CHECK(cli.server().requests() - before <= 3);  // probing, and one attempt to sign in
}

TEST_CASE("account: an unreachable server ends with code 3, the account stays and takes edits", "[cli]") {
  Cli cli;
  cli.StartServer();
  cli.StopServer();
  const auto added = cli.Report({"account", "add", "--server", cli.url(), "--user", "anna", "--password-stdin"}, 3,
                                std::string(kPassword) + "\n");
  CHECK(added["signed_in"] == false);
  CHECK_FALSE(added["problem"].get<std::string>().empty());
  CHECK(cli.Report({"account", "list"}).size() == 1);
  cli.StartServer();
  CHECK(cli.Report({"sync"})["link"] == "online");
}

TEST_CASE("account: without a password nothing is made, unless offline", "[cli]") {
  Cli cli;
  CHECK(cli.Run({"account", "add", "--server", "https://host", "--user", "anna"}).code == 2);
  CHECK(cli.Run({"account", "add", "--server", "https://host", "--user", "anna", "--password-stdin"}, "").code == 2);
  CHECK(cli.Report({"account", "list"}).empty());
  CHECK(cli.Report({"account", "add", "--server", "https://host", "--user", "anna", "--offline"})["signed_in"] ==
        false);
  CHECK(cli.Run({"account", "add", "--server", "https://anna:pw@host", "--user", "bert", "--offline"}).code == 2);
  CHECK(cli.Report({"account", "add", "--server", "https://host", "--user", "bert", "--offline"})["account"] ==
        "bert@host");
  const auto ambiguous = cli.Run({"status"});
  CHECK(ambiguous.code == 2);
  CHECK(ambiguous.errors.find("anna@host, bert@host") != std::string::npos);
  CHECK(cli.Report({"status", "--account", "bert@host"})["account"] == "bert@host");
}

TEST_CASE("account: the password comes from the environment too, and is in no file but the secret", "[cli]") {
  Cli cli;
  cli.StartServer();
  Command command = cli.Call({"account", "add", "--server", cli.url(), "--user", "anna"});
  command.environment["OUTPOST_PASSWORD"] = kPassword;
  const auto done = Run(command);
  CHECK(done.code == 0);
  CHECK(done.output.find(kPassword) == std::string::npos);
  cli.Report({"sync"});
  cli.Report({"account", "show"});
  CHECK(CountInFiles(cli.data(), kPassword) == 1);
  CHECK(CountInFiles(cli.data() / "", "anna") > 0);
}

TEST_CASE("account: another password is stored and used, and empty input is refused", "[cli]") {
  Cli cli;
  cli.StartServer();
  cli.AddAccount();
  CHECK(cli.Run({"account", "password", "--password-stdin"}, "\n").code == 2);
  CHECK(cli.Report({"account", "password", "--password-stdin"}, 0, "wrong\n")["password_stored"] == true);
  CHECK(cli.Report({"sync"}, 3)["link"] == "wrong_password");
  CHECK(cli.Report({"account", "password", "--password-stdin"}, 0, std::string(kPassword) + "\n")["password_stored"] ==
        true);
  CHECK(cli.Report({"sync"})["link"] == "online");
}

TEST_CASE("password: changed on the server and here, with a figure of its strength; refusals and lost answers are told",
          "[cli]") {
  Cli cli;
  const auto strength = [&](const std::string& password) {
    return cli.Report({"password", "--password-stdin", "--strength"}, 0, password + "\n");
  };
  CHECK(strength("aaaaaaaaaaaaaaaa")["strength"] == "weak");
  CHECK(strength("12345678")["strength"] == "weak");
  CHECK(strength("tr0ub4dor&3X")["strength"] == "good");
  const std::string first = "Correct-horse 7 battery!";
  CHECK(strength(first)["bits"] > strength("tr0ub4dor&3X")["bits"]);
  cli.StartServer();
  cli.AddAccount();
  const auto signs_in = [&](const std::string& password) {
    return oxserver::ApiClient::SignIn([&](const auto& request) { return cli.server().Handle(request); }, "anna",
                                       password)
        .has_value();
  };
  const auto changed = cli.Report({"password", "--password-stdin"}, 0, first + "\n");
  CheckMembers(changed, {"account", "changed", "bits", "strength"});
  CHECK(changed["strength"] == "strong");
  CHECK(signs_in(first));
  CHECK_FALSE(signs_in(kPassword));
  CHECK(cli.Report({"sync"})["link"] == "online");

  const auto refused = cli.Run({"password", "--password-stdin"}, "abc\n");
  CHECK(refused.code == 1);
  CHECK(refused.errors.find("PSW-0003") != std::string::npos);
  CHECK(cli.Run({"password", "--password-stdin"}, "\n").code == 2);
  CHECK(cli.Report({"sync"})["link"] == "online");

  const std::string second = "another One, 9 words long";
  REQUIRE(cli.server().AddFault("drop-reply:passwordchange.update:1"));
  const auto lost = cli.Run({"password", "--password-stdin"}, second + "\n");
  CHECK(lost.code == 1);
  CHECK(lost.errors.find("account password") != std::string::npos);
  CHECK(signs_in(second));
  CHECK(cli.Report({"sync"}, 3)["link"] == "wrong_password");
  CHECK(cli.Run({"password", "--password-stdin"}, first + "\n").code == 3);
  cli.Report({"account", "password", "--password-stdin"}, 0, second + "\n");
  CHECK(cli.Report({"sync"})["link"] == "online");
  CHECK(CountInFiles(cli.data(), second) <= 1);  // where secrets are kept, and nowhere else
  cli.StopServer();
  CHECK(cli.Run({"password", "--password-stdin"}, first + "\n").code == 3);
}

TEST_CASE("account: policy, pause, resume, resync and allow-http are settings", "[cli]") {
  Cli cli;
  cli.StartServer();
  cli.AddAccount();
  CHECK(cli.Report({"account", "policy", "client-wins"})["policy"] == "client-wins");
  CHECK(cli.Report({"settings", "get", "policy"})["value"] == "client-wins");
  CHECK(cli.Report({"account", "pause"})["paused"] == true);
  CHECK(cli.Report({"status"})["paused"] == true);
  CHECK(cli.Report({"account", "resume"})["paused"] == false);
  CHECK(cli.Report({"status"})["paused"] == false);
  CHECK(cli.Report({"account", "resync"})["resync"] == 1);
  CHECK(cli.Report({"account", "resync"})["resync"] == 2);
  CHECK(cli.Report({"account", "allow-http"})["allow_http"] == true);
  CHECK(cli.Report({"settings", "get", "allow_http"})["value"] == "true");
  CHECK(cli.Report({"sync"})["link"] == "online");
}

TEST_CASE("settings: listed, set within their values, and only those that are set by hand", "[cli]") {
  Cli cli;
  cli.StartServer();
  cli.AddAccount();
  for (const auto& setting : cli.Report({"settings", "list"}))
    CheckMembers(setting, {"name", "value", "default", "about"});
  CHECK(cli.Report({"settings", "set", "policy", "client-wins"})["value"] == "client-wins");
  CHECK(cli.Report({"settings", "set", "policy", ""})["value"].is_null());
  CHECK(cli.Report({"settings", "get", "policy"})["value"].is_null());
  for (const Words& words : {Words{"policy", "nobody"},
                             {"user", "bert"},
                             {"base_url", "http://x"},
                             {"spoon", "1"},
                             {"search_folder.0123456789abcdef0123456789abcdef", ""},
                             {"server", "https://elsewhere"}}) {
    const auto done = cli.Run({"settings", "set", words[0], words[1]});
    CHECK(done.code == 2);
    CHECK(done.output.empty());
    CHECK(done.errors.find("hidden-pw") == std::string::npos);
  }
  CHECK(cli.Run({"settings", "get", "search_folder.0123456789abcdef0123456789abcdef"}).code == 2);
}

TEST_CASE("account: edits that only this copy has keep it from being removed", "[cli]") {
  Cli cli;
  cli.StartServer();
  cli.AddAccount();
  cli.Report({"item", "new", "--folder", "Contacts", "--type", "contact", "first_name=Ada"});
  const auto refused = cli.Run({"account", "remove"});
  CHECK(refused.code == 1);
  CHECK(refused.errors.find("--force") != std::string::npos);
  CHECK(cli.Report({"item", "list"}).size() >= 1);
  cli.Report({"account", "remove", "--force"});
  CHECK(cli.Report({"account", "list"}).empty());
}

TEST_CASE("sync: an unreachable server ends with code 3 and keeps the edits", "[cli]") {
  Cli cli;
  cli.StartServer();
  cli.AddAccount();
  cli.Report({"item", "new", "--folder", "Contacts", "--type", "contact", "first_name=Ada"});
  cli.StopServer();
  const auto report = cli.Report({"sync"}, 3);
  CheckMembers(report, kSyncMembers);
  CHECK(report["link"] == "offline");
  CHECK(report["pending"] == 1);
  const auto preview = cli.Report({"sync", "--dry-run"}, 3);
  CheckMembers(preview, {"link", "problem", "local_failure", "send", "fetch", "overwrite", "remove"});
  cli.StartServer();
  CHECK(cli.Report({"sync", "--dry-run"})["send"] == 1);
  CHECK(cli.Report({"status"})["pending"] == 1);
  CHECK(cli.Report({"sync"})["pending"] == 0);
}

TEST_CASE("sync: while one process watches, the edits of others go through it", "[cli]") {
  Cli cli;
  cli.StartServer();
  cli.AddAccount();
  Process watch(cli.Call({"sync", "--watch", "--json"}));
  const auto first = watch.ReadLine();
  REQUIRE(first);
  auto members = kSyncMembers;
  members.push_back("time");
  CheckMembers(Json::parse(*first), members);
  CHECK(cli.Report({"status"})["held"] == true);
  const auto made = cli.Report({"item", "new", "--folder", "Contacts", "--type", "contact", "first_name=Ada"});
  CHECK(made["fields"]["first_name"] == "Ada");
  const auto changed = cli.Report({"item", "set", made["id"], "first_name=Augusta", "note=from another process"});
  CHECK(changed["fields"]["note"] == "from another process");
  CHECK(cli.Report({"sync"})["pending"] == 0);
  CHECK(cli.Report({"item", "get", made["id"]})["state"] == "synced");
  CHECK(cli.Report({"account", "policy", "client-wins"})["policy"] == "client-wins");
  CHECK(cli.Run({"sync", "--watch"}).code == 1);
  CHECK(cli.Run({"account", "remove", "--force"}).code == 1);
  watch.Signal(SIGTERM);
  CHECK(watch.Wait() == 0);
  CHECK(cli.Report({"status"})["held"] == false);
  const auto contacts =
      cli.elsewhere().ListContacts(cli.elsewhere().ContactsFolder().value(), {"first_name", "note"}).value();
  REQUIRE(contacts.size() == 1);
  CHECK(contacts[0] == oxserver::FieldMap{{"first_name", "Augusta"}, {"note", "from another process"}});
}

TEST_CASE("sync: a watcher that was killed leaves a socket that disturbs nobody", "[cli]") {
  Cli cli;
  cli.StartServer();
  cli.AddAccount();
  Process watch(cli.Call({"sync", "--watch", "--json"}));
  REQUIRE(watch.ReadLine());
  watch.Signal(SIGKILL);
  CHECK(watch.Wait() == 128 + SIGKILL);
  CHECK(cli.Report({"status"})["held"] == false);
  cli.Report({"item", "new", "--folder", "Contacts", "--type", "contact", "first_name=Ada"});
  CHECK(cli.Report({"sync"})["pending"] == 0);
  CHECK(cli.Report({"journal", "verify", "--rebuild"})["rebuild_equal"] == true);
}

TEST_CASE("status: a stream of changes while it is watched", "[cli]") {
  Cli cli;
  cli.StartServer();
  cli.AddAccount();
  Process watch(cli.Call({"status", "--watch", "--json"}));
  const auto first = watch.ReadLine();
  REQUIRE(first);
  CHECK(Json::parse(*first)["pending"] == 0);
  cli.Report({"item", "new", "--folder", "Contacts", "--type", "contact", "first_name=Ada"});
  const auto second = watch.ReadLine();
  REQUIRE(second);
  CHECK(Json::parse(*second)["pending"] == 1);
  watch.Signal(SIGINT);
  CHECK(watch.Wait() == 0);
}
