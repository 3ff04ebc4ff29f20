#include "schemas/series.h"

#include <algorithm>
#include <charconv>
#include <chrono>
#include <cstdio>

namespace outpost {
namespace {

constexpr std::int64_t kDayMs = 86'400'000;
constexpr std::size_t kUidSuffix = 9;  // "#20240326"

std::string DateText(std::int64_t day, const char* form) {
  using std::chrono::days, std::chrono::milliseconds, std::chrono::sys_time;
  const std::chrono::year_month_day date{std::chrono::floor<days>(
      sys_time<milliseconds>(milliseconds(std::clamp(day, -700'000 * kDayMs, 2'900'000 * kDayMs))))};
  char text[24];
  std::snprintf(text, sizeof text, form, static_cast<int>(date.year()), static_cast<unsigned>(date.month()),
                static_cast<unsigned>(date.day()));
  return text;
}

bool AreDigits(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

unsigned Number(std::string_view digits) {
  unsigned number = 0;
  std::from_chars(digits.data(), digits.data() + digits.size(), number);
  return number;
}

}  // namespace

std::string DayText(std::int64_t day) { return DateText(day, "%04d-%02u-%02u"); }

std::optional<std::int64_t> DayFromText(std::string_view text) {
  if (text.size() != 10 || text[4] != '-' || text[7] != '-') return std::nullopt;
  const auto year = text.substr(0, 4), month = text.substr(5, 2), day = text.substr(8, 2);
  if (!AreDigits(year) || !AreDigits(month) || !AreDigits(day)) return std::nullopt;
  const std::chrono::year_month_day date(std::chrono::year(static_cast<int>(Number(year))),
                                         std::chrono::month(Number(month)), std::chrono::day(Number(day)));
  if (!date.ok()) return std::nullopt;
  return std::chrono::sys_days(date).time_since_epoch().count() * kDayMs;
}

std::string UidOfException(std::string_view series_uid, std::int64_t day) {
  return std::string(series_uid) + DateText(day, "#%04d%02u%02u");
}

std::optional<std::string_view> SeriesUidOf(std::string_view exception_uid) {
  if (exception_uid.size() < kUidSuffix) return std::nullopt;
  const auto at = exception_uid.size() - kUidSuffix;
  if (exception_uid[at] != '#' || !AreDigits(exception_uid.substr(at + 1))) return std::nullopt;
  return exception_uid.substr(0, at);
}

FieldId ReplacedDayOf(ItemType type) { return type == ItemType::kAppointment ? field::kAppointmentDatePosition : 0; }
FieldId DroppedDaysOf(ItemType type) { return type == ItemType::kAppointment ? field::kAppointmentDeleted : 0; }

}  // namespace outpost
