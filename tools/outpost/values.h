#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "engine/json/item_json.h"
#include "projection/folders.h"
#include "schemas/item_state.h"
#include "tools/outpost/output.h"

namespace outpost::cli {

// The fields that "name=value" arguments set: an empty value clears, name=@FILE takes the file's content (@@ stands for
// one @). Dates as YYYY-MM-DD or milliseconds since 1970 UTC, times as YYYY-MM-DDThh:mm[:ss]Z or milliseconds, truth as
// true or false, several texts separated by commas (\, for a comma in one). Errors: kInvalid (no such field, a value of
// another kind, a field that is not set this way), those of ReadFile.
Result<FieldMap> ParseFields(ItemType type, const std::vector<std::string>& arguments);

// The value that `text` is of a column of that kind: as ParseFields reads it, several texts being one here; an id is 32
// hexadecimal digits, a time may be a day (its beginning, UTC). Errors: kInvalid, which begins with `name`.
Result<Value> ParseValueOf(FieldKind kind, const std::string& name, const std::string& text);

// Milliseconds since 1970 UTC of such a text; nullopt for any other.
std::optional<std::int64_t> ParseDate(std::string_view text);
std::optional<std::int64_t> ParseTime(std::string_view text);

// "YYYY-MM-DD hh:mm:ss" UTC.
std::string TimeText(std::int64_t ms);

// The folder of docs/cli.md; its time as text for people.
Json::Object FolderJson(const FolderNode& folder, Form form);

}  // namespace outpost::cli
