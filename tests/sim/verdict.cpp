// What the oracle finds at the end, when all has healed.
#include <algorithm>
#include <sstream>

#include "tests/sim/folder_judge.h"
#include "tests/sim/oracle_words.h"

namespace outpost::sim {
namespace {

// The write gave the group what the edit typed.
bool Carries(const Write& write, const Edit& edit) {
  if (write.removed) return false;
  const auto& after = write.after.at(edit.group);
  const auto before = write.before.find(edit.group);
  const std::string had = before == write.before.end() ? "" : before->second;
  if (edit.clears) return after.empty();
  return HasPart(after, edit.typed, '|') && !HasPart(had, edit.typed, '|');
}

const char* PolicyName(Policy policy) { return policy == Policy::kServerWins ? "server-wins" : "client-wins"; }

}  // namespace

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
        if (!write.removed && folders->Is(edit.client, write.after.at(std::string(kFolder)), edit.target, edit.folder))
          return true;
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
    // After he said it, or by its stamp after what he saw; that of what a backup brought back may be older.
    for (std::size_t i = 0; i < writes_.size(); ++i)
      if (writes_[i].uid == edit.uid && writes_[i].removed &&
          (i >= edit.writes_before || writes_[i].stamp >= edit.shown_version))
        return true;
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
        if (!write.removed && folders->Is(edit.client, write.after.at(std::string(kFolder)), edit.target, edit.folder))
          return true;
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
  if (item.pending.contains(edit.seq)) return Fail("still waiting to be sent after all has healed: " + NameOf(edit));
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
  Fail("lost: " + NameOf(edit) + " neither reached the server nor can it be had back");
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
    // What went with a folder that was deleted here may be what nobody here knew to be in it.
    if (write.actor == client && !(write.removed && write.with_folder)) continue;
    const bool unseen = write.n > edit->writes_before || write.stamp > edit->shown_version || write.removed ||
                        write.restored || (odd_stamps_ && write.stamp == edit->shown_version);
    if (unseen && (write.removed || write.created || write.Changed(loser.group) || edit->what == StepKind::kDelete))
      return;
  }
  if (WasUnseenSince(uid, edit->writes_before)) {
    ++exempted_;
    return;
  }
  Fail("a conflict that was none: " + NameOf(*edit) + " lost though nobody else changed the object");
}

void Oracle::JudgeHeld(int client, const ClientAccount& account) {
  std::map<std::int64_t, const Values*> held;
  for (const auto& [id, item] : account)
    if (item.on_server) held[item.object] = &item.base;
  for (const auto& [object, live] : live_) {
    const auto at = held.find(object);
    if (at == held.end())
      Fail("client " + std::to_string(client) + " lacks object " + std::to_string(object) + " of the server");
    else if (*at->second != live.values && !odd_stamps_)
      Fail("client " + std::to_string(client) + " has object " + std::to_string(object) + " not as the server has it");
  }
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
  for (const auto& [id, item] : account) {
    const auto uid = uids.find(id);
    if (uid != uids.end())
      for (const auto& loser : item.losers) JudgeLoser(client, item, uid->second, loser);
    if (!item.on_server) continue;
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
  JudgeHeld(client, account);
  for (const Overruled& one : overruled_) {
    if (one.client != client || one.value.empty()) continue;
    // What others typed of it since he saw it; a field that they cleared leaves nothing to keep.
    std::vector<std::string> theirs;
    std::istringstream parts(one.value);
    for (std::string part; std::getline(parts, part, '|');)
      if (!part.empty() && !part.starts_with("p" + std::to_string(client) + ".") && !HasPart(one.shown, part, '|'))
        theirs.push_back(part);
    bool kept = theirs.empty();
    // A folder that was made again since has another id by now; what is kept names it as it is called here.
    const auto names_folder = [&](const ItemAccount::Kept& loser) {
      return one.group == kFolder && loser.group == kFolder && folders->Is(client, one.value, loser.folder, "");
    };
    for (const auto& [id, item] : account)
      for (const auto& loser : item.losers)
        kept = kept || (loser.server_lost && names_folder(loser)) ||
               (loser.server_lost && std::any_of(theirs.begin(), theirs.end(), [&](const std::string& part) {
                  return HasPart(loser.values, part, '|');
                }));
    if (!kept)
      Fail("client " + std::to_string(client) + " wrote over " + one.group + "=" + one.value + " of " + one.uid +
           " and did not keep it");
  }
}

std::size_t Oracle::ArrivedAt(const Edit& edit) const {
  if (const auto at = writes_of_.find(edit.uid); at != writes_of_.end())
    for (const std::size_t i : at->second)
      if (writes_[i].actor == edit.client && writes_[i].n > edit.writes_before) return writes_[i].n;
  return SIZE_MAX;
}

std::map<std::string, std::uint64_t> Oracle::Cells() const {
  std::map<std::string, std::uint64_t> cells;
  const std::string policy = PolicyName(policy_);
  for (const Edit& edit : edits_) {
    const auto at = writes_of_.find(edit.uid);
    if (at == writes_of_.end()) continue;
    const std::size_t arrived = ArrivedAt(edit);
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
