#pragma once
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/result.h"
#include "tools/oxserver/mime.h"
#include "tools/oxserver/rights.h"

namespace outpost::oxserver {

// The values of one object that are set: each a JSON literal under its position in the ColumnTable of its module,
// packed into one string, so that a hundred thousand objects stay small and a row is made by copying. Instants are
// stored in UTC.
class FieldSet {
 public:
  FieldSet() = default;
  explicit FieldSet(std::string packed) : packed_(std::move(packed)) {}
  std::optional<std::string_view> Get(int column) const;
  // Replaces or adds; an empty literal removes.
  void Set(int column, std::string_view literal);
  // For a column that is known not to be set.
  void Add(int column, std::string_view literal);
  template <class Visit>  // Visit(int column, std::string_view literal)
  void ForEach(Visit visit) const;
  const std::string& packed() const { return packed_; }
  // True where `packed` can be read; for what comes from a file.
  static bool IsWellFormed(std::string_view packed);

 private:
  std::string packed_;
};

enum class FolderModule : std::uint8_t { kTasks = 1, kCalendar = 2, kContacts = 3, kSystem = 5, kMail = 7 };

// Anything that lies in a folder as a row of columns: a contact, a task, an appointment.
struct Object {
  FolderModule module = FolderModule::kContacts;
  std::int64_t id = 0;
  std::int64_t folder = 0;
  int created_by = 0;
  int modified_by = 0;
  std::int64_t created = 0;
  std::int64_t modified = 0;
  std::string uid;
  bool is_private = false;
  int user = 0;  // of an entry of the global address book; else 0
  FieldSet fields;
};

// No column: under this key stand the folders beside its own in which an object is shown, "31,40".
inline constexpr int kShownInKey = 255;
// All folders in which it is shown, its own first.
std::vector<std::int64_t> FoldersOf(const Object& object);
bool IsShownIn(const Object& object, std::int64_t folder);
// `folders` without its own; empty: none.
void ShowAlsoIn(Object& object, const std::vector<std::int64_t>& folders);

struct Folder {
  std::int64_t id = 0;
  std::int64_t parent = 0;
  std::string title;
  FolderModule module = FolderModule::kContacts;
  int type = 1;  // as its owner sees it: 1 private, 2 public, 5 system
  int owner = 0;
  int created_by = 0;
  int modified_by = 0;
  std::int64_t created = 0;
  std::int64_t modified = 0;
  bool is_default = false;
  bool subscribed = true;
  std::string summary;
  std::vector<Permission> permissions;
  std::string path = {};  // of a mail folder, by which its owner names it: "default0/INBOX/Sub"; kept by State
};

// The bytes of a mail and what they say; shared by its copies.
struct MailSource {
  std::string bytes;
  MailFacts facts;
};

struct Mail {
  std::int64_t id = 0;  // in its folder; another folder gives another
  int flags = 0;        // http-api.md 10.3, without those that follow from the rest
  int color = 0;        // 0 to 10
  std::int64_t received = 0;
  std::shared_ptr<const MailSource> source;
};

// A file at an object; never changed, only added and taken away.
struct Attachment {
  std::int64_t id = 0;
  FolderModule module = FolderModule::kContacts;  // of the object
  std::int64_t object = 0;
  int created_by = 0;
  std::int64_t created = 0;
  std::string filename;
  std::string mimetype;
  bool rich_text = false;  // it is the object's text with its format
  std::shared_ptr<const std::string> bytes;
};

// The attachments of one object, and when others were taken away.
struct AttachmentShelf {
  std::map<std::int64_t, Attachment> there;
  std::set<std::pair<std::int64_t, std::int64_t>> deleted;  // (time, id)
};

// The mails of one folder.
struct Mailbox {
  std::int64_t validity = 0;  // another one: every id is void
  std::int64_t next = 1;      // the id that the next mail gets
  std::map<std::int64_t, Mail> mails;
};

struct FolderTombstone {
  std::int64_t id = 0;
  std::int64_t time = 0;
  std::vector<int> seen_by;  // the users who could see it
};

struct Account {
  int id = 0;
  std::string name;
  std::string timezone;
};

class Persist;

// All that the server knows, in memory; each change goes to the database too where there is one. Threads: one.
class State {
 public:
  // `file`: SQLite, created if missing; empty: nothing is kept. Errors: kCorrupt, kUnavailable, kNewerFormat.
  static Result<std::unique_ptr<State>> Open(const std::string& file);
  ~State();

  // All changes since the last call reach the database together. Errors: kUnavailable.
  Result<void> Commit();

  // Folders and contacts share one sequence, mail folders have one far from it; each other module has its own, so that
  // ids of two modules may be equal.
  std::int64_t NextId(FolderModule module);
  std::int64_t newest_stamp() const { return newest_stamp_; }
  // No id of that module up to `id` is given any more, and `stamp` is in the past.
  void Saw(FolderModule module, std::int64_t id, std::int64_t stamp);

