#pragma once
#include <string>

#include "base/result.h"

namespace outpost::bench {

// The cost of one item against the number of items, a line for each series of the rows that have sizes, both axes
// logarithmic: an SVG drawing. `run` is what `outpost-bench --json` printed. Errors: kInvalid (not that, or no row of
// it has a size).
Result<std::string> Chart(const std::string& run);

}  // namespace outpost::bench
