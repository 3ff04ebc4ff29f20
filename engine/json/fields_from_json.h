#pragma once
#include <string_view>

#include "schemas/item_state.h"

namespace outpost {

// The fields of an item of `type` that an object of JSON sets, by the names and in the form in which an item is told
// (item_json.h): texts, whole numbers, numbers with at most two places, truth, times and days as milliseconds since
// 1970 UTC, several texts as an array, bytes in hexadecimal. null clears. So what was told can be given back.
// Errors: kInvalid (no object; no such field; a value of another kind, or of a field that is not set this way: a
// folder, a blob, what the server alone sets), which names the field, never its value.
Result<FieldMap> FieldsFromJson(ItemType type, std::string_view json);

}  // namespace outpost
