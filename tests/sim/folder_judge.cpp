#include "tests/sim/folder_judge.h"

#include <algorithm>

#include "tests/sim/oracle_words.h"

namespace outpost::sim {
namespace {

std::string Name(const FolderEdit& edit) {
  return Who(edit.client) + " " + StepName(edit.what) + " " + edit.title + " " + edit.id + " (event " +
         std::to_string(edit.seq) + ")";
}

std::string WhatOf(StepKind what) {
  switch (what) {
    case StepKind::kFolderNew:
      return "folder new";
    case StepKind::kFolderRename:
      return "folder rename";
    case StepKind::kFolderMove:
      return "folder move";
    default:
      return "folder delete";
  }
}

bool SaysTitle(const FolderEdit& edit) {
  return edit.what == StepKind::kFolderNew || edit.what == StepKind::kFolderRename;
}

}  // namespace

void FolderJudge::Typed(FolderEdit edit) {
  edit.writes_before = writes_.size();
  if (tell) tell(Name(edit));
  edits_.push_back(std::move(edit));
}

void FolderJudge::Seen(const FolderTree& tree, Actor actor, Millis now, std::size_t objects, bool restored) {
  if (restored) restored_at_ = writes_.size() + 1;
  const auto write = [&](const std::string& id) {
    FolderWrite one;
    one.time = now;
    one.objects = objects;
    one.actor = restored ? kElsewhere : actor;
    one.restored = restored;
    one.id = id;
    return one;
  };
  for (const auto& [id, facts] : tree_) {
    if (tree.contains(id)) continue;
    FolderWrite one = write(id);
    one.removed = true;
    one.before = facts;
    Wrote(std::move(one));
  }
  for (const auto& [id, facts] : tree) {
    const auto had = tree_.find(id);
    if (had != tree_.end() && had->second == facts) continue;
    FolderWrite one = write(id);
    one.created = had == tree_.end();
    if (!one.created) one.before = had->second;
    one.after = facts;
    Wrote(std::move(one));
  }
  tree_ = tree;
}

std::set<ItemId> FolderJudge::ItemsOf(Actor client, const std::string& id) const {
  std::set<ItemId> items;
  for (const FolderEdit& edit : edits_)
    if (edit.client == client && edit.id == id) items.insert(edit.folder);
  for (const FolderWrite& write : writes_)
    // What others made with a name that was chosen here is one with it.
    if (write.id == id && write.created && (write.actor == client || write.actor == kElsewhere))
      for (const FolderEdit& edit : edits_)
        if (edit.client == client && SaysTitle(edit) && edit.title == write.after.title) items.insert(edit.folder);
  return items;
}

bool FolderJudge::Is(Actor client, const std::string& id, const ItemId& folder, const std::string& then) const {
  if (id.empty()) return false;
  return id == then || ItemsOf(client, id).contains(folder);
}

// A client wrote: a person did that there, and nobody's change that he had not seen was written over.
void FolderJudge::Wrote(FolderWrite write) {
  write.n = writes_.size() + 1;
  const std::string who = Who(write.actor);
  if (tell)
    tell(who + (write.restored ? " (the backup)" : "") +
         (write.created   ? " made"
          : write.removed ? " removed"
                          : " changed") +
         " folder " + write.id + " " + write.before.title + " in " + write.before.parent + " -> " + write.after.title +
         " in " + write.after.parent);
  if (write.actor != kElsewhere) {
    if (write.created) {
      JudgeMade(write);
    } else if (write.removed) {
      JudgeRemoved(write);
    } else {
      if (write.before.title != write.after.title) JudgeChange(write, StepKind::kFolderRename, &FolderFacts::title);
      if (write.before.parent != write.after.parent) JudgeChange(write, StepKind::kFolderMove, &FolderFacts::parent);
    }
  }
  writes_.push_back(std::move(write));
}

void FolderJudge::JudgeMade(const FolderWrite& write) {
  const std::string name = Who(write.actor) + " made folder " + write.after.title;
  std::set<ItemId> items;
  for (const FolderEdit& edit : edits_)
    if (edit.client == write.actor && SaysTitle(edit) && edit.title == write.after.title) items.insert(edit.folder);
  // Titles are given once each, but those of others are known as well, and may be made again under client-wins: by the
  // title that was known here, which others may have changed before they deleted the folder.
  if (items.empty()) {
    const auto had_title = [&](const std::string& id) {
      return std::any_of(writes_.begin(), writes_.end(), [&](const FolderWrite& one) {
        return one.id == id && (one.before.title == write.after.title || one.after.title == write.after.title);
      });
    };
    const bool was = std::any_of(writes_.begin(), writes_.end(),
                                 [&](const FolderWrite& one) { return one.removed && had_title(one.id); });
    if (!was || policy_ == Policy::kServerWins) fail(name + ", which nobody did there");
    return;
  }
  const auto removed_again = [&](const std::string& id) {  // when last; 0: never
    std::size_t n = 0;
    for (const FolderWrite& one : writes_)
      if (one.removed && one.id == id) n = one.n;
    return n;
  };
  std::size_t removed = 0;
  bool gone_by_restore = false;
  std::set<std::string> made;  // by the client
  for (const FolderWrite& one : writes_) {
    // Not what others made and deleted again before it was known here.
    const bool known = std::any_of(edits_.begin(), edits_.end(), [&](const FolderEdit& edit) {
      return edit.client == write.actor && edit.id == one.id && items.contains(edit.folder);
    });
    const bool own = one.actor == write.actor && one.created;
    if (own) made.insert(one.id);
    const auto is = ItemsOf(write.actor, one.id);
    if (!known && (!made.contains(one.id) ||
                   std::none_of(is.begin(), is.end(), [&](const ItemId& id) { return items.contains(id); })))
      continue;
    if (one.removed && !one.restored) removed = one.n;
    if (one.removed && one.restored) gone_by_restore = true;
    // A restored server may have given its id to another folder of this client since.
    const bool of_another = std::any_of(edits_.begin(), edits_.end(), [&](const FolderEdit& edit) {
      return edit.client == write.actor && SaysTitle(edit) && edit.title == one.after.title &&
             !items.contains(edit.folder);
    });
    if (one.created && one.actor == write.actor && tree_.contains(one.id) && !of_another &&
        one.n > removed_again(one.id))
      return fail(name + " twice");
  }
  const bool decided = std::any_of(edits_.begin(), edits_.end(), [&](const FolderEdit& edit) {
    return edit.client == write.actor && items.contains(edit.folder) && edit.writes_before >= removed;
  });
  if (removed != 0 && !decided && !gone_by_restore && restored_at_ < removed && policy_ == Policy::kServerWins)
    fail(name + " again after it was deleted");
}

bool FolderJudge::IsBelow(std::string id, const std::string& above) const {
  for (int depth = 0; depth < 100; ++depth) {
    if (id == above) return true;
    const auto at = tree_.find(id);
    if (at == tree_.end()) return false;
    id = at->second.parent;
  }
  return false;
}

// The newest deletion that a client's removal of this folder can have carried out: its own, or that of one above it.
const FolderEdit* FolderJudge::DeletionOf(Actor client, const std::string& id) const {
  const auto items = ItemsOf(client, id);
  const FolderEdit *own = nullptr, *above = nullptr;
  for (const FolderEdit& edit : edits_) {
    if (edit.client != client || edit.what != StepKind::kFolderDelete) continue;
    if (edit.id == id || items.contains(edit.folder)) own = &edit;
    if (!edit.id.empty() && IsBelow(id, edit.id)) above = &edit;
  }
  return own != nullptr ? own : above;
}

void FolderJudge::JudgeRemoved(const FolderWrite& write) {
  const std::string name = Who(write.actor) + " deleted folder " + write.id + " " + write.before.title;
  const FolderEdit* deletion = DeletionOf(write.actor, write.id);
  if (deletion == nullptr) return fail(name + ", which nobody did there");
  if (policy_ == Policy::kClientWins || odd_stamps_) return;
  const FolderWrite* last = nullptr;
  for (const FolderWrite& one : writes_)
    if (one.id == write.id) last = &one;
  if (last == nullptr || last->actor == write.actor || last->restored || write.time - last->time <= kAtOnce) return;
  const bool itself = deletion->id == write.id;
  if (itself ? deletion->shown == write.before : last->n <= deletion->writes_before) return;
  for (const FolderEdit& edit : edits_)  // what he had typed himself, others did as well
    if (edit.client == write.actor && edit.folder == deletion->folder && SaysTitle(edit) &&
        edit.title == write.before.title)
      return;
  fail(name + ", which its person had not seen so: " + Name(*deletion));
}

void FolderJudge::JudgeChange(const FolderWrite& write, StepKind what, std::string FolderFacts::*fact) {
  const std::string name =
      Who(write.actor) + " changed folder " + write.id + " from " + write.before.*fact + " to " + write.after.*fact;
  const auto items = ItemsOf(write.actor, write.id);
  const FolderEdit* edit = nullptr;
  for (const FolderEdit& one : edits_) {
    if (one.client != write.actor || !items.contains(one.folder)) continue;
    if (one.what != what && one.what != StepKind::kFolderNew) continue;
    if (what == StepKind::kFolderMove ? Is(one.client, write.after.parent, one.parent, one.above)
                                      : one.title == write.after.title)
      edit = &one;
  }
  if (edit == nullptr) return fail(name + ", which nobody did there");
  const FolderWrite* last = nullptr;
  for (const FolderWrite& one : writes_)
    if (one.id == write.id && one.before.*fact != one.after.*fact) last = &one;
  if (last == nullptr || last->actor == write.actor || last->restored || odd_stamps_ ||
      policy_ == Policy::kClientWins || edit->shown.*fact == write.before.*fact)
    return;
  fail(name + ", which its person had not seen: " + Name(*edit));
}

void FolderJudge::WentWithFolder(const Write& write, const std::string& folder, const Write* last_of_others) {
  const std::string name = Who(write.actor) + " deleted " + write.uid + " with folder " + folder;
  const FolderEdit* deletion = DeletionOf(write.actor, folder);
  if (deletion == nullptr) return fail(name + ", which nobody did there");
  if (policy_ == Policy::kClientWins || odd_stamps_ || last_of_others == nullptr || last_of_others->restored ||
      write.time - last_of_others->time <= kAtOnce)
    return;
  const auto seen = deletion->inside.find(write.object);
  for (const auto& [group, value] : write.before)
    if (last_of_others->Changed(group) && last_of_others->after.at(group) == value &&
        (seen == deletion->inside.end() || seen->second.at(group) != value))
      return fail(name + " over " + group + "=" + value + ", which its person had not seen: " + Name(*deletion));
}

// Whether the server's folders tell that the edit arrived, or that somebody did the same.
bool FolderJudge::Done(const FolderEdit& edit, const FolderAccount& folder) const {
  std::set<std::string> ids;  // it may have been made again
  for (const FolderWrite& write : writes_)
    if (ItemsOf(edit.client, write.id).contains(edit.folder)) ids.insert(write.id);
  if (!folder.id.empty()) ids.insert(folder.id);
  if (edit.what == StepKind::kFolderDelete) {
    if (std::none_of(ids.begin(), ids.end(), [&](const std::string& id) { return tree_.contains(id); })) return true;
    bool gone = false;  // by then; a backup may have brought it back since
    for (const FolderWrite& write : writes_)
      if (write.id == edit.id && write.n <= edit.writes_before) gone = write.removed;
    if (gone) return true;
  }
  if (edit.what == StepKind::kFolderMove) {  // it was there by then: somebody else had moved it
    bool there = false;
    for (const FolderWrite& write : writes_)
      if (ids.contains(write.id) && write.n <= edit.writes_before)
        there = !write.removed && Is(edit.client, write.after.parent, edit.parent, edit.above);
    if (there) return true;
  }
  return std::any_of(writes_.begin(), writes_.end(), [&](const FolderWrite& write) {
    if (!ids.contains(write.id) || write.n <= edit.writes_before) return false;
    switch (edit.what) {
      case StepKind::kFolderNew:
        return write.created;
      case StepKind::kFolderRename:
        return write.after.title == edit.title;
      case StepKind::kFolderMove:
        return !write.removed && Is(edit.client, write.after.parent, edit.parent, edit.above);
      default:
        return write.removed;
    }
  });
}

void FolderJudge::JudgeEdit(const FolderEdit& edit, const TreeAccount& account) {
  static const FolderAccount kNone;
  const auto at = account.find(edit.folder);
  const FolderAccount& folder = at == account.end() ? kNone : at->second;
  if (edit.seq == 0) return;  // the disk failed: it may or may not be there
  if (folder.pending.contains(edit.seq)) return fail("still waiting to be sent after all has healed: " + Name(edit));
  // Kept as it is, or said again by a later edit of the same group; or it went with the folder, whose creation or
  // deletion is kept.
  const std::string group = edit.what == StepKind::kFolderRename ? "title"
                            : edit.what == StepKind::kFolderMove ? "folder"
                                                                 : "existence";
  const bool kept = std::any_of(folder.kept.begin(), folder.kept.end(), [&](const auto& one) {
    return one.first >= edit.seq && (one.second == group || one.second == "existence");
  });
  if (kept || Done(edit, folder)) return;
  for (const FolderEdit& later : edits_)
    if (&later > &edit && later.client == edit.client && later.folder == edit.folder &&
        (later.what == edit.what || later.what == StepKind::kFolderDelete))
      return;
  if (edit.what == StepKind::kFolderMove && Is(edit.client, edit.shown.parent, edit.parent, edit.above))
    return;  // back to where it was
  fail("lost: " + Name(edit) + " neither reached the server nor can it be had back");
}

// A name or a place that lost was lost to somebody: he had given the folder another one, or it had gone, without its
// person seeing that.
void FolderJudge::JudgeLoser(const FolderEdit& edit, const TreeAccount& account) {
  const bool renamed = edit.what == StepKind::kFolderRename;
  if (edit.seq == 0 || odd_stamps_ || (!renamed && edit.what != StepKind::kFolderMove)) return;
  const auto folder = account.find(edit.folder);
  if (folder == account.end() || !folder->second.lost.contains({edit.seq, renamed ? "title" : "folder"})) return;
  const std::string FolderFacts::*fact = renamed ? &FolderFacts::title : &FolderFacts::parent;
  for (const FolderWrite& write : writes_) {
    const bool it = write.id == edit.id || ItemsOf(edit.client, write.id).contains(edit.folder);
    if (!it || (write.actor == edit.client && !write.removed)) continue;
    const bool unseen = write.n > edit.writes_before || write.after.*fact != edit.shown.*fact;
    if (unseen && (write.removed || write.restored || write.created || write.before.*fact != write.after.*fact)) return;
  }
  fail("a conflict that was none: " + Name(edit) + " lost though nobody else changed that of the folder");
}

void FolderJudge::JudgeClient(int client, const TreeAccount& account) {
  for (const FolderEdit& edit : edits_) {
    if (edit.client != client) continue;
    JudgeEdit(edit, account);
    JudgeLoser(edit, account);
  }
  std::set<std::string> known, held;
  for (const FolderWrite& write : writes_) known.insert(write.id);
  for (const auto& [id, folder] : account) {
    if (!folder.on_server || !known.contains(folder.id)) continue;  // not one of those that people make here
    held.insert(folder.id);
    const std::string name = Who(client) + " folder " + folder.id;
    const auto there = tree_.find(folder.id);
    if (there == tree_.end())
      fail(name + " is there, but not on the server");
    else if (folder.base != there->second)
      fail(name + " is " + folder.base.title + " in " + folder.base.parent + " where the server has " +
           there->second.title + " in " + there->second.parent);
  }
  for (const auto& [id, facts] : tree_)
    if (!held.contains(id)) fail(Who(client) + " lacks folder " + id + " " + facts.title + " of the server");
}

std::map<std::string, std::uint64_t> FolderJudge::Cells(const Oracle& oracle) const {
  std::map<std::string, std::uint64_t> cells;
  const std::string policy = policy_ == Policy::kServerWins ? "server-wins: " : "client-wins: ";
  for (const FolderEdit& edit : edits_) {
    const std::string here = policy + WhatOf(edit.what) + " / ";
    std::size_t arrived = SIZE_MAX;  // the writes to objects by then
    for (const FolderWrite& write : writes_) {
      if (write.n <= edit.writes_before || write.restored) continue;
      if (edit.what == StepKind::kFolderNew) {
        if (write.created && write.actor == kElsewhere && write.after.title == edit.title)
          ++cells[here + WhatOf(edit.what)];
        continue;
      }
      if (edit.id.empty() || write.id != edit.id) continue;
      if (write.actor == edit.client) {
        arrived = write.objects;
        break;
      }
      ++cells[here + WhatOf(write.removed                             ? StepKind::kFolderDelete
                            : write.before.title != write.after.title ? StepKind::kFolderRename
                                                                      : StepKind::kFolderMove)];
    }
    if (edit.what != StepKind::kFolderDelete || edit.id.empty()) continue;
    for (const Write& write : oracle.all_writes())
      if (write.actor != edit.client && !write.removed && !write.restored && write.n > edit.objects_before &&
          write.n <= arrived && write.after.at(std::string(kFolder)) == edit.id)
        ++cells[here + (write.created ? "item create" : "item change")];
  }
  // What is made in or moved to a folder that goes meanwhile.
  for (const Edit& edit : oracle.edits()) {
    if (edit.what != StepKind::kCreate && edit.what != StepKind::kMove) continue;
    const std::size_t arrived = oracle.ArrivedAt(edit);
    for (const FolderWrite& write : writes_)
      if (write.removed && !write.restored && write.actor != edit.client && write.objects >= edit.writes_before &&
          write.objects < arrived && write.id == edit.folder)
        ++cells[policy + (edit.what == StepKind::kCreate ? "item create / " : "item move / ") +
                WhatOf(StepKind::kFolderDelete)];
  }
  return cells;
}

}  // namespace outpost::sim
