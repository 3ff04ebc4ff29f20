#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include "base/system/cipher.h"
#include "base/system/crypto.h"
#include "schemas/value.h"

namespace outpost {

// What stands for people's texts where these must not be seen: words of nothing, made of the text under a random key
// that nobody keeps. Of one object the same text gives the same token, another text another one; the script (of the
// first letter) and the class of the length stay. Threads: any.
class Tokens {
 public:
  // `key`: 32 random bytes that nobody keeps.
  explicit Tokens(Secret key) : key_(std::move(key)) {}

  // Empty for an empty text. An address keeps its "@": both of its sides are texts. At least kTokenLeast characters.
  std::string Text(std::string_view text) const;
  // Of bytes that are no text: other bytes, of a length of the same class.
  std::string Blob(std::string_view bytes) const;
  // An id that the server gave: numbers, and which kind of person it is of, stay; all else is a text. What stands
  // behind the last colon is an id of its own, so that a mail's still begins with that of its folder.
  std::string RemoteId(std::string_view id) const;
  // A number for a number, the same for the same: 0..below-1.
  std::int64_t Number(std::int64_t number, std::int64_t below) const;
  // What stands for a blob: content that is no longer than a line, and the reference to it.
  std::string BlobText(const BlobRef& ref) const;

 private:
  std::string RemoteIdOf(std::string_view id, int parts) const;
  std::string Word(std::string_view text, std::string_view use) const;
  Digest KeyedDigest(std::string_view use, std::string_view text) const;
  Secret key_;
};

// Shorter ones would be the same for different texts now and then.
inline constexpr std::size_t kTokenLeast = 12;

// The least length of 12, 16, 24, 32, 48, … that is not below `length`; never above 4096.
std::size_t LengthClass(std::size_t length);

}  // namespace outpost
