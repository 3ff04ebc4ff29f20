#pragma once
#include <string>
#include <vector>

#include "base/result.h"

namespace outpost::bench {

// How likely it is that two sets of measurements differ as much as these, or more, where nothing but chance makes them:
// the two-sided test of Mann and Whitney, by counting all ways to share them out (up to 12 in all), else by the normal
// approximation with its correction for ties. 1 where one is empty.
double ChanceOf(const std::vector<double>& a, const std::vector<double>& b);

// What of one run of the bench is another in the other: a table of the figures that both have, ratios where there is a
// floor, with the change of the middle and whether chance alone makes such a one in less than 5 of 100 cases. `before`
// and `after` are what `outpost-bench --json` printed. Errors: kInvalid, which names the side and what is wrong with
// it.
Result<std::string> Compare(const std::string& before, const std::string& after);

}  // namespace outpost::bench
