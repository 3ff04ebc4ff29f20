#pragma once
#include <cstdint>

#include "journal/state.h"
#include "schemas/item_state.h"

namespace outpost {

// What a folder holds, of the items that are seen.
struct FolderCounts {
  std::uint64_t total = 0;
  std::uint64_t unread = 0;  // mails without the flag "seen"
  std::uint64_t bytes = 0;   // of the sources of mails and the contents of files, as far as the server says how large
  bool operator==(const FolderCounts&) const = default;
};

// The newest change of anything that a folder shows or showed.
struct FolderChange {
  Sequence seq = 0;  // 0: nothing ever happened in it
  Millis time{0};    // the event's, by the clock of this machine
  bool operator==(const FolderChange&) const = default;
};

// The rows of a folder; empty where there are none. Errors: kCorrupt, kUnavailable.
Result<FolderCounts> ReadFolderCounts(const StateReader& state, const ItemId& folder);
Result<FolderChange> ReadFolderChange(const StateReader& state, const ItemId& folder);

// What an item adds to its folder's counts while it is seen.
FolderCounts CountsOf(const ItemState& item);

// Takes `less` from a folder's counts and adds `more`. Errors: kCorrupt (a damaged row, or one that would fall below
// 0), kUnavailable; nothing is written then.
Result<void> CountInFolder(const ItemId& folder, const FolderCounts& less, const FolderCounts& more,
                           StateWriter& state);
void NoteFolderChange(const ItemId& folder, const FolderChange& change, StateWriter& state);

}  // namespace outpost
