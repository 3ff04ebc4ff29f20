// Against a TLS server that is none of ours: openssl s_server.
#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>

#include "base/system/files.h"
#include "tests/replicator/net/certificate.h"
#include "tests/replicator/net/line_link.h"
#include "tests/support/process.h"

namespace outpost::test {
namespace {

constexpr const char* kHost = "127.0.0.1";

class ForeignServer {
 public:
  explicit ForeignServer(const Certificate& certificate, const std::vector<std::string>& more = {}) {
    std::ofstream(Path("cert.pem")) << certificate.certificate;
    std::ofstream(Path("key.pem")) << certificate.key;
    Command command;
    command.arguments = {"/usr/bin/openssl", "s_server", "-accept",      std::string(kHost) + ":0", "-www", "-cert",
                         Path("cert.pem"),   "-key",     Path("key.pem")};
    command.arguments.insert(command.arguments.end(), more.begin(), more.end());
    process_ = std::make_unique<Process>(command);
    while (const auto line = process_->ReadLine()) {
      if (line->rfind("ACCEPT ", 0) != 0) continue;
      port_ = line->substr(line->rfind(':') + 1);
      break;
    }
    REQUIRE_FALSE(port_.empty());
  }
  ~ForeignServer() {
    process_.reset();
    std::filesystem::remove_all(folder_);
  }
  std::string url() const { return "https://" + std::string(kHost) + ":" + port_ + "/"; }
  std::string Path(const char* name) const { return (folder_ / name).string(); }

