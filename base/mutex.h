#pragma once
#include <condition_variable>
#include <mutex>

// clang's thread-safety analysis; nothing under gcc.
#if defined(__clang__)
#define OUTPOST_THREAD_ATTRIBUTE(x) __attribute__((x))
#else
#define OUTPOST_THREAD_ATTRIBUTE(x)
#endif
#define OUTPOST_GUARDED_BY(mutex) OUTPOST_THREAD_ATTRIBUTE(guarded_by(mutex))
#define OUTPOST_REQUIRES(mutex) OUTPOST_THREAD_ATTRIBUTE(requires_capability(mutex))

namespace outpost {

// A mutex that clang can reason about. Locks are leaves: no callback, I/O or foreign call while one is held.
class OUTPOST_THREAD_ATTRIBUTE(capability("mutex")) Mutex {
 public:
  void lock() OUTPOST_THREAD_ATTRIBUTE(acquire_capability()) { mutex_.lock(); }
  void unlock() OUTPOST_THREAD_ATTRIBUTE(release_capability()) { mutex_.unlock(); }

 private:
  friend class CondVar;
  std::mutex mutex_;
};

class OUTPOST_THREAD_ATTRIBUTE(scoped_lockable) MutexLock {
 public:
  explicit MutexLock(Mutex& mutex) OUTPOST_THREAD_ATTRIBUTE(acquire_capability(mutex)) : mutex_(mutex) {
    mutex_.lock();
  }
  ~MutexLock() OUTPOST_THREAD_ATTRIBUTE(release_capability()) { mutex_.unlock(); }
  MutexLock(const MutexLock&) = delete;
  MutexLock& operator=(const MutexLock&) = delete;

 private:
  Mutex& mutex_;
};

// A condition variable for Mutex; the caller loops on its condition.
class CondVar {
 public:
  void Wait(Mutex& mutex) OUTPOST_REQUIRES(mutex) {
    std::unique_lock<std::mutex> lock(mutex.mutex_, std::adopt_lock);
    condition_.wait(lock);
    lock.release();
  }
  template <class Duration>
  void WaitFor(Mutex& mutex, Duration duration) OUTPOST_REQUIRES(mutex) {
    std::unique_lock<std::mutex> lock(mutex.mutex_, std::adopt_lock);
    condition_.wait_for(lock, duration);
    lock.release();
  }
  void NotifyAll() { condition_.notify_all(); }
  void NotifyOne() { condition_.notify_one(); }

 private:
  std::condition_variable condition_;
};

}  // namespace outpost
