#pragma once
#include <curl/curl.h>

#include <string>

namespace outpost {

// The cookies that the jar of `easy` has for `url`, as the value of a Cookie header; empty: none. For requests that are
// not made by curl itself. Source: RFC 6265, section 5.4. Threads: the network thread.
std::string CookiesFor(CURL* easy, const std::string& url);

}  // namespace outpost
