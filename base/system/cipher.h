#pragma once
#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/mutex.h"
#include "base/result.h"

namespace outpost {

// The crypto seam, the part with keys: OpenSSL here, the system's own library on Windows (hashes: crypto.h).

inline constexpr std::size_t kCipherKeyBytes = 32;    // of AES-256
inline constexpr std::size_t kCipherBlockBytes = 16;  // of AES
inline constexpr std::size_t kSealNonceBytes = 12;
inline constexpr std::size_t kSealTagBytes = 16;

// Overwrites `bytes`, also where a compiler sees that nobody reads them again.
void Wipe(std::span<std::uint8_t> bytes);
inline void Wipe(std::string& text) { Wipe({reinterpret_cast<std::uint8_t*>(text.data()), text.size()}); }

// Bytes that are overwritten when they go: a key or a passphrase. A copy is a secret of its own.
class Secret {
 public:
  Secret() = default;
  explicit Secret(Bytes bytes) : bytes_(bytes.begin(), bytes.end()) {}
  explicit Secret(std::string_view text) : Secret(AsBytes(text)) {}
  ~Secret() { Wipe(bytes_); }
  Secret(const Secret&) = default;
  Secret(Secret&& other) noexcept { bytes_.swap(other.bytes_); }
  Secret& operator=(Secret other) noexcept {
    bytes_.swap(other.bytes_);  // what was here goes with `other`
    return *this;
  }
  Bytes bytes() const { return bytes_; }
  bool empty() const { return bytes_.empty(); }

 private:
  std::vector<std::uint8_t> bytes_;
};

// Fills `bytes` from the operating system's cryptographic random source. Never passed in like base/random.h: a key or
// salt from a seed would repeat a key stream. Threads: any. Errors: kUnavailable (the source gives none).
Result<void> FillRandom(std::span<std::uint8_t> bytes);
// `size` random bytes. Errors: kUnavailable.
Result<Secret> RandomSecret(std::size_t size);

// AES-256 in counter mode as one long key stream: block n of it is the encryption of `first_counter` + n (big-endian,
// modulo 2^128). No byte of a stream may ever serve two texts. Says nothing about changes: that is for a hash or a
// seal. Threads: any; the copies of the key that it holds are wiped when it goes.
class Aes256Ctr {
 public:
  using Counter = std::array<std::uint8_t, kCipherBlockBytes>;
  // `key`: kCipherKeyBytes.
  explicit Aes256Ctr(Bytes key, const Counter& first_counter = {});
  ~Aes256Ctr();
  Aes256Ctr(const Aes256Ctr&) = delete;
  Aes256Ctr& operator=(const Aes256Ctr&) = delete;
  // Turns text at `offset` of the stream into cipher text, or back, in place. False: the library has no memory left;
  // `bytes` are then of no use.
  [[nodiscard]] bool Apply(std::uint64_t offset, std::span<std::uint8_t> bytes) const;

 private:
  struct Context;
  std::unique_ptr<Context> Take() const;

  const Secret key_;
  const Counter first_counter_;
  mutable Mutex mutex_;
  // Contexts with the key expanded, for as many calls as ever ran at once: setting one up costs more than a small read.
  mutable std::vector<std::unique_ptr<Context>> idle_ OUTPOST_GUARDED_BY(mutex_);
};

// AES-256-GCM: the cipher text of `plain` and after it kSealTagBytes of tag, which stands for `plain` and `bound`.
// `key`: kCipherKeyBytes; `nonce`: kSealNonceBytes, never used twice with one key. Threads: any. Source: NIST SP
// 800-38D.
std::string Seal(Bytes key, Bytes nonce, std::string_view bound, Bytes plain);
// What was sealed; nullopt when the key is another or a byte of `sealed`, `nonce` or `bound` has changed.
std::optional<Secret> Unseal(Bytes key, Bytes nonce, std::string_view bound, std::string_view sealed);

// What guessing a passphrase costs: memory 128 · 2^log2_n · r bytes, time in proportion to that and to p.
struct ScryptCost {
  std::uint32_t log2_n = 15;
  std::uint32_t r = 8;
  std::uint32_t p = 1;
};
// Above, a forged file could make an open take minutes or the machine's memory.
inline constexpr std::uint32_t kScryptLog2NMax = 20;
inline constexpr std::uint64_t kScryptBytesMax = 256u << 20;
inline constexpr std::uint32_t kScryptPMax = 16;
// Whether `cost` is one that scrypt defines and within these bounds.
bool IsBounded(const ScryptCost& cost);

// `size` bytes from `passphrase` and `salt`. Threads: any; takes the time and memory that `cost` says.
// Errors: kInvalid (a cost out of bounds), kUnavailable (not enough memory). Source: RFC 7914.
Result<Secret> Scrypt(Bytes passphrase, Bytes salt, const ScryptCost& cost, std::size_t size);

}  // namespace outpost
