#pragma once
#include "replicator/sync_types.h"
#include "schemas/fields.h"

namespace outpost {

// What stands undecided here for one field group of an item (or for its existence).
enum class LocalSide { kNone, kEdited, kCreated, kDeleted };

// What the server has now, against the common base and against the newest local value of the group.
enum class RemoteSide {
  kUnchanged,  // as in the base (for a create: not there)
  kSame,       // changed to what was also made here (for a create: there)
  kOther,      // changed to something else
  kDeleted,    // the item is gone
};

enum class Decision {
  kNothing,
  kTakeRemote,   // nothing here speaks against the server's value
  kKeepPending,  // the local change is still to be sent
  kAgree,        // both sides have it
  kMergeSets,    // members added and removed on both sides are joined
  kServerWins,   // the local change is retained as loser
  kClientWins,   // the server's value is retained as loser; the local change is still to be sent
  kRestore,      // the item, deleted there and changed here, is made again there
};
const char* DecisionName(Decision decision);

// The conflict matrix: total, pure, without a default branch. Source: DESIGN.md, promise 6.
Decision Decide(LocalSide local, RemoteSide remote, Merge merge, Policy policy);

}  // namespace outpost
