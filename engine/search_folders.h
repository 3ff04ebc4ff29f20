#pragma once
#include "engine/commands.h"
#include "projection/search_folder.h"

namespace outpost {

// Makes a search folder, or gives the one with `folder.id` another definition; on disk when it returns. `state` is the
// account as it is now. Two processes that make one of the same name at once get both, told apart by their ids. Errors:
// kInvalid (those of WriteSearchFolder), kNotFound (one of its folders), kConflict (another search folder is called
// so), those of PutSettings.
Result<void> PutSearchFolder(AccountCommands& commands, const StateReader& state, const SearchFolder& folder);
// What it shows stays where it is. Errors: kNotFound, those of PutSettings.
Result<void> RemoveSearchFolder(AccountCommands& commands, const StateReader& state, const ItemId& id);

}  // namespace outpost
