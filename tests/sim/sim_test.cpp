#include <catch2/catch.hpp>
#include <cstdio>
#include <filesystem>

#include "base/system/files.h"
#include "tests/sim/simulation.h"

using namespace outpost;
using namespace outpost::sim;

namespace {

// A folder for one test's lock files.
class Scratch {
 public:
  Scratch() {
    auto made = MakeTemporaryFolder("outpost-sim-");
    REQUIRE(made);
    folder_ = made.value();
  }
  ~Scratch() {
    std::error_code ignored;
    std::filesystem::remove_all(folder_, ignored);
  }
  const std::filesystem::path& folder() const { return folder_; }

 private:
  std::filesystem::path folder_;
};

Script ScriptOf(std::uint64_t seed, std::string_view scenario = "all") {
  auto script = WriteScript(seed, scenario);
  REQUIRE(script);
  return script.value();
}

// Every seed; under a sanitizer, which takes five times as long and looks for something else, every tenth.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr bool kSanitized = true;
#else
constexpr bool kSanitized = false;
#endif
constexpr std::uint64_t kSeedStep = kSanitized ? 10 : 1;

void Keep(std::uint64_t first, std::uint64_t count) {
  const Scratch scratch;
  std::uint64_t operations = 0, exchanges = 0;
  for (std::uint64_t seed = first; seed < first + count; seed += kSeedStep) {
    const Outcome outcome = Run(ScriptOf(seed), Plant::kNone, scratch.folder());
    INFO("SEED=" << seed << " (outpost-sim --seeds 1 --start " << seed << " shortens it)");
    CHECK(outcome.violations == std::vector<std::string>{});
    operations += outcome.operations;
    exchanges += outcome.exchanges;
  }
  std::printf("seeds %llu to %llu: %llu operations, %llu of them exchanges\n", static_cast<unsigned long long>(first),
              static_cast<unsigned long long>(first + count - 1), static_cast<unsigned long long>(operations),
              static_cast<unsigned long long>(exchanges));
}

// The first seed within `most` in which the bug breaks a promise; 0: none.
std::uint64_t CaughtBy(Plant plant, std::uint64_t most) {
  const Scratch scratch;
  for (std::uint64_t seed = 1; seed <= most; ++seed)
    if (!Run(ScriptOf(seed), plant, scratch.folder()).violations.empty()) return seed;
  return 0;
}

}  // namespace

// Four cases, so that they run beside each other.
TEST_CASE("sim: seeds 1 to 50 keep every promise", "[sim]") { Keep(1, 50); }
TEST_CASE("sim: seeds 51 to 100 keep every promise", "[sim]") { Keep(51, 50); }
TEST_CASE("sim: seeds 101 to 150 keep every promise", "[sim]") { Keep(101, 50); }
TEST_CASE("sim: seeds 151 to 200 keep every promise", "[sim]") { Keep(151, 50); }

TEST_CASE("sim: a seed run twice gives the same journals", "[sim]") {
  const Scratch scratch;
  for (const std::uint64_t seed : {3, 17, 29, 58, 111}) {
    if (kSanitized && seed > 17) break;
    const Script script = ScriptOf(seed);
    const Outcome once = Run(script, Plant::kNone, scratch.folder());
    const Outcome again = Run(script, Plant::kNone, scratch.folder());
    INFO("SEED=" << seed);
    REQUIRE_FALSE(once.roots.empty());
    CHECK(once.roots == again.roots);
    CHECK(once.exchanges == again.exchanges);
  }
}

// What the judge catches does not change under a sanitizer: there one plant will do.
TEST_CASE("sim: each planted bug is caught", "[sim]") {
  for (const Plant plant : kPlants) {
    if (kSanitized && plant != kPlants[0]) continue;
    const std::uint64_t seed = CaughtBy(plant, 500);
    INFO(PlantName(plant));
    CHECK(seed != 0);
    std::printf("%s: caught by seed %llu\n", PlantName(plant), static_cast<unsigned long long>(seed));
  }
}

TEST_CASE("sim: a failing script is shortened to one that still fails, and reads back as it was written", "[sim]") {
  const Scratch scratch;
  const Plant plant = kSanitized ? kPlants[0] : Plant::kDroppedLoser;
  const std::uint64_t seed = CaughtBy(plant, 500);
  REQUIRE(seed != 0);
  const Script script = ScriptOf(seed);
  const Script shorter = Shrink(script, plant, scratch.folder(), kSanitized ? 10 : 40);
  CHECK(shorter.steps.size() < script.steps.size());
  const auto read = FromText(ToText(shorter));
  REQUIRE(read);
  CHECK_FALSE(Run(read.value(), plant, scratch.folder()).violations.empty());
  CHECK(FromText("seed 1\n5 no_such_step 0 0 0\n").error().code == Code::kInvalid);
}
