#include "base/system/cipher.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <sys/random.h>

#include <algorithm>
#include <cerrno>

#include "base/check.h"

namespace outpost {
namespace {

// EVP counts in int; a multiple of the block.
constexpr std::size_t kPieceMax = std::size_t{1} << 30;

struct FreeContext {
  void operator()(EVP_CIPHER_CTX* context) const { EVP_CIPHER_CTX_free(context); }  // wipes it
};
using CipherContext = std::unique_ptr<EVP_CIPHER_CTX, FreeContext>;

// `counter` + `blocks`, big-endian.
Aes256Ctr::Counter Advance(Aes256Ctr::Counter counter, std::uint64_t blocks) {
  unsigned carry = 0;
  for (std::size_t i = counter.size(); i-- > 0; blocks >>= 8) {
    const unsigned sum = counter[i] + static_cast<unsigned>(blocks & 0xff) + carry;
    counter[i] = static_cast<std::uint8_t>(sum);
    carry = sum >> 8;
  }
  return counter;
}

bool Update(EVP_CIPHER_CTX* context, std::uint8_t* out, const std::uint8_t* in, std::size_t size) {
  int written = 0;
  return EVP_EncryptUpdate(context, out, &written, in, static_cast<int>(size)) == 1 &&
         written == static_cast<int>(size);
}

}  // namespace

void Wipe(std::span<std::uint8_t> bytes) { OPENSSL_cleanse(bytes.data(), bytes.size()); }

// From the system itself: OpenSSL's generators belong to the thread that asks, and RocksDB's threads, which make files
// and so salts, outlive OpenSSL at the end of a process.
Result<void> FillRandom(std::span<std::uint8_t> bytes) {
  while (!bytes.empty()) {
    const ssize_t got = ::getrandom(bytes.data(), bytes.size(), 0);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return Error{Code::kUnavailable, Retry::kBackoff, "the system's random source gives nothing"};
    bytes = bytes.subspan(static_cast<std::size_t>(got));
  }
  return Ok();
}

Result<Secret> RandomSecret(std::size_t size) {
  std::vector<std::uint8_t> bytes(size);
  OUTPOST_TRYV(FillRandom(bytes));
  Secret secret{Bytes(bytes)};
  Wipe(bytes);
  return secret;
}

struct Aes256Ctr::Context {
  CipherContext cipher{EVP_CIPHER_CTX_new()};
};

Aes256Ctr::Aes256Ctr(Bytes key, const Counter& first_counter) : key_(key), first_counter_(first_counter) {
  OUTPOST_CHECK(key.size() == kCipherKeyBytes);
}

Aes256Ctr::~Aes256Ctr() = default;

std::unique_ptr<Aes256Ctr::Context> Aes256Ctr::Take() const {
  {
    MutexLock lock(mutex_);
    if (!idle_.empty()) {
      auto context = std::move(idle_.back());
      idle_.pop_back();
      return context;
    }
  }
  auto context = std::make_unique<Context>();
  if (!context->cipher ||
      EVP_EncryptInit_ex(context->cipher.get(), EVP_aes_256_ctr(), nullptr, key_.bytes().data(), nullptr) != 1)
    return nullptr;
  return context;
}

bool Aes256Ctr::Apply(std::uint64_t offset, std::span<std::uint8_t> bytes) const {
  if (bytes.empty()) return true;
  auto context = Take();
  if (!context) return false;
  const Counter counter = Advance(first_counter_, offset / kCipherBlockBytes);
  bool done = EVP_EncryptInit_ex(context->cipher.get(), nullptr, nullptr, nullptr, counter.data()) == 1;
  std::uint8_t before[kCipherBlockBytes] = {};  // the part of the first block that lies before `offset`
  if (const std::size_t skip = offset % kCipherBlockBytes; done && skip > 0)
    done = Update(context->cipher.get(), before, before, skip);
  while (done && !bytes.empty()) {
    const std::size_t piece = std::min(bytes.size(), kPieceMax);
    done = Update(context->cipher.get(), bytes.data(), bytes.data(), piece);
    bytes = bytes.subspan(piece);
  }
  if (!done) return false;
  MutexLock lock(mutex_);
  idle_.push_back(std::move(context));
  return true;
}

std::string Seal(Bytes key, Bytes nonce, std::string_view bound, Bytes plain) {
  OUTPOST_CHECK(key.size() == kCipherKeyBytes && nonce.size() == kSealNonceBytes);
  const CipherContext context(EVP_CIPHER_CTX_new());
  std::string sealed(plain.size() + kSealTagBytes, '\0');
  auto* out = reinterpret_cast<unsigned char*>(sealed.data());
  int size = 0;
  OUTPOST_CHECK(context != nullptr);
  OUTPOST_CHECK(EVP_EncryptInit_ex(context.get(), EVP_aes_256_gcm(), nullptr, key.data(), nonce.data()) == 1);
  OUTPOST_CHECK(
      EVP_EncryptUpdate(context.get(), nullptr, &size, AsBytes(bound).data(), static_cast<int>(bound.size())) == 1);
  OUTPOST_CHECK(EVP_EncryptUpdate(context.get(), out, &size, plain.data(), static_cast<int>(plain.size())) == 1);
  OUTPOST_CHECK(EVP_EncryptFinal_ex(context.get(), out + plain.size(), &size) == 1);
  OUTPOST_CHECK(EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_GCM_GET_TAG, static_cast<int>(kSealTagBytes),
                                    out + plain.size()) == 1);
  return sealed;
}

