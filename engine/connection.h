#pragma once
#include <functional>
#include <map>
#include <string>

#include "replicator/net/curl_transport.h"

namespace outpost {

// How an account with these settings reaches its server. `system`: the proxies that the program's environment names;
// `proxy_password`: of the user in the setting `proxy`, asked for where there is one.
TransportOptions ConnectionOf(const std::map<std::string, std::string>& settings, const ProxyOptions& system,
                              const std::function<std::string()>& proxy_password);

}  // namespace outpost
