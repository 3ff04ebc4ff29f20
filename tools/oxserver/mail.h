#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "tools/oxserver/world.h"

// The parts of the mail module (http-api.md 10). Threads: one.
namespace outpost::oxserver {

// The setting by which a user's deletions pass by the trash (openapi.json, config).
inline constexpr const char* kDeleteForGoodPath = "modules/mail/deletemail";

// http-api.md 10.3
enum MailFlag : int {
  kAnswered = 1,
  kDeleted = 2,
  kDraft = 4,
  kFlagged = 8,
  kRecent = 16,
  kSeen = 32,
  kUserFlag = 64,
  kSpam = 128,
  kForwarded = 256,
  kReadAcknowledged = 512,
};

ApiError MailError(const char* code, Category category, const std::string& text, std::string_view what);
ApiError MailNotFound(std::string_view id, std::string_view folder);

// The user's mail folder of that id. Errors: IMAP-1002; IMAP-2022 for the root, which holds no mails.
Api<const Folder*> FindMailFolder(const World& world, int user, std::string_view id);
// One of his special folders: "INBOX", "Sent", "Trash", …; null where he has none.
const Folder* SpecialFolder(const World& world, int user, std::string_view title);
// The same of the account that `folder` is in.
const Folder* SpecialFolderBeside(const World& world, const Folder& folder, std::string_view title);
// The column standard_folder_type: 7 inbox, 9 drafts, 10 sent, 11 spam, 12 trash, 0 none.
int MailFolderKind(const Folder& folder);
// True for his folder Trash and what is below it.
bool IsInTrash(const World& world, const Folder& folder);
// All the mail folders a user starts with.
void FurnishMail(World& world, int user);
// Each of a user's mails has another id then, those of some had others before (UIDVALIDITY); in all folders of that id.
void ResetValidity(World& world, std::string_view folder);
std::size_t CountUnread(const Mailbox& box);

// A column of rows of mails: one of ours by number, or a header by name.
struct MailColumn {
  int id = 0;  // 0: a header
  std::string header;
};
// The parameters `columns` and `headers`.
Api<std::vector<MailColumn>> ParseMailColumns(const Params& params);
// A mail where it lies.
struct MailRef {
  const Folder* folder;
  const Mail* mail;
};
void AppendMailRow(std::string& out, const MailRef& ref, const std::vector<MailColumn>& columns, const Zone& zone);
// All members with a value; `with_source`: the bytes as a text too.
void AppendMailObject(std::string& out, const World& world, const MailRef& ref, const Zone& zone, bool with_source);
// Bytes as a JSON text: as UTF-8 where they are, else as ISO 8859-1.
std::string SourceText(std::string_view bytes);
// -1, 0 or 1 by one column.
int CompareMails(const Mail& a, const Mail& b, int column);

// Stores a new mail. Errors: MSG-0056 where its From is none of the user's addresses, unless `force`.
Api<std::int64_t> StoreMail(World& world, int user, const Folder& folder, std::string_view source, int flags,
                            bool force);
Api<Answer> NewMail(World& world, const Request& request);
Api<Answer> UpdateMail(World& world, const Request& request);
Api<Answer> CopyMail(World& world, const Request& request);
// Tells who sent a mail that it was read, where he asked for that.
Api<Answer> AcknowledgeMail(World& world, const Request& request);
Api<Answer> DeleteMails(World& world, const Request& request);
Api<Answer> ClearMails(World& world, const Request& request);
Api<Answer> SeeAllMails(World& world, const Request& request);
// All mails of a folder go, as ClearMails does it.
void ClearMailbox(World& world, const Folder& folder, bool hard);

// The mail that a request names by folder and id or message_id, marked as seen unless it says `unseen=true`.
Api<MailRef> OpenMail(World& world, const Request& request);

}  // namespace outpost::oxserver
