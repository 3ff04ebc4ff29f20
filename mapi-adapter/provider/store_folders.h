#pragma once
#include <optional>
#include <string>
#include <vector>

#include "mapi-adapter/provider/open_store.h"
#include "projection/folders.h"

namespace outpost::mapi {

// A folder as MAPI's tree has it: what the account has, and above it the root, the subtree that people see, and in that
// what holds public and shared folders, where there are any. Their ids are those of schemas/folders.h; the root's is
// the zero id.
struct StoreFolder {
  ItemId id{}, parent{};
  std::string name;
  ItemType content{};  // kNone: what holds folders only
  std::uint64_t total = 0, unread = 0;
  bool has_folders = false;
  std::int32_t depth = 0;  // below the folder that was asked about
};

// All of them, each behind its parent, as the tree shows them. Errors: those of ListFolders.
Result<std::vector<StoreFolder>> StoreFolders(const OpenStore& store);
// Those directly in `parent`, or with `deep` all below it; each with its depth.
std::vector<StoreFolder> FoldersIn(const std::vector<StoreFolder>& all, const ItemId& parent, bool deep);
std::optional<StoreFolder> FolderNamed(const std::vector<StoreFolder>& all, const ItemId& id);

// What a folder is in properties whatever anybody sets. Errors: kCorrupt, kUnavailable.
Result<std::vector<Prop>> GivenPropsOfFolder(const OpenStore& store, const StoreFolder& folder);
// The same with what is kept of it, in a table and as an object alike. Errors: likewise.
Result<std::vector<Prop>> PropsOfFolder(const OpenStore& store, const StoreFolder& folder);

}  // namespace outpost::mapi
