// With a real secret service: gnome-keyring on a bus of its own, without a desktop.
#include <catch2/catch.hpp>

#include "base/system/files.h"
#include "tests/cli/cli.h"

using namespace outpost::test;

namespace {

constexpr const char* kDaemon = "/usr/bin/gnome-keyring-daemon";
constexpr const char* kBus = "/usr/bin/dbus-run-session";

bool Present() {
  for (const char* needed : {kDaemon, kBus}) {
    if (std::filesystem::exists(needed)) continue;
    std::printf("[skipped] %s is not there\n", needed);
    return false;
  }
  return true;
}

// Runs `script` with an unlocked keyring; $outpost is the program, $data its data directory.
Finished WithKeyring(const Cli& cli, const std::string& script) {
  Command command = cli.Call({});
  const std::string program = command.arguments.front();
  command.arguments = {
      kBus, "--", "/bin/sh", "-euc",
      "printf unlocked | " + std::string(kDaemon) + " --unlock --components=secrets >/dev/null\n" + script};
  command.environment["outpost"] = program;
  command.environment["data"] = cli.data().string();
  command.environment["HOME"] = cli.folder().string();
  command.environment["XDG_RUNTIME_DIR"] = (cli.folder() / "run").string();
  command.environment["pw"] = kPassword;
  outpost::MakeFolder(cli.folder() / "run").value();
  return Run(command);
}

}  // namespace

TEST_CASE("secret service: a password stored there is in no file of the account, and found again", "[cli][secrets]") {
  if (!Present()) return;
  Cli cli;
  cli.StartServer();
  const auto done = WithKeyring(cli, "echo $pw | $outpost account add --server " + cli.url() +
                                         " --user anna --password-stdin --data $data --json\n"
                                         "$outpost sync --data $data --json\n"
                                         "$outpost account show --data $data --json\n");
  INFO(done.output << done.errors);
  REQUIRE(done.code == 0);
  CHECK(done.output.find("\"password_stored\":true") != std::string::npos);
  CHECK(CountInFiles(cli.data(), kPassword) == 0);
  // Without the service it says so; the password can be given instead.
  const auto without = cli.Report({"sync"}, 3);
  CHECK(without["link"] == "wrong_password");
  CHECK(without["problem"].get<std::string>().find("secret service") != std::string::npos);
  CHECK(cli.Report({"sync", "--password-stdin"}, 0, std::string(kPassword) + "\n")["link"] == "online");
  // It is gone from the service with the account.
  const auto removed = WithKeyring(cli,
                                   "name=$(cat $data/*/secret.name)\n"
                                   "$outpost account remove --data $data\n"
                                   "grep -rac $name $HOME/xdg/keyrings || true\n");
  INFO(removed.output << removed.errors);
  CHECK(removed.code == 0);
  CHECK(std::filesystem::is_empty(cli.data()));
}

TEST_CASE("secret service: the key of an encrypted account may lie there too", "[cli][secrets]") {
  if (!Present()) return;
  Cli cli;
  cli.StartServer();
  const auto done = WithKeyring(cli, "echo $pw | $outpost account add --server " + cli.url() +
                                         " --user anna --password-stdin --encrypt --data $data --json\n"
                                         "$outpost sync --data $data --json\n"
                                         "$outpost item list --data $data --json\n");
  INFO(done.output << done.errors);
  CHECK(done.code == 0);
  CHECK(cli.Run({"item", "list"}).code == 1);
}

TEST_CASE("secret service: without one, secrets go to files of the owner", "[cli][secrets]") {
  Cli cli;
  cli.StartServer();
  Command command = cli.Call({"account", "add", "--server", cli.url(), "--user", "anna", "--password-stdin"},
                             std::string(kPassword) + "\n");
  command.environment["DBUS_SESSION_BUS_ADDRESS"] = "unix:path=" + (cli.folder() / "nobody").string();
  CHECK(Run(command).code == 0);
  CHECK(CountInFiles(cli.data(), kPassword) == 1);
  CHECK(cli.Report({"sync"})["link"] == "online");
  for (const auto& entry : std::filesystem::recursive_directory_iterator(cli.data()))
    if (entry.path().filename() == "secret")
      CHECK((entry.status().permissions() & std::filesystem::perms(077)) == std::filesystem::perms::none);
}
