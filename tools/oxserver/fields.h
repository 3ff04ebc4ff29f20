#pragma once
#include <map>
#include <string>

namespace outpost::oxserver {

// Values of a contact by the names of http-api.md 4.1. Numbers, dates (milliseconds since 1970 UTC) and booleans
// ("true", "false") as text; an empty value means none, and removes the field in an update.
using FieldMap = std::map<std::string, std::string>;

// `fields` as a JSON object of the wire, each value in its column's type; names that are no columns go as strings.
std::string FieldsToJson(const FieldMap& fields);

}  // namespace outpost::oxserver
