#pragma once
#include <set>

#include "journal/journal.h"
#include "replicator/planner.h"
#include "schemas/item_state.h"

namespace outpost {

// The seam between contents and decisions: what the planner may know is taken from item and row here, and what it
// decided gets its values back here. Pure.

// The server's row with its folder as a field, ready to be compared: all fields that travel or that only the server
// sets.
FieldMap RowFields(const RemoteRow& row, const ItemId& folder);

// What tells an item again where the server gives it another id (field::IdentityOf).
std::string IdentityKey(ItemType type, const FieldMap& fields);

// `item` null: never seen. `row_fields` null: no row at hand. `in_flight`: sequences of edits in open batches.
ItemFacts MakeItemFacts(const ItemId& id, ItemType type, const ItemState* item, const std::set<Sequence>& in_flight,
                        const FieldMap* row_fields);
// `attaching`: whether a file was attached to the item, or taken away, by a request of ours without answer.
RowFacts MakeRowFacts(const ItemState* item, const RemoteRow& row, const FieldMap& row_fields, bool attaching = false);

// The fields in which the row differs from the base; null for those it does not have any more.
FieldMap ChangedFields(const ItemState& item, const FieldMap& row_fields);

// The event to append. `item` and `row_fields` as above, null where the plan did not need them.
NewEvent Materialize(const PlannedEvent& planned, const ItemId& id, ItemType type, const ItemState* item,
                     const FieldMap* row_fields);

// The values that `entry` sends: of each group those of the newest edit it carries.
FieldMap EntryFields(const ItemState& item, const BatchEntry& entry);

}  // namespace outpost
