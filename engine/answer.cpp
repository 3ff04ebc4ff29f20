#include "engine/answer.h"

#include <utility>

#include "engine/edits.h"
#include "engine/occurrence.h"

namespace outpost {

std::optional<Attendance> AttendanceFromName(std::string_view name) {
  for (const auto& [reply, word] : {std::pair{Attendance::kNone, "none"},
                                    {Attendance::kAccept, "accept"},
                                    {Attendance::kDecline, "decline"},
                                    {Attendance::kTentative, "tentative"}})
    if (name == word) return reply;
  return std::nullopt;
}

Result<FieldMap> AttendancePatch(const ItemState& item, Attendance reply, std::string message) {
  const field::AnswerFields fields = field::AnswerOf(item.type);
  if (fields.answer == 0)
    return Error{Code::kInvalid, Retry::kNever,
                 std::string("nobody answers an item of type ") + ItemTypeName(item.type)};
  FieldMap patch;
  patch[fields.answer] = reply == Attendance::kNone ? Value{} : Value(static_cast<std::int64_t>(reply));
  patch[fields.message] = message.empty() ? Value{} : Value(std::move(message));
  return patch;
}

Result<FieldMap> AnsweredDay(const ItemState& series, std::int64_t day, Attendance reply, std::string message) {
  OUTPOST_TRY(FieldMap patch, AttendancePatch(series, reply, std::move(message)));
  patch[field::kAppointmentAnswersDay] = true;
  return ExceptionFields(series, day, patch);
}

Batch AnswerDayEvents(const ItemId& id, const ItemId& folder, FieldMap fields, const std::function<OpId()>& new_op) {
  ChangeBody answer;
  for (const FieldId each : {field::kAppointmentAnswer, field::kAppointmentAnswerMessage}) {
    const auto at = fields.find(each);
    answer.patch[each] = at != fields.end() ? at->second : Value{};
    if (at != fields.end()) fields.erase(at);
  }
  Batch events{CreateEvent(id, ItemType::kAppointment, folder, std::move(fields), new_op())};
  events.push_back({Kind::kLocalChanged, Origin::kUser, ItemType::kAppointment, id, new_op(), Encode(answer)});
  return events;
}

}  // namespace outpost
