#include <catch2/catch.hpp>
#include <filesystem>

#include "base/bytes.h"
#include "base/random.h"
#include "base/system/files.h"
#include "tests/replicator/ox/fuzz_input.h"

namespace outpost::test {
namespace {

std::vector<std::string> Corpus() {
  std::vector<std::string> files;
  for (const auto& entry : std::filesystem::directory_iterator(OUTPOST_CORPUS))
    files.push_back(ReadFile(entry.path()).value());
  return files;
}

void Read(const std::string& text) { ReadAsEverything(AsBytes(text).data(), text.size()); }

}  // namespace

TEST_CASE("ox answers: every file of the corpus is read or refused, cut at every byte too", "[ox]") {
  const auto files = Corpus();
  REQUIRE(files.size() >= 8);
  for (const std::string& file : files)
    for (std::size_t size = 0; size <= file.size(); ++size) REQUIRE_NOTHROW(Read(file.substr(0, size)));
}

TEST_CASE("ox answers: the corpus with broken bytes is read or refused", "[ox]") {
  SeededRandom random(7);
  const std::string bytes = "[]{},:\"\\0n9\xff ";
  for (const std::string& file : Corpus())
    for (int round = 0; round < 300; ++round) {
      std::string broken = file;
      for (int i = 0; i < 3; ++i) broken[random.Below(broken.size())] = bytes[random.Below(bytes.size())];
      REQUIRE_NOTHROW(Read(broken));
    }
}

}  // namespace outpost::test
