#pragma once
#include "base/mutex.h"
#include "base/random.h"

namespace outpost {

// One source of random bits for several threads.
class LockedRandom final : public Random {
 public:
  explicit LockedRandom(Random& inner) : inner_(inner) {}
  std::uint64_t Next() override {
    MutexLock lock(mutex_);
    return inner_.Next();
  }

 private:
  Mutex mutex_;
  Random& inner_ OUTPOST_GUARDED_BY(mutex_);
};

}  // namespace outpost
