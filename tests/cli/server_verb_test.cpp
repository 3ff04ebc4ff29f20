#include <signal.h>

#include <catch2/catch.hpp>

#include "base/system/files.h"
#include "tests/cli/cli.h"

using namespace outpost::test;

namespace {

// The address in "listening on http://HOST:PORT/ajax".
std::string Listening(Process& server) {
  const auto line = server.ReadLine();
  REQUIRE(line);
  REQUIRE(line->substr(0, 20) == "listening on http://");
  return line->substr(13);
}

}  // namespace

TEST_CASE("server: says where it listens first, serves a client, ends on SIGTERM", "[cli]") {
  Cli cli;
  Process server(cli.Call({"server", "--user", "anna:secret", "--generate", "contacts=30", "--record",
                           (cli.folder() / "record").string()}));
  const std::string url = Listening(server);
  CHECK(url.substr(url.size() - 5) == "/ajax");
  CHECK(cli.Report({"account", "add", "--server", url, "--user", "anna", "--password-stdin"}, 0,
                   "secret\n")["signed_in"] == true);
  CHECK(cli.Report({"sync"})["pulled"] >= 30);
  CHECK(cli.Report({"item", "list", "--folder", "Contacts"}).size() == 30);
  server.Signal(SIGTERM);
  CHECK(server.Wait() == 0);
  CHECK(server.output().empty());
  const std::string record = outpost::ReadFile(cli.folder() / "record").value();
  CHECK(record.find("login") != std::string::npos);
  CHECK(record.find("secret") == std::string::npos);
}

TEST_CASE("server: imports the vCards of a folder and lists what it skipped", "[cli]") {
  Cli cli;
  const auto cards = cli.folder() / "cards";
  REQUIRE(outpost::MakeFolder(cards / "deeper"));
  REQUIRE(outpost::WriteFileDurably(
      cards / "a.vcf", "BEGIN:VCARD\r\nVERSION:3.0\r\nN:Lovelace;Ada\r\nFN:Ada Lovelace\r\nEND:VCARD\r\n"));
  REQUIRE(outpost::WriteFileDurably(
      cards / "deeper/b.vcf", "BEGIN:VCARD\r\nVERSION:3.0\r\nN:Hopper;Grace\r\nFN:Grace Hopper\r\nEND:VCARD\r\n"));
  REQUIRE(outpost::WriteFileDurably(cards / "broken.vcf", "BEGIN:VCARD\r\nno colon here"));
  REQUIRE(outpost::WriteFileDurably(cards / "notes.txt", "not a card"));
  Process server(cli.Call({"server", "--import", cards.string()}));
  const std::string url = Listening(server);
  cli.Report({"account", "add", "--server", url, "--user", "anna", "--password-stdin"}, 0, "secret\n");
  cli.Report({"sync"});
  CHECK_FALSE(cli.IdOf("Ada").empty());
  CHECK_FALSE(cli.IdOf("Grace").empty());
  server.Signal(SIGINT);
  CHECK(server.Wait() == 0);
  CHECK(server.errors().find("notes.txt") != std::string::npos);
  CHECK(server.errors().find("broken.vcf") != std::string::npos);
}

TEST_CASE("server: a fault that cannot be read is refused with the grammar", "[cli]") {
  Cli cli;
  const auto done = cli.Run({"server", "--fault", "explode:contacts.new"});
  CHECK(done.code == 2);
  CHECK(done.output.empty());
  CHECK(done.errors.find("KIND[:MODULE.ACTION][:NTH|PCT%]") != std::string::npos);
  CHECK(done.errors.find("drop-reply") != std::string::npos);
}

TEST_CASE("server: with a lost reply of a create the client still makes one contact", "[cli]") {
  Cli cli;
  Process server(cli.Call({"server", "--fault", "drop-reply:contacts.new:1"}));
  const std::string url = Listening(server);
  cli.Report({"account", "add", "--server", url, "--user", "anna", "--password-stdin"}, 0, "secret\n");
  cli.Report({"sync"});
  cli.Report({"item", "new", "--folder", "Contacts", "--type", "contact", "first_name=Ada"});
  cli.Run({"sync", "--json"});
  for (int again = 0; again < 3 && cli.Report({"status"})["pending"] != 0; ++again) cli.Run({"sync", "--json"});
  CHECK(cli.Report({"status"})["pending"] == 0);
  std::size_t adas = 0;
  for (const auto& item : cli.Report({"item", "list"})) adas += item["fields"].value("first_name", "") == "Ada" ? 1 : 0;
  CHECK(adas == 1);
  server.Signal(SIGTERM);
  CHECK(server.Wait() == 0);
}
