#pragma once
#include <chrono>
#include <cstdint>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "base/clock.h"

namespace outpost {

struct HttpRequest {
  std::string method = "GET";
  std::string url;  // absolute
  std::vector<std::pair<std::string, std::string>> headers;
  std::string body;
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

// Carries single HTTP exchanges for one account, with that account's cookies. Threads: owner strand; `done` is posted
// to it, always, once, also when the object goes (kBroken) before the reply came. TLS certificates and names are always
// verified.
class Transport {
 public:
  virtual ~Transport() = default;
  virtual void Send(HttpRequest request, Millis deadline, std::function<void(HttpResult)> done) = 0;
  virtual void ClearCookies() = 0;
};

}  // namespace outpost
