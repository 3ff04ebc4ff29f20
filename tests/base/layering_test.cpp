#include <catch2/catch.hpp>
#include <map>
#include <regex>
#include <set>

#include "tests/base/source_tree.h"

using namespace outpost::test;

namespace {

// DESIGN.md, Layers: what each folder may include of ours besides itself. The longest prefix of a file's path counts.
const std::map<std::string, std::set<std::string>> kMayInclude{
    {"base/", {}},
    {"schemas/", {"base/"}},
    {"journal/", {"base/", "schemas/"}},
    {"projection/", {"base/", "schemas/", "journal/"}},
    {"replicator/", {"base/", "schemas/", "journal/"}},
    {"replicator/net/", {"base/", "replicator/"}},
    {"replicator/ox/", {"base/", "schemas/", "replicator/"}},
    {"engine/", {"base/", "schemas/", "journal/", "projection/", "replicator/", "replicator/ox/", "replicator/net/"}},
    {"care/", {"base/", "schemas/", "journal/", "projection/", "replicator/", "engine/"}},
    {"inspect/", {"base/", "schemas/", "journal/", "projection/", "replicator/", "engine/"}},
    {"mapi-adapter/",
     {"base/", "schemas/", "journal/", "projection/", "replicator/", "replicator/net/", "engine/", "mapi/"}},
    {"mapi/", {}},  // tables made from fields.tsv
    {"tools/oxserver/", {"base/"}},
    {"tools/outpost/",
     {"base/", "schemas/", "journal/", "projection/", "replicator/", "replicator/net/", "engine/", "care/", "inspect/",
      "tools/oxserver/"}},
};

// The libraries that only one place may know.
const std::map<std::string, std::vector<std::string>> kLibraryHomes{
    {"rocksdb/", {"journal/", "bench/", "tests/journal/", "tests/sim/"}},
    {"openssl/", {"base/system/", "tests/replicator/net/"}},
    {"curl/", {"replicator/net/", "bench/"}},
    {"simdjson", {"replicator/ox/", "bench/"}},
    {"utf8proc.h", {"projection/", "tools/outpost/"}},
    {"spdlog/", {"base/"}},
    {"boost/beast", {"tools/oxserver/", "tests/"}},
    {"archive", {"care/", "tests/care/"}},
    {"CLI/", {"tools/outpost/", "bench/", "tests/sim/"}},
};

// The rule's key that fits `path` best; empty where there is none.
std::string HomeOf(const std::string& path) {
  std::string best;
  for (const auto& [home, allowed] : kMayInclude)
    if (path.starts_with(home) && home.size() > best.size()) best = home;
  return best;
}

template <class Visit>
void EachInclude(const std::regex& include, Visit visit) {
  for (const SourceFile& file : SourceTree())
    for (std::size_t i = 0; i < file.lines.size(); ++i) {
      std::smatch match;
      if (file.lines[i].find("#include") == std::string::npos) continue;  // in a hundredth of the time
      if (std::regex_search(file.lines[i], match, include))
        visit(file.path, match[1].str(), file.path + ":" + std::to_string(i + 1) + " includes " + match[1].str());
    }
}

}  // namespace

TEST_CASE("layers: includes point downwards only", "[tidy]") {
  std::vector<std::string> problems;
  EachInclude(std::regex("#include \"([^\"]+)\""),
              [&](const std::string& path, const std::string& included, const std::string& at) {
                const std::string from = HomeOf(path), to = HomeOf(included);
                if (!from.empty() && from != to && kMayInclude.at(from).count(to) == 0) problems.push_back(at);
              });
  INFO(Listed(problems));
  CHECK(problems.empty());
}

TEST_CASE("layers: every library folder of ours is under a rule", "[tidy]") {
  std::vector<std::string> problems;
  for (const SourceFile& file : SourceTree()) {
    if (!file.path.ends_with(".h") && !file.path.ends_with(".cpp")) continue;
    if (StartsWith(file.path, "tests/") || StartsWith(file.path, "bench/")) continue;
    if (HomeOf(file.path).empty()) problems.push_back(file.path);
  }
  INFO("give its folder a line in kMayInclude:" << Listed(problems));
  CHECK(problems.empty());
}

TEST_CASE("layers: a library is known in one place", "[tidy]") {
  std::vector<std::string> problems;
  EachInclude(std::regex("#include <([^>]+)>"),
              [&](const std::string& path, const std::string& included, const std::string& at) {
                for (const auto& [library, homes] : kLibraryHomes) {
                  if (!included.starts_with(library)) continue;
                  bool at_home = false;
                  for (const std::string& home : homes) at_home = at_home || path.starts_with(home);
                  if (!at_home) problems.push_back(at);
                }
              });
  INFO(Listed(problems));
  CHECK(problems.empty());
}

TEST_CASE("layers: Windows and POSIX headers stay in base/system", "[tidy]") {
  std::vector<std::string> problems;
  EachInclude(
      std::regex(
          "#include <((windows|winsock2|unistd|fcntl|poll|pwd|termios|sys/[a-z]+|netinet/[a-z]+|arpa/[a-z]+)\\.h)>"),
      [&](const std::string& path, const std::string&, const std::string& at) {
        if (!StartsWith(path, "base/system/") && !StartsWith(path, "tests/") && !StartsWith(path, "bench/"))
          problems.push_back(at);
      });
  INFO(Listed(problems));
  CHECK(problems.empty());
}

TEST_CASE("layers: nothing outside the dialect and its owner includes the dialect", "[tidy]") {
  std::vector<std::string> problems;
  EachInclude(std::regex("#include \"(replicator/ox/[^\"]+)\""),
              [&](const std::string& path, const std::string&, const std::string& at) {
                for (const char* home : {"replicator/ox/", "engine/", "tests/", "bench/"})
                  if (StartsWith(path, home)) return;
                problems.push_back(at);
              });
  INFO(Listed(problems));
  CHECK(problems.empty());
}
