#include "engine/progress.h"

#include <algorithm>
#include <cmath>

#include "projection/account.h"
#include "projection/tables.h"
#include "schemas/event.h"

namespace outpost {
namespace {

// Of what is older the sum keeps half: a line that became slow shows within a minute or two.
constexpr std::uint64_t kSpeedMicrosMax = 60'000'000;
// Less tells nothing: one answer would be the whole sample.
constexpr std::uint64_t kSpeedMicrosMin = 250'000;

constexpr OutcomeKind kAllOutcomes[] = {OutcomeKind::kAcknowledged, OutcomeKind::kMerged, OutcomeKind::kSuperseded,
                                        OutcomeKind::kParked, OutcomeKind::kLoser};

std::uint64_t Less(std::uint64_t a, std::uint64_t b) { return a > b ? a - b : 0; }

}  // namespace

std::optional<double> Speed::PerSecond() const {
  if (micros < kSpeedMicrosMin || done == 0) return std::nullopt;
  return static_cast<double>(done) * 1e6 / static_cast<double>(micros);
}

void Speed::Add(std::uint64_t more, std::chrono::microseconds in) {
  // A stall is no speed: it is told as such, and what goes on behind it goes on as before.
  const auto counted = std::min<std::chrono::microseconds>(in, ProgressMeter::kStalledAfter);
  done += more;
  micros += static_cast<std::uint64_t>(std::max<std::int64_t>(0, counted.count()));
  while (micros > kSpeedMicrosMax) {
    done /= 2;
    micros /= 2;
  }
}

Result<EditCounts> CountEdits(const StateReader& state) {
  EditCounts counts;
  OUTPOST_TRY(counts.made, ReadTotal(state, total::kPairs));
  for (const OutcomeKind kind : kAllOutcomes) {
    OUTPOST_TRY(const std::uint64_t decided, ReadTotal(state, std::string(total::kOutcomes) + OutcomeName(kind)));
    counts.decided += decided;
  }
  return counts;
}

void ProgressMeter::Begin(Now now, EditCounts edits) {
  const std::uint64_t runs = report_.runs;
  report_ = {};
  report_.runs = runs;
  report_.running = true;
  report_.since = now.wall;
  report_.phase = SyncProgress::Phase::kConnecting;
  at_begin_ = edits;
  decided_ = edits.decided;
  noted_ = now.monotonic;
  measured_ = SyncProgress::Phase::kConnecting;
  Moved(now);
}

void ProgressMeter::Note(Now now, const SyncProgress& progress, EditCounts edits) {
  if (!report_.running) return;
  const auto took = now.monotonic - noted_;
  noted_ = now.monotonic;
  std::uint64_t stored = 0;
  if (progress.folder) {
    auto at = std::find_if(report_.folders.begin(), report_.folders.end(),
                           [&](const FolderProgress& known) { return known.folder == progress.folder; });
    if (at == report_.folders.end()) {
      at = report_.folders.insert(at, FolderProgress{progress.folder, {}, progress.done, progress.total});
      Moved(now);  // what was held before is no work of this run
    } else {
      stored = Less(progress.done, at->stored);
      if (at->stored != progress.done || at->listed != progress.total) Moved(now);
      at->stored = progress.done;
      at->listed = progress.total;
    }
  }
  const std::uint64_t sent = Less(edits.decided, decided_);
  decided_ = edits.decided;
  if (measured_ == SyncProgress::Phase::kPulling) speeds_.receiving.Add(stored, took);
  if (measured_ == SyncProgress::Phase::kPushing) speeds_.sending.Add(sent, took);
  if (sent > 0 || progress.phase != report_.phase ||
      (progress.folders_left && progress.folders_left != report_.folders_left))
    Moved(now);
  if (progress.folders_left) report_.folders_left = progress.folders_left;
  report_.phase = progress.phase;
  measured_ = progress.phase;
}

void ProgressMeter::End(Now now, EditCounts edits) {
  if (!report_.running) return;
  Note(now, {SyncProgress::Phase::kIdle}, edits);
  report_.sent = Less(edits.decided, at_begin_.decided);
  report_.running = false;
  ++report_.runs;
}

std::optional<Millis> ProgressMeter::Remaining(const ProgressReport& report) const {
  if (!report.running || report.stalled_since || report.folders_left != std::uint64_t{0}) return std::nullopt;
  double seconds = 0;
  const std::uint64_t to_store = Less(report.listed, report.stored);
  for (const auto& [left, speed] :
       {std::pair(to_store, report.receive_per_s), std::pair(report.to_send, report.send_per_s)}) {
    if (left == 0) continue;
    if (!speed) return std::nullopt;
    seconds += static_cast<double>(left) / *speed;
  }
  return Millis(static_cast<std::int64_t>(std::ceil(seconds * 1'000.0)));
}

ProgressReport ProgressMeter::At(Now now, EditCounts edits) const {
  ProgressReport report = report_;
  report.to_send = Less(edits.made, edits.decided);
  if (report.running) report.sent = Less(edits.decided, at_begin_.decided);
  for (const FolderProgress& folder : report.folders) {
    report.stored += folder.stored;
    report.listed += folder.listed;
  }
  report.receive_per_s = speeds_.receiving.PerSecond();
  report.send_per_s = speeds_.sending.PerSecond();
  if (report.running && now.monotonic - moved_.monotonic >= kStalledAfter) report.stalled_since = moved_.wall;
  report.remaining = Remaining(report);
  return report;
}

}  // namespace outpost
