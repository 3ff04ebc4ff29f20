#pragma once
#include <boost/outcome/basic_result.hpp>
#include <boost/outcome/policy/base.hpp>
#include <cstdint>
#include <string>
#include <utility>

#include "base/check.h"

namespace outpost {

// Why an operation failed. A code exists only where a caller reacts to it differently.
enum class Code : std::uint8_t {
  kNotFound,            // the thing named does not exist
  kConflict,            // it exists already, or somebody else changed it meanwhile
  kPreconditionFailed,  // an item moved on since it was looked at: nothing written, plan again
  kCorrupt,             // stored or received bytes are damaged; the address is in the context
  kUnavailable,         // disk full, server unreachable, busy: may work later
  kOutcomeUnknown,      // the request left, no answer came: it may have been done
  kRejected,            // the other side or a limit refuses it: the same again fails the same way
  kUnauthorized,        // sign-in refused
  kNewerFormat,         // written by a later version
  kInvalid,             // the input is malformed
};

// Whether and after what a retry can help.
enum class Retry : std::uint8_t { kNever, kBackoff, kAfterReauth, kAfterReadBack };

// An expected failure. `context` names what, where and the limit; ids and sizes, never a person's content or a secret.
struct Error {
  Code code = Code::kUnavailable;
  Retry retry = Retry::kNever;
  std::string context;
  bool injected = false;  // made by a fault injector: a real failure must still fail the test
};

// Outcome's policy on misuse: reading a value that is not there is a bug of ours.
struct ThrowsViolation : BOOST_OUTCOME_V2_NAMESPACE::policy::base {
  template <class Impl>
  static void wide_value_check(Impl&& self) {
    if (!base::_has_value(std::forward<Impl>(self)))
      throw InvariantViolation("Result read for a value it does not hold");
  }
  template <class Impl>
  static void wide_error_check(Impl&& self) {
    if (!base::_has_error(std::forward<Impl>(self)))
      throw InvariantViolation("Result read for an error it does not hold");
  }
  template <class Impl>
  static void wide_exception_check(Impl&&) {}
};

// A value or an Error; [[nodiscard]] by class.
template <class T>
using Result = BOOST_OUTCOME_V2_NAMESPACE::basic_result<T, Error, ThrowsViolation>;

// The value of a Result<void> that succeeded.
inline auto Ok() { return BOOST_OUTCOME_V2_NAMESPACE::success(); }

// The name of `code` as used in reports: "not_found", …
const char* CodeName(Code code);

}  // namespace outpost

#define OUTPOST_CAT_(a, b) a##b
#define OUTPOST_CAT(a, b) OUTPOST_CAT_(a, b)
#define OUTPOST_TRY_(tmp, decl, expr)           \
  auto tmp = (expr);                            \
  if (!tmp) return std::move(tmp).as_failure(); \
  decl = std::move(tmp).assume_value()
// OUTPOST_TRY(auto value, Expression()): declares `value`, or returns the error from the surrounding function.
#define OUTPOST_TRY(decl, expr) OUTPOST_TRY_(OUTPOST_CAT(try_, __COUNTER__), decl, expr)
#define OUTPOST_TRYV_(tmp, expr) \
  if (auto tmp = (expr); !tmp) return std::move(tmp).as_failure()
// OUTPOST_TRYV(Expression()): the same for Result<void>.
#define OUTPOST_TRYV(expr) OUTPOST_TRYV_(OUTPOST_CAT(try_, __COUNTER__), expr)
