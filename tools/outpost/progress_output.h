#pragma once
#include <functional>
#include <optional>
#include <string>
#include <thread>

#include "base/mutex.h"
#include "engine/commands.h"
#include "engine/json/sync_json.h"

namespace outpost::cli {

// A progress report as a line for a person who reads it at `now` (milliseconds since 1970).
std::string ProgressLine(const ProgressReport& report, Millis now);

// Tells how far a run is, from the call that starts it until it ends: when its phase or the number of its folders
// changes, once a second otherwise, and once at its end. What is told comes from whoever holds the account, so it is
// the same here and through the control socket. Threads: made and ended by one; `show` runs on a thread of its own.
class ProgressTeller {
 public:
  using Show = std::function<void(const ProgressReport&)>;
  // Before the run starts. `commands` outlives it.
  ProgressTeller(AccountCommands& commands, Show show);
  // After the run: returns when its end was told.
  ~ProgressTeller();
  ProgressTeller(const ProgressTeller&) = delete;
  ProgressTeller& operator=(const ProgressTeller&) = delete;

 private:
  void Follow();
  bool IsOver(Millis wait);

  AccountCommands& commands_;
  const Show show_;
  std::optional<std::uint64_t> runs_before_;
  Mutex mutex_;
  CondVar changed_;
  bool over_ OUTPOST_GUARDED_BY(mutex_) = false;
  std::thread thread_;
};

}  // namespace outpost::cli
