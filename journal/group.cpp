#include "journal/group.h"

#include <algorithm>
#include <array>

namespace outpost::journal {

std::uint32_t BackLink(Sequence head, Sequence seq) {
  if (head == 0) return 0;
  return static_cast<std::uint32_t>(std::min<Sequence>(seq - head, kBackTooFar));
}

Group::Group(const Rocks& rocks, FoldHost& folds, const ItemHeads& heads, Witness tip, std::uint64_t appended_bytes)
    : rocks_(rocks),
      folds_(folds),
      heads_(heads),
      state_(rocks, folds.generations()),
      tip_(tip),
      appended_bytes_(appended_bytes) {}

Result<PreparedAppend> PrepareAppend(Batch batch, Preconditions seen) {
  PreparedAppend append{std::move(batch), {}, std::move(seen)};
  append.body_hashes.reserve(append.events.size());
  for (std::size_t i = 0; i < append.events.size(); ++i) {
    const NewEvent& event = append.events[i];
    if (const auto body = CheckBody(event.kind, event.body); !body)
      return Error{
          Code::kRejected, Retry::kNever,
          "event " + std::to_string(i) + " of the append, " + KindName(event.kind) + ": " + body.error().context};
    append.body_hashes.push_back(Sha256Of(event.body));
  }
  return append;
}

void Group::Begin() {
  state_.Clear();
  batch_.Clear();
  appends_ = 0;
  unknown_kinds_ = 0;
}

void Group::End() {
  state_.Clear();
  batch_.Clear();
}

// Each time the walk over `list` has come to a multiple of kReadTogether, the items of as many elements are expected.
template <class List, class ItemOf>
void Group::ExpectNext(const List& list, std::size_t at, ItemOf item_of) {
  const std::size_t end = std::min(list.size(), at + kReadTogether);
  if (at % kReadTogether != 0 || end - at < 2) return;
  expected_.clear();
  for (std::size_t i = at; i < end; ++i)
    if (item_of(list[i])) expected_.push_back(item_of(list[i]));
  Expect(expected_);
}

// A body is checked before it comes here, so a fold that says "corrupt" speaks of a row it found.
Error Group::Classify(Error error) {
  if (state_.read_failed() || error.code == Code::kCorrupt || error.code == Code::kUnavailable) {
    damaged_ = true;
    error.code = Code::kCorrupt;
  } else {
    error.code = Code::kRejected;
  }
  error.retry = Retry::kNever;
  return error;
}

Result<void> Group::Check(const Preconditions& seen) {
  for (std::size_t i = 0; i < seen.size(); ++i) {
    const Precondition& condition = seen[i];
    ExpectNext(seen, i, [](const Precondition& one) { return one.item; });
    auto head = heads_.HeadOf(condition.item, state_);
    if (!head) return Classify(std::move(head).error());
    if (head.value() == condition.seen) continue;
    return Error{Code::kPreconditionFailed, Retry::kNever,
                 "item " + condition.item.Hex() + " is at event " + std::to_string(head.value()) + ", not " +
                     std::to_string(condition.seen)};
  }
  return Ok();
}

Result<Appended> Group::Add(PreparedAppend& append, Millis now) {
  OUTPOST_TRYV(Check(append.seen));
  const Witness before = tip_;
  const std::uint64_t unknown = unknown_kinds_;
  const std::uint64_t bytes = appended_bytes_;
  state_.Mark();
  batch_.SetSavePoint();
  auto staged = Stage(append, now);
  if (staged) {
    batch_.PopSavePoint();
    ++appends_;
    return staged;
  }
  state_.Rollback();
  batch_.RollbackToSavePoint();
  tip_ = before;
  unknown_kinds_ = unknown;
  appended_bytes_ = bytes;
  return staged;
}

Result<Appended> Group::AddBuilt(const AppendBuilder& build, Millis now) {
  auto built = build(state_, tip_.last + 1);
  if (!built) return state_.read_failed() ? Classify(std::move(built).error()) : std::move(built).error();
  if (built.value().events.empty()) return Appended{};
  OUTPOST_TRY(PreparedAppend append, PrepareAppend(std::move(built.value().events), {}));
  const std::uint64_t bytes_before = appended_bytes_;
  auto added = Add(append, now);
  if (added && built.value().more) built.value().more(batch_, bytes_before, added.value().last);
  return added;
}

Result<Appended> Group::Stage(PreparedAppend& append, Millis now) {
  const Sequence first = tip_.last + 1;
  leaves_.clear();
  for (std::size_t i = 0; i < append.events.size(); ++i) {
    ExpectNext(append.events, i, [](const NewEvent& event) { return event.item; });
    OUTPOST_TRYV(StageEvent(append.events[i], append.body_hashes[i], first + i, now));
  }
  const Mark mark{first, first + append.events.size() - 1, ChainLink(hasher_, tip_.chain, first, leaves_)};
  batch_.Put(rocks_.meta(), MarkKey(mark.last), MarkValue(mark));
  tip_ = {mark.last, mark.chain};
  return Appended{mark.first, mark.last};
}

Result<std::uint32_t> Group::BackOf(const ItemId& item, Sequence seq) {
  if (!item) return 0u;
  auto head = heads_.HeadOf(item, state_);
  if (!head) return Classify(std::move(head).error());
  if (head.value() >= seq)
    return Classify(
        {Code::kCorrupt, Retry::kNever, "item " + item.Hex() + " is said to be at a later event than there is"});
  return BackLink(head.value(), seq);
}

Result<void> Group::StageEvent(NewEvent& event, const Digest& body_hash, Sequence seq, Millis now) {
  Event full{seq, {}, std::move(event.body)};
  full.header.time = now;
  full.header.kind = event.kind;
  full.header.origin = event.origin;
  full.header.item_type = event.item_type;
  full.header.item = event.item;
  full.header.op = event.op;
  OUTPOST_TRY(full.header.back, BackOf(event.item, seq));
  const std::string header = EncodeHeader(full.header);
  leaves_.push_back(LeafOf(hasher_, header, body_hash));
  const std::string key = EventKey(seq);
  const std::string head = RecordHead(header);
  const rocksdb::Slice key_part = ToSlice(key);
  const std::array<rocksdb::Slice, 2> value_parts{ToSlice(head), ToSlice(full.body)};
  batch_.Put(rocks_.events(), rocksdb::SliceParts(&key_part, 1), rocksdb::SliceParts(value_parts.data(), 2));
  appended_bytes_ += key.size() + head.size() + full.body.size();
  if (!IsKnown(event.kind)) ++unknown_kinds_;
  if (auto folded = folds_.Apply(full, state_); !folded) return Classify(std::move(folded).error());
  return Ok();
}

rocksdb::WriteBatch& Group::Seal() {
  state_.MoveInto(batch_);
  std::string applied;
  AppendBe64(applied, tip_.last);
  AppendBe64(applied, appended_bytes_);
  batch_.Put(rocks_.meta(), ToSlice(kMetaApplied), applied);
  return batch_;
}

}  // namespace outpost::journal
