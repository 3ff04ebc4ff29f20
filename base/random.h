#pragma once
#include <cstdint>
#include <random>

namespace outpost {

// A source of random bits that is passed in, so that a seed repeats a run. Threads: one caller at a time.
class Random {
 public:
  virtual ~Random() = default;
  virtual std::uint64_t Next() = 0;

  // A number below `bound` (> 0). Own arithmetic: std::*_distribution differs from library to library. The bias of the
  // remainder is below bound / 2^64.
  std::uint64_t Below(std::uint64_t bound);
  // True in `numerator` of `denominator` cases.
  bool Chance(std::uint64_t numerator, std::uint64_t denominator) { return Below(denominator) < numerator; }
};

// The same numbers for the same seed, on every platform.
class SeededRandom final : public Random {
 public:
  explicit SeededRandom(std::uint64_t seed) : engine_(seed) {}
  std::uint64_t Next() override { return engine_(); }

 private:
  std::mt19937_64 engine_;
};

}  // namespace outpost
