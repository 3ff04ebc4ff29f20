#pragma once
#include <map>
#include <string>

#include "tools/outpost/program.h"

namespace outpost::cli {

// Adds `account trust` and `account proxy-password`.
void AddAccountTrust(Program& program, CLI::App& group);

// What vouches for the server of an account with these settings: "system", "ca_file" or "pinned_key".
const char* TrustOf(const std::map<std::string, std::string>& settings);

}  // namespace outpost::cli
