#pragma once
#include <cstddef>
#include <memory>

#include "base/clock.h"

namespace outpost {

enum class Stream { kOutput, kError };

// True when somebody reads `stream` on a terminal (not a pipe or a file), by a pager of ours too.
bool IsTerminal(Stream stream);
// Columns of the terminal behind `stream`; 80 where there is none or it does not tell.
std::size_t TerminalColumns(Stream stream);

// Whether standard output is a pipe that nobody reads any more. For after a write has failed.
bool ReaderIsGone();

// Makes writing into a pipe that nobody reads any more a failed write instead of a sudden death. Once, at the start of
// main.
void IgnoreBrokenPipes();
// Blocks of 128 KiB and more go back to the system as soon as they are freed, for the rest of the process: by itself
// glibc keeps the more of them in the heap of each thread the larger they are. For a program at its start; a library
// leaves its host's memory alone.
void GiveMemoryBack();

// The wish of the user or of a service manager that this program ends (Ctrl-C, SIGTERM), taken as a value instead of a
// sudden death; once it was told, or the object went, the next one is a sudden death again. Make one before the first
// thread starts: threads inherit that the signals wait. Threads: one.
class StopRequest {
 public:
  StopRequest();
  ~StopRequest();
  StopRequest(const StopRequest&) = delete;
  StopRequest& operator=(const StopRequest&) = delete;
  // True as soon as the program is asked to stop; false after `wait`.
  bool WaitFor(Millis wait);
  // Returns when the program is asked to stop.
  void Wait();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace outpost
