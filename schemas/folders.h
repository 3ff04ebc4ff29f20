#pragma once
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

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
// Whether servers know all of its levels.
bool AreLevels(const FolderRights& rights);

// The nine levels by which people know rights, and none.
struct RightsLevel {
  const char* name;
  FolderRights rights;
};
std::span<const RightsLevel> RightsLevels();
// "none", "contributor", …, "owner"; "custom" for bits that are no level.
const char* LevelName(std::int64_t bits);
// The bits of a level, of five numbers "folder,read,write,delete,admin", or of the number itself; nullopt where the
// text is none of these, or has a level that servers do not know.
std::optional<std::int64_t> BitsFromText(std::string_view text);

// One entry of field::kFolderPermissions, a line each, in ascending order: who, his bits as a number, and where
// the server said more of it than that (guests, links) all that it said, as it came, so that it goes back as it was:
// "user:3 403710016", "group:0 257", "guest:7 257 {…}".
struct RightsEntry {
  std::string who;
  std::int64_t bits = 0;
  std::string rest = {};
};
std::optional<RightsEntry> ParseRights(std::string_view text);
std::string RightsText(const RightsEntry& entry);
// The lines of the field, and the field of such lines, which are put in order; null for none.
std::vector<std::string> RightsLines(const Value& field);
Value RightsField(std::vector<std::string> lines);

}  // namespace outpost
