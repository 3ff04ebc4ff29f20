#include "base/log.h"

#include <spdlog/sinks/rotating_file_sink.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

namespace outpost {
namespace {

constexpr std::size_t kLogFileBytesMax = 4u << 20;
constexpr std::size_t kLogFilesMax = 3;

spdlog::level::level_enum ToSpdlog(LogLevel level) {
  switch (level) {
    case LogLevel::kDebug:
      return spdlog::level::debug;
    case LogLevel::kInfo:
      return spdlog::level::info;
    case LogLevel::kWarning:
      return spdlog::level::warn;
    case LogLevel::kError:
      return spdlog::level::err;
  }
  return spdlog::level::err;
}

class SpdLog final : public Log {
 public:
  SpdLog(spdlog::sink_ptr sink, LogLevel least) : logger_("outpost", std::move(sink)) {
    logger_.set_level(ToSpdlog(least));
    logger_.set_pattern("%Y-%m-%dT%H:%M:%S.%eZ %l %v", spdlog::pattern_time_type::utc);
    logger_.flush_on(spdlog::level::warn);
  }
  void Write(LogLevel level, std::string_view component, std::string_view text) override {
    logger_.log(ToSpdlog(level), "{}: {}", component, text);
  }

 private:
  spdlog::logger logger_;
};

class DroppingLog final : public Log {
 public:
  void Write(LogLevel, std::string_view, std::string_view) override {}
};

}  // namespace

Log& NullLog() {
  static DroppingLog log;
  return log;
}

std::unique_ptr<Log> MakeLog(const std::string& path, LogLevel least) {
  try {
    if (path.empty()) return std::make_unique<SpdLog>(std::make_shared<spdlog::sinks::stderr_sink_mt>(), least);
    return std::make_unique<SpdLog>(
        std::make_shared<spdlog::sinks::rotating_file_sink_mt>(path, kLogFileBytesMax, kLogFilesMax), least);
  } catch (const spdlog::spdlog_ex&) {
    return nullptr;
  }
}

}  // namespace outpost
