#pragma once
#include <atomic>
#include <optional>

#include "base/mutex.h"
#include "journal/journal.h"

namespace outpost::journal {

// Where callers wait for the writer's answers. The writer gives all answers of a group and then wakes everybody with
// one call: waking 64 threads one by one is a fifth of its time. Who is woken without an answer waits on.
// Threads: any; it outlives all who wait.
class WaitingRoom {
 public:
  // Calls `start` with a callback for the answer, and waits for it. Not on the thread that answers.
  template <class Start>
  Result<Appended> Wait(Start start) {
    Answer answer;
    start([&answer](Result<Appended> result) {
      answer.result.emplace(std::move(result));
      answer.given.store(true, std::memory_order_release);  // from here on `answer` may be gone
    });
    MutexLock lock(mutex_);
    while (!answer.given.load(std::memory_order_acquire)) changed_.Wait(mutex_);
    return std::move(*answer.result);
  }

  // To be called after answers were given.
  void WakeAll() {
    { MutexLock lock(mutex_); }  // who has looked for its answer, and found none, is waiting now
    changed_.NotifyAll();
  }

 private:
  struct Answer {
    std::optional<Result<Appended>> result;
    std::atomic<bool> given{false};
  };
  Mutex mutex_;
  CondVar changed_;
};

}  // namespace outpost::journal
