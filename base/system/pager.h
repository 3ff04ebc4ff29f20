#pragma once
#include <memory>
#include <string>

#include "base/result.h"

namespace outpost {

// A program that shows this process's standard output page by page, on the terminal that it had. From Start on what is
// written to standard output goes there, and IsTerminal(Stream::kOutput) stays true. One at a time in a process.
// Threads: one.
class Pager {
 public:
  // Runs `command` by the shell. Where this process is ended by a signal (Ctrl-C), it first waits until the person has
  // left the pager, so that the terminal is not taken from it. Errors: kUnavailable; standard output is as it was.
  static Result<std::unique_ptr<Pager>> Start(const std::string& command);
  // Ends standard output, for good, and waits for the end of the program.
  ~Pager();
  Pager(const Pager&) = delete;
  Pager& operator=(const Pager&) = delete;

 private:
  Pager() = default;
};

// Whether a pager shows this process's standard output.
bool IsPaged();

// Whether a program of that name is where the environment's PATH says.
bool IsProgramThere(const std::string& name);

}  // namespace outpost
