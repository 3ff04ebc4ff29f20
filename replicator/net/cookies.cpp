#include "replicator/net/cookies.h"

#include <algorithm>
#include <array>
#include <memory>
#include <string_view>

#include "replicator/net/exchange.h"
#include "replicator/net/url.h"

namespace outpost {
namespace {

constexpr std::string_view kHttpOnly = "#HttpOnly_";
// Of a line in the format of Netscape's cookie file: domain, also hosts below it, path, https only, end, name, value.
constexpr std::size_t kParts = 7;
using Parts = std::array<std::string_view, kParts>;

Parts PartsOf(std::string_view line) {
  Parts parts;
  for (std::size_t i = 0; i < kParts; ++i) {
    const std::size_t end = i + 1 < kParts ? line.find('\t') : line.size();
    if (end == std::string_view::npos) return {};
    parts[i] = line.substr(0, end);
    line.remove_prefix(std::min(end + 1, line.size()));
  }
  return parts;
}

bool IsFor(std::string_view domain, bool below, std::string_view host) {
  if (domain.substr(0, 1) == ".") domain.remove_prefix(1);
  if (domain == host) return true;
  return below && host.size() > domain.size() && host.ends_with(domain) && host[host.size() - domain.size() - 1] == '.';
}

bool IsBelow(std::string_view path, std::string_view of) {
  if (path.substr(0, of.size()) != of) return false;
  return path.size() == of.size() || of.ends_with('/') || path[of.size()] == '/';
}

}  // namespace

std::string CookiesFor(CURL* easy, const std::string& url) {
  curl_slist* list = nullptr;
  if (curl_easy_getinfo(easy, CURLINFO_COOKIELIST, &list) != CURLE_OK) return {};
  const std::unique_ptr<curl_slist, CurlListFree> owned(list);
  const std::string host = NameOf(url), target = PathOf(url);
  const std::string path = target.substr(0, target.find('?'));
  const bool secure = SchemeOf(url) == "https";
  std::string header;
  for (const curl_slist* at = list; at != nullptr; at = at->next) {
    std::string_view line = at->data;
    if (line.starts_with(kHttpOnly)) line.remove_prefix(kHttpOnly.size());
    const auto [domain, below, of, https, end, name, value] = PartsOf(line);
    if (name.empty() || !IsFor(domain, below == "TRUE", host) || !IsBelow(path, of)) continue;
    if (https == "TRUE" && !secure) continue;
    header += (header.empty() ? "" : "; ") + std::string(name) + "=" + std::string(value);
  }
  return header;
}

}  // namespace outpost
