#include <catch2/catch.hpp>

#include "replicator/net/trouble.h"
#include "replicator/net/url.h"
#include "tests/replicator/net/link.h"
#include "tests/replicator/net/raw_server.h"

namespace outpost::test {
namespace {

RawServer::Handler Always(RawAnswer answer) {
  return [answer](std::size_t, const std::string&) { return answer; };
}

std::string HeaderIn(const HttpResult& result, const std::string& name) {
  for (const auto& [key, value] : result.reply.headers)
    if (key == name) return value;
  return {};
}

}  // namespace

TEST_CASE("transport: request and reply travel whole", "[net]") {
  RawServer server(Always({HttpOk("pong", "X-Mixed-Case:  kept value \r\n"), true}));
  Network network;
  TransportOptions options;
  options.user_agent = "outpost-test/1";
  Link link(network, options);
  const auto result = link.Send({"PUT", server.url() + "/a?b=c", {{"Content-Type", "application/json"}}, "ping"});
  REQUIRE(result.ok);
  CHECK(result.reply.status == 200);
  CHECK(result.reply.body == "pong");
  CHECK(HeaderIn(result, "x-mixed-case") == "kept value");
  const std::string seen = server.request(0);
  CHECK(seen.find("PUT /a?b=c HTTP/1.1\r\n") == 0);
  CHECK(seen.find("User-Agent: outpost-test/1\r\n") != std::string::npos);
  CHECK(seen.find("Accept-Encoding: gzip\r\n") != std::string::npos);
  CHECK(seen.find("Expect:") == std::string::npos);
  CHECK(seen.substr(seen.size() - 4) == "ping");
}

TEST_CASE("transport: a large body and a large reply travel whole", "[net]") {
  const std::string body(3'000'000, 'x');
  RawServer server([](std::size_t, const std::string& request) {
    return RawAnswer{HttpOk(request.substr(request.find("\r\n\r\n") + 4)), true};
  });
  Network network;
  Link link(network);
  const auto result = link.Put(server.url(), body);
  REQUIRE(result.ok);
  CHECK(result.reply.body == body);
}

TEST_CASE("transport: connections are kept", "[net]") {
  RawServer server(Always({HttpOk("x"), false}));
  Network network;
  Link link(network);
  for (int i = 0; i < 5; ++i) REQUIRE(link.Put(server.url(), "body").ok);
  CHECK(server.requests() == 5);
  CHECK(server.connections() == 1);
}

TEST_CASE("transport: cookies stay with their transport and can be cleared", "[net]") {
  RawServer server(Always(
      {HttpOk("x", "Set-Cookie: secret-abc=12; Path=/; HttpOnly\r\nSet-Cookie: JSESSIONID=r1; Path=/\r\n"), true}));
  Network network;
  Link anna(network);
  Link bert(network);
  REQUIRE(anna.Get(server.url()).ok);
  REQUIRE(anna.Get(server.url()).ok);
  REQUIRE(bert.Get(server.url()).ok);
  anna.ClearCookies();
  REQUIRE(anna.Get(server.url()).ok);
  const auto sends_cookie = [&](std::size_t number) {
    return server.request(number).find("secret-abc=12") != std::string::npos;
  };
  CHECK_FALSE(sends_cookie(0));
  CHECK(sends_cookie(1));
  CHECK(server.request(1).find("JSESSIONID=r1") != std::string::npos);
  CHECK_FALSE(sends_cookie(2));
  CHECK_FALSE(sends_cookie(3));
}

TEST_CASE("transport: nobody listens: not sent", "[net]") {
  std::string url;
  {
    RawServer gone(Always({HttpOk("x"), true}));
    url = gone.url();
  }
  Network network;
  Link link(network);
  const auto result = link.Put(url, "body");
  CHECK_FALSE(result.ok);
  CHECK(result.fault == LinkFault::kNotSent);
  CHECK(result.text.find("127.0.0.1") == 0);
}

TEST_CASE("transport: connection closed after the request: broken, and the request left once", "[net]") {
  RawServer server(Always({"", true}));
  Network network;
  Link link(network);
  const auto result = link.Put(server.url(), "create it");
  CHECK_FALSE(result.ok);
  CHECK(result.fault == LinkFault::kBroken);
  CHECK(server.requests() == 1);
}

TEST_CASE("transport: kept connection dies under a request with effect: never sent a second time", "[net]") {
  RawServer server([](std::size_t number, const std::string&) {
    return number == 0 ? RawAnswer{HttpOk("first"), false} : RawAnswer{"", true};
  });
  Network network;
  Link link(network);
  REQUIRE(link.Get(server.url()).ok);
  const auto result = link.Put(server.url(), "create it");
  CHECK_FALSE(result.ok);
  CHECK(result.fault == LinkFault::kBroken);
  CHECK(server.requests() == 2);
  CHECK(server.heads() == 2);
}

TEST_CASE("transport: a body-less request with effect takes a connection of its own and leaves once", "[net]") {
  RawServer server([](std::size_t number, const std::string&) {
    return number == 0 ? RawAnswer{HttpOk("first"), true} : RawAnswer{"", true};
  });
  Network network;
  Link link(network);
  REQUIRE(link.Get(server.url()).ok);
  const auto result = link.Send({"DELETE", server.url(), {}, ""});
  CHECK(result.fault == LinkFault::kBroken);
  CHECK(server.requests() == 2);
}

TEST_CASE("transport: kept connection dies under a read: asked again", "[net]") {
  RawServer server([](std::size_t number, const std::string&) {
    return number == 1 ? RawAnswer{"", true} : RawAnswer{HttpOk("x"), false};
  });
  Network network;
  Link link(network);
  REQUIRE(link.Get(server.url()).ok);
  CHECK(link.Get(server.url()).ok);
  CHECK(server.requests() == 3);
}

TEST_CASE("transport: a reply cut short is broken, not short", "[net]") {
  RawServer server(Always({"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf", true}));
  Network network;
  Link link(network);
  const auto result = link.Put(server.url(), "x");
  CHECK_FALSE(result.ok);
  CHECK(result.fault == LinkFault::kBroken);
}

TEST_CASE("transport: no answer until the deadline: broken", "[net]") {
  RawServer server(Always({"", false, true}));
  Network network;
  Link link(network);
  const auto result = link.Send({"PUT", server.url(), {}, "x"}, Millis{60});
  CHECK_FALSE(result.ok);
  CHECK(result.fault == LinkFault::kBroken);
  link.Close();
}

TEST_CASE("transport: going away answers what is open, once, as broken", "[net]") {
  Awaited<bool> arrived;
  RawServer server([&](std::size_t, const std::string&) {
    arrived.Give(true);
    return RawAnswer{"", false, true};
  });
  Network network;
  Link link(network);
  const auto result = link.Start({"PUT", server.url(), {}, "x"});
  arrived.Take();
  link.Close();
  CHECK(result->given() == 1);
  CHECK(result->Take().fault == LinkFault::kBroken);
}

TEST_CASE("transport: redirects are handed up, not followed", "[net]") {
  RawServer server(Always({"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n", true}));
  Network network;
  Link link(network);
  const auto result = link.Get(server.url());
  REQUIRE(result.ok);
  CHECK(result.reply.status == 302);
  CHECK(HeaderIn(result, "location") == "http://127.0.0.1:1/");
  CHECK(server.requests() == 1);
}

TEST_CASE("transport: why a redirect is not followed is told, with both hosts", "[net]") {
  const auto told = [](int status, const std::string& location) {
    RawServer server(Always(
        {"HTTP/1.1 " + std::to_string(status) + " Moved\r\nLocation: " + location + "\r\nContent-Length: 0\r\n\r\n",
         true}));
    Network network;
    Link link(network);
    const auto result = link.Put(server.url(), "x");
    REQUIRE(result.ok);
    CHECK(server.requests() == 1);
    CHECK(result.reply.redirect.rfind(HostOf(server.url()), 0) == 0);
    return result.reply.redirect;
  };
  for (const int status : {301, 302, 303, 307, 308})
    CHECK(told(status, "http://other.example/x").find("another host, other.example") != std::string::npos);
  CHECK(told(302, "/login?session=secret").find("address of its own") != std::string::npos);
  CHECK(told(302, "/login?session=secret").find("secret") == std::string::npos);
  CHECK(told(302, "ftp://other.example/").find("no http or https address") != std::string::npos);
  CHECK(RedirectTrouble("https://ox.example/a", "http://ox.example/a") ==
        "ox.example redirects from https to plain http at ox.example: not followed");
}

TEST_CASE("transport: headers without end are given up", "[net]") {
  std::string headers;
  for (int i = 0; i < 5'000; ++i) headers += "X-Filler-" + std::to_string(i) + ": " + std::string(60, 'x') + "\r\n";
  RawServer server(Always({HttpOk("x", headers), true}));
  Network network;
  Link link(network);
  const auto result = link.Get(server.url());
  CHECK_FALSE(result.ok);
  CHECK(result.fault == LinkFault::kBroken);
}

TEST_CASE("transport: a reply beyond the limit is given up", "[net]") {
  RawServer server(Always({HttpOk(std::string(5000, 'x')), true}));
  Network network;
  TransportOptions options;
  options.reply_bytes_max = 4999;
  Link link(network, options);
  const auto result = link.Get(server.url());
  CHECK_FALSE(result.ok);
  CHECK(result.fault == LinkFault::kBroken);
  CHECK(result.text.find("4999") != std::string::npos);
}

TEST_CASE("transport: compressed replies arrive unpacked", "[net]") {
  // "compressed" in gzip.
  const unsigned char packed[] = {0x1f, 0x8b, 0x08, 0x00, 0x00, 0x00, 0x00, 0x00, 0x02, 0x03,
                                  0x4b, 0xce, 0xcf, 0x2d, 0x28, 0x4a, 0x2d, 0x2e, 0x4e, 0x4d,
                                  0x01, 0x00, 0x1e, 0x4b, 0x56, 0x97, 0x0a, 0x00, 0x00, 0x00};
  const std::string body(reinterpret_cast<const char*>(packed), sizeof packed);
  RawServer server(Always({HttpOk(body, "Content-Encoding: gzip\r\n"), true}));
  Network network;
  Link link(network);
  const auto result = link.Get(server.url());
  REQUIRE(result.ok);
  CHECK(result.reply.body == "compressed");
}

TEST_CASE("transport: plain http beyond this machine is refused, and so is what is no URL", "[net]") {
  Network network;
  Link link(network);
  for (const char* url : {"http://192.0.2.1/ajax", "http://localhost.example/", "ftp://127.0.0.1/",
                          "file:///etc/passwd", "", "http://"}) {
    const auto result = link.Put(url, "secret");
    CAPTURE(url, result.text);
    CHECK_FALSE(result.ok);
    CHECK(result.fault == LinkFault::kNotSent);
    CHECK(result.text.find("secret") == std::string::npos);
  }
}

TEST_CASE("transport: one network serves several transports at once", "[net]") {
  RawServer first(Always({HttpOk("1"), true}));
  RawServer second(Always({HttpOk("2"), true}));
  Network network;
  Link anna(network);
  Link bert(network);
  std::vector<std::shared_ptr<Awaited<HttpResult>>> waiting;
  for (int i = 0; i < 20; ++i)
    waiting.push_back(i % 2 == 0 ? anna.Start({"PUT", first.url(), {}, "x"})
                                 : bert.Start({"PUT", second.url(), {}, "x"}));
  for (std::size_t i = 0; i < waiting.size(); ++i) {
    const auto result = waiting[i]->Take();
    REQUIRE(result.ok);
    CHECK(result.reply.body == (i % 2 == 0 ? "1" : "2"));
  }
}

}  // namespace outpost::test
