#include "base/system/terminal.h"

#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <unistd.h>
#ifdef __GLIBC__  // told by the headers above
#include <malloc.h>
#endif

#include <cerrno>
#include <ctime>

#include "base/system/pager.h"

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

bool IsTerminal(Stream stream) {
  return (stream == Stream::kOutput && IsPaged()) || ::isatty(DescriptorOf(stream)) == 1;
}

std::size_t TerminalColumns(Stream stream) {
  winsize size{};
  if (::ioctl(DescriptorOf(stream), TIOCGWINSZ, &size) != 0 || size.ws_col == 0) return 80;
  return size.ws_col;
}

bool ReaderIsGone() {
  pollfd output{STDOUT_FILENO, POLLOUT, 0};
  return ::poll(&output, 1, 0) == 1 && (output.revents & POLLERR) != 0;
}

void GiveMemoryBack() {
#ifdef __GLIBC__
  ::mallopt(M_MMAP_THRESHOLD, 128 << 10);
#endif
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
