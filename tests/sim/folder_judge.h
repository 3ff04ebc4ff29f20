#pragma once
#include <functional>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "base/clock.h"
#include "replicator/sync_types.h"
#include "tests/sim/oracle.h"
#include "tests/sim/script.h"

namespace outpost::sim {

// What people change of a folder.
struct FolderFacts {
  std::string title;
  std::string parent;  // the server's id
  bool operator==(const FolderFacts&) const = default;
};
using FolderTree = std::map<std::string, FolderFacts>;  // by the server's id

// What a person did to a folder at one computer and was told is saved.
struct FolderEdit {
  int client = 0;
  ItemId folder{};
  Sequence seq = 0;                            // 0: nobody knows whether it was saved
  StepKind what{};                             // kFolderNew, kFolderRename, kFolderMove, kFolderDelete
  std::string id;                              // the server's, where it had one
  std::string title;                           // typed; of kFolderDelete what it was called here
  ItemId parent{};                             // chosen: the folder above
  std::string above = {};                      // the same as the server's id, where it had one
  FolderFacts shown = {};                      // what the person had from the server
  std::map<std::int64_t, Values> inside = {};  // kFolderDelete: what he had of the objects in it
  std::size_t writes_before = 0;               // those of the server until then, to folders
  std::size_t objects_before = 0;              // and to objects
};

// What became of one folder, as a client tells.
struct FolderAccount {
  bool on_server = false;
  std::string id;
  FolderFacts base;
  std::set<Sequence> pending;
  std::set<std::pair<Sequence, std::string>> kept;  // lost or parked, with their groups
  std::set<std::pair<Sequence, std::string>> lost;  // of them those that lost a conflict
};
using TreeAccount = std::map<ItemId, FolderAccount>;

// As Oracle has it for items: what each person did to folders, and what the server stored of them. Threads: one.
class FolderJudge {
 public:
  FolderJudge(Policy policy, bool odd_stamps) : policy_(policy), odd_stamps_(odd_stamps) {}
  std::function<void(const std::string&)> tell, fail;

  void Typed(FolderEdit edit);
  // The server's folders as they are after somebody wrote; what is other than before is his doing. `objects`: how often
  // objects had been written by then. `restored`: nobody wrote it.
  void Seen(const FolderTree& tree, Actor actor, Millis now, std::size_t objects, bool restored);
  // A client removed an object with its folder.
  void WentWithFolder(const Write& write, const std::string& folder, const Write* last_of_others);
  void JudgeClient(int client, const TreeAccount& account);
  const FolderTree& tree() const { return tree_; }
  // Whether the server's folder is that one of the client, which may have been made again. `then`: the id it had once.
  bool Is(Actor client, const std::string& id, const ItemId& folder, const std::string& then) const;
  // "policy: folder rename / folder move" and the like.
  std::map<std::string, std::uint64_t> Cells(const Oracle& oracle) const;

 private:
  struct FolderWrite {
    std::size_t n = 0;
    Millis time{0};
    std::size_t objects = 0;
    Actor actor = kElsewhere;
    std::string id;
    bool created = false, removed = false, restored = false;
    FolderFacts before, after;
  };
  void Wrote(FolderWrite write);
  void JudgeMade(const FolderWrite& write);
  void JudgeRemoved(const FolderWrite& write);
  void JudgeChange(const FolderWrite& write, StepKind what, std::string FolderFacts::*fact);
  void JudgeLoser(const FolderEdit& edit, const TreeAccount& account);
  void JudgeEdit(const FolderEdit& edit, const TreeAccount& account);
  bool Done(const FolderEdit& edit, const FolderAccount& folder) const;
  // What a client has for the server's folder. More than one where it was made again.
  std::set<ItemId> ItemsOf(Actor client, const std::string& id) const;
  const FolderEdit* DeletionOf(Actor client, const std::string& id) const;
  bool IsBelow(std::string id, const std::string& above) const;

  const Policy policy_;
  const bool odd_stamps_;
  FolderTree tree_;
  std::vector<FolderWrite> writes_;
  std::vector<FolderEdit> edits_;
  std::size_t restored_at_ = 0;  // the writes until the server was restored last
};

}  // namespace outpost::sim
