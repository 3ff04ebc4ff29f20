#include "tools/oxserver/folder_writes.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "tools/oxserver/directory.h"
#include "tools/oxserver/mail.h"
#include "tools/oxserver/objects.h"

namespace outpost::oxserver {
namespace {

constexpr std::size_t kTitleCharactersMax = 128;

std::string IdText(const Folder& folder) { return FolderNode{&folder, 0}.Id(); }

std::string JoinIds(const std::vector<std::string>& ids) {
  std::string out = "[";
  for (const auto& id : ids) {
    if (out.size() > 1) out += ',';
    AppendQuoted(out, id);
  }
  return out + ']';
}

// The changed fields of the body {"folder":{…},"notification":{…}}.
Api<const Json*> FolderBody(const Request& request) {
  OUTPOST_TRY(const Json* body, NeedObject(request));
  const auto folder = body->find("folder");
  if (folder == body->end() || !folder->is_object()) {
    return FolderError("FLD-1019", Category::kError, "A parameter is missing: folder", "folder");
  }
  return &*folder;
}

// A guest or a link (http-api.md 2.5): one that is there is named by its entity, a new one gets one.
Api<Permission> ParseGuest(World& world, const Folder& folder, const Json& entry, const std::string& type) {
  const auto bits = entry.find("bits"), entity = entry.find("entity");
  const auto flags = bits == entry.end() ? std::nullopt : ScalarNumber(*bits);
  if (!flags) return FolderError("FLD-1019", Category::kError, "A permission lacks its bits.", "permissions");
  if (!AreLegalBits(*flags)) return InvalidParameter("permissions.bits", std::to_string(*flags));
  if (type == "guest" && !entry.contains("email_address"))
    return FolderError("FLD-1019", Category::kError, "A guest lacks his address.", "permissions");
  Json rest = entry;
  for (const char* name : {"bits", "entity", "group"}) rest.erase(name);
  Permission guest{0, false, static_cast<std::uint32_t>(*flags), rest.dump()};
  if (entity == entry.end()) {
    guest.entity = static_cast<int>(world.state.NextId(FolderModule::kSystem));
    return guest;
  }
  const auto number = ScalarNumber(*entity);
  for (const Permission& known : folder.permissions)
    if (!known.guest.empty() && known.entity == number) {
      guest.entity = known.entity;
      return guest;
    }
  return InvalidParameter("permissions.entity", ScalarText(*entity).value_or(""));
}

Api<std::vector<Permission>> ParsePermissions(World& world, const Folder& folder, const Json& list) {
  if (!list.is_array()) return BadJson();
  std::vector<Permission> permissions;
  for (const auto& entry : list) {
    if (!entry.is_object()) return BadJson();
    const auto kind = entry.find("type");
    const std::string type = kind == entry.end() ? "" : ScalarText(*kind).value_or("");
    if (type == "guest" || type == "anonymous") {
      OUTPOST_TRY(auto guest, ParseGuest(world, folder, entry, type));
      permissions.push_back(std::move(guest));
      continue;
    }
    const auto entity = entry.find("entity"), group = entry.find("group"), bits = entry.find("bits");
    const auto number = entity == entry.end() ? std::nullopt : ScalarNumber(*entity);
    const auto flags = bits == entry.end() ? std::nullopt : ScalarNumber(*bits);
    if (!number || !flags || group == entry.end() || !group->is_boolean()) {
      return FolderError("FLD-1019", Category::kError, "A permission lacks entity, group or bits.", "permissions");
    }
    if (!AreLegalBits(*flags) || *number < 0 || *number > INT32_MAX)
      return InvalidParameter("permissions.bits", std::to_string(*flags));
    const bool is_group = group->get<bool>();
    const int id = static_cast<int>(*number);
    if (is_group ? !FindGroup(world, id) : world.state.FindAccount(id) == nullptr)
      return InvalidParameter("permissions.entity", std::to_string(id));
    permissions.push_back({id, is_group, static_cast<std::uint32_t>(*flags)});
  }
  const bool administered =
      std::any_of(permissions.begin(), permissions.end(), [](const Permission& p) { return FromBits(p.bits).admin; });
  if (!administered) return InvalidParameter("permissions", "no administrator");
  return permissions;
}

Api<std::string> ParseTitle(const Json& value) {
  if (!value.is_string()) return BadJson();
  std::string title(Trimmed(value.get_ref<const std::string&>()));
  if (title.empty()) return FolderError("FLD-1019", Category::kError, "A parameter is missing: title", "title");
  const auto length = CountCharacters(title);
  if (length > kTitleCharactersMax) {
    ApiError error = FolderError("FLD-0092", Category::kTruncated, "The title is too long.", "title");
    error.problematic = "[{\"id\":300,\"length\":" + std::to_string(length) +
                        ",\"max_size\":" + std::to_string(kTitleCharactersMax) + "}]";
    error.truncated = "[300]";
    return error;
  }
  return title;
}

// Refuses a title that another folder below the same parent has; private folders of other users do not count.
Api<void> CheckTitle(const World& world, const Folder& folder) {
  const std::string wanted = Folded(folder.title);
  for (const auto& [id, other] : world.state.folders()) {
    const bool sibling =
        id != folder.id && other.parent == folder.parent && (other.type != 1 || other.owner == folder.owner);
    if (sibling && Folded(other.title) == wanted) {
      return FolderError("FLD-1014", Category::kUserInput, "A folder of that name is there already.", IdText(folder));
    }
  }
  return Ok();
}

// Puts `folder` below `parent`: its type and owner follow from the place.
Api<void> Place(const World& world, Folder& folder, const FolderNode& parent, int user) {
  if (parent.IsOwner() || parent.folder->id == kSharedRoot || parent.folder->id == kRootFolder ||
      parent.folder->id == kGlobalAddressBook) {
    return FolderError("FLD-1029", Category::kPermissionDenied, "No folders can be made here.", parent.Id());
  }
  const Folder& above = *parent.folder;
  if ((folder.module == FolderModule::kMail) != (above.module == FolderModule::kMail))
    return FolderError("FLD-1012", Category::kPermissionDenied, "Folders of that module cannot be made here.",
                       parent.Id());
  const bool inside_root = above.id == kPrivateRoot || above.id == kPublicRoot;
  if (!inside_root && !RightsOf(world, above, user).MayCreateFolders()) {
    return FolderError("FLD-0006", Category::kPermissionDenied, "You may not make folders here.", parent.Id());
  }
  folder.parent = above.id;
  folder.type = above.id == kPrivateRoot ? 1 : above.id == kPublicRoot ? 2 : above.type;
  folder.owner = folder.type == 2 ? folder.created_by : inside_root ? user : above.owner;
  return Ok();
}

std::vector<int> WhoSees(const World& world, const Folder& folder) {
  std::vector<int> users;
  for (const auto& account : world.state.accounts()) {
    if (RightsOf(world, folder, account.id).Visible()) users.push_back(account.id);
  }
  return users;
}

// Stores the changed `folder`; returns its new stamp.
std::int64_t Replace(World& world, Folder folder, int by) {
  const auto saw_before = WhoSees(world, *world.state.FindFolder(folder.id));
  folder.modified = world.stamps.Next();
  folder.modified_by = by;
  world.state.PutFolder(folder);
  if (!world.options.revoke_tombstones) return folder.modified;
  FolderTombstone lost{folder.id, folder.modified, {}};
  const auto see_now = WhoSees(world, folder);
  std::set_difference(saw_before.begin(), saw_before.end(), see_now.begin(), see_now.end(),
                      std::back_inserter(lost.seen_by));
  if (!lost.seen_by.empty()) world.state.AddFolderTombstone(lost);
  return folder.modified;
}

bool IsBelow(const World& world, std::int64_t id, std::int64_t ancestor) {
  for (const Folder* at = world.state.FindFolder(id); at != nullptr; at = world.state.FindFolder(at->parent)) {
    if (at->id == ancestor) return true;
  }
  return false;
}

Api<void> ApplyFields(World& world, const FolderView& view, Folder& folder, const Json& fields, int user) {
  if (const auto title = fields.find("title"); title != fields.end()) {
    OUTPOST_TRY(auto text, ParseTitle(*title));
    if (folder.is_default && text != folder.title) {
      return FolderError("FLD-0064", Category::kPermissionDenied, "A default folder cannot be renamed.",
                         IdText(folder));
    }
    if (folder.module == FolderModule::kMail && text.find('/') != std::string::npos)
      return FolderError("IMAP-2013", Category::kUserInput, "The name of the folder is invalid.", IdText(folder));
    folder.title = std::move(text);
  }
  if (const auto to = fields.find("folder_id"); to != fields.end()) {
    const auto text = ScalarText(*to);
    if (!text) return BadJson();
    OUTPOST_TRY(const auto parent, view.Find(*text));
    if (*text != view.ParentId({&folder, 0})) {
      if (folder.is_default)
        return FolderError("FLD-1027", Category::kPermissionDenied, "The folder cannot be moved.", IdText(folder));
      if (!parent.IsOwner() && IsBelow(world, parent.folder->id, folder.id)) {
        return FolderError("FLD-1013", Category::kPermissionDenied, "A folder cannot be moved below itself.",
                           IdText(folder));
      }
      OUTPOST_TRYV(Place(world, folder, parent, user));
    }
  }
  if (const auto list = fields.find("permissions"); list != fields.end()) {
    OUTPOST_TRY(folder.permissions, ParsePermissions(world, folder, *list));
  }
  if (const auto flag = fields.find("subscribed"); flag != fields.end() && flag->is_boolean())
    folder.subscribed = flag->get<bool>();
  if (const auto text = fields.find("summary"); text != fields.end())
    folder.summary = text->is_string() ? text->get<std::string>() : "";
  return CheckTitle(world, folder);
}

// Mail folders have no stamp that could be newer.
bool IsNewer(const Folder& folder, std::optional<std::int64_t> seen) {
  return seen && folder.module != FolderModule::kMail && folder.modified > *seen;
}

// The folder and all below it, deepest first.
void CollectTree(const World& world, std::int64_t id, std::vector<std::int64_t>& out) {
  for (const auto& [key, folder] : world.state.folders()) {
    if (folder.parent == id) CollectTree(world, key, out);
  }
  out.push_back(id);
}

Api<const Folder*> CheckDeletable(World& world, const FolderView& view, const std::string& id,
                                  std::optional<std::int64_t> seen, int user) {
  OUTPOST_TRY(const auto node, view.Find(id));
  if (node.IsOwner()) return FolderError("FLD-1026", Category::kPermissionDenied, "The folder cannot be deleted.", id);
  std::vector<std::int64_t> tree;
  CollectTree(world, node.folder->id, tree);
  for (const auto one : tree) {
    const Folder& folder = *world.state.FindFolder(one);
    if (folder.is_default || folder.id < 20) {
      return FolderError("FLD-1026", Category::kPermissionDenied, "The folder cannot be deleted.", IdText(folder));
    }
    if (!RightsOf(world, folder, user).admin) {
      return FolderError("FLD-0010", Category::kPermissionDenied, "You are no administrator of the folder.",
                         IdText(folder));
    }
  }
  if (IsNewer(*node.folder, seen)) {
    return FolderError("FLD-1022", Category::kConflict, "The folder was changed meanwhile.", id);
  }
  return node.folder;
}

// A mail folder goes below the trash, under a name that is free there.
void MoveToTrash(World& world, Folder folder, const Folder& trash) {
  const std::string title = folder.title;
  folder.parent = trash.id;
  for (int i = 1; !CheckTitle(world, folder); ++i) folder.title = title + " " + std::to_string(i);
  world.state.PutFolder(folder);
}

Api<void> DeleteOne(World& world, const FolderView& view, const std::string& id, std::optional<std::int64_t> seen,
                    int user, bool hard) {
  OUTPOST_TRY(const Folder* folder, CheckDeletable(world, view, id, seen, user));
  const bool mail = folder->module == FolderModule::kMail;
  const Folder* trash = mail && !hard ? SpecialFolder(world, user, "Trash") : nullptr;
  if (trash != nullptr && !IsInTrash(world, *folder)) {
    MoveToTrash(world, *folder, *trash);
    return Ok();
  }
  std::vector<std::int64_t> tree;
  CollectTree(world, folder->id, tree);
  for (const auto one : tree) {
    world.state.RemoveFolder(
        {one, world.stamps.Next(), mail ? std::vector<int>() : WhoSees(world, *world.state.FindFolder(one))});
  }
  return Ok();
}

}  // namespace

Api<Answer> NewFolder(World& world, const FolderView& view, const Request& request) {
  OUTPOST_TRY(const auto parent_id, request.params.Need("folder_id"));
  OUTPOST_TRY(const Json* fields, FolderBody(request));
  OUTPOST_TRY(const auto parent, view.Find(parent_id));
  const auto module_text = fields->find("module"), title = fields->find("title");
  if (module_text == fields->end())
    return FolderError("FLD-1019", Category::kError, "A parameter is missing: module", "module");
  if (title == fields->end())
    return FolderError("FLD-1019", Category::kError, "A parameter is missing: title", "title");
  const auto module = ParseModule(ScalarText(*module_text).value_or(""));
  if (!module || *module == FolderModule::kSystem) {
    return FolderError("FLD-1012", Category::kPermissionDenied, "Folders of that module cannot be made here.",
                       parent_id);
  }
  Folder folder;
  folder.module = *module;
  folder.created_by = folder.modified_by = request.user;
  OUTPOST_TRYV(Place(world, folder, parent, request.user));
  folder.permissions = {{folder.owner, false, kOwnerBits}};
  if (folder.owner != request.user) folder.permissions.push_back({request.user, false, kOwnerBits});
  Json wanted = *fields;
  wanted.erase("folder_id");  // the query parameter counts
  OUTPOST_TRYV(ApplyFields(world, view, folder, wanted, request.user));
  folder.id = world.state.NextId(folder.module == FolderModule::kMail ? FolderModule::kMail : FolderModule::kSystem);
  folder.created = folder.modified = world.stamps.Next();
  world.state.PutFolder(folder);
  if (folder.module == FolderModule::kMail) {
    world.state.ResetMailbox(folder.id, folder.created / 1000);
    return Answer{Quoted(IdText(*world.state.FindFolder(folder.id))), std::nullopt, {}};
  }
  return Answer{Quoted(IdText(folder)), folder.modified, {}};
}

Api<Answer> UpdateFolder(World& world, const FolderView& view, const Request& request) {
  OUTPOST_TRY(const auto id, request.params.Need("id"));
  OUTPOST_TRY(const auto seen, request.params.FindNumber("timestamp"));
  OUTPOST_TRY(const Json* fields, FolderBody(request));
  OUTPOST_TRY(const auto node, view.Find(id));
  if (node.IsOwner() || !RightsOf(world, *node.folder, request.user).admin) {
    return FolderError("FLD-0010", Category::kPermissionDenied, "You are no administrator of the folder.", id);
  }
  if (IsNewer(*node.folder, seen)) {
    return FolderError("FLD-1022", Category::kConflict, "The folder was changed meanwhile.", id);
  }
  Folder folder = *node.folder;
  OUTPOST_TRYV(ApplyFields(world, view, folder, *fields, request.user));
  const auto stamp = Replace(world, std::move(folder), request.user);
  const bool mail = node.folder->module == FolderModule::kMail;
  return Answer{Quoted(IdText(*node.folder)), mail ? std::nullopt : std::optional(stamp), {}};
}

void RevokeShares(World& world, std::string_view folder_id) {
  const auto id = ParseNumber(folder_id);
  const Folder* there = id ? world.state.FindFolder(*id) : nullptr;
  if (there == nullptr) return;
  Folder folder = *there;
  std::erase_if(folder.permissions,
                [&](const Permission& permission) { return permission.group || permission.entity != folder.owner; });
  const int owner = folder.owner;
  Replace(world, std::move(folder), owner);
}

Api<Answer> DeleteFolders(World& world, const FolderView& view, const Request& request) {
  OUTPOST_TRY(const Json* ids, NeedArray(request));
  OUTPOST_TRY(const auto seen, request.params.FindNumber("timestamp"));
  const bool extended = request.params.IsTrue("extendedResponse");
  std::vector<std::string> failed;
  Answer answer;
  std::string details;
  for (const auto& element : *ids) {
    const auto id = ScalarText(element);
    if (!id) return BadJson();
    const auto done = DeleteOne(world, view, *id, seen, request.user, request.params.IsTrue("hardDelete"));
    if (!done && request.params.IsTrue("failOnError")) return done.error();
    if (!done) {
      failed.push_back(*id);
      answer.warnings.push_back(done.error());
      answer.warnings.back().category = Category::kWarning;
    }
    details += (details.empty() ? "{\"path\":" : ",{\"path\":") + Quoted(*id) +
               ",\"new_path\":null,\"isTrashed\":false,\"hasFailed\":" + (done ? "false" : "true") +
               ",\"isSuppoprted\":true}";
  }
  answer.data = extended ? "[" + details + "]" : JoinIds(failed);
  return answer;
}

Api<Answer> ClearFolders(World& world, const FolderView& view, const Request& request) {
  OUTPOST_TRY(const Json* ids, NeedArray(request));
  std::vector<std::string> failed;
  for (const auto& element : *ids) {
    const auto id = ScalarText(element);
    if (!id) return BadJson();
    const auto node = view.Find(*id);
    const bool may = node && !node.value().IsOwner() && node.value().folder->id >= 20 &&
                     Allows(RightsOf(world, *node.value().folder, request.user).remove, false);
    if (!may) {
      failed.push_back(*id);
      continue;
    }
    const auto folder = node.value().folder->id;
    if (node.value().folder->module == FolderModule::kMail) {
      ClearMailbox(world, *node.value().folder, false);
      continue;
    }
    const auto contents = world.state.ContentsOf(folder).by_id;
    for (const auto& [number, object] : contents) {
      if (object->folder == folder) {
        RemoveAndTell(world, *object);
        continue;
      }
      Object elsewhere = *object;  // it is only shown here
      auto folders = FoldersOf(elsewhere);
      std::erase(folders, folder);
      ShowAlsoIn(elsewhere, folders);
      world.state.PutObject(std::move(elsewhere));
      world.state.AddTombstone(folder, number, world.stamps.Next());
    }
  }
  return Answer{JoinIds(failed), std::nullopt, {}};
}

}  // namespace outpost::oxserver
