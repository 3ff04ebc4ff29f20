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
#include "tools/oxserver/rights.h"

namespace outpost::oxserver {

// The values of one contact that are set: each a JSON literal under its position in ContactColumns(), packed into one
// string, so that a hundred thousand contacts stay small and a row is made by copying.
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

struct Contact {
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

enum class FolderModule : std::uint8_t { kTasks = 1, kCalendar = 2, kContacts = 3, kSystem = 5 };

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

  std::int64_t NextId();
  std::int64_t newest_stamp() const { return newest_stamp_; }
  // No id up to `id` is given any more, and `stamp` is in the past.
  void Saw(std::int64_t id, std::int64_t stamp);

  const std::vector<Account>& accounts() const { return accounts_; }
  const Account* FindAccount(std::string_view name) const;
  const Account* FindAccount(int id) const;
  void PutAccount(const Account& account);

  const std::map<std::int64_t, Folder>& folders() const { return folders_; }
  const Folder* FindFolder(std::int64_t id) const;
  void PutFolder(const Folder& folder);
  // The contacts in it go with it.
  void RemoveFolder(const FolderTombstone& tombstone);
  void AddFolderTombstone(const FolderTombstone& tombstone);
  const std::vector<FolderTombstone>& folder_tombstones() const { return folder_tombstones_; }

  struct Contents {
    std::map<std::int64_t, const Contact*> by_id;
    std::set<std::pair<std::int64_t, std::int64_t>> by_modified;  // (modified, id)
    std::set<std::pair<std::int64_t, std::int64_t>> deleted;      // (time, id)
  };
  const Contact* FindContact(std::int64_t id) const;
  const Contents& ContentsOf(std::int64_t folder) const;
  // Adds or replaces, in whatever folder it now is.
  void PutContact(Contact contact);
  void RemoveContact(std::int64_t id);
  void AddTombstone(std::int64_t folder, std::int64_t id, std::int64_t time);
  // Forgets deletions before `time`.
  void DropTombstonesBefore(std::int64_t time);
  std::vector<const Contact*> FindByUid(std::string_view uid) const;
  // LogicOptions::on_contact.
  void TellOfContacts(std::function<void(const Contact* before, const Contact* after)> on_contact) {
    on_contact_ = std::move(on_contact);
  }

  std::optional<std::string> FindSetting(int user, std::string_view path) const;
  void PutSetting(int user, std::string_view path, std::string_view value);

 private:
  State();
  void Unindex(const Contact& contact);
  void Index(const Contact& contact);

  std::unique_ptr<Persist> persist_;
  std::function<void(const Contact*, const Contact*)> on_contact_;
  std::int64_t last_id_ = 19;  // ordinary folders start at 20
  std::int64_t newest_stamp_ = 0;
  std::pair<std::int64_t, std::int64_t> kept_counters_{0, 0};  // as persist_ has them
  std::vector<Account> accounts_;
  std::map<std::int64_t, Folder> folders_;
  std::vector<FolderTombstone> folder_tombstones_;
  std::unordered_map<std::int64_t, std::unique_ptr<Contact>> contacts_;
  std::unordered_map<std::int64_t, Contents> contents_;
  std::unordered_multimap<std::string, std::int64_t> by_uid_;
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
