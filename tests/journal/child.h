#pragma once
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <string>
#include <vector>

namespace outpost::test {

// A child process whose standard output is read here; killed when the object goes.
class Child {
 public:
  explicit Child(std::vector<std::string> arguments) {
    int ends[2];
    REQUIRE(::pipe(ends) == 0);
    std::vector<char*> raw;
    for (auto& argument : arguments) raw.push_back(argument.data());
    raw.push_back(nullptr);
    pid_ = ::fork();
    REQUIRE(pid_ >= 0);
    if (pid_ == 0) {
      ::dup2(ends[1], 1);
      ::close(ends[0]);
      ::close(ends[1]);
      ::execv(raw[0], raw.data());
      ::_exit(127);
    }
    ::close(ends[1]);
    output_ = ::fdopen(ends[0], "r");
  }
  ~Child() {
    Kill();
    std::fclose(output_);
  }
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;

  // The next line without its end; false when the child has gone and all is read.
  bool ReadLine(std::string& line) {
    char buffer[256];
    if (std::fgets(buffer, sizeof buffer, output_) == nullptr) return false;
    line = buffer;
    if (line.empty() || line.back() != '\n') return false;
    line.pop_back();
    return true;
  }

  void Kill() {
    if (pid_ <= 0) return;
    ::kill(pid_, SIGKILL);
    ::waitpid(pid_, nullptr, 0);
    pid_ = 0;
  }

 private:
  pid_t pid_ = 0;
  std::FILE* output_ = nullptr;
};

}  // namespace outpost::test
