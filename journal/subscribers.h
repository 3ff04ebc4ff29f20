#pragma once
#include <functional>
#include <memory>
#include <thread>
#include <vector>

#include "base/mutex.h"
#include "journal/journal.h"

namespace outpost::journal {

// The listeners of one journal. Threads: any; Notify is for one thread at a time.
class Subscribers : public std::enable_shared_from_this<Subscribers> {
 public:
  std::unique_ptr<Journal::Subscription> Add(std::function<void(Sequence)> changed);
  // Calls each listener in turn, without a lock held.
  void Notify(Sequence last);

 private:
  struct Listener {
    std::function<void(Sequence)> changed;
    bool active = true;  // guarded by mutex_
  };
  class Handle;
  void Remove(const std::shared_ptr<Listener>& listener);

  Mutex mutex_;
  CondVar idle_;
  std::vector<std::shared_ptr<Listener>> listeners_ OUTPOST_GUARDED_BY(mutex_);
  const Listener* running_ OUTPOST_GUARDED_BY(mutex_) = nullptr;
  std::thread::id runner_ OUTPOST_GUARDED_BY(mutex_);
};

}  // namespace outpost::journal
