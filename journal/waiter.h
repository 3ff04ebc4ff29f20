#pragma once
#include <memory>
#include <optional>

#include "base/mutex.h"
#include "journal/journal.h"

namespace outpost::journal {

// Waits for one answer of the writer. What both touch is shared, so that the writer can wake the waiter without holding
// its lock: else each answer costs the waiter two switches.
class Waiter {
 public:
  AppendDone Done() {
    return [shared = shared_](Result<Appended> result) {
      {
        MutexLock lock(shared->mutex);
        shared->result = std::move(result);
      }
      shared->ready.NotifyOne();
    };
  }
  Result<Appended> Wait() {
    MutexLock lock(shared_->mutex);
    while (!shared_->result) shared_->ready.Wait(shared_->mutex);
    return std::move(*shared_->result);
  }

 private:
  struct Shared {
    Mutex mutex;
    CondVar ready;
    std::optional<Result<Appended>> result OUTPOST_GUARDED_BY(mutex);
  };
  const std::shared_ptr<Shared> shared_ = std::make_shared<Shared>();
};

}  // namespace outpost::journal
