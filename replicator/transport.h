#pragma once
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "base/clock.h"

namespace outpost {

// Bytes that a request carries without their being in memory together. Threads: one at a time, any.
class BodySource {
 public:
  virtual ~BodySource() = default;
  virtual std::uint64_t size() const = 0;
  // Fills `out` from where the last call ended; less only at the end. Negative: they cannot be read.
  virtual std::ptrdiff_t Read(std::span<char> out) = 0;
};

struct HttpRequest {
  std::string method = "GET";
  std::string url;  // absolute
  std::vector<std::pair<std::string, std::string>> headers;
  std::string body;
  std::shared_ptr<BodySource> stream = {};  // behind `body`; may be none
  std::string tail = {};                    // behind that
};

struct HttpReply {
  int status = 0;
  std::vector<std::pair<std::string, std::string>> headers;  // names in lower case
  std::string body;
  std::string redirect = {};  // of a redirect: where it leads and why it is not followed, a sentence for a person
};

// How an exchange ended without a whole reply.
enum class LinkFault {
  kNotSent,      // nothing reached the server (no route, refused, name not found): it cannot have been applied
  kBroken,       // the request left, the reply is missing or cut: it may have been applied
  kCertificate,  // the server is not trusted (its certificate, its key, its version of TLS); nothing was sent
};

struct HttpResult {
  bool ok = false;
  HttpReply reply;                       // when ok
  LinkFault fault = LinkFault::kBroken;  // when not
  std::string text;                      // what went wrong; host and reason, never contents
  std::uint64_t wire_bytes = 0;          // that crossed the line both ways, headers included, as far as is known
  std::chrono::microseconds took{0};     // from leaving to the end
};

// What happens to a line that stays open. Each is posted to the strand of its transport; nothing comes after `closed`,
// and nothing once the line has gone.
struct LineEvents {
  std::function<void()> opened;
  std::function<void(std::string)> message;                 // one, as text
  std::function<void(int status, std::string why)> closed;  // status: what the server answered instead of opening the
                                                            // line; 0: none. `why` never has contents
};

// A WebSocket (RFC 6455) of text messages. Threads: owner strand. Going, it closes without a word to the other side.
class OpenLine {
 public:
  virtual ~OpenLine() = default;
  // Nothing where the line is not open (yet).
  virtual void Send(std::string text) = 0;
};

// Carries single HTTP exchanges for one account, with that account's cookies. Threads: owner strand; `done` is posted
// to it, always, once, also when the object goes (kBroken) before the reply came. TLS certificates and names are always
// verified.
class Transport {
 public:
  virtual ~Transport() = default;
  virtual void Send(HttpRequest request, Millis deadline, std::function<void(HttpResult)> done) = 0;
  virtual void ClearCookies() = 0;
  // A line to `request.url` (http or https; no body) with the same cookies, and under the same rules of trust, proxies
  // and plain http. `deadline`: for opening it; `seed`: of the handshake's key and the masks. Null: this transport has
  // no lines.
  virtual std::unique_ptr<OpenLine> Open(HttpRequest request, Millis deadline, std::uint64_t seed, LineEvents events) {
    (void)request, (void)deadline, (void)seed, (void)events;
    return nullptr;
  }
};

}  // namespace outpost
