#pragma once
#include <memory>
#include <string>

#include "base/bytes.h"

namespace outpost {

// The hash of a public key (SHA-256 of its DER) as a person sees it and a setting holds it: "sha256//" and its base64.
std::string KeyText(const Digest& hash);

// What a TLS handshake showed of the other side's certificate.
struct CertificateSeen {
  enum class Fault {
    kNone,
    kSelfSigned,        // vouched for by itself alone
    kUnknownAuthority,  // no way from it to an authority that is trusted here
    kExpired,
    kNotYetValid,
    kOther,  // see `text`
  };
  Fault fault = Fault::kNone;  // the first that was found
  bool of_authority = false;   // it is of a certificate above the server's own
  std::string key;             // KeyText of the server's public key; empty: none was seen
  std::string text;            // the fault in the words of the TLS library
};

// Keeps in `seen` what handshakes under `tls_context` show (OpenSSL's SSL_CTX, as curl hands it out); no verdict on a
// certificate is changed by it. `seen` is written on the thread that runs the handshake.
void WatchCertificate(void* tls_context, std::shared_ptr<CertificateSeen> seen);

}  // namespace outpost
