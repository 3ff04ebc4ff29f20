// A planted password must be nowhere but in the secret store, in whatever form.
#include <signal.h>

#include <catch2/catch.hpp>
#include <fstream>

#include "base/bytes.h"
#include "base/system/files.h"
#include "tests/cli/cli.h"

using namespace outpost::test;

namespace {

std::string Base64(const std::string& text) {
  static constexpr char kDigits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string out;
  for (std::size_t i = 0; i + 3 <= text.size(); i += 3) {
    std::uint32_t word = 0;
    for (std::size_t k = 0; k < 3; ++k) word = word << 8 | static_cast<unsigned char>(text[i + k]);
    for (int shift = 18; shift >= 0; shift -= 6) out += kDigits[word >> shift & 63];
  }
  return out;  // the last bytes, which depend on what follows, left out
}

std::string Utf16(const std::string& text, bool big) {
  std::string out;
  for (const char c : text) out += big ? std::string{'\0', c} : std::string{c, '\0'};
  return out;
}

std::string Percent(const std::string& text, bool all) {
  std::string out;
  for (const char c : text)
    out += all || std::string_view("+/ &").find(c) != std::string_view::npos
               ? "%" + outpost::ToHex(outpost::AsBytes(std::string_view(&c, 1)))
               : std::string(1, c);
  return out;
}

// Every form in which a password could be written down. Base64 at each of the three places it can begin.
std::vector<std::string> FormsOf(const std::string& secret) {
  const std::string hex = outpost::ToHex(outpost::AsBytes(secret));
  std::string upper = hex;
  for (char& c : upper) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  std::vector<std::string> forms{
      secret, hex, upper, Percent(secret, true), Percent(secret, false), Utf16(secret, false), Utf16(secret, true)};
  for (std::size_t skip = 0; skip < 3; ++skip) forms.push_back(Base64(secret.substr(skip)));
  return forms;
}

std::size_t CountForms(const std::filesystem::path& folder, const std::string& secret) {
  std::size_t count = 0;
  for (const auto& form : FormsOf(secret)) {
    const auto found = CountInFiles(folder, form);
    INFO(folder << " has " << form);
    CHECK(found == 0);
    count += found;
  }
  return count;
}

}  // namespace

TEST_CASE("secrets: the forms that are looked for are found where they are", "[cli][secrets]") {
  Cli cli;
  const std::string secret = "p+w/ & Canary";
  const std::string around[] = {"", "x", "xy"};
  for (const auto& before : around)
    for (const auto& form : {Base64(before + secret + "xyz"), Utf16(secret, true), Percent(secret, false)}) {
      std::ofstream(cli.folder() / "planted") << form;
      std::size_t found = 0;
      for (const auto& looked_for : FormsOf(secret)) found += CountInFiles(cli.folder(), looked_for);
      CHECK(found > 0);
    }
}

TEST_CASE("secrets: planted passwords are in no journal, log, record, output or backup", "[cli][secrets]") {
  const std::string proxy_password = "Pr0xy-Canary/pw";
  Cli cli;
  Command command = cli.Call({});
  command.arguments.resize(1);
  const auto record = cli.folder() / "record";
  outpost::MakeFolder(record).value();
  for (const std::string& word :
       {std::string("server"), std::string("--user"), "anna:" + std::string(kPassword), std::string("--record"),
        (record / "exchanges").string(), std::string("--fault"), std::string("drop-reply:contacts.new:1")})
    command.arguments.push_back(word);
  Process server(command);
  const std::string line = server.ReadLine().value();
  const std::string url = line.substr(line.find("http://"));
  const auto outputs = cli.folder() / "outputs";
  outpost::MakeFolder(outputs).value();
  int number = 0;
  const auto keep = [&](const Words& words, const std::string& input = "") {
    const auto done = cli.Run(words, input);
    std::ofstream(outputs / std::to_string(number++)) << done.output << done.errors;
    return done;
  };
  const std::string typed = std::string(kPassword) + "\n";
  CHECK(keep({"account", "add", "--server", url, "--user", "anna", "--password-stdin"}, "wrong\n").code == 3);
  CHECK(keep({"account", "add", "--server", url, "--user", "anna", "--password-stdin"}, typed).code == 0);
  CHECK(keep({"settings", "set", "proxy", "http://anna:" + std::string(kPassword) + "@127.0.0.1:1"}).code == 2);
  CHECK(keep({"settings", "set", "pinned_key", kPassword}).code == 2);
  CHECK(keep({"settings", "set", "proxy", "http://anna@127.0.0.1:1"}).code == 0);
  CHECK(keep({"account", "proxy-password", "--password-stdin"}, proxy_password + "\n").code == 0);
  keep({"item", "new", "--folder", "Contacts", "--type", "contact", "first_name=Ada"});
  keep({"sync"});
  const auto made = cli.Report({"item", "new", "--folder", "Contacts", "--type", "contact", "first_name=Ada"});
  const auto ada = made["id"].get<std::string>();
  keep({"sync"});
  const auto backups = cli.folder() / "backups";
  outpost::MakeFolder(backups).value();
  CHECK(keep({"journal", "backup", (backups / "backup").string()}).code == 0);
  for (const char* verb : {"log", "queue", "parked", "conflicts", "tree", "stats", "audit", "verify", "compact"})
    keep({"journal", verb, "--json"});
  // All that the inspector can tell, contents too.
  for (const Words& words : {Words{"log"},
                             {"show", "1"},
                             {"item", ada},
                             {"why", ada},
                             {"explain", ada},
                             {"queue"},
                             {"parked"},
                             {"conflicts", "--all"},
                             {"tree"},
                             {"view", "--folder", "Contacts"},
                             {"diff", "1.."},
                             {"stats"}}) {
    Words all{"journal"};
    all.insert(all.end(), words.begin(), words.end());
    all.emplace_back("--content");
    INFO(words.front());
    CHECK(keep(all).code == 0);
  }
  for (const Words& words : {Words{"status"}, {"account", "show"}, {"account", "list"}, {"settings", "list"}})
    keep(words);
  const auto account = cli.Report({"account", "show"})["folder"].get<std::string>();
  CHECK(keep({"journal", "restore", (backups / "backup").string(), "--account", "copy@host"}).code == 0);
  server.Signal(SIGTERM);
  server.Wait();
  CHECK(CountInFiles(account, kPassword) == 1);  // the store, here files
  CHECK(CountInFiles(account, proxy_password) == 1);
  std::filesystem::remove(std::filesystem::path(account) / "secret");
  std::filesystem::remove(std::filesystem::path(account) / "proxy-secret");
  REQUIRE(CountInFiles(record, "login") > 0);
  for (const auto& place : {cli.data(), record, outputs, backups})
    for (const std::string& secret : {std::string(kPassword), proxy_password}) CHECK(CountForms(place, secret) == 0);
}
