#include "tests/replicator/net/certificate.h"

#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <memory>

namespace outpost::test {
namespace {

template <class Write>
std::string AsPem(Write write) {
  std::unique_ptr<BIO, int (*)(BIO*)> out(BIO_new(BIO_s_mem()), BIO_free);
  write(out.get());
  char* bytes = nullptr;
  const long size = BIO_get_mem_data(out.get(), &bytes);
  return {bytes, static_cast<std::size_t>(size)};
}

using X509Ref = std::unique_ptr<X509, void (*)(X509*)>;
using KeyRef = std::unique_ptr<EVP_PKEY, void (*)(EVP_PKEY*)>;
using BioRef = std::unique_ptr<BIO, int (*)(BIO*)>;

BioRef Pem(const std::string& text) { return {BIO_new_mem_buf(text.data(), static_cast<int>(text.size())), BIO_free}; }
X509Ref ReadCertificate(const std::string& pem) {
  return {PEM_read_bio_X509(Pem(pem).get(), nullptr, nullptr, nullptr), X509_free};
}
KeyRef ReadKey(const std::string& pem) {
  return {PEM_read_bio_PrivateKey(Pem(pem).get(), nullptr, nullptr, nullptr), EVP_PKEY_free};
}

void Extend(X509* certificate, int what, const std::string& value) {
  X509_EXTENSION* extension = X509V3_EXT_conf_nid(nullptr, nullptr, what, value.c_str());
  X509_add_ext(certificate, extension, -1);
  X509_EXTENSION_free(extension);
}

}  // namespace

Certificate MakeCertificate(const CertificateWish& wish) {
  const KeyRef key(EVP_EC_gen("P-256"), EVP_PKEY_free);
  const X509Ref made(X509_new(), X509_free);
  X509_set_version(made.get(), 2);
  ASN1_INTEGER_set(X509_get_serialNumber(made.get()), 1);
  X509_gmtime_adj(X509_getm_notBefore(made.get()), wish.from.count());
  X509_gmtime_adj(X509_getm_notAfter(made.get()), wish.to.count());
  X509_set_pubkey(made.get(), key.get());
  X509_NAME* name = X509_get_subject_name(made.get());
  const std::string subject = wish.authority ? "outpost test authority" : "outpost test";
  X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_UTF8, reinterpret_cast<const unsigned char*>(subject.c_str()), -1, -1,
                             0);
  const bool is_address = wish.host.find_first_not_of("0123456789.") == std::string::npos;
  Extend(made.get(), NID_subject_alt_name, (is_address ? "IP:" : "DNS:") + wish.host);
  if (wish.authority) Extend(made.get(), NID_basic_constraints, "critical,CA:TRUE");
  if (wish.issuer != nullptr) {
    X509_set_issuer_name(made.get(), X509_get_subject_name(ReadCertificate(wish.issuer->certificate).get()));
    X509_sign(made.get(), ReadKey(wish.issuer->key).get(), EVP_sha256());
  } else {
    X509_set_issuer_name(made.get(), name);
    X509_sign(made.get(), key.get(), EVP_sha256());
  }
  return {AsPem([&](BIO* out) { PEM_write_bio_X509(out, made.get()); }),
          AsPem([&](BIO* out) { PEM_write_bio_PrivateKey(out, key.get(), nullptr, nullptr, 0, nullptr, nullptr); })};
}

std::string KeyOf(const Certificate& certificate) {
  unsigned char* der = nullptr;
  const X509Ref read = ReadCertificate(certificate.certificate);
  const int size = i2d_PUBKEY(X509_get0_pubkey(read.get()), &der);
  unsigned char digest[32];
  EVP_Digest(der, static_cast<std::size_t>(size), digest, nullptr, EVP_sha256(), nullptr);
  OPENSSL_free(der);
  unsigned char text[64];
  EVP_EncodeBlock(text, digest, sizeof digest);
  return "sha256//" + std::string(reinterpret_cast<const char*>(text));
}

}  // namespace outpost::test
