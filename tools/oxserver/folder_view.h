#pragma once
#include <string>
#include <vector>

#include "tools/oxserver/world.h"

namespace outpost::oxserver {

// Which of its two trees a folder call speaks of: 0 the real one, 1 the one laid out for Outlook (http-api.md 2.3).
enum class Tree : std::uint8_t { kReal, kOutlook };

// A folder as one user sees it in one tree, or a node that exists in no table: the owner "u:<id>" below the shared
// root.
struct FolderNode {
  const Folder* folder = nullptr;
  int owner = 0;  // of a node "u:<id>"

  bool IsOwner() const { return folder == nullptr; }
  std::string Id() const;
};

// Whether the module is taken from all users.
bool IsClosed(const World& world, FolderModule module);
// What the calls of such a module are refused with.
ApiError NotForTheUser(std::string_view module);

// Reads folders for one user. Threads: one.
class FolderView {
 public:
  FolderView(const World& world, int user, Tree tree) : world_(world), user_(user), tree_(tree) {}
  // Errors: FLD-0008, FLD-0003, FLD-1025.
  Api<FolderNode> Find(std::string_view id) const;
  bool Visible(const Folder& folder) const {
    return !IsClosed(world_, folder.module) && RightsOf(world_, folder, user_).Visible();
  }
  std::vector<FolderNode> Children(const FolderNode& node) const;
  std::string ParentId(const FolderNode& node) const;
  std::string Title(const FolderNode& node) const;

  // Appends the value of one column as JSON, "null" where there is none or the column is unknown.
  void AppendValue(std::string& out, const FolderNode& node, int column, const Zone& zone) const;
  void AppendRow(std::string& out, const FolderNode& node, const std::vector<int>& columns, const Zone& zone) const;
  // All members that have a value.
  void AppendObject(std::string& out, const FolderNode& node, const Zone& zone) const;

 private:
  void AppendOwnerValue(std::string& out, const FolderNode& node, int column) const;
  std::vector<int> Sharers() const;

  const World& world_;
  int user_;
  Tree tree_;
};

// The number list of the parameter `columns`.
Api<std::vector<int>> ParseColumns(const Params& params);

ApiError FolderError(const char* code, Category category, const char* text, std::string_view folder);
std::optional<FolderModule> ParseModule(std::string_view text);
const char* ModuleName(FolderModule module);

}  // namespace outpost::oxserver
