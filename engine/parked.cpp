#include "engine/parked.h"

#include <algorithm>
#include <map>

#include "engine/settings.h"
#include "journal/item_fold.h"
#include "projection/account.h"
#include "projection/items.h"
#include "replicator/planner.h"

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

// Whether somebody else has changed since what the parked edit is about: the person has not answered that yet, and sent
// by itself his edit would undo it. A deletion would undo what he has edited himself since, too.
Result<bool> OthersChanged(const JournalView& view, const ItemState& item, const ParkedGroup& parked) {
  bool changed = false;
  Result<void> read = Ok();
  OUTPOST_TRYV(view.History(item.head_seq, [&](const Event& event) {
    if (event.seq <= parked.seq) return false;
    const bool own = event.header.kind == Kind::kLocalChanged && parked.refusal.group == kExistence;
    if (!own && event.header.kind != Kind::kRemoteChanged) return true;
    const auto body = DecodeChange(event.body);
    if (!body) read = body.error();
    if (!body) return false;
    const FieldMap& patch = body.value().patch;
    changed = std::any_of(patch.begin(), patch.end(), [&](const auto& entry) {
      const Field* known = FindField(entry.first);
      return known != nullptr && known->sync == Sync::kBoth &&
             (parked.refusal.group == kExistence || known->group == parked.refusal.group);
    });
    return !changed;
  }));
  OUTPOST_TRYV(read);
  return changed;
}

// Rights are told with the folder: of an item that was to be moved, of either one.
Result<bool> RightsMayBeBack(const JournalView& view, const ParkedEntry& entry) {
  OUTPOST_TRY(const std::optional<ItemState> item, LoadItem(view, entry.item));
  if (!item) return false;
  OUTPOST_TRY(bool told, ChangedSince(view, Value(item->Folder()), entry.parked.seq));
  if (const auto from = item->base.find(field::FolderOf(item->type)); !told && from != item->base.end()) {
    OUTPOST_TRY(told, ChangedSince(view, from->second, entry.parked.seq));
  }
  if (!told) return false;
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
    if (!hope && new_engine) hope = Hope::kNewEngine;
    all.push_back({entry.item, std::move(entry.parked), hope});
  }
  return all;
}

}  // namespace outpost
