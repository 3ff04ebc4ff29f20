#include "inspect/rule_text.h"

#include <bit>
#include <chrono>

namespace outpost {
namespace {

constexpr std::int64_t kLastInMonth = 5;
constexpr std::int64_t kShortestMonth = 28, kLongestMonth = 31;

std::string Weekdays(std::uint8_t bits, const std::string& position) {
  constexpr const char* kNames[] = {"SU", "MO", "TU", "WE", "TH", "FR", "SA"};
  std::string out;
  for (std::size_t day = 0; day < 7; ++day)
    if ((bits >> day & 1) != 0) out += (out.empty() ? "" : ",") + position + kNames[day];
  return out;
}

// The one day of a month; a day that a month does not have is its last one, as OX says.
std::string WithinMonth(const SeriesRule& rule) {
  if (rule.weekdays != 0) {
    const std::string position = rule.day_in_month >= kLastInMonth ? "-1" : std::to_string(rule.day_in_month);
    if (std::popcount(rule.weekdays) == 1) return ";BYDAY=" + Weekdays(rule.weekdays, position);
    return ";BYDAY=" + Weekdays(rule.weekdays, {}) + ";BYSETPOS=" + position;
  }
  if (rule.day_in_month <= kShortestMonth) return ";BYMONTHDAY=" + std::to_string(rule.day_in_month);
  if (rule.day_in_month >= kLongestMonth) return ";BYMONTHDAY=-1";
  std::string days;
  for (std::int64_t day = kShortestMonth; day <= rule.day_in_month; ++day)
    days += (days.empty() ? "" : ",") + std::to_string(day);
  return ";BYMONTHDAY=" + days + ";BYSETPOS=-1";
}

}  // namespace

std::string RuleText(const SeriesRule& rule, std::string_view until) {
  using Every = SeriesRule::Every;
  std::string out = "FREQ=";
  switch (rule.every) {
    case Every::kDay:
      out += "DAILY";
      break;
    case Every::kWeek:
      out += "WEEKLY";
      break;
    case Every::kMonth:
      out += "MONTHLY";
      break;
    case Every::kYear:
      out += "YEARLY";
      break;
  }
  if (rule.interval > 1) out += ";INTERVAL=" + std::to_string(rule.interval);
  constexpr std::uint8_t kAllDays = 127;
  if (rule.every == Every::kWeek) out += ";BYDAY=" + Weekdays(rule.weekdays != 0 ? rule.weekdays : kAllDays, {});
  if (rule.every == Every::kYear) out += ";BYMONTH=" + std::to_string(rule.month + 1);
  if (rule.every == Every::kMonth || rule.every == Every::kYear) out += WithinMonth(rule);
  if (!until.empty())
    out += ";UNTIL=" + std::string(until);
  else if (rule.occurrences)
    out += ";COUNT=" + std::to_string(*rule.occurrences);
  return out;
}

}  // namespace outpost
