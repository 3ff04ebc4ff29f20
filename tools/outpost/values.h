#pragma once
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "journal/state.h"
#include "projection/folders.h"
#include "schemas/item_state.h"
#include "tools/outpost/json.h"
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

// Errors: kInvalid.
Result<ItemId> ParseItemId(std::string_view text);

// Milliseconds since 1970 UTC of such a text; nullopt for any other.
std::optional<std::int64_t> ParseDate(std::string_view text);
std::optional<std::int64_t> ParseTime(std::string_view text);

// One value as reports show it: times as milliseconds, bytes in hexadecimal, a blob as
// {"blob": its id, "size": bytes}.
Json ToJson(const Value& value);
// Fields by name, those the server alone keeps and the folder left out.
Json::Object ToJson(const FieldMap& fields);
std::string FieldName(FieldId field);

// "YYYY-MM-DD hh:mm:ss" UTC.
std::string TimeText(std::int64_t ms);

// Paths of folders by id.
class FolderPaths {
 public:
  FolderPaths() = default;
  // Errors: as ListFolders.
  static Result<FolderPaths> Load(const StateReader& state);
  // The path; the id in hexadecimal for a folder that is not seen; null for none.
  Json Of(const ItemId& folder) const;

 private:
  std::map<ItemId, std::string> paths_;
};

// The item of docs/cli.md.
Json::Object ItemJson(const ItemState& item, const FolderPaths& paths);
// The folder of docs/cli.md.
Json::Object FolderJson(const FolderNode& folder, Form form);

// Null for empty text.
Json TextOrNull(const std::string& text);

}  // namespace outpost::cli
