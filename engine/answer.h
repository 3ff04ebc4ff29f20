#pragma once
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "journal/journal.h"
#include "schemas/item_state.h"

namespace outpost {

// What one says to an invitation, or to a task that one is asked to do. The numbers are those of the field.
enum class Attendance : std::uint8_t { kNone = 0, kAccept = 1, kDecline = 2, kTentative = 3 };
// "accept", "tentative", "decline", "none"; nullopt for anything else.
std::optional<Attendance> AttendanceFromName(std::string_view name);

// The patch that answers it for the user himself, with a message or none; for AccountCommands::Set, so that it works
// offline, may be changed later and is told once. Errors: kInvalid (an item that nobody answers). Pure.
Result<FieldMap> AttendancePatch(const ItemState& item, Attendance reply, std::string message);

// What answering one day of a series becomes where that day has no item of its own yet (engine/occurrence.h): the
// fields of a new item, for AccountCommands::Create. Errors: kInvalid (no series of appointments). Pure, but for zone
// files.
Result<FieldMap> AnsweredDay(const ItemState& series, std::int64_t day, Attendance reply, std::string message);

// The events of such a create: the day as its series has it, and the answer as an edit of its own.
Batch AnswerDayEvents(const ItemId& id, const ItemId& folder, FieldMap fields, const std::function<OpId()>& new_op);

}  // namespace outpost
