#include "base/check.h"

namespace outpost {

void FailCheck(const char* condition, const char* file, int line) {
  throw InvariantViolation(std::string("check failed: ") + condition + " at " + file + ":" + std::to_string(line));
}

}  // namespace outpost
