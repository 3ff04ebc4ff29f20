#include "journal/gap_plan.h"

#include <algorithm>

#include "journal/record.h"

namespace outpost::journal {
namespace {

// Walks the history before `keep_from`, append by append and gap by gap.
class Planner {
 public:
  Planner(const RocksView& view, Sequence keep_from, const std::vector<Sequence>& needed, std::uint64_t most)
      : view_(view), keep_from_(keep_from), needed_(needed), most_(most), marks_(view.Meta()) {}

  Result<GapPlan> Run() {
    OUTPOST_TRY(chain_, view_.Start());
    plan_.gaps.whole_from = keep_from_;
    plan_.gaps.damaged = view_.gap_list().damaged();
    marks_->Seek(ToSlice(kMetaMark));
    while (next_ < keep_from_ && plan_.events < most_) OUTPOST_TRYV(Step());
    Close();
    for (const GapSpan& old : view_.gap_list().spans())
      if (old.from >= next_) plan_.gaps.spans.push_back(old);
    return std::move(plan_);
  }

 private:
  bool Needs(Sequence from, Sequence to) const {
    const auto first = std::lower_bound(needed_.begin(), needed_.end(), from);
    return first != needed_.end() && *first <= to;
  }

  Result<void> Step() {
    if (const GapSpan* old = view_.gap_list().Find(next_)) {
      const std::uint64_t there = old->to - old->from + 1 - old->count;
      if (there > 0 && Needs(old->from, old->to)) {
        Keep(old->to, old->chain_after);
        plan_.gaps.spans.push_back(*old);
      } else {
        Drop(old->to, old->chain_after, there);
      }
      return Ok();
    }
    const auto mark = marks_->Valid() ? ParseMark(FromSlice(marks_->key()), FromSlice(marks_->value())) : std::nullopt;
    if (!mark || mark->first != next_ || mark->last < next_ || mark->last >= keep_from_)
      return Error{Code::kCorrupt, Retry::kNever, "no append starts at event " + std::to_string(next_)};
    if (Needs(mark->first, mark->last)) {
      Keep(mark->last, mark->chain);
    } else {
      Drop(mark->last, mark->chain, mark->last - mark->first + 1);
    }
    marks_->Next();
    return Ok();
  }

  void Keep(Sequence last, const Digest& chain) {
    Close();
    chain_ = chain;
    next_ = last + 1;
  }

  void Drop(Sequence last, const Digest& chain, std::uint64_t there) {
    if (open_.from == 0) open_ = {next_, 0, 0, chain_, {}};
    open_.to = last;
    open_.chain_after = chain;
    if (there > 0) AddFresh(last);
    plan_.events += there;
    chain_ = chain;
    next_ = last + 1;
  }

  void AddFresh(Sequence last) {
    auto& fresh = plan_.fresh;
    if (fresh.empty() || fresh.back().to + 1 != next_) fresh.push_back({next_, last});
    fresh.back().to = last;
  }

  void Close() {
    if (open_.from == 0) return;
    open_.count = open_.to - open_.from + 1;
    plan_.gaps.spans.push_back(open_);
    open_ = {};
  }

  const RocksView& view_;
  const Sequence keep_from_;
  const std::vector<Sequence>& needed_;
  const std::uint64_t most_;
  const std::unique_ptr<rocksdb::Iterator> marks_;
  GapPlan plan_;
  Sequence next_ = 1;
  Digest chain_{};
  GapSpan open_;
};

}  // namespace

Result<GapPlan> PlanGaps(const RocksView& view, Sequence keep_from, const std::vector<Sequence>& needed,
                         std::uint64_t most) {
  return Planner(view, keep_from, needed, most).Run();
}

}  // namespace outpost::journal
