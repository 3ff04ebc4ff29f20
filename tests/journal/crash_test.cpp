#include "base/random.h"
#include "tests/journal/child.h"
#include "tests/journal/journal_dsl.h"

using namespace outpost;
using namespace outpost::test;

namespace {

// Lets a child write until some appends are acknowledged, kills it, and gives the highest acknowledged sequence.
Sequence WriteAndKill(const std::filesystem::path& folder, std::uint64_t seed, std::uint64_t acknowledged,
                      std::size_t text_bytes) {
  Child child({OUTPOST_CRASH_WRITER, folder.string(), std::to_string(seed), "8", std::to_string(text_bytes)});
  Sequence highest = 0;
  std::uint64_t lines = 0;
  const auto note = [&](const std::string& line) {
    const auto last = std::strtoull(line.c_str() + line.find(' '), nullptr, 10);
    highest = std::max<Sequence>(highest, last);
  };
  for (std::string line; lines < acknowledged && child.ReadLine(line); ++lines) note(line);
  REQUIRE(lines == acknowledged);
  child.Kill();
  for (std::string line; child.ReadLine(line);) note(line);
  return highest;
}

void KillAgainAndAgain(int kills, std::uint64_t seed) {
  Bench bench;
  SeededRandom random(seed);
  for (int i = 0; i < kills; ++i) {
    bench.Close();
    const Sequence highest =
        WriteAndKill(bench.options.folder, random.Below(1000), random.Below(150), 10 + random.Below(2000));
    bench.Open();
    INFO("kill " << i << ", seed " << seed);
    REQUIRE(bench.journal->stats().read_only_reason == "");
    REQUIRE(bench.journal->View()->last() >= highest);
    REQUIRE(bench.Verify().problem == "");
    REQUIRE(bench.Rebuild().equal());
    REQUIRE(bench.Total(Kind::kLocalChanged) == bench.journal->View()->last());
  }
  std::printf("killed %d times; %llu events, none acknowledged is missing\n", kills,
              static_cast<unsigned long long>(bench.journal->View()->last()));
}

void KillFrom(std::uint64_t first_seed) {
  for (std::uint64_t seed = first_seed; seed < first_seed + 8; ++seed) KillAgainAndAgain(25, seed);
}

}  // namespace

TEST_CASE("crash: after SIGKILL every acknowledged append is there and the journal verifies", "[journal][crash]") {
  KillAgainAndAgain(8, 1);
}

// Each journal is checked as a whole after each kill, so many short ones cost far less than a few long ones. A case for
// each 8 seeds: together they take longer than one may.
TEST_CASE("crash: the same, 25 times each from seeds 2 to 9", "[.long][journal][crash]") { KillFrom(2); }
TEST_CASE("crash: the same, 25 times each from seeds 10 to 17", "[.long][journal][crash]") { KillFrom(10); }
TEST_CASE("crash: the same, 25 times each from seeds 18 to 25", "[.long][journal][crash]") { KillFrom(18); }
TEST_CASE("crash: the same, 25 times each from seeds 26 to 33", "[.long][journal][crash]") { KillFrom(26); }
