// The modules group and resource (http-api.md 9.2).
#include "tools/oxserver/directory.h"

#include <algorithm>
#include <nlohmann/json.hpp>

namespace outpost::oxserver {
namespace {

constexpr int kNobody = 0;
constexpr std::string_view kGroupPath = "group/", kResourcePath = "resource/";
constexpr std::size_t kNameCharactersMax = 255;

// How one of the two kinds is kept, shown and refused.
template <class Entry>
struct Kind;

std::string PathOf(std::string_view prefix, std::int64_t id) { return std::string(prefix) + std::to_string(id); }

template <>
struct Kind<Group> {
  static constexpr std::string_view kPath = kGroupPath;
  static constexpr const char* kModule = "group";
  static constexpr const char *kNotFound = "GRP-0006", *kTaken = "GRP-0011", *kConflict = "GRP-0012",
                              *kBadName = "GRP-0013", *kUnknownMember = "GRP-0014", *kBuiltIn = "GRP-0016";
  static Json ToJson(const Group& group) {
    return {{"id", group.id},
            {"name", group.name},
            {"display_name", group.display_name},
            {"members", group.members},
            {"last_modified_utc", group.modified}};
  }
  static void FromJson(const Json& json, Group& group) { group.members = json["members"].get<std::vector<int>>(); }
};

template <>
struct Kind<Resource> {
  static constexpr std::string_view kPath = kResourcePath;
  static constexpr const char* kModule = "resource";
  static constexpr const char *kNotFound = "RES-0012", *kTaken = "RES-0007", *kConflict = "RES-0011",
                              *kBadName = "RES-0006";
  static Json ToJson(const Resource& resource) {
    Json json = {{"id", resource.id},
                 {"name", resource.name},
                 {"display_name", resource.display_name},
                 {"availability", resource.available},
                 {"last_modified", std::to_string(resource.modified)},
                 {"last_modified_utc", std::to_string(resource.modified)}};  // the model prints both as strings
    if (!resource.mail.empty()) json["mailaddress"] = resource.mail;
    if (!resource.description.empty()) json["description"] = resource.description;
    return json;
  }
  static void FromJson(const Json& json, Resource& resource) {
    resource.mail = json.value("mailaddress", "");
    resource.description = json.value("description", "");
    resource.available = json["availability"].get<bool>();
  }
};

template <class Entry>
Entry Parse(const std::string& text) {
  const Json json = Json::parse(text);
  Entry entry;
  entry.id = json["id"].get<std::int64_t>();
  entry.name = json["name"].get<std::string>();
  entry.display_name = json["display_name"].get<std::string>();
  entry.created = json["created"].get<std::int64_t>();
  entry.modified = json["modified"].get<std::int64_t>();
  entry.gone = json["gone"].get<bool>();
  Kind<Entry>::FromJson(json, entry);
  return entry;
}

template <class Entry>
void Put(World& world, const Entry& entry) {
  Json json = Kind<Entry>::ToJson(entry);
  json["created"] = entry.created;
  json["modified"] = entry.modified;
  json["gone"] = entry.gone;
  world.state.PutSetting(kNobody, PathOf(Kind<Entry>::kPath, entry.id),
                         json.dump(-1, ' ', false, Json::error_handler_t::replace));
}

// Ascending by id, deleted ones too.
template <class Entry>
std::vector<Entry> Known(const World& world) {
  std::vector<Entry> all;
  for (const auto& [path, text] : world.state.SettingsBelow(kNobody, Kind<Entry>::kPath))
    all.push_back(Parse<Entry>(text));
  std::sort(all.begin(), all.end(), [](const Entry& a, const Entry& b) { return a.id < b.id; });
  return all;
}

Group AllUsers(const World& world) {
  Group group;
  group.id = kAllUsersGroup;
  group.name = "users";
  group.display_name = "All users";
  for (const auto& account : world.state.accounts()) group.members.push_back(account.id);
  // Its newest member joined then.
  for (const auto& [id, contact] : world.state.ContentsOf(kGlobalAddressBook).by_id) {
    if (contact->user != 0) group.created = group.modified = std::max(group.modified, contact->created);
  }
  return group;
}

template <class Entry>
std::vector<Entry> All(const World& world) {
  return Known<Entry>(world);
}
template <>
std::vector<Group> All(const World& world) {
  std::vector<Group> all = Known<Group>(world);
  all.insert(all.begin(), AllUsers(world));
  return all;
}

ApiError Refused(const char* code, Category category, const char* text, std::int64_t id) {
  return {code, category, text, {std::to_string(id)}, {}, {}};
}

template <class Entry>
Api<Entry> Find(const World& world, std::int64_t id) {
  for (Entry& entry : All<Entry>(world)) {
    if (entry.id == id && !entry.gone) return std::move(entry);
  }
  return Refused(Kind<Entry>::kNotFound, Category::kError, "There is no such entry.", id);
}

template <class Entry>
Answer ArrayOf(const std::vector<Entry>& entries) {
  Json data = Json::array();
  std::int64_t newest = 0;
  for (const Entry& entry : entries) {
    data.push_back(Kind<Entry>::ToJson(entry));
    newest = std::max(newest, entry.modified);
  }
  return {data.dump(-1, ' ', false, Json::error_handler_t::replace), newest, {}};
}

template <class Entry>
Api<Answer> Get(const World& world, const Request& request) {
  OUTPOST_TRY(const auto id, request.params.NeedNumber("id"));
  OUTPOST_TRY(const Entry entry, Find<Entry>(world, id));
  return Answer{Kind<Entry>::ToJson(entry).dump(-1, ' ', false, Json::error_handler_t::replace), entry.modified, {}};
}

// One that is not there is an error, unlike in the modules of folders.
template <class Entry>
Api<Answer> List(const World& world, const Request& request) {
  OUTPOST_TRY(const Json* ids, NeedArray(request));
  std::vector<Entry> entries;
  for (const auto& element : *ids) {
    const auto at = element.is_object() ? element.find("id") : element.end();
    const auto id = element.is_object() && at != element.end() ? ScalarNumber(*at) : std::nullopt;
    if (!id) return BadJson();
    OUTPOST_TRY(Entry entry, Find<Entry>(world, *id));
    entries.push_back(std::move(entry));
  }
  return ArrayOf(entries);
}

// '*' any characters, '?' one.
bool Matches(std::string_view pattern, std::string_view text) {
  if (pattern.empty()) return text.empty();
  if (pattern[0] == '*') {
    for (std::size_t skip = 0; skip <= text.size(); ++skip)
      if (Matches(pattern.substr(1), text.substr(skip))) return true;
    return false;
  }
  return !text.empty() && (pattern[0] == '?' || pattern[0] == text[0]) && Matches(pattern.substr(1), text.substr(1));
}

template <class Entry>
Api<Answer> Search(const World& world, const Request& request) {
  OUTPOST_TRY(const Json* body, NeedObject(request));
  const auto at = body->find("pattern");
  if (at == body->end() || !at->is_string()) return MissingParameter("pattern");
  const std::string pattern = Folded(at->get<std::string>()) + "*";
  std::vector<Entry> found;
  for (Entry& entry : All<Entry>(world)) {
    if (!entry.gone && (Matches(pattern, Folded(entry.display_name)) || Matches(pattern, Folded(entry.name))))
      found.push_back(std::move(entry));
  }
  return ArrayOf(found);
}

template <class Entry>
Api<Answer> Updates(const World& world, const Request& request) {
  OUTPOST_TRY(const auto since, request.params.NeedNumber("timestamp"));
  const std::int64_t from = world.options.boundary == Boundary::kFrom ? since : since + 1;
  Json data = {{"new", Json::array()}, {"modified", Json::array()}, {"deleted", Json::array()}};
  std::int64_t newest = since;
  const std::int64_t forgotten = world.stamps.Now() - world.options.tombstone_retention.count();
  for (const Entry& entry : All<Entry>(world)) {
    if (entry.modified < from || (entry.gone && entry.modified < forgotten)) continue;
    data[entry.gone ? "deleted" : entry.created >= from ? "new" : "modified"].push_back(Kind<Entry>::ToJson(entry));
    newest = std::max(newest, entry.modified);
  }
  return Answer{data.dump(-1, ' ', false, Json::error_handler_t::replace), newest, {}};
}

// A text member; nullopt where absent.
Api<std::optional<std::string>> TextMember(const Json& body, const char* name) {
  const auto at = body.find(name);
  if (at == body.end()) return std::optional<std::string>{};
  if (at->is_null()) return std::optional<std::string>{""};
  if (!at->is_string()) return InvalidParameter(name, "");
  return std::optional<std::string>(at->get<std::string>());
}

bool IsGoodName(std::string_view name) {
  if (name.empty() || CountCharacters(name) > kNameCharactersMax) return false;
  return std::all_of(name.begin(), name.end(), [](unsigned char c) {
    return c >= 0x80 || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           std::string_view(" $@%.+-_").find(static_cast<char>(c)) != std::string_view::npos;
  });
}

Api<void> TakeMore(const World& world, const Json& body, Group& group) {
  const auto members = body.find("members");
  if (members == body.end()) return Ok();
  if (!members->is_array()) return BadJson();
  group.members.clear();
  for (const auto& element : *members) {
    const auto id = ScalarNumber(element);
    if (!id || *id < 0 || *id > INT32_MAX || world.state.FindAccount(static_cast<int>(*id)) == nullptr)
      return Refused(Kind<Group>::kUnknownMember, Category::kUserInput, "A member is no user.", id.value_or(0));
    if (!group.Has(static_cast<int>(*id))) group.members.push_back(static_cast<int>(*id));
  }
  return Ok();
}

Api<void> TakeMore(const World&, const Json& body, Resource& resource) {
  OUTPOST_TRY(const auto mail, TextMember(body, "mailaddress"));
  if (mail) resource.mail = *mail;
  OUTPOST_TRY(const auto description, TextMember(body, "description"));
  if (description) resource.description = *description;
  if (const auto available = body.find("availability"); available != body.end()) {
    if (!available->is_boolean()) return InvalidParameter("availability", "");
    resource.available = available->get<bool>();
  }
  if (resource.mail.find('@') == std::string::npos)
    return Refused(Kind<Resource>::kBadName, Category::kUserInput, "A resource needs a mail address.", resource.id);
  return Ok();
}

// The entry with what `body` says over it, checked.
template <class Entry>
Api<void> Take(const World& world, const Json& body, Entry& entry) {
  OUTPOST_TRY(const auto name, TextMember(body, "name"));
  if (name) entry.name = *name;
  OUTPOST_TRY(const auto shown, TextMember(body, "display_name"));
  if (shown) entry.display_name = *shown;
  if (!IsGoodName(entry.name) || entry.display_name.empty())
    return Refused(Kind<Entry>::kBadName, Category::kUserInput, "The name cannot be used.", entry.id);
  for (const Entry& other : All<Entry>(world)) {
    if (!other.gone && other.id != entry.id && Folded(other.name) == Folded(entry.name))
      return Refused(Kind<Entry>::kTaken, Category::kUserInput, "The name is taken.", other.id);
  }
  return TakeMore(world, body, entry);
}

template <class Entry>
Api<Answer> New(World& world, const Request& request) {
  OUTPOST_TRY(const Json* body, NeedObject(request));
  Entry entry;
  OUTPOST_TRYV(Take(world, *body, entry));
  entry.id = world.state.NextId(FolderModule::kSystem);
  entry.created = entry.modified = world.stamps.Next();
  Put(world, entry);
  return Answer{"{\"id\":" + std::to_string(entry.id) + "}", entry.modified, {}};
}

// An entry that may be changed as of `timestamp`.
template <class Entry>
Api<Entry> Changeable(const World& world, std::int64_t id, std::int64_t seen) {
  if constexpr (std::is_same_v<Entry, Group>)
    if (id == kAllUsersGroup)
      return Refused(Kind<Group>::kBuiltIn, Category::kPermissionDenied, "This group cannot be changed.", id);
  OUTPOST_TRY(Entry entry, Find<Entry>(world, id));
  if (entry.modified > seen)
    return Refused(Kind<Entry>::kConflict, Category::kConflict, "The entry was changed meanwhile.", id);
  return entry;
}

template <class Entry>
Api<Answer> Update(World& world, const Request& request) {
  OUTPOST_TRY(const auto id, request.params.NeedNumber("id"));
  OUTPOST_TRY(const auto seen, request.params.NeedNumber("timestamp"));
  OUTPOST_TRY(const Json* body, NeedObject(request));
  OUTPOST_TRY(Entry entry, Changeable<Entry>(world, id, seen));
  OUTPOST_TRYV(Take(world, *body, entry));
  entry.modified = world.stamps.Next();
  Put(world, entry);
  return Answer{{}, entry.modified, {}};
}

// The document gives one object for groups and an array for resources: both are taken. What was deleted is answered as
// an empty list.
template <class Entry>
Api<Answer> Delete(World& world, const Request& request) {
  OUTPOST_TRY(const auto seen, request.params.NeedNumber("timestamp"));
  if (request.body == nullptr) return MissingBody();
  const Json refs = request.body->is_array() ? *request.body : Json::array({*request.body});
  std::int64_t newest = seen;
  for (const auto& ref : refs) {
    const auto at = ref.is_object() ? ref.find("id") : ref.end();
    const auto id = ref.is_object() && at != ref.end() ? ScalarNumber(*at) : std::nullopt;
    if (!id) return BadJson();
    OUTPOST_TRY(Entry entry, Changeable<Entry>(world, *id, seen));
    entry.gone = true;
    newest = entry.modified = world.stamps.Next();
    Put(world, entry);
  }
  return Answer{"[]", newest, {}};
}

template <class Entry>
Api<Answer> Handle(World& world, const Request& request) {
  if (request.action == "get") return Get<Entry>(world, request);
  if (request.action == "list") return List<Entry>(world, request);
  if (request.action == "search") return Search<Entry>(world, request);
  if (request.action == "updates") return Updates<Entry>(world, request);
  if (request.action == "new") return New<Entry>(world, request);
  if (request.action == "update") return Update<Entry>(world, request);
  if (request.action == "delete") return Delete<Entry>(world, request);
  return UnknownAction(Kind<Entry>::kModule, request.action);
}

}  // namespace

bool Group::Has(int user) const { return std::find(members.begin(), members.end(), user) != members.end(); }

std::optional<Group> FindGroup(const World& world, std::int64_t id) {
  if (id == kAllUsersGroup) return AllUsers(world);
  const auto text = world.state.FindSetting(kNobody, PathOf(kGroupPath, id));
  if (!text) return std::nullopt;
  Group group = Parse<Group>(*text);
  if (group.gone) return std::nullopt;
  return group;
}

bool IsMember(const World& world, std::int64_t group, int user) {
  if (group == kAllUsersGroup) return true;
  const auto found = FindGroup(world, group);
  return found && found->Has(user);
}

std::vector<std::int64_t> GroupsOf(const World& world, int user) {
  std::vector<std::int64_t> ids;
  for (const Group& group : All<Group>(world)) {
    if (!group.gone && group.Has(user)) ids.push_back(group.id);
  }
  return ids;
}

std::string GroupName(const World& world, std::int64_t id) {
  const auto group = FindGroup(world, id);
  return group ? group->display_name : std::string();
}

Api<Answer> HandleGroups(World& world, const Request& request) {
  if (request.action != "all") return Handle<Group>(world, request);
  // The columns choose nothing: the document names no column of a group beside those of all objects.
  OUTPOST_TRYV(request.params.Need("columns"));
  std::vector<Group> there;
  for (Group& group : All<Group>(world)) {
    if (!group.gone) there.push_back(std::move(group));
  }
  return ArrayOf(there);
}

Api<Answer> HandleResources(World& world, const Request& request) {
  if (request.action != "all") return Handle<Resource>(world, request);
  Answer answer{"[", 0, {}};
  for (const Resource& resource : All<Resource>(world)) {
    if (resource.gone) continue;
    answer.data += (answer.data.size() > 1 ? "," : "") + std::to_string(resource.id);
    answer.timestamp = std::max(*answer.timestamp, resource.modified);
  }
  answer.data += ']';
  return answer;
}

}  // namespace outpost::oxserver
