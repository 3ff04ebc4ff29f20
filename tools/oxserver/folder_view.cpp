#include "tools/oxserver/folder_view.h"

#include <algorithm>

#include "tools/oxserver/directory.h"
#include "tools/oxserver/mail.h"

namespace outpost::oxserver {
namespace {

struct FolderColumn {
  int id;
  const char* name;
};

// http-api.md 2.2, in the order in which `get` gives them.
constexpr FolderColumn kFolderColumns[] = {{1, "id"},
                                           {2, "created_by"},
                                           {3, "modified_by"},
                                           {4, "creation_date"},
                                           {5, "last_modified"},
                                           {6, "last_modified_utc"},
                                           {20, "folder_id"},
                                           {300, "title"},
                                           {301, "module"},
                                           {302, "type"},
                                           {304, "subfolders"},
                                           {305, "own_rights"},
                                           {306, "permissions"},
                                           {307, "summary"},
                                           {308, "standard_folder"},
                                           {309, "total"},
                                           {310, "new"},
                                           {311, "unread"},
                                           {312, "deleted"},
                                           {313, "capabilities"},
                                           {314, "subscribed"},
                                           {315, "subscr_subflds"},
                                           {316, "standard_folder_type"},
                                           {317, "supported_capabilities"},
                                           {318, "account_id"},
                                           {3010, "com.openexchange.publish.publicationFlag"},
                                           {3020, "com.openexchange.subscribe.subscriptionFlag"},
                                           {3030, "com.openexchange.folderstorage.displayName"},
                                           {3060, "com.openexchange.share.extendedPermissions"}};

void AppendPermissions(std::string& out, const std::vector<Permission>& permissions) {
  out += '[';
  for (std::size_t i = 0; i < permissions.size(); ++i) {
    if (i > 0) out += ',';
    out += "{\"bits\":" + std::to_string(permissions[i].bits) + ",\"entity\":" + std::to_string(permissions[i].entity) +
           ",\"group\":" + (permissions[i].group ? "true" : "false");
    if (!permissions[i].guest.empty()) out += ',' + permissions[i].guest.substr(1, permissions[i].guest.size() - 2);
    out += '}';
  }
  out += ']';
}

void AppendExtendedPermissions(std::string& out, const World& world, const std::vector<Permission>& permissions) {
  out += '[';
  for (std::size_t i = 0; i < permissions.size(); ++i) {
    const auto& p = permissions[i];
    const Account* account = p.group ? nullptr : world.state.FindAccount(p.entity);
    if (i > 0) out += ',';
    out += "{\"entity\":" + std::to_string(p.entity) + ",\"bits\":" + std::to_string(p.bits) + ",\"type\":\"" +
           (!p.guest.empty() ? "guest"
            : p.group        ? "group"
                             : "user") +
           "\",\"display_name\":" +
           Quoted(p.group              ? GroupName(world, p.entity)
                  : account != nullptr ? account->name
                                       : std::string()) +
           '}';
  }
  out += ']';
}

// The columns in which mail folders differ from others (http-api.md 2.2 to 2.4, 10.5); false for the rest.
bool AppendMailValue(std::string& out, const World& world, const Folder& folder, int column) {
  const Mailbox& box = world.state.MailboxOf(folder.id);
  const bool root = folder.parent == kPrivateRoot;
  switch (column) {
    case 2:
    case 3:
    case 4:
    case 5:
    case 6:
      out += "null";  // IMAP does not keep them
      return true;
    case 302:
      out += '7';
      return true;
    case 309:
    case 310:
    case 311:
    case 312: {
      const auto count = [&](int flag) {
        return std::count_if(box.mails.begin(), box.mails.end(),
                             [&](const auto& entry) { return (entry.second.flags & flag) != 0; });
      };
      if (root)
        out += "null";
      else if (column == 311)
        AppendNumber(out, static_cast<std::int64_t>(CountUnread(box)));
      else
        AppendNumber(out, column == 309   ? static_cast<std::int64_t>(box.mails.size())
                          : column == 310 ? count(kRecent)
                                          : count(kDeleted));
      return true;
    }
    case 313:
      AppendNumber(out, 1 | 8 | 16);  // permissions, sorting, subscription
      return true;
    case 316:
      AppendNumber(out, MailFolderKind(folder));
      return true;
    case 318:
      AppendQuoted(out, folder.path.substr(7, folder.path.find('/') - 7));  // of "default0/…"
      return true;
    default:
      return false;
  }
}

const char* Bool(bool value) { return value ? "true" : "false"; }

void AppendUser(std::string& out, int user) {
  if (user == 0)
    out += "null";
  else
    AppendNumber(out, user);
}

}  // namespace

ApiError FolderError(const char* code, Category category, const char* text, std::string_view folder) {
  return {code, category, text, {std::string(folder)}, {}, {}};
}

ApiError NotForTheUser(std::string_view module) {
  return {"SVL-0011", Category::kPermissionDenied, "The module is not for this user.", {std::string(module)}, {}, {}};
}

bool IsClosed(const World& world, FolderModule module) {
  return std::ranges::any_of(world.options.closed_modules,
                             [module](const std::string& name) { return ParseModule(name) == module; });
}

std::optional<FolderModule> ParseModule(std::string_view text) {
  if (text == "tasks" || text == "1") return FolderModule::kTasks;
  if (text == "calendar" || text == "2") return FolderModule::kCalendar;
  if (text == "contacts" || text == "3") return FolderModule::kContacts;
  if (text == "mail" || text == "7") return FolderModule::kMail;
  if (text == "system" || text == "5") return FolderModule::kSystem;
  return std::nullopt;
}

const char* ModuleName(FolderModule module) {
  switch (module) {
    case FolderModule::kTasks:
      return "tasks";
    case FolderModule::kCalendar:
      return "calendar";
    case FolderModule::kContacts:
      return "contacts";
    case FolderModule::kSystem:
      return "system";
    case FolderModule::kMail:
      return "mail";
  }
  return "system";
}

Api<std::vector<int>> ParseColumns(const Params& params) {
  OUTPOST_TRY(const auto text, params.Need("columns"));
  std::vector<int> columns;
  for (const auto piece : Split(text, ',')) {
    const auto number = ParseNumber(Trimmed(piece));
    constexpr std::int64_t kLargest = 1'000'000;
    if (!number || *number < 0 || *number > kLargest) return InvalidParameter("columns", text);
    columns.push_back(static_cast<int>(*number));
  }
  return columns;
}

std::string FolderNode::Id() const {
  if (IsOwner()) return "u:" + std::to_string(owner);
  return folder->path.empty() ? std::to_string(folder->id) : folder->path;
}

Api<FolderNode> FolderView::Find(std::string_view id) const {
  if (id.substr(0, 2) == "u:") {
    const auto owner = ParseNumber(id.substr(2));
    const auto sharers = Sharers();
    if (owner && std::find(sharers.begin(), sharers.end(), *owner) != sharers.end()) {
      return FolderNode{nullptr, static_cast<int>(*owner)};
    }
    return FolderError("FLD-0008", Category::kError, "The folder does not exist.", id);
  }
  if (id.substr(0, 7) == "default") {
    for (const auto& [key, folder] : world_.state.folders())
      if (folder.owner == user_ && folder.path == id && !IsClosed(world_, folder.module)) return FolderNode{&folder, 0};
    return FolderError("IMAP-1002", Category::kError, "The mail folder could not be found.", id);
  }
  const auto number = ParseNumber(id);
  if (!number) return FolderError("FLD-1025", Category::kError, "The folder id is invalid.", id);
  const Folder* folder = world_.state.FindFolder(*number);
  if (folder == nullptr || !folder->path.empty())
    return FolderError("FLD-0008", Category::kError, "The folder does not exist.", id);
  if (!Visible(*folder)) return FolderError("FLD-0003", Category::kPermissionDenied, "The folder is not visible.", id);
  return FolderNode{folder, 0};
}

std::vector<int> FolderView::Sharers() const {
  std::vector<int> owners;
  for (const auto& [id, folder] : world_.state.folders()) {
    if (TypeFor(folder, user_) != 3 || !Visible(folder)) continue;
    if (std::find(owners.begin(), owners.end(), folder.owner) == owners.end()) owners.push_back(folder.owner);
  }
  std::sort(owners.begin(), owners.end());
  return owners;
}

std::string FolderView::ParentId(const FolderNode& node) const {
  if (node.IsOwner()) return std::to_string(kSharedRoot);
  const Folder& folder = *node.folder;
  if (folder.id == kRootFolder) return "";
  if (tree_ == Tree::kOutlook && (folder.id == kPublicRoot || folder.id == kSharedRoot))
    return std::to_string(kPrivateRoot);
  if (TypeFor(folder, user_) == 3) {
    const Folder* parent = world_.state.FindFolder(folder.parent);
    const bool below_shared = parent != nullptr && TypeFor(*parent, user_) == 3 && Visible(*parent);
    if (!below_shared) return "u:" + std::to_string(folder.owner);
  }
  const Folder* parent = world_.state.FindFolder(folder.parent);
  return parent != nullptr ? FolderNode{parent, 0}.Id() : std::to_string(folder.parent);
}

std::string FolderView::Title(const FolderNode& node) const {
  if (node.IsOwner()) {
    const Account* account = world_.state.FindAccount(node.owner);
    return account == nullptr ? std::string() : account->name;
  }
  if (tree_ == Tree::kOutlook && node.folder->id == kRootFolder) return "Hidden-Root";
  if (tree_ == Tree::kOutlook && node.folder->id == kPrivateRoot) return "IPM-Root";
  return node.folder->title;
}

std::vector<FolderNode> FolderView::Children(const FolderNode& node) const {
  std::vector<FolderNode> children;
  const std::string id = node.Id();
  if (id == "3") {
    for (const int owner : Sharers()) children.push_back({nullptr, owner});
    return children;
  }
  for (const auto& [key, folder] : world_.state.folders()) {
    const FolderNode child{&folder, 0};
    if (Visible(folder) && ParentId(child) == id) children.push_back(child);
  }
  std::stable_sort(children.begin(), children.end(), [](const FolderNode& a, const FolderNode& b) {
    const auto rank = [](const Folder& f) { return f.id < 20 ? 0 : f.is_default ? 1 : 2; };
    if (rank(*a.folder) != rank(*b.folder)) return rank(*a.folder) < rank(*b.folder);
    return rank(*a.folder) == 2 && Folded(a.folder->title) < Folded(b.folder->title);
  });
  return children;
}

void FolderView::AppendOwnerValue(std::string& out, const FolderNode& node, int column) const {
  switch (column) {
    case 1:
      AppendQuoted(out, node.Id());
      return;
    case 20:
      out += "\"3\"";
      return;
    case 300:
      AppendQuoted(out, Title(node));
      return;
    case 301:
      out += "\"system\"";
      return;
    case 302:
      out += '5';
      return;
    case 304:
    case 314:
    case 315:
      out += "true";
      return;
    case 305:
      AppendNumber(out, kViewerBits);
      return;
    case 306:
      AppendPermissions(out, {{user_, false, kViewerBits}});
      return;
    case 308:
      out += "false";
      return;
    case 316:
      out += '0';
      return;
    default:
      out += "null";
      return;
  }
}

void FolderView::AppendValue(std::string& out, const FolderNode& node, int column, const Zone& zone) const {
  if (node.IsOwner()) return AppendOwnerValue(out, node, column);
  const Folder& f = *node.folder;
  if (f.module == FolderModule::kMail && AppendMailValue(out, world_, f, column)) return;
  const bool items = f.module != FolderModule::kSystem;
  switch (column) {
    case 1:
      AppendQuoted(out, node.Id());
      return;
    case 2:
      AppendUser(out, f.created_by);
      return;
    case 3:
      AppendUser(out, f.modified_by);
      return;
    case 4:
      AppendNumber(out, zone.ToTime(f.created));
      return;
    case 5:
      AppendNumber(out, zone.ToTime(f.modified));
      return;
    case 6:
      AppendNumber(out, f.modified);
      return;
    case 20:
      if (f.id == kRootFolder)
        out += "null";
      else
        AppendQuoted(out, ParentId(node));
      return;
    case 300:
      AppendQuoted(out, Title(node));
      return;
    case 301:
      AppendQuoted(out, ModuleName(f.module));
      return;
    case 302:
      AppendNumber(out, TypeFor(f, user_));
      return;
    case 304:
      out += Bool(!Children(node).empty());
      return;
    case 305:
      AppendNumber(out, RightsOf(world_, f, user_).Bits());
      return;
    case 306:
      AppendPermissions(out, f.permissions);
      return;
    case 307:
      if (f.summary.empty())
        out += "null";
      else
        AppendQuoted(out, f.summary);
      return;
    case 308:
      out += Bool(f.is_default);
      return;
    case 309:
      if (items)
        AppendNumber(out, static_cast<std::int64_t>(CountVisible(world_, f, user_)));
      else
        out += "null";
      return;
    case 314:
      out += Bool(f.subscribed);
      return;
    case 315:
      out += "true";
      return;
    case 316:
      AppendNumber(out, f.is_default ? static_cast<int>(f.module) : 0);
      return;
    case 317:
      out += "[\"permissions\"]";
      return;
    case 3010:
    case 3020:
      out += "false";
      return;
    case 3030:
      if (const Account* owner = world_.state.FindAccount(f.owner))
        AppendQuoted(out, owner->name);
      else
        out += "null";
      return;
    case 3060:
      AppendExtendedPermissions(out, world_, f.permissions);
      return;
    default:
      out += "null";
      return;  // counters that groupware folders do not keep, and unknown columns
  }
}

void FolderView::AppendRow(std::string& out, const FolderNode& node, const std::vector<int>& columns,
                           const Zone& zone) const {
  out += '[';
  for (std::size_t i = 0; i < columns.size(); ++i) {
    if (i > 0) out += ',';
    AppendValue(out, node, columns[i], zone);
  }
  out += ']';
}

void FolderView::AppendObject(std::string& out, const FolderNode& node, const Zone& zone) const {
  out += '{';
  const char* separator = "";
  for (const auto& column : kFolderColumns) {
    std::string value;
    AppendValue(value, node, column.id, zone);
    if (value == "null") continue;
    out += separator;
    AppendQuoted(out, column.name);
    out += ':' + value;
    separator = ",";
  }
  out += '}';
}

}  // namespace outpost::oxserver
