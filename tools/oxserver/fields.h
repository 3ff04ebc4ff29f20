#pragma once
#include <map>
#include <string>

#include "tools/oxserver/columns.h"

namespace outpost::oxserver {

// Values of an object by the names of http-api.md 4.1 and 5. Numbers, dates (milliseconds since 1970 UTC), booleans
// ("true", "false") and arrays (as JSON) as text; an empty value means none, and removes the field in an update.
using FieldMap = std::map<std::string, std::string>;

// `fields` as a JSON object of the wire, each value in its column's type; names that are no columns go as strings.
std::string FieldsToJson(const ColumnTable& columns, const FieldMap& fields);

}  // namespace outpost::oxserver
