#pragma once
#include <string>
#include <string_view>

#include "projection/series_days.h"

namespace outpost {

// The rule of a series as the value of an RRULE (RFC 5545) that takes place on the same days. `until` as
// RRULE writes it, empty where there is no such end. Pure. Threads: any.
std::string RuleText(const SeriesRule& rule, std::string_view until);

}  // namespace outpost
