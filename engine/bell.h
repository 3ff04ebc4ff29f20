#pragma once
#include <cstdint>

#include "base/clock.h"
#include "base/mutex.h"

namespace outpost {

// Wakes those who wait for something to have changed. Threads: any.
class Bell {
 public:
  void Ring();
  // The number of the newest ring. Returns at once where it is another than `seen`, else at the next ring, or after
  // `wait`, or when Silence() is called; now and then sooner, so that the caller compares.
  std::uint64_t Await(std::uint64_t seen, Millis wait);
  // Nobody waits any more, now and later: for what must end.
  void Silence();

 private:
  Mutex mutex_;
  CondVar rung_;
  std::uint64_t rings_ OUTPOST_GUARDED_BY(mutex_) = 1;
  bool silent_ OUTPOST_GUARDED_BY(mutex_) = false;
};

}  // namespace outpost
