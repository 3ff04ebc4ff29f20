#pragma once
#include <algorithm>
#include <cstdint>

#include "base/clock.h"

namespace outpost::oxserver {

// How last-modified values come about.
enum class StampMode : std::uint8_t {
  kStrict,     // milliseconds of the clock, every write later than the one before
  kSameTwice,  // every second write gets the millisecond of the one before
  kStepsBack,  // every tenth write the server's clock is one second earlier than the write before
};

// The server's clock for last-modified. Threads: one.
class Stamps {
 public:
  Stamps(const Clock& clock, StampMode mode) : clock_(clock), mode_(mode) {}
  std::int64_t Next();
  // Stored state may be ahead of the clock.
  void AtLeast(std::int64_t stamp) {
    if (stamp > last_) last_ = stamp;
  }
  std::int64_t Now() const { return clock_.WallNow().count() - behind_.count(); }
  // As when somebody sets the server's clock back: what is written next may be older than what is there.
  void StepBack(Millis by) {
    behind_ += by;
    last_ = std::min(last_, Now());
  }

 private:
  const Clock& clock_;
  StampMode mode_;
  std::int64_t last_ = 0;
  std::uint64_t writes_ = 0;
  Millis behind_{0};
};

}  // namespace outpost::oxserver
