#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "mapi-adapter/codec/recurrence.h"
#include "schemas/fields.h"

namespace outpost::mapi {

// A rule of recurrence as the fields of tasks and appointments hold it. Days are midnight UTC in milliseconds since
// 1970, whatever zone the series is in. Pure; threads: any.
struct SeriesRule {
  std::int64_t type = 1;                     // 1 daily, 2 weekly, 3 monthly, 4 yearly
  std::int64_t interval = 1;                 // days, weeks, months, years
  std::optional<std::int64_t> days;          // bits from Sunday = 1: weekly; else with day_in_month
  std::optional<std::int64_t> day_in_month;  // 1 to 31; with `days` the n-th, 5 is the last
  std::optional<std::int64_t> month;         // of yearly: 0 is January
  std::optional<std::int64_t> until;         // the last day it may take place
  std::optional<std::int64_t> occurrences;   // instead of `until`
  bool after_completion = false;             // of tasks: the next one comes when this one is done

  bool operator==(const SeriesRule&) const = default;
};

// The day of a moment in a blob, and its midnight in one. Days that a blob cannot hold give its first or its last day.
std::int64_t DayOf(LocalMinutes at);
LocalMinutes MidnightOf(std::int64_t day);

// Errors: kRejected for what no rule here says (another calendar than the Gregorian), kCorrupt for a period that is
// none.
Result<SeriesRule> RuleOf(const RecurrencePattern& pattern);
// The pattern of a rule that first holds on `first_day` or later: with the last day and the number of occurrences that
// it comes to, weeks beginning on `first_day_of_week` (0: Sunday). What the rule leaves open is that of `first_day`.
RecurrencePattern PatternOf(const SeriesRule& rule, std::int64_t first_day, std::uint32_t first_day_of_week = 1);

// The rule in the fields of tasks or appointments, those cleared that it has no word for: an edit as it is. A rule that
// no server holds is left as it is for years with an interval, for the engine knows those (engine/item_rules.h), and is
// a text in local_recurrence where it goes by completion.
FieldMap FieldsOf(const SeriesRule& rule, ItemType type);
// And back; nullopt for an item that is no series.
std::optional<SeriesRule> RuleIn(const FieldMap& item, ItemType type);
// As local_recurrence has it: an RRULE of RFC 5545. Nullopt for what RuleText does not write.
std::string RuleText(const SeriesRule& rule);
std::optional<SeriesRule> RuleFromText(std::string_view text);

}  // namespace outpost::mapi
