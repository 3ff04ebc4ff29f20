#pragma once
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/log.h"
#include "base/system/file_steps.h"
#include "replicator/plan_trace.h"

namespace outpost {

// How much of the planner's trace is kept: whichever keeps less counts. Above, it is more than anybody looks through,
// and than a mail takes; below, a customer who calls after the weekend has none.
struct TraceLimits {
  std::uint64_t bytes = 64u << 20;
  std::uint64_t file_bytes = 4u << 20;  // of one file: what goes at once
  std::size_t files = 500;              // a process that syncs once begins one
  Millis keep{std::chrono::hours(24 * 7)};
};

inline constexpr std::size_t kTraceKeyBytes = 32;
std::filesystem::path TraceFolder(const std::filesystem::path& account);

// The trace of an account's planner: files beside the journal, the oldest of which goes when there is too much. A file
// begins with "OPTR" and its version; records stand behind their length (4 bytes each, big-endian). Never waits for
// the disk: what was flushed outlives the process, not a power cut. Holds no contents (replicator/plan_trace.h), so it
// is not encrypted where the journal is. Where it cannot be written the account works on without. Threads: the
// replicator's strand.
class TraceRing final : public TraceSink {
 public:
  // `folder` is made with the first record.
  TraceRing(std::filesystem::path folder, const Clock& clock, Log& log, TraceLimits limits = {});
  ~TraceRing() override;
  void Write(std::string_view record) override;
  void Flush() override;

 private:
  Result<void> Begin();
  Result<void> Drop();
  void GiveUp(const Error& error);

  const std::filesystem::path folder_;
  const Clock& clock_;
  Log& log_;
  const TraceLimits limits_;
  std::unique_ptr<NewFile> file_;
  std::uint64_t written_ = 0;  // into file_
  std::string buffer_;
  bool failed_ = false;
};

// Calls `record` for each record of a trace's files, oldest first, until it answers false. The last one of a file may
// have been cut off by the end of its process: it is left out. Errors: kNewerFormat, kCorrupt (no file of a trace:
// named), kUnavailable. A folder that is not there has none.
Result<void> ReadTrace(const std::filesystem::path& folder, const std::function<bool(std::string_view)>& record);

}  // namespace outpost
