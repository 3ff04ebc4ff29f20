#pragma once
#include <string>

#include "tests/sim/oracle.h"

namespace outpost::sim {

// Whether `part` is one of those that are joined. Categories are joined by ','.
bool HasPart(const std::string& joined, const std::string& part, char separator);
inline bool HasTag(const Values& values, const std::string& tag) {
  return HasPart(values.at(std::string(kTags)), tag, ',');
}
// An edit in words, for failures.
std::string NameOf(const Edit& edit);

}  // namespace outpost::sim
