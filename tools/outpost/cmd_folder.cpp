#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>

#include "projection/folders.h"
#include "tools/outpost/access.h"
#include "tools/outpost/values.h"

namespace outpost::cli {
namespace {

Result<int> List(const Common& common) {
  OUTPOST_TRY(const auto access, ReadAccess::Open(common));
  OUTPOST_TRY(const auto view, access->View());
  OUTPOST_TRY(const auto folders, ListFolders(*view));
  ListOutput list(common.form(), {"path", "type", "total", "unread", "id", "remote_id"});
  for (const auto& folder : folders) list.Row(FolderJson(folder));
  list.End("folders");
  return kExitDone;
}

}  // namespace

void AddFolder(Program& program, CLI::App& app) {
  CLI::App& group = AddGroup(app, "folder", "The folders of an account");
  AddVerb(program, group, "list", "All folders with their counts", List);
}

}  // namespace outpost::cli
