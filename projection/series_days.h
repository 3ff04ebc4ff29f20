#pragma once
#include <cstdint>
#include <functional>
#include <optional>

#include "schemas/fields.h"

namespace outpost {

// The value of a field; null where unset.
using FieldValueFn = std::function<Value(FieldId)>;

// How a series repeats, by its fields. What is missing or makes no sense is what the server takes it for: an interval
// of 1, every day of a week, the first of a month. Source: docs/cli.md, "outpost item".
struct SeriesRule {
  enum class Every : std::uint8_t { kDay = 1, kWeek, kMonth, kYear };
  Every every = Every::kDay;
  std::int64_t interval = 1;
  std::uint8_t weekdays = 0;                // bit 0 Sunday … bit 6 Saturday; 0: by day of the month
  std::int64_t day_in_month = 1;            // or, with weekdays, the first to fourth of them, 5 the last
  std::int64_t month = 0;                   // 0 January
  std::optional<std::int64_t> until;        // its last day may be this one
  std::optional<std::int64_t> occurrences;  // where until is not given
};

// Nullopt for an item of `type` (appointment, task) that is no series.
std::optional<SeriesRule> RuleOf(ItemType type, const FieldValueFn& value);

// The days on which a series takes place, whatever became of single ones: whole days since 1970, in the zone of the
// series. Reached by arithmetic, so that a day far from the first costs no more than the next. A day that a month does
// not have is its last one there, as OX says. Pure. Threads: any.
class SeriesDays {
 public:
  // `first`: the day of the series itself, from which the rule counts.
  SeriesDays(const SeriesRule& rule, std::int64_t first);
  // Those in [from, to), ascending, until `visit` answers false.
  void ForEach(std::int64_t from, std::int64_t to, const std::function<bool(std::int64_t day)>& visit) const;
  // The last one; nullopt where there is none, or it lies beyond the year 9999. A series of no day at all ends before
  // its first.
  std::optional<std::int64_t> last() const { return last_; }

 private:
  // Of the n-th day, week, month, year of the rule: its days, ascending.
  void DaysOf(std::int64_t period, const std::function<bool(std::int64_t day)>& visit) const;
  std::int64_t PeriodOf(std::int64_t day) const;  // the last one that begins on or before it
  std::int64_t InMonth(std::int64_t months) const;
  std::optional<std::int64_t> LastByCount(std::int64_t count) const;

  SeriesRule rule_;
  std::int64_t first_;
  std::int64_t origin_;  // the first period: its day, Monday or month
  std::optional<std::int64_t> last_;
};

}  // namespace outpost
