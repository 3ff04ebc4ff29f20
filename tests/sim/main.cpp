// outpost-sim: years of trouble in minutes. See docs/reliability.md.
#include <CLI/CLI.hpp>
#include <fstream>
#include <iostream>
#include <sstream>

#include "base/system/files.h"
#include "base/system/system_clock.h"
#include "tests/sim/coverage.h"
#include "tests/sim/simulation.h"

using namespace outpost;
using namespace outpost::sim;

namespace {

void PrintViolations(const Outcome& outcome) {
  std::size_t shown = 0;
  for (const std::string& violation : outcome.violations) {
    if (++shown > 8) break;
    std::cout << "  " << violation.substr(0, 400) << "\n";
  }
  std::cout << std::flush;  // a run of hours may be stopped
}

// One run of a script, and what was told of it.
struct Told {
  Outcome outcome;
  std::vector<std::string> lines;
};
Told RunTold(const Script& script, Plant plant, const std::filesystem::path& folder) {
  Told told;
  told.outcome = Run(script, plant, folder, [&](const std::string& line) { told.lines.push_back(line); });
  return told;
}

// Runs the script twice; what differs, or nothing.
std::string RunTwice(const Script& script, Plant plant, const std::filesystem::path& folder, Outcome& outcome) {
  const Told once = RunTold(script, plant, folder), again = RunTold(script, plant, folder);
  outcome = once.outcome;
  const auto [a, b] = std::mismatch(once.lines.begin(), once.lines.end(), again.lines.begin(), again.lines.end());
  if (a != once.lines.end() || b != again.lines.end())
    return "the same seed went another way, after \"" + (a == once.lines.begin() ? "" : *std::prev(a)) + "\": \"" +
           (a == once.lines.end() ? "" : *a) + "\" and \"" + (b == again.lines.end() ? "" : *b) + "\"";
  return once.outcome.roots == again.outcome.roots ? "" : "the same seed gave another journal";
}

// Each cell and pair that can occur must have been met so often.
constexpr std::uint64_t kLeast = 100;

int Judge(const std::filesystem::path& folder) {
  Coverage sums;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    if (!entry.path().filename().string().starts_with("counts-")) continue;
    const auto one = ReadCoverage(entry.path());
    if (!one) {
      std::cerr << "outpost-sim: " << one.error().context << "\n";
      return 1;
    }
    sums.Add(one.value());
  }
  std::cout << CoverageText(sums);
  const auto uncovered = Uncovered(sums, kLeast);
  for (const std::string& key : uncovered) std::cout << "met too seldom: " << key << "\n";
  return sums.seeds > 0 && sums.failed == 0 && uncovered.empty() ? 0 : 1;
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app{"Simulates clients, server, network and disks, and judges what became of every edit."};
  std::uint64_t seeds = 200, start = 1;
  int minutes = 0, shrink = 400;
  std::string scenario = "all", plant_name = "none", replay, counts, coverage;
  bool twice = false, tell = false;
  app.add_option("--seeds", seeds, "how many worlds");
  app.add_option("--start", start, "the first one's seed");
  app.add_option("--minutes", minutes, "stop after so long");
  app.add_option("--scenario", scenario, "all, conflicts, faults, storm or mail");
  app.add_option("--plant", plant_name, "a planted bug");
  app.add_option("--replay", replay, "a script written by an earlier failure");
  app.add_option("--shrink", shrink, "runs spent on shortening a failing script; 0: none");
  app.add_flag("--twice", twice, "run each seed twice and compare the journals");
  app.add_flag("--tell", tell, "tell what happens in each world");
  app.add_option("--counts", counts, "write what was met to this file");
  app.add_option("--coverage", coverage,
                 "sum the files counts-* of this folder; fails where something was met too seldom");
  CLI11_PARSE(app, argc, argv);
  const auto plant = PlantFromName(plant_name);
  if (!plant) {
    std::cerr << "outpost-sim: no planted bug \"" << plant_name << "\"\n";
    return 2;
  }
  if (!coverage.empty()) return Judge(coverage);
  const auto scratch = MakeTemporaryFolder("outpost-sim-");
  if (!scratch) {
    std::cerr << "outpost-sim: " << scratch.error().context << "\n";
    return 1;
  }
  struct Remove {
    std::filesystem::path folder;
    ~Remove() {
      std::error_code ignored;
      std::filesystem::remove_all(folder, ignored);
    }
  } remove{scratch.value()};

  if (!replay.empty()) {
    std::ifstream file(replay);
    std::stringstream text;
    text << file.rdbuf();
    const auto script = FromText(text.str());
    if (!file || !script) {
      std::cerr << "outpost-sim: " << (script ? "cannot read " + replay : script.error().context) << "\n";
      return 2;
    }
    std::cout << "SEED=" << script.value().seed << "\n";
    const Outcome outcome = Run(script.value(), *plant, scratch.value(),
                                [](const std::string& what) { std::cout << "  " << what << "\n"; });
    PrintViolations(outcome);
    std::cout << (outcome.violations.empty() ? "kept\n" : "broken\n");
    return outcome.violations.empty() ? 0 : 1;
  }

  Coverage sums;
  const SystemClock clock;
  const auto deadline = clock.MonotonicNow() + std::chrono::minutes(minutes);
  for (std::uint64_t seed = start; seed < start + seeds; ++seed) {
    if (minutes > 0 && clock.MonotonicNow() > deadline) break;
    const auto script = WriteScript(seed, scenario);
    if (!script) {
      std::cerr << "outpost-sim: " << script.error().context << "\n";
      return 2;
    }
    Outcome outcome;
    std::string differs;
    if (twice)
      differs = RunTwice(script.value(), *plant, scratch.value(), outcome);
    else
      outcome = Run(script.value(), *plant, scratch.value(),
                    tell ? [](const std::string& what) { std::cout << "  " << what << "\n"; }
                         : std::function<void(const std::string&)>());
    if (!differs.empty()) outcome.violations.push_back(differs);
    sums.Add(outcome);
    if (outcome.violations.empty()) continue;
    std::cout << "SEED=" << seed << " scenario " << scenario << "\n";
    PrintViolations(outcome);
    if (shrink > 0) {
      const Script shorter = Shrink(script.value(), *plant, scratch.value(), shrink);
      const std::string path = "outpost-sim-" + std::to_string(seed) + ".script";
      std::ofstream(path) << ToText(shorter);
      std::cout << "  shortened from " << script.value().steps.size() << " to " << shorter.steps.size() << " steps, in "
                << path << ":\n";
      PrintViolations(Run(shorter, *plant, scratch.value()));
      std::cout << ToText(shorter);
      break;
    }
  }
  std::cout << CoverageText(sums);
  if (!counts.empty())
    if (const auto written = WriteCoverage(sums, counts); !written) {
      std::cerr << "outpost-sim: " << written.error().context << "\n";
      return 1;
    }
  return sums.failed == 0 ? 0 : 1;
}
