#pragma once
#include <cstdint>
#include <map>
#include <string>

#include "replicator/dialect.h"

namespace outpost {

// How long values may be, as far as refusals have told: what is longer is not sent again and again with other items. In
// the unit that the server counts in, where a refusal shows which: its length of the value is that in characters or in
// bytes. For one run: the next one asks the server again, and so does a person who wants a retry. Threads: one.
class FieldLimits {
 public:
  // `sent`: the values that `answer` is about.
  void Learn(const FieldMap& sent, const Answer& answer);
  // The refusal that the server would give; kDone where it is not known to refuse any of these values.
  Answer Check(const FieldMap& fields) const;
  void Clear() { limits_.clear(); }

 private:
  struct Limit {
    std::int64_t most = 0;
    bool bytes = false;
    std::string code;
  };
  std::map<FieldId, Limit> limits_;
};

}  // namespace outpost
