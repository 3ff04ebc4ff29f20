#pragma once
#include <functional>
#include <map>
#include <memory>
#include <utility>

#include "base/clock.h"

namespace outpost {

// Runs functions one after another, in the order in which they were posted: the owner thread of one component. What is
// posted may be move-only only inside a shared_ptr (std::function copies). A function that throws InvariantViolation
// marks the strand failed (see OnViolation of the implementation); later functions are dropped. Threads: Post and
// PostAfter from any thread.
class Strand {
 public:
  virtual ~Strand() = default;
  virtual void Post(std::function<void()> task) = 0;
  // Runs `task` at the earliest `delay` from now, by monotonic time.
  virtual void PostAfter(Millis delay, std::function<void()> task) = 0;
};

// A strand on a thread of its own. The destructor and Stop() return after the last function, and drop what has not
// started, with all that it holds; what is posted later is dropped at once, on the thread that posts it. Stop() is
// idempotent; not to be called from the strand itself.
class ThreadStrand final : public Strand {
 public:
  // `on_violation` is called on the strand's thread with the text of a broken invariant, once.
  explicit ThreadStrand(std::function<void(const char*)> on_violation);
  ~ThreadStrand() override;
  void Post(std::function<void()> task) override;
  void PostAfter(Millis delay, std::function<void()> task) override;
  void Stop();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

// A strand that runs only when told to, on the caller's thread, with a ManualClock as its time: for simulation and
// tests.
class ManualStrand final : public Strand {
 public:
  explicit ManualStrand(ManualClock& clock) : clock_(clock) {}
  void Post(std::function<void()> task) override { PostAfter(Millis{0}, std::move(task)); }
  void PostAfter(Millis delay, std::function<void()> task) override;
  // Runs the next function due, moving the clock to its time; false when there is none.
  bool RunOne();
  // Runs until nothing is left or `steps` functions have run; false in the second case.
  bool RunAll(std::size_t steps);

 private:
  ManualClock& clock_;
  std::uint64_t posted_ = 0;
  std::map<std::pair<std::chrono::microseconds, std::uint64_t>, std::function<void()>> due_;  // by (time, insertion)
};

}  // namespace outpost
