#pragma once
#include <vector>

#include "journal/item_fold.h"
#include "projection/rows.h"

namespace outpost {

// Raise it whenever the same events give other rows than before: a change of Reduce, of schemas/state.fbs, of any
// ItemRows (the replicator's too), of StoredPlaceOf or the Unicode tables behind SortKey. Stored state is then made
// again from the events.
inline constexpr std::uint32_t kAccountFoldsVersion = 12;
// The oldest version whose rows this build reads and goes on with: an account that has such ones opens at once, and
// they are made again beside its use. Raise it to the version above where that is not so: the next open then waits for
// all of them. New optional fields of a row, and other sums or orders that may be wrong for a minute, are no reason.
inline constexpr std::uint32_t kAccountFoldsReadSince = 9;

// All inline folds of an account. Belongs to whoever opens the journal and outlives it. A second object of the same
// shape (not the same object: a fold belongs to the writer) is what VerifyRebuild compares with.
struct AccountFolds {
  // `more` makes rows behind the projection's, in that order; outlives the folds.
  explicit AccountFolds(const std::vector<ItemRows*>& more)
      : items(kAccountFoldsVersion, kAccountFoldsReadSince, Joined(projection, more)) {}
  AccountFolds(const AccountFolds&) = delete;
  AccountFolds& operator=(const AccountFolds&) = delete;

  std::vector<InlineFold*> all() { return {&items}; }

  ProjectionRows projection;
  ItemFold items;  // knows the heads, too

 private:
  static std::vector<ItemRows*> Joined(ProjectionRows& first, const std::vector<ItemRows*>& more) {
    std::vector<ItemRows*> rows{&first};
    rows.insert(rows.end(), more.begin(), more.end());
    return rows;
  }
};

}  // namespace outpost
