#include "tests/sim/oracle.h"

#include <algorithm>
#include <sstream>

namespace outpost::sim {
namespace {

// Between looking whether an object is there and making it; a slow line included.
constexpr Millis kAtOnce{100'000};
constexpr std::size_t kStill = ~std::size_t{0};

bool HasPart(const std::string& joined, const std::string& part, char separator) {
  std::istringstream parts(joined);
  std::string one;
  while (std::getline(parts, one, separator))
    if (one == part) return true;
  return false;
}

bool HasTag(const Values& values, const std::string& tag) { return HasPart(values.at(std::string(kTags)), tag, ','); }

// The write gave the group what the edit typed.
bool Carries(const Write& write, const Edit& edit) {
  if (write.removed) return false;
  const auto& after = write.after.at(edit.group);
  const auto before = write.before.find(edit.group);
  const std::string had = before == write.before.end() ? "" : before->second;
  if (edit.clears) return after.empty();
  return HasPart(after, edit.typed, '|') && !HasPart(had, edit.typed, '|');
}

std::string Name(const Edit& edit) {
  return "client " + std::to_string(edit.client) + " " + StepName(edit.what) + " " + edit.group + "=" + edit.typed +
         " of " + edit.uid + " (event " + std::to_string(edit.seq) + ")";
}

std::string InWords(const Write& write) {
  std::string text = write.actor == kElsewhere ? "elsewhere" : "client " + std::to_string(write.actor);
  if (write.restored) text = "the backup";
  text += write.created ? " created " : write.removed ? " removed " : " changed ";
  text += std::to_string(write.object) + " (" + write.uid + ") at " + std::to_string(write.stamp);
  for (const auto& [group, value] : write.after)
    if (write.Changed(group)) text += " " + group + "=" + value;
  return text;
}

const char* PolicyName(Policy policy) { return policy == Policy::kServerWins ? "server-wins" : "client-wins"; }

}  // namespace

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
  if (tell) tell(Name(edit) + " on version " + std::to_string(edit.shown_version));
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
        : edit.what == StepKind::kMove ? value == edit.typed
                                       : HasPart(value, edit.typed, '|'))
      return &edit;
  }
  return nullptr;
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
  const Write* last = nullptr;
  for (const std::size_t i : writes_of_[write.uid])
    if (writes_[i].object == write.object && writes_[i].Changed(group)) last = &writes_[i];
  if (last == nullptr || last->actor == write.actor) return;
  if (const auto shown = edit->shown.find(group); shown != edit->shown.end() && shown->second == before) return;
  if (last->n <= edit->writes_before && edit->shown.empty()) return;  // typed before the item was anywhere
  // What was refused he asked to be sent again, with that on his screen: had it not been, the server would have
  // refused.
  if (const auto again = retried_.find({write.actor, write.uid}); again != retried_.end() && again->second >= last->n)
    return;
  // Two who move an item to the same folder: what was done here after it was done to what is there.
  for (const std::size_t i : edits_of_[write.uid])
    if (&edits_[i] < edit && edits_[i].client == write.actor && edits_[i].group == group && edits_[i].typed == before &&
        !before.empty())
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
       ", which its person had not seen: " + Name(*edit));
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
    const Write* last = nullptr;
    for (const std::size_t i : writes_of_[write.uid])
      if (writes_[i].object == write.object && writes_[i].Changed(group)) last = &writes_[i];
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
                ", which its person had not seen: " + Name(*deletion));
  }
}

bool Oracle::Arrived(const Edit& edit) const {
  const auto at = writes_of_.find(edit.uid);
  if (at == writes_of_.end()) return false;
  for (const std::size_t i : at->second) {
    const Write& write = writes_[i];
    if (write.n <= edit.writes_before || write.actor != edit.client) continue;
    switch (edit.what) {
      case StepKind::kCreate:
        if (write.created) return true;
        break;
      case StepKind::kDelete:
        if (write.removed) return true;
        break;
      case StepKind::kTag:
        if (!write.removed && HasTag(write.after, edit.typed)) return true;
        break;
      case StepKind::kUntag:
        if (!write.removed && !HasTag(write.after, edit.typed)) return true;
        break;
      case StepKind::kMove:
        if (!write.removed && write.after.at(std::string(kFolder)) == edit.typed) return true;
        break;
      default:
        if (Carries(write, edit)) return true;
    }
  }
  return false;
}

