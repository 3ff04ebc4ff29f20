#include <catch2/catch.hpp>

#include "tests/cli/cli.h"

using namespace outpost::test;

namespace {

const std::vector<Words> kVerbs{{"server"},
                                {"account", "add"},
                                {"account", "list"},
                                {"account", "show"},
                                {"account", "remove"},
                                {"account", "passphrase"},
                                {"account", "policy"},
                                {"account", "resync"},
                                {"account", "pause"},
                                {"account", "resume"},
                                {"account", "allow-http"},
                                {"account", "trust"},
                                {"account", "proxy-password"},
                                {"sync"},
                                {"status"},
                                {"consent", "list"},
                                {"consent", "give"},
                                {"consent", "refuse"},
                                {"settings", "list"},
                                {"settings", "get"},
                                {"settings", "set"},
                                {"folder", "list"},
                                {"item", "list"},
                                {"item", "get"},
                                {"item", "new"},
                                {"item", "set"},
                                {"item", "move"},
                                {"item", "delete"},
                                {"item", "propose"},
                                {"freebusy"},
                                {"signatures", "list"},
                                {"trash", "list"},
                                {"profile", "show"},
                                {"journal", "log"},
                                {"journal", "show"},
                                {"journal", "item"},
                                {"journal", "queue"},
                                {"journal", "parked"},
                                {"journal", "conflicts"},
                                {"journal", "verify"},
                                {"journal", "audit"},
                                {"journal", "tree"},
                                {"journal", "stats"},
                                {"journal", "backup"},
                                {"journal", "restore"},
                                {"journal", "salvage"}};

std::string Joined(const Words& words) {
  std::string text;
  for (const auto& word : words) text += (text.empty() ? "" : " ") + word;
  return text;
}

Finished Bare(const Cli& cli, Words words) {
  Command command = cli.Call({});
  command.arguments.resize(1);
  command.arguments.insert(command.arguments.end(), words.begin(), words.end());
  return Run(command);
}

}  // namespace

TEST_CASE("usage: every verb has help, with the flags all have, and an end with code 0", "[cli]") {
  Cli cli;
  for (Words words : kVerbs) {
    INFO(Joined(words));
    const std::string name = "outpost " + Joined(words);
    words.push_back("--help");
    const auto help = Bare(cli, words);
    CHECK(help.code == 0);
    CHECK(help.errors.empty());
    CHECK(help.output.find("Usage: " + name) != std::string::npos);
    for (const char* flag : {"--json", "--data", "--account"}) CHECK(help.output.find(flag) != std::string::npos);
  }
}

TEST_CASE("usage: the groups and the program list their verbs", "[cli]") {
  Cli cli;
  const auto all = Bare(cli, {"--help"});
  CHECK(all.code == 0);
  for (const auto& words : kVerbs) {
    CHECK(all.output.find("\n  " + words[0] + " ") != std::string::npos);
    if (words.size() > 1)
      CHECK(Bare(cli, {words[0], "--help"}).output.find("\n  " + words[1] + " ") != std::string::npos);
  }
  const auto version = Bare(cli, {"--version"});
  CHECK(version.code == 0);
  CHECK(version.output.substr(0, 8) == "outpost ");
}

TEST_CASE("usage: what cannot be understood ends with code 2, and nothing on standard output", "[cli]") {
  Cli cli;
  const std::vector<Words> wrong{{},
                                 {"nonsense"},
                                 {"item"},
                                 {"item", "nonsense"},
                                 {"item", "get"},
                                 {"item", "list", "--nonsense"},
                                 {"item", "list", "--state", "nonsense"},
                                 {"item", "get", "not-an-id"},
                                 {"item", "set", "0123"},
                                 {"account", "add", "--server", "host"},
                                 {"account", "policy", "nobody-wins"},
                                 {"sync", "--once", "--watch"},
                                 {"sync", "--watch", "--dry-run"},
                                 {"sync", "--poll", "5"},
                                 {"journal", "show", "first"},
                                 {"journal", "show", "-1"},
                                 {"settings", "get"},
                                 {"server", "--listen", "127.0.0.1"},
                                 {"server", "--listen", "127.0.0.1:70000"},
                                 {"server", "--fault", "nonsense"},
                                 {"server", "--fault", "503:contacts.new:0x"},
                                 {"server", "--generate", "spoons=7"},
                                 {"server", "--option", "spoon=1"},
                                 {"server", "--user", "anna"},
                                 {"server", "--tls-cert", "only-one.pem"}};
  for (const auto& words : wrong) {
    INFO(Joined(words));
    const auto done = Bare(cli, words);
    CHECK(done.code == 2);
    CHECK(done.output.empty());
    CHECK_FALSE(done.errors.empty());
  }
}

TEST_CASE("usage: a verb without an account says how to make one", "[cli]") {
  Cli cli;
  for (const Words& words : {Words{"status"}, Words{"sync"}, Words{"item", "list"}, Words{"journal", "log"}}) {
    INFO(Joined(words));
    const auto done = cli.Run(words);
    CHECK(done.code == 1);
    CHECK(done.output.empty());
    CHECK(done.errors.find("outpost account add") != std::string::npos);
  }
  CHECK(cli.Report({"account", "list"}) == Json::array());
}

TEST_CASE("usage: the default data directory follows XDG_DATA_HOME", "[cli]") {
  Cli cli;
  Command command = cli.Call({"account", "add", "--server", "https://host", "--user", "anna", "--offline"});
  command.arguments.resize(command.arguments.size() - 2);  // without --data
  CHECK(Run(command).code == 0);
  CHECK(std::filesystem::is_directory(cli.folder() / "xdg/outpost/anna@host"));
}

TEST_CASE("usage: a reader that stops reading ends no command in the middle", "[cli]") {
  Cli cli;
  REQUIRE(cli.Run({"account", "add", "--server", "https://host", "--user", "anna", "--offline"}).code == 0);
  Command command = cli.Call({"account", "list"});
  command.arguments.insert(command.arguments.begin(), {"/bin/sh", "-c", "exec \"$@\" >/dev/full", "sh"});
  const auto done = Run(command);
  CHECK(done.code == 1);
  CHECK(done.errors.find("standard output") != std::string::npos);
}
