#pragma once
#include <functional>
#include <memory>
#include <optional>
#include <utility>

#include "base/mutex.h"
#include "base/result.h"

namespace outpost {

// Calls that wait for what the line brings: they are let go where the account is to close before it does. Threads: any.
class LineWaits {
 public:
  // Calls `begin` with what is to be called with the answer, once, and waits for that. Errors: those of the answer;
  // kUnavailable when LetGo() comes first, or came before: what was begun goes on.
  template <class T>
  Result<T> Wait(const std::function<void(std::function<void(Result<T>)>)>& begin) {
    const auto answer = std::make_shared<std::optional<Result<T>>>();
    begin([this, answer](Result<T> told) {
      const MutexLock lock(mutex_);
      answer->emplace(std::move(told));
      answered_.NotifyAll();
    });
    const MutexLock lock(mutex_);
    while (!answer->has_value() && !let_go_) answered_.Wait(mutex_);
    if (answer->has_value()) return std::move(**answer);
    return Error{Code::kUnavailable, Retry::kBackoff, "the process that holds the account ends"};
  }
  // Nobody waits any more, now and later.
  void LetGo() {
    const MutexLock lock(mutex_);
    let_go_ = true;
    answered_.NotifyAll();
  }
  bool let_go() const {
    const MutexLock lock(mutex_);
    return let_go_;
  }

 private:
  mutable Mutex mutex_;
  CondVar answered_;
  bool let_go_ OUTPOST_GUARDED_BY(mutex_) = false;
};

}  // namespace outpost
