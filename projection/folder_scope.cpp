#include <algorithm>
#include <map>

#include "projection/contents_table.h"
#include "projection/folders.h"
#include "schemas/folders.h"

namespace outpost {
Result<std::vector<ItemId>> FoldersOf(const StateReader& state, const TableSpec& spec) {
  std::vector<ItemId> folders = spec.also;
  folders.push_back(spec.folder);
  if (spec.below) {
    OUTPOST_TRY(const std::vector<FolderNode> all, ListFolders(state));
    const std::vector<ItemId> above = folders;
    const auto asked = [&](const ItemId& id) { return std::find(above.begin(), above.end(), id) != above.end(); };
    // Parents come before their children.
    std::map<ItemId, bool> inside;
    for (const FolderNode& node : all) {
      const auto parent = inside.find(node.parent);
      const bool in = asked(node.id) || (node.parent ? parent != inside.end() && parent->second : asked(node.root));
      inside.emplace(node.id, in);
      if (in && FieldOwner(node.type) == FieldOwner(spec.content)) folders.push_back(node.id);
    }
  }
  std::sort(folders.begin(), folders.end());
  folders.erase(std::unique(folders.begin(), folders.end()), folders.end());
  return folders;
}

}  // namespace outpost
