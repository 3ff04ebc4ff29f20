#include "base/result.h"

namespace outpost {

const char* CodeName(Code code) {
  switch (code) {
    case Code::kNotFound:
      return "not_found";
    case Code::kConflict:
      return "conflict";
    case Code::kPreconditionFailed:
      return "precondition_failed";
    case Code::kCorrupt:
      return "corrupt";
    case Code::kUnavailable:
      return "unavailable";
    case Code::kOutcomeUnknown:
      return "outcome_unknown";
    case Code::kRejected:
      return "rejected";
    case Code::kUnauthorized:
      return "unauthorized";
    case Code::kNewerFormat:
      return "newer_format";
    case Code::kInvalid:
      return "invalid";
  }
  return "unknown";
}

}  // namespace outpost
