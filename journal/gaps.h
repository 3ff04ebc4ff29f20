#pragma once
#include "journal/rocks.h"
#include "schemas/checkpoint.h"

namespace outpost::journal {

// What of the history is not there any more, as the newest kGap event says it. Threads: one.
class Gaps {
 public:
  Gaps() = default;
  explicit Gaps(GapBody body) : body_(std::move(body)) {}
  // At the moment of `snapshot` (null: now). Errors: kCorrupt, kUnavailable.
  static Result<Gaps> Read(const Rocks& rocks, const rocksdb::Snapshot* snapshot);

  const std::vector<GapSpan>& spans() const { return body_.spans; }
  bool damaged() const { return body_.damaged; }
  // From this event on nothing is missing.
  Sequence whole_from() const { return body_.whole_from == 0 ? 1 : body_.whole_from; }
  // The span that `seq` lies in; null where it lies in none.
  const GapSpan* Find(Sequence seq) const;
  // True when each of from..to-1 lies in a span: that none of them is there is then no damage.
  bool Explain(Sequence from, Sequence to) const;

 private:
  GapBody body_;
};

}  // namespace outpost::journal
