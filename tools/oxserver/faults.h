#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/random.h"
#include "base/result.h"
#include "tools/oxserver/http_types.h"
#include "tools/oxserver/logic.h"

namespace outpost::oxserver {

enum class FaultKind : std::uint8_t {
  kDropRequest,     // connection closed before the request is applied
  kDropReply,       // applied, then the connection closed without a byte
  kCut,             // applied, then half of the answer's body and the end of the connection
  kTruncate,        // applied, then half of the answer's body as if it were whole
  kUnavailable,     // HTTP 503, not applied
  kTooMany,         // HTTP 429 with Retry-After, not applied
  kSessionExpired,  // the session is forgotten, then the request answered
  kServiceDown,     // envelope of category SERVICE_DOWN instead of applying
  kTryAgain,        // envelope of category TRY_AGAIN instead of applying
  kSlow,            // applied at once, answered later
  kRevoke,          // a folder becomes its owner's alone, then the request is answered
  kResetValidity,   // mails in a folder get other ids, then the request is answered
  kOtherShape,      // applied, and its data told in another shape
  kClose,           // a module is taken from all users, then the request is answered
  kOpen,            // and given back
  kClockBack,       // the server's clock is set back, then the request is answered
};

// What becomes of one request.
struct FaultPlan {
  std::optional<FaultKind> transport;  // at most one of the kinds above that concern the whole request
  Millis delay{0};
  HandleOptions handle;
  std::string names;  // of the faults that fired, for the record
};

// The faults of a server; each counts for itself. Threads: one.
class Faults {
 public:
  // KIND[:MODULE.ACTION][:NTH|PCT%], see docs/cli.md. Errors: kInvalid.
  Result<void> Add(std::string_view spec);
  void Clear() { faults_.clear(); }
  bool empty() const { return faults_.empty(); }
  // Counts the request with every fault it matches.
  FaultPlan Decide(const HttpRequest& request, Random& random);

 private:
  struct Fault {
    FaultKind kind;
    std::string name;
    std::string module = "*";
    std::string action = "*";
    std::uint64_t nth = 0;  // 0: every one
    std::optional<std::uint32_t> percent;
    Millis time{0};      // of kSlow and kClockBack
    std::string folder;  // of kRevoke and kResetValidity; of kClose and kOpen a module
    std::uint64_t seen = 0;
  };
  // What follows "=" in a spec; false where the kind takes no such thing.
  static bool TakeArgument(std::optional<std::string_view> argument, Fault& fault);
  static bool Fires(Fault& fault, Random& random);
  std::vector<Fault> faults_;
};

}  // namespace outpost::oxserver
