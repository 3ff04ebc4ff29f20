#pragma once
#include <vector>

#include "mapi-adapter/provider/open_store.h"

namespace outpost::mapi {

// What an item is in properties: its own (codec/item_properties.h), and what it has by being in this store.
std::vector<Prop> PropsOfItem(const OpenStore& store, ItemType type, const ItemId& id, const ItemId& folder,
                              const FieldMap& head);
// The fields that some of them are made of, ascending.
std::vector<FieldId> FieldsOfColumns(ItemType type, std::span<const PropTag> columns);

}  // namespace outpost::mapi
