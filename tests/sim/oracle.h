#pragma once
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/clock.h"
#include "replicator/sync_types.h"
#include "tests/sim/facts.h"
#include "tests/sim/script.h"

namespace outpost::sim {

class FolderJudge;
class MailJudge;

// Who writes on the server: a client by its number from 0, or somebody else.
using Actor = int;
inline constexpr Actor kElsewhere = 100;

// One object as the server stored it, or its end.
struct Write {
  std::size_t n = 0;  // from 1
  Millis time{0};
  Actor actor = kElsewhere;
  std::int64_t object = 0;
  std::string uid;
  std::int64_t stamp = 0;  // last-modified; of a removal that of the object before
  bool created = false;
  bool removed = false;
  bool with_folder = false;  // removed since its folder was
  bool restored = false;     // nobody wrote it: the server is what it was at a backup
  bool undone = false;       // the server knows nothing of it any more
  Values before;
  Values after;
  bool Changed(std::string_view group) const;
};

// What a person did at one computer and was told is saved.
struct Edit {
  int client = 0;
  ItemId item{};
  std::string uid;
  Sequence seq = 0;
  StepKind what{};      // kCreate, kEdit, kTag, kUntag, kMove, kDelete
  std::string group;    // of kEdit; otherwise that of what was done
  std::string typed;    // the value, unlike any other; the tag; the folder's id here
  std::string folder;   // kCreate, kMove: the server's id of the folder that it is to be in, where it had one
  ItemId target{};      // and the folder itself
  bool clears = false;  // kEdit: the value typed is none
  Values shown;         // what the person had from the server when he did it
  std::int64_t shown_version = 0;
  std::size_t writes_before = 0;  // the server's writes until then
  bool doubtful = false;          // the disk failed: it may or may not be there
};

// What became of the edits of one item, as its client tells.
struct ItemAccount {
  bool visible = false;
  bool on_server = false;
  std::int64_t object = 0;
  std::int64_t version = 0;
  Values base;
  Values head;
  std::set<Sequence> pending;
  struct Kept {  // a loser or something parked
    Sequence seq = 0;
    std::string group;
    std::string values;  // all texts of its patch, joined: what can be had back
    bool server_lost = false;
    ItemId folder = {};  // the one it names
  };
  std::vector<Kept> losers;
  std::vector<Kept> parked;
};
using ClientAccount = std::map<ItemId, ItemAccount>;

// The simulator's own list of what each person did and what the server stored. It judges; the engine's audit has no
// part in it. Threads: one.
class Oracle {
 public:
  // `odd_stamps`: the server gives last-modified values that cannot tell two writes apart, so that no client could.
  Oracle(Policy policy, bool odd_stamps) : policy_(policy), odd_stamps_(odd_stamps) {}

  // An object on the server.
  struct Live {
    std::string uid;
    Values values;
    std::int64_t stamp = 0;
  };

  // Told of every edit and every write, in words.
  std::function<void(const std::string&)> tell;

  // Judges what clients remove with its folder. Outlives this object.
  FolderJudge* folders = nullptr;
  // Told of what people do with mails. Outlives this object.
  MailJudge* mails = nullptr;

  void Wrote(Write write);
  void Typed(Edit edit);
  // The person asked that what was parked of this object be sent.
  void Retried(int client, const std::string& uid);
  // Whether the user sees all that is in this folder. To his computers what lies where he does not is gone, and no
  // server says otherwise: what they make of that is no fault.
  void Sight(const std::string& folder, bool all);
  // The server is what it was when it had these objects, after its first `writes` writes.
  void Restored(const std::map<std::int64_t, Live>& then, std::size_t writes, Millis now);
  // Something that must never happen has.
  void Fail(const std::string& what);

  // What must hold of the edits at the end, when all has healed.
  void JudgeClient(int client, const ClientAccount& account);
  // What the server has is here. Where its changes tell all of what came and was changed, that holds as soon as nothing
  // is told any more, without a comparison.
  void JudgeHeld(int client, const ClientAccount& account);
  const std::vector<std::string>& violations() const { return violations_; }

  const std::map<std::int64_t, Live>& live() const { return live_; }
  const std::vector<Edit>& edits() const { return edits_; }
  std::size_t writes() const { return writes_.size(); }
  const std::vector<Write>& all_writes() const { return writes_; }
  // The write after which the client may have told the server of the edit.
  std::size_t ArrivedAt(const Edit& edit) const;
  // An object with the uid of an item made here appears there: the uid says no more what is one object.
  void SharedUid(const std::string& uid) { shared_uids_.insert(uid); }

  // Cells of the conflict matrix met: "policy: here / there".
  std::map<std::string, std::uint64_t> Cells() const;
  // Overwritten changes that the server's stamps could not tell.
  std::uint64_t exempted() const { return exempted_; }
  // Objects made again by two clients at once: the server has no way to refuse the second.
  std::uint64_t restored_twice() const { return restored_twice_; }

 private:
  const Edit* NewestEdit(Actor client, const std::string& uid, const std::string& group, const Values& after) const;
  const Write* LastChange(const Write& write, const std::string& group) const;
  void JudgeOverwrite(const Write& write, const std::string& group);
  void JudgeCreate(const Write& write);
  void JudgeRemoval(const Write& write);
  void NoteSight(const std::string& uid, const std::string& folder);
  // Whether the object lay where the user could not see it at some time since the server's writes were so many.
  bool WasUnseenSince(const std::string& uid, std::size_t writes) const;
  bool Arrived(const Edit& edit) const;
  bool Superseded(const Edit& edit) const;
  bool DoneElsewhere(const Edit& edit) const;
  void JudgeEdit(const Edit& edit, const ItemAccount& item);
  void JudgeLoser(int client, const ItemAccount& item, const std::string& uid, const ItemAccount::Kept& loser);

  const Policy policy_;
  const bool odd_stamps_;
  std::vector<Write> writes_;
  std::map<std::string, std::vector<std::size_t>> writes_of_;  // by uid, positions
  std::vector<Edit> edits_;
  std::map<std::string, std::vector<std::size_t>> edits_of_;    // by uid
  std::map<std::pair<int, std::string>, std::size_t> retried_;  // the server's writes until the newest time
  std::map<std::int64_t, Live> live_;
  std::set<std::string> shared_uids_;
  std::set<std::string> unseen_folders_;
  std::map<std::string, std::string> gone_from_;  // by uid: the folder in which it was deleted
  std::map<std::string, std::size_t>
      unseen_until_;  // by uid: the server's writes when it was seen again; kStill: not yet
  struct Overruled {
    int client;
    std::string uid, group, value;
    std::string shown;  // to him who typed over it
  };
  std::vector<Overruled> overruled_;  // the server's values that a client-wins client wrote over
  std::uint64_t exempted_ = 0;        // writes over unseen ones that the stamps could not tell
  std::uint64_t restored_twice_ = 0;
  std::vector<std::string> violations_;
};

}  // namespace outpost::sim
