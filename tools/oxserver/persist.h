#pragma once
#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"
#include "tools/oxserver/state.h"

namespace outpost::oxserver {

// The SQLite file behind a State. A failed write is remembered and told by Commit(). Threads: one.
class Persist {
 public:
  // Errors: kUnavailable, kNewerFormat.
  static Result<std::unique_ptr<Persist>> Open(const std::string& file);
  ~Persist();
  // Fills `state`. Errors: kCorrupt.
  Result<void> Load(State& state);

  // Makes all changes since the last call durable together.
  Result<void> Commit();
  void PutAccount(const Account& account);
  void PutFolder(const Folder& folder);
  void RemoveFolder(std::int64_t id);
  void PutFolderTombstone(const FolderTombstone& tombstone);
  void PutObject(const Object& object);
  void RemoveObject(FolderModule module, std::int64_t id);
  void PutTombstone(std::int64_t folder, std::int64_t id, std::int64_t time);
  void DropTombstonesBefore(std::int64_t time);
  void PutMailbox(std::int64_t folder, std::int64_t validity, std::int64_t next);
  void RemoveMails(std::int64_t folder);
  // `whole`: with its bytes; else only what may change.
  void PutMail(std::int64_t folder, const Mail& mail, bool whole);
  void RemoveMail(std::int64_t folder, std::int64_t id);
  void PutAttachment(const Attachment& attachment);
  // Takes it away, and keeps that it was.
  void PutRemovedAttachment(FolderModule module, std::int64_t object, std::int64_t id, std::int64_t time);
  // All of an object, and what was kept of those before.
  void RemoveAttachments(FolderModule module, std::int64_t object);
  // The highest ids ever given, and the newest stamp: both may be of what is gone.
  void PutCounters(const std::map<FolderModule, std::int64_t>& last_ids, std::int64_t newest_stamp);
  void PutSetting(int user, std::string_view path, std::string_view value);

 private:
  Persist();
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace outpost::oxserver