std::optional<Secret> Unseal(Bytes key, Bytes nonce, std::string_view bound, std::string_view sealed) {
  OUTPOST_CHECK(key.size() == kCipherKeyBytes && nonce.size() == kSealNonceBytes);
  if (sealed.size() < kSealTagBytes) return std::nullopt;
  const Bytes text = AsBytes(sealed.substr(0, sealed.size() - kSealTagBytes));
  std::string tag(sealed.substr(text.size()));
  const CipherContext context(EVP_CIPHER_CTX_new());
  std::vector<std::uint8_t> plain(text.size() + 1);  // never empty, so that data() is an address
  int size = 0;
  OUTPOST_CHECK(context != nullptr);
  OUTPOST_CHECK(EVP_DecryptInit_ex(context.get(), EVP_aes_256_gcm(), nullptr, key.data(), nonce.data()) == 1);
  OUTPOST_CHECK(
      EVP_DecryptUpdate(context.get(), nullptr, &size, AsBytes(bound).data(), static_cast<int>(bound.size())) == 1);
  OUTPOST_CHECK(EVP_DecryptUpdate(context.get(), plain.data(), &size, text.data(), static_cast<int>(text.size())) == 1);
  OUTPOST_CHECK(EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_GCM_SET_TAG, static_cast<int>(tag.size()), tag.data()) ==
                1);
  const bool whole = EVP_DecryptFinal_ex(context.get(), plain.data() + text.size(), &size) == 1;
  auto secret = whole ? std::optional<Secret>(Bytes(plain).first(text.size())) : std::nullopt;
  Wipe(plain);
  return secret;
}

bool IsBounded(const ScryptCost& cost) {
  return cost.log2_n >= 1 && cost.log2_n <= kScryptLog2NMax && cost.r >= 1 && cost.p >= 1 && cost.p <= kScryptPMax &&
         cost.r <= (kScryptBytesMax >> cost.log2_n) / 128;
}

Result<Secret> Scrypt(Bytes passphrase, Bytes salt, const ScryptCost& cost, std::size_t size) {
  if (!IsBounded(cost))
    return Error{Code::kInvalid, Retry::kNever,
                 "scrypt with N = 2^" + std::to_string(cost.log2_n) + ", r = " + std::to_string(cost.r) +
                     ", p = " + std::to_string(cost.p) + " is out of bounds: N at most 2^" +
                     std::to_string(kScryptLog2NMax) + ", p at most " + std::to_string(kScryptPMax) +
                     ", memory at most " + std::to_string(kScryptBytesMax) + " bytes"};
  std::vector<std::uint8_t> out(size);
  // Its default limit is below what the usual cost needs; r · p blocks and the working ones come on top.
  constexpr std::uint64_t kMemoryMax = 2 * kScryptBytesMax;
  const int done = EVP_PBE_scrypt(AsText(passphrase).data(), passphrase.size(), salt.data(), salt.size(),
                                  std::uint64_t{1} << cost.log2_n, cost.r, cost.p, kMemoryMax, out.data(), size);
  Secret secret{Bytes(out)};
  Wipe(out);
  if (done != 1) return Error{Code::kUnavailable, Retry::kBackoff, "not enough memory for scrypt"};
  return secret;
}

}  // namespace outpost
