#pragma once
#include <filesystem>
#include <string>

#include "base/result.h"

namespace outpost {

// What the secret store keeps of an account.
enum class SecretOf {
  kPassword,       // for the server
  kProxyPassword,  // for the proxy that the account names
  kJournalKey,     // of an encrypted account without a passphrase: 64 hexadecimal digits
};

// Where secrets are stored from now on, in this process: files for the owner only in the account's folder (the default:
// tests, the demo and benches leave nothing in a person's keyring), or the secret service of the desktop, with those
// files where it cannot be reached. Called by a program's main before any thread starts.
enum class SecretPlace { kFiles, kSecretService };
void StoreSecretsIn(SecretPlace place);

// Replaces the account's secret. In the secret service it has a random name, which a file in the account's folder
// tells: a folder can be renamed. Errors: kUnavailable.
Result<void> StoreSecret(const std::filesystem::path& account, const std::string& secret,
                         SecretOf which = SecretOf::kPassword);
// From wherever it was stored. Errors: kNotFound, kUnavailable.
Result<std::string> LoadSecret(const std::filesystem::path& account, SecretOf which = SecretOf::kPassword);
// From both places; no error where there is none. Errors: kUnavailable.
Result<void> RemoveSecret(const std::filesystem::path& account, SecretOf which);
// All that the secret service has of the account, which is about to be removed as a whole. What it will not give up is
// left: its name is lost with the account.
void ForgetSecrets(const std::filesystem::path& account);

}  // namespace outpost
