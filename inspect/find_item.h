#pragma once
#include <string_view>
#include <vector>

#include "journal/reader.h"
#include "schemas/item_state.h"

namespace outpost {

// An item that a person named.
struct FoundItem {
  ItemId id{};
  // Nullopt where only its events are left: it was forgotten.
  std::optional<ItemState> item;
};

// The items that `name` names, deleted ones too: the one with that id (32 hexadecimal digits); else those with that uid
// or that id on the server; else those that are called so, case and accents aside; else those whose name has it in it.
// At most `most`, those that are seen first, then by id. Reads all items unless an id was given. Errors: kNotFound
// (nothing is called so; the text is not repeated), kCorrupt, kUnavailable. Memory: `most` items.
Result<std::vector<FoundItem>> FindItems(const JournalView& view, std::string_view name, std::size_t most);

// Calls `visit` for every item that has a row, deleted ones too, by id, until it answers false. Errors: kCorrupt,
// kUnavailable.
Result<void> ForEachStoredItem(const StateReader& state, const std::function<bool(ItemState&&)>& visit);

}  // namespace outpost
