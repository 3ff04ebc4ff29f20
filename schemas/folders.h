#pragma once
#include <cstdint>
#include <string_view>

#include "base/ids.h"
#include "schemas/value.h"

namespace outpost {

// The tops of the tree: no items, and the same in every account; what the server calls them only its dialect knows.
// Folders name them as their parent.
namespace root {
inline constexpr ItemId kPrivate{{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1}};
inline constexpr ItemId kPublic{{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2}};
inline constexpr ItemId kShared{{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 3}};
}  // namespace root
inline bool IsRoot(const ItemId& folder) {
  return folder == root::kPrivate || folder == root::kPublic || folder == root::kShared;
}

// Values of field::kFolderType: whose the folder is, as the account's user sees it.
inline constexpr std::int64_t kFolderPrivate = 1;
inline constexpr std::int64_t kFolderPublic = 2;
inline constexpr std::int64_t kFolderShared = 3;

// What one may do in a folder: the value of field::kFolderOwnRights taken apart. Of what is in it 1 means one's own, 2
// everything; 64 means all there is, also where a server has levels above those.
struct FolderRights {
  int folder = 0;  // 1 sees it, 2 makes items, 4 makes folders below it; each with what comes before
  int read = 0;
  int write = 0;
  int remove = 0;
  bool admin = false;  // renames, moves and deletes it, says who may what

  bool operator==(const FolderRights&) const = default;
  bool MayMakeFolders() const { return folder >= 4; }
};
// Every bit pattern has a meaning; only 0, 1, 2, 4 and 64 are levels. Pure. Source: fields.tsv, own_rights.
FolderRights RightsFromBits(std::int64_t bits);
std::int64_t BitsOfRights(const FolderRights& rights);
// Of who makes a folder.
inline constexpr FolderRights kOwnerRights{64, 64, 64, 64, true};

}  // namespace outpost
