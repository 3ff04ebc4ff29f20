#pragma once
#include <filesystem>
#include <optional>

#include "base/result.h"
#include "journal/encryption.h"

namespace outpost {

// Where the keys of encrypted accounts come from: docs/adr/0010-encryption-at-rest.md.

// What opens the journal of the account in the folder `account`: nothing for a plain or absent one, the key from the
// secret store, or `passphrase` where it is guarded by one (and else ignored). Errors: kInvalid (a passphrase is needed
// and `passphrase` is empty), kUnavailable (the secret store does not have the key), kCorrupt (what it has is no key),
// and those of EncryptionOf.
Result<KeySource> KeyOf(const std::filesystem::path& account, const Secret& passphrase);

// What a new account's journal is to be made with. For KeyGuard::kStored a random key is made and stored, durably,
// before anything is encrypted under it; a key that is there already, of a creation that was interrupted, is taken and
// never replaced. `passphrase` is used for KeyGuard::kPassphrase only. Errors: kInvalid (no passphrase), kUnavailable,
// kCorrupt (what the store has is no key).
Result<KeySource> NewKeyOf(const std::filesystem::path& account, KeyGuard guard, const Secret& passphrase);

// For reports: "none", "secret-store", "passphrase".
const char* EncryptionName(std::optional<KeyGuard> guard);

}  // namespace outpost
