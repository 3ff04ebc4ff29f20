#pragma once
#include "base/clock.h"
#include "base/random.h"

namespace outpost {

// The machine's clocks. Threads: any.
class SystemClock final : public Clock {
 public:
  Millis WallNow() const override;
  std::chrono::microseconds MonotonicNow() const override;
};

// The operating system's cryptographic random source. Threads: any.
class SystemRandom final : public Random {
 public:
  std::uint64_t Next() override;
};

}  // namespace outpost
