#include <catch2/catch.hpp>
#include <filesystem>

#include "base/bytes.h"
#include "base/random.h"
#include "base/system/files.h"
#include "tests/journal/salvage_damage.h"

using namespace outpost;

namespace {

std::string Steps(SeededRandom& random, std::uint64_t most) {
  std::string steps;
  for (std::uint64_t n = 6 * (1 + random.Below(most)); n > 0; --n)
    steps.push_back(static_cast<char>(random.Below(256)));
  return steps;
}

void ByChance(std::uint64_t seed, int runs) {
  SeededRandom random(seed);
  for (int i = 0; i < runs; ++i) {
    const std::string steps = Steps(random, 4);
    INFO("seed " << seed << " run " << i << ": " << ToHex(AsBytes(steps)));
    REQUIRE_NOTHROW(test::SalvageDamaged(steps));
  }
}

}  // namespace

TEST_CASE("salvage: the corpus of damages is salvaged as promised", "[salvage][fuzz]") {
  std::size_t files = 0;
  for (const auto& entry :
       std::filesystem::directory_iterator(std::string(OUTPOST_SOURCE) + "/tests/journal/corpus/salvage")) {
    INFO(entry.path().filename());
    REQUIRE_NOTHROW(test::SalvageDamaged(ReadFile(entry.path()).value()));
    ++files;
  }
  CHECK(files >= 8);
}

TEST_CASE("salvage: a sample of damages by chance is salvaged as promised", "[salvage][fuzz]") { ByChance(1, 8); }
TEST_CASE("salvage: many damages by chance are salvaged as promised", "[.long][salvage]") { ByChance(2, 300); }
