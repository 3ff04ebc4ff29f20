#include "journal/data_key.h"

#include "base/check.h"
#include "base/system/crypto.h"

namespace outpost::journal {
namespace {

Digest Derive(const Secret& key, std::string_view use, std::string_view text) {
  return HmacSha256(key.bytes(), std::string(use).append(text));
}

}  // namespace

DataKey::DataKey(const KeyId& id, Secret key) : id_(id), key_(std::move(key)) {
  OUTPOST_CHECK(key_.bytes().size() == kCipherKeyBytes);
}

Secret DataKey::ForFile(Bytes salt) const {
  OUTPOST_CHECK(salt.size() == kSaltBytes);
  Digest derived = Derive(key_, "file", AsText(salt));
  Secret key{Bytes(derived)};
  Wipe(derived);
  return key;
}

Digest DataKey::Proof(std::string_view use, std::string_view text) const {
  OUTPOST_CHECK(use == "check" || use == "head");
  return Derive(key_, use, text);
}

Digest DataKey::NameOf(const Digest& content) const { return Derive(key_, "name", AsText(content)); }

}  // namespace outpost::journal
