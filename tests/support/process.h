#pragma once
#include <chrono>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace outpost::test {

// How a child process is started. No shell is involved.
struct Command {
  std::vector<std::string> arguments;              // the program first
  std::string input;                               // its standard input, then end of file
  std::map<std::string, std::string> environment;  // beside this process's; an empty value unsets
};

// Nothing in a test takes so long unless it hangs.
inline constexpr std::chrono::seconds kChildMax{120};

// A child process; killed when the object goes.
class Process {
 public:
  explicit Process(const Command& command);
  ~Process();
  Process(const Process&) = delete;
  Process& operator=(const Process&) = delete;

  // The next line of its standard output, without the line end; nullopt at its end or after kChildMax.
  std::optional<std::string> ReadLine();
  void Signal(int number) const;
  // Reads all it still says and gives its exit code; 128 + N when signal N ended it, -1 after kChildMax (it is killed
  // then).
  int Wait();
  // What it said and was not read by ReadLine.
  const std::string& output() const { return output_; }
  const std::string& errors() const { return errors_; }

 private:
  bool Pump();
  int pid_ = -1;
  int output_descriptor_ = -1;
  int errors_descriptor_ = -1;
  std::string output_;
  std::string errors_;
  std::optional<int> code_;
};

struct Finished {
  int code = -1;
  std::string output;
  std::string errors;
};

// Runs a command to its end.
Finished Run(const Command& command);

}  // namespace outpost::test
