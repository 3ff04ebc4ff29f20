#pragma once
#include <chrono>
#include <string>

namespace outpost::test {

// A certificate and its key, as PEM.
struct Certificate {
  std::string certificate;
  std::string key;
};

// A certificate for `host` (a name, or an address), valid from `from` to `to`, both counted from now. Signed by
// `issuer`, or by itself where there is none.
struct CertificateWish {
  std::string host;
  std::chrono::seconds from{-3600};
  std::chrono::seconds to{3600};
  const Certificate* issuer = nullptr;
  bool authority = false;  // it may sign others
};
Certificate MakeCertificate(const CertificateWish& wish);
inline Certificate MakeCertificate(const std::string& host) { return MakeCertificate(CertificateWish{host}); }

// "sha256//BASE64" of the public key in a certificate.
std::string KeyOf(const Certificate& certificate);

}  // namespace outpost::test
