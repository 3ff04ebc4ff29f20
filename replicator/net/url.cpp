#include "replicator/net/url.h"

#include <curl/curl.h>

#include <memory>
#include <string_view>

namespace outpost {
namespace {

std::string UrlPart(const std::string& url, CURLUPart part, unsigned flags = 0) {
  std::unique_ptr<CURLU, void (*)(CURLU*)> parsed(curl_url(), curl_url_cleanup);
  char* text = nullptr;
  if (!parsed || curl_url_set(parsed.get(), CURLUPART_URL, url.c_str(), flags) != CURLUE_OK) return {};
  if (curl_url_get(parsed.get(), part, &text, 0) != CURLUE_OK) return {};
  std::string copy(text);
  curl_free(text);
  return copy;
}

bool IsThisMachine(std::string_view host) { return host == "localhost" || host == "[::1]" || host == "127.0.0.1"; }

}  // namespace

std::string SchemeOf(const std::string& url) {
  const std::string scheme = UrlPart(url, CURLUPART_SCHEME);
  return scheme == "https" || scheme == "http" ? scheme : std::string();
}

std::string HostOf(const std::string& url) {
  if (SchemeOf(url).empty()) return {};
  const std::string port = UrlPart(url, CURLUPART_PORT);
  return UrlPart(url, CURLUPART_HOST) + (port.empty() ? "" : ":" + port);
}

std::string NameOf(const std::string& url) { return UrlPart(url, CURLUPART_HOST); }

std::string PathOf(const std::string& url) {
  const std::string query = UrlPart(url, CURLUPART_QUERY);
  return UrlPart(url, CURLUPART_PATH) + (query.empty() ? "" : "?" + query);
}

std::string PlaceOfProxy(const std::string& url) {
  constexpr unsigned kAny = CURLU_GUESS_SCHEME | CURLU_NON_SUPPORT_SCHEME;
  const std::string port = UrlPart(url, CURLUPART_PORT, kAny);
  return UrlPart(url, CURLUPART_HOST, kAny) + (port.empty() ? "" : ":" + port);
}

bool MayAsk(const std::string& url, bool allow_http) {
  return SchemeOf(url) == "https" || allow_http || IsThisMachine(UrlPart(url, CURLUPART_HOST));
}

}  // namespace outpost
