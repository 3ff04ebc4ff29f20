#include "tests/support/process.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <stdexcept>
#include <utility>

extern char** environ;

namespace outpost::test {
namespace {

struct Pipe {
  int read = -1;
  int write = -1;
  Pipe() {
    int ends[2];
    if (::pipe2(ends, O_CLOEXEC) != 0) throw std::runtime_error("no pipe for a child process");
    read = ends[0];
    write = ends[1];
  }
};

std::vector<std::string> EnvironmentOf(const Command& command) {
  std::vector<std::string> environment;
  for (char** entry = environ; *entry != nullptr; ++entry) {
    const std::string text = *entry;
    if (command.environment.count(text.substr(0, text.find('='))) == 0) environment.push_back(text);
  }
  for (const auto& [name, value] : command.environment)
    if (!value.empty()) environment.push_back(name + "=" + value);
  return environment;
}

std::vector<char*> Pointers(std::vector<std::string>& texts) {
  std::vector<char*> pointers;
  for (auto& text : texts) pointers.push_back(text.data());
  pointers.push_back(nullptr);
  return pointers;
}

// Takes what is there; false at the end.
bool Take(int descriptor, std::string& into) {
  char bytes[4096];
  const ssize_t got = ::read(descriptor, bytes, sizeof bytes);
  if (got > 0) into.append(bytes, static_cast<std::size_t>(got));
  return got > 0 || (got < 0 && errno == EINTR);
}

}  // namespace

// The input of a test is shorter than a pipe holds, so it is written before the child reads.
Process::Process(const Command& command) {
  Pipe input, output, errors;
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, input.read, 0);
  posix_spawn_file_actions_adddup2(&actions, output.write, 1);
  posix_spawn_file_actions_adddup2(&actions, errors.write, 2);
  auto arguments = command.arguments;
  auto environment = EnvironmentOf(command);
  const int failed = ::posix_spawn(&pid_, arguments.at(0).c_str(), &actions, nullptr, Pointers(arguments).data(),
                                   Pointers(environment).data());
  posix_spawn_file_actions_destroy(&actions);
  ::close(input.read);
  ::close(output.write);
  ::close(errors.write);
  output_descriptor_ = output.read;
  errors_descriptor_ = errors.read;
  const ssize_t written = failed == 0 ? ::write(input.write, command.input.data(), command.input.size()) : 0;
  ::close(input.write);
  if (failed != 0 || written != static_cast<ssize_t>(command.input.size()))
    throw std::runtime_error("cannot start " + command.arguments.at(0));
}

Process::~Process() {
  if (!code_) {
    ::kill(pid_, SIGKILL);
    ::waitpid(pid_, nullptr, 0);
  }
  for (const int descriptor : {output_descriptor_, errors_descriptor_})
    if (descriptor >= 0) ::close(descriptor);
}

// Waits for more output; false when both ends are reached or after kChildMax.
bool Process::Pump() {
  pollfd waiting[2] = {{output_descriptor_, POLLIN, 0}, {errors_descriptor_, POLLIN, 0}};
  if (output_descriptor_ < 0 && errors_descriptor_ < 0) return false;
  const int timeout = static_cast<int>(std::chrono::milliseconds(kChildMax).count());
  if (::poll(waiting, 2, timeout) <= 0) return false;
  const auto take = [](const pollfd& ready, int& descriptor, std::string& into) {
    if (ready.revents == 0 || Take(descriptor, into)) return;
    ::close(std::exchange(descriptor, -1));
  };
  take(waiting[0], output_descriptor_, output_);
  take(waiting[1], errors_descriptor_, errors_);
  return true;
}

std::optional<std::string> Process::ReadLine() {
  for (;;) {
    if (const auto end = output_.find('\n'); end != std::string::npos) {
      std::string line = output_.substr(0, end);
      output_.erase(0, end + 1);
      return line;
    }
    if (output_descriptor_ < 0 || !Pump()) return std::nullopt;
  }
}

void Process::Signal(int number) const { ::kill(pid_, number); }

int Process::Wait() {
  if (code_) return *code_;
  while (Pump()) {
  }
  const bool hangs = output_descriptor_ >= 0 || errors_descriptor_ >= 0;
  if (hangs) ::kill(pid_, SIGKILL);
  int status = 0;
  while (::waitpid(pid_, &status, 0) < 0 && errno == EINTR) {
  }
  if (hangs)
    code_ = -1;
  else
    code_ = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  return *code_;
}

Finished Run(const Command& command) {
  Process process(command);
  const int code = process.Wait();
  return {code, process.output(), process.errors()};
}

}  // namespace outpost::test
