#pragma once
#include <cstdint>

#include "tools/oxserver/world.h"

namespace outpost::oxserver {

// What clients are told at once (http-api.md section 12), by way of LogicOptions::on_event.

// A mail has come into that folder of the user's.
void TellOfMail(const World& world, int user, const Folder& folder, std::int64_t id);
// An object was stored or has gone: where it is an appointment, those in whose calendars it was or is are told.
void TellOfCalendar(const World& world, const Object* before, const Object* after);

}  // namespace outpost::oxserver
