#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <set>

#include "engine/answer.h"
#include "engine/occurrence.h"
#include "engine/past_restore.h"
#include "engine/people.h"
#include "engine/search_file.h"
#include "journal/blobs.h"
#include "journal/item_fold.h"
#include "projection/items.h"
#include "projection/search_folder.h"
#include "tools/outpost/access.h"
#include "tools/outpost/cmd_attach.h"
#include "tools/outpost/cmd_propose.h"
#include "tools/outpost/item_calendar.h"
#include "tools/outpost/item_table.h"
#include "tools/outpost/moment.h"
#include "tools/outpost/values.h"

namespace outpost::cli {
namespace {

struct Arguments {
  std::string at;
  std::string group;
  std::string folder;
  std::string type;
  std::string state;
  std::string item;
  std::string out;
  std::string occurrence;
  std::string file;
  std::string draft;
  std::string reply;
  std::string message;
  bool for_good = false;
  bool copy_series = false;
  std::vector<std::string> items;
  std::vector<std::string> fields;
  TableArguments table;
  CalendarArguments calendar;
};

Result<ItemState> VisibleItem(const StateReader& state, const ItemId& id) {
  OUTPOST_TRY(auto item, LoadItem(state, id));
  if (!item || !item->Visible() || item->type == ItemType::kFolder)
    return Error{Code::kNotFound, Retry::kNever, "no item " + id.Hex()};
  return *std::move(item);
}

// Who the ids in its fields stand for; nothing where it names nobody of the server.
Result<void> AddNames(const StateReader& state, const ItemState& item, Json::Object& report) {
  std::set<std::string> who;
  for (const auto& [id, value] : item.Head())
    if (const auto* texts = std::get_if<std::vector<std::string>>(&value))
      for (const std::string& text : *texts)
        if (const auto one = PeopleNames::WhoIn(text); !one.empty()) who.emplace(one);
  if (who.empty()) return Ok();
  OUTPOST_TRY(const auto people, PeopleNames::Load(state));
  Json::Object names;
  for (const std::string& one : who)
    if (const auto name = people.Of(one); !name.empty()) names.emplace_back(one, name);
  if (!names.empty()) report.emplace_back("people", std::move(names));
  return Ok();
}

// What each who takes part has answered.
void AddAnswers(const ItemState& item, Json::Object& report) {
  const Value users = item.HeadValue(field::AnswerOf(item.type).users);
  const Value outside = item.HeadValue(item.type == ItemType::kAppointment ? field::kAppointmentConfirmations : 0);
  Json::Array answers;
  for (const Value& value : {users, outside})
    if (const auto* texts = std::get_if<std::vector<std::string>>(&value))
      for (const std::string& text : *texts) answers.emplace_back(text);
  if (!answers.empty()) report.emplace_back("answers", std::move(answers));
}

Result<void> ShowItem(const Common& common, const StateReader& state, const ItemId& id) {
  OUTPOST_TRY(const auto item, VisibleItem(state, id));
  OUTPOST_TRY(const auto paths, FolderPaths::Load(state));
  auto report = ItemJson(item, paths);
  OUTPOST_TRYV(AddNames(state, item, report));
  AddAnswers(item, report);
  ShowReport(common.form(), report);
  return Ok();
}

Json::Object ListRow(const Common& common, const ItemState& item, const FolderPaths& paths) {
  auto row = ItemJson(item, paths);
  if (!common.json) row.emplace_back("label", ToJson(item.HeadValue(field::LabelOf(item.type))));
  return row;
}

TableArguments WithTypeAndState(const Arguments& arguments) {
  TableArguments table = arguments.table;
  const auto only = [&](ColumnId column, const std::string& text) {
    if (!text.empty()) table.also.push_back(Restriction::Leaf(Restriction::Kind::kCompare, column, text));
  };
  only(column::kType, arguments.type);
  only(column::kState, arguments.state);
  return table;
}

// Search folders come behind folders of the same name.
std::optional<SearchFolder> SearchFolderCalled(const StateReader& state, const std::string& name) {
  auto folder = FindSearchFolder(state, name);
  return folder ? std::optional(std::move(folder).value()) : std::nullopt;
}

Result<int> List(const Common& common, const Arguments& arguments) {
  const auto type = ItemTypeFromName(arguments.type);
  if (!arguments.type.empty() && !type)
    return Error{Code::kInvalid, Retry::kNever, "no type is called \"" + arguments.type + "\""};
  const bool of_calendar = arguments.calendar.asked();
  if (const auto asked = of_calendar ? "--from" : arguments.table.asked(); !asked.empty()) {
    if (arguments.folder.empty())
      return Error{Code::kInvalid, Retry::kNever, asked + " is of one folder: give --folder as well"};
    const bool more = !arguments.table.asked().empty() || !arguments.type.empty() || !arguments.state.empty();
    if (of_calendar && more)
      return Error{Code::kInvalid, Retry::kNever,
                   "--from and --to show all that takes place: no other choice with them"};
  }
  OUTPOST_TRY(const auto access, ReadAccess::Open(common));
  OUTPOST_TRY(const std::shared_ptr<const JournalView> view, access->View());
  OUTPOST_TRY(const auto paths, FolderPaths::Load(*view));
  std::vector<ItemId> folders;
  if (!arguments.folder.empty()) {
    const auto found = FindFolder(*view, arguments.folder);
    const auto search = found ? std::nullopt : SearchFolderCalled(*view, arguments.folder);
    if (!found && (!search || of_calendar)) return found.error();
    if (of_calendar) {
      OUTPOST_TRYV(ShowCalendar(common, *view, found.value(), paths, arguments.calendar));
      return kExitDone;
    }
    if (search || !arguments.table.asked().empty()) {
      const TableSpec of = search ? search->spec : TableSpec{found.value().id, found.value().type, {}, 0, {}};
      auto index = arguments.table.search.empty() ? std::nullopt : OpenSearch(access->place().folder);
      OUTPOST_TRYV(ShowTable(common, view, of, paths, WithTypeAndState(arguments), index ? &*index : nullptr));
      return kExitDone;
    }
    folders.push_back(found.value().id);
  } else {
    OUTPOST_TRY(const auto all, ListFolders(*view));
    for (const auto& folder : all) folders.push_back(folder.id);
    folders.emplace_back();  // items that name no folder
  }
  ListOutput list(common.form(), {"id", "folder", "type", "state", "label"});
  for (const auto& folder : folders) {
    OUTPOST_TRYV(ForEachItem(*view, folder, [&](const ItemState& item) {
      const bool wanted = (type ? item.type == *type : item.type != ItemType::kPerson) &&
                          (arguments.state.empty() || arguments.state == ItemStateName(item));
      if (wanted) list.Row(ListRow(common, item, paths));
      return true;
    }));
  }
  list.End("items");
  return kExitDone;
}

Result<int> Get(const Common& common, const Arguments& arguments) {
  OUTPOST_TRY(const auto id, ParseItemId(arguments.item));
  OUTPOST_TRY(const auto access, ReadAccess::Open(common));
  OUTPOST_TRY(const auto view, access->View());
  OUTPOST_TRYV(ShowItem(common, *view, id));
  return kExitDone;
}

// The bytes as they are on the server.
Result<int> Source(const Common& common, const Arguments& arguments) {
  OUTPOST_TRY(const auto id, ParseItemId(arguments.item));
  OUTPOST_TRY(const auto access, ReadAccess::Open(common));
  OUTPOST_TRY(const auto view, access->View());
  OUTPOST_TRY(const auto item, VisibleItem(*view, id));
  const field::SourceFields* fields = field::SourceOf(item.type);
  const Value value = fields != nullptr ? item.HeadValue(fields->source) : Value{};
  const auto* blob = std::get_if<BlobRef>(&value);
  if (blob == nullptr)
    return Error{Code::kNotFound, Retry::kNever,
                 fields == nullptr ? "an item of this type has no source"
                                   : "its bytes are not here: say \"outpost item fetch\" and sync"};
  return SaveBlob(*view, *blob, arguments.out);
}

// The type that --type names; without it, what the folder holds.
Result<ItemType> TypeOfNew(const std::string& name, const FolderNode& folder) {
  const auto type = name.empty() ? std::optional(folder.type) : ItemTypeFromName(name);
  if (!type || *type == ItemType::kFolder || (!name.empty() && *type == ItemType::kNone))
    return Error{Code::kInvalid, Retry::kNever, "no type of item is called \"" + name + "\""};
  if (*type == ItemType::kNone)
    return Error{Code::kInvalid, Retry::kNever, "folder " + folder.path + " holds no items"};
  return *type;
}

Result<int> New(const Common& common, const Arguments& arguments) {
  if (!arguments.type.empty()) OUTPOST_TRYV(TypeOfNew(arguments.type, {}));
  OUTPOST_TRY(const auto place, PlaceOf(common));
  OUTPOST_TRY(const auto access, WriteAccess::Open(place, {}));
  OUTPOST_TRY(const auto before, access->View());
  OUTPOST_TRY(const auto folder, FindFolder(*before, arguments.folder));
  OUTPOST_TRY(const ItemType type, TypeOfNew(arguments.type, folder));
  OUTPOST_TRY(auto fields, ParseFields(type, arguments.fields));
  OUTPOST_TRY(const auto made, access->commands().Create(type, folder.id, std::move(fields)));
  OUTPOST_TRY(const auto after, access->View());
  OUTPOST_TRYV(ShowItem(common, *after, made));
  return kExitDone;
}

Result<std::int64_t> DayOfOccurrence(const std::string& text) {
  const auto day = ParseDate(text);
  if (!day) return Error{Code::kInvalid, Retry::kNever, "--occurrence: \"" + text + "\" is no day, such as 2026-12-01"};
  return *day;
}

// Changes one day of a series: the item that it has of its own, which is made where there is none.
Result<ItemId> SetOccurrence(WriteAccess& access, const StateReader& state, const ItemState& series, std::int64_t day,
                             FieldMap patch) {
  OUTPOST_TRY(const auto existing, ExceptionOn(state, series, day));
  if (existing) {
    OUTPOST_TRYV(access.commands().Set(*existing, std::move(patch)));
    return *existing;
  }
  OUTPOST_TRY(auto fields, ExceptionFields(series, day, patch));
  return access.commands().Create(series.type, series.Folder(), std::move(fields));
}

// Takes one day out of a series: the id of the item that changed or went.
Result<ItemId> DeleteOccurrence(WriteAccess& access, const StateReader& state, const ItemState& series,
                                std::int64_t day) {
  OUTPOST_TRY(const auto existing, ExceptionOn(state, series, day));
  if (existing) {
    OUTPOST_TRYV(access.commands().Delete(*existing));
    return *existing;
  }
  OUTPOST_TRY(auto patch, DroppedDay(series, day));
  OUTPOST_TRYV(access.commands().Set(series.id, std::move(patch)));
  return series.id;
}

Result<int> Set(const Common& common, const Arguments& arguments) {
  OUTPOST_TRY(const auto id, ParseItemId(arguments.item));
  OUTPOST_TRY(const auto place, PlaceOf(common));
  OUTPOST_TRY(const auto access, WriteAccess::Open(place, {}));
  OUTPOST_TRY(const auto before, access->View());
  OUTPOST_TRY(const auto item, VisibleItem(*before, id));
  OUTPOST_TRY(auto patch, ParseFields(item.type, arguments.fields));
  ItemId changed = id;
  if (arguments.occurrence.empty()) {
    OUTPOST_TRYV(access->commands().Set(id, std::move(patch)));
  } else {
    OUTPOST_TRY(const auto day, DayOfOccurrence(arguments.occurrence));
    OUTPOST_TRY(changed, SetOccurrence(*access, *before, item, day, std::move(patch)));
  }
  OUTPOST_TRY(const auto after, access->View());
  OUTPOST_TRYV(ShowItem(common, *after, changed));
  return kExitDone;
}

Result<int> Move(const Common& common, const Arguments& arguments) {
  OUTPOST_TRY(const auto id, ParseItemId(arguments.item));
  OUTPOST_TRY(const auto place, PlaceOf(common));
  OUTPOST_TRY(const auto access, WriteAccess::Open(place, {}));
  OUTPOST_TRY(const auto before, access->View());
  OUTPOST_TRYV(VisibleItem(*before, id));
  OUTPOST_TRY(const auto folder, FindFolder(*before, arguments.folder));
  ItemId moved = id;
  if (arguments.copy_series) {
    OUTPOST_TRY(moved, access->commands().MoveSeries(id, folder.id));
  } else {
    OUTPOST_TRYV(access->commands().Move(id, folder.id));
  }
  OUTPOST_TRY(const auto after, access->View());
  OUTPOST_TRYV(ShowItem(common, *after, moved));
  return kExitDone;
}

Result<int> Copy(const Common& common, const Arguments& arguments) {
  OUTPOST_TRY(const auto id, ParseItemId(arguments.item));
  OUTPOST_TRY(const auto place, PlaceOf(common));
  OUTPOST_TRY(const auto access, WriteAccess::Open(place, {}));
  OUTPOST_TRY(const auto before, access->View());
  OUTPOST_TRY(const auto folder, FindFolder(*before, arguments.folder));
  OUTPOST_TRY(const auto made, access->commands().CopyMail(id, folder.id));
  OUTPOST_TRY(const auto after, access->View());
  OUTPOST_TRYV(ShowItem(common, *after, made));
  return kExitDone;
}

Result<int> Delete(const Common& common, const Arguments& arguments) {
  std::vector<ItemId> ids;
  for (const auto& text : arguments.items) {
    OUTPOST_TRY(const auto id, ParseItemId(text));
    ids.push_back(id);
  }
  OUTPOST_TRY(const auto place, PlaceOf(common));
  OUTPOST_TRY(const auto access, WriteAccess::Open(place, {}));
  OUTPOST_TRY(const auto view, access->View());
  for (const auto& id : ids) OUTPOST_TRYV(VisibleItem(*view, id));
  Json::Array deleted;
  if (!arguments.occurrence.empty()) {
    if (ids.size() != 1) return Error{Code::kInvalid, Retry::kNever, "--occurrence is of one series"};
    OUTPOST_TRY(const auto day, DayOfOccurrence(arguments.occurrence));
    OUTPOST_TRY(const auto series, VisibleItem(*view, ids.front()));
    OUTPOST_TRY(const auto changed, DeleteOccurrence(*access, *view, series, day));
    ShowReport(common.form(), {{"changed", changed.Hex()}});
    return kExitDone;
  }
  for (const auto& id : ids) {
    OUTPOST_TRYV(arguments.for_good ? access->commands().DeleteForGood(id) : access->commands().Delete(id));
    deleted.emplace_back(id.Hex());
  }
  ShowReport(common.form(), {{"deleted", std::move(deleted)}});
  return kExitDone;
}

Result<int> AnswerItem(const Common& common, const Arguments& arguments) {
  OUTPOST_TRY(const auto id, ParseItemId(arguments.item));
  const auto reply = AttendanceFromName(arguments.reply);
  if (!reply) return Error{Code::kInvalid, Retry::kNever, "ANSWER: accept, tentative, decline or none"};
  OUTPOST_TRY(const auto place, PlaceOf(common));
  OUTPOST_TRY(const auto access, WriteAccess::Open(place, {}));
  OUTPOST_TRY(const auto before, access->View());
  OUTPOST_TRY(const auto item, VisibleItem(*before, id));
  ItemId answered = id;
  std::optional<ItemId> existing = id;
  std::int64_t day = 0;
  if (!arguments.occurrence.empty()) {
    OUTPOST_TRY(day, DayOfOccurrence(arguments.occurrence));
    OUTPOST_TRY(existing, ExceptionOn(*before, item, day));
  }
  if (existing) {
    answered = *existing;
    OUTPOST_TRY(auto patch, AttendancePatch(item, *reply, arguments.message));
    OUTPOST_TRYV(access->commands().Set(answered, std::move(patch)));
  } else {
    OUTPOST_TRY(auto fields, AnsweredDay(item, day, *reply, arguments.message));
    OUTPOST_TRY(answered, access->commands().Create(item.type, item.Folder(), std::move(fields)));
  }
  OUTPOST_TRY(const auto after, access->View());
  OUTPOST_TRYV(ShowItem(common, *after, answered));
  return kExitDone;
}

Result<int> WriteMail(const Common& common, const Arguments& arguments, bool draft) {
  MailFile mail;
  mail.draft = draft;
  if (!arguments.draft.empty()) {
    OUTPOST_TRY(mail.replaces, ParseItemId(arguments.draft));
  }
  if (!arguments.file.empty()) {
    std::error_code failed;
    mail.path = std::filesystem::absolute(arguments.file, failed);
    if (failed) return Error{Code::kInvalid, Retry::kNever, "FILE: " + failed.message()};
  } else if (!mail.replaces) {
    return Error{Code::kInvalid, Retry::kNever, "FILE or --draft is needed"};
  }
  OUTPOST_TRY(const auto place, PlaceOf(common));
  OUTPOST_TRY(const auto access, WriteAccess::Open(place, {}));
  OUTPOST_TRY(const auto made, access->commands().WriteMail(std::move(mail)));
  OUTPOST_TRY(const auto after, access->View());
  OUTPOST_TRYV(ShowItem(common, *after, made));
  return kExitDone;
}

Result<int> Send(const Common& common, const Arguments& arguments) { return WriteMail(common, arguments, false); }
Result<int> Draft(const Common& common, const Arguments& arguments) { return WriteMail(common, arguments, true); }

// The item may be gone: past.Item() says what it was.
Result<int> Restore(const Common& common, const Arguments& arguments) {
  OUTPOST_TRY(const auto id, ParseItemId(arguments.item));
  OUTPOST_TRY(const auto place, PlaceOf(common));
  OUTPOST_TRY(const auto access, WriteAccess::Open(place, {}));
  OUTPOST_TRY(const auto before, access->View());
  OUTPOST_TRY(const Sequence at, ParseMoment(*before, arguments.at));
  OUTPOST_TRY(const auto past, Past::Open(*before, at));
  std::optional<GroupId> group;
  if (!arguments.group.empty()) {
    OUTPOST_TRY(const auto then, past.Item(id));
    group = then ? FindGroup(then->type, arguments.group) : std::nullopt;
    if (then && !group)
      return Error{Code::kInvalid, Retry::kNever,
                   std::string("a ") + ItemTypeName(then->type) + " has no group \"" + arguments.group + "\""};
  }
  OUTPOST_TRYV(RestoreItem(access->commands(), *before, past, id, group));
  OUTPOST_TRY(const auto after, access->View());
  OUTPOST_TRYV(ShowItem(common, *after, id));
  return kExitDone;
}

constexpr const char* kFieldHelp =
    "name=value; an empty value clears, name=@FILE takes a file's text. Names: docs/cli.md";

}  // namespace

void AddItem(Program& program, CLI::App& app) {
  CLI::App& group = AddGroup(app, "item", "Contacts and other items: look and change; changes wait for the next sync");
  const auto add = [&](const char* name, const char* about, Result<int> (*verb)(const Common&, const Arguments&),
                       Shows shows = Shows::kLittle) {
    auto arguments = std::make_shared<Arguments>();
    CLI::App& added = AddVerb(
        program, group, name, about, [arguments, verb](const Common& common) { return verb(common, *arguments); },
        shows);
    return std::pair<CLI::App&, Arguments&>(added, *arguments);
  };
  {
    auto [verb, arguments] = add("list", "The items of a folder, or of all", List, Shows::kMuch);
    verb.add_option("--folder", arguments.folder, "Path or id of the folder")->type_name("PATH");
    verb.add_option("--type", arguments.type, "Only this type")->type_name("TYPE");
    verb.add_option("--state", arguments.state, "Only this state")
        ->check(CLI::IsMember({"synced", "pending", "parked", "conflict", "local"}));
    CalendarArguments& calendar = arguments.calendar;
    verb.add_option("--from", calendar.from, "Of a calendar: what takes place from this day or time on")
        ->type_name("DAY|TIME");
    verb.add_option("--to", calendar.to, "... to the end of this day, or until this time")->type_name("DAY|TIME");
    verb.add_option("--zone", calendar.zone, "Whose days these are; UTC unless given")->type_name("ZONE");
    TableArguments& table = arguments.table;
    verb.add_option("--columns", table.columns, "What to show of each, separated by commas")->type_name("NAME,...");
    verb.add_option("--sort", table.sort, "Up to 4 columns, the first counts most; :desc behind one turns it round")
        ->type_name("NAME[:desc],...");
    verb.add_option("--where", table.where, "Only what this holds for; docs/cli.md, Conditions")
        ->type_name("CONDITION");
    verb.add_option("--search", table.search, "Only what has these words, each at the beginning of one")
        ->type_name("TEXT");
    verb.add_option("--group", table.group, "The groups that these columns make, and how many items each has")
        ->type_name("NAME,...");
    verb.add_option("--offset", table.offset, "Leave the first N out")->check(CLI::NonNegativeNumber)->type_name("N");
    verb.add_option("--limit", table.limit, "At most N")->check(CLI::NonNegativeNumber)->type_name("N");
  }
  {
    auto [verb, arguments] = add("get", "One item", Get, Shows::kMuch);
    verb.add_option("ID", arguments.item, "The item's id")->required();
  }
  {
    auto [verb, arguments] = add("source", "A mail or an attachment byte by byte, where it is here", Source);
    verb.add_option("ID", arguments.item, "Its id")->required();
    verb.add_option("--out", arguments.out, "Into this new file instead of standard output")->type_name("FILE");
  }
  AddAttachmentVerbs(program, group);
  AddProposalVerb(program, group);
  {
    auto [verb, arguments] = add("new", "Make an item", New);
    verb.add_option("--folder", arguments.folder, "Path or id of its folder")->type_name("PATH")->required();
    verb.add_option("--type", arguments.type, "contact, list, appointment, task or mail; what the folder holds")
        ->type_name("TYPE");
    verb.add_option("FIELD", arguments.fields, kFieldHelp);
  }
  {
    auto [verb, arguments] = add("answer", "Answer an invitation, or a task one is asked to do", AnswerItem);
    verb.add_option("ID", arguments.item, "The item's id")->required();
    verb.add_option("ANSWER", arguments.reply, "accept, tentative, decline; none takes an answer back")->required();
    verb.add_option("--message", arguments.message, "What the others read with it")->type_name("TEXT");
    verb.add_option("--occurrence", arguments.occurrence, "Only this day of a series of appointments")
        ->type_name("DAY");
  }
  {
    auto [verb, arguments] = add("send", "Send a mail, with the next sync", Send);
    verb.add_option("FILE", arguments.file, "The whole mail as RFC 822, such as a .eml file")->type_name("FILE");
    verb.add_option("--draft", arguments.draft, "The draft that it was, which goes; without FILE it is sent as it is")
        ->type_name("ID");
  }
  {
    auto [verb, arguments] = add("draft", "Keep a mail among the drafts", Draft);
    verb.add_option("FILE", arguments.file, "The whole mail as RFC 822, such as a .eml file")
        ->type_name("FILE")
        ->required();
    verb.add_option("--replaces", arguments.draft, "The draft that it was before")->type_name("ID");
  }
  {
    auto [verb, arguments] = add("set", "Change fields of an item", Set);
    verb.add_option("ID", arguments.item, "The item's id")->required();
    verb.add_option("FIELD", arguments.fields, kFieldHelp)->required();
    verb.add_option("--occurrence", arguments.occurrence, "Only this day of a series of appointments")
        ->type_name("DAY");
  }
  {
    auto [verb, arguments] = add("move", "Move an item to another folder", Move);
    verb.add_option("ID", arguments.item, "The item's id")->required();
    verb.add_option("--folder", arguments.folder, "Path or id of the new folder")->type_name("PATH")->required();
    verb.add_flag("--copy-series", arguments.copy_series,
                  "A series of appointments: make it anew there, and delete it here when that is on the server");
  }
  {
    auto [verb, arguments] = add("copy", "Copy a mail to a folder", Copy);
    verb.add_option("ID", arguments.item, "The mail's id")->required();
    verb.add_option("--folder", arguments.folder, "Path or id of the folder")->type_name("PATH")->required();
  }
  {
    auto [verb, arguments] = add("restore", "Bring an item back to how it was, by an edit", Restore);
    verb.add_option("ID", arguments.item, "The item's id")->required();
    verb.add_option("--at", arguments.at, "As it was after this event, or at this time")
        ->type_name("SEQ|TIME")
        ->required();
    verb.add_option("--group", arguments.group, "Only this field group")->type_name("GROUP");
  }
  {
    auto [verb, arguments] = add("delete", "Delete items", Delete);
    verb.add_option("ID", arguments.items, "The items' ids")->required();
    verb.add_flag("--for-good", arguments.for_good, "Mails pass by the trash");
    verb.add_option("--occurrence", arguments.occurrence, "Only this day of a series of appointments")
        ->type_name("DAY");
  }
}

}  // namespace outpost::cli
