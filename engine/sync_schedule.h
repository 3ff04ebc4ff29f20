#pragma once
#include <optional>

#include "base/clock.h"
#include "base/random.h"
#include "replicator/sync_types.h"

namespace outpost {

// When an account that is watched syncs next: soon where there was news, later where nothing happens, and less and less
// often where it fails, each kind of failure at its own pace. Has no clock; jitter comes from `random`, which outlives
// it. Threads: those of its owner. Source: DESIGN.md, "Replicator"; docs/reliability.md has the paces as a table.
class SyncSchedule {
 public:
  // Between rounds unless the account's settings say otherwise.
  static constexpr Millis kPoll{30'000};
  // After news, so many rounds come three times as soon; without any, after so many the pause doubles, twice.
  static constexpr int kBusyRounds = 6;
  static constexpr int kIdleRounds = 20;
  static constexpr int kIdleFactorMax = 4;

  explicit SyncSchedule(Random& random) : random_(random) {}

  // The pause after a run that ended so. None: trying again cannot help before a person has done something (the
  // password is refused; asking again could lock the account). `poll`: the account's setting, above 0.
  std::optional<Millis> AfterRun(const SyncReport& report, Millis poll);

  // The last run did not get to its end: an edit is no reason to try again at once.
  bool backing_off() const { return failures_ > 0; }
  // It failed for a reason that may have passed, and nobody asked for patience.
  bool may_hurry() const { return may_hurry_; }

 private:
  Millis AfterSuccess(const SyncReport& report, Millis poll);
  Millis Jittered(Millis pause);

  Random& random_;
  int failures_ = 0;  // in a row
  LinkState failing_ = LinkState::kOnline;
  bool may_hurry_ = false;
  int busy_left_ = 0;
  int idle_ = 0;  // rounds without news in a row
};

}  // namespace outpost
