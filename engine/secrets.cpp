#include "engine/secrets.h"

#include <atomic>

#include "base/bytes.h"
#include "base/check.h"
#include "base/system/cipher.h"
#include "base/system/files.h"
#include "base/system/secret_service.h"

namespace outpost {
namespace fs = std::filesystem;
namespace {

constexpr std::size_t kNameBytes = 16;
constexpr SecretOf kAll[] = {SecretOf::kPassword, SecretOf::kProxyPassword, SecretOf::kJournalKey};

std::atomic<SecretPlace> place{SecretPlace::kFiles};

fs::path SecretFile(const fs::path& account, SecretOf which) {
  switch (which) {
    case SecretOf::kPassword:
      return account / "secret";
    case SecretOf::kProxyPassword:
      return account / "proxy-secret";
    case SecretOf::kJournalKey:
      return account / "journal-key";
  }
  throw InvariantViolation("a secret of no kind");
}

// The file that holds the name under which the secret service has it.
fs::path NameFile(const fs::path& account, SecretOf which) {
  fs::path file = SecretFile(account, which);
  file += ".name";
  return file;
}

Result<void> RemoveFile(const fs::path& file) {
  std::error_code error;
  fs::remove(file, error);
  if (error) return Error{Code::kUnavailable, Retry::kNever, "cannot remove " + file.string() + ": " + error.message()};
  return Ok();
}

// The name is on disk before the secret is stored, so that none is left in the service without an account that knows
// it; the file with the secret goes last.
Result<void> StoreInService(const fs::path& account, const std::string& secret, SecretOf which) {
  const fs::path name_file = NameFile(account, which);
  auto name = ReadFile(name_file);
  if (!name) {
    OUTPOST_TRY(const auto random, RandomSecret(kNameBytes));
    name = ToHex(random.bytes());
    OUTPOST_TRYV(WriteFileDurably(name_file, name.value()));
  }
  const auto stored = StoreInSecretService(name.value(), "Outpost: " + account.filename().string(), secret);
  if (stored) return RemoveFile(SecretFile(account, which));
  OUTPOST_TRYV(RemoveFile(name_file));
  return stored.error();
}

}  // namespace

void StoreSecretsIn(SecretPlace chosen) { place = chosen; }

Result<void> StoreSecret(const fs::path& account, const std::string& secret, SecretOf which) {
  if (place == SecretPlace::kSecretService && StoreInService(account, secret, which)) return Ok();
  OUTPOST_TRYV(WriteFileDurably(SecretFile(account, which), secret));
  return RemoveFile(NameFile(account, which));
}

Result<std::string> LoadSecret(const fs::path& account, SecretOf which) {
  auto kept = ReadFile(SecretFile(account, which));
  if (kept || kept.error().code != Code::kNotFound) return kept;
  const auto name = ReadFile(NameFile(account, which));
  if (!name) return kept;
  return LoadFromSecretService(name.value());
}

Result<void> RemoveSecret(const fs::path& account, SecretOf which) {
  if (const auto name = ReadFile(NameFile(account, which))) {
    OUTPOST_TRYV(RemoveFromSecretService(name.value()));
    OUTPOST_TRYV(RemoveFile(NameFile(account, which)));
  }
  return RemoveFile(SecretFile(account, which));
}

void ForgetSecrets(const fs::path& account) {
  for (const SecretOf which : kAll)
    if (const auto name = ReadFile(NameFile(account, which))) (void)RemoveFromSecretService(name.value());
}

}  // namespace outpost
