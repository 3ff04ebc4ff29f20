#include "tools/oxserver/ical_rule.h"

#include <algorithm>
#include <chrono>
#include <memory>
#include <vector>

#include "tools/oxserver/recurrence.h"

namespace outpost::oxserver {
namespace {

constexpr std::int64_t kDayMs = 86'400'000;
constexpr std::size_t kComparedMax = 600;  // occurrences that both rules must have alike
constexpr std::int64_t kLastOfMonth = 5, kShortestMonth = 28, kEndOfMonth = 31;

struct IteratorEnd {
  void operator()(icalrecur_iterator* iterator) const { icalrecur_iterator_free(iterator); }
};

std::int64_t DayMsOf(const icaltimetype& time) {
  const auto day = std::chrono::sys_days(std::chrono::year(time.year) / time.month / time.day).time_since_epoch();
  return day.count() * kDayMs;
}

std::int64_t DayOf(std::int64_t ms) { return ms - ((ms % kDayMs) + kDayMs) % kDayMs; }

template <std::size_t N>
std::vector<int> List(const short (&values)[N]) {
  std::vector<int> list;
  for (const short value : values) {
    if (value == ICAL_RECURRENCE_ARRAY_MAX) break;
    list.push_back(value);
  }
  return list;
}

// What a rule says of weekdays: their bits from Sunday, and the one position that all have (0: none).
struct Weekdays {
  std::int64_t bits = 0;
  int position = 0;
  bool mixed = false;
};

Weekdays WeekdaysOf(const icalrecurrencetype& rule) {
  Weekdays days;
  bool first = true;
  for (const int value : List(rule.by_day)) {
    const int position = icalrecurrencetype_day_position(static_cast<short>(value));
    const auto weekday = icalrecurrencetype_day_day_of_week(static_cast<short>(value));
    if (weekday < ICAL_SUNDAY_WEEKDAY || weekday > ICAL_SATURDAY_WEEKDAY) continue;
    days.bits |= std::int64_t{1} << (static_cast<int>(weekday) - static_cast<int>(ICAL_SUNDAY_WEEKDAY));
    days.mixed = days.mixed || (!first && position != days.position);
    days.position = position;
    first = false;
  }
  return days;
}

// "28,29,30" at position -1: the 30th, or the last day of a month that is shorter. As OX means a day of the month.
std::optional<std::int64_t> LastOfDays(const std::vector<int>& month_days, const std::vector<int>& positions) {
  if (month_days.size() < 2 || positions.size() != 1 || positions[0] != -1) return std::nullopt;
  for (std::size_t i = 0; i < month_days.size(); ++i)
    if (month_days[i] != kShortestMonth + static_cast<std::int64_t>(i)) return std::nullopt;
  return month_days.back();
}

// The same set by another rule: OX's words for it, which may turn out to say something else.
std::optional<RecurrenceRule> Guess(const icalrecurrencetype& rule, std::int64_t local, const Zone& zone) {
  const std::chrono::sys_days day{std::chrono::days(DayOf(local) / kDayMs)};
  const std::chrono::year_month_day date(day);
  const auto months = List(rule.by_month), month_days = List(rule.by_month_day), positions = List(rule.by_set_pos);
  const Weekdays weekdays = WeekdaysOf(rule);
  const auto last_of_days = LastOfDays(month_days, positions);
  if (weekdays.mixed || months.size() > 1 || (month_days.size() > 1 && !last_of_days) || positions.size() > 1)
    return std::nullopt;
  RecurrenceRule guess;
  guess.interval = rule.interval;
  const auto by_month_day = [&] {
    guess.day_in_month =
        month_days.empty() ? static_cast<std::int64_t>(static_cast<unsigned>(date.day())) : month_days[0];
    if (*guess.day_in_month == -1) guess.day_in_month = kEndOfMonth;
    if (last_of_days) guess.day_in_month = *last_of_days;
  };
  const auto within_month = [&] {
    if (weekdays.bits == 0) return by_month_day();
    const int position = weekdays.position != 0 ? weekdays.position : positions.empty() ? 0 : positions[0];
    guess.days = weekdays.bits;
    guess.day_in_month = position == -1 ? kLastOfMonth : position;
  };
  switch (rule.freq) {
    case ICAL_DAILY_RECURRENCE:
      guess.type = weekdays.bits == 0 ? 1 : 2;
      if (weekdays.bits != 0) guess.days = weekdays.bits;
      break;
    case ICAL_WEEKLY_RECURRENCE:
      guess.type = 2;
      guess.days = weekdays.bits != 0 ? weekdays.bits : std::int64_t{1} << std::chrono::weekday(day).c_encoding();
      break;
    case ICAL_MONTHLY_RECURRENCE:
      guess.type = 3;
      within_month();
      break;
    case ICAL_YEARLY_RECURRENCE:
      guess.type = 4;
      guess.month = months.empty() ? static_cast<std::int64_t>(static_cast<unsigned>(date.month())) - 1 : months[0] - 1;
      within_month();
      break;
    default:
      return std::nullopt;
  }
  if (guess.day_in_month && (*guess.day_in_month < 1 || *guess.day_in_month > kEndOfMonth)) return std::nullopt;
  if (guess.type == 4 && guess.interval != 1) return std::nullopt;
  if (rule.count > 0) {
    guess.occurrences = rule.count;
  } else if (icaltime_is_null_time(rule.until) == 0) {
    const auto days = std::chrono::sys_days(std::chrono::year(rule.until.year) / rule.until.month / rule.until.day);
    std::int64_t until = days.time_since_epoch().count() * kDayMs;
    if (icaltime_is_utc(rule.until) != 0) {
      const auto clock = (rule.until.hour * 60 + rule.until.minute) * 60 + rule.until.second;
      until = DayOf(zone.ToTime(until + clock * std::int64_t{1000}));
    }
    guess.until = until;
  }
  return guess;
}

// The days of a rule as RFC 5545 means it, one after another.
class DaysOfRule {
 public:
  DaysOfRule(icalrecurrencetype rule, icaltimetype start, std::optional<std::int64_t> until) : until_(until) {
    if (until) rule.until = icaltime_null_time();  // compared by days: the time of day there is another zone's
    start.zone = nullptr;
    iterator_.reset(icalrecur_iterator_new(rule, start));
  }
  std::optional<std::int64_t> Next() {
    if (!iterator_) return std::nullopt;
    const icaltimetype next = icalrecur_iterator_next(iterator_.get());
    if (icaltime_is_null_time(next) != 0) return std::nullopt;
    const std::int64_t day = DayMsOf(next);
    return until_ && day > *until_ ? std::nullopt : std::optional(day);
  }

