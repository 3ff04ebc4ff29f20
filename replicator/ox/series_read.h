#pragma once
#include "replicator/ox/json_read.h"
#include "schemas/value.h"

// For row_read.cpp.
namespace outpost {

// An array of days as texts, "2024-03-26"; null for none. False where the cell is of another shape.
bool ReadDates(od::value cell, Value& out);

}  // namespace outpost
