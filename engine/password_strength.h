#pragma once
#include <string>
#include <string_view>

#include "replicator/dialect.h"

namespace outpost {

// How hard a password is to guess for who tries all that are built like it: characters that repeat or follow the one
// before count little, and a password is no harder than its distinct characters allow. An estimate to show, nothing to
// rely on: a known word is as easy to guess as it is known. Pure.
struct PasswordStrength {
  int bits = 0;
  const char* word = "weak";  // "weak" below 36 bits, "fair" below 60, "good" below 80, "strong"
};
PasswordStrength StrengthOf(std::string_view password);

// What the server's answer to another password means. Errors: those of AccountCommands::ChangePassword; none quotes it.
Result<void> PasswordChanged(const Reply& reply, std::string_view password);

}  // namespace outpost
