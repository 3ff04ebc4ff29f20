#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>

#include "base/system/files.h"
#include "base/system/system_clock.h"
#include "tests/replicator/net/certificate.h"
#include "tests/replicator/net/link.h"
#include "tests/support/process.h"
#include "tools/oxserver/server.h"

namespace outpost::test {
namespace {

// A server that speaks TLS with a certificate of its own making.
struct TlsServer {
  explicit TlsServer(const std::string& host) {
    const Certificate made = MakeCertificate(host);
    std::ofstream(Path("cert.pem")) << made.certificate;
    std::ofstream(Path("key.pem")) << made.key;
    oxserver::ServerOptions options;
    options.tls_cert = Path("cert.pem");
    options.tls_key = Path("key.pem");
    server = oxserver::Server::Start(std::move(options), clock, random, NullLog()).value();
  }
  ~TlsServer() {
    server.reset();
    std::filesystem::remove_all(folder);
  }
  std::string Path(const char* name) const { return (folder / name).string(); }

  std::filesystem::path folder = MakeTemporaryFolder("outpost-tls").value();
  SystemClock clock;
  SeededRandom random{1};
  std::unique_ptr<oxserver::Server> server;
};

TransportOptions Trusting(const TlsServer& tls) {
  TransportOptions options;
  options.ca_file = tls.Path("cert.pem");
  return options;
}

}  // namespace

TEST_CASE("transport: a trusted certificate for the right name is accepted", "[net]") {
  TlsServer tls("127.0.0.1");
  Network network;
  Link link(network, Trusting(tls));
  const auto result = link.Put(tls.server->url() + "/multiple", "[]");
  CAPTURE(result.text);
  REQUIRE(result.ok);
  CHECK(tls.server->requests() == 1);
}

TEST_CASE("transport: an unknown certificate stops before a byte of the request leaves", "[net]") {
  TlsServer tls("127.0.0.1");
  Network network;
  TransportOptions options;
  options.allow_http = true;  // has no say over certificates
  Link link(network, options);
  const auto result = link.Put(tls.server->url(), "secret");
  CHECK_FALSE(result.ok);
  CHECK(result.fault == LinkFault::kCertificate);
  CHECK(tls.server->requests() == 0);
}

TEST_CASE("transport: a certificate for another name stops likewise", "[net]") {
  TlsServer tls("other.example");
  Network network;
  Link link(network, Trusting(tls));
  const auto result = link.Put(tls.server->url(), "secret");
  CHECK_FALSE(result.ok);
  CHECK(result.fault == LinkFault::kCertificate);
  CHECK(tls.server->requests() == 0);
}

TEST_CASE("embedded server: it speaks TLS from 1.2 on", "[net][tls]") {
  TlsServer tls("127.0.0.1");
  const auto offered = [&](const char* version) {
    Command command;
    command.arguments = {
        "/usr/bin/openssl", "s_client",       "-connect", "127.0.0.1:" + std::to_string(tls.server->port()), version,
        "-cipher",          "ALL:@SECLEVEL=0"};
    return Run(command).code == 0;
  };
  CHECK(offered("-tls1_3"));
  CHECK(offered("-tls1_2"));
  CHECK_FALSE(offered("-tls1_1"));
}

}  // namespace outpost::test
