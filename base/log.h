#pragma once
#include <memory>
#include <string>
#include <string_view>

namespace outpost {

enum class LogLevel { kDebug, kInfo, kWarning, kError };

// Where the engine says what it does. A line holds ids, sizes and codes; never a person's content or a secret.
// Threads: any.
class Log {
 public:
  virtual ~Log() = default;
  virtual void Write(LogLevel level, std::string_view component, std::string_view text) = 0;
};

// Drops everything.
Log& NullLog();

// Lines "2026-11-23T08:25:53.120Z warning replicator: text" appended to the file at `path`, which rotates at 4 MiB and
// keeps three; or on standard error for an empty path. Null where the file cannot be opened.
std::unique_ptr<Log> MakeLog(const std::string& path, LogLevel least);

}  // namespace outpost
