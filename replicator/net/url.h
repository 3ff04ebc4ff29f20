#pragma once
#include <string>

namespace outpost {

// "http" or "https"; empty where `url` is neither.
std::string SchemeOf(const std::string& url);
// Host (and port, where the URL has one) of `url`; empty where it is no http or https URL.
std::string HostOf(const std::string& url);
// The host of `url` alone; path and query as a request names them.
std::string NameOf(const std::string& url);
std::string PathOf(const std::string& url);
// Host and port of a proxy's URL, for texts: any scheme, or none; no user, no password.
std::string PlaceOfProxy(const std::string& url);
// True where `url` may be asked: https, http to this machine, or http where it is allowed.
bool MayAsk(const std::string& url, bool allow_http);

}  // namespace outpost