  const std::vector<Account>& accounts() const { return accounts_; }
  const Account* FindAccount(std::string_view name) const;
  const Account* FindAccount(int id) const;
  void PutAccount(const Account& account);

  const std::map<std::int64_t, Folder>& folders() const { return folders_; }
  const Folder* FindFolder(std::int64_t id) const;
  void PutFolder(const Folder& folder);
  // The objects in it go with it, those that are only shown in it stay where they are.
  void RemoveFolder(const FolderTombstone& tombstone);
  void AddFolderTombstone(const FolderTombstone& tombstone);
  const std::vector<FolderTombstone>& folder_tombstones() const { return folder_tombstones_; }

  struct Contents {
    std::map<std::int64_t, const Object*> by_id;
    std::set<std::pair<std::int64_t, std::int64_t>> by_modified;  // (modified, id)
    std::set<std::pair<std::int64_t, std::int64_t>> deleted;      // (time, id)
  };
  const Object* FindObject(FolderModule module, std::int64_t id) const;
  const Contents& ContentsOf(std::int64_t folder) const;
  // Adds or replaces, in whatever folder it now is.
  void PutObject(Object object);
  void RemoveObject(FolderModule module, std::int64_t id);
  void AddTombstone(std::int64_t folder, std::int64_t id, std::int64_t time);
  // Forgets deletions before `time`.
  void DropTombstonesBefore(std::int64_t time);
  std::vector<const Object*> FindByUid(FolderModule module, std::string_view uid) const;
  // An empty one for what is no mail folder.
  const Mailbox& MailboxOf(std::int64_t folder) const;
  // Empties the mailbox; ids begin at 1.
  void ResetMailbox(std::int64_t folder, std::int64_t validity);
  // With id 0 it gets the next one. Returns its id.
  std::int64_t PutMail(std::int64_t folder, Mail mail);
  void RemoveMail(std::int64_t folder, std::int64_t id);
  // Of what is loaded: mails may have gone since.
  void SawMailbox(std::int64_t folder, std::int64_t validity, std::int64_t next);

  // An empty one for an object without attachments. They go with their object.
  const AttachmentShelf& ShelfOf(FolderModule module, std::int64_t object) const;
  const std::map<std::pair<FolderModule, std::int64_t>, AttachmentShelf>& shelves() const { return shelves_; }
  void PutAttachment(Attachment attachment);
  void RemoveAttachment(FolderModule module, std::int64_t object, std::int64_t id, std::int64_t time);
  void SawRemoved(FolderModule module, std::int64_t object, std::int64_t id, std::int64_t time);

  // LogicOptions::on_object.
  void TellOfObjects(std::function<void(const Object* before, const Object* after)> on_object) {
    on_object_ = std::move(on_object);
  }

  std::optional<std::string> FindSetting(int user, std::string_view path) const;
  void PutSetting(int user, std::string_view path, std::string_view value);
  // Path and value of the settings of `user` (0: of nobody, the server's own) whose paths begin with `prefix`.
  std::vector<std::pair<std::string, std::string>> SettingsBelow(int user, std::string_view prefix) const;

 private:
  State();
  void Unindex(const Object& object);
  void Index(const Object& object);
  std::string AccountOf(const Folder& root) const;
  void SettlePaths();

  std::unique_ptr<Persist> persist_;
  std::function<void(const Object*, const Object*)> on_object_;
  std::map<FolderModule, std::int64_t> last_ids_;  // by sequence, named by one of its modules
  std::int64_t newest_stamp_ = 0;
  std::pair<std::map<FolderModule, std::int64_t>, std::int64_t> kept_counters_;  // as persist_ has them
  std::vector<Account> accounts_;
  std::map<std::int64_t, Folder> folders_;
  std::vector<FolderTombstone> folder_tombstones_;
  std::map<FolderModule, std::unordered_map<std::int64_t, std::unique_ptr<Object>>> objects_;
  std::unordered_map<std::int64_t, Contents> contents_;
  std::map<std::int64_t, Mailbox> mailboxes_;
  std::map<std::pair<FolderModule, std::int64_t>, AttachmentShelf> shelves_;
  std::unordered_multimap<std::string, const Object*> by_uid_;
  std::map<std::pair<int, std::string>, std::string> settings_;
};

template <class Visit>
void FieldSet::ForEach(Visit visit) const {
  for (std::size_t at = 0; at < packed_.size();) {
    const auto byte = [&](std::size_t i) {
      return static_cast<std::uint32_t>(static_cast<unsigned char>(packed_[at + i]));
    };
    const std::size_t length = byte(1) | byte(2) << 8 | byte(3) << 16 | byte(4) << 24;
    visit(static_cast<int>(byte(0)), std::string_view(packed_).substr(at + 5, length));
    at += 5 + length;
  }
}

}  // namespace outpost::oxserver
