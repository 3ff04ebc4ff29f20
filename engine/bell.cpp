#include "engine/bell.h"

namespace outpost {

void Bell::Ring() {
  {
    MutexLock lock(mutex_);
    ++rings_;
  }
  rung_.NotifyAll();
}

std::uint64_t Bell::Await(std::uint64_t seen, Millis wait) {
  MutexLock lock(mutex_);
  if (rings_ == seen && !silent_ && wait.count() > 0) rung_.WaitFor(mutex_, wait);
  return rings_;
}

void Bell::Silence() {
  {
    MutexLock lock(mutex_);
    silent_ = true;
  }
  rung_.NotifyAll();
}

}  // namespace outpost
