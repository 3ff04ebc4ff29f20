#include <boost/asio/connect.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/streambuf.hpp>
#include <boost/asio/write.hpp>
#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <thread>

#include "base/system/files.h"
#include "base/system/system_clock.h"
#include "tests/replicator/net/certificate.h"
#include "tests/replicator/net/link.h"
#include "tests/replicator/net/raw_server.h"
#include "tools/oxserver/server.h"

namespace outpost::test {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;

// A proxy that connects the first who asks for a way to anywhere with `port` of this machine.
class Tunnel {
 public:
  Tunnel(const std::string& host, std::uint16_t port) : target_(asio::ip::make_address(host), port) {
    thread_ = std::thread([this] { Serve(); });
  }
  ~Tunnel() {
    tcp::socket waker(io_);  // where nobody came
    boost::system::error_code ignored;
    waker.connect(acceptor_.local_endpoint(), ignored);
    waker.close(ignored);
    thread_.join();
  }
  std::string url() const { return "http://127.0.0.1:" + std::to_string(acceptor_.local_endpoint().port()); }

 private:
  static void Copy(tcp::socket& from, tcp::socket& to) {
    boost::system::error_code error;
    std::array<char, 4096> bytes;
    while (const auto size = from.read_some(asio::buffer(bytes), error))
      asio::write(to, asio::buffer(bytes, size), error);
    boost::system::error_code ignored;
    to.shutdown(tcp::socket::shutdown_both, ignored);
    from.shutdown(tcp::socket::shutdown_both, ignored);
  }
  void Serve() {
    tcp::socket client(io_), server(io_);
    acceptor_.accept(client);
    asio::streambuf head;
    boost::system::error_code gone;
    asio::read_until(client, head, "\r\n\r\n", gone);
    if (gone) return;
    server.connect(target_);
    asio::write(client, asio::buffer(std::string("HTTP/1.1 200 OK\r\nX-Of: proxy\r\n\r\n")));
    std::thread back([&] { Copy(server, client); });
    Copy(client, server);
    back.join();
  }

  asio::io_context io_;
  tcp::endpoint target_;
  tcp::acceptor acceptor_{io_, tcp::endpoint(asio::ip::make_address("127.0.0.1"), 0)};
  std::thread thread_;
};

TransportOptions Through(const std::string& proxy, const std::string& user = "", const std::string& password = "") {
  TransportOptions options;
  options.allow_http = true;
  options.proxy = {proxy, proxy, "", user, password};
  return options;
}

}  // namespace

TEST_CASE("proxy: https goes through it as a tunnel; its headers are not the server's", "[net][proxy]") {
  const auto folder = MakeTemporaryFolder("outpost-proxy-").value();
  const Certificate made = MakeCertificate("ox.example");
  std::ofstream(folder / "cert.pem") << made.certificate;
  std::ofstream(folder / "key.pem") << made.key;
  oxserver::ServerOptions options;
  options.tls_cert = (folder / "cert.pem").string();
  options.tls_key = (folder / "key.pem").string();
  SystemClock clock;
  SeededRandom random{1};
  const auto server = oxserver::Server::Start(options, clock, random, NullLog()).value();
  Tunnel proxy("127.0.0.1", server->port());
  {
    Network network;
    TransportOptions through = Through(proxy.url(), "anna", "proxy-pw");
    through.ca_file = options.tls_cert;
    Link link(network, through);
    const auto result = link.Put("https://ox.example/ajax/multiple", "[]");
    INFO(result.text);
    REQUIRE(result.ok);
    for (const auto& [name, value] : result.reply.headers) CHECK(name != "x-of");
  }
  server->Stop();
  CHECK(server->requests() == 1);
  std::filesystem::remove_all(folder);
}

TEST_CASE("proxy: one that wants a password gets it, and only then", "[net][proxy]") {
  RawServer
      proxy(
          [](std::size_t number, const std::string&) {
            return number == 0
               ? RawAnswer{"HTTP/1.1 407 No\r\nProxy-Authenticate: Basic realm=\"p\"\r\nContent-Length: 0\r\n\r\n", false}
               : RawAnswer{"HTTP/1.1 502 Bad\r\nContent-Length: 0\r\n\r\n"};
          });
  Network network;
  Link link(network, Through(proxy.url(), "anna", "proxy-pw"));
  const auto result = link.Put("https://ox.example/", "x");
  CHECK(result.fault == LinkFault::kNotSent);
  CHECK(result.text.find("refuses to connect (HTTP 502)") != std::string::npos);
  REQUIRE(proxy.requests() == 2);
  CHECK(proxy.request(0).rfind("CONNECT ox.example:443 HTTP/1.1\r\n", 0) == 0);
  CHECK(proxy.request(0).find("Proxy-Authorization") == std::string::npos);
  CHECK(proxy.request(1).find("Proxy-Authorization: Basic YW5uYTpwcm94eS1wdw==\r\n") != std::string::npos);
}

