#pragma once
#include <curl/curl.h>

#include <optional>
#include <string>

#include "base/system/certificate.h"

namespace outpost {

// Why `host` cannot be trusted, in a sentence for a person that ends with the server's key where one was seen; nullopt
// where `code` means anything else. `curl_text`: curl's own words, for what has no better ones.
std::optional<std::string> TrustTrouble(CURLcode code, const std::string& curl_text, const CertificateSeen& seen,
                                        const std::string& host);

// Why a redirect from `from` to `to` (both absolute) is not followed, in a sentence that names both.
std::string RedirectTrouble(const std::string& from, const std::string& to);

}  // namespace outpost
