#pragma once
#include <functional>

#include "engine/edits.h"
#include "engine/folder_edits.h"

namespace outpost {

// No server moves a series (requirements C2): what taking it to another folder becomes in the journal, where a person
// chooses to have it copied.

// The series `series` is made anew in `folder` as item `copy`, with its changed days, the days that do not take place,
// and all files, as any edit that invites nobody; and it is deleted, which is sent only when everything that was made
// for it is on the server (field `moved_to`). `new_id` makes further items. Errors: kNotFound (series, folder, or bytes
// of a file that are not here), kInvalid (no series, one day of one, a folder that does not hold such items, or the one
// that it is in), kCorrupt, kUnavailable.
Result<FolderDeletion> MoveSeriesEvents(const StateReader& state, const ItemId& series, const ItemId& folder,
                                        const ItemId& copy, const std::function<ItemId()>& new_id,
                                        const std::function<OpId()>& new_op);

}  // namespace outpost
