#pragma once
#include <map>
#include <string>
#include <string_view>

#include "engine/json/json.h"
#include "journal/state.h"
#include "projection/folders.h"
#include "schemas/item_state.h"

namespace outpost {

// Errors: kInvalid.
Result<ItemId> ParseItemId(std::string_view text);

// One value as reports show it: times as milliseconds, bytes in hexadecimal, a blob as
// {"blob": its id, "size": bytes}.
Json ToJson(const Value& value);
// Fields by name, those the server alone keeps and the folder left out.
Json::Object ToJson(const FieldMap& fields);
std::string FieldName(FieldId field);

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
Json::Object FolderJson(const FolderNode& folder);

// Null for empty text.
Json TextOrNull(const std::string& text);

}  // namespace outpost
