#pragma once
#include <functional>

#include "journal/journal.h"
#include "schemas/item_state.h"

namespace outpost {

// What a person's edit becomes in the journal. Pure: state in, events out; no event where nothing changes.

// Errors: kInvalid for a field that `type` does not have, one that only the server sets, one fixed at creation, or a
// value of another kind.
Result<void> CheckFields(ItemType type, const FieldMap& fields);

// Errors: kNotFound when there is no such folder, kInvalid when it holds another kind of item. For a folder: whether
// its parent is there, as CheckParent (engine/folder_edits.h).
Result<void> CheckFolder(const StateReader& state, const ItemId& folder, ItemType type);
// The same for the folder that `fields` name.
Result<void> CheckFolderOf(const StateReader& state, const FieldMap& fields, ItemType type);

// Where an item of `type` is to be whose folder is gone: the user's own standard folder for its kind; where the server
// names none, the first of his own by path. For a folder the private root. Errors: kNotFound, those of ListFolders.
Result<ItemId> StandInFolder(const StateReader& state, ItemType type);

// Errors: kNotFound when there is no such item, or it is deleted.
Result<void> CheckVisible(const ItemId& id, const ItemState* state);

// A new item with the fields that follow from those given; its uid is made from its id unless `fields` has one.
NewEvent CreateEvent(const ItemId& id, ItemType type, const ItemId& folder, FieldMap fields, const OpId& op);

// Changed fields, and those that follow from them (engine/item_rules.h). A group that still waits with other fields of
// it goes as a whole, since a group wins and loses as one. An item whose creation the server refused is stated anew
// with all its fields; was it on the server before, as RestoreEvents does. Errors: those of CheckVisible and
// CheckFields.
Result<Batch> SetEvents(const ItemId& id, const ItemState* state, const FieldMap& patch,
                        const std::function<OpId()>& new_op);
Result<Batch> DeleteEvents(const ItemId& id, const ItemState* state, const OpId& op);
// The folder that an item goes to when it is deleted; none: it is deleted for good. Mails have one, until they are in
// it.
Result<std::optional<ItemId>> TrashFor(const StateReader& state, const ItemState& item);

// An item that is gone, or is about to go, made again as it was, with the fields `typed` over it. What was typed stays
// an edit of its own: should the item turn out to be there again, the rest gives way to what is there.
Batch RestoreEvents(const ItemState& state, const FieldMap& typed, const OpId& create, const OpId& change,
                    Origin origin = Origin::kUser);
// Names in `typed` another folder for the item (StandInFolder) where the one that it would be in is gone; that folder,
// none where all is well. Errors: those of CheckFolder and StandInFolder.
Result<ItemId> FindPlace(const StateReader& view, const ItemState& state, FieldMap& typed);
// The fields it then has.
FieldMap RestoredFields(const ItemState& state, const FieldMap& typed);

// The same for a person who asks for it; where its folder is gone too, in StandInFolder. Errors: kInvalid (the item is
// not gone; those of CheckFields), those of CheckFolder and StandInFolder.
Result<Batch> RestoreGone(const StateReader& view, const ItemState& state, const FieldMap& fields,
                          const std::function<OpId()>& new_op);

// The parked groups once more, or those that are `wanted`; a deletion only where nothing was edited after it, and where
// it is not wanted nothing that it would take along. What was never made is made as a whole. Errors: kNotFound when
// nothing is parked.
Result<Batch> RetryEvents(const ItemId& id, const ItemState* state, const std::function<OpId()>& new_op,
                          const std::function<bool(const ParkedGroup&)>& wanted = {});

}  // namespace outpost
