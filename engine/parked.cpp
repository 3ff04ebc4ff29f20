#include "engine/parked.h"

#include <algorithm>
#include <map>

#include "engine/settings.h"
#include "journal/item_fold.h"
#include "projection/account.h"
#include "projection/folders.h"
#include "projection/items.h"
#include "replicator/planner.h"
#include "schemas/folders.h"

namespace outpost {
namespace {

// The newest limit told for each field.
std::map<FieldId, std::int64_t> NewestLimits(const std::vector<ParkedEntry>& parked) {
  std::map<FieldId, std::pair<Sequence, std::int64_t>> newest;
  for (const ParkedEntry& entry : parked) {
    const Refusal& refusal = entry.parked.refusal;
    if (refusal.field == 0 || refusal.limit == 0) continue;
    auto& known = newest[refusal.field];
    if (entry.parked.seq >= known.first) known = {entry.parked.seq, refusal.limit};
  }
  std::map<FieldId, std::int64_t> limits;
  for (const auto& [field, known] : newest) limits[field] = known.second;
  return limits;
}

Result<bool> OnServer(const StateReader& state, const ItemId& id) {
  OUTPOST_TRY(const std::optional<ItemState> item, LoadItem(state, id));
  return item && item->on_server;
}

// Whether the server's side of a folder was told after `since`.
Result<bool> ChangedSince(const StateReader& state, const Value& folder, Sequence since) {
  const auto* id = std::get_if<ItemId>(&folder);
  if (id == nullptr) return false;
  OUTPOST_TRY(const std::optional<ItemState> item, LoadItem(state, *id));
  return item && item->on_server && item->base_seq > since;
}

// Whether a change of `field` is one of what an edit of `group` is about. A deletion is about all that people edit;
// that the user has other rights in a folder, which its permissions say as well, is why it is stated again.
bool IsAbout(GroupId group, FieldId field, const FieldMap& patch) {
  const Field* known = FindField(field);
  if (known == nullptr || known->sync != Sync::kBoth) return false;
  if (group != kExistence) return known->group == group;
  return field != field::kFolderPermissions || !patch.contains(field::kFolderOwnRights);
}

// Whether somebody else has changed `group` of the item since; of kExistence, anything, also its person.
Result<bool> GroupChanged(const JournalView& view, const ItemState& item, GroupId group, Sequence since) {
  bool changed = false, whole = false;
  Result<void> read = Ok();
  OUTPOST_TRYV(view.History(item.head_seq, [&](const Event& event) {
    whole = event.seq <= since;
    if (whole) return false;
    const bool own = event.header.kind == Kind::kLocalChanged && group == kExistence;
    if (!own && event.header.kind != Kind::kRemoteChanged) return true;
    const auto body = DecodeChange(event.body);
    if (!body) read = body.error();
    if (!body) return false;
    const FieldMap& patch = body.value().patch;
    changed =
        std::any_of(patch.begin(), patch.end(), [&](const auto& entry) { return IsAbout(group, entry.first, patch); });
    return !changed;
  }));
  OUTPOST_TRYV(read);
  // What was dropped of the history may have been a change.
  return changed || (!whole && since < view.first() && item.base_seq > since);
}

// Whether the item came or was changed since, by whomever. That its own deletion was tried again is no news.
bool IsNews(const ItemState& item, Sequence since) {
  return item.base_seq > since ||
         std::any_of(item.pending.begin(), item.pending.end(),
                     [&](const PendingEdit& edit) { return edit.seq > since; }) ||
         std::any_of(item.parked.begin(), item.parked.end(), [&](const ParkedGroup& parked) {
           return parked.seq > since && !(item.on_server && parked.refusal.group == kExistence);
         });
}

// Whether something at any depth in the folder is news: with the folder it would go unseen.
Result<bool> HoldsNews(const JournalView& view, const ItemId& folder, Sequence since) {
  OUTPOST_TRY(const std::vector<FolderNode> nodes, ListFolders(view));
  std::vector<ItemId> tree{folder};
  bool news = false;
  for (std::size_t at = 0; at < tree.size() && !news; ++at) {
    const ItemId above = tree[at];
    OUTPOST_TRYV(ForEachItem(view, above, [&](const ItemState& item) {
      news = IsNews(item, since);
      return !news;
    }));
    for (const FolderNode& node : nodes) {
      if (news || node.parent != above || std::find(tree.begin(), tree.end(), node.id) != tree.end()) continue;
      OUTPOST_TRY(const std::optional<ItemState> below, LoadItem(view, node.id));
      if (!below) continue;
      OUTPOST_TRY(news, GroupChanged(view, *below, kExistence, since));
      news = news || below->born_seq > since;
      tree.push_back(node.id);
    }
  }
  return news;
}

// Whether since the refusal something came that the parked edit would undo where it was sent by itself: the person has
// not answered that yet.
Result<bool> OthersChanged(const JournalView& view, const ItemState& item, const ParkedGroup& parked) {
  const GroupId group = parked.refusal.group;
  OUTPOST_TRY(const bool changed, GroupChanged(view, item, group, parked.seq));
  if (changed || item.type != ItemType::kFolder || group != kExistence || !item.on_server) return changed;
  return HoldsNews(view, item.id, parked.seq);
}

// What the user may do in a folder, as the server told it last; everything where it has told nothing.
Result<FolderRights> RightsIn(const StateReader& state, const ItemId& folder) {
  OUTPOST_TRY(const std::optional<ItemState> item, LoadItem(state, folder));
  const auto told = item ? item->base.find(field::kFolderOwnRights) : FieldMap::const_iterator{};
  const auto* bits = item && told != item->base.end() ? std::get_if<std::int64_t>(&told->second) : nullptr;
  return bits != nullptr ? RightsFromBits(*bits) : kOwnerRights;
}

// By the rights of which folder an edit of the item is judged: of the one it is in; of a file, the one that what it is
// at is in.
Result<ItemId> RightsPlace(const StateReader& state, const ItemState& item) {
  if (item.type != ItemType::kAttachment) return item.Folder();
  OUTPOST_TRY(const std::optional<ItemState> owner, LoadItem(state, item.Folder()));
  return owner ? owner->Folder() : item.Folder();
}

// Whether the rights that are known allow the edit; one that concerns only one's own items may.
Result<bool> RightsSuffice(const StateReader& state, const ItemState& item, GroupId group) {
  OUTPOST_TRY(const ItemId place, RightsPlace(state, item));
  OUTPOST_TRY(const FolderRights above, RightsIn(state, place));
  if (item.type == ItemType::kAttachment) return above.write > 0;  // what it is at changes with it
  if (item.type == ItemType::kFolder) {
    if (!item.on_server) return above.MayMakeFolders();
    OUTPOST_TRY(const FolderRights own, RightsIn(state, item.id));
    return own.admin;
  }
  if (!item.on_server) return above.folder >= 2;
  const auto at = item.base.find(field::FolderOf(item.type));
  const auto* from = at != item.base.end() ? std::get_if<ItemId>(&at->second) : nullptr;
  OUTPOST_TRY(const FolderRights rights, RightsIn(state, from != nullptr ? *from : item.Folder()));
  if (group == kExistence) return rights.remove > 0;
  const bool moves = group == FindField(field::FolderOf(item.type))->group;
  return moves ? rights.remove > 0 && above.folder >= 2 : rights.write > 0;
}

// Rights are told with the folder: of an item that was to be moved, of either one; of a folder, also with itself.
Result<bool> RightsMayBeBack(const JournalView& view, const ParkedEntry& entry) {
  OUTPOST_TRY(const std::optional<ItemState> item, LoadItem(view, entry.item));
  if (!item) return false;
  bool told = item->type == ItemType::kFolder && item->on_server && item->base_seq > entry.parked.seq;
  if (!told) {
    OUTPOST_TRY(const ItemId place, RightsPlace(view, *item));
    OUTPOST_TRY(told, ChangedSince(view, Value(place), entry.parked.seq));
  }
  if (const auto from = item->base.find(field::FolderOf(item->type)); !told && from != item->base.end()) {
    OUTPOST_TRY(told, ChangedSince(view, from->second, entry.parked.seq));
  }
  if (!told) return false;
  OUTPOST_TRY(const bool enough, RightsSuffice(view, *item, entry.parked.refusal.group));
  if (!enough) return false;
  OUTPOST_TRY(const bool others, OthersChanged(view, *item, entry.parked));
  return !others;
}

}  // namespace

std::string_view EngineVersion() { return OUTPOST_VERSION; }

const char* HopeName(Hope hope) {
  switch (hope) {
    case Hope::kFolderThere:
      return "folder_on_server";
    case Hope::kItemThere:
      return "item_on_server";
    case Hope::kRightsBack:
      return "rights_changed";
    case Hope::kLimitRaised:
      return "limit_raised";
    case Hope::kNewEngine:
      return "new_engine";
  }
  return "unknown";
}

Result<std::vector<ParkedHope>> ParkedWithHopes(const JournalView& view, std::string_view version) {
  std::vector<ParkedHope> all;
  OUTPOST_TRY(auto attention, ItemsNeedingAttention(view));
  if (attention.parked.empty()) return all;
  OUTPOST_TRY(const auto parked_by, ReadSetting(view, setting::kParkedBy));
  const bool new_engine = !parked_by || *parked_by != version;
  const std::map<FieldId, std::int64_t> limits = NewestLimits(attention.parked);
  for (ParkedEntry& entry : attention.parked) {
    const Refusal& refusal = entry.parked.refusal;
    std::optional<Hope> hope;
    if (refusal.code == "folder_not_on_server") {
      OUTPOST_TRY(const std::optional<ItemState> item, LoadItem(view, entry.item));
      OUTPOST_TRY(const bool there, OnServer(view, item ? item->Folder() : ItemId{}));
      if (there) hope = Hope::kFolderThere;
    } else if (refusal.code == "item_not_on_server") {
      OUTPOST_TRY(const bool there, OnServer(view, entry.item));
      if (there) hope = Hope::kItemThere;
    } else if (IsDenied(refusal.code)) {
      OUTPOST_TRY(const bool back, RightsMayBeBack(view, entry));
      if (back) hope = Hope::kRightsBack;
    } else if (const auto limit = limits.find(refusal.field); limit != limits.end() && refusal.length > 0) {
      if (refusal.length <= limit->second) hope = Hope::kLimitRaised;
    }
    if (!hope && new_engine && !IsDoubt(refusal.code)) hope = Hope::kNewEngine;
    all.push_back({entry.item, std::move(entry.parked), hope});
  }
  return all;
}

}  // namespace outpost
