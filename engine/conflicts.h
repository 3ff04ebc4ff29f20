#pragma once
#include <functional>
#include <vector>

#include "journal/journal.h"
#include "schemas/item_state.h"

namespace outpost {

// Which conflict is meant: by the loser's sequence, by the item, or both; `group` 0: every group of it.
struct ConflictName {
  ItemId item{};
  Sequence loser = 0;
  GroupId group = 0;
};

// What turning a decision round did, or will do once it is synced.
struct UndoReport {
  enum class Way : std::uint8_t {
    kNothing,   // both sides hold the losing values by now
    kChanged,   // the losing values are stated again
    kRestored,  // the item, which is gone, is made again
    kDeleted,   // the item goes after all
  };
  ItemId item{};
  Way way = Way::kNothing;
  std::vector<GroupId> groups;  // in which the decision was turned round
  std::vector<FieldId> turned;  // fields that got their losing values back
  std::vector<FieldId> kept;    // changed since the decision: the later change stays on top
  ItemId moved_to{};            // kRestored: the folder it is in, as the one it was in is gone; none: it is in its own
};
const char* WayName(UndoReport::Way way);

// The events of an undo: one edit (two where an item is made again) and the word that the conflict is settled.
struct PlannedUndo {
  Batch events;
  UndoReport report;
};

// Turns the decision of a conflict round. The whole group becomes what it was on the side that lost; where history was
// dropped, the fields that the losing change carried. Of a conflict that was turned round before, that edit is turned
// round. A field that either side changed since is left as it is unless `over_later`. Pure. Errors: kNotFound (no such
// conflict, or its history is gone), kConflict (every field was changed since, or the item was deleted since), those of
// SetEvents, CheckFolder and StandInFolder.
Result<PlannedUndo> PlanUndo(const JournalView& view, const ItemState& item, const ConflictName& conflict,
                             bool over_later, const std::function<OpId()>& new_op);

// Lets the decision stand: the conflict waits for nobody any more. `groups` gets those it was about. Errors: kNotFound.
Result<Batch> PlanSettle(const ItemState& item, const ConflictName& conflict, std::vector<GroupId>& groups);

// The item that `conflict` is about. Errors: kNotFound.
Result<ItemId> ItemOfConflict(const JournalView& view, const ConflictName& conflict);

}  // namespace outpost
