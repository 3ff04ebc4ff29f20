#pragma once
#include <string>

#include "tests/sim/oracle.h"

namespace outpost::sim {

// Between a client's last look at the server and the request that it decided on, which the server does not refuse; a
// slow line included.
inline constexpr Millis kAtOnce{100'000};

// Whether `part` is one of those that are joined. Categories are joined by ','.
bool HasPart(const std::string& joined, const std::string& part, char separator);
inline bool HasTag(const Values& values, const std::string& tag) {
  return HasPart(values.at(std::string(kTags)), tag, ',');
}
inline std::string Who(Actor actor) { return actor == kElsewhere ? "elsewhere" : "client " + std::to_string(actor); }
// An edit in words, for failures.
std::string NameOf(const Edit& edit);

}  // namespace outpost::sim
