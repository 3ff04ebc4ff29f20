#pragma once
#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "tools/oxserver/zones.h"

namespace outpost::oxserver {

// The pattern of a series (http-api.md 6.3).
struct RecurrenceRule {
  std::int64_t type = 0;  // 1 daily, 2 weekly, 3 monthly, 4 yearly
  std::int64_t interval = 1;
  std::optional<std::int64_t> days = {};  // bit 0 Sunday … bit 6 Saturday
  std::optional<std::int64_t> day_in_month = {};
  std::optional<std::int64_t> month = {};        // 0 January
  std::optional<std::int64_t> until = {};        // the last day, inclusive; midnight UTC
  std::optional<std::int64_t> occurrences = {};  // how many
};

// The same as RFC 5545 writes it. A day that a month does not have is its last one there, which OX says and RFC 5545
// does not.
std::string RuleText(const RecurrenceRule& rule);

// A stretch of time, the end exclusive: UTC instants, or days at midnight UTC; milliseconds since 1970.
struct Span {
  std::int64_t start = 0;
  std::int64_t end = 0;
};

// One time that a series takes place.
struct Occurrence {
  std::int64_t position = 0;  // 1-based; deleted ones count
  std::int64_t date = 0;      // its day in the zone of the series, midnight UTC
  Span time;
};

// All occurrences of a series by its rule, whatever became of them, found by libical. They keep the time of day in the
// zone of the series across changes of its offset, and their length. Threads: any; `zone` outlives it.
class Series {
 public:
  // No series is followed further than this, so that one that never ends does not end a call.
  static constexpr std::int64_t kOccurrencesMax = 20'000;

  // `first`: the time of the series itself, from which the rule counts.
  Series(const RecurrenceRule& rule, Span first, bool full_time, const Zone& zone);
  // In order, until `visit` returns false. Nothing for a rule that cannot be read.
  void ForEach(const std::function<bool(const Occurrence&)>& visit) const;
  std::optional<Occurrence> At(std::int64_t position) const;
  std::optional<Occurrence> On(std::int64_t date) const;

 private:
  std::string rule_;
  Span first_;
  bool full_time_;
  const Zone* zone_;
};

}  // namespace outpost::oxserver
