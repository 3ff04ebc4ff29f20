#pragma once
#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "base/ids.h"
#include "tests/sim/plants.h"
#include "tests/sim/script.h"

namespace outpost::sim {

// What one run came to.
struct Outcome {
  std::vector<std::string> violations;  // empty: all promises were kept
  std::uint64_t operations = 0;         // steps done, and exchanges with the server
  std::uint64_t exchanges = 0;
  std::uint64_t exempted = 0;                   // overwritten changes that the server's stamps could not tell
  std::uint64_t restored_twice = 0;             // items made again by two clients at once, which the server takes
  std::map<std::string, std::uint64_t> cells;   // of the conflict matrix
  std::map<std::string, std::uint64_t> faults;  // "fault / condition of the client it met"
  std::vector<Digest> roots;                    // of the clients' journals
};

// Runs the script's world from its first step until all has healed, in simulated time, on the calling thread. The same
// script gives the same outcome. `scratch` is an existing folder for the clients' lock files.
// `tell` is told what happens, in words.
Outcome Run(const Script& script, Plant plant, const std::filesystem::path& scratch,
            const std::function<void(const std::string&)>& tell = nullptr);

// The shortest script found by leaving out steps that still breaks a promise, within `runs_max` runs.
Script Shrink(const Script& script, Plant plant, const std::filesystem::path& scratch, int runs_max);

}  // namespace outpost::sim
