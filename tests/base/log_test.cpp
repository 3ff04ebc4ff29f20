#include "base/log.h"

#include <catch2/catch.hpp>
#include <filesystem>
#include <regex>

#include "base/system/files.h"

using namespace outpost;

TEST_CASE("log: a line has time, level, component and text; what is below the level is left out", "[base]") {
  const auto folder = MakeTemporaryFolder("outpost-log-").value();
  {
    const auto log = MakeLog(folder / "log", LogLevel::kWarning);
    REQUIRE(log);
    log->Write(LogLevel::kInfo, "replicator", "left out");
    log->Write(LogLevel::kWarning, "replicator", "batch 7 {} of 50");
  }
  const std::string text = ReadFile(folder / "log").value();
  const std::regex line(
      "\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\.\\d{3}Z warning replicator: batch 7 \\{\\} of 50\n");
  CHECK(std::regex_match(text, line));
  std::filesystem::remove_all(folder);
}

TEST_CASE("log: a file that cannot be opened gives none", "[base]") {
  const auto folder = MakeTemporaryFolder("outpost-log-").value();
  REQUIRE(WriteFileDurably(folder / "file", ""));
  CHECK(MakeLog(folder / "file" / "log", LogLevel::kDebug) == nullptr);
  NullLog().Write(LogLevel::kError, "any", "goes nowhere");
  std::filesystem::remove_all(folder);
}
