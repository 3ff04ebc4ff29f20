#pragma once
#include <functional>
#include <optional>
#include <string>
#include <vector>

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

// Whether a folder may get the title and parent that are in `patch`; nothing else is but its properties, which stay
// here and which anybody may set. Errors: those of
// CreateFolderEvent; kRejected (a default folder, no administrator of it); kInvalid (below itself).
Result<void> CheckFolderPatch(const StateReader& state, const ItemState& folder, FieldMap& patch);

// What somebody may do in a folder from now on. `who` is "user:ID" or "group:ID", or as an entry that is there has it.
struct RightsChange {
  std::string who;
  std::optional<std::int64_t> bits;  // none: his entry goes
};
// The list of all rights with these changes in it: whatever nobody touched stays as the server has it. No event where
// nothing changes. Errors: kNotFound (folder, or an entry to take away); kRejected (no administrator of it); kInvalid
// (a `who` that is none, bits that servers do not know, nobody left who administers it); kUnavailable (the server has
// not told its rights yet).
Result<Batch> RightsEvents(const ItemId& id, const ItemState* folder, const std::vector<RightsChange>& changes,
                           const std::function<OpId()>& new_op);

// A folder, all folders below it, and what of their items the server does not have as it is here: that need not be told
// any more. Items that it has go with their folder. `seen`: what it was planned from. Errors: kNotFound; kRejected (a
// default folder is among them, or one that the user does not administer).
// `more`: it is more than one append takes; the folder goes with the last part, and until then it stands with what is
// left in it.
struct FolderDeletion {
  Batch events;
  Preconditions seen;
  bool more = false;
};
Result<FolderDeletion> DeleteFolderEvents(const StateReader& state, const ItemId& folder,
                                          const std::function<OpId()>& new_op);

}  // namespace outpost
