#pragma once
#include "replicator/ox/json_writer.h"
#include "schemas/value.h"

namespace outpost {

// Who may what in a folder (http-api.md 2.5), as the lines of schemas/folders.h, RightsEntry.

// Writes the array of all entries, which replaces the server's: those that came with more than bits as they came.
void WritePermissions(JsonWriter& json, const Value& field);

}  // namespace outpost
