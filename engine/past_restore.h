#pragma once
#include <cstdint>
#include <optional>

#include "engine/commands.h"
#include "projection/past.h"

namespace outpost {

enum class Restored {
  kUnchanged,  // it is as it was
  kChanged,    // by an edit, or two where it was moved as well
  kMadeAgain,  // it was gone
};

// Brings an item back to how it stood in `past`, by ordinary edits that go to the server as any other: its fields
// (those of `group` only, where one is given), and its folder. What only the server sets, or what is fixed when an item
// is made, stays. `view` is the account as it is now. Errors: kNotFound (the item was not visible then, or its folder
// is gone), kInvalid (one group of an item that is gone; a folder), and those of the commands; an item that was changed
// before it could not be moved stays changed. Threads: any.
Result<Restored> RestoreItem(AccountCommands& commands, const StateReader& view, const Past& past, const ItemId& item,
                             std::optional<GroupId> group);

struct FolderRestored {
  std::uint64_t unchanged = 0;
  std::uint64_t changed = 0;
  std::uint64_t made_again = 0;
  std::uint64_t newer = 0;  // in the folder now, but not then: they stay
};

// The same for all items that stood in `folder`. Errors: as above, of the first item that fails; those before it are
// restored.
Result<FolderRestored> RestoreFolder(AccountCommands& commands, const StateReader& view, const Past& past,
                                     const ItemId& folder);

}  // namespace outpost
