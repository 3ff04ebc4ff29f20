#pragma once
#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "base/clock.h"
#include "journal/gap_plan.h"
#include "journal/retention_policy.h"
#include "journal/rocks_view.h"
#include "journal/writer.h"

namespace outpost::journal {

// Makes checkpoints, and drops the history that they make superfluous. Threads: any; one run at a time, and none while
// rows are folded again.
class Retention {
 public:
  using Cancelled = std::function<bool()>;

  // All outlive it.
  Retention(std::shared_ptr<Rocks> rocks, Writer& writer, const FoldHost& folds, const Clock& clock)
      : rocks_(std::move(rocks)), writer_(writer), folds_(folds), clock_(clock) {}

  // See Journal::Retain.
  Result<RetentionReport> Run(const RetentionPolicy& policy, const Cancelled& cancelled);

 private:
  std::unique_ptr<RocksView> View() const;
  Result<std::vector<CheckpointRecord>> Checkpoints() const;
  Result<Holdings> Look() const;
  Result<std::uint64_t> MeasureLive() const;
  Result<bool> IsDue(const Holdings& holdings, const RetentionPolicy& policy);
  Result<CheckpointRecord> Begin();
  Result<void> RestatePart(CheckpointRecord& record, Millis forget);
  Result<void> End(CheckpointRecord& record);
  // True when it came to the end.
  Result<bool> MakeCheckpoint(const RetentionPolicy& policy, const Cancelled& cancelled, RetentionReport& report);
  Result<GapPlan> DropPart(Sequence keep_from);
  // False: cancelled before all was dropped.
  Result<bool> Drop(Sequence keep_from, const Cancelled& cancelled, RetentionReport& report);
  Result<void> Reclaim(const SequenceRange& dropped) const;
  Result<Appended> Append(AppendBuilder build);

  const std::shared_ptr<Rocks> rocks_;
  Writer& writer_;
  const FoldHost& folds_;
  const Clock& clock_;
  // Of the run under way.
  std::uint64_t live_bytes_ = 0;        // as last measured, ...
  std::uint64_t live_measured_at_ = 0;  // ... when so many bytes had been appended
};

}  // namespace outpost::journal
