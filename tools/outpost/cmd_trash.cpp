#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <algorithm>
#include <memory>

#include "projection/items.h"
#include "tools/outpost/access.h"
#include "tools/outpost/values.h"

namespace outpost::cli {
namespace {

struct TrashArguments {
  std::string type, folder;
  std::vector<std::string> items;
};

struct Deleted {
  ItemState item;
  Millis when{0};
};

// When it went: by the last that happened to it.
Result<Deleted> WhenDeleted(const JournalView& view, ItemState item) {
  Deleted deleted{std::move(item), {}};
  const auto event = view.Read(deleted.item.head_seq);
  if (event)
    deleted.when = event.value().header.time;
  else if (event.error().code != Code::kNotFound)  // that event may be dropped by now
    return event.error();
  return deleted;
}

Json::Object DeletedJson(const Deleted& deleted, const FolderPaths& paths) {
  const ItemState& item = deleted.item;
  return {{"id", item.id.Hex()},
          {"type", ItemTypeName(item.type)},
          {"folder", paths.Of(item.Folder())},
          {"label", ToJson(item.HeadValue(field::LabelOf(item.type)))},
          {"deleted", deleted.when.count() != 0 ? Json(deleted.when.count()) : Json()},
          {"state", item.pending.empty() ? "gone" : "pending"}};
}

Result<int> ListTrash(const Common& common, const TrashArguments& arguments) {
  const auto type = ItemTypeFromName(arguments.type);
  if (!arguments.type.empty() && !type)
    return Error{Code::kInvalid, Retry::kNever, "no type of item is called \"" + arguments.type + "\""};
  OUTPOST_TRY(const auto access, ReadAccess::Open(common));
  OUTPOST_TRY(const auto view, access->View());
  OUTPOST_TRY(const auto paths, FolderPaths::Load(*view));
  std::optional<ItemId> folder;
  if (!arguments.folder.empty()) {
    OUTPOST_TRY(const FolderNode found, FindFolder(*view, arguments.folder));
    folder = found.id;
  }
  std::vector<Deleted> all;
  Result<void> looked = Ok();
  OUTPOST_TRYV(ForEachInTrash(*view, [&](const ItemState& item) {
    if ((type && item.type != *type) || (folder && item.Folder() != *folder)) return true;
    auto deleted = WhenDeleted(*view, item);
    if (deleted)
      all.push_back(std::move(deleted).assume_value());
    else
      looked = deleted.error();
    return static_cast<bool>(looked);
  }));
  OUTPOST_TRYV(looked);
  std::stable_sort(all.begin(), all.end(), [](const Deleted& a, const Deleted& b) { return a.when > b.when; });
  ListOutput list(common.form(), {"id", "folder", "type", "label", "deleted", "state"});
  for (const Deleted& deleted : all) {
    Json::Object row = DeletedJson(deleted, paths);
    if (!common.json)
      for (auto& [name, value] : row)
        if (name == "deleted" && deleted.when.count() != 0) value = TimeText(deleted.when.count());
    list.Row(std::move(row));
  }
  list.End("deleted items");
  return kExitDone;
}

Result<int> RestoreFromTrash(const Common& common, const TrashArguments& arguments) {
  std::vector<ItemId> ids;
  for (const std::string& text : arguments.items) {
    OUTPOST_TRY(const auto id, ParseItemId(text));
    ids.push_back(id);
  }
  OUTPOST_TRY(const auto place, PlaceOf(common));
  OUTPOST_TRY(const auto access, WriteAccess::Open(place, {}));
  OUTPOST_TRY(const auto before, access->View());
  for (const ItemId& id : ids) {
    OUTPOST_TRY(const auto item, LoadItem(*before, id));
    if (!item || !IsInTrash(*item))
      return Error{Code::kNotFound, Retry::kNever, "item " + id.Hex() + " is not among what was deleted"};
  }
  for (const ItemId& id : ids) OUTPOST_TRYV(access->commands().Restore(id, {}));
  OUTPOST_TRY(const auto view, access->View());
  OUTPOST_TRY(const auto paths, FolderPaths::Load(*view));
  ListOutput list(common.form(), {"id", "folder", "type", "state"});
  for (const ItemId& id : ids) {
    OUTPOST_TRY(const auto item, LoadItem(*view, id));
    if (item) list.Row(ItemJson(*item, paths));
  }
  list.End("items");
  return kExitDone;
}

}  // namespace

void AddTrash(Program& program, CLI::App& app) {
  CLI::App& group =
      AddGroup(app, "trash", "Contacts, lists, appointments and tasks that were deleted, here or elsewhere");
  const auto arguments = std::make_shared<TrashArguments>();
  CLI::App& list = AddVerb(
      program, group, "list", "What was deleted, the newest first",
      [arguments](const Common& common) { return ListTrash(common, *arguments); }, Shows::kMuch);
  list.add_option("--type", arguments->type, "contact, list, appointment or task")->type_name("TYPE");
  list.add_option("--folder", arguments->folder, "What was in this folder")->type_name("PATH");
  CLI::App& restore =
      AddVerb(program, group, "restore", "Make deleted items again, as they were; nobody is invited anew",
              [arguments](const Common& common) { return RestoreFromTrash(common, *arguments); });
  restore.add_option("ID", arguments->items, "Their ids")->required();
}

}  // namespace outpost::cli
