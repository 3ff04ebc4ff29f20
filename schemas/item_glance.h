#pragma once
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "schemas/item_state.h"

namespace outpost {

// What a table needs of an item: some fields, without making the item. One object serves many rows, for its memory.
struct ItemGlance {
  ItemType type{};
  bool visible = false;       // ItemState::Visible()
  const char* state = "";     // ItemStateName()
  Sequence head_seq = 0;      // newest event of the item
  std::string remote_id;      // empty: none yet
  std::vector<Value> values;  // of the fields asked for first, in that order; what is behind them is kept
};

// Reads an item's stored row (EncodeItem) as far as `wanted` asks: the head values of these fields (ascending, each
// once), null where unset. A row with edits that wait is decoded as a whole. Errors: kCorrupt; `glance` is then
// unspecified. Threads: any.
Result<void> GlanceAtItem(const ItemId& id, std::string_view row, std::span<const FieldId> wanted, ItemGlance& glance);

}  // namespace outpost
