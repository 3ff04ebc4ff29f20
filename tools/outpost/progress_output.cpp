#include "tools/outpost/progress_output.h"

#include "base/system/system_clock.h"
#include "engine/json/sync_json.h"

namespace outpost::cli {
namespace {

// A line a second can be read; what happens in between is in the next one.
constexpr Millis kLineEvery{1'000};
// Between two questions: a busy account changes thousands of times a second.
constexpr Millis kBetweenQuestions{100};

std::string Duration(Millis duration) {
  constexpr std::int64_t kMinute = 60;
  constexpr std::int64_t kEnough = 90;  // of one unit before the next one is easier to read
  const std::int64_t seconds = (duration.count() + 999) / 1'000;
  if (seconds < kEnough) return std::to_string(seconds) + " s";
  const std::int64_t minutes = (seconds + kMinute - 1) / kMinute;
  if (minutes < kEnough) return std::to_string(minutes) + " min";
  return std::to_string((minutes + kMinute - 1) / kMinute) + " h";
}

std::string OneOf(std::uint64_t done, std::uint64_t all) { return std::to_string(done) + " of " + std::to_string(all); }

}  // namespace

std::string ProgressLine(const ProgressReport& report, Millis now) {
  std::string line = PhaseName(report.phase);
  if (report.listed > 0) line += ": " + OneOf(report.stored, report.listed) + " items stored";
  if (!report.folders.empty())
    if (const FolderProgress& last = report.folders.back(); last.stored < last.listed && report.folders.size() > 1)
      line += " (" + last.path + " " + OneOf(last.stored, last.listed) + ")";
  if (report.folders_left.value_or(0) > 0)
    line += ", " + std::to_string(*report.folders_left) + " folders to be listed";
  if (report.sent + report.to_send > 0)
    line += (report.listed > 0 ? ", " : ": ") + OneOf(report.sent, report.sent + report.to_send) + " changes sent";
  if (report.stalled_since)
    line += "; nothing has moved for " + Duration(std::max(Millis{0}, now - *report.stalled_since));
  else if (report.remaining)
    line += "; about " + Duration(*report.remaining) + " left";
  return line;
}

ProgressTeller::ProgressTeller(AccountCommands& commands, Show show) : commands_(commands), show_(std::move(show)) {
  if (const auto before = commands_.Progress(0, Millis{0})) runs_before_ = before.assume_value().runs;
  if (runs_before_) thread_ = std::thread([this] { Follow(); });
}

ProgressTeller::~ProgressTeller() {
  {
    MutexLock lock(mutex_);
    over_ = true;
  }
  changed_.NotifyAll();
  if (thread_.joinable()) thread_.join();
}

bool ProgressTeller::IsOver(Millis wait) {
  MutexLock lock(mutex_);
  if (!over_ && wait.count() > 0) changed_.WaitFor(mutex_, wait);
  return over_;
}

void ProgressTeller::Follow() {
  const SystemClock clock;
  std::uint64_t seen = 0;
  std::optional<ProgressReport> told;
  std::chrono::microseconds told_at{0};
  for (bool over = false; !over;) {
    over = IsOver(Millis{0});
    const auto now = commands_.Progress(over ? 0 : seen, over ? Millis{0} : kLineEvery);
    if (!now) return;
    const ProgressReport& report = now.assume_value();
    seen = report.version;
    if (report.runs != *runs_before_) return show_(report);  // it ended
    const auto at = clock.MonotonicNow();
    const bool due = !told || told->phase != report.phase || told->folders.size() != report.folders.size() ||
                     at - told_at >= kLineEvery;
    if (report.running && due) {
      show_(report);
      told = report;
      told_at = at;
    }
    if (!over) IsOver(kBetweenQuestions);
  }
}

}  // namespace outpost::cli
