#include "projection/items.h"

#include "journal/item_fold.h"
#include "projection/account.h"
#include "projection/tables.h"

namespace outpost {
namespace {

constexpr std::size_t kPageItems = 256;

Result<ItemState> MustLoad(const StateReader& state, const ItemId& id) {
  OUTPOST_TRY(std::optional<ItemState> item, LoadItem(state, id));
  if (!item) return Error{Code::kCorrupt, Retry::kNever, "the listed item " + id.Hex() + " has no row"};
  return std::move(*item);
}

// The ids of up to kPageItems rows from `from` on, which then stands behind the last of them; empty when none are left.
Result<std::vector<ItemId>> NextPage(const StateReader& state, const ItemId& folder, std::string& from) {
  std::vector<ItemId> page;
  std::string last;
  bool bad = false;
  OUTPOST_TRYV(state.Scan(kFolderItemsTable, folder.View(), from, [&](std::string_view key, std::string_view) {
    const auto id = ItemOfFolderKey(key);
    bad = !id;
    if (bad) return false;
    page.push_back(*id);
    last = key;
    return page.size() < kPageItems;
  }));
  if (bad) return Error{Code::kCorrupt, Retry::kNever, "a row of the contents of folder " + folder.Hex()};
  from = last + '\0';
  return page;
}

Result<std::vector<ItemId>> AttentionIds(const StateReader& state, char what) {
  std::vector<ItemId> ids;
  OUTPOST_TRYV(state.Scan(kAttentionTable, std::string_view(&what, 1), {}, [&](std::string_view key, std::string_view) {
    if (const auto id = ItemId::FromView(key.substr(1))) ids.push_back(*id);
    return true;
  }));
  return ids;
}

}  // namespace

Result<void> ForEachItem(const StateReader& state, const ItemId& folder, const ItemFn& visit) {
  std::string from;
  while (true) {
    OUTPOST_TRY(const std::vector<ItemId> page, NextPage(state, folder, from));
    for (const ItemId& id : page) {
      OUTPOST_TRY(const ItemState item, MustLoad(state, id));
      if (!visit(item)) return Ok();
    }
    if (page.size() < kPageItems) return Ok();
  }
}

bool IsInTrash(const ItemState& item) {
  switch (item.type) {
    case ItemType::kContact:
    case ItemType::kList:
    case ItemType::kAppointment:
    case ItemType::kTask:
      return !item.Visible();
    default:
      return false;
  }
}

Result<void> ForEachInTrash(const StateReader& state, const ItemFn& visit) {
  OUTPOST_TRY(const std::vector<ItemId> ids, AttentionIds(state, kAttentionTrash));
  for (const ItemId& id : ids) {
    OUTPOST_TRY(const ItemState item, MustLoad(state, id));
    if (!visit(item)) break;
  }
  return Ok();
}

Result<std::map<ItemType, std::uint64_t>> CountVisible(const StateReader& state) {
  OUTPOST_TRY(const auto totals, ReadTotals(state));
  std::map<ItemType, std::uint64_t> counts;
  for (const auto& [name, count] : totals) {
    if (!name.starts_with(total::kItems) || count == 0) continue;
    if (const auto type = ItemTypeFromName(std::string_view(name).substr(total::kItems.size())))
      counts.emplace(*type, count);
  }
  return counts;
}

Result<Attention> ItemsNeedingAttention(const StateReader& state) {
  Attention found;
  OUTPOST_TRY(const std::vector<ItemId> with_losers, AttentionIds(state, kAttentionConflict));
  for (const ItemId& id : with_losers) {
    OUTPOST_TRY(const ItemState item, MustLoad(state, id));
    for (const LoserGroup& loser : item.losers) found.conflicts.push_back({id, item.type, loser});
  }
  OUTPOST_TRY(const std::vector<ItemId> with_parked, AttentionIds(state, kAttentionParked));
  for (const ItemId& id : with_parked) {
    OUTPOST_TRY(ItemState item, MustLoad(state, id));
    for (ParkedGroup& parked : item.parked) found.parked.push_back({id, item.type, std::move(parked)});
  }
  return found;
}

}  // namespace outpost
