#include "journal/retention.h"

#include <rocksdb/write_batch.h>

#include "journal/layout.h"
#include "journal/record.h"
#include "journal/remove_rows.h"

namespace outpost::journal {
namespace {

// Bodies of one restating append: a person's edit waits for one such at most. Below, marks and syncs cost more than
// what they carry.
constexpr std::size_t kPartBytes = 64u << 10;
// What an event takes beside its body: header, key, share of the mark.
constexpr std::uint64_t kEventOverheadBytes = 80;
// Live bytes are measured again once so much was appended: a measurement costs about as much as a checkpoint.
constexpr double kMeasureGrowth = 1.1;
// Below, nothing is worth being dropped.
constexpr std::uint64_t kHistoryBytesMin = 64u << 10;
// Events that one append drops: each costs a deletion in its write, for which a person's edit may have to wait.
constexpr std::uint64_t kDropAtOnce = 10'000;

NewEvent CheckpointEvent(const CheckpointBody& body) {
  return {Kind::kCheckpoint, Origin::kEngine, ItemType::kNone, {}, {}, Encode(body)};
}

std::uint64_t SizeOf(const Batch& events) {
  std::uint64_t bytes = 0;
  for (const NewEvent& event : events) bytes += event.body.size() + kEventOverheadBytes;
  return bytes;
}

std::uint64_t ItemsIn(const Batch& events) {
  return static_cast<std::uint64_t>(
      std::count_if(events.begin(), events.end(), [](const NewEvent& e) { return e.kind == Kind::kItemRestated; }));
}

}  // namespace

std::unique_ptr<RocksView> Retention::View() const {
  const auto* snapshot = rocks_->db().GetSnapshot();
  const auto applied = Applied(*rocks_, snapshot);
  const auto gaps = Gaps::Read(*rocks_, snapshot);
  return std::make_unique<RocksView>(rocks_, snapshot, folds_.Current(), applied ? applied.value() : 0, std::nullopt,
                                     gaps ? gaps.value() : Gaps());
}

Result<std::vector<CheckpointRecord>> Retention::Checkpoints() const {
  std::vector<CheckpointRecord> records;
  const std::unique_ptr<rocksdb::Iterator> it(rocks_->db().NewIterator(rocksdb::ReadOptions(), rocks_->meta()));
  for (it->Seek(ToSlice(kMetaCheckpoint)); it->Valid() && it->key().starts_with(ToSlice(kMetaCheckpoint)); it->Next()) {
    auto record = ParseCheckpoint(FromSlice(it->key()), FromSlice(it->value()));
    if (!record) return Error{Code::kCorrupt, Retry::kNever, "the record of a checkpoint is damaged"};
    records.push_back(std::move(*record));
  }
  if (!it->status().ok()) return ToError(it->status(), "cannot read the checkpoints");
  return records;
}

Result<Holdings> Retention::Look() const {
  const auto view = View();
  Holdings holdings;
  OUTPOST_TRY(holdings.appended_bytes, AppendedBytes(*rocks_));
  holdings.last = view->last();
  holdings.now = clock_.WallNow();
  if (view->last() == 0) return holdings;
  holdings.whole_from = view->first();
  OUTPOST_TRY(const Event first, view->Read(view->first()));
  holdings.start = first.header.time;
  OUTPOST_TRY(holdings.checkpoints, Checkpoints());
  std::erase_if(holdings.checkpoints, [](const CheckpointRecord& record) { return record.end == 0; });
  return holdings;
}

Result<std::uint64_t> Retention::MeasureLive() const {
  const auto view = View();
  std::uint64_t bytes = 0;
  std::string cursor;
  do {
    OUTPOST_TRY(Restatement part, folds_.Restate(*view, cursor, kPartBytes, kForgetNothing));
    bytes += SizeOf(part.events);
    cursor = std::move(part.next);
  } while (!cursor.empty());
  return bytes;
}

Result<bool> Retention::IsDue(const Holdings& holdings, const RetentionPolicy& policy) {
  if (holdings.last == 0) return false;
  // The cheap question first: with as little live as was last seen, would one be due?
  const std::uint64_t known =
      std::max(live_bytes_, holdings.checkpoints.empty() ? 0 : holdings.checkpoints.back().bytes);
  if (!CheckpointIsDue(holdings, policy, known)) return false;
  const auto measured_at = static_cast<double>(live_measured_at_);
  if (live_measured_at_ == 0 || static_cast<double>(holdings.appended_bytes) > measured_at * kMeasureGrowth) {
    OUTPOST_TRY(live_bytes_, MeasureLive());
    live_measured_at_ = holdings.appended_bytes;
  }
  const bool by_age = holdings.now - holdings.start >= policy.keep / 2;
  if (!by_age && holdings.appended_bytes < live_bytes_ + kHistoryBytesMin) return false;
  return CheckpointIsDue(holdings, policy, live_bytes_);
}

Result<Appended> Retention::Append(AppendBuilder build) {
  return writer_.waiting().Wait([&](AppendDone done) { writer_.AppendBuilt(std::move(build), std::move(done)); });
}

Result<CheckpointRecord> Retention::Begin() {
  CheckpointRecord record;
  OUTPOST_TRYV(Append([&](const StateReader&, Sequence next) -> Result<BuiltAppend> {
    record.begin = next;
    record.time = clock_.WallNow();
    return BuiltAppend{{CheckpointEvent({})}, [&](rocksdb::WriteBatch& batch, std::uint64_t bytes_before, Sequence) {
                         record.bytes_before = bytes_before;
                         batch.Put(rocks_->meta(), CheckpointKey(record.begin), CheckpointValue(record));
                       }};
  }));
  return record;
}

// What is said and how far one is come are one write: a crash between two parts costs nothing.
Result<void> Retention::RestatePart(CheckpointRecord& record, Millis forget) {
  CheckpointRecord after = record;
  OUTPOST_TRYV(Append([&](const StateReader& state, Sequence) -> Result<BuiltAppend> {
    OUTPOST_TRY(Restatement part, folds_.Restate(state, record.cursor, kPartBytes, forget));
    after.bytes += SizeOf(part.events);
    after.items += ItemsIn(part.events);
    after.cursor = std::move(part.next);
    if (after.cursor.empty()) part.events.push_back(CheckpointEvent({record.begin, after.items, after.bytes}));
    return BuiltAppend{std::move(part.events), [&](rocksdb::WriteBatch& batch, std::uint64_t, Sequence last) {
                         if (after.cursor.empty()) after.end = last;
                         batch.Put(rocks_->meta(), CheckpointKey(after.begin), CheckpointValue(after));
                       }};
  }));
  record = std::move(after);
  return Ok();
}

Result<bool> Retention::MakeCheckpoint(const RetentionPolicy& policy, const Cancelled& cancelled,
                                       RetentionReport& report) {
  OUTPOST_TRY(auto records, Checkpoints());
  std::optional<CheckpointRecord> record;
  if (!records.empty() && records.back().end == 0) record = std::move(records.back());
  if (!record) {
    OUTPOST_TRY(const Holdings holdings, Look());
    OUTPOST_TRY(const bool due, IsDue(holdings, policy));
    if (!due) return true;
    OUTPOST_TRY(record, Begin());
  }
  while (record->end == 0) {
    if (cancelled()) return false;
    OUTPOST_TRYV(RestatePart(*record, record->time - policy.keep));
  }
  report.checkpoint = true;
  report.restated = record->items;
  return true;
}

// One write: the gap, and what it says. Before it all is there, after it nothing of the spans is.
Result<GapPlan> Retention::DropPart(Sequence keep_from) {
  const auto view = View();
  OUTPOST_TRY(const auto needed, folds_.Needed(*view));
  OUTPOST_TRY(GapPlan plan, PlanGaps(*view, keep_from, needed, kDropAtOnce));
  if (plan.fresh.empty() && keep_from == view->first()) return plan;
  std::vector<std::string> events, marks;
  const auto gather = [&](std::vector<std::string>& into, rocksdb::ColumnFamilyHandle* family, std::string_view from,
                          std::string_view to) -> Result<void> {
    OUTPOST_TRY(const auto keys, KeysIn(*rocks_, family, from, to));
    into.insert(into.end(), keys.begin(), keys.end());
    return Ok();
  };
  for (const SequenceRange& range : plan.fresh) {
    OUTPOST_TRYV(gather(events, rocks_->events(), EventKey(range.from), EventKey(range.to + 1)));
    OUTPOST_TRYV(gather(marks, rocks_->meta(), MarkKey(range.from), MarkKey(range.to + 1)));
  }
  OUTPOST_TRYV(gather(marks, rocks_->meta(), CheckpointKey(0), CheckpointKey(keep_from)));
  OUTPOST_TRYV(Append([&](const StateReader&, Sequence) -> Result<BuiltAppend> {
    const std::string body = Encode(plan.gaps);
    return BuiltAppend{{{Kind::kGap, Origin::kEngine, ItemType::kNone, {}, {}, body}},
                       [&, body](rocksdb::WriteBatch& batch, std::uint64_t, Sequence) {
                         batch.Put(rocks_->meta(), ToSlice(kMetaGaps), body);
                         for (const std::string& key : events) batch.Delete(rocks_->events(), key);
                         for (const std::string& key : marks) batch.Delete(rocks_->meta(), key);
                       }};
  }));
  return plan;
}

Result<bool> Retention::Drop(Sequence keep_from, const Cancelled& cancelled, RetentionReport& report) {
  SequenceRange dropped;
  bool finished = false;
  while (!finished && !cancelled()) {
    OUTPOST_TRY(const GapPlan part, DropPart(keep_from));
    finished = part.events < kDropAtOnce;
    report.first = keep_from;
    report.dropped += part.events;
    if (part.fresh.empty()) continue;
    if (dropped.to == 0) dropped.from = part.fresh.front().from;
    dropped.to = part.fresh.back().to;
  }
  if (dropped.to > 0) OUTPOST_TRYV(Reclaim(dropped));
  return finished;
}

// Dropped rows take room until their tables are rewritten.
Result<void> Retention::Reclaim(const SequenceRange& dropped) const {
  OUTPOST_TRYV(rocks_->Flush());  // nothing is appended to the range any more: what follows finds nothing to flush
  rocksdb::CompactRangeOptions options;
  options.exclusive_manual_compaction = false;
  options.bottommost_level_compaction = rocksdb::BottommostLevelCompaction::kForceOptimized;
  const auto compact = [&](rocksdb::ColumnFamilyHandle* family, const std::string& from, const std::string& to) {
    const rocksdb::Slice begin = ToSlice(from), end = ToSlice(to);
    return rocks_->db().CompactRange(options, family, &begin, &end);
  };
  auto status = compact(rocks_->events(), EventKey(dropped.from), EventKey(dropped.to));
  if (status.ok()) status = compact(rocks_->meta(), MarkKey(dropped.from), MarkKey(dropped.to));
  if (!status.ok()) return ToError(status, "cannot reclaim the room of dropped events");
  return Ok();
}

Result<RetentionReport> Retention::Run(const RetentionPolicy& policy, const Cancelled& cancelled) {
  RetentionReport report;
  OUTPOST_TRY(report.finished, MakeCheckpoint(policy, cancelled, report));
  OUTPOST_TRY(const Holdings holdings, Look());
  report.first = holdings.last == 0 ? 0 : holdings.whole_from;
  if (!report.finished) return report;
  const Sequence keep_from = KeepFrom(holdings, policy);
  if (keep_from < holdings.whole_from) return report;
  OUTPOST_TRY(report.finished, Drop(keep_from, cancelled, report));
  return report;
}

}  // namespace outpost::journal
