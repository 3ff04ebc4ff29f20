#pragma once
#include <string>

#include "replicator/dialect.h"
#include "replicator/ox/json_writer.h"
#include "schemas/value.h"

namespace outpost {

// Who takes part in a task or an appointment (http-api.md 3.1), as texts: "user:3", "group:0", "resource:4",
// "resource_group:5", or for somebody outside his address, "ada@example.org" or "Ada Lovelace <ada@example.org>".

// Writes the array of objects for such texts; null for none. Any text that names nobody inside is taken for an address:
// the server says what is none.
void WriteParticipants(JsonWriter& json, const Value& texts);

// What the user himself has answered, from what all have: field::AnswerOf of the row. Nothing where he takes no part.
void NoteOwnAnswer(const std::string& user_id, RemoteRow& row);

}  // namespace outpost
