#include "base/system/crypto.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include "base/check.h"

namespace outpost {
namespace {

// RocksDB's threads encrypt files, and end after everything else in a process. OpenSSL keeps some memory for each
// thread, which it frees at the thread's end, unless it has cleaned up before: so it does not. What it holds then goes
// with the process.
[[maybe_unused]] const bool kStaysToTheEnd = OPENSSL_init_crypto(OPENSSL_INIT_NO_ATEXIT, nullptr) == 1;

}  // namespace

struct Sha256::Impl {
  EVP_MD_CTX* context = EVP_MD_CTX_new();
  ~Impl() { EVP_MD_CTX_free(context); }
  // Without naming the algorithm again: looking it up costs as much as hashing a header.
  void Restart() { OUTPOST_CHECK(EVP_DigestInit_ex(context, nullptr, nullptr) == 1); }
};

Sha256::Sha256() : impl_(std::make_unique<Impl>()) {
  OUTPOST_CHECK(EVP_DigestInit_ex(impl_->context, EVP_sha256(), nullptr) == 1);
}
Sha256::~Sha256() = default;

Sha256& Sha256::Add(Bytes piece) {
  OUTPOST_CHECK(EVP_DigestUpdate(impl_->context, piece.data(), piece.size()) == 1);
  return *this;
}

Digest Sha256::Finish() {
  Digest digest;
  OUTPOST_CHECK(EVP_DigestFinal_ex(impl_->context, digest.data(), nullptr) == 1);
  impl_->Restart();
  return digest;
}

Digest Sha256Of(std::string_view text) {
  thread_local Sha256 hasher;  // setting one up costs more than hashing a short text
  return hasher.Add(text).Finish();
}

Digest HmacSha256(Bytes key, std::string_view text) {
  Digest digest;
  unsigned int size = 0;
  OUTPOST_CHECK(HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()), AsBytes(text).data(), text.size(),
                     digest.data(), &size) != nullptr &&
                size == digest.size());
  return digest;
}

Sha1Digest Sha1Of(std::string_view text) {
  Sha1Digest digest;
  OUTPOST_CHECK(EVP_Digest(text.data(), text.size(), digest.data(), nullptr, EVP_sha1(), nullptr) == 1);
  return digest;
}

std::string Base64Of(Bytes bytes) {
  std::string text((bytes.size() + 2) / 3 * 4 + 1, '\0');  // and the zero that EVP_EncodeBlock adds
  const int length =
      EVP_EncodeBlock(reinterpret_cast<unsigned char*>(text.data()), bytes.data(), static_cast<int>(bytes.size()));
  text.resize(static_cast<std::size_t>(length));
  return text;
}

std::optional<std::string> FromBase64(std::string_view text) {
  std::string clean;
  clean.reserve(text.size());
  for (const char c : text)
    if (c != ' ' && c != '\t' && c != '\r' && c != '\n') clean += c;
  if (clean.size() % 4 != 0) return std::nullopt;
  const std::size_t filled = clean.ends_with("==") ? 2 : clean.ends_with('=') ? 1 : 0;
  if (clean.find('=') < clean.size() - filled) return std::nullopt;
  std::string bytes(clean.size() / 4 * 3, '\0');
  const int length =
      EVP_DecodeBlock(reinterpret_cast<unsigned char*>(bytes.data()),
                      reinterpret_cast<const unsigned char*>(clean.data()), static_cast<int>(clean.size()));
  if (length < 0) return std::nullopt;
  bytes.resize(static_cast<std::size_t>(length) - filled);
  return bytes;
}

}  // namespace outpost
