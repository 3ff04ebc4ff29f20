#include "tools/outpost/folder_search.h"

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <memory>

#include "base/system/system_clock.h"
#include "engine/mail_body.h"
#include "engine/search_folders.h"
#include "projection/stored_order.h"
#include "schemas/folders.h"
#include "tools/outpost/access.h"
#include "tools/outpost/values.h"
#include "tools/outpost/where.h"

namespace outpost::cli {
namespace {

struct SearchArguments {
  std::string folder;
  std::vector<std::string> folders;
  std::string name, type, where, search;
  std::vector<std::string> in;
  bool below = false, flat = false;
};

constexpr const char* kOwnTop = "/";

Json InNames(const SearchFolder& folder, const FolderPaths& paths) {
  Json::Array names;
  const auto add = [&](const ItemId& id) {
    if (id == root::kPrivate)
      names.emplace_back(kOwnTop);
    else if (id == root::kPublic)
      names.emplace_back("Public");
    else if (id == root::kShared)
      names.emplace_back("Shared");
    else
      names.push_back(paths.Of(id));
  };
  add(folder.spec.folder);
  for (const ItemId& more : folder.spec.also) add(more);
  return names;
}

Result<std::size_t> CountRows(const std::shared_ptr<const JournalView>& view, const TableSpec& spec) {
  TableSpec with_bodies = spec;
  with_bodies.bodies = BodiesOfMails();
  OUTPOST_TRY(const ContentsTable table, ContentsTable::Open(view, with_bodies));
  return table.size();
}

// One that cannot be read has its id and why.
Result<Json::Object> SearchFolderJson(const std::shared_ptr<const JournalView>& view, const SearchFolder& folder,
                                      const FolderPaths& paths) {
  if (!folder.wrong.empty()) return Json::Object{{"id", folder.id.Hex()}, {"name", Json()}, {"problem", folder.wrong}};
  OUTPOST_TRY(const std::size_t total, CountRows(view, folder.spec));
  Json unread = 0;
  if (folder.spec.content == ItemType::kMail) {
    TableSpec unseen = folder.spec;
    unseen.where = Restriction::And({unseen.where.value_or(Restriction()),
                                     Restriction::Leaf(Restriction::Kind::kCompare, field::kMailSeen, false)});
    OUTPOST_TRY(const std::size_t count, CountRows(view, unseen));
    unread = count;
  }
  return Json::Object{{"id", folder.id.Hex()},
                      {"name", folder.name},
                      {"type", ItemTypeName(folder.spec.content)},
                      {"in", InNames(folder, paths)},
                      {"below", folder.spec.below},
                      {"where", TextOrNull(folder.typed)},
                      {"total", total},
                      {"unread", std::move(unread)}};
}

Result<int> ListSearches(const Common& common, const SearchArguments&) {
  OUTPOST_TRY(const auto access, ReadAccess::Open(common));
  OUTPOST_TRY(const std::shared_ptr<const JournalView> view, access->View());
  OUTPOST_TRY(const auto folders, ListSearchFolders(*view));
  OUTPOST_TRY(const auto paths, FolderPaths::Load(*view));
  ListOutput list(common.form(), {"name", "type", "total", "unread", "in", "where", "id"});
  for (const SearchFolder& folder : folders) {
    OUTPOST_TRY(auto row, SearchFolderJson(view, folder, paths));
    list.Row(std::move(row));
  }
  list.End("search folders");
  return kExitDone;
}

// --where and --search as one condition that --where would take.
std::string JoinedCondition(const SearchArguments& arguments) {
  if (arguments.search.empty()) return arguments.where;
  std::string quoted = "search \"";
  for (const char c : arguments.search) {
    if (c == '"' || c == '\\') quoted += '\\';
    quoted += c;
  }
  quoted += '"';
  return arguments.where.empty() ? quoted : "(" + arguments.where + ") and " + quoted;
}

// Puts what was given into the definition; what was not stays.
Result<void> TakeDefinition(const StateReader& state, const SearchArguments& arguments, SearchFolder& folder) {
  TableSpec& spec = folder.spec;
  if (!arguments.name.empty()) folder.name = arguments.name;
  if (!arguments.in.empty()) {
    spec.also.clear();
    bool first = true;
    for (const std::string& name : arguments.in) {
      ItemId id = name == kOwnTop ? root::kPrivate : name == "Public" ? root::kPublic : root::kShared;
      if (name != kOwnTop && name != "Public" && name != "Shared") {
        OUTPOST_TRY(const auto found, FindFolder(state, name));
        id = found.id;
        if (spec.content == ItemType::kNone) spec.content = found.type;
      }
      if (first)
        spec.folder = id;
      else
        spec.also.push_back(id);
      first = false;
    }
  }
  if (arguments.below) spec.below = true;
  if (arguments.flat) spec.below = false;
  if (!arguments.type.empty()) {
    const auto type = ItemTypeFromName(arguments.type);
    if (!type || StoredPlaceFields(*type).empty() || FieldOwner(*type) != *type)
      return Error{Code::kInvalid, Retry::kNever, "no folder holds items of type \"" + arguments.type + "\""};
    spec.content = *type;
  }
  if (spec.content == ItemType::kNone)
    return Error{Code::kInvalid, Retry::kNever, "say with --type what it is to show"};
  if (!arguments.where.empty() || !arguments.search.empty()) {
    folder.typed = JoinedCondition(arguments);
    OUTPOST_TRY(spec.where, ParseWhere(spec.content, folder.typed));
  }
  return Ok();
}

Result<void> ShowSearchFolder(const Common& common, WriteAccess& access, const ItemId& id) {
  OUTPOST_TRY(const std::shared_ptr<const JournalView> view, access.View());
  OUTPOST_TRY(const auto folder, LoadSearchFolder(*view, id));
  OUTPOST_TRY(const auto paths, FolderPaths::Load(*view));
  OUTPOST_TRY(auto report, SearchFolderJson(view, folder, paths));
  ShowReport(common.form(), std::move(report));
  return Ok();
}

Result<int> NewSearch(const Common& common, const SearchArguments& arguments) {
  OUTPOST_TRY(const auto place, PlaceOf(common));
  OUTPOST_TRY(const auto access, WriteAccess::Open(place, {}));
  OUTPOST_TRY(const auto view, access->View());
  SystemClock clock;
  SystemRandom random;
  SearchFolder folder;
  folder.id = MakeId<ItemId>(clock.WallNow(), random);
  folder.name = arguments.folder;
  // Unless told otherwise: everything of one's own.
  folder.spec.folder = root::kPrivate;
  folder.spec.below = arguments.in.empty();
  OUTPOST_TRYV(TakeDefinition(*view, arguments, folder));
  OUTPOST_TRYV(PutSearchFolder(access->commands(), *view, folder));
  OUTPOST_TRYV(ShowSearchFolder(common, *access, folder.id));
  return kExitDone;
}

Result<int> ChangeSearch(const Common& common, const SearchArguments& arguments) {
  OUTPOST_TRY(const auto place, PlaceOf(common));
  OUTPOST_TRY(const auto access, WriteAccess::Open(place, {}));
  OUTPOST_TRY(const auto view, access->View());
  OUTPOST_TRY(auto folder, FindSearchFolder(*view, arguments.folder));
  OUTPOST_TRYV(TakeDefinition(*view, arguments, folder));
  OUTPOST_TRYV(PutSearchFolder(access->commands(), *view, folder));
  OUTPOST_TRYV(ShowSearchFolder(common, *access, folder.id));
  return kExitDone;
}

Result<int> DeleteSearches(const Common& common, const SearchArguments& arguments) {
  OUTPOST_TRY(const auto place, PlaceOf(common));
  OUTPOST_TRY(const auto access, WriteAccess::Open(place, {}));
  OUTPOST_TRY(const auto view, access->View());
  Json::Array deleted;
  for (const std::string& name : arguments.folders) {
    // By its id also where its definition cannot be read.
    ItemId id = ItemId::FromHex(name).value_or(ItemId{});
    if (!id) {
      OUTPOST_TRY(const auto folder, FindSearchFolder(*view, name));
      id = folder.id;
    }
    OUTPOST_TRYV(RemoveSearchFolder(access->commands(), *view, id));
    deleted.emplace_back(id.Hex());
  }
  ShowReport(common.form(), {{"deleted", std::move(deleted)}});
  return kExitDone;
}

}  // namespace

void AddFolderSearch(Program& program, CLI::App& folder) {
  CLI::App& group = AddGroup(folder, "search", "Search folders: conditions over several folders, kept under a name");
  auto arguments = std::make_shared<SearchArguments>();
  const auto add = [&](const char* name, const char* about,
                       Result<int> (*verb)(const Common&, const SearchArguments&)) -> CLI::App& {
    return AddVerb(program, group, name, about,
                   [arguments, verb](const Common& common) { return verb(common, *arguments); });
  };
  add("list", "All search folders and how many items they show", ListSearches);
  const auto definition = [&](CLI::App& verb) {
    verb.add_option("--in", arguments->in, "Path or id of a folder it looks into; / for one's own top; more than once")
        ->type_name("PATH");
    verb.add_flag("--below", arguments->below, "Also into the folders below these");
    verb.add_option("--type", arguments->type, "What it shows: contact, appointment, task or mail")->type_name("TYPE");
    verb.add_option("--where", arguments->where, "The condition, as of item list")->type_name("CONDITION");
    verb.add_option("--search", arguments->search, "Words that its items have")->type_name("TEXT");
  };
  CLI::App& make = add("new", "Make a search folder", NewSearch);
  make.alias("create");
  make.add_option("NAME", arguments->folder, "Its name")->required();
  definition(make);
  CLI::App& change = add("change", "Give a search folder another definition", ChangeSearch);
  change.add_option("SEARCH", arguments->folder, "Name or id of the search folder")->required();
  change.add_option("--name", arguments->name, "Its new name")->type_name("NAME");
  definition(change);
  change.add_flag("--flat", arguments->flat, "Not into the folders below");
  CLI::App& remove = add("delete", "Remove search folders; what they show stays", DeleteSearches);
  remove.add_option("SEARCH", arguments->folders, "Names or ids of the search folders")->required();
}

}  // namespace outpost::cli
