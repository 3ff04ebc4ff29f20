#include "engine/account_key.h"

#include "engine/data_dir.h"
#include "engine/secrets.h"

namespace outpost {
namespace {

Result<KeySource> ByPassphrase(const Secret& passphrase) {
  if (!passphrase.empty()) return KeySource{KeySource::Kind::kPassphrase, passphrase};
  return Error{Code::kInvalid, Retry::kNever,
               "the account is encrypted and opens by its passphrase: give it in OUTPOST_PASSPHRASE"};
}

// Errors: those of LoadSecret, kCorrupt.
Result<KeySource> FromStore(const std::filesystem::path& account) {
  OUTPOST_TRY(auto text, LoadSecret(account, SecretOf::kJournalKey));
  auto raw = ParseHex(text);
  KeySource source{KeySource::Kind::kStored, Secret(raw ? std::string_view(*raw) : std::string_view())};
  Wipe(text);
  if (raw) Wipe(*raw);
  if (source.secret.bytes().size() == kCipherKeyBytes) return source;
  return Error{Code::kCorrupt, Retry::kNever, "what the secret store has for " + account.string() + " is no key"};
}

}  // namespace

Result<KeySource> KeyOf(const std::filesystem::path& account, const Secret& passphrase) {
  OUTPOST_TRY(const auto guard, EncryptionOf(JournalFolder(account)));
  if (!guard) return KeySource{};
  if (*guard == KeyGuard::kPassphrase) return ByPassphrase(passphrase);
  auto stored = FromStore(account);
  if (stored || stored.error().code != Code::kNotFound) return stored;
  return Error{Code::kUnavailable, Retry::kNever,
               "the account is encrypted, and its key is not in the secret store: " + stored.error().context};
}

Result<KeySource> NewKeyOf(const std::filesystem::path& account, KeyGuard guard, const Secret& passphrase) {
  if (guard == KeyGuard::kPassphrase) return ByPassphrase(passphrase);
  auto stored = FromStore(account);
  if (stored || stored.error().code != Code::kNotFound) return stored;
  OUTPOST_TRY(auto key, RandomSecret(kCipherKeyBytes));
  std::string text = ToHex(key.bytes());
  auto kept = StoreSecret(account, text, SecretOf::kJournalKey);
  Wipe(text);
  if (!kept) return kept.error();
  return KeySource{KeySource::Kind::kStored, std::move(key)};
}

const char* EncryptionName(std::optional<KeyGuard> guard) {
  if (!guard) return "none";
  return *guard == KeyGuard::kPassphrase ? "passphrase" : "secret-store";
}

}  // namespace outpost
