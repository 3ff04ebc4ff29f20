#pragma once
#include "replicator/ox/json_read.h"
#include "schemas/value.h"

namespace outpost {

// For row_read.cpp: an array of permissions as the lines of replicator/ox/permissions.h, in order, since servers keep
// none. False where the cell is of another shape than http-api.md gives, or has no bits (mail folders have letters).
bool ReadPermissions(od::value cell, Value& out);

}  // namespace outpost
