#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "journal/state.h"
#include "projection/folder_rows.h"
#include "schemas/folders.h"
#include "schemas/item_state.h"

namespace outpost {

// A folder as the tree shows it.
struct FolderNode {
  ItemId id{};
  ItemId parent{};               // none where a root holds it
  ItemId root = root::kPrivate;  // at which it, or the topmost above it, stands
  std::string path;              // see ListFolders
  std::string name;              // the title, as it is
  ItemType type{};               // what it holds; kNone for a kind of folder this version does not know
  std::string remote_id;
  FolderCounts counts;  // of what is here, offline edits included
  FolderChange newest;
  std::string_view state;  // ItemStateName
  bool operator==(const FolderNode&) const = default;
};

// What a root is called in a language, "en", "de" or "fr"; English in all others, empty for one that names no folder.
std::string_view RootName(const ItemId& top, std::string_view language);
// The account's setting for that. Errors: kUnavailable.
Result<std::string> LanguageOf(const StateReader& state);

// Every visible folder, sorted by path, each name in the order of SortKey, a parent before its children.
//
// A path is the names from the root down, joined by "/". "/" and "\" inside a name are written "\/" and "\\"; a folder
// without a name is named by its id. A folder whose parent is no visible folder stands at its root: private ones
// without prefix, public ones (type 2) under "Public/", other people's (type 3) under "Shared/", which are called so in
// the account's language (RootName). Where two folders come
// to the same path, the one made first here keeps it and the next ones get " (2)", " (3)", … behind.
//
// Folders that nobody would look for a folder of, those of rules and signatures, are left out (HiddenFolders).
// Errors: kCorrupt, kUnavailable. Takes time in proportion to the folders, not to the items.
Result<std::vector<FolderNode>> ListFolders(const StateReader& state);

// The visible folders that ListFolders leaves out and that hold items of `type`, the oldest first. Errors: as
// ListFolders.
Result<std::vector<ItemId>> HiddenFolders(const StateReader& state, ItemType type);

// The folder with that path, where "Public/" and "Shared/" may begin it in every language, or with that id (32
// hexadecimal digits). Errors: kNotFound (names what was asked for and the nearest paths), kCorrupt, kUnavailable.
Result<FolderNode> FindFolder(const StateReader& state, std::string_view path_or_id);

}  // namespace outpost
