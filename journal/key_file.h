#pragma once
#include <array>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "journal/data_key.h"
#include "journal/encryption.h"

// The file KEY: how a journal's data key is guarded. Source: schemas/event.md, "Encryption".
namespace outpost::journal {

inline std::filesystem::path KeyPath(const std::filesystem::path& folder) { return folder / "KEY"; }

struct KeyFile {
  KeyGuard guard = KeyGuard::kStored;
  KeyId id{};
  Digest check{};  // kStored: shows whether a key is the right one
  // kPassphrase:
  ScryptCost cost;
  std::array<std::uint8_t, 32> salt{};
  std::array<std::uint8_t, kSealNonceBytes> nonce{};
  std::string sealed;  // the data key
};

std::string EncodeKeyFile(const KeyFile& file);
// `path` is for the messages. Errors: kCorrupt (another length, checksum, guard or cost than can be), kNewerFormat.
Result<KeyFile> ParseKeyFile(std::string_view bytes, const std::filesystem::path& path);

// Whether `source` could open or make a journal. Errors: kInvalid (naming the limit).
Result<void> CheckSource(const KeySource& source);

// A new data key for a new journal, and its KEY guarded as `source` says. Errors: kInvalid, kUnavailable.
struct NewKey {
  std::shared_ptr<const DataKey> key;
  KeyFile file;
};
Result<NewKey> MakeKey(const KeySource& source);
// The same data key under a new salt and nonce. Errors: kInvalid, kUnavailable.
Result<KeyFile> SealKey(const DataKey& key, const Secret& passphrase);

// The data key, if `source` is the one that `file` asks for. Errors: kRejected (none given, one of the other kind, or
// the wrong one: the message says which), kInvalid, kCorrupt, kUnavailable.
Result<std::shared_ptr<const DataKey>> Unguard(const KeyFile& file, const KeySource& source,
                                               const std::filesystem::path& path);

}  // namespace outpost::journal
