#include "replicator/net/connection_setup.h"

#include <algorithm>
#include <string_view>

#include "replicator/net/url.h"

namespace outpost {
namespace {

// Asked directly whatever the proxies are: see proxy.h.
constexpr const char* kThisMachine = "localhost,127.0.0.1,::1";

// Everything is set in any case: what is not is taken from the environment.
std::string SetProxy(CURL* easy, bool secure, const ProxyOptions& proxy) {
  const std::string& url = secure ? proxy.https : proxy.http;
  Set(easy, CURLOPT_PROXY, url.c_str());
  const std::string except = proxy.except.empty() ? kThisMachine : proxy.except + "," + kThisMachine;
  Set(easy, CURLOPT_NOPROXY, proxy.except == "*" ? "*" : except.c_str());
  if (url.empty()) return {};
  if (!proxy.user.empty()) {
    Set(easy, CURLOPT_PROXYUSERNAME, proxy.user.c_str());
    Set(easy, CURLOPT_PROXYPASSWORD, proxy.password.c_str());
  }
  // For https the proxy is asked before anything is sent, so the best way it knows can be found out. For plain http
  // that would send the request twice.
  Set(easy, CURLOPT_PROXYAUTH, static_cast<long>(secure ? CURLAUTH_ANY : CURLAUTH_BASIC));
  Set(easy, CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);  // the proxy's headers are not the reply's
  return PlaceOfProxy(url);
}

CURLcode OnTls(CURL*, void* tls_context, void* seen) {
  WatchCertificate(tls_context, *static_cast<const std::shared_ptr<CertificateSeen>*>(seen));
  return CURLE_OK;
}

void SetSecurity(CURL* easy, const TransportOptions& options, const std::shared_ptr<CertificateSeen>& seen) {
  Set(easy, CURLOPT_PROTOCOLS_STR, "http,https");
  Set(easy, CURLOPT_SSL_VERIFYPEER, 1L);
  Set(easy, CURLOPT_SSL_VERIFYHOST, 2L);
  Set(easy, CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2));
  if (options.ca_file.empty())
    Set(easy, CURLOPT_SSL_OPTIONS, static_cast<long>(CURLSSLOPT_NATIVE_CA));
  else
    Set(easy, CURLOPT_CAINFO, options.ca_file.c_str());
  if (!options.pinned_key.empty()) {
    // This key and no other, whoever signed for it. The name is still compared; with it, curl also insists on there
    // being a certificate.
    Set(easy, CURLOPT_PINNEDPUBLICKEY, options.pinned_key.c_str());
    Set(easy, CURLOPT_SSL_VERIFYPEER, 0L);
  }
  const curl_version_info_data* curl = curl_version_info(CURLVERSION_NOW);
  if (curl->ssl_version != nullptr && std::string_view(curl->ssl_version).starts_with("OpenSSL")) {
    Set(easy, CURLOPT_SSL_CTX_FUNCTION, &OnTls);
    Set(easy, CURLOPT_SSL_CTX_DATA, static_cast<const void*>(&seen));
  }
}

}  // namespace

std::string SetConnection(CURL* easy, const std::string& url, const TransportOptions& options,
                          const std::shared_ptr<CertificateSeen>& seen) {
  Set(easy, CURLOPT_URL, url.c_str());
  Set(easy, CURLOPT_CONNECTTIMEOUT_MS, static_cast<long>(std::max<std::int64_t>(options.connect_timeout.count(), 1)));
  // Giving up must not wait for a name server that does not answer: the thread serves all accounts.
  Set(easy, CURLOPT_QUICK_EXIT, 1L);
  Set(easy, CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_1_1));
  SetSecurity(easy, options, seen);
  return SetProxy(easy, SchemeOf(url) == "https", options.proxy);
}

}  // namespace outpost
