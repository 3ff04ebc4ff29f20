// The program over https, against `outpost server` with a certificate.
#include <signal.h>

#include <catch2/catch.hpp>
#include <fstream>

#include "tests/cli/cli.h"
#include "tests/replicator/net/certificate.h"

using namespace outpost::test;

namespace {

struct SecureServer {
  explicit SecureServer(const Cli& cli) : SecureServer(cli, MakeCertificate("127.0.0.1")) {}
  SecureServer(const Cli& cli, Certificate shown) : own(std::move(shown)) {
    certificate = (cli.folder() / "cert.pem").string();
    const std::string key = (cli.folder() / "key.pem").string();
    std::ofstream(certificate) << own.certificate;
    std::ofstream(key) << own.key;
    Command command = cli.Call({});
    command.arguments.resize(1);
    for (const std::string& word : {std::string("server"), std::string("--user"), "anna:" + std::string(kPassword),
                                    std::string("--tls-cert"), certificate, std::string("--tls-key"), key})
      command.arguments.push_back(word);
    process = std::make_unique<Process>(command);
    const auto line = process->ReadLine();
    REQUIRE(line);
    REQUIRE(line->rfind("listening on https://127.0.0.1:", 0) == 0);
    url = line->substr(std::string("listening on ").size());
  }
  Certificate own;
  std::string certificate;
  std::string url;
  std::unique_ptr<Process> process;
};

Words Added(const SecureServer& server) {
  return {"account", "add", "--server", server.url, "--user", "anna", "--password-stdin"};
}
Words Added(const SecureServer& server, const Words& more) {
  Words words = Added(server);
  words.insert(words.end(), more.begin(), more.end());
  return words;
}
const std::string kTyped = std::string(kPassword) + "\n";

// A TLS server that is none of ours, and speaks no OX.
struct ForeignServer {
  explicit ForeignServer(const Cli& cli) : own(MakeCertificate("127.0.0.1")) {
    const std::string certificate = (cli.folder() / "foreign.pem").string();
    const std::string key = (cli.folder() / "foreign-key.pem").string();
    std::ofstream(certificate) << own.certificate;
    std::ofstream(key) << own.key;
    Command command;
    command.arguments = {"/usr/bin/openssl", "s_server", "-accept", "127.0.0.1:0", "-www", "-cert",
                         certificate,        "-key",     key};
    process = std::make_unique<Process>(command);
    for (auto line = process->ReadLine(); line; line = process->ReadLine()) {
      if (line->rfind("ACCEPT ", 0) != 0) continue;
      url = "https://127.0.0.1:" + line->substr(line->rfind(':') + 1);
      break;
    }
    REQUIRE_FALSE(url.empty());
  }
  Certificate own;
  std::string url;
  std::unique_ptr<Process> process;
};

// What the account was begun with, and how many events came before it.
Json FirstSettings(const Cli& cli) {
  const auto events = cli.Report({"journal", "log", "--kind", "account_set", "--content"});
  REQUIRE_FALSE(events.empty());
  CHECK(events[0]["seq"] == 1);
  CHECK(events[0]["origin"] == "user");
  return events[0]["settings"];
}

}  // namespace

TEST_CASE("tls: a certificate nobody knows is refused with its key, and trusted by that key", "[cli][tls]") {
  Cli cli;
  const SecureServer server(cli);
  const auto added = cli.Report(Added(server), 3, kTyped);
  CHECK(added["link"] == "wrong_certificate");
  CHECK(added["problem"].get<std::string>().find("self-signed") != std::string::npos);
  CHECK(added["problem"].get<std::string>().find(KeyOf(server.own)) != std::string::npos);
  CHECK(cli.Report({"sync"}, 3)["link"] == "wrong_certificate");
  const auto trusted = cli.Report({"account", "trust", "--key", KeyOf(server.own)});
  CheckMembers(trusted, {"account", "pinned_key", "ca_file"});
  CHECK(trusted["pinned_key"] == KeyOf(server.own));
  const auto shown = cli.Report({"account", "show"});
  CHECK(shown["trust"] == "pinned_key");
  CHECK(shown["settings"]["pinned_key"] == KeyOf(server.own));
  cli.Report({"item", "list"});
  CHECK(cli.Report({"sync"})["link"] == "online");
  // The act is in the journal, with its value.
  bool journaled = false;
  for (const auto& event : cli.Report({"journal", "log", "--kind", "account_set", "--content"}))
    journaled = journaled || event.dump().find(KeyOf(server.own)) != std::string::npos;
  CHECK(journaled);
  cli.Report({"account", "trust", "--system"});
  CHECK(cli.Report({"account", "show"})["trust"] == "system");
  CHECK(cli.Report({"sync"}, 3)["link"] == "wrong_certificate");
}

