#pragma once
#include <stdexcept>
#include <string>

namespace outpost {

// A broken invariant of ours: a bug, never bad input. Caught in three places only: the COM edge, the strand runner and
// main.
class InvariantViolation : public std::logic_error {
 public:
  using std::logic_error::logic_error;
};

// Throws InvariantViolation naming the condition and its place.
[[noreturn]] void FailCheck(const char* condition, const char* file, int line);

}  // namespace outpost

#define OUTPOST_CHECK(condition)                                            \
  do {                                                                      \
    if (!(condition)) ::outpost::FailCheck(#condition, __FILE__, __LINE__); \
  } while (false)
