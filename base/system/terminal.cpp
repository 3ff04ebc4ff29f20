#include "base/system/terminal.h"

#include <pthread.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <cerrno>
#include <ctime>

namespace outpost {
namespace {

int DescriptorOf(Stream stream) { return stream == Stream::kOutput ? STDOUT_FILENO : STDERR_FILENO; }

sigset_t StopSignals() {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGINT);
  sigaddset(&signals, SIGTERM);
  return signals;
}

}  // namespace

bool IsTerminal(Stream stream) { return ::isatty(DescriptorOf(stream)) == 1; }

std::size_t TerminalColumns(Stream stream) {
  winsize size{};
  if (::ioctl(DescriptorOf(stream), TIOCGWINSZ, &size) != 0 || size.ws_col == 0) return 80;
  return size.ws_col;
}

void IgnoreBrokenPipes() { ::signal(SIGPIPE, SIG_IGN); }

struct StopRequest::Impl {
  sigset_t before{};
  Impl() {
    const sigset_t signals = StopSignals();
    ::pthread_sigmask(SIG_BLOCK, &signals, &before);
  }
  void Restore() { ::pthread_sigmask(SIG_SETMASK, &before, nullptr); }
};

StopRequest::StopRequest() : impl_(std::make_unique<Impl>()) {}
StopRequest::~StopRequest() { impl_->Restore(); }

bool StopRequest::WaitFor(Millis wait) {
  const sigset_t signals = StopSignals();
  timespec time{};
  time.tv_sec = static_cast<time_t>(wait.count() / 1000);
  time.tv_nsec = static_cast<long>(wait.count() % 1000) * 1'000'000;
  // Interrupted by a stop-and-continue: a shorter wait does no harm.
  if (::sigtimedwait(&signals, nullptr, &time) < 0) return false;
  impl_->Restore();
  return true;
}

void StopRequest::Wait() {
  const sigset_t signals = StopSignals();
  while (::sigwaitinfo(&signals, nullptr) < 0 && errno == EINTR) {
  }
  impl_->Restore();
}

}  // namespace outpost