TEST_CASE("tls: an authority's file is trusted, and edits travel", "[cli][tls]") {
  Cli cli;
  const SecureServer server(cli);
  auto offline = Added(server);
  offline.push_back("--offline");
  cli.Report(offline, 0, kTyped);
  CHECK(cli.Report({"account", "trust", "--ca", server.certificate})["ca_file"] == server.certificate);
  CHECK(cli.Report({"sync"})["link"] == "online");
  cli.Report({"item", "new", "--folder", "Contacts", "--type", "contact", "first_name=Ada"});
  CHECK(cli.Report({"sync"})["pushed"] >= 1);
  CHECK(cli.Report({"status"})["pending"] == 0);
}

TEST_CASE("tls: one who watches goes on when the certificate is trusted", "[cli][tls]") {
  Cli cli;
  const SecureServer server(cli);
  cli.Report(Added(server), 3, kTyped);
  Process watch(cli.Call({"sync", "--watch", "--json"}));
  CHECK(Json::parse(watch.ReadLine().value())["link"] == "wrong_certificate");
  cli.Report({"account", "trust", "--key", KeyOf(server.own)});
  CHECK(Json::parse(watch.ReadLine().value())["link"] == "online");
  watch.Signal(SIGTERM);
  CHECK(watch.Wait() == 0);
}

TEST_CASE("tls: an account can begin with the trust that was stated for it", "[cli][tls]") {
  Cli cli;
  SECTION("by the server's key") {
    const SecureServer server(cli);
    const auto added = cli.Report(Added(server, {"--pinned-key", KeyOf(server.own)}), 0, kTyped);
    CHECK(added["signed_in"] == true);
    CHECK(added["trust"] == "pinned_key");
    CHECK(FirstSettings(cli)["pinned_key"] == KeyOf(server.own));
    CHECK(cli.Report({"account", "show"})["trust"] == "pinned_key");
    CHECK(cli.Report({"sync"})["link"] == "online");
  }
  SECTION("by an authority of one's own") {
    const Certificate authority = MakeCertificate(CertificateWish{.host = "authority.example", .authority = true});
    const std::string file = (cli.folder() / "authority.pem").string();
    std::ofstream(file) << authority.certificate;
    const SecureServer server(cli, MakeCertificate(CertificateWish{.host = "127.0.0.1", .issuer = &authority}));
    const auto added = cli.Report(Added(server, {"--ca-file", file}), 0, kTyped);
    CHECK(added["signed_in"] == true);
    CHECK(added["trust"] == "ca_file");
    CHECK(FirstSettings(cli)["ca_file"] == file);
    CHECK(cli.Report({"sync"})["link"] == "online");
  }
  SECTION("which is not forgotten where the first sign-in has to wait") {
    const SecureServer server(cli);
    const auto added = cli.Report(Added(server, {"--pinned-key", KeyOf(server.own), "--offline"}), 0, kTyped);
    CHECK(added["trust"] == "pinned_key");
    CHECK(cli.Report({"sync"})["link"] == "online");
  }
  SECTION("and another server than the one that was meant gets nothing") {
    const SecureServer server(cli);
    const auto other = KeyOf(MakeCertificate("127.0.0.1"));
    const auto added = cli.Report(Added(server, {"--pinned-key", other}), 3, kTyped);
    CHECK(added["link"] == "wrong_certificate");
    CHECK(added["problem"].get<std::string>().find(KeyOf(server.own)) != std::string::npos);
  }
}

TEST_CASE("tls: a foreign server is told from one that is not trusted", "[cli][tls]") {
  Cli cli;
  const ForeignServer server(cli);
  const Words add{"account", "add", "--server", server.url, "--user", "anna", "--password-stdin"};
  SECTION("without a word it is refused") { CHECK(cli.Report(add, 3, kTyped)["link"] == "wrong_certificate"); }
  SECTION("with its key it is talked to, and found to be no OX server") {
    Words pinned = add;
    pinned.insert(pinned.end(), {"--pinned-key", KeyOf(server.own)});
    CHECK(cli.Report(pinned, 3, kTyped)["link"] == "protocol_error");
  }
  SECTION("with its certificate as authority likewise") {
    Words trusted = add;
    trusted.insert(trusted.end(), {"--ca-file", (cli.folder() / "foreign.pem").string()});
    CHECK(cli.Report(trusted, 3, kTyped)["link"] == "protocol_error");
  }
}

