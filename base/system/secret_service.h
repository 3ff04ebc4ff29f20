#pragma once
#include <string>

#include "base/result.h"

namespace outpost {

// The secret service of the user's desktop (GNOME Keyring, KWallet, KeePassXC, …), spoken to by libsecret, which is
// loaded when first used: nothing is linked. It keeps secrets by a name of ours. Threads: any. Calls wait for the
// service, and for the user where he must unlock it: not on a thread that may not wait. Errors of all: kUnavailable
// (libsecret is not installed, no service answers, it stays locked), in the service's own words, never with the secret.
// Windows: the same three functions over DPAPI or the credential manager.
Result<void> StoreInSecretService(const std::string& name, const std::string& label, const std::string& secret);
// Errors: kNotFound too.
Result<std::string> LoadFromSecretService(const std::string& name);
// No error where there is none of that name.
Result<void> RemoveFromSecretService(const std::string& name);

}  // namespace outpost
