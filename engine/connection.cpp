#include "engine/connection.h"

#include "base/bytes.h"
#include "engine/settings.h"

namespace outpost {
namespace {

// `text` of a URL with its %XX read.
std::string Unescaped(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto byte = text[i] == '%' ? ParseHex(text.substr(i + 1, 2)) : std::nullopt;
    if (byte && byte->size() == 1) i += 2;
    out += byte && byte->size() == 1 ? *byte : std::string(1, text[i]);
  }
  return out;
}

// `url` as engine/settings.cpp allows it: http://[USER@]HOST:PORT.
ProxyOptions ProxyAt(const std::string& url, const std::function<std::string()>& password) {
  ProxyOptions proxy;
  const auto begin = url.find("://") + 3;
  const auto at = url.rfind('@');
  if (at != std::string::npos) {
    proxy.user = Unescaped(std::string_view(url).substr(begin, at - begin));
    proxy.password = password();
  }
  proxy.https = proxy.http = url.substr(0, begin) + url.substr(at == std::string::npos ? begin : at + 1);
  return proxy;
}

}  // namespace

TransportOptions ConnectionOf(const std::map<std::string, std::string>& settings, const ProxyOptions& system,
                              const std::function<std::string()>& proxy_password) {
  const auto text = [&](std::string_view name) {
    const auto found = settings.find(std::string(name));
    return found == settings.end() ? std::string() : found->second;
  };
  TransportOptions options;
  options.allow_http = text(setting::kAllowHttp) == "true";
  options.ca_file = text(setting::kCaFile);
  options.pinned_key = text(setting::kPinnedKey);
  const std::string proxy = text(setting::kProxy);
  if (proxy == setting::kSystemProxy)
    options.proxy = system;
  else if (!proxy.empty() && CheckSetting(setting::kProxy, proxy))  // a journal of another version may hold anything
    options.proxy = ProxyAt(proxy, proxy_password);
  return options;
}

}  // namespace outpost