TEST_CASE("tls: a key may be given in hexadecimal, and is kept in one form", "[cli][tls]") {
  Cli cli;
  const std::string stored = "sha256//AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";
  const std::string digits = "000102030405060708090a0b0c0d0e0f101112131415161718191A1B1C1D1E1F";
  cli.Report({"account", "add", "--server", "https://host", "--user", "anna", "--offline", "--pinned-key", digits});
  CHECK(cli.Report({"account", "show"})["settings"]["pinned_key"] == stored);
  std::string colons;
  for (std::size_t i = 0; i < digits.size(); i += 2) colons += (i == 0 ? "" : ":") + digits.substr(i, 2);
  CHECK(cli.Report({"account", "trust", "--key", colons})["pinned_key"] == stored);
}

TEST_CASE("tls: what is no trust is refused", "[cli][tls]") {
  Cli cli;
  cli.Report({"account", "add", "--server", "https://host", "--user", "anna", "--offline"});
  std::ofstream(cli.folder() / "no.pem") << "nothing";
  for (const Words& words : {Words{},
                             {"--key", "sha256//short"},
                             {"--ca", (cli.folder() / "no.pem").string()},
                             {"--key", "sha256//" + std::string(43, 'A') + "=", "--system"}}) {
    Words call{"account", "trust"};
    call.insert(call.end(), words.begin(), words.end());
    CHECK(cli.Run(call).code == 2);
  }
  CHECK(cli.Run({"account", "trust", "--ca", (cli.folder() / "gone.pem").string()}).code == 1);
  const Words add{"account", "add", "--server", "https://other", "--user", "bert", "--offline"};
  const auto begun = [&](const Words& more, int code, const char* why) {
    Words call = add;
    call.insert(call.end(), more.begin(), more.end());
    const auto done = cli.Run(call);
    CHECK(done.code == code);
    CHECK(done.errors.find(why) != std::string::npos);
  };
  begun({"--pinned-key", "sha256//short"}, 2, "pinned_key");
  begun({"--pinned-key", "0001"}, 2, "pinned_key");
  begun({"--ca-file", (cli.folder() / "no.pem").string()}, 2, "holds no certificate in PEM form");
  begun({"--ca-file", (cli.folder() / "gone.pem").string()}, 1, "gone.pem");
  begun({"--ca-file", "a.pem", "--pinned-key", "0001"}, 2, "excludes");
  CHECK(cli.Report({"account", "list"}).size() == 1);  // nothing of them was made
  CHECK(cli.Report({"account", "show"})["trust"] == "system");
}

TEST_CASE("proxy: its password is stored beside the account's, and never shown", "[cli]") {
  Cli cli;
  cli.Report({"account", "add", "--server", "https://ox.invalid", "--user", "anna", "--password-stdin", "--offline"}, 0,
             "account-pw\n");
  cli.Report({"settings", "set", "proxy", "http://anna@127.0.0.1:1"});
  CHECK(cli.Report({"account", "proxy-password", "--password-stdin"}, 0, kTyped)["proxy_password_stored"] == true);
  const auto shown = cli.Report({"account", "show"});
  CHECK(shown["proxy_password_stored"] == true);
  const auto report = cli.Report({"sync"}, 3);
  CHECK(report["link"] == "offline");
  CHECK(report["problem"].get<std::string>().find("127.0.0.1 port 1") != std::string::npos);
  CHECK(CountInFiles(cli.data(), kPassword) == 1);
  CHECK(cli.Report({"account", "proxy-password", "--remove"})["proxy_password_stored"] == false);
  CHECK(CountInFiles(cli.data(), kPassword) == 0);
  CHECK(cli.Run({"account", "proxy-password"}).code == 2);
}

TEST_CASE("proxy: the environment's counts only where it is asked for", "[cli]") {
  Cli cli;
  cli.Report({"account", "add", "--server", "https://ox.invalid", "--user", "anna", "--password-stdin", "--offline"}, 0,
             kTyped);
  const auto problem = [&] {
    Command command = cli.Call({"sync", "--json"});
    command.environment["https_proxy"] = "http://127.0.0.1:1";
    return Json::parse(Run(command).output)["problem"].get<std::string>();
  };
  CHECK(problem().find("127.0.0.1 port 1") == std::string::npos);
  cli.Report({"settings", "set", "proxy", "system"});
  CHECK(problem().find("127.0.0.1 port 1") != std::string::npos);
}
