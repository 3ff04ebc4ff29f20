#pragma once
#include <cstdint>
#include <string>

#include "base/result.h"

namespace outpost::cli {

struct DemoOptions {
  std::uint64_t items = 5000;
  std::string import_folder;  // empty: invented contacts
  std::string data;           // empty: a new temporary directory
  bool json = false;
};

// Tells the whole story on an embedded server: first sync, edits on both sides while offline, a cut connection, a
// killed process, convergence; then the report. The data directory stays. Exit code 0 when all that was promised held,
// else 1.
Result<int> RunDemo(const DemoOptions& options);

}  // namespace outpost::cli
