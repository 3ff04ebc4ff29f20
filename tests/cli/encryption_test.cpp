#include <signal.h>

#include <catch2/catch.hpp>

#include "base/system/files.h"
#include "engine/account_key.h"
#include "engine/data_dir.h"
#include "engine/secrets.h"
#include "tests/cli/cli.h"

using namespace outpost;
using namespace outpost::test;

namespace {

constexpr const char* kPassphrase = "Canary-passphrase of anna";
constexpr const char* kTyped = "Canary-of-what-was-typed";

// Runs one call with OUTPOST_PASSPHRASE set (empty: unset). Checks that no output holds it.
Finished With(const Cli& cli, const std::string& passphrase, Words words, const std::string& input = {}) {
  Command command = cli.Call(std::move(words), input);
  command.environment["OUTPOST_PASSPHRASE"] = passphrase;
  auto done = Run(command);
  CHECK(done.output.find(kPassphrase) == std::string::npos);
  CHECK(done.errors.find(kPassphrase) == std::string::npos);
  return done;
}

Json Report(const Cli& cli, const std::string& passphrase, Words words, const std::string& input = {}) {
  words.push_back("--json");
  const auto done = With(cli, passphrase, std::move(words), input);
  INFO(done.output << done.errors);
  REQUIRE(done.code == 0);
  return Json::parse(done.output);
}

Words Add(const Cli& cli) { return {"account", "add", "--server", cli.url(), "--user", "anna", "--password-stdin"}; }

Words Plus(Words words, Words more) {
  words.insert(words.end(), more.begin(), more.end());
  return words;
}

const std::string kPasswordLine = std::string(kPassword) + "\n";

// Makes an item, syncs, edits: what is then in the journal, its log and its tables.
void Work(const Cli& cli, const std::string& passphrase) {
  Report(cli, passphrase, {"sync"});
  const auto made =
      Report(cli, passphrase,
             {"item", "new", "--folder", "Contacts", "--type", "contact", std::string("first_name=") + kTyped});
  Report(cli, passphrase, {"sync"});
  Report(cli, passphrase, {"item", "set", made["id"], std::string("note=") + kTyped});
  CHECK(Report(cli, passphrase, {"item", "get", made["id"]})["fields"]["note"] == kTyped);
  CHECK(Report(cli, passphrase, {"journal", "verify", "--rebuild"})["rebuild_equal"] == true);
}

}  // namespace

TEST_CASE("encrypted account: a key in the secret store needs nobody to type it, and nothing typed is in any file",
          "[cli][key]") {
  Cli cli;
  cli.StartServer();
  CHECK(Report(cli, "", Plus(Add(cli), {"--encrypt"}), kPasswordLine)["encryption"] == "secret-store");
  Work(cli, "");
  CHECK(Report(cli, "", {"account", "show"})["encryption"] == "secret-store");
  CHECK(CountInFiles(cli.data(), kTyped) == 0);
  const auto place = ListAccounts(cli.data()).value().at(0).folder;
  const auto key = LoadSecret(place, SecretOf::kJournalKey).value();
  CHECK(key.size() == 64);
  CHECK(CountInFiles(JournalFolder(place), key) == 0);
  CHECK(CountInFiles(JournalFolder(place), *ParseHex(key)) == 0);
  // A passphrase that is set for another account does not disturb.
  CHECK(With(cli, "another", {"status"}).code == 0);
  std::filesystem::remove(place / "journal-key");
  const auto refused = With(cli, "", {"status"});
  CHECK(refused.code == 1);
  CHECK(refused.errors.find("not in the secret store") != std::string::npos);
  REQUIRE(StoreSecret(place, std::string(64, 'a'), SecretOf::kJournalKey));
  CHECK(With(cli, "", {"status"}).errors.find("under another key") != std::string::npos);
  REQUIRE(StoreSecret(place, "no key", SecretOf::kJournalKey));
  CHECK(With(cli, "", {"item", "list"}).code == 1);
  REQUIRE(StoreSecret(place, key, SecretOf::kJournalKey));
  CHECK(With(cli, "", {"status"}).code == 0);
}

TEST_CASE("encrypted account: by passphrase each call that opens it needs it; a wrong one changes nothing",
          "[cli][key]") {
  Cli cli;
  cli.StartServer();
  CHECK(Report(cli, "", Plus(Add(cli), {"--passphrase-stdin"}), kPasswordLine + kPassphrase + "\n")["encryption"] ==
        "passphrase");
  Work(cli, kPassphrase);
  CHECK(Report(cli, kPassphrase, {"account", "show"})["encryption"] == "passphrase");
  CHECK(CountInFiles(cli.data(), kTyped) == 0);
  CHECK(CountInFiles(cli.data(), kPassphrase) == 0);
  const auto missing = With(cli, "", {"item", "list", "--json"});
  CHECK(missing.code == 2);
  CHECK(missing.output.empty());
  CHECK(missing.errors.find("OUTPOST_PASSPHRASE") != std::string::npos);
  const auto place = ListAccounts(cli.data()).value().at(0).folder;
  for (const Words& words : {Words{"item", "list"}, Words{"sync"}, Words{"account", "pause"}}) {
    const auto wrong = With(cli, "wrong", words);
    CHECK(wrong.code == 1);
    CHECK(wrong.errors.find("under another passphrase") != std::string::npos);
  }
  CHECK(Report(cli, kPassphrase, {"status"})["paused"] == false);
}

