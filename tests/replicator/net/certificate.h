#pragma once
#include <string>

namespace outpost::test {

// A self-signed certificate for `host` (a name, or an address) and its key, as PEM.
struct Certificate {
  std::string certificate;
  std::string key;
};
Certificate MakeCertificate(const std::string& host);

}  // namespace outpost::test
