#include <algorithm>
#include <catch2/catch.hpp>
#include <filesystem>
#include <regex>
#include <set>
#include <string>
#include <vector>

#include "tests/base/source_tree.h"

using namespace outpost::test;

namespace {

// A text may say "once a time (or twice)"; an include is no text.
std::string WithoutTexts(const std::string& line) {
  if (line.find('"') == std::string::npos) return line;
  static const std::regex text("\"([^\"\\\\]|\\\\.)*\"");
  return StartsWith(line, "#include") ? line : std::regex_replace(line, text, "\"\"");
}

// `words`: every line that is forbidden has one of them. A regular expression takes a hundred times as long.
std::vector<std::string> Lines(const std::vector<const char*>& words, const std::regex& forbidden,
                               bool (*allowed)(const std::string& path)) {
  std::vector<std::string> problems;
  for (const SourceFile& file : SourceTree()) {
    if (allowed(file.path) || file.path == "tests/base/tidy_test.cpp") continue;
    for (std::size_t i = 0; i < file.lines.size(); ++i) {
      const std::string& line = file.lines[i];
      const auto is_in = [&](const char* word) { return line.find(word) != std::string::npos; };
      if (std::any_of(words.begin(), words.end(), is_in) && std::regex_search(WithoutTexts(line), forbidden))
        problems.push_back(file.path + ":" + std::to_string(i + 1));
    }
  }
  return problems;
}

// True where a CMakeLists.txt above `path` names it: as it is, or as fuzz_${name}.cpp in a foreach over names.
bool NamedByCMake(const std::string& path, const std::string& stem) {
  const std::regex plain("(^|[^A-Za-z0-9_])" + stem + "\\.cpp");
  const std::regex listed("foreach\\(.*[ (]" + stem.substr(stem.find('_') + 1) + "[ )]");
  for (const SourceFile& cmake : SourceTree()) {
    const std::string folder = std::filesystem::path(cmake.path).parent_path().string();
    if (!cmake.path.ends_with("CMakeLists.txt") || !StartsWith(path, (folder + "/").c_str())) continue;
    bool in_foreach = false;
    for (const std::string& line : cmake.lines) {
      if (std::regex_search(line, plain)) return true;
      in_foreach = (in_foreach || std::regex_search(line, listed)) && line.find("endforeach") == std::string::npos;
      if (in_foreach && StartsWith(stem, "fuzz_") && line.find("fuzz_${") != std::string::npos) return true;
    }
  }
  return false;
}

}  // namespace

TEST_CASE("tidy: time, random, sleeping and sockets are reached for in base/system only", "[tidy]") {
  const std::regex forbidden(
      "(system_clock|steady_clock|high_resolution_clock)::now|sleep_for|sleep_until|random_device|"
      "(^|[^A-Za-z0-9_.>])s?rand\\s*\\(|(^|[^A-Za-z0-9_.>:])(::)?(u?sleep|nanosleep|socket|time|gettimeofday)\\s*\\(|"
      "_distribution<");
  const std::vector<const char*> words{"clock", "sleep", "rand", "socket", "time", "_distribution"};
  const auto problems = Lines(words, forbidden, [](const std::string& path) {
    return StartsWith(path, "base/system/") || StartsWith(path, "bench/") || StartsWith(path, "tests/bench/");
  });
  INFO("pass it in instead:" << Listed(problems));
  CHECK(problems.empty());
}

TEST_CASE("tidy: tests do not sleep", "[tidy]") {
  const auto problems =
      Lines({"sleep"}, std::regex("sleep"), [](const std::string& path) { return !StartsWith(path, "tests/"); });
  INFO("wait for the condition instead:" << Listed(problems));
  CHECK(problems.empty());
}

TEST_CASE("tidy: headers that take seconds to compile stay out of headers", "[tidy]") {
  const std::regex expensive("#include <(boost/beast|nlohmann/json\\.hpp|spdlog/)");
  // What the three .cpp of the server's connections have in common.
  static const std::set<std::string> connections{"tools/oxserver/push_connection.h", "tools/oxserver/wire.h"};
  const auto problems = Lines({"#include"}, expensive, [](const std::string& path) {
    return !path.ends_with(".h") || StartsWith(path, "tests/") || connections.contains(path);
  });
  INFO("include them in the .cpp:" << Listed(problems));
  CHECK(problems.empty());
}

TEST_CASE("tidy: headers include themselves once", "[tidy]") {
  std::vector<std::string> problems;
  for (const SourceFile& file : SourceTree())
    if (file.path.ends_with(".h") && (file.lines.empty() || file.lines[0] != "#pragma once"))
      problems.push_back(file.path);
  INFO("first line is not #pragma once:" << Listed(problems));
  CHECK(problems.empty());
}

TEST_CASE("tidy: every test and fuzz target is built", "[tidy]") {
  std::vector<std::string> problems;
  for (const SourceFile& file : SourceTree()) {
    const std::filesystem::path path = file.path;
    const std::string stem = path.stem().string();
    const bool is_test = path.extension() == ".cpp" && (stem.ends_with("_test") || stem.starts_with("fuzz_"));
    if (is_test && StartsWith(file.path, "tests/") && !NamedByCMake(file.path, stem)) problems.push_back(file.path);
  }
  INFO("named in no CMakeLists.txt above it:" << Listed(problems));
  CHECK(problems.empty());
}

TEST_CASE("tidy: the tree that is looked at is the whole tree", "[tidy]") {
  std::size_t headers = 0;
  bool found_self = false;
  for (const SourceFile& file : SourceTree()) {
    headers += file.path.ends_with(".h") ? 1 : 0;
    found_self = found_self || file.path == "tests/base/tidy_test.cpp";
  }
  CHECK(found_self);
  CHECK(headers > 20);
}
