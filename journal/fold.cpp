#include "journal/fold.h"

namespace outpost {

Result<Restatement> InlineFold::Restate(const StateReader&, std::string_view, std::size_t, Millis) const {
  return Error{Code::kInvalid, Retry::kNever, "fold " + std::string(name()) + " cannot restate what it made"};
}

Result<std::vector<Sequence>> InlineFold::Needed(const StateReader&) const { return std::vector<Sequence>{}; }

}  // namespace outpost
