#include "base/system/certificate.h"

#include <openssl/evp.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

#include "base/system/crypto.h"

namespace outpost {
namespace {

using Seen = std::shared_ptr<CertificateSeen>;

void FreeSeen(void*, void* seen, CRYPTO_EX_DATA*, int, long, void*) { delete static_cast<Seen*>(seen); }

// Connections outlive what asked for them, so their context owns what the callback writes to.
int SeenIndex() {
  static const int index = SSL_CTX_get_ex_new_index(0, nullptr, nullptr, nullptr, FreeSeen);
  return index;
}

std::string KeyOfCertificate(X509* certificate) {
  unsigned char* der = nullptr;
  const int size = i2d_X509_PUBKEY(X509_get_X509_PUBKEY(certificate), &der);
  if (size <= 0) return {};
  const Digest digest = Sha256Of({reinterpret_cast<const char*>(der), static_cast<std::size_t>(size)});
  OPENSSL_free(der);
  return KeyText(digest);
}

CertificateSeen::Fault FaultOf(int error) {
  switch (error) {
    case X509_V_OK:
      return CertificateSeen::Fault::kNone;
    case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT:
      return CertificateSeen::Fault::kSelfSigned;
    case X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN:
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT:
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
    case X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE:
    case X509_V_ERR_CERT_UNTRUSTED:
    case X509_V_ERR_CERT_SIGNATURE_FAILURE:  // by another authority of the same name
      return CertificateSeen::Fault::kUnknownAuthority;
    case X509_V_ERR_CERT_HAS_EXPIRED:
      return CertificateSeen::Fault::kExpired;
    case X509_V_ERR_CERT_NOT_YET_VALID:
      return CertificateSeen::Fault::kNotYetValid;
    default:
      return CertificateSeen::Fault::kOther;
  }
}

int OnVerify(int verdict, X509_STORE_CTX* store) {
  const auto* tls = static_cast<SSL*>(X509_STORE_CTX_get_ex_data(store, SSL_get_ex_data_X509_STORE_CTX_idx()));
  const auto* owned = static_cast<Seen*>(SSL_CTX_get_ex_data(SSL_get_SSL_CTX(tls), SeenIndex()));
  CertificateSeen& seen = **owned;
  if (X509* leaf = X509_STORE_CTX_get0_cert(store); leaf != nullptr && seen.key.empty())
    seen.key = KeyOfCertificate(leaf);
  const int error = X509_STORE_CTX_get_error(store);
  if (verdict == 0 && seen.fault == CertificateSeen::Fault::kNone) {
    seen.fault = FaultOf(error);
    seen.of_authority = X509_STORE_CTX_get_error_depth(store) > 0;
    seen.text = X509_verify_cert_error_string(error);
  }
  return verdict;
}

}  // namespace

std::string KeyText(const Digest& hash) { return "sha256//" + Base64Of(hash); }

void WatchCertificate(void* tls_context, std::shared_ptr<CertificateSeen> seen) {
  auto* context = static_cast<SSL_CTX*>(tls_context);
  auto owned = std::make_unique<Seen>(std::move(seen));
  if (SSL_CTX_set_ex_data(context, SeenIndex(), owned.get()) != 1) return;  // no memory: nothing is seen then
  owned.release();
  SSL_CTX_set_verify(context, SSL_CTX_get_verify_mode(context), OnVerify);
}

}  // namespace outpost
