#pragma once
#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "base/result.h"
#include "tests/sim/simulation.h"

namespace outpost::sim {

// What a client can be at.
const std::vector<const char*>& Conditions();
// Whether something of this kind can meet a client at any of them.
bool MeetsConditions(StepKind kind);

// What many runs met together.
struct Coverage {
  std::uint64_t seeds = 0;
  std::uint64_t failed = 0;
  std::uint64_t operations = 0;
  std::uint64_t exchanges = 0;
  std::uint64_t exempted = 0;
  std::uint64_t restored_twice = 0;
  std::map<std::string, std::uint64_t> cells;   // of the conflict matrix: "policy: here / there"
  std::map<std::string, std::uint64_t> faults;  // "fault / condition of the client"

  void Add(const Outcome& outcome);
  void Add(const Coverage& other);
};

// One line a number. Errors: kUnavailable, kInvalid (named by line).
Result<void> WriteCoverage(const Coverage& coverage, const std::filesystem::path& file);
Result<Coverage> ReadCoverage(const std::filesystem::path& file);

// The table, and what cannot occur with the reason.
std::string CoverageText(const Coverage& coverage);

// Cells and pairs that can occur and were met less than `least` times.
std::vector<std::string> Uncovered(const Coverage& coverage, std::uint64_t least);

}  // namespace outpost::sim
