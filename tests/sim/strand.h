#pragma once
#include <memory>

#include "base/strand.h"

namespace outpost::sim {

// The owner thread of one simulated program: its tasks run in the world's one queue, until it ends.
class ProgramStrand final : public Strand {
 public:
  explicit ProgramStrand(Strand& world) : world_(world) {}
  ~ProgramStrand() override { *running_ = false; }
  void Post(std::function<void()> task) override { PostAfter(Millis{0}, std::move(task)); }
  void PostAfter(Millis delay, std::function<void()> task) override {
    world_.PostAfter(delay, [running = running_, task = std::move(task)] {
      if (*running) task();
    });
  }

 private:
  Strand& world_;
  std::shared_ptr<bool> running_ = std::make_shared<bool>(true);
};

// A computer's clock: the world's time, set wrong. Threads: one.
class SkewedClock final : public Clock {
 public:
  explicit SkewedClock(const Clock& world) : world_(world) {}
  Millis WallNow() const override { return world_.WallNow() + skew_; }
  std::chrono::microseconds MonotonicNow() const override { return world_.MonotonicNow(); }
  void Step(Millis step) { skew_ += step; }

 private:
  const Clock& world_;
  Millis skew_{0};
};

}  // namespace outpost::sim
