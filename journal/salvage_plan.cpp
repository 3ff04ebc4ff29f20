#include "journal/salvage_plan.h"

#include <algorithm>

#include "journal/item_fold.h"
#include "journal/overlay.h"

namespace outpost::journal {
namespace {

// A span that lost all of its events when it was made: nothing that turns up in it now belongs to the history.
bool IsEmpty(const GapSpan& span) { return span.count == span.to - span.from + 1; }

class Planner {
 public:
  Planner(const Rocks& rocks, const GapBody& old, const std::optional<Witness>& witness)
      : rocks_(rocks), old_(old), witness_(witness), marks_(Over(rocks.meta())), records_(Over(rocks.events())) {}

  Result<SalvagePlan> Run(const Digest& start, Sequence last_told) {
    plan_.chain = start;
    plan_.gaps.whole_from = old_.whole_from;
    plan_.gaps.damaged = old_.damaged;
    plan_.last = std::max(last_told, witness_ ? witness_->last : 0);
    records_->SeekToFirst();
    marks_->Seek(MarkKey(0));
    while (next_ <= plan_.last) Step();
    for (const auto* it : {marks_.get(), records_.get()})
      if (!it->status().ok()) return ToError(it->status(), "cannot read what was gathered");
    return std::move(plan_);
  }

 private:
  std::unique_ptr<rocksdb::Iterator> Over(rocksdb::ColumnFamilyHandle* family) const {
    rocksdb::ReadOptions options;
    options.fill_cache = false;
    return std::unique_ptr<rocksdb::Iterator>(rocks_.db().NewIterator(options, family));
  }

  const GapSpan* OldSpanFrom(Sequence seq) const {
    const auto found = std::find_if(old_.spans.begin(), old_.spans.end(),
                                    [&](const GapSpan& span) { return span.to >= seq && span.from >= seq; });
    return found == old_.spans.end() ? nullptr : &*found;
  }

  std::optional<Mark> NextMark() {
    for (; marks_->Valid() && marks_->key().starts_with(ToSlice(kMetaMark)); marks_->Next()) {
      const auto mark = ParseMark(FromSlice(marks_->key()), FromSlice(marks_->value()));
      if (mark && mark->first >= next_) return mark;
    }
    return std::nullopt;
  }

  // Takes the records of from..to; how many there are. Their leaves are kept when `keep`.
  std::uint64_t Take(Sequence to, bool keep) {
    std::uint64_t there = 0;
    for (; records_->Valid(); records_->Next()) {
      const Sequence seq = SequenceOf(FromSlice(records_->key())).value_or(0);
      if (seq > to) break;
      if (seq < next_) continue;
      ++there;
      plan_.bytes += records_->key().size() + records_->value().size();
      if (!keep) continue;
      auto leaf = LeafOfRecord(hasher_, FromSlice(records_->value()));
      leaves_.push_back(leaf ? leaf.value() : Digest{});
    }
    plan_.events += there;
    return there;
  }

  void Step() {
    const GapSpan* old = OldSpanFrom(next_);
    const auto mark = NextMark();
    if (old != nullptr && old->from == next_ && old->chain_before == plan_.chain) return KeepOld(*old);
    // What starts first ends the hole that lies before it.
    if (old != nullptr && (!mark || old->from < mark->first))
      return old->from > next_ ? Lose(old->from - 1, old->chain_before) : Lose(old->to, old->chain_after);
    if (!mark) return LoseEnd();
    if (mark->first == next_) return TakeAppend(*mark);
    Lose(mark->last, mark->chain);
  }

  void TakeAppend(const Mark& mark) {
    leaves_.clear();
    const std::uint64_t there = Take(mark.last, true);
    const bool whole =
        there == mark.last - mark.first + 1 && ChainLink(hasher_, plan_.chain, mark.first, leaves_) == mark.chain;
    if (!whole) return AddSpan({next_, mark.last, mark.last - mark.first + 1 - there, plan_.chain, mark.chain}, there);
    ++plan_.appends;
    plan_.chain = mark.chain;
    next_ = mark.last + 1;
  }

  void KeepOld(const GapSpan& old) {
    GapSpan span = old;
    if (!IsEmpty(old)) {
      const std::uint64_t there = Take(old.to, false);
      span.count = old.to - old.from + 1 - there;
      plan_.missing += span.count > old.count ? span.count - old.count : 0;
    }
    if (span.count <= old.count) plan_.known.push_back(span);
    plan_.gaps.spans.push_back(span);
    plan_.chain = span.chain_after;
    next_ = span.to + 1;
  }

  void Lose(Sequence to, const Digest& chain_after) {
    const std::uint64_t there = Take(to, false);
    AddSpan({next_, to, to - next_ + 1 - there, plan_.chain, chain_after}, there);
  }

  // Nothing tells the chain behind the last events, unless TAIL does: one is made from what is there.
  void LoseEnd() {
    if (witness_ && witness_->last >= next_ && witness_->last <= plan_.last) {
      if (witness_->last == plan_.last) return Lose(plan_.last, witness_->chain);
    }
    const Sequence from = next_;
    leaves_.clear();
    const std::uint64_t there = Take(plan_.last, true);
    const Digest made = ChainLink(hasher_, plan_.chain, from, leaves_);
    AddSpan({from, plan_.last, plan_.last - from + 1 - there, plan_.chain, made}, there);
  }