// A later edit of the same person took its place.
bool Oracle::Superseded(const Edit& edit) const {
  const auto at = edits_of_.find(edit.uid);
  return std::any_of(at->second.begin(), at->second.end(), [&](std::size_t i) {
    const Edit& later = edits_[i];
    return &later > &edit && later.client == edit.client && later.item == edit.item &&
           (later.what == StepKind::kDelete ||
            (edit.what == StepKind::kTag && later.what == StepKind::kUntag && later.typed == edit.typed) ||
            (later.group == edit.group && edit.what != StepKind::kTag && edit.what != StepKind::kUntag &&
             edit.what != StepKind::kCreate && edit.what != StepKind::kDelete));
  });
}

// Somebody else did the same, or (of a deletion) there is nothing to do it to.
bool Oracle::DoneElsewhere(const Edit& edit) const {
  const bool about_presence = edit.what == StepKind::kDelete || edit.what == StepKind::kUntag;
  if (about_presence && shared_uids_.contains(edit.uid)) return true;  // of which object, the uid does not say
  if (edit.what == StepKind::kDelete) {
    for (const Write& write : writes_)
      if (write.uid == edit.uid && write.removed && write.stamp >= edit.shown_version) return true;
  }
  if (edit.what == StepKind::kDelete)
    return std::none_of(live_.begin(), live_.end(), [&](const auto& entry) { return entry.second.uid == edit.uid; });
  if (edit.what == StepKind::kUntag)
    return std::none_of(live_.begin(), live_.end(), [&](const auto& entry) {
      return entry.second.uid == edit.uid && HasTag(entry.second.values, edit.typed);
    });
  const auto at = writes_of_.find(edit.uid);
  if (at == writes_of_.end()) return false;
  for (const std::size_t i : at->second) {
    const Write& write = writes_[i];
    switch (edit.what) {
      case StepKind::kCreate:
        if (write.created && write.actor != edit.client) return true;
        break;
      case StepKind::kMove:
        if (!write.removed && write.after.at(std::string(kFolder)) == edit.typed) return true;
        break;
      default:
        if (edit.clears && !write.removed && write.after.at(edit.group).empty()) return true;
        break;
    }
  }
  return false;
}

void Oracle::JudgeEdit(const Edit& edit, const ItemAccount& item) {
  if (edit.doubtful) return;
  if (item.pending.contains(edit.seq)) return Fail("still waiting to be sent after all has healed: " + Name(edit));
  const auto keeps = [&](const std::vector<ItemAccount::Kept>& kept) {
    return std::any_of(kept.begin(), kept.end(), [&](const ItemAccount::Kept& one) {
      if (one.seq == edit.seq && one.group == edit.group) return true;
      if (edit.what == StepKind::kCreate && one.group == edit.group) return true;  // said again by a later edit
      if (edit.what == StepKind::kDelete && one.group == edit.group && one.seq > edit.seq) return true;  // likewise
      if (edit.what == StepKind::kDelete || edit.what == StepKind::kCreate) return false;
      if (edit.what == StepKind::kUntag)  // said again by a later edit of the same set
        return one.group == edit.group && one.seq > edit.seq && !HasPart(one.values, edit.typed, '|');
      if (edit.clears) return one.group == edit.group && one.values.empty();  // said again when the item was restored
      return one.group == edit.group && HasPart(one.values, edit.typed, '|');
    });
  };
  if (Arrived(edit) || Superseded(edit) || DoneElsewhere(edit) || keeps(item.losers) || keeps(item.parked)) return;
  // A deletion of what was gone already, as far as the client could see, is done.
  if (edit.what == StepKind::kDelete && WasUnseenSince(edit.uid, edit.writes_before)) {
    ++exempted_;
    return;
  }
  Fail("lost: " + Name(edit) + " neither reached the server nor can it be had back");
}

// A conflict was one: somebody else had changed the object without the person seeing it.
void Oracle::JudgeLoser(int client, const ItemAccount&, const std::string& uid, const ItemAccount::Kept& loser) {
  if (loser.server_lost || shared_uids_.contains(uid)) return;
  const Edit* edit = nullptr;
  for (const std::size_t i : edits_of_[uid])
    if (edits_[i].client == client && edits_[i].seq == loser.seq && (edit == nullptr || edits_[i].group == loser.group))
      edit = &edits_[i];
  if (edit == nullptr) return;  // a merged set or a doubtful one
  for (const std::size_t i : writes_of_[uid]) {
    const Write& write = writes_[i];
    if (write.actor == client) continue;
    const bool unseen = write.n > edit->writes_before || write.stamp > edit->shown_version || write.removed ||
                        write.restored || (odd_stamps_ && write.stamp == edit->shown_version);
    if (unseen && (write.removed || write.created || write.Changed(loser.group) || edit->what == StepKind::kDelete))
      return;
  }
  if (WasUnseenSince(uid, edit->writes_before)) {
    ++exempted_;
    return;
  }
  Fail("a conflict that was none: " + Name(*edit) + " lost though nobody else changed the object");
}

