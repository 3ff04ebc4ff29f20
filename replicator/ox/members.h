#pragma once
#include "replicator/ox/json_writer.h"
#include "schemas/value.h"

// Members of a distribution list (http-api.md 4) as one text, a line each: "Ada <ada@example.org>" for a free address,
// "contact:78@31/1 Ada <ada@example.org>" for the first address of the contact 78 in folder 31. What else a server
// keeps of a member (the name it is sorted by) stands behind a tab. Threads: any.
namespace outpost {

// An array, or null. A line that names no address and no contact goes as it is: the server says what is wrong.
void WriteMembers(JsonWriter& json, const Value& text);

}  // namespace outpost