  void AddSpan(const GapSpan& span, std::uint64_t there) {
    plan_.unproven += there;
    plan_.missing += span.count;
    if (span.to >= plan_.gaps.whole_from) plan_.state_is_whole = false;
    auto& spans = plan_.gaps.spans;
    if (!plan_.fresh.empty() && plan_.fresh.back().to + 1 == span.from) {
      plan_.fresh.back().to = spans.back().to = span.to;
      plan_.fresh.back().count = spans.back().count += span.count;
      plan_.fresh.back().chain_after = spans.back().chain_after = span.chain_after;
    } else {
      spans.push_back(span);
      plan_.fresh.push_back(span);
    }
    plan_.chain = span.chain_after;
    next_ = span.to + 1;
  }

  const Rocks& rocks_;
  const GapBody& old_;
  const std::optional<Witness> witness_;
  const std::unique_ptr<rocksdb::Iterator> marks_;
  const std::unique_ptr<rocksdb::Iterator> records_;
  SalvagePlan plan_;
  Sequence next_ = 1;
  Sha256 hasher_;
  std::vector<Digest> leaves_;
};

// Collects the runs of sequences that are not there.
class Missing {
 public:
  Missing(const std::vector<GapSpan>& known, SalvageReport& report) : known_(known), report_(report) {}

  // from..to are not there; less what the old journal knew to be gone.
  void Add(Sequence from, Sequence to, Millis after, Millis before) {
    for (const GapSpan& span : known_) {
      if (span.to < from || span.from > to) continue;
      if (span.from > from) Push({from, span.from - 1, after, before});
      from = span.to + 1;
      if (from > to) return;
    }
    Push({from, to, after, before});
  }

  bool Has(Sequence seq) const {
    const auto next = std::upper_bound(report_.runs.begin(), report_.runs.end(), seq,
                                       [](Sequence wanted, const MissingRun& run) { return wanted < run.from; });
    return next != report_.runs.begin() && seq <= std::prev(next)->to;
  }

  void About(Sequence seq, const ItemId& item) {
    if (item && Has(seq)) about_.push_back({seq, item});
  }

  void Finish() {
    const auto key = [](const MissingEvent& event) { return std::pair(event.seq, event.item); };
    std::sort(about_.begin(), about_.end(), [&](const auto& a, const auto& b) { return key(a) < key(b); });
    about_.erase(
        std::unique(about_.begin(), about_.end(), [&](const auto& a, const auto& b) { return key(a) == key(b); }),
        about_.end());
    if (about_.size() > kMissingListedMax) about_.resize(kMissingListedMax);
    report_.about = std::move(about_);
  }

 private:
  void Push(const MissingRun& run) {
    if (report_.runs.size() < kMissingListedMax) report_.runs.push_back(run);
  }

  const std::vector<GapSpan>& known_;
  SalvageReport& report_;
  std::vector<MissingEvent> about_;
};

Result<void> EachEvent(const Rocks& rocks, const std::function<void(const Event&)>& visit) {
  rocksdb::ReadOptions options;
  options.fill_cache = false;
  const std::unique_ptr<rocksdb::Iterator> it(rocks.db().NewIterator(options, rocks.events()));
  for (it->SeekToFirst(); it->Valid(); it->Next()) {
    const auto event = EventOf(SequenceOf(FromSlice(it->key())).value_or(0), FromSlice(it->value()));
    if (event) visit(event.value());
  }
  if (!it->status().ok()) return ToError(it->status(), "cannot read what was gathered");
  return Ok();
}

// The sequences that rows of items were made from.
Result<void> AskRows(const Rocks& rocks, Missing& missing) {
  Generations generations{};
  generations[static_cast<std::uint8_t>(kItemsTable)] = kItemRowsGeneration;
  return ScanRows(rocks, nullptr, generations, kItemsTable, "", "", [&](std::string_view key, std::string_view row) {
    const auto id = ItemId::FromView(key);
    const auto item = id ? DecodeItem(*id, row) : Result<ItemState>(Error{});
    if (!item) return true;
    for (const Sequence seq : {item.value().head_seq, item.value().base_seq, item.value().born_seq})
      missing.About(seq, *id);
    for (const PendingEdit& edit : item.value().pending) missing.About(edit.seq, *id);
    for (const ParkedGroup& parked : item.value().parked) missing.About(parked.seq, *id);
    for (const LoserGroup& loser : item.value().losers) missing.About(loser.seq, *id);
    return true;
  });
}

}  // namespace

Result<SalvagePlan> PlanSalvage(const Rocks& rocks, const Digest& start, const GapBody& old,
                                const std::optional<Witness>& witness, Sequence last_told) {
  return Planner(rocks, old, witness).Run(start, last_told);
}

Result<void> ListMissing(const Rocks& rocks, const SalvagePlan& plan, SalvageReport& report) {
  Missing missing(plan.known, report);
  Sequence next = 1;
  Millis time{0};
  OUTPOST_TRYV(EachEvent(rocks, [&](const Event& event) {
    if (event.seq > next) missing.Add(next, event.seq - 1, time, event.header.time);
    next = event.seq + 1;
    time = event.header.time;
  }));
  if (next <= plan.last) missing.Add(next, plan.last, time, Millis{0});
  OUTPOST_TRYV(EachEvent(rocks, [&](const Event& event) {
    const std::uint32_t back = event.header.back;
    if (back != 0 && back != kBackTooFar) missing.About(event.seq - back, event.header.item);
  }));
  OUTPOST_TRYV(AskRows(rocks, missing));
  missing.Finish();
  return Ok();
}

}  // namespace outpost::journal
