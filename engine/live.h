#pragma once
#include <memory>

#include "engine/account.h"
#include "projection/live_table.h"

namespace outpost {

// An open table of one folder, and the open tree of folders, kept up to date while the account lives: what a folder
// view and a folder pane hold. The reader is called on the account's strand for tables and must not wait for the
// network. What they return goes before the account.
std::unique_ptr<LiveTable> FollowFolder(Account& account, TableSpec spec, LiveTable::Reader reader);
std::unique_ptr<LiveFolders> FollowFolders(Account& account, LiveFolders::Reader reader);
// Everybody there is an address of, for completing what is typed.
std::unique_ptr<LiveAddresses> FollowAddresses(Account& account, LiveAddresses::Reader reader);
// What happens to any item or folder, for whoever holds them open.
std::unique_ptr<LiveObjects> FollowObjects(Account& account, LiveObjects::Reader reader);
// The same of a search folder (engine/search_folders.h); `failed` with kNotFound says that it was removed.
std::unique_ptr<LiveSearchFolder> FollowSearchFolder(Account& account, const ItemId& id, std::vector<SortColumn> sort,
                                                     LiveSearchFolder::Reader reader);

}  // namespace outpost
