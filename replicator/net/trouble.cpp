#include "replicator/net/trouble.h"

#include "replicator/net/url.h"

namespace outpost {
namespace {

std::string OfCertificate(const CertificateSeen& seen, const std::string& curl_text) {
  const std::string subject = seen.of_authority ? "an authority above its certificate" : "its certificate";
  switch (seen.fault) {
    case CertificateSeen::Fault::kSelfSigned:
      return "its certificate is self-signed: nobody else vouches for it";
    case CertificateSeen::Fault::kUnknownAuthority:
      return "its certificate comes from an authority that is unknown here";
    case CertificateSeen::Fault::kExpired:
      return subject + " has expired";
    case CertificateSeen::Fault::kNotYetValid:
      return subject + " is not valid yet; or the clock of this computer is wrong";
    case CertificateSeen::Fault::kOther:
      return subject + " is refused: " + seen.text;
    case CertificateSeen::Fault::kNone:
      break;
  }
  return curl_text;
}

bool Has(const std::string& text, const char* part) { return text.find(part) != std::string::npos; }

}  // namespace

std::optional<std::string> TrustTrouble(CURLcode code, const std::string& curl_text, const CertificateSeen& seen,
                                        const std::string& host) {
  std::string why;
  switch (code) {
    case CURLE_PEER_FAILED_VERIFICATION:
      why = seen.fault == CertificateSeen::Fault::kNone && !seen.key.empty()
                ? "its certificate is made out for another host"
                : OfCertificate(seen, curl_text);
      break;
    case CURLE_SSL_PINNEDPUBKEYNOTMATCH:
      why = "its public key is not the pinned one";
      break;
    case CURLE_SSL_CACERT_BADFILE:
      why = "the file of authorities (ca_file) cannot be read";
      break;
    case CURLE_SSL_ISSUER_ERROR:
    case CURLE_SSL_INVALIDCERTSTATUS:
      why = curl_text;
      break;
    case CURLE_SSL_CONNECT_ERROR:
      // A handshake fails for many reasons, most of which pass; these do not.
      if (seen.fault != CertificateSeen::Fault::kNone) {
        why = OfCertificate(seen, curl_text);
        break;
      }
      if (!Has(curl_text, "protocol version") && !Has(curl_text, "unsupported protocol")) return std::nullopt;
      why = "it speaks no version of TLS from 1.2 on: the protocol is too old to be safe";
      break;
    default:
      return std::nullopt;
  }
  return host + " is not trusted: " + why + (seen.key.empty() ? "" : " (its key is " + seen.key + ")");
}

std::string RedirectTrouble(const std::string& from, const std::string& to) {
  const std::string here = HostOf(from), there = HostOf(to);
  if (there.empty()) return here + " redirects to what is no http or https address: not followed";
  const bool weaker = SchemeOf(from) == "https" && SchemeOf(to) == "http";
  if (weaker) return here + " redirects from https to plain http at " + there + ": not followed";
  if (here != there)
    return here + " redirects to another host, " + there + ": not followed; if that is the server, give its address";
  const std::string path = to.substr(0, to.find_first_of("?#"));
  return here + " redirects to another address of its own, " + path + ": not followed; give the address it should have";
}

}  // namespace outpost
