#pragma once
#include <cstdint>
#include <functional>
#include <map>
#include <vector>

#include "journal/state.h"
#include "schemas/item_state.h"

namespace outpost {

// Calls `visit` for each visible item of `folder` in the order the folder shows (projection/stored_order.h, then by
// age), until it answers false. Errors: kCorrupt, kUnavailable. Memory: one page of ids and one item.
using ItemFn = std::function<bool(const ItemState&)>;
Result<void> ForEachItem(const StateReader& state, const ItemId& folder, const ItemFn& visit);

// How many visible items there are of each type that has any, by the sums kept with the rows.
Result<std::map<ItemType, std::uint64_t>> CountVisible(const StateReader& state);

// One field group in which one side lost a conflict. The losing values are in the event `loser.seq`.
struct ConflictEntry {
  ItemId item{};
  ItemType type{};
  LoserGroup loser;
};

// One field group that the server refused.
struct ParkedEntry {
  ItemId item{};
  ItemType type{};
  ParkedGroup parked;
};

struct Attention {
  std::vector<ConflictEntry> conflicts;  // by item, then as they came
  std::vector<ParkedEntry> parked;
};

// All that waits for a person: read from the index of such items, so that it costs nothing when there is nothing.
// Errors: kCorrupt, kUnavailable.
Result<Attention> ItemsNeedingAttention(const StateReader& state);

// Whether an item is among what was deleted, here or on the server, and can be made again: of mails the server has a
// trash. It is so until the history of it is dropped.
bool IsInTrash(const ItemState& item);
// Calls `visit` for each such item, the oldest item first, until it answers false. Errors: kCorrupt, kUnavailable.
Result<void> ForEachInTrash(const StateReader& state, const ItemFn& visit);

}  // namespace outpost