TEST_CASE("proxy: a refused password is told by name, nothing was sent, and the password is in no text",
          "[net][proxy]") {
  RawServer proxy([](std::size_t, const std::string&) {
    return RawAnswer{"HTTP/1.1 407 No\r\nProxy-Authenticate: Basic realm=\"p\"\r\nContent-Length: 0\r\n\r\n"};
  });
  for (const char* url : {"https://ox.example/", "http://ox.example/"}) {
    Network network;
    Link link(network, Through(proxy.url(), "anna", "proxy-pw"));
    const auto result = link.Put(url, "x");
    INFO(result.text);
    REQUIRE_FALSE(result.ok);
    CHECK(result.fault == LinkFault::kNotSent);
    CHECK(result.text.find("the proxy 127.0.0.1:") != std::string::npos);
    CHECK(result.text.find("407") != std::string::npos);
    CHECK(result.text.find("proxy-pw") == std::string::npos);
  }
}

TEST_CASE("proxy: plain http is asked of it with the whole address", "[net][proxy]") {
  RawServer proxy([](std::size_t, const std::string&) { return RawAnswer{HttpOk("by proxy")}; });
  Network network;
  Link link(network, Through(proxy.url(), "anna", "proxy-pw"));
  const auto result = link.Put("http://ox.example/a", "x");
  REQUIRE(result.ok);
  CHECK(result.reply.body == "by proxy");
  CHECK(proxy.requests() == 1);
  CHECK(proxy.request(0).rfind("PUT http://ox.example/a HTTP/1.1\r\n", 0) == 0);
  CHECK(proxy.request(0).find("Proxy-Authorization: Basic") != std::string::npos);
}

TEST_CASE("proxy: this machine and the hosts excepted are asked directly", "[net][proxy]") {
  RawServer server([](std::size_t, const std::string&) { return RawAnswer{HttpOk("direct")}; });
  RawServer proxy([](std::size_t, const std::string&) { return RawAnswer{HttpOk("by proxy")}; });
  Network network;
  Link link(network, Through(proxy.url()));
  CHECK(link.Get(server.url()).reply.body == "direct");
  TransportOptions excepted = Through(proxy.url());
  excepted.proxy.except = "other.example,ox.invalid";
  Link direct(network, excepted);
  CHECK(direct.Get("http://ox.invalid/").fault == LinkFault::kNotSent);  // there is no such host
  CHECK(link.Get("http://ox.invalid/").reply.body == "by proxy");
  CHECK(proxy.requests() == 1);
}

TEST_CASE("proxy: the environment is never asked", "[net][proxy]") {
  RawServer proxy([](std::size_t, const std::string&) { return RawAnswer{HttpOk("by proxy")}; });
  setenv("http_proxy", proxy.url().c_str(), 1);
  setenv("no_proxy", "ox.example", 1);
  Network network;
  TransportOptions none;
  none.allow_http = true;
  Link link(network, none);
  CHECK_FALSE(link.Get("http://ox.invalid/").ok);
  Link through(network, Through(proxy.url()));
  CHECK(through.Get("http://ox.example/").reply.body == "by proxy");
  unsetenv("http_proxy");
  unsetenv("no_proxy");
  CHECK(proxy.requests() == 1);
}

TEST_CASE("proxy: one that is gone is named", "[net][proxy]") {
  std::string url;
  {
    RawServer gone([](std::size_t, const std::string&) { return RawAnswer{}; });
    url = gone.url();
  }
  Network network;
  Link link(network, Through(url));
  const auto result = link.Put("https://ox.example/", "x");
  CHECK(result.fault == LinkFault::kNotSent);
  CHECK(result.text.find("ox.example: Failed to connect to 127.0.0.1 port " + url.substr(url.rfind(':') + 1)) == 0);
}

}  // namespace outpost::test
