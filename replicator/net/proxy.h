#pragma once
#include <string>

namespace outpost {

// The proxies between this machine and others. This machine itself is always asked directly: what is for it alone must
// not leave it.
struct ProxyOptions {
  std::string https;     // URL of the proxy for https; empty: none
  std::string http;      // for plain http
  std::string except;    // hosts that are asked directly, separated by commas; "*": all of them
  std::string user;      // for either proxy; empty: as the URLs say
  std::string password;  // of `user`

  bool operator==(const ProxyOptions&) const = default;
};

}  // namespace outpost
