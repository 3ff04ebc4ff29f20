#pragma once
#include <string>
#include <vector>

#include "base/result.h"

namespace outpost {

// The program that runs here. Errors: kUnavailable.
Result<std::string> OwnProgram();

// Another process of ours. Threads: one; Kill from any. The destructor kills what still runs and waits for its end.
class ChildProcess {
 public:
  // Starts `program` with `arguments` (without its own name), nothing on its standard streams, and this environment
  // less the variables in `without`. Errors: kUnavailable.
  static Result<ChildProcess> Start(const std::string& program, const std::vector<std::string>& arguments,
                                    const std::vector<std::string>& without);
  ChildProcess(ChildProcess&& other) noexcept;
  ChildProcess& operator=(ChildProcess&& other) = delete;
  ~ChildProcess();

  // Ends it at once, without a chance to do anything first (SIGKILL). No effect when it has ended.
  void Kill();
  // Waits for its end: its exit code, or minus the signal that ended it.
  int Wait();
  int id() const { return id_; }

 private:
  explicit ChildProcess(int id) : id_(id) {}
  int id_;
  bool waited_ = false;
};

}  // namespace outpost
