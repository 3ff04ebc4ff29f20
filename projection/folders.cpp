#include "projection/folders.h"

#include <algorithm>
#include <map>
#include <set>

#include "journal/item_fold.h"
#include "projection/account.h"
#include "projection/nearest.h"
#include "projection/sort_key.h"
#include "projection/tables.h"
#include "schemas/folders.h"

namespace outpost {
namespace {

template <class T>
T ValueOr(const ItemState& item, FieldId id, T fallback) {
  Value value = item.HeadValue(id);
  auto* found = std::get_if<T>(&value);
  return found != nullptr ? std::move(*found) : fallback;
}

// A folder while the tree is being put together.
struct Draft {
  FolderNode node;
  std::int64_t type = 0;           // field::kFolderType
  bool entered = false;            // its path is being or has been made
  std::vector<std::string> order;  // the sort key of each name on its path
};
using Drafts = std::map<ItemId, Draft>;  // by id: those made first come first

Result<Draft> Load(const StateReader& state, const ItemId& id) {
  OUTPOST_TRY(const std::optional<ItemState> item, LoadItem(state, id));
  if (!item) return Error{Code::kCorrupt, Retry::kNever, "the listed folder " + id.Hex() + " has no row"};
  Draft draft;
  draft.node.id = id;
  draft.node.parent = item->Folder();
  draft.node.name = ValueOr<std::string>(*item, field::kFolderTitle, {});
  draft.node.type = ItemTypeFromName(ValueOr<std::string>(*item, field::kFolderModule, {})).value_or(ItemType::kNone);
  draft.node.remote_id = item->remote_id;
  draft.node.state = ItemStateName(*item);
  draft.type = ValueOr<std::int64_t>(*item, field::kFolderType, 0);
  OUTPOST_TRY(draft.node.counts, ReadFolderCounts(state, id));
  OUTPOST_TRY(draft.node.newest, ReadFolderChange(state, id));
  return draft;
}

Result<Drafts> LoadAll(const StateReader& state) {
  std::vector<ItemId> ids;
  OUTPOST_TRYV(state.Scan(kFoldersTable, {}, {}, [&](std::string_view key, std::string_view) {
    if (const auto id = ItemId::FromView(key)) ids.push_back(*id);
    return true;
  }));
  Drafts drafts;
  for (const ItemId& id : ids) {
    OUTPOST_TRY(Draft draft, Load(state, id));
    drafts.emplace_hint(drafts.end(), id, std::move(draft));
  }
  return drafts;
}

std::string Escaped(const FolderNode& node) {
  if (node.name.empty()) return node.id.Hex();
  std::string out;
  for (const char c : node.name) {
    if (c == '/' || c == '\\') out.push_back('\\');
    out.push_back(c);
  }
  return out;
}

// Gives `draft` its path; `parent` has its own already, null for a root.
void Place(Draft& draft, const Draft* parent, std::string_view language, std::set<std::string, std::less<>>& taken) {
  std::string prefix;
  if (parent != nullptr) {
    prefix = parent->node.path + "/";
    draft.node.root = parent->node.root;
    draft.order = parent->order;
  } else {
    // A folder that was moved here to another root still has the type that the server knows.
    const bool is_private = draft.node.parent == root::kPrivate;
    const bool is_public = draft.node.parent == root::kPublic || (!is_private && draft.type == kFolderPublic);
    if (is_public) draft.node.root = root::kPublic;
    if (!is_public && !is_private && draft.type == kFolderShared) draft.node.root = root::kShared;
    draft.node.parent = {};
    if (const std::string_view name = RootName(draft.node.root, language); !name.empty()) {
      prefix = std::string(name) + "/";
      draft.order = {SortKey(name)};
    }
  }
  const std::string plain = prefix + Escaped(draft.node);
  draft.node.path = plain;
  for (int copy = 2; !taken.insert(draft.node.path).second; ++copy)
    draft.node.path = plain + " (" + std::to_string(copy) + ")";
  draft.order.push_back(SortKey(std::string_view(draft.node.path).substr(prefix.size())));
}

// Climbs to the first folder that has a path, then comes back down. A ring of parents is cut where it is met again.
void PlaceWithParents(Drafts& drafts, Draft& start, std::string_view language,
                      std::set<std::string, std::less<>>& taken) {
  std::vector<Draft*> way;
  Draft* at = &start;
  while (at != nullptr && !at->entered) {
    at->entered = true;
    way.push_back(at);
    const auto parent = drafts.find(at->node.parent);
    at = parent != drafts.end() ? &parent->second : nullptr;
  }
  const Draft* parent = at != nullptr && !at->node.path.empty() ? at : nullptr;
  for (auto draft = way.rbegin(); draft != way.rend(); ++draft) {
    Place(**draft, parent, language, taken);
    parent = *draft;
  }
}

bool IsHidden(const FolderNode& node) { return IsUsersSetting(node.type); }

}  // namespace

std::string_view RootName(const ItemId& top, std::string_view language) {
  const bool is_public = top == root::kPublic;
  if (!is_public && top != root::kShared) return {};
  if (language == "de") return is_public ? "Öffentliche Ordner" : "Freigegebene Ordner";
  if (language == "fr") return is_public ? "Dossiers publics" : "Dossiers partagés";
  return is_public ? "Public" : "Shared";
}

Result<std::string> LanguageOf(const StateReader& state) {
  OUTPOST_TRY(auto language, ReadSetting(state, "language"));
  return std::move(language).value_or("en");
}

Result<std::vector<ItemId>> HiddenFolders(const StateReader& state, ItemType type) {
  OUTPOST_TRY(const Drafts drafts, LoadAll(state));
  std::vector<ItemId> hidden;
  for (const auto& [id, draft] : drafts)
    if (IsHidden(draft.node) && draft.node.type == type) hidden.push_back(id);
  return hidden;
}

Result<std::vector<FolderNode>> ListFolders(const StateReader& state) {
  OUTPOST_TRY(Drafts drafts, LoadAll(state));
  OUTPOST_TRY(const std::string language, LanguageOf(state));
  for (auto at = drafts.begin(); at != drafts.end();) at = IsHidden(at->second.node) ? drafts.erase(at) : std::next(at);
  std::set<std::string, std::less<>> taken;
  for (auto& [id, draft] : drafts) PlaceWithParents(drafts, draft, language, taken);
  std::vector<Draft*> sorted;
  sorted.reserve(drafts.size());
  for (auto& [id, draft] : drafts) sorted.push_back(&draft);
  std::sort(sorted.begin(), sorted.end(), [](const Draft* a, const Draft* b) {
    return a->order != b->order ? a->order < b->order : a->node.path < b->node.path;
  });
  std::vector<FolderNode> nodes;
  nodes.reserve(sorted.size());
  for (Draft* draft : sorted) nodes.push_back(std::move(draft->node));
  return nodes;
}

Result<FolderNode> FindFolder(const StateReader& state, std::string_view path_or_id) {
  OUTPOST_TRY(const std::vector<FolderNode> folders, ListFolders(state));
  for (const FolderNode& folder : folders)
    if (folder.path == path_or_id) return folder;
  const auto slash = path_or_id.find('/');
  for (const ItemId& top : {root::kPublic, root::kShared})
    for (const std::string_view language : {"en", "de", "fr"}) {
      if (slash == std::string_view::npos || path_or_id.substr(0, slash) != RootName(top, language)) continue;
      for (const FolderNode& folder : folders)
        if (folder.root == top &&
            std::string_view(folder.path).substr(folder.path.find('/')) == path_or_id.substr(slash))
          return folder;
    }
  if (const auto id = ItemId::FromHex(path_or_id))
    for (const FolderNode& folder : folders)
      if (folder.id == *id) return folder;
  std::vector<std::string_view> paths;
  for (const FolderNode& folder : folders) paths.push_back(folder.path);
  const std::string nearest = NearestNames(path_or_id, paths);
  return Error{Code::kNotFound, Retry::kNever,
               "there is no folder '" + std::string(path_or_id) + "'" +
                   (nearest.empty() ? "; there are no folders yet" : "; the nearest are " + nearest)};
}

}  // namespace outpost
