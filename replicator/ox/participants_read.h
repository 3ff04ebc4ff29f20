#pragma once
#include "replicator/ox/json_read.h"
#include "schemas/value.h"

// For row_read.cpp. All return false where the cell is of another shape than http-api.md gives.
namespace outpost {

// An array of participants as the texts of replicator/ox/participants.h; null for none.
bool ReadParticipants(od::value cell, Value& out);
// An array of users with what each has answered: "user:3 none", "user:4 declined Message"; null for none.
bool ReadUsers(od::value cell, Value& out);
// An array of people outside with what each has answered: "ada@example.org none"; null for none.
bool ReadConfirmations(od::value cell, Value& out);

}  // namespace outpost
