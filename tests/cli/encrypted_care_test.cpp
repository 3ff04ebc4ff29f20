// What is encrypted stays so in a backup, and is restored and salvaged by the key that opens it.
#include <catch2/catch.hpp>

#include "base/system/files.h"
#include "tests/cli/cli.h"

using namespace outpost::test;

namespace {

constexpr const char* kPassphrase = "Canary-passphrase of anna";
constexpr const char* kTyped = "Canary-of-what-was-typed";

struct Locked : Cli {
  std::string passphrase;
  explicit Locked(std::string given) : passphrase(std::move(given)) {
    StartServer();
    const Words add{"account", "add", "--server", url(), "--user", "anna", "--password-stdin", "--encrypt"};
    Done(add, std::string(kPassword) + "\n");
    Done({"sync"});
    Done({"item", "new", "--folder", "Contacts", "--type", "contact", std::string("first_name=") + kTyped});
  }
  Finished With(const std::string& given, Words words, const std::string& input = {}) const {
    Command command = Call(std::move(words), input);
    command.environment["OUTPOST_PASSPHRASE"] = given;
    return outpost::test::Run(command);
  }
  Json Done(Words words, const std::string& input = {}) const {
    words.push_back("--json");
    const auto done = With(passphrase, std::move(words), input);
    INFO(done.errors);
    REQUIRE(done.code == 0);
    return Json::parse(done.output);
  }
  std::string file() const { return (folder() / "locked.outpost").string(); }
};

}  // namespace

TEST_CASE("journal: an encrypted account is backed up, restored and salvaged encrypted", "[cli][care][key]") {
  const Locked cli(GENERATE(std::string(), std::string(kPassphrase)));
  const auto backup = cli.Done({"journal", "backup", cli.file()});
  CHECK(backup["encrypted"] == true);
  CHECK(cli.Done({"journal", "verify", cli.file(), "--rebuild"})["rebuild_equal"] == true);
  if (!cli.passphrase.empty()) CHECK(cli.With("wrong", {"journal", "verify", cli.file()}).code != 0);
  cli.Done({"sync"});

  const auto restored = cli.Done({"journal", "restore", cli.file(), "--force"});
  CHECK(restored["root"] == backup["root"]);
  CHECK(restored["pending"] == 1);
  CHECK(cli.Done({"sync"})["batches"] == 0);
  CHECK(cli.Done({"item", "list", "--folder", "Contacts"}).size() == 1);
  cli.Done({"journal", "compact"});  // would make an index of what was typed
  CHECK(cli.Done({"journal", "stats"})["search"].is_null());
  CHECK(cli.Done({"item", "list", "--folder", "Contacts", "--search", "canary"}).size() == 1);

  const std::filesystem::path account = cli.Done({"account", "show"})["folder"].get<std::string>();
  CHECK_FALSE(std::filesystem::exists(account / "search.sqlite"));
  REQUIRE(std::filesystem::remove(account / "journal" / "db" / "CURRENT"));
  const auto saved = cli.Done({"journal", "salvage", "saved@elsewhere.example"});
  CHECK(saved["missing"] == 0);
  const Words of{"--account", "saved@elsewhere.example"};
  CHECK(cli.Done({"journal", "verify", "--rebuild", of[0], of[1]})["rebuild_equal"] == true);
  CHECK(cli.Done({"item", "list", "--folder", "Contacts", of[0], of[1]}).size() == 1);
  CHECK(CountInFiles(cli.data(), kTyped) == 0);
  CHECK(outpost::ReadFile(cli.file()).value().find(kTyped) == std::string::npos);
}
