#pragma once
#include <cstdint>
#include <filesystem>
#include <optional>

#include "base/result.h"
#include "base/system/cipher.h"

namespace outpost {

// How the key of an encrypted journal is guarded; numbers as in the file KEY.
enum class KeyGuard : std::uint32_t {
  kStored = 1,      // the key itself lies in the system's secret store
  kPassphrase = 2,  // the key lies in KEY, sealed by a passphrase
};

// What a journal is to be opened with. A new journal is encrypted when one is given.
struct KeySource {
  enum class Kind : std::uint8_t { kNone, kStored, kPassphrase };
  Kind kind = Kind::kNone;
  Secret secret;  // kStored: the key, kCipherKeyBytes; kPassphrase: 1..kPassphraseBytesMax bytes, as they were typed
};
inline constexpr std::size_t kPassphraseBytesMax = 1024;

// How the journal in `folder` is encrypted; nullopt: it is not, or there is none. Reads KEY only, touches nothing.
// Errors: kCorrupt, kNewerFormat, kUnavailable.
Result<std::optional<KeyGuard>> EncryptionOf(const std::filesystem::path& folder);

// Lets the journal in `folder` be opened by `fresh` in place of `old`: the same key is sealed anew and KEY replaced as
// a whole, so no other file changes, and a copy of the old KEY still opens with the old passphrase. Each call costs two
// runs of scrypt. Threads: any. Errors: kNotFound (no journal there), kRejected (not guarded by a passphrase, or `old`
// is wrong), kInvalid (`fresh` is empty or too long), kConflict (another process holds the journal), kCorrupt,
// kNewerFormat, kUnavailable; after each KEY is as it was. Source: schemas/event.md, "Encryption".
Result<void> ChangePassphrase(const std::filesystem::path& folder, const Secret& old, const Secret& fresh);

}  // namespace outpost
