#pragma once
#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/bytes.h"

namespace outpost {

// The crypto seam: OpenSSL here, the system's own library on Windows.

// SHA-256 of the pieces in turn. Threads: one caller per object; an object is reused after Finish().
class Sha256 {
 public:
  Sha256();
  ~Sha256();
  Sha256(const Sha256&) = delete;
  Sha256& operator=(const Sha256&) = delete;
  Sha256& Add(Bytes piece);
  Sha256& Add(std::string_view piece) { return Add(AsBytes(piece)); }
  Digest Finish();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

// SHA-256 of `text` in one call. Threads: any.
Digest Sha256Of(std::string_view text);

// HMAC-SHA-256 of `text` under `key`. Threads: any.
Digest HmacSha256(Bytes key, std::string_view text);

// SHA-1, for protocols that name it; it proves nothing. Threads: any.
using Sha1Digest = std::array<std::uint8_t, 20>;
Sha1Digest Sha1Of(std::string_view text);

// RFC 4648, section 4, with padding. Threads: any.
std::string Base64Of(Bytes bytes);
// The bytes back; nullopt for what is no such text. Line ends and blanks are taken out.
std::optional<std::string> FromBase64(std::string_view text);

}  // namespace outpost
