#pragma once
#include "tools/oxserver/folder_view.h"

namespace outpost::oxserver {

// The changing half of the folders module (http-api.md 2.1). Each checks the rights of the one who asks.
Api<Answer> NewFolder(World& world, const FolderView& view, const Request& request);
Api<Answer> UpdateFolder(World& world, const FolderView& view, const Request& request);
Api<Answer> DeleteFolders(World& world, const FolderView& view, const Request& request);
Api<Answer> ClearFolders(World& world, const FolderView& view, const Request& request);

// Leaves the folder to its owner alone, whoever had a share in it; nothing where there is no such folder.
void RevokeShares(World& world, std::string_view folder_id);

}  // namespace outpost::oxserver
