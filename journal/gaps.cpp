#include "journal/gaps.h"

#include <algorithm>

#include "journal/record.h"

namespace outpost::journal {

Result<Gaps> Gaps::Read(const Rocks& rocks, const rocksdb::Snapshot* snapshot) {
  rocksdb::ReadOptions options;
  options.snapshot = snapshot;
  OUTPOST_TRY(const auto stored, rocks.Get(options, rocks.meta(), kMetaGaps));
  if (!stored) return Gaps();
  auto body = DecodeGap(*stored);
  if (!body) return Error{Code::kCorrupt, Retry::kNever, "the list of gaps: " + body.error().context};
  return Gaps(std::move(body).value());
}

const GapSpan* Gaps::Find(Sequence seq) const {
  const auto next = std::upper_bound(body_.spans.begin(), body_.spans.end(), seq,
                                     [](Sequence wanted, const GapSpan& span) { return wanted < span.from; });
  if (next == body_.spans.begin()) return nullptr;
  const GapSpan& span = *std::prev(next);
  return seq <= span.to ? &span : nullptr;
}

bool Gaps::Explain(Sequence from, Sequence to) const {
  while (from < to) {
    const GapSpan* span = Find(from);
    if (span == nullptr) return false;
    from = span->to + 1;
  }
  return true;
}

}  // namespace outpost::journal
