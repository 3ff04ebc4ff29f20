#include <catch2/catch.hpp>
#include <filesystem>

#include "base/bytes.h"
#include "base/random.h"
#include "base/system/files.h"
#include "tests/replicator/ox/fuzz_input.h"

namespace outpost::test {
namespace {

std::vector<std::string> Corpus(const char* folder = OUTPOST_CORPUS) {
  std::vector<std::string> files;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) files.push_back(ReadFile(entry.path()).value());
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

TEST_CASE("ox cells: every file of their corpus is read or refused, cut, and with broken bytes", "[ox]") {
  const auto read = [](const std::string& text) { ReadAsCell(AsBytes(text).data(), text.size()); };
  SeededRandom random(7);
  const auto files = Corpus(OUTPOST_CORPUS_CELLS);
  REQUIRE(files.size() >= 5);
  for (const std::string& file : files) {
    for (std::size_t size = 0; size <= file.size(); ++size) REQUIRE_NOTHROW(read(file.substr(0, size)));
    for (int round = 0; round < 300; ++round) {
      std::string broken = file;
      for (int i = 0; i < 3; ++i) broken[random.Below(broken.size())] = static_cast<char>(random.Below(256));
      REQUIRE_NOTHROW(read(broken));
    }
  }
}

TEST_CASE("ox answers: nesting without end takes no stack, wherever it stands", "[ox]") {
  constexpr std::size_t kDepth = 200'000;
  for (const std::string& open : {std::string("["), std::string("{\"a\":")}) {
    std::string deep, closed;
    for (std::size_t i = 0; i < kDepth; ++i) deep += open;
    closed = deep + "1" + std::string(kDepth, open == "[" ? ']' : '}');
    for (const std::string& nest : {deep, closed})
      for (const char* before : {"", "[", "[{\"data\":", "[{\"other\":", "[{\"data\":[[",
                                 "{\"data\":", "[{\"error\":", "[{\"error\":\"x\",\"problematic\":[{\"id\":"})
        REQUIRE_NOTHROW(Read(std::string(before) + nest));
  }
}

}  // namespace outpost::test
