#pragma once
#include <optional>
#include <string>
#include <string_view>

#include "schemas/item_state.h"

namespace outpost {

// What one says to an invitation, or to a task that one is asked to do. The numbers are those of the field.
enum class Attendance : std::uint8_t { kNone = 0, kAccept = 1, kDecline = 2, kTentative = 3 };
// "accept", "tentative", "decline", "none"; nullopt for anything else.
std::optional<Attendance> AttendanceFromName(std::string_view name);

// The patch that answers it for the user himself, with a message or none; for AccountCommands::Set, so that it works
// offline, may be changed later and is told once. Errors: kInvalid (an item that nobody answers). Pure.
Result<FieldMap> AttendancePatch(const ItemState& item, Attendance reply, std::string message);

}  // namespace outpost
