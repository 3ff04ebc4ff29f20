#include "base/strand.h"

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <exception>
#include <optional>
#include <thread>
#include <utility>

#include "base/mutex.h"

namespace outpost {

struct ThreadStrand::Impl {
  explicit Impl(std::function<void(const char*)> on_violation_in)
      : on_violation(std::move(on_violation_in)),
        io(std::in_place, 1),
        work(io->get_executor()),
        thread([this] { Run(); }) {}

  void Run() {
    try {
      io->run();
    } catch (const std::exception& broken) {
      io->stop();
      if (on_violation) on_violation(broken.what());
    }
  }

  std::function<void(const char*)> on_violation;
  Mutex mutex;
  bool stopped OUTPOST_GUARDED_BY(mutex) = false;
  std::optional<boost::asio::io_context> io;  // none once it is stopped: it would keep what was posted
  boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work;
  std::thread thread;
};

ThreadStrand::ThreadStrand(std::function<void(const char*)> on_violation)
    : impl_(std::make_unique<Impl>(std::move(on_violation))) {}

ThreadStrand::~ThreadStrand() { Stop(); }

void ThreadStrand::Post(std::function<void()> task) {
  const MutexLock lock(impl_->mutex);
  if (!impl_->stopped) boost::asio::post(*impl_->io, std::move(task));
}

void ThreadStrand::PostAfter(Millis delay, std::function<void()> task) {
  const MutexLock lock(impl_->mutex);
  if (impl_->stopped) return;
  auto timer = std::make_shared<boost::asio::steady_timer>(*impl_->io, delay);
  timer->async_wait([timer, task = std::move(task)](const boost::system::error_code& error) {
    if (!error) task();
  });
}

void ThreadStrand::Stop() {
  {
    const MutexLock lock(impl_->mutex);
    if (std::exchange(impl_->stopped, true)) return;
  }
  impl_->io->stop();
  impl_->thread.join();
  impl_->work.reset();
  impl_->io.reset();
}

void ManualStrand::PostAfter(Millis delay, std::function<void()> task) {
  due_.emplace(std::pair{clock_.MonotonicNow() + delay, posted_++}, std::move(task));
}

bool ManualStrand::RunOne() {
  if (due_.empty()) return false;
  auto next = due_.extract(due_.begin());
  if (next.key().first > clock_.MonotonicNow())
    clock_.Advance(std::chrono::ceil<Millis>(next.key().first - clock_.MonotonicNow()));
  next.mapped()();
  return true;
}

bool ManualStrand::RunAll(std::size_t steps) {
  for (std::size_t i = 0; i < steps; ++i)
    if (!RunOne()) return true;
  return due_.empty();
}

}  // namespace outpost
