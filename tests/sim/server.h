#pragma once
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/log.h"
#include "base/random.h"
#include "tests/sim/folder_judge.h"
#include "tests/sim/mail_judge.h"
#include "tests/sim/oracle.h"
#include "tests/sim/strand.h"
#include "tools/oxserver/api_client.h"
#include "tools/oxserver/logic.h"

namespace outpost::sim {

inline constexpr const char* kFirstPassword = "secret";

// The embedded server's logic, the user's other programs on it, and the record of all it stores. Threads: one.
class Server {
 public:
  // `shares`: somebody else shares a folder with the user, and changes his mind about his rights (kElseRights).
  // `kinds`: the user's other programs also know tasks and appointments.
  // `mails`: and mails, of which every change is recorded.
  // `scratch`: a folder for what it stores, so that it can be backed up; none: all is in memory.
  Server(oxserver::LogicOptions options, const Clock& world, std::uint64_t seed, Oracle& oracle, bool shares,
         bool kinds, bool mails, std::filesystem::path scratch);

  ~Server();

  // A request from a client's line.
  oxserver::HttpResponse Handle(Actor actor, const oxserver::HttpRequest& request, const oxserver::HandleOptions& how);
  void SetDown(bool down) { down_ = down; }
  void StepClock(Millis step) { clock_.Step(step); }
  // From now on only the new password signs in, and the sessions of before are over.
  void ChangePassword();
  const std::string& password() const { return password_; }

  // What somebody else does. Nothing where there is nothing to do it to.
  void Do(const Step& step);
  // The same to mails, of which a judge is told from the first call of NoteMails on.
  void DoMail(const Step& step);
  void DoToMail(const std::string& subject, const Step& step);
  void NoteMails(Actor actor);
  // The subjects of what another user got.
  std::vector<std::string> Delivered();
  bool keeps_backups() const { return !scratch_.empty(); }
  // Stops it, copies what it stored, and starts it again: all sessions are over.
  void BackUp();
  bool has_backup() const { return backup_.has_value(); }
  // The same with the newest copy put in place of what it stored.
  void Restore();
  bool shares() const { return !shared_.empty(); }
  // The user may do everything again in the folder shared with him.
  void RestoreRights();
  // Gives the server an object with that uid.
  void CreateWithUid(const std::string& uid, std::uint64_t folder);
  void CreateFolder(const FolderFacts& facts);
  void MoveFolder(const std::string& id, std::uint64_t parent);

 private:
  // A user's other program: his own, or of him who shares a folder.
  struct Program {
    const char* user;
    const char* password;
    std::unique_ptr<oxserver::ApiClient> api;
    std::chrono::microseconds signed_in{0};
  };
  void Open();
  void Close();
  // What of folders is other than before is `actor`'s doing.
  void NoteFolders(Actor actor, bool restored = false);
  FolderTree Tree();
  static bool WritesMails(const oxserver::HttpRequest& request);
  MailTree Mails();
  oxserver::ApiClient& SignedIn(Program& program);
  oxserver::ApiClient& Api() { return SignedIn(own_); }
  // Who is sure to have the right to change what is in `folder`.
  oxserver::ApiClient& OwnerOf(const std::string& folder) { return SignedIn(folder == shared_ ? sharer_ : own_); }
  // Where things of that type lie.
  const std::string& FolderAt(ItemType type, std::uint64_t choice) const;
  const std::string& FolderAt(std::uint64_t choice) const { return FolderAt(ItemType::kContact, choice); }
  void Create(ItemType type, std::uint64_t folder);
  void Edit(std::int64_t object, const std::string& folder, std::uint64_t choice);
  void Allow(std::uint32_t bits);
  std::int64_t NextDay() { return DayFor(kWriter, ++values_); }
  static constexpr int kWriter = 9;
  std::string NextValue() { return "o" + std::to_string(++values_); }
  void Stored(const oxserver::Object* before, const oxserver::Object* after);

  SkewedClock clock_;
  SeededRandom random_;
  Oracle& oracle_;
  Actor actor_ = kElsewhere;
  bool dropping_folder_ = false;
  bool holding_ = false;  // a client writes to folders: which of the objects go with one shows at the end
  std::vector<Write> held_;
  bool down_ = false;
  std::string password_ = kFirstPassword;
  int passwords_ = 1;
  std::map<Actor, int> session_of_;  // by which password each line's session was made
  std::uint64_t values_ = 0;
  // What is at hand of the time when it was backed up.
  struct Backup {
    std::vector<std::string> folders;
    std::map<std::int64_t, Oracle::Live> live;
    std::size_t writes = 0;
  };
  const bool mails_;
  const std::filesystem::path scratch_;
  std::optional<Backup> backup_;
  oxserver::LogicOptions options_;
  std::unique_ptr<oxserver::Logic> logic_;
  Program own_{"anna", kFirstPassword, nullptr};
  Program sharer_{"bert", "secret", nullptr};
  std::vector<std::string> folders_;                           // of contacts; the default one first
  std::map<ItemType, std::vector<std::string>> more_folders_;  // of the other kinds: two each, for ever
  std::string shared_;                                         // empty where there is none
  std::uint32_t rights_ = 0;                                   // the user's in it
};

}  // namespace outpost::sim
