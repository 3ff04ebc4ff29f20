#pragma once
#include <functional>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "replicator/sync_types.h"
#include "tests/sim/oracle.h"
#include "tests/sim/script.h"

namespace outpost::sim {

// One mail as it lies on the server. Which mail it is says its subject, of which there are no two.
struct MailPlace {
  std::string folder;  // by its path, which is the server's id
  bool seen = false;
  bool flagged = false;
  bool operator==(const MailPlace&) const = default;
};
struct MailTree {
  std::set<std::string> folders;                        // by path
  std::map<std::string, std::vector<MailPlace>> mails;  // by subject: every copy
};

// What a person did to a mail, or a folder of mails, at one computer and was told is saved.
struct MailEdit {
  int client = 0;
  ItemId item{};
  Sequence seq = 0;               // 0: nobody knows whether it was saved
  StepKind what{};                // kMailSeen to kMailFolderDelete
  std::string name;               // the mail's subject; what the folder is called from then on
  bool on = false;                // kMailSeen, kMailFlag
  bool for_good = false;          // kMailDelete: not to the trash
  std::string target = {};        // kMailMove, kMailDelete: the path, where it had one; of a folder its own
  std::size_t writes_before = 0;  // the server's to mails and their folders until then
  bool was = false;               // the server had it like that already
};

// What became of one mail, or folder of mails, as a client tells.
struct MailAccount {
  bool folder = false;  // it is one
  bool visible = false;
  bool on_server = false;
  std::string name;
  MailPlace place = {};  // as the server gave it last; of a folder its own path
  MailPlace shown = {};  // to the person
  std::set<Sequence> pending;
  std::set<std::pair<Sequence, std::string>> lost, parked;  // with their groups
};
inline constexpr const char* kTrashPath = "default0/Trash";
using Mailbag = std::map<ItemId, MailAccount>;

// As Oracle has it for items: what people did to mails, and what the server has of them. Threads: one.
class MailJudge {
 public:
  explicit MailJudge(Policy policy) : policy_(policy) {}
  std::function<void(const std::string&)> tell, fail;

  void Typed(MailEdit edit);
  // The server's mails as they are after somebody wrote; what is other than before is his doing.
  void Seen(MailTree now, Actor actor);
  void JudgeClient(int client, const Mailbag& bag);
  // What somebody got who was written to.
  void JudgeDelivered(const std::vector<std::string>& subjects, const std::vector<Mailbag>& bags);
  const MailTree& now() const { return now_; }
  // "policy: mail flag / mail delete" and the like.
  std::map<std::string, std::uint64_t> Cells() const;

 private:
  enum class Change { kMade, kGone, kMoved, kSeen, kFlagged, kFolderMade, kFolderGone };
  struct MailWrite {
    std::size_t n = 0;
    Actor actor = kElsewhere;
    Change change{};
    std::string name;  // the subject, or the folder's path
    bool on = false;
    std::string from, to;  // paths
  };
  void Wrote(MailWrite write);
  void NoteFolders(const MailTree& now, Actor actor);
  void NoteMail(const std::string& subject, const std::vector<MailPlace>& before, const std::vector<MailPlace>& after,
                const MailTree& now, Actor actor);
  void JudgeMade(const MailWrite& write);
  void JudgeGone(const MailWrite& write);
  void JudgeEdit(const MailEdit& edit, const Mailbag& bag);
  void JudgeFolderEdit(const MailEdit& edit, const MailAccount* folder);
  bool Arrived(const MailEdit& edit) const;
  bool Superseded(const MailEdit& edit) const;
  bool Concerns(const MailEdit& edit, const MailWrite& write) const;
  // What its item was ever called.
  std::set<std::string> TitlesOf(const MailEdit& edit) const;
  // A deletion of a folder that this path is in, or was called so.
  bool DeletedWithFolder(Actor client, const std::string& path) const;
  bool WasTyped(Actor client, const std::string& name, std::initializer_list<StepKind> kinds) const;

  const Policy policy_;
  MailTree now_;
  std::vector<MailWrite> writes_;
  std::vector<MailEdit> edits_;
};

}  // namespace outpost::sim
