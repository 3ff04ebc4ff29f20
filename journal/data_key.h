#pragma once
#include <array>
#include <cstdint>

#include "base/bytes.h"
#include "base/system/cipher.h"

namespace outpost::journal {

using KeyId = std::array<std::uint8_t, 16>;  // random, made with the journal; in KEY and in each encrypted file

// The key under which all of a journal's files are encrypted; for each use a key of its own is taken from it, so that
// none says anything of another. Wiped when it goes. Threads: any.
// Source: schemas/event.md, "Encryption".
class DataKey {
 public:
  static constexpr std::size_t kSaltBytes = 32;

  // `key`: kCipherKeyBytes.
  DataKey(const KeyId& id, Secret key);

  const KeyId& id() const { return id_; }
  const Secret& secret() const { return key_; }
  // The key of the one file that has `salt` (kSaltBytes).
  Secret ForFile(Bytes salt) const;
  // Shows that whoever wrote `text` had this key; `use` keeps the uses apart ("check", "head").
  Digest Proof(std::string_view use, std::string_view text) const;
  // The name under which a blob of content hash `content` is stored: says nothing about the content without the key. A
  // plain journal calls a blob by its hash.
  Digest NameOf(const Digest& content) const;

 private:
  const KeyId id_;
  const Secret key_;
};

}  // namespace outpost::journal
