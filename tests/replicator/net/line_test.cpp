// Lines that stay open, against a server of raw bytes.
#include <catch2/catch.hpp>

#include "base/system/crypto.h"
#include "replicator/net/web_socket.h"
#include "tests/replicator/net/line_link.h"
#include "tests/replicator/net/raw_server.h"

namespace outpost::test {
namespace {

constexpr const char* kSuffix = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

std::string HeaderOfRequest(const std::string& request, const std::string& name) {
  const std::size_t at = request.find("\r\n" + name + ": ");
  if (at == std::string::npos) return {};
  const std::size_t begin = at + 4 + name.size();
  return request.substr(begin, request.find("\r\n", begin) - begin);
}

std::string Accepted(const std::string& request) {
  return "HTTP/1.1 101 Switching Protocols\r\nupgrade: WebSocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: " +
         Base64Of(Sha1Of(HeaderOfRequest(request, "Sec-WebSocket-Key") + kSuffix)) + "\r\n\r\n";
}

// An unmasked text frame of up to 65,535 bytes.
std::string Frame(const std::string& text) {
  std::string frame = "\x81";
  if (text.size() < 126) return frame + static_cast<char>(text.size()) + text;
  frame += static_cast<char>(126);
  frame += static_cast<char>(text.size() >> 8);
  frame += static_cast<char>(text.size() & 0xff);
  return frame + text;
}

}  // namespace

TEST_CASE("line: messages come in order, also those that come with the handshake", "[net][line]") {
  const std::string longer(3'000, 'x');
  RawServer server([&](std::size_t, const std::string& request) {
    return RawAnswer{Accepted(request) + Frame("one") + Frame(longer) + Frame("three"), true};
  });
  LineLink link;
  link.Open(server.url() + "/path?a=b");
  CHECK(link.told.Await(0) == "open");
  CHECK(link.told.Await(1) == "message one");
  CHECK(link.told.Await(2) == "message " + longer);
  CHECK(link.told.Await(3) == "message three");
  CHECK(link.told.Await(4).substr(0, 9) == "closed 0 ");  // the server hung up
  const std::string request = server.request(0);
  CHECK(request.find("GET /path?a=b HTTP/1.1\r\n") == 0);
  CHECK(HeaderOfRequest(request, "Sec-WebSocket-Version") == "13");
  CHECK(HeaderOfRequest(request, "Sec-WebSocket-Key").size() == 24);
  CHECK(HeaderOfRequest(request, "X-Own") == "yes");
}

TEST_CASE("line: the cookies of the transport go along, and those of another path do not", "[net][line]") {
  RawServer server([&](std::size_t number, const std::string& request) {
    if (number == 0)
      return RawAnswer{HttpOk("x",
                              "Set-Cookie: mine=1; Path=/; HttpOnly\r\nSet-Cookie: other=2; Path=/other\r\n"
                              "Set-Cookie: safe=3; Path=/; Secure\r\n"),
                       true};
    return RawAnswer{Accepted(request), true};
  });
  LineLink link;
  link.Get(server.url());
  link.Open(server.url() + "/push");
  CHECK(link.told.Await(0) == "open");
  CHECK(HeaderOfRequest(server.request(1), "Cookie") == "mine=1");
}

TEST_CASE("line: who answers otherwise than the protocol says gets no line", "[net][line]") {
  const auto ended = [](const std::function<std::string(const std::string&)>& answer) {
    RawServer server([&](std::size_t, const std::string& request) { return RawAnswer{answer(request), true}; });
    LineLink link;
    link.Open(server.url());
    return link.told.Await(0);
  };
  CHECK(ended([](const std::string&) { return "HTTP/1.1 404 Not found\r\nContent-Length: 0\r\n\r\n"; }).substr(0, 10) ==
        "closed 404");
  CHECK(ended([](const std::string&) {
          return "HTTP/1.1 101 Yes\r\nUpgrade: websocket\r\nSec-WebSocket-Accept: AAAA\r\n\r\n";
        }).find("no WebSocket") != std::string::npos);
  CHECK(ended([](const std::string&) { return "HTTP/1.1 101 Yes\r\n\r\n"; }).find("no WebSocket") != std::string::npos);
  CHECK(ended([](const std::string&) { return ""; }).substr(0, 8) == "closed 0");
  CHECK(ended([](const std::string&) { return "HTTP/1.1 " + std::string(100'000, 'x'); }).find("longer") !=
        std::string::npos);
}

TEST_CASE("line: a message beyond the limit ends it", "[net][line]") {
  RawServer server([&](std::size_t, const std::string& request) {
    std::string frame = "\x81\x7f";  // of 64 bits' length
    AppendBe64(frame, kLineMessageBytesMax + 1);
    return RawAnswer{Accepted(request) + frame + std::string(kLineMessageBytesMax + 1, 'x'), true};
  });
  LineLink link;
  link.Open(server.url());
  CHECK(link.told.Await(0) == "open");
  CHECK(link.told.Await(1).substr(0, 8) == "closed 0");
}

TEST_CASE("line: nobody there, plain http where it is not allowed, no URL at all", "[net][line]") {
  {
    LineLink link;
    link.Open("http://127.0.0.1:1/");
    CHECK(link.told.Await(0).substr(0, 9) == "closed 0 ");
  }
  {
    LineLink link;
    link.Open("http://example.org/");
    CHECK(link.told.Await(0).find("plain http is not allowed") != std::string::npos);
  }
  LineLink link;
  link.Open("ftp://example.org/");
  CHECK(link.told.Await(0).find("no http or https URL") != std::string::npos);
}

TEST_CASE("line: it can go at any moment", "[net][line]") {
  RawServer server([&](std::size_t, const std::string& request) { return RawAnswer{Accepted(request), false}; });
  for (int i = 0; i < 20; ++i) {
    LineLink link;
    link.Open(server.url());
    if (i % 2 == 0) CHECK(link.told.Await(0) == "open");
    if (i % 3 == 0) link.Send("2");
    if (i % 4 == 0) link.Drop();
  }
}

}  // namespace outpost::test
