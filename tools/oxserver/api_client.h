#pragma once
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "tools/oxserver/fields.h"
#include "tools/oxserver/http_types.h"

namespace outpost::oxserver {

struct FolderInfo {
  std::string id;
  std::string parent;
  std::string title;
  std::string module;
  int type = 0;
  std::int64_t total = 0;
};

// One upload's outcome per card: the new id, or the server's error ("VCRD-0001 …").
struct CardOutcome {
  std::string id;
  std::string error;
};

struct MailInfo {
  std::string id;
  std::string subject;
  int flags = 0;
  int color = 0;
  std::int64_t size = 0;
};

// A user of a server in this process, speaking its HTTP API: to fill it and to edit "from elsewhere". Threads: one at a
// time. Errors of every call: kRejected with the module, action and code of the envelope; kCorrupt for an answer that
// is no envelope.
class ApiClient {
 public:
  using Handler = std::function<HttpResponse(const HttpRequest&)>;

  // `handler` is Server::Handle or Logic::Handle; what it is bound to outlives the client. Errors: kUnauthorized too.
  static Result<std::unique_ptr<ApiClient>> SignIn(Handler handler, std::string_view user, std::string_view password);
  ~ApiClient();

  // The id of the user's own folder of a module: "contacts", "calendar", "tasks".
  Result<std::string> OwnFolder(std::string_view module);
  Result<std::string> ContactsFolder() { return OwnFolder("contacts"); }
  // The user's time zone, such as "Europe/Berlin".
  Result<std::string> TimeZone();
  Result<std::string> CreateFolder(std::string_view parent, std::string_view title,
                                   std::string_view module = "contacts");
  // Children of `parent`.
  Result<std::vector<FolderInfo>> ListFolders(std::string_view parent);
  Result<void> RenameFolder(std::string_view id, std::string_view title);
  Result<void> MoveFolder(std::string_view id, std::string_view parent);
  Result<void> DeleteFolder(std::string_view id);
  // Replaces the permission list by the owner's and `bits` for user `entity`.
  Result<void> ShareFolder(std::string_view id, int entity, std::uint32_t bits);
  // The permission list as JSON; replaces it.
  Result<std::string> Permissions(std::string_view folder);
  Result<void> PutPermissions(std::string_view folder, std::string_view list);
  int user_id() const;
  // Any other call: GET, or PUT where `body` (JSON) is not empty. The `data` of its answer as JSON, empty where it has
  // none.
  Result<std::string> Do(const std::string& module, const std::string& action,
                         std::vector<std::pair<std::string, std::string>> query, const std::string& body = {});

  // Objects of a module ("contacts", "tasks", "calendar", whose conflicts are overruled): new ones; changed fields,
  // whatever was changed meanwhile ("folder_id" moves); all fields that are set, "id" and "last_modified_utc" among
  // them.
  Result<std::string> Create(std::string_view module, std::string_view folder, const FieldMap& fields);
  Result<void> Update(std::string_view module, std::string_view folder, std::string_view id, const FieldMap& fields);
  Result<void> Delete(std::string_view module, std::string_view folder, std::string_view id);
  Result<FieldMap> Get(std::string_view module, std::string_view folder, std::string_view id);
  // One day of a series of appointments, midnight UTC: changed, which gives the id of its own, or deleted.
  Result<std::string> ChangeOccurrence(std::string_view folder, std::string_view id, std::int64_t day,
                                       const FieldMap& fields);
  Result<void> DeleteOccurrence(std::string_view folder, std::string_view id, std::int64_t day);
  Result<std::string> CreateContact(std::string_view folder, const FieldMap& fields) {
    return Create("contacts", folder, fields);
  }
  // Many at once, through `multiple`; ids in order. Stops at the first refusal.
  Result<std::vector<std::string>> CreateContacts(std::string_view folder, const std::vector<FieldMap>& contacts);
  Result<void> UpdateContact(std::string_view folder, std::string_view id, const FieldMap& fields) {
    return Update("contacts", folder, id, fields);
  }
  Result<void> DeleteContact(std::string_view folder, std::string_view id) { return Delete("contacts", folder, id); }
  Result<FieldMap> GetContact(std::string_view folder, std::string_view id) { return Get("contacts", folder, id); }
  // The fields named, of every contact of the folder; a field that is not set is not in its map.
  Result<std::vector<FieldMap>> ListContacts(std::string_view folder, const std::vector<std::string>& fields);
  // Through import?action=VCARD. Outcomes: the cards read, in order, then the cards that could not be read.
  Result<std::vector<CardOutcome>> ImportVcards(std::string_view folder, std::string_view text);

  // A file at an object of a module as Create has it; its id. The bytes of one.
  Result<std::string> Attach(std::string_view module, std::string_view folder, std::string_view object,
                             std::string_view filename, std::string_view bytes,
                             std::string_view type = "application/octet-stream");
  Result<std::string> Document(std::string_view module, std::string_view folder, std::string_view object,
                               std::string_view id);
  Result<void> Detach(std::string_view module, std::string_view folder, std::string_view object, std::string_view id);

  // Mails, in folders such as "default0/INBOX". One more of these bytes, whoever it is from; its id.
  Result<std::string> ImportMail(std::string_view folder, std::string_view bytes, int flags = 0);
  // Sends these bytes; the id of the copy in the folder Sent.
  Result<std::string> SendMail(std::string_view bytes);
  // All of a folder, by ascending id.
  Result<std::vector<MailInfo>> ListMails(std::string_view folder);
  // Adds and takes away flags (http-api.md 10.3); a colour below 0 stays as it is.
  Result<void> FlagMail(std::string_view folder, std::string_view id, int set, int clear, int color = -1);
  // Its id in the other folder.
  Result<std::string> MoveMail(std::string_view folder, std::string_view id, std::string_view target);
  Result<void> DeleteMail(std::string_view folder, std::string_view id, bool hard = false);
  // The bytes, whether it was seen or not.
  Result<std::string> MailSource(std::string_view folder, std::string_view id);

 private:
  ApiClient();
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace outpost::oxserver
