#include "base/system/process.h"

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <utility>

extern char** environ;

namespace outpost {

Result<std::string> OwnProgram() {
  std::error_code error;
  const auto path = std::filesystem::read_symlink("/proc/self/exe", error);
  if (error) return Error{Code::kUnavailable, Retry::kNever, "cannot tell which program this is: " + error.message()};
  return path.string();
}

Result<ChildProcess> ChildProcess::Start(const std::string& program, const std::vector<std::string>& arguments,
                                         const std::vector<std::string>& without) {
  std::vector<char*> argv{const_cast<char*>(program.c_str())};
  for (const std::string& argument : arguments) argv.push_back(const_cast<char*>(argument.c_str()));
  argv.push_back(nullptr);
  std::vector<char*> environment;
  for (char** entry = environ; *entry != nullptr; ++entry) {
    const bool left_out = std::any_of(without.begin(), without.end(), [&](const std::string& name) {
      return std::strncmp(*entry, (name + "=").c_str(), name.size() + 1) == 0;
    });
    if (!left_out) environment.push_back(*entry);
  }
  environment.push_back(nullptr);

  posix_spawn_file_actions_t actions;
  ::posix_spawn_file_actions_init(&actions);
  ::posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  ::posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
  ::posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
  pid_t id = 0;
  const int failed = ::posix_spawn(&id, program.c_str(), &actions, nullptr, argv.data(), environment.data());
  ::posix_spawn_file_actions_destroy(&actions);
  if (failed != 0)
    return Error{Code::kUnavailable, Retry::kNever, "cannot start " + program + ": " + std::strerror(failed)};
  return ChildProcess(id);
}

ChildProcess::ChildProcess(ChildProcess&& other) noexcept
    : id_(other.id_), waited_(std::exchange(other.waited_, true)) {}

ChildProcess::~ChildProcess() {
  if (waited_) return;
  Kill();
  Wait();
}

void ChildProcess::Kill() {
  if (!waited_) ::kill(id_, SIGKILL);
}

int ChildProcess::Wait() {
  int status = 0;
  while (::waitpid(id_, &status, 0) < 0 && errno == EINTR) {
  }
  waited_ = true;
  return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

}  // namespace outpost
