#pragma once
#include "replicator/ox/json_read.h"
#include "schemas/value.h"

// For row_read.cpp.
namespace outpost {

// False where the cell is no array of members.
bool ReadMembers(od::value& cell, Value& out);

}  // namespace outpost
