#pragma once
#include <optional>
#include <vector>

#include "mapi-adapter/codec/item_properties.h"
#include "mapi-adapter/provider/open_store.h"

namespace outpost::mapi {

// What must be known beside its fields: the clock of its zone, and of a series the days that are items of their own, as
// far as the server has told of them. Errors: kCorrupt, kUnavailable.
Result<PropContext> ContextOf(const StateReader& state, ItemType type, const ItemId& id, const FieldMap& head);

// What an item is in properties: its own (codec/item_properties.h), and what it has by being in this store.
std::vector<Prop> PropsOfItem(const OpenStore& store, ItemType type, const ItemId& id, const ItemId& folder,
                              const FieldMap& head, const PropContext& context);
// PR_MSG_STATUS among what is kept; nullopt where nobody set it.
std::optional<std::int32_t> KeptStatus(const std::vector<Prop>& kept);
// The fields that some of them are made of, ascending.
std::vector<FieldId> FieldsOfColumns(ItemType type, std::span<const PropTag> columns);

}  // namespace outpost::mapi
