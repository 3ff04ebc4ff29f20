#pragma once
#include "tools/oxserver/object_module.h"

// Participants of tasks and appointments (http-api.md 3.1).
namespace outpost::oxserver {

// The literal of the column participants: an array of {"type","id"}, or {"type":5,"mail","display_name"} for somebody
// who is no user here. One whose mail address is that of a user becomes that user. `codes.no_mail` is for an external
// one without an address, `codes.unreadable` for what is no list of participants.
struct ParticipantCodes {
  const char* no_mail;
  const char* unreadable;
};
Api<std::string> ParticipantsLiteral(const World& world, const ParticipantCodes& codes, const Json& value);

// The literal of the column users: who takes part, groups resolved, each with the confirmation that `users_before` has
// of him. Empty where `participants` is.
std::string UsersLiteral(const World& world, std::string_view participants, std::string_view users_before);

// `users` with the confirmation of one of them; nullopt where he is none of them.
std::optional<std::string> Confirmed(std::string_view users, int user, std::int64_t confirmation,
                                     std::string_view message);

}  // namespace outpost::oxserver
