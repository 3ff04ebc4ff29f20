#pragma once
#include <functional>
#include <string>

#include "engine/commands.h"
#include "engine/folder_edits.h"
#include "engine/mail_head.h"
#include "journal/blobs.h"

namespace outpost {

// A mail that a person wrote, complete: with a date and a Message-Id that no other mail here has.
struct WrittenMail {
  std::string source;
  MailHead head;
};

// The bytes of the file, or of the draft that is sent as it is. Errors: kNotFound (no such file, no such draft, or its
// bytes are not here), kUnavailable, kCorrupt.
Result<std::string> BytesToWrite(const StateReader& state, BlobStore& blobs, const MailFile& mail);

// `id`: of the item that it becomes. Errors: kInvalid (no mail, nobody that it is from, or, unless it is a draft,
// nobody that it goes to), kCorrupt, kUnavailable.
Result<WrittenMail> CompleteMail(const StateReader& state, const MailFile& mail, std::string_view bytes,
                                 const ItemId& id, Millis now);

// The events that delete a mail without the trash. Errors: those of CheckVisible.
Result<Batch> DeleteMailForGood(const ItemId& id, const ItemState* mail, const std::function<OpId()>& new_op);

// The events that make the item, and take away the draft that it replaces. `source`: the blob with the mail's bytes.
// Errors: kNotFound (no folder for it, no such draft), kInvalid (what it replaces is no draft).
Result<FolderDeletion> WriteMailEvents(const StateReader& state, const ItemId& id, const MailFile& mail,
                                       const WrittenMail& written, const BlobRef& source,
                                       const std::function<OpId()>& new_op);

// The event that makes `id` a copy of a mail. Errors: those of CheckVisible and CheckFolder, kInvalid (no mail),
// kNotFound (its bytes are not here).
Result<FolderDeletion> CopyMailEvents(const StateReader& state, const ItemId& id, const ItemId& mail,
                                      const ItemId& folder, const OpId& op);

}  // namespace outpost