TEST_CASE("encrypted account: --encrypt takes the passphrase of the environment; without it the account is plain",
          "[cli][key]") {
  Cli cli;
  cli.StartServer();
  CHECK(Report(cli, kPassphrase, Plus(Add(cli), {"--encrypt", "--offline"}), kPasswordLine)["encryption"] ==
        "passphrase");
  CHECK(With(cli, "", {"account", "remove"}).code == 2);
  CHECK(With(cli, "", {"account", "remove", "--force"}).code == 0);
  CHECK(Report(cli, kPassphrase, Add(cli), kPasswordLine)["encryption"] == "none");
  CHECK(Report(cli, kPassphrase, {"account", "show"})["encryption"] == "none");
  CHECK(With(cli, "", {"account", "remove"}).code == 0);
  CHECK(With(cli, "", Plus(Add(cli), {"--passphrase-stdin"}), kPasswordLine).code == 2);
  CHECK(std::filesystem::is_empty(cli.data()));
}

TEST_CASE("encrypted account: its passphrase is changed, and the old one opens no longer", "[cli][key]") {
  Cli cli;
  cli.StartServer();
  Report(cli, kPassphrase, Plus(Add(cli), {"--encrypt"}), kPasswordLine);
  CHECK(With(cli, "", {"account", "passphrase"}, "new one\n").code == 2);
  CHECK(With(cli, kPassphrase, {"account", "passphrase"}, "").code == 2);
  CHECK(With(cli, "wrong", {"account", "passphrase"}, "new one\n").code == 1);
  const auto changed = Report(cli, kPassphrase, {"account", "passphrase"}, "new one\n");
  CheckMembers(changed, {"account", "passphrase_changed"});
  CHECK(changed["passphrase_changed"] == true);
  CHECK(With(cli, kPassphrase, {"status"}).code == 1);
  CHECK(With(cli, "new one", {"status"}).code == 0);
  Report(cli, "new one", {"account", "remove"});
  Report(cli, "", Add(cli), kPasswordLine);
  const auto plain = With(cli, "", {"account", "passphrase"}, "new one\n");
  CHECK(plain.code == 1);
  CHECK(plain.errors.find("no passphrase to change") != std::string::npos);
}

TEST_CASE("encrypted account: while one process watches it others go through it, and none removes it", "[cli][key]") {
  Cli cli;
  cli.StartServer();
  Report(cli, kPassphrase, Plus(Add(cli), {"--encrypt"}), kPasswordLine);
  Command command = cli.Call({"sync", "--watch", "--json"});
  command.environment["OUTPOST_PASSPHRASE"] = kPassphrase;
  Process watch(command);
  REQUIRE(watch.ReadLine());
  const auto made =
      Report(cli, kPassphrase, {"item", "new", "--folder", "Contacts", "--type", "contact", "first_name=Ada"});
  CHECK(made["fields"]["first_name"] == "Ada");
  CHECK(With(cli, "", {"account", "remove", "--force"}).code == 1);
  CHECK(With(cli, kPassphrase, {"account", "passphrase"}, "new one\n").code == 1);
  watch.Signal(SIGTERM);
  CHECK(watch.Wait() == 0);
  CHECK(Report(cli, kPassphrase, {"item", "list", "--folder", "Contacts"}).size() == 1);
}

TEST_CASE("encrypted account: the secret store keeps password and key apart", "[cli][key][data]") {
  Cli cli;
  REQUIRE(MakeFolder(cli.data()));
  REQUIRE(StoreSecret(cli.data(), "password"));
  CHECK(LoadSecret(cli.data(), SecretOf::kJournalKey).error().code == Code::kNotFound);
  REQUIRE(StoreSecret(cli.data(), "key", SecretOf::kJournalKey));
  CHECK(LoadSecret(cli.data()).value() == "password");
  CHECK(LoadSecret(cli.data(), SecretOf::kJournalKey).value() == "key");
  const auto others = std::filesystem::perms::group_all | std::filesystem::perms::others_all;
  CHECK((std::filesystem::status(cli.data() / "journal-key").permissions() & others) == std::filesystem::perms::none);
}
