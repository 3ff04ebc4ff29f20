#pragma once
#include <map>
#include <string>

#include "schemas/event.h"
#include "tools/outpost/program.h"

namespace outpost::cli {

// What a person states that vouches for an account's server, as it was typed.
struct StatedTrust {
  std::string key;  // sha256//BASE64 of the server's public key, or the same hash in hexadecimal; empty: none
  std::string ca;   // a file with authorities (PEM); empty: none
  bool empty() const { return key.empty() && ca.empty(); }
};

// The settings that it stands for: the absolute path of the file, which is read and must hold a certificate; what is
// empty unsets. Errors: kInvalid, those of ReadFile.
Result<SettingsBody> TrustSettings(const StatedTrust& trust);

// Adds `account trust` and `account proxy-password`.
void AddAccountTrust(Program& program, CLI::App& group);

// What vouches for the server of an account with these settings: "system", "ca_file" or "pinned_key".
const char* TrustOf(const std::map<std::string, std::string>& settings);

}  // namespace outpost::cli
