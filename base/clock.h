#pragma once
#include <chrono>
#include <cstdint>

namespace outpost {

using Millis = std::chrono::milliseconds;

// The time, passed in so that a simulator can be the clock. Threads: any.
class Clock {
 public:
  virtual ~Clock() = default;
  // Milliseconds since 1970 UTC. May step back or forth when the user sets the clock: for show and for ids only.
  virtual Millis WallNow() const = 0;
  // Never steps back; its zero means nothing: for time-outs and measuring.
  virtual std::chrono::microseconds MonotonicNow() const = 0;
};

// A clock that moves only when told to. Threads: one.
class ManualClock final : public Clock {
 public:
  explicit ManualClock(Millis start) : now_(start) {}
  Millis WallNow() const override { return std::chrono::duration_cast<Millis>(now_); }
  std::chrono::microseconds MonotonicNow() const override { return now_; }
  void Advance(Millis step) { now_ += step; }

 private:
  std::chrono::microseconds now_;
};

}  // namespace outpost
