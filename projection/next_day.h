#pragma once
#include <cstdint>
#include <optional>
#include <string_view>

namespace outpost {

// The day, midnight UTC in milliseconds since 1970, on which a rule takes place next after `day`, counted from `day` as
// its first one. `rule` is an RRULE of RFC 5545, those of other calendars (RSCALE, RFC 7529) included where the library
// has them; parts that begin with "X-" do not count. Nullopt where it ends before, or is no rule. Threads: any.
std::optional<std::int64_t> NextDay(std::string_view rule, std::int64_t day);

}  // namespace outpost
