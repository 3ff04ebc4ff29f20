#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <memory>

#include "engine/past_restore.h"
#include "projection/folders.h"
#include "tools/outpost/access.h"
#include "tools/outpost/moment.h"
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

struct Arguments {
  std::string folder;
  std::string at;
};

Result<int> Restore(const Common& common, const Arguments& arguments) {
  OUTPOST_TRY(const auto place, PlaceOf(common));
  OUTPOST_TRY(const auto access, WriteAccess::Open(place, {}));
  OUTPOST_TRY(const auto view, access->View());
  OUTPOST_TRY(const auto folder, FindFolder(*view, arguments.folder));
  OUTPOST_TRY(const Sequence at, ParseMoment(*view, arguments.at));
  OUTPOST_TRY(const auto past, Past::Open(*view, at));
  OUTPOST_TRY(const auto done, RestoreFolder(access->commands(), *view, past, folder.id));
  ShowReport(common.form(), {{"at", at},
                             {"unchanged", done.unchanged},
                             {"changed", done.changed},
                             {"made_again", done.made_again},
                             {"newer", done.newer}});
  return kExitDone;
}

}  // namespace

void AddFolder(Program& program, CLI::App& app) {
  CLI::App& group = AddGroup(app, "folder", "The folders of an account");
  AddVerb(program, group, "list", "All folders with their counts", List);
  auto arguments = std::make_shared<Arguments>();
  CLI::App& restore = AddVerb(program, group, "restore", "Bring the items of a folder back to how they were, by edits",
                              [arguments](const Common& common) { return Restore(common, *arguments); });
  restore.add_option("FOLDER", arguments->folder, "Path or id of the folder")->type_name("PATH")->required();
  restore.add_option("--at", arguments->at, "As they were after this event, or at this time")
      ->type_name("SEQ|TIME")
      ->required();
}

}  // namespace outpost::cli
