#include "tests/sim/oracle.h"

#include <algorithm>
#include <sstream>

#include "tests/sim/folder_judge.h"
#include "tests/sim/oracle_words.h"

namespace outpost::sim {
namespace {

constexpr std::size_t kStill = ~std::size_t{0};

std::string InWords(const Write& write) {
  std::string text = write.actor == kElsewhere ? "elsewhere" : "client " + std::to_string(write.actor);
  if (write.restored) text = "the backup";
  text += write.created ? " created " : write.removed ? " removed " : " changed ";
  text += std::to_string(write.object) + " (" + write.uid + ") at " + std::to_string(write.stamp);
  for (const auto& [group, value] : write.after)
    if (write.Changed(group)) text += " " + group + "=" + value;
  return text;
}

}  // namespace

bool HasPart(const std::string& joined, const std::string& part, char separator) {
  std::istringstream parts(joined);
  std::string one;
  while (std::getline(parts, one, separator))
    if (one == part) return true;
  return false;
}

std::string NameOf(const Edit& edit) {
  return "client " + std::to_string(edit.client) + " " + StepName(edit.what) + " " + edit.group + "=" + edit.typed +
         " of " + edit.uid + " (event " + std::to_string(edit.seq) + ")";
}

bool Write::Changed(std::string_view group) const {
  const auto was = before.find(group), is = after.find(group);
  const std::string none;
  return (was == before.end() ? none : was->second) != (is == after.end() ? none : is->second);
}

void Oracle::Retried(int client, const std::string& uid) { retried_[{client, uid}] = writes_.size(); }

void Oracle::Sight(const std::string& folder, bool all) {
  if (all)
    unseen_folders_.erase(folder);
  else
    unseen_folders_.insert(folder);
  for (const auto& [object, live] : live_) NoteSight(live.uid, live.values.at(std::string(kFolder)));
  // Nor can his computers tell whether what was deleted in it is gone: an answer may have been lost.
  for (const auto& [uid, place] : gone_from_) NoteSight(uid, place);
}

void Oracle::NoteSight(const std::string& uid, const std::string& folder) {
  const auto noted = unseen_until_.find(uid);
  if (unseen_folders_.contains(folder))
    unseen_until_[uid] = kStill;
  else if (noted != unseen_until_.end() && noted->second == kStill)
    noted->second = writes_.size();
}

bool Oracle::WasUnseenSince(const std::string& uid, std::size_t writes) const {
  const auto noted = unseen_until_.find(uid);
  return noted != unseen_until_.end() && noted->second >= writes;
}

void Oracle::Fail(const std::string& what) {
  if (tell) tell("BROKEN " + what);
  violations_.push_back(what);
}

void Oracle::Typed(Edit edit) {
  if (tell) tell(NameOf(edit) + " on version " + std::to_string(edit.shown_version));
  edit.writes_before = writes_.size();
  edits_of_[edit.uid].push_back(edits_.size());
  edits_.push_back(std::move(edit));
}

void Oracle::Wrote(Write write) {
  write.n = writes_.size() + 1;
  if (tell) tell(InWords(write));
  if (write.actor != kElsewhere) {
    if (write.created) {
      JudgeCreate(write);
    } else if (write.removed) {
      JudgeRemoval(write);
    } else {
      for (const auto& [group, value] : write.after)
        if (write.Changed(group)) JudgeOverwrite(write, group);
    }
  }
  if (write.removed)
    live_.erase(write.object);
  else
    live_[write.object] = {write.uid, write.after, write.stamp};
  if (write.removed) {
    gone_from_[write.uid] = write.before.at(std::string(kFolder));
  } else {
    gone_from_.erase(write.uid);
    NoteSight(write.uid, write.after.at(std::string(kFolder)));
  }
  writes_of_[write.uid].push_back(writes_.size());
  writes_.push_back(std::move(write));
}

// What a restored server has differently is written by nobody, with the stamps of old.
void Oracle::Restored(const std::map<std::int64_t, Live>& then, std::size_t writes, Millis now) {
  for (std::size_t i = writes; i < writes_.size(); ++i) writes_[i].undone = true;
  const auto from_backup = [&](std::int64_t object, const Live* before, const Live* after) {
    Write write;
    write.restored = true;
    write.object = object;
    write.time = now;
    write.created = before == nullptr;
    write.removed = after == nullptr;
    write.uid = (after != nullptr ? after : before)->uid;
    write.stamp = (after != nullptr ? after : before)->stamp;
    if (before != nullptr) write.before = before->values;
    if (after != nullptr) write.after = after->values;
    Wrote(std::move(write));
  };
  const auto last = live_;
  for (const auto& [object, before] : last) {
    const auto at = then.find(object);
    if (at == then.end() || at->second.uid != before.uid) from_backup(object, &before, nullptr);
  }
  for (const auto& [object, after] : then) {
    const auto at = last.find(object);
    if (at == last.end() || at->second.uid != after.uid)
      from_backup(object, nullptr, &after);
    else if (at->second.values != after.values || at->second.stamp != after.stamp)
      from_backup(object, &at->second, &after);
  }
}

const Edit* Oracle::NewestEdit(Actor client, const std::string& uid, const std::string& group,
                               const Values& after) const {
  const auto at = edits_of_.find(uid);
  if (at == edits_of_.end()) return nullptr;
  for (auto i = at->second.rbegin(); i != at->second.rend(); ++i) {
    const Edit& edit = edits_[*i];
    if (edit.client != client || edit.group != group) continue;
    const std::string& value = after.at(group);
    if (edit.clears                    ? value.empty()
        : edit.what == StepKind::kMove ? folders->Is(client, value, edit.target, edit.folder)
                                       : HasPart(value, edit.typed, '|'))
      return &edit;
  }
  return nullptr;
}

// Who gave the group of the object the value that it had before `write`.
const Write* Oracle::LastChange(const Write& write, const std::string& group) const {
  const Write* last = nullptr;
  for (const std::size_t i : writes_of_.at(write.uid)) {
    const Write& one = writes_[i];
    // What a backup brings back it brings back whole.
    if (one.object == write.object && (one.Changed(group) || (one.restored && one.created))) last = &one;
  }
  return last;
}

// A client changed a group: a person typed it, and nobody's change that he had not seen was written over (but under
// client-wins, where it must be kept).
void Oracle::JudgeOverwrite(const Write& write, const std::string& group) {
  if (group == kTags || shared_uids_.contains(write.uid)) return;  // sets are merged: judged at the end
  const std::string who = "client " + std::to_string(write.actor);
  const Edit* edit = NewestEdit(write.actor, write.uid, group, write.after);
  // The folder that it was made in was chosen with its creation, of which the answer was lost.
  if (edit == nullptr && group == kFolder && policy_ == Policy::kClientWins)
    for (const std::size_t i : edits_of_[write.uid])
      if (edits_[i].client == write.actor && edits_[i].what == StepKind::kCreate &&
          edits_[i].folder == write.after.at(group)) {
        overruled_.push_back({write.actor, write.uid, group, write.before.at(group), ""});
        return;
      }
  if (edit == nullptr)
    return Fail(who + " wrote " + group + "=" + write.after.at(group) + " to " + write.uid +
                ", which nobody typed there");
  const std::string& before = write.before.at(group);
  const Write* last = LastChange(write, group);
  if (last == nullptr || last->actor == write.actor) return;
  if (const auto shown = edit->shown.find(group); shown != edit->shown.end() && shown->second == before) return;
  if (last->n <= edit->writes_before && edit->shown.empty()) return;  // typed before the item was anywhere
  // What was refused he asked to be sent again, with that on his screen: had it not been, the server would have
  // refused.
  if (const auto again = retried_.find({write.actor, write.uid}); again != retried_.end() && again->second >= last->n)
    return;
  // Two who move an item to the same folder: what was done here after it was done to what is there.
  for (const std::size_t i : edits_of_[write.uid])
    if (&edits_[i] < edit && edits_[i].client == write.actor && edits_[i].group == group && !before.empty() &&
        (group == kFolder ? folders->Is(write.actor, before, edits_[i].target, edits_[i].folder)
                          : edits_[i].typed == before))
      return;
  // Older than what he had: the server does not refuse what is made from something newer than it has.
  if (odd_stamps_ || last->restored) {
    ++exempted_;
    return;
  }
  if (policy_ == Policy::kClientWins) {
    const auto shown = edit->shown.find(group);
    overruled_.push_back({write.actor, write.uid, group, before, shown != edit->shown.end() ? shown->second : ""});
    return;
  }
  Fail(who + " wrote " + group + "=" + write.after.at(group) + " over " + before + " of " + write.uid +
       ", which its person had not seen: " + NameOf(*edit));
}

void Oracle::JudgeCreate(const Write& write) {
  const std::string who = "client " + std::to_string(write.actor);
  if (shared_uids_.contains(write.uid)) return;
  for (const auto& [object, live] : live_) {
    if (live.uid != write.uid) continue;
    const auto& writes = writes_of_[write.uid];
    if (!writes.empty() && WasUnseenSince(write.uid, writes_[writes.back()].n)) {
      ++exempted_;
      SharedUid(write.uid);
      return;
    }
    const Write* made = nullptr;
    for (const std::size_t i : writes_of_[write.uid])
      if (writes_[i].created && writes_[i].object == object) made = &writes_[i];
    // A client that had not learned of the first one's end when another computer made it again shows two items.
    std::set<ItemId> items;
    for (const std::size_t i : edits_of_[write.uid])
      if (edits_[i].client == write.actor) items.insert(edits_[i].item);
    if (items.size() < 2 && (made == nullptr || made->actor == write.actor || write.time - made->time > kAtOnce))
      return Fail(who + " made " + write.uid + " twice");
    ++restored_twice_;
    SharedUid(write.uid);
    return;
  }
  bool typed = false, edited = false;
  for (const std::size_t i : edits_of_[write.uid]) {
    if (edits_[i].client != write.actor) continue;
    typed = typed || edits_[i].what == StepKind::kCreate;
    edited = true;
  }
  std::size_t removed = 0;
  bool gone_by_restore = false;
  for (const std::size_t i : writes_of_[write.uid]) {
    if (!writes_[i].removed) continue;
    if (writes_[i].restored || writes_[i].undone)
      gone_by_restore = true;  // the server does not say that it ever was there, or that it went
    else
      removed = writes_[i].n;
  }
  // What a person does to an item of which nobody knows whether it was deleted decides that it is to be there.
  const auto retried = retried_.find({write.actor, write.uid});
  bool decided = retried != retried_.end() && retried->second >= removed;
  for (const std::size_t i : edits_of_[write.uid])
    decided = decided || (edits_[i].client == write.actor && edits_[i].writes_before >= removed);
  if (removed != 0 && !decided && policy_ == Policy::kServerWins)
    return Fail(who + " made " + write.uid + " again after it was deleted");
  if (!typed && !((removed != 0 || gone_by_restore) && edited))
    Fail(who + " made " + write.uid + ", which nobody did there");
}

void Oracle::JudgeRemoval(const Write& write) {
  if (shared_uids_.contains(write.uid)) return;
  if (write.with_folder) {
    const Write* last = nullptr;
    for (const std::size_t i : writes_of_[write.uid])
      if (writes_[i].object == write.object && writes_[i].actor != write.actor) last = &writes_[i];
    return folders->WentWithFolder(write, write.before.at(std::string(kFolder)), last);
  }
  const std::string who = "client " + std::to_string(write.actor);
  const Edit* deletion = nullptr;
  for (const std::size_t i : edits_of_[write.uid])
    if (edits_[i].client == write.actor && edits_[i].what == StepKind::kDelete) deletion = &edits_[i];
  if (deletion == nullptr) return Fail(who + " deleted " + write.uid + ", which nobody did there");
  if (policy_ == Policy::kClientWins) return;
  const auto again = retried_.find({write.actor, write.uid});
  for (const auto& [group, value] : write.before) {
    const auto shown = deletion->shown.find(group);
    if (shown != deletion->shown.end() && shown->second == value) continue;
    const Write* last = LastChange(write, group);
    // Not his own, nor what he had typed as well.
    if (last == nullptr || last->actor == write.actor ||
        NewestEdit(write.actor, write.uid, group, write.before) != nullptr || (group == kTags && value.empty()) ||
        (again != retried_.end() && again->second >= last->n))
      continue;
    if (odd_stamps_ || last->restored) {
      ++exempted_;
      continue;
    }
    return Fail(who + " deleted " + write.uid + " over " + group + "=" + value +
                ", which its person had not seen: " + NameOf(*deletion));
  }
}

}  // namespace outpost::sim
