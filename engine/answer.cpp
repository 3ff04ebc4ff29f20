#include "engine/answer.h"

#include <utility>

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

}  // namespace outpost
