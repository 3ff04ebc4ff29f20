// The modules config, capabilities and user (http-api.md 9).
#include <nlohmann/json.hpp>

#include "tools/oxserver/contacts.h"
#include "tools/oxserver/directory.h"
#include "tools/oxserver/folder_view.h"
#include "tools/oxserver/mail.h"

namespace outpost::oxserver {
namespace {

constexpr const char* kServerVersion = "7.10.6-Rev0";
constexpr const char* kCapabilities[] = {
    "contacts",          "tasks",   "gab",       "multiple",     "readcreatesharedfolders",
    "editpublicfolders", "webmail", "websocket", "mailfilter_v2"};

// Columns of the module `user` that mean something else in `contacts`.
constexpr int kAliases = 610, kTimezone = 611, kLocale = 612, kGroups = 613, kContactId = 614, kLoginInfo = 615,
              kGuestCreatedBy = 616;
constexpr struct {
  int id;
  const char* name;
} kUserColumns[] = {{kAliases, "aliases"},
                    {kTimezone, "timezone"},
                    {kLocale, "locale"},
                    {kGroups, "groups"},
                    {kContactId, "contact_id"},
                    {kLoginInfo, "login_info"},
                    {kGuestCreatedBy, "guest_created_by"}};

std::string FolderIdText(const World& world, int user, FolderModule module) {
  const Folder* folder = DefaultFolder(world, user, module);
  return folder == nullptr ? "null" : Quoted(std::to_string(folder->id));
}

const Object* EntryOf(const World& world, int user) {
  for (const auto& [id, contact] : world.state.ContentsOf(kGlobalAddressBook).by_id) {
    if (contact->user == user) return contact;
  }
  return nullptr;
}

// Values that the server makes; the others are what was put.
std::optional<std::string> BuiltIn(World& world, const Request& request, std::string_view path) {
  const Account& account = *world.state.FindAccount(request.user);
  const Object* entry = EntryOf(world, request.user);
  if (path == "identifier") return std::to_string(request.user);
  if (path == "context_id") return std::to_string(kContextId);
  if (path == "contact_id") return entry == nullptr ? "null" : std::to_string(entry->id);
  if (path == "timezone") return Quoted(account.timezone);
  if (path == "currentTime") return std::to_string(world.stamps.Now());
  if (path == "serverVersion") return Quoted(kServerVersion);
  if (path == "tombstoneCleanup/timespan") return std::to_string(world.options.tombstone_retention.count());
  if (path == "folder/contacts") return FolderIdText(world, request.user, FolderModule::kContacts);
  if (path == "folder/calendar") return FolderIdText(world, request.user, FolderModule::kCalendar);
  if (path == "folder/tasks") return FolderIdText(world, request.user, FolderModule::kTasks);
  if (path == "folder") {
    return "{\"contacts\":" + FolderIdText(world, request.user, FolderModule::kContacts) +
           ",\"calendar\":" + FolderIdText(world, request.user, FolderModule::kCalendar) +
           ",\"tasks\":" + FolderIdText(world, request.user, FolderModule::kTasks) + "}";
  }
  if (path == "mail/defaultaddress") return Quoted(account.name + "@example.com");
  if (path == "mail/addresses") return "[" + Quoted(account.name + "@example.com") + "]";
  if (path == "mail/sendaddress") return Quoted(account.name + "@example.com");
  if (path.substr(0, 12) == "mail/folder/") {
    for (const auto& [name, title] : {std::pair<std::string_view, std::string_view>{"inbox", "INBOX"},
                                      {"drafts", "Drafts"},
                                      {"trash", "Trash"},
                                      {"spam", "Spam"},
                                      {"sent", "Sent"}}) {
      const Folder* folder = path.substr(12) == name ? SpecialFolder(world, request.user, title) : nullptr;
      if (folder != nullptr) return Quoted(folder->path);
    }
  }
  if (path == "minimumSearchCharacters") return "0";
  if (path == "modules/contacts/module" || path == "modules/tasks/module" || path == "modules/olox20/active" ||
      path == "modules/olox20/module" || path == "modules/mail/module")
    return "true";
  if (path == "modules/calendar/module") return "false";
  if (path == "modules/folder/public_folders" || path == "modules/folder/read_create_shared_folders") return "true";
  return std::nullopt;
}

Api<Answer> PutConfig(World& world, const Request& request, std::string_view path) {
  const auto value = request.body->is_object() ? request.body->find("data") : request.body->end();
  if (!request.body->is_object() || value == request.body->end()) return MissingParameter("data");
  if (path == "timezone") {
    Account account = *world.state.FindAccount(request.user);
    if (!value->is_string()) return InvalidParameter("timezone", "");
    account.timezone = value->get<std::string>();
    world.state.PutAccount(account);
    return Answer{};
  }
  if (path != "language" && BuiltIn(world, request, path)) {
    return ApiError{"USS-0002", Category::kPermissionDenied, "The setting cannot be written.", {std::string(path)}, {},
                    {}};
  }
  world.state.PutSetting(request.user, path, value->dump(-1, ' ', false, Json::error_handler_t::replace));
  return Answer{};
}

void AppendUserValue(std::string& out, const World& world, const Object& contact, int column, const Zone& zone) {
  const Account* account = world.state.FindAccount(contact.user);
  switch (column) {
    case kColId:
      AppendNumber(out, contact.user);
      return;  // a user's id, not his contact's
    case kAliases:
      out += "[" + Quoted(account->name + "@example.com") + "]";
      return;
    case kTimezone:
      AppendQuoted(out, account->timezone);
      return;
    case kLocale:
      out += "\"en_US\"";
      return;
    case kGroups:
      out += '[';
      for (const auto group : GroupsOf(world, contact.user)) {
        if (out.back() != '[') out += ',';
        AppendNumber(out, group);
      }
      out += ']';
      return;
    case kContactId:
      AppendQuoted(out, std::to_string(contact.id));
      return;
    case kLoginInfo:
      AppendQuoted(out, account->name);
      return;
    case kGuestCreatedBy:
      out += '0';
      return;
    default:
      break;
  }
  const int position = ContactColumns().ById(column);
  if (position < 0)
    out += "null";
  else
    AppendValue(out, ContactsModule(), world, contact, position, zone);
}

Api<Answer> UserRows(const World& world, const Request& request, const std::vector<const Object*>& users) {
  OUTPOST_TRY(const auto columns, ParseColumns(request.params));
  Answer answer;
  std::int64_t newest = 0;
  answer.data = "[";
  for (const Object* user : users) {
    answer.data += answer.data.size() > 1 ? ",[" : "[";
    for (std::size_t i = 0; i < columns.size(); ++i) {
      if (i > 0) answer.data += ',';
      AppendUserValue(answer.data, world, *user, columns[i], *request.zone);
    }
    answer.data += ']';
    newest = std::max(newest, user->modified);
  }
  answer.data += ']';
  answer.timestamp = newest;
  return answer;
}

Api<Answer> UserObject(const World& world, const Request& request, const Object& user) {
  Answer answer;
  const auto add = [&](const char* name, int column) {
    std::string value;
    AppendUserValue(value, world, user, column, *request.zone);
    if (value != "null") answer.data += (answer.data.empty() ? "{" : ",") + Quoted(name) + ":" + value;
  };
  for (const auto& column : ContactColumns()) {
    const bool hidden = column.id >= kAliases && column.id <= kGuestCreatedBy;
    if (!hidden && column.id != kColId) add(column.name, column.id);
    if (column.id == kColId) answer.data = "{\"id\":" + Quoted(std::to_string(user.user));
  }
  for (const auto& column : kUserColumns) add(column.name, column.id);
  answer.data += '}';
  answer.timestamp = user.modified;
  return answer;
}

Api<Answer> UserList(const World& world, const Request& request) {
  OUTPOST_TRY(const Json* ids, NeedArray(request));
  std::vector<const Object*> users;
  for (const auto& element : *ids) {
    const auto id = element.is_null() ? std::optional<std::int64_t>(request.user) : ScalarNumber(element);
    if (!id) return BadJson();
    const Object* user = *id > 0 && *id < INT32_MAX ? EntryOf(world, static_cast<int>(*id)) : nullptr;
    if (user == nullptr)
      return ApiError{"USR-0010", Category::kError, "The user was not found.", {std::to_string(*id)}, {}, {}};
    users.push_back(user);
  }
  return UserRows(world, request, users);
}

Api<Answer> Me(const World& world, const Request& request) {
  const Account& account = *world.state.FindAccount(request.user);
  const Object& entry = *EntryOf(world, request.user);
  const auto name = entry.fields.Get(ContactColumns().ById(kColDisplayName));
  return Answer{"{\"context_id\":" + std::to_string(kContextId) + ",\"user_id\":" + std::to_string(request.user) +
                    ",\"context_admin\":2,\"login_name\":" + Quoted(account.name) +
                    ",\"display_name\":" + (name ? std::string(*name) : Quoted(account.name)) + "}",
                std::nullopt,
                {}};
}

}  // namespace

Api<Answer> HandleConfig(World& world, const Request& request) {
  std::string_view path = request.params.Find(" path").value_or(request.params.Find("path").value_or(""));
  if (path.empty()) path = request.action;  // an element of `multiple` names its path as the action
  while (!path.empty() && path.back() == '/') path.remove_suffix(1);
  if (path.empty()) return MissingParameter("path");
  if (request.body != nullptr) return PutConfig(world, request, path);
  if (auto value = BuiltIn(world, request, path)) return Answer{std::move(*value), std::nullopt, {}};
  if (auto value = world.state.FindSetting(request.user, path)) return Answer{std::move(*value), std::nullopt, {}};
  if (path == "language") return Answer{"\"en_US\"", std::nullopt, {}};
  if (path == kDeleteForGoodPath) return Answer{"false", std::nullopt, {}};
  return ApiError{"USS-0001", Category::kError, "There is no such setting.", {std::string(path)}, {}, {}};
}

Api<Answer> HandleCapabilities(World&, const Request& request) {
  if (request.action == "all") {
    std::string data;
    for (const char* id : kCapabilities)
      data += std::string(data.empty() ? "[" : ",") + "{\"id\":\"" + id + "\",\"attributes\":{}}";
    return Answer{data + "]", std::nullopt, {}};
  }
  if (request.action != "get") return UnknownAction("capabilities", request.action);
  OUTPOST_TRY(const auto wanted, request.params.Need("id"));
  for (const std::string_view id : kCapabilities) {
    if (id == wanted) return Answer{"{\"id\":" + Quoted(id) + ",\"attributes\":{}}", std::nullopt, {}};
  }
  return Answer{"{}", std::nullopt, {}};
}

Api<Answer> HandleUsers(World& world, const Request& request) {
  if (request.action == "me") return Me(world, request);
  if (request.action == "list") return UserList(world, request);
  if (request.action == "all") {
    std::vector<const Object*> users;
    for (const auto& [id, contact] : world.state.ContentsOf(kGlobalAddressBook).by_id) {
      if (contact->user != 0) users.push_back(contact);
    }
    return UserRows(world, request, users);
  }
  if (request.action != "get") return UnknownAction("user", request.action);
  OUTPOST_TRY(const auto id, request.params.FindNumber("id"));
  const Object* user =
      EntryOf(world, static_cast<int>(std::clamp<std::int64_t>(id.value_or(request.user), 0, INT32_MAX)));
  if (user == nullptr) return ApiError{"USR-0010", Category::kError, "The user was not found.", {}, {}, {}};
  return UserObject(world, request, *user);
}

}  // namespace outpost::oxserver
