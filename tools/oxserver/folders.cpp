// The reading half of the folders module; folder_writes.cpp has the other.
#include <algorithm>

#include "tools/oxserver/folder_view.h"
#include "tools/oxserver/folder_writes.h"

namespace outpost::oxserver {
namespace {

// The modules the call restricts itself to; empty: all.
std::vector<FolderModule> AllowedModules(const Params& params) {
  std::vector<FolderModule> allowed;
  const auto text = params.Find("allowed_modules");
  if (!text || text->empty()) return allowed;
  for (const auto piece : Split(*text, ',')) {
    if (const auto module = ParseModule(Trimmed(piece))) allowed.push_back(*module);
  }
  allowed.push_back(FolderModule::kSystem);  // the way to the others
  return allowed;
}

bool Allowed(const std::vector<FolderModule>& allowed, const FolderNode& node) {
  return allowed.empty() || node.IsOwner() ||
         std::find(allowed.begin(), allowed.end(), node.folder->module) != allowed.end();
}

std::int64_t Newest(const std::vector<FolderNode>& nodes, std::int64_t least) {
  for (const auto& node : nodes) {
    if (!node.IsOwner() && node.folder->module != FolderModule::kMail) least = std::max(least, node.folder->modified);
  }
  return least;
}

Api<Answer> Rows(const FolderView& view, const Request& request, std::vector<FolderNode> nodes) {
  OUTPOST_TRY(const auto columns, ParseColumns(request.params));
  const auto allowed = AllowedModules(request.params);
  std::erase_if(nodes, [&](const FolderNode& node) { return !Allowed(allowed, node); });
  Answer answer;
  answer.data = "[";
  for (const auto& node : nodes) {
    if (answer.data.size() > 1) answer.data += ',';
    view.AppendRow(answer.data, node, columns, *request.zone);
  }
  answer.data += ']';
  answer.timestamp = Newest(nodes, 0);
  return answer;
}

Api<Answer> List(const FolderView& view, const Request& request, std::string_view parent) {
  OUTPOST_TRY(const auto node, view.Find(parent));
  return Rows(view, request, view.Children(node));
}

Api<Answer> Path(const FolderView& view, const Request& request) {
  OUTPOST_TRY(const auto id, request.params.Need("id"));
  std::vector<FolderNode> nodes;
  for (std::string at(id); at != "" && at != "0";) {
    OUTPOST_TRY(const auto node, view.Find(at));
    nodes.push_back(node);
    at = view.ParentId(node);
  }
  return Rows(view, request, std::move(nodes));
}

Api<Answer> Get(const FolderView& view, const Request& request) {
  OUTPOST_TRY(const auto id, request.params.Need("id"));
  OUTPOST_TRY(const auto node, view.Find(id));
  Answer answer;
  view.AppendObject(answer.data, node, *request.zone);
  answer.timestamp = Newest({node}, 0);
  return answer;
}

Api<Answer> AllVisible(const World& world, const FolderView& view, const Request& request) {
  OUTPOST_TRY(const auto type, request.params.Need("content_type"));
  OUTPOST_TRY(const auto columns, ParseColumns(request.params));
  const auto module = ParseModule(type);
  if (!module || *module == FolderModule::kSystem) return InvalidParameter("content_type", type);
  if (world.options.closed_modules_are_refused && IsClosed(world, *module))
    return ApiError{
        "FLD-0005", Category::kPermissionDenied, "The module is not for this user.", {std::string(type)}, {}, {}};
  std::string rows[3];
  std::int64_t newest = 0;
  for (const auto& [id, folder] : world.state.folders()) {
    if (folder.module != *module || !view.Visible(folder)) continue;
    std::string& out = rows[TypeFor(folder, request.user) - 1];
    if (!out.empty()) out += ',';
    view.AppendRow(out, {&folder, 0}, columns, *request.zone);
    if (folder.module != FolderModule::kMail) newest = std::max(newest, folder.modified);
  }
  Answer answer;
  if (*module == FolderModule::kMail) {
    answer.data = "{\"private\":[" + rows[0] + "]}";  // mail has no others
    return answer;
  }
  answer.data = "{\"private\":[" + rows[0] + "],\"public\":[" + rows[1] + "],\"shared\":[" + rows[2] + "]}";
  answer.timestamp = newest;
  return answer;
}

Api<Answer> Shares(const World& world, const FolderView& view, const Request& request) {
  OUTPOST_TRY(const auto type, request.params.Need("content_type"));
  const auto module = ParseModule(type);
  if (!module) return InvalidParameter("content_type", type);
  std::vector<FolderNode> nodes;
  for (const auto& [id, folder] : world.state.folders()) {
    const bool mine = folder.module == *module && folder.type == 1 && folder.owner == request.user;
    if (mine && folder.permissions.size() > 1) nodes.push_back({&folder, 0});
  }
  return Rows(view, request, std::move(nodes));
}

// Reports the whole visible tree: `parent` is documented as needed, and ignored (http-api.md 2.1).
Api<Answer> Updates(const World& world, const FolderView& view, const Request& request) {
  OUTPOST_TRY(const auto since, request.params.NeedNumber("timestamp"));
  OUTPOST_TRY(const auto columns, ParseColumns(request.params));
  const auto allowed = AllowedModules(request.params);
  const auto later = [&](std::int64_t stamp) {
    return world.options.boundary == Boundary::kFrom ? stamp >= since : stamp > since;
  };
  Answer answer;
  std::int64_t newest = since;
  answer.data = "[";
  const auto comma = [&] { answer.data += answer.data.size() > 1 ? "," : ""; };
  for (const auto& [id, folder] : world.state.folders()) {
    const FolderNode node{&folder, 0};
    // Whether a mail folder changed nobody knows: where they are wanted all are told.
    const bool mail = folder.module == FolderModule::kMail;
    if (mail ? request.params.Find("mail").value_or("") != "1" : !later(folder.modified)) continue;
    if (!view.Visible(folder) || !Allowed(allowed, node)) continue;
    comma();
    view.AppendRow(answer.data, node, columns, *request.zone);
    if (!mail) newest = std::max(newest, folder.modified);
  }
  const bool deletions = request.params.Find("ignore").value_or("").find("deleted") == std::string_view::npos;
  for (const auto& gone : world.state.folder_tombstones()) {
    const bool seen = std::find(gone.seen_by.begin(), gone.seen_by.end(), request.user) != gone.seen_by.end();
    if (!deletions || !seen || !later(gone.time)) continue;
    comma();
    AppendQuoted(answer.data, std::to_string(gone.id));
    newest = std::max(newest, gone.time);
  }
  answer.data += ']';
  answer.timestamp = newest;
  return answer;
}

}  // namespace

Api<Answer> HandleFolders(World& world, const Request& request) {
  const auto tree = request.params.Find("tree").value_or("0") == "1" ? Tree::kOutlook : Tree::kReal;
  const FolderView view(world, request.user, tree);
  if (request.action == "root") return List(view, request, "0");
  if (request.action == "list") {
    OUTPOST_TRY(const auto parent, request.params.Need("parent"));
    return List(view, request, parent);
  }
  if (request.action == "path") return Path(view, request);
  if (request.action == "get") return Get(view, request);
  if (request.action == "allVisible") return AllVisible(world, view, request);
  if (request.action == "shares") return Shares(world, view, request);
  if (request.action == "updates") return Updates(world, view, request);
  if (request.action == "new") return NewFolder(world, view, request);
  if (request.action == "update") return UpdateFolder(world, view, request);
  if (request.action == "delete") return DeleteFolders(world, view, request);
  if (request.action == "clear") return ClearFolders(world, view, request);
  return UnknownAction("folders", request.action);
}

}  // namespace outpost::oxserver
