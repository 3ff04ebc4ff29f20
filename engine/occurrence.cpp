#include "engine/occurrence.h"

#include <vector>

#include "journal/item_fold.h"
#include "projection/zone.h"
#include "replicator/queue.h"
#include "schemas/series.h"

namespace outpost {
namespace {

constexpr std::int64_t kDayMs = 86'400'000;

std::int64_t DayOf(std::int64_t ms) { return ms - ((ms % kDayMs) + kDayMs) % kDayMs; }

std::optional<std::int64_t> Number(const FieldMap& fields, FieldId id) {
  const auto at = fields.find(id);
  const auto* number = at != fields.end() ? std::get_if<std::int64_t>(&at->second) : nullptr;
  return number != nullptr ? std::optional(*number) : std::nullopt;
}

std::string Text(const FieldMap& fields, FieldId id) {
  const auto at = fields.find(id);
  const auto* text = at != fields.end() ? std::get_if<std::string>(&at->second) : nullptr;
  return text != nullptr ? *text : std::string();
}

// When the series takes place on `day`.
std::int64_t StartOn(const FieldMap& series, std::int64_t start, std::int64_t day) {
  const auto full_time = series.find(field::kAppointmentFullTime);
  if (full_time != series.end() && full_time->second == Value(true)) return day;
  const Zone zone = Zone::Find(Text(series, field::kAppointmentZone)).value_or(Zone());
  const std::int64_t local = zone.ToLocal(start);
  return zone.ToUtc(day + (local - DayOf(local)));
}

Result<FieldMap> SeriesFields(const ItemState& series) {
  FieldMap head = series.Head();
  if (series.type != ItemType::kAppointment || Number(head, field::kAppointmentRecurrenceType).value_or(0) == 0)
    return Error{Code::kInvalid, Retry::kNever, "item " + series.id.Hex() + " is no series of appointments"};
  return head;
}

}  // namespace

Result<FieldMap> ExceptionFields(const ItemState& series, std::int64_t day, const FieldMap& patch) {
  OUTPOST_TRY(FieldMap fields, SeriesFields(series));
  const auto start = Number(fields, field::kAppointmentStart), end = Number(fields, field::kAppointmentEnd);
  const std::string uid = Text(fields, field::kAppointmentUid);
  if (start) {
    const std::int64_t there = StartOn(fields, *start, day);
    fields[field::kAppointmentStart] = there;
    if (end) fields[field::kAppointmentEnd] = there + (*end - *start);
  }
  for (auto at = fields.begin(); at != fields.end();) {
    const Field* known = FindField(at->first);
    const bool rule = at->first >= field::kAppointmentRecurrenceType && at->first <= field::kAppointmentOccurrences;
    const bool kept = known != nullptr && known->sync == Sync::kBoth && !rule &&
                      at->first != field::kAppointmentDeleted && at->first != field::kAppointmentSequence &&
                      at->first != field::kAppointmentFolder;
    at = kept ? at + 1 : fields.erase(at);
  }
  const auto moved = Number(patch, field::kAppointmentStart);
  if (moved && !patch.contains(field::kAppointmentEnd) && start && end)
    fields[field::kAppointmentEnd] = *moved + (*end - *start);
  for (const auto& [id, value] : patch) fields[id] = value;
  fields[field::kAppointmentDatePosition] = day;
  fields[field::kAppointmentUid] = UidOfException(uid, day);
  return fields;
}

Result<void> CheckMoves(const ItemState& item, const ItemId& folder) {
  if (item.type != ItemType::kAppointment || item.Folder() == folder) return Ok();
  const FieldMap head = item.Head();
  const bool day = head.contains(field::kAppointmentDatePosition);
  if (!day && Number(head, field::kAppointmentRecurrenceType).value_or(0) == 0) return Ok();
  return Error{Code::kInvalid, Retry::kNever,
               std::string(day ? "one day of a series" : "a series of appointments") +
                   " stays in its folder: no server moves item " + item.id.Hex()};
}

Result<FieldMap> DroppedDay(const ItemState& series, std::int64_t day) {
  OUTPOST_TRY(const FieldMap head, SeriesFields(series));
  std::vector<std::string> days;
  const auto at = head.find(field::kAppointmentDeleted);
  if (const auto* before = at != head.end() ? std::get_if<std::vector<std::string>>(&at->second) : nullptr)
    days = *before;
  days.push_back(DayText(day));
  return FieldMap{{field::kAppointmentDeleted, std::move(days)}};
}

Result<std::optional<ItemId>> ExceptionOn(const StateReader& state, const ItemState& series, std::int64_t day) {
  OUTPOST_TRY(const FieldMap head, SeriesFields(series));
  OUTPOST_TRY(const std::optional<ItemId> id,
              FindByUid(state, UidOfException(Text(head, field::kAppointmentUid), day)));
  if (!id) return id;
  OUTPOST_TRY(const std::optional<ItemState> item, LoadItem(state, *id));
  return item && item->Visible() ? id : std::nullopt;
}

}  // namespace outpost
