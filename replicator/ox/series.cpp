#include "replicator/ox/series.h"

#include <algorithm>

#include "replicator/ox/cells.h"
#include "replicator/ox/series_read.h"

namespace outpost {
namespace {

constexpr FieldId kPlace[] = {field::kAppointmentDatePosition, field::kAppointmentSeriesId,
                              field::kAppointmentPosition};

template <class T>
const T* Find(const FieldMap& fields, FieldId id) {
  const auto at = fields.find(id);
  return at != fields.end() ? std::get_if<T>(&at->second) : nullptr;
}

}  // namespace

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