 private:
  std::filesystem::path folder_ = MakeTemporaryFolder("outpost-tls-").value();
  std::unique_ptr<Process> process_;
  std::string port_;
};

// An authority, and what it signs.
struct Authority {
  Certificate own = MakeCertificate(CertificateWish{.host = "authority.example", .authority = true});
  std::filesystem::path folder = MakeTemporaryFolder("outpost-ca-").value();
  Authority() { std::ofstream(folder / "ca.pem") << own.certificate; }
  ~Authority() { std::filesystem::remove_all(folder); }
  Certificate For(CertificateWish wish) const {
    wish.issuer = &own;
    return MakeCertificate(wish);
  }
  TransportOptions Trusted() const {
    TransportOptions options;
    options.ca_file = (folder / "ca.pem").string();
    return options;
  }
};

TransportOptions Pinned(const std::string& key) {
  TransportOptions options;
  options.pinned_key = key;
  return options;
}

// Refused, as the state that a wrong certificate has, with the reason and the server's key in the text.
void CheckRefused(const ForeignServer& server, const TransportOptions& options, const std::string& reason,
                  const std::string& key) {
  Network network;
  Link link(network, options);
  const auto result = link.Get(server.url());
  INFO(result.text);
  REQUIRE_FALSE(result.ok);
  CHECK(result.fault == LinkFault::kCertificate);
  CHECK(result.text.rfind(kHost, 0) == 0);
  CHECK(result.text.find(reason) != std::string::npos);
  CHECK(result.text.find(key) != std::string::npos);
  LineLink line(options);
  line.Open(server.url());
  const std::string told = line.told.Await(0);
  INFO(told);
  CHECK(told.find("closed 0 " + std::string(kHost)) == 0);
  CHECK(told.find(reason) != std::string::npos);
  CHECK(told.find(key) != std::string::npos);
}

void CheckAccepted(const ForeignServer& server, const TransportOptions& options) {
  Network network;
  Link link(network, options);
  const auto result = link.Get(server.url());
  INFO(result.text);
  REQUIRE(result.ok);
  CHECK(result.reply.status == 200);
  LineLink line(options);
  line.Open(server.url());
  CHECK(line.told.Await(0).find("closed 200") == 0);  // trusted, asked, and no WebSocket
}

}  // namespace

TEST_CASE("tls matrix: an authority of one's own is enough, and needed", "[net][tls]") {
  const Authority authority, stranger;
  const Certificate certificate = authority.For({kHost});
  const ForeignServer server(certificate);
  CheckAccepted(server, authority.Trusted());
  CheckRefused(server, stranger.Trusted(), "from an authority that is unknown here", KeyOf(certificate));
  CheckRefused(server, {}, "from an authority that is unknown here", KeyOf(certificate));
}

TEST_CASE("tls matrix: a self-signed certificate is refused, and accepted by its key or as its own authority",
          "[net][tls]") {
  const Certificate certificate = MakeCertificate(kHost);
  const ForeignServer server(certificate);
  CheckRefused(server, {}, "self-signed", KeyOf(certificate));
  CheckAccepted(server, Pinned(KeyOf(certificate)));
  TransportOptions options;
  options.ca_file = server.Path("cert.pem");
  CheckAccepted(server, options);
}

TEST_CASE("tls matrix: expired, not yet valid, for another host: each is refused by name", "[net][tls]") {
  using std::chrono::hours;
  const Authority authority;
  const Certificate expired = authority.For({kHost, -hours(48), -hours(24)});
  CheckRefused(ForeignServer(expired), authority.Trusted(), "has expired", KeyOf(expired));
  const Certificate early = authority.For({kHost, hours(24), hours(48)});
  CheckRefused(ForeignServer(early), authority.Trusted(), "not valid yet", KeyOf(early));
  const Certificate other = authority.For({"other.example"});
  CheckRefused(ForeignServer(other), authority.Trusted(), "for another host", KeyOf(other));
}

TEST_CASE("tls matrix: an authority that has expired itself is told apart", "[net][tls]") {
  Authority authority;
  authority.own = MakeCertificate(CertificateWish{
      .host = "old.example", .from = -std::chrono::hours(48), .to = -std::chrono::hours(24), .authority = true});
  std::ofstream(authority.folder / "ca.pem") << authority.own.certificate;
  const Certificate certificate = authority.For({kHost});
  CheckRefused(ForeignServer(certificate), authority.Trusted(), "an authority above its certificate has expired",
               KeyOf(certificate));
}

TEST_CASE("tls matrix: a server that knows no TLS from 1.2 on is refused, pinned or not", "[net][tls]") {
  const Certificate certificate = MakeCertificate(kHost);
  const ForeignServer server(certificate, {"-tls1_1", "-cipher", "ALL:@SECLEVEL=0"});
  CheckRefused(server, {}, "too old", "");
  CheckRefused(server, Pinned(KeyOf(certificate)), "too old", "");
  TransportOptions options;
  options.ca_file = server.Path("cert.pem");
  CheckRefused(server, options, "too old", "");
}

TEST_CASE("tls matrix: TLS 1.2 will do", "[net][tls]") {
  const Authority authority;
  CheckAccepted(ForeignServer(authority.For({kHost}), {"-tls1_2"}), authority.Trusted());
}

TEST_CASE("tls matrix: another key than the pinned one is refused, whoever signed for it", "[net][tls]") {
  const Authority authority;
  const Certificate certificate = authority.For({kHost});
  const ForeignServer server(certificate);
  TransportOptions options = authority.Trusted();
  options.pinned_key = KeyOf(authority.own);
  CheckRefused(server, options, "is not the pinned one", KeyOf(certificate));
  options.pinned_key = KeyOf(certificate);
  CheckAccepted(server, options);
}

TEST_CASE("tls matrix: a pinned key stands for the dates of its certificate, but not for the name", "[net][tls]") {
  using std::chrono::hours;
  const Certificate expired = MakeCertificate(CertificateWish{kHost, -hours(48), -hours(24)});
  CheckAccepted(ForeignServer(expired), Pinned(KeyOf(expired)));
  const Certificate other = MakeCertificate("other.example");
  CheckRefused(ForeignServer(other), Pinned(KeyOf(other)), "for another host", KeyOf(other));
}

TEST_CASE("tls matrix: a connection that one account trusts is not lent to another that does not", "[net][tls]") {
  const Certificate certificate = MakeCertificate(kHost);
  const ForeignServer server(certificate);
  Network network;
  Link trusting(network, Pinned(KeyOf(certificate)));
  REQUIRE(trusting.Get(server.url()).ok);
  Link plain(network);
  CHECK(plain.Get(server.url()).fault == LinkFault::kCertificate);
  Link otherwise(network, Pinned(KeyOf(MakeCertificate(kHost))));
  CHECK(otherwise.Get(server.url()).fault == LinkFault::kCertificate);
}

TEST_CASE("tls matrix: a file of authorities that is not there is named", "[net][tls]") {
  const ForeignServer server(MakeCertificate(kHost));
  TransportOptions options;
  options.ca_file = server.Path("gone.pem");
  CheckRefused(server, options, "ca_file", "");
}

}  // namespace outpost::test
