#include "engine/search_folders.h"

#include "projection/account.h"
#include "projection/folders.h"
#include "projection/sort_key.h"
#include "schemas/folders.h"

namespace outpost {
namespace {

Result<void> PutDefinition(AccountCommands& commands, const ItemId& id, std::string value) {
  SettingsBody settings;
  settings.settings.emplace_back(SearchFolderSetting(id), std::move(value));
  return commands.PutSettings(std::move(settings));
}

Result<void> CheckScope(const StateReader& state, const TableSpec& spec) {
  std::vector<ItemId> folders = spec.also;
  folders.push_back(spec.folder);
  for (const ItemId& folder : folders) {
    if (IsRoot(folder)) continue;
    OUTPOST_TRYV(FindFolder(state, folder.Hex()));
  }
  return Ok();
}

}  // namespace

Result<void> PutSearchFolder(AccountCommands& commands, const StateReader& state, const SearchFolder& folder) {
  OUTPOST_TRY(std::string value, WriteSearchFolder(folder));
  OUTPOST_TRYV(CheckScope(state, folder.spec));
  OUTPOST_TRY(const auto all, ListSearchFolders(state));
  for (const SearchFolder& other : all)
    if (other.id != folder.id && SortKey(other.name) == SortKey(folder.name))
      return Error{Code::kConflict, Retry::kNever, "there is a search folder of that name already: " + other.id.Hex()};
  return PutDefinition(commands, folder.id, std::move(value));
}

Result<void> RemoveSearchFolder(AccountCommands& commands, const StateReader& state, const ItemId& id) {
  OUTPOST_TRY(const auto stored, ReadSetting(state, SearchFolderSetting(id)));
  if (!stored) return Error{Code::kNotFound, Retry::kNever, "there is no search folder " + id.Hex()};
  return PutDefinition(commands, id, {});
}

}  // namespace outpost
