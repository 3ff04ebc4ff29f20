#include "base/system/pager.h"

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>

extern char** environ;

namespace outpost {
namespace {

constexpr std::array kEndingSignals{SIGINT, SIGTERM, SIGHUP, SIGQUIT};

std::atomic<pid_t> shown_by{0};  // the pager's process; 0: none

void WaitForPager() {
  int status = 0;
  while (::waitpid(shown_by, &status, 0) < 0 && errno == EINTR) {
  }
}

// Nothing but calls that a signal handler may make.
void EndBehindPager(int signal) {
  ::close(STDOUT_FILENO);
  WaitForPager();
  ::signal(signal, SIG_DFL);
  ::raise(signal);
}

}  // namespace

Result<std::unique_ptr<Pager>> Pager::Start(const std::string& command) {
  const auto failed = [&](int error) {
    return Error{Code::kUnavailable, Retry::kNever, "cannot start " + command + ": " + std::strerror(error)};
  };
  std::fflush(stdout);
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) return failed(errno);
  posix_spawn_file_actions_t actions;
  ::posix_spawn_file_actions_init(&actions);
  ::posix_spawn_file_actions_adddup2(&actions, ends[0], STDIN_FILENO);
  posix_spawnattr_t attributes;
  ::posix_spawnattr_init(&attributes);
  sigset_t usual;
  sigemptyset(&usual);
  sigaddset(&usual, SIGPIPE);
  ::posix_spawnattr_setsigdefault(&attributes, &usual);
  ::posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGDEF);
  std::string shell = "sh", option = "-c", text = command;
  const std::array<char*, 4> argv{shell.data(), option.data(), text.data(), nullptr};
  pid_t id = 0;
  const int error = ::posix_spawn(&id, "/bin/sh", &actions, &attributes, argv.data(), environ);
  ::posix_spawn_file_actions_destroy(&actions);
  ::posix_spawnattr_destroy(&attributes);
  ::close(ends[0]);
  if (error != 0) {
    ::close(ends[1]);
    return failed(error);
  }
  ::dup2(ends[1], STDOUT_FILENO);
  ::close(ends[1]);
  shown_by = id;
  for (const int signal : kEndingSignals) ::signal(signal, EndBehindPager);
  return std::unique_ptr<Pager>(new Pager);
}

Pager::~Pager() {
  std::fflush(stdout);
  ::close(STDOUT_FILENO);
  WaitForPager();
  for (const int signal : kEndingSignals) ::signal(signal, SIG_DFL);
  shown_by = 0;
}

bool IsPaged() { return shown_by != 0; }

bool IsProgramThere(const std::string& name) {
  const char* path = std::getenv("PATH");
  std::string rest = path != nullptr ? path : "";
  while (!rest.empty()) {
    const auto end = rest.find(':');
    const std::string folder = rest.substr(0, end);
    rest = end == std::string::npos ? "" : rest.substr(end + 1);
    if (!folder.empty() && ::access((folder + "/" + name).c_str(), X_OK) == 0) return true;
  }
  return false;
}

}  // namespace outpost
