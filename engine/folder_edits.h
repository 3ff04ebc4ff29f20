#pragma once
#include <functional>

#include "journal/journal.h"
#include "schemas/item_state.h"

namespace outpost {

// What a person's edit of a folder becomes in the journal: as engine/edits.h has it for items, with the rights in the
// folder, as the server last told them, looked at before. All are pure: state in, events out.

// The parent of a folder: a root, or a folder that is there. Errors: kNotFound.
Result<void> CheckParent(const StateReader& state, const ItemId& parent);

// A new folder below `parent` (a folder, root::kPrivate or root::kPublic). `fields`: its title, and what it holds (the
// name of a type of item, in field::kFolderModule). Errors: kNotFound (parent); kInvalid (no title, a kind of content
// that folders cannot be made for, other fields); kConflict (there is a folder of that name); kRejected (nothing can
// be made there: the root of what others share, mail below Public, no right to).
Result<NewEvent> CreateFolderEvent(const StateReader& state, const ItemId& id, const ItemId& parent, FieldMap fields,
                                   const OpId& op);

// Whether a folder may get the title and parent that are in `patch`, and nothing else is. Errors: those of
// CreateFolderEvent; kRejected (a default folder, no administrator of it); kInvalid (below itself).
Result<void> CheckFolderPatch(const StateReader& state, const ItemState& folder, FieldMap& patch);

// A folder, all folders below it, and what of their items the server does not have as it is here: that need not be told
// any more. Items that it has go with their folder. `seen`: what it was planned from. Errors: kNotFound; kRejected (a
// default folder is among them, or one that the user does not administer).
struct FolderDeletion {
  Batch events;
  Preconditions seen;
};
Result<FolderDeletion> DeleteFolderEvents(const StateReader& state, const ItemId& folder,
                                          const std::function<OpId()>& new_op);

}  // namespace outpost
