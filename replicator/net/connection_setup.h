#pragma once
#include <curl/curl.h>

#include <memory>
#include <string>

#include "base/check.h"
#include "base/system/certificate.h"
#include "replicator/net/curl_transport.h"

namespace outpost {

template <class T>
void Set(CURL* easy, CURLoption option, T value) {
  const CURLcode code = curl_easy_setopt(easy, option, value);
  OUTPOST_CHECK(code == CURLE_OK);
}

// Tells `easy` how `url` is reached: protocol, proxy, whom to trust, how long connecting may take. `seen` outlives the
// use of `easy` and gets what TLS saw of the server's certificate. Answers host and port of the proxy, for texts;
// empty: none. Threads: the network thread.
std::string SetConnection(CURL* easy, const std::string& url, const TransportOptions& options,
                          const std::shared_ptr<CertificateSeen>& seen);

}  // namespace outpost
