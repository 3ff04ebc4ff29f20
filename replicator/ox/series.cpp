#include "replicator/ox/series.h"

#include <algorithm>
#include <chrono>
#include <cstdio>

#include "replicator/ox/cells.h"
#include "replicator/ox/series_read.h"

namespace outpost {
namespace {

constexpr std::int64_t kDayMs = 86'400'000;
constexpr FieldId kPlace[] = {field::kAppointmentDatePosition, field::kAppointmentSeriesId,
                              field::kAppointmentPosition};

std::string DateText(std::int64_t day, const char* form) {
  const std::chrono::year_month_day date{
      std::chrono::floor<std::chrono::days>(std::chrono::sys_time<std::chrono::milliseconds>(
          std::chrono::milliseconds(std::clamp(day, -100'000 * kDayMs, 3'000'000 * kDayMs))))};
  char text[24];
  std::snprintf(text, sizeof text, form, static_cast<int>(date.year()), static_cast<unsigned>(date.month()),
                static_cast<unsigned>(date.day()));
  return text;
}

template <class T>
const T* Find(const FieldMap& fields, FieldId id) {
  const auto at = fields.find(id);
  return at != fields.end() ? std::get_if<T>(&at->second) : nullptr;
}

}  // namespace

std::string DayText(std::int64_t day) { return DateText(day, "%04d-%02u-%02u"); }

std::string UidOfException(std::string_view series_uid, std::int64_t day) {
  return std::string(series_uid) + DateText(day, "#%04d%02u%02u");
}

void SettlePlace(RemoteRow& row) {
  const auto* series = Find<std::string>(row.fields, field::kAppointmentSeriesId);
  const auto* day = Find<std::int64_t>(row.fields, field::kAppointmentDatePosition);
  if (series == nullptr || *series == row.remote_id || day == nullptr) {
    for (const FieldId field : kPlace) row.fields.erase(field);
    return;
  }
  if (const auto* uid = Find<std::string>(row.fields, field::kAppointmentUid))
    row.fields[field::kAppointmentUid] = UidOfException(*uid, *day);
}

bool ReadDates(od::value cell, Value& out) {
  od::array days;
  if (cell.get_array().get(days)) return false;
  std::vector<std::string> texts;
  for (auto each : days) {
    od::value value;
    std::int64_t day = 0;
    if (each.get(value) || !ReadInt(TokenOf(value), day)) return false;
    texts.push_back(DayText(day));
  }
  std::sort(texts.begin(), texts.end());
  if (texts.empty())
    out = {};
  else
    out = std::move(texts);
  return true;
}

}  // namespace outpost