void Oracle::JudgeClient(int client, const ClientAccount& account) {
  static const ItemAccount kNone;
  for (const Edit& edit : edits_) {
    if (edit.client != client) continue;
    const auto at = account.find(edit.item);
    JudgeEdit(edit, at == account.end() ? kNone : at->second);
  }
  std::map<ItemId, std::string> uids;
  for (const Edit& edit : edits_)
    if (edit.client == client) uids[edit.item] = edit.uid;
  std::set<std::int64_t> held;
  for (const auto& [id, item] : account) {
    const auto uid = uids.find(id);
    if (uid != uids.end())
      for (const auto& loser : item.losers) JudgeLoser(client, item, uid->second, loser);
    if (!item.on_server) continue;
    held.insert(item.object);
    const auto there = live_.find(item.object);
    const std::string name = "client " + std::to_string(client) + " item " + std::to_string(item.object);
    if (there == live_.end()) {
      Fail(name + " is there, but not on the server");
      continue;
    }
    if (odd_stamps_ && item.version == there->second.stamp && item.base != there->second.values) {
      ++exempted_;  // written twice with one stamp, later than anybody asks again
      continue;
    }
    for (const auto& [group, value] : there->second.values) {
      if (item.base.at(group) != value)
        Fail(name + " has " + group + "=" + item.base.at(group) + " where the server has " + value);
      const bool parked = std::any_of(item.parked.begin(), item.parked.end(), [&](const ItemAccount::Kept& one) {
        return one.group == group || one.group == "existence";
      });
      if (!parked && item.visible && item.head.at(group) != value)
        Fail(name + " shows " + group + "=" + item.head.at(group) + " where the server has " + value);
    }
  }
  for (const auto& [object, live] : live_)
    if (!held.contains(object))
      Fail("client " + std::to_string(client) + " lacks object " + std::to_string(object) + " of the server");
  for (const Overruled& one : overruled_) {
    if (one.client != client || one.value.empty()) continue;
    // What others typed of it since he saw it; a field that they cleared leaves nothing to keep.
    std::vector<std::string> theirs;
    std::istringstream parts(one.value);
    for (std::string part; std::getline(parts, part, '|');)
      if (!part.empty() && !part.starts_with("p" + std::to_string(client) + ".") && !HasPart(one.shown, part, '|'))
        theirs.push_back(part);
    bool kept = theirs.empty();
    for (const auto& [id, item] : account)
      for (const auto& loser : item.losers)
        kept = kept || (loser.server_lost && std::any_of(theirs.begin(), theirs.end(), [&](const std::string& part) {
                          return HasPart(loser.values, part, '|');
                        }));
    if (!kept)
      Fail("client " + std::to_string(client) + " wrote over " + one.group + "=" + one.value + " of " + one.uid +
           " and did not keep it");
  }
}

std::map<std::string, std::uint64_t> Oracle::Cells() const {
  std::map<std::string, std::uint64_t> cells;
  const std::string policy = PolicyName(policy_);
  for (const Edit& edit : edits_) {
    const auto at = writes_of_.find(edit.uid);
    if (at == writes_of_.end()) continue;
    std::size_t arrived = SIZE_MAX;
    for (const std::size_t i : at->second)
      if (writes_[i].actor == edit.client && writes_[i].n > edit.writes_before) {
        arrived = writes_[i].n;
        break;
      }
    std::string here = StepName(edit.what);
    if (edit.what == StepKind::kUntag) here = StepName(StepKind::kTag);
    for (const std::size_t i : at->second) {
      const Write& write = writes_[i];
      const bool unseen = write.n > edit.writes_before || write.stamp > edit.shown_version;
      if (write.actor == edit.client || !unseen || write.n > arrived) continue;
      std::string there;
      if (write.restored)
        there = edit.what == StepKind::kCreate ? "" : "restored";
      else if (write.removed)
        there = write.with_folder ? "folder deleted" : "delete";
      else if (write.created)
        there = edit.what == StepKind::kCreate ? "create" : "";
      else if (write.Changed(kFolder))
        there = "move";
      else if (edit.what != StepKind::kCreate && edit.what != StepKind::kDelete && write.Changed(edit.group))
        there = "same group";
      else
        there = "other group";
      if (!there.empty()) ++cells[policy + ": " + here + " / " + there];
    }
  }
  return cells;
}

}  // namespace outpost::sim