 private:
  std::optional<std::int64_t> until_;
  std::unique_ptr<icalrecur_iterator, IteratorEnd> iterator_;
};

// What a rule says of days, in one way of saying it, as far as there is one.
struct Words {
  icalrecurrencetype_frequency every;
  int interval, count;
  int week_start;  // 0 where it makes no difference
  icalrecurrencetype_skip skip;
  bool other_calendar;
  std::vector<int> seconds, minutes, hours, weekdays, month_days, year_days, weeks, months, positions;
  bool operator==(const Words&) const = default;
};

// `day`: the one that the series begins on, which says what the rule leaves out.
Words WordsOf(const icalrecurrencetype& rule, std::int64_t day) {
  const std::chrono::sys_days begin{std::chrono::days(day / kDayMs)};
  const std::chrono::year_month_day date(begin);
  Words words{rule.freq,
              rule.interval,
              rule.count,
              rule.freq == ICAL_WEEKLY_RECURRENCE && rule.interval > 1 ? static_cast<int>(rule.week_start) : 0,
              rule.skip,
              rule.rscale != nullptr,
              List(rule.by_second),
              List(rule.by_minute),
              List(rule.by_hour),
              List(rule.by_day),
              List(rule.by_month_day),
              List(rule.by_year_day),
              List(rule.by_week_no),
              List(rule.by_month),
              List(rule.by_set_pos)};
  std::sort(words.weekdays.begin(), words.weekdays.end());
  const bool yearly = rule.freq == ICAL_YEARLY_RECURRENCE, monthly = rule.freq == ICAL_MONTHLY_RECURRENCE;
  const bool no_day = words.weekdays.empty() && words.month_days.empty() && words.year_days.empty();
  if (rule.freq == ICAL_WEEKLY_RECURRENCE && no_day)
    words.weekdays = {static_cast<int>(std::chrono::weekday(begin).c_encoding()) + 1};
  if ((yearly || monthly) && no_day && words.weeks.empty()) {
    words.month_days = {static_cast<int>(static_cast<unsigned>(date.day()))};
    if (yearly && words.months.empty()) words.months = {static_cast<int>(static_cast<unsigned>(date.month()))};
  }
  // The second Tuesday of a month is the second of its Tuesdays.
  if ((monthly || (yearly && words.months.size() == 1)) && words.weekdays.size() == 1 && words.positions.empty()) {
    const auto weekday = static_cast<short>(words.weekdays[0]);
    if (const int position = icalrecurrencetype_day_position(weekday); position != 0) {
      words.weekdays = {static_cast<int>(icalrecurrencetype_day_day_of_week(weekday))};
      words.positions = {position};
    }
  }
  return words;
}

// Whether both are the same in other words: then they need not be followed for as long as it takes to compare what they
// give, which for hundreds of years is most of what an import costs.
bool IsSaidBy(const icalrecurrencetype& rule, const icaltimetype& start, std::int64_t day,
              const RecurrenceRule& guess) {
  return DayMsOf(start) == day &&
         WordsOf(rule, day) == WordsOf(icalrecurrencetype_from_string(RuleText(guess).c_str()), day);
}

}  // namespace

std::optional<FieldMap> FieldsOfRule(const icalrecurrencetype& rule, const icaltimetype& start, std::int64_t local,
                                     const Zone& zone) {
  const auto guess = Guess(rule, local, zone);
  if (!guess) return std::nullopt;
  const bool is_said = IsSaidBy(rule, start, DayOf(local), *guess);
  const Zone utc("UTC", {});
  DaysOfRule days(rule, start, guess->until);
  std::size_t compared = 0;
  bool same = true;
  Series(*guess, {DayOf(local), DayOf(local) + kDayMs}, true, utc).ForEach([&](const Occurrence& each) {
    same = (compared > 0 || each.date == DayOf(local)) && (is_said || days.Next() == each.date);
    ++compared;
    return same && !is_said && compared < kComparedMax;
  });
  if (!same || compared == 0) return std::nullopt;
  if (!is_said && compared < kComparedMax && days.Next()) return std::nullopt;
  FieldMap fields{{"recurrence_type", std::to_string(guess->type)}, {"interval", std::to_string(guess->interval)}};
  const auto put = [&](const char* name, std::optional<std::int64_t> number) {
    if (number) fields[name] = std::to_string(*number);
  };
  put("days", guess->days);
  put("day_in_month", guess->day_in_month);
  put("month", guess->month);
  put("until", guess->until);
  put("occurrences", guess->occurrences);
  return fields;
}

}  // namespace outpost::oxserver
