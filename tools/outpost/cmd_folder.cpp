#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <memory>

#include "engine/past_restore.h"
#include "engine/people.h"
#include "journal/item_fold.h"
#include "projection/folders.h"
#include "schemas/folders.h"
#include "tools/outpost/access.h"
#include "tools/outpost/folder_search.h"
#include "tools/outpost/moment.h"
#include "tools/outpost/values.h"

namespace outpost::cli {
namespace {

Result<int> List(const Common& common) {
  OUTPOST_TRY(const auto access, ReadAccess::Open(common));
  OUTPOST_TRY(const auto view, access->View());
  OUTPOST_TRY(const auto folders, ListFolders(*view));
  ListOutput list(common.form(), {"path", "type", "total", "unread", "bytes", "changed", "id", "remote_id"});
  for (const auto& folder : folders) list.Row(FolderJson(folder, common.form()));
  list.End("folders");
  return kExitDone;
}

struct Arguments {
  std::string folder;
  std::string at;
  std::string name;
  std::string parent;
  std::string type;
  std::vector<std::string> folders;
  std::vector<std::string> grant;
  std::vector<std::string> revoke;
  bool contents = false;
};

Result<void> ShowFolder(const Common& common, const StateReader& state, const ItemId& id) {
  OUTPOST_TRY(const auto folder, FindFolder(state, id.Hex()));
  auto report = FolderJson(folder, common.form());
  report.emplace_back("state", std::string(folder.state));
  ShowReport(common.form(), std::move(report));
  return Ok();
}

// Where a folder is to be: below another one, or at a root. `found`: that folder, where it is one.
Result<ItemId> FindParent(const StateReader& state, const std::string& parent, std::optional<FolderNode>& found) {
  if (parent.empty() || parent == "/") return root::kPrivate;
  for (const ItemId& top : {root::kPublic, root::kShared})
    for (const std::string_view language : {"en", "de", "fr"})
      if (parent == RootName(top, language)) return top;
  OUTPOST_TRY(found, FindFolder(state, parent));
  return found->id;
}

Result<int> New(const Common& common, const Arguments& arguments) {
  OUTPOST_TRY(const auto place, PlaceOf(common));
  OUTPOST_TRY(const auto access, WriteAccess::Open(place, {}));
  OUTPOST_TRY(const auto before, access->View());
  std::optional<FolderNode> above;
  OUTPOST_TRY(const auto parent, FindParent(*before, arguments.parent, above));
  std::string type = arguments.type;
  if (type.empty() && above && above->type != ItemType::kNone) type = ItemTypeName(above->type);
  if (type.empty()) return Error{Code::kInvalid, Retry::kNever, "say with --type what the folder is to hold"};
  OUTPOST_TRY(const auto made,
              access->commands().Create(ItemType::kFolder, parent,
                                        {{field::kFolderTitle, arguments.name}, {field::kFolderModule, type}}));
  OUTPOST_TRY(const auto after, access->View());
  OUTPOST_TRYV(ShowFolder(common, *after, made));
  return kExitDone;
}

Result<int> Rename(const Common& common, const Arguments& arguments) {
  OUTPOST_TRY(const auto place, PlaceOf(common));
  OUTPOST_TRY(const auto access, WriteAccess::Open(place, {}));
  OUTPOST_TRY(const auto before, access->View());
  OUTPOST_TRY(const auto folder, FindFolder(*before, arguments.folder));
  OUTPOST_TRYV(access->commands().Set(folder.id, {{field::kFolderTitle, arguments.name}}));
  OUTPOST_TRY(const auto after, access->View());
  OUTPOST_TRYV(ShowFolder(common, *after, folder.id));
  return kExitDone;
}

Result<int> Move(const Common& common, const Arguments& arguments) {
  OUTPOST_TRY(const auto place, PlaceOf(common));
  OUTPOST_TRY(const auto access, WriteAccess::Open(place, {}));
  OUTPOST_TRY(const auto before, access->View());
  OUTPOST_TRY(const auto folder, FindFolder(*before, arguments.folder));
  std::optional<FolderNode> above;
  OUTPOST_TRY(const auto parent, FindParent(*before, arguments.parent, above));
  OUTPOST_TRYV(access->commands().Move(folder.id, parent));
  OUTPOST_TRY(const auto after, access->View());
  OUTPOST_TRYV(ShowFolder(common, *after, folder.id));
  return kExitDone;
}

// A folder with something in it or below it goes only where the person says so.
Result<void> CheckEmpty(const StateReader& state, const FolderNode& folder) {
  OUTPOST_TRY(const auto all, ListFolders(state));
  std::uint64_t below = 0, items = 0;
  for (const auto& other : all) {
    const bool inside = other.path.size() > folder.path.size() && other.path.starts_with(folder.path + "/");
    if (inside) ++below;
    if (inside || other.id == folder.id) items += other.counts.total;
  }
  if (below == 0 && items == 0) return Ok();
  return Error{Code::kInvalid, Retry::kNever,
               "folder " + folder.path + " holds " + std::to_string(items) + " items and " + std::to_string(below) +
                   " folders, which would go with it; say --contents if they are to"};
}

Result<int> Delete(const Common& common, const Arguments& arguments) {
  OUTPOST_TRY(const auto place, PlaceOf(common));
  OUTPOST_TRY(const auto access, WriteAccess::Open(place, {}));
  OUTPOST_TRY(const auto view, access->View());
  std::vector<ItemId> folders;
  for (const auto& name : arguments.folders) {
    OUTPOST_TRY(const auto folder, FindFolder(*view, name));
    if (!arguments.contents) OUTPOST_TRYV(CheckEmpty(*view, folder));
    folders.push_back(folder.id);
  }
  Json::Array deleted;
  for (const auto& id : folders) {
    OUTPOST_TRYV(access->commands().Delete(id));
    deleted.emplace_back(id.Hex());
  }
  ShowReport(common.form(), {{"deleted", std::move(deleted)}});
  return kExitDone;
}

Json::Object RightsJson(std::int64_t bits) {
  const FolderRights rights = RightsFromBits(bits);
  return {{"level", LevelName(bits)}, {"bits", bits},          {"folder", rights.folder},
          {"read", rights.read},      {"write", rights.write}, {"delete", rights.remove},
          {"admin", rights.admin}};
}

Result<void> ShowRights(const Common& common, const StateReader& state, const ItemId& id) {
  OUTPOST_TRY(const auto node, FindFolder(state, id.Hex()));
  OUTPOST_TRY(const auto folder, LoadItem(state, id));
  Json::Array entries;
  Json own;
  OUTPOST_TRY(const auto people, PeopleNames::Load(state));
  if (folder) {
    for (const auto& line : RightsLines(folder->HeadValue(field::kFolderPermissions))) {
      const auto entry = ParseRights(line);
      if (!entry) continue;
      Json::Object row{{"who", entry->who}, {"name", TextOrNull(std::string(people.Of(entry->who)))}};
      for (auto& member : RightsJson(entry->bits)) row.push_back(std::move(member));
      entries.emplace_back(std::move(row));
    }
    const Value bits = folder->HeadValue(field::kFolderOwnRights);
    if (const auto* number = std::get_if<std::int64_t>(&bits)) own = RightsJson(*number);
  }
  ShowReport(common.form(), {{"id", id.Hex()},
                             {"path", node.path},
                             {"state", node.state},
                             {"own", std::move(own)},
                             {"rights", std::move(entries)}});
  return Ok();
}

// "user:5=author"; without a level nothing is allowed yet.
Result<RightsChange> ParseGrant(const std::string& text) {
  const auto sign = text.find('=');
  RightsChange change{text.substr(0, sign), 0};
  if (sign == std::string::npos) return change;
  change.bits = BitsFromText(std::string_view(text).substr(sign + 1));
  if (change.bits) return change;
  std::string names;
  for (const RightsLevel& level : RightsLevels()) names += (names.empty() ? "" : ", ") + std::string(level.name);
  return Error{Code::kInvalid, Retry::kNever,
               "\"" + text.substr(sign + 1) + "\" is no level of rights; there are " + names +
                   ", and FOLDER,READ,WRITE,DELETE,ADMIN in numbers"};
}

Result<int> Rights(const Common& common, const Arguments& arguments) {
  std::vector<RightsChange> changes;
  for (const auto& text : arguments.grant) {
    OUTPOST_TRY(auto change, ParseGrant(text));
    changes.push_back(std::move(change));
  }
  for (const auto& who : arguments.revoke) changes.push_back({who, std::nullopt});
  if (changes.empty()) {
    OUTPOST_TRY(const auto access, ReadAccess::Open(common));
    OUTPOST_TRY(const auto view, access->View());
    OUTPOST_TRY(const auto folder, FindFolder(*view, arguments.folder));
    OUTPOST_TRYV(ShowRights(common, *view, folder.id));
    return kExitDone;
  }
  OUTPOST_TRY(const auto place, PlaceOf(common));
  OUTPOST_TRY(const auto access, WriteAccess::Open(place, {}));
  OUTPOST_TRY(const auto before, access->View());
  OUTPOST_TRY(const auto folder, FindFolder(*before, arguments.folder));
  OUTPOST_TRYV(access->commands().ChangeRights(folder.id, std::move(changes)));
  OUTPOST_TRY(const auto after, access->View());
  OUTPOST_TRYV(ShowRights(common, *after, folder.id));
  return kExitDone;
}

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
  CLI::App& group = AddGroup(app, "folder", "The folders of an account; changes wait for the next sync");
  AddVerb(program, group, "list", "All folders with their counts", List, Shows::kMuch);
  AddFolderSearch(program, group);
  auto arguments = std::make_shared<Arguments>();
  const auto add = [&](const char* name, const char* about,
                       Result<int> (*verb)(const Common&, const Arguments&)) -> CLI::App& {
    return AddVerb(program, group, name, about,
                   [arguments, verb](const Common& common) { return verb(common, *arguments); });
  };
  constexpr const char* kParentHelp =
      "Path or id of the folder above; / for one's own folders, Public for those of all";
  CLI::App& make = add("new", "Make a folder", New);
  make.alias("create");
  make.add_option("NAME", arguments->name, "Its name")->required();
  make.add_option("--parent", arguments->parent, kParentHelp)->type_name("PATH");
  make.add_option("--type", arguments->type, "What it holds: contact, appointment, task or mail; as the folder above")
      ->type_name("TYPE");
  CLI::App& rename = add("rename", "Give a folder another name", Rename);
  rename.add_option("FOLDER", arguments->folder, "Path or id of the folder")->type_name("PATH")->required();
  rename.add_option("NAME", arguments->name, "Its new name")->required();
  CLI::App& move = add("move", "Put a folder below another one", Move);
  move.add_option("FOLDER", arguments->folder, "Path or id of the folder")->type_name("PATH")->required();
  move.add_option("--parent", arguments->parent, kParentHelp)->type_name("PATH")->required();
  CLI::App& remove = add("delete", "Delete folders and the folders below them", Delete);
  remove.add_option("FOLDER", arguments->folders, "Paths or ids of the folders")->type_name("PATH")->required();
  remove.add_flag("--contents", arguments->contents, "Also where there is something in them");
  CLI::App& rights = add("rights", "Who may what in a folder: look and change", Rights);
  rights.add_option("FOLDER", arguments->folder, "Path or id of the folder")->type_name("PATH")->required();
  rights.add_option("--grant", arguments->grant, "Gives a user or group a level; without one, an entry with no rights")
      ->type_name("WHO[=LEVEL]");
  rights.add_option("--revoke", arguments->revoke, "Takes an entry away")->type_name("WHO");
  CLI::App& restore = AddVerb(program, group, "restore", "Bring the items of a folder back to how they were, by edits",
                              [arguments](const Common& common) { return Restore(common, *arguments); });
  restore.add_option("FOLDER", arguments->folder, "Path or id of the folder")->type_name("PATH")->required();
  restore.add_option("--at", arguments->at, "As they were after this event, or at this time")
      ->type_name("SEQ|TIME")
      ->required();
}

}  // namespace outpost::cli
