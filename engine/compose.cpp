#include "engine/compose.h"

#include <iterator>

#include "base/system/files.h"
#include "engine/edits.h"
#include "journal/item_fold.h"
#include "projection/folders.h"
#include "replicator/queue.h"

namespace outpost {
namespace {

constexpr std::int64_t kDraftsKind = 9, kSentKind = 10;  // standard_folder_type

Error BadMail(const std::string& why) { return {Code::kInvalid, Retry::kNever, why}; }

Result<ItemId> StandardMailFolder(const StateReader& state, std::int64_t kind) {
  OUTPOST_TRY(const auto folders, ListFolders(state));
  const FolderNode* first = nullptr;  // of several accounts the one that the server numbers first
  for (const FolderNode& node : folders) {
    if (node.type != ItemType::kMail) continue;
    OUTPOST_TRY(const std::optional<ItemState> folder, LoadItem(state, node.id));
    if (!folder || folder->HeadValue(field::kFolderStandardType) != Value(kind)) continue;
    if (first == nullptr || node.remote_id < first->remote_id) first = &node;
  }
  if (first != nullptr) return first->id;
  return Error{Code::kNotFound, Retry::kNever,
               std::string("there is no folder for ") + (kind == kSentKind ? "sent mails" : "drafts") +
                   " here yet; it comes with the first sync"};
}

std::string NewMessageId(const ItemId& id, const MailHead& head) {
  const std::string_view address = AddressIn(head.from.front());
  const auto at = address.rfind('@');
  return "<" + id.Hex() + "@" + (at == std::string_view::npos ? "localhost" : std::string(address.substr(at + 1))) +
         ">";
}

void SetText(FieldMap& fields, FieldId field, const std::string& text) {
  if (!text.empty()) fields[field] = text;
}

void SetTexts(FieldMap& fields, FieldId field, const std::vector<std::string>& texts) {
  if (!texts.empty()) fields[field] = texts;
}

FieldMap FieldsOfWritten(const WrittenMail& written, const MailFile& mail, const ItemId& folder,
                         const BlobRef& source) {
  const MailHead& head = written.head;
  FieldMap fields;
  fields[field::kMailFolder] = folder;
  fields[field::kMailSeen] = true;
  fields[mail.draft ? field::kMailDraft : field::kMailToBeSent] = true;
  fields[field::kMailSource] = source;
  fields[field::kMailSize] = static_cast<std::int64_t>(source.size);
  if (head.sent) {
    fields[field::kMailSent] = *head.sent;
    fields[field::kMailReceived] = *head.sent;
  }
  SetTexts(fields, field::kMailFrom, head.from);
  SetTexts(fields, field::kMailTo, head.to);
  SetTexts(fields, field::kMailCc, head.cc);
  SetTexts(fields, field::kMailBcc, head.bcc);
  SetText(fields, field::kMailSubject, head.subject);
  SetText(fields, field::kMailMessageId, head.message_id);
  SetText(fields, field::kMailReferences, head.references);
  SetText(fields, field::kMailInReplyTo, head.in_reply_to);
  SetText(fields, field::kMailReceiptTo, head.receipt_to);
  return fields;
}

NewEvent MailEvent(Kind kind, const ItemId& id, const OpId& op, FieldMap patch) {
  ChangeBody body;
  body.patch = std::move(patch);
  return {kind, Origin::kUser, ItemType::kMail, id, op, Encode(body)};
}

}  // namespace

Result<std::string> BytesToWrite(const StateReader& state, BlobStore& blobs, const MailFile& mail) {
  if (!mail.path.empty()) return ReadFile(mail.path);
  OUTPOST_TRY(const std::optional<ItemState> draft, LoadItem(state, mail.replaces));
  OUTPOST_TRYV(CheckVisible(mail.replaces, draft ? &*draft : nullptr));
  const Value source = draft->HeadValue(field::kMailSource);
  const auto* blob = std::get_if<BlobRef>(&source);
  if (blob == nullptr)
    return Error{Code::kNotFound, Retry::kNever, "the bytes of " + mail.replaces.Hex() + " are not here"};
  OUTPOST_TRY(const auto reader, blobs.Open(*blob));
  std::string bytes(static_cast<std::size_t>(reader->size()), '\0');
  for (std::size_t at = 0; at < bytes.size();) {
    OUTPOST_TRY(const std::size_t read,
                reader->Read({reinterpret_cast<std::uint8_t*>(bytes.data()) + at, bytes.size() - at}));
    if (read == 0) break;
    at += read;
  }
  return bytes;
}

Result<WrittenMail> CompleteMail(const StateReader& state, const MailFile& mail, std::string_view bytes,
                                 const ItemId& id, Millis now) {
  WrittenMail written;
  written.source = WithNetworkLines(bytes);
  written.head = ReadMailHead(written.source);
  if (!written.head.valid) return BadMail("the file is no mail: it does not begin with a header");
  if (written.head.from.empty()) return BadMail("the mail does not say whom it is from");
  if (!mail.draft && written.head.to.empty() && written.head.cc.empty() && written.head.bcc.empty())
    return BadMail("the mail does not say whom it goes to");
  bool known = false;
  if (!written.head.message_id.empty()) {
    OUTPOST_TRY(const auto other, FindByUid(state, written.head.message_id));
    known = other.has_value();
  }
  if (!written.head.sent) {
    written.source = WithHeader(written.source, "Date", MailDate(now.count()));
    written.head.sent = now.count() / 1000 * 1000;
  }
  if (known || written.head.message_id.empty()) {
    written.head.message_id = NewMessageId(id, written.head);
    written.source = WithHeader(written.source, "Message-ID", written.head.message_id);
  }
  return written;
}

Result<Batch> DeleteMailForGood(const ItemId& id, const ItemState* mail, const std::function<OpId()>& new_op) {
  OUTPOST_TRYV(CheckVisible(id, mail));
  return Batch{MailEvent(Kind::kLocalChanged, id, new_op(), {{field::kMailDeleteForGood, true}}),
               MailEvent(Kind::kLocalDeleted, id, new_op(), {})};
}

Result<FolderDeletion> WriteMailEvents(const StateReader& state, const ItemId& id, const MailFile& mail,
                                       const WrittenMail& written, const BlobRef& source,
                                       const std::function<OpId()>& new_op) {
  OUTPOST_TRY(const ItemId folder, StandardMailFolder(state, mail.draft ? kDraftsKind : kSentKind));
  FolderDeletion edit;
  edit.events.push_back(MailEvent(Kind::kLocalCreated, id, new_op(), FieldsOfWritten(written, mail, folder, source)));
  edit.seen.push_back({id, 0});
  if (!mail.replaces) return edit;
  OUTPOST_TRY(const std::optional<ItemState> draft, LoadItem(state, mail.replaces));
  OUTPOST_TRYV(CheckVisible(mail.replaces, draft ? &*draft : nullptr));
  if (draft->HeadValue(field::kMailDraft) != Value(true))
    return BadMail("item " + mail.replaces.Hex() + " is no draft");
  // The new one is queued before the old one goes, and for good: it is no mail that somebody threw away.
  OUTPOST_TRY(Batch gone, DeleteMailForGood(draft->id, &*draft, new_op));
  std::move(gone.begin(), gone.end(), std::back_inserter(edit.events));
  edit.seen.push_back({draft->id, draft->head_seq});
  return edit;
}

Result<FolderDeletion> CopyMailEvents(const StateReader& state, const ItemId& id, const ItemId& mail,
                                      const ItemId& folder, const OpId& op) {
  OUTPOST_TRY(const std::optional<ItemState> from, LoadItem(state, mail));
  OUTPOST_TRYV(CheckVisible(mail, from ? &*from : nullptr));
  if (from->type != ItemType::kMail) return BadMail("only mails are copied");
  OUTPOST_TRYV(CheckFolder(state, folder, ItemType::kMail));
  FieldMap fields = from->Head();
  if (!fields.contains(field::kMailSource))
    return Error{Code::kNotFound, Retry::kNever,
                 "the bytes of mail " + mail.Hex() + " are not here yet (\"outpost item fetch\")"};
  for (const FieldId only_its : {field::kMailColor, field::kMailToBeSent, field::kMailDeleteForGood,
                                 field::kMailSourceWanted, field::kMailReceiptSent, field::kMailDeleted})
    fields.erase(only_its);
  fields[field::kMailFolder] = folder;
  FolderDeletion edit;
  edit.events.push_back(MailEvent(Kind::kLocalCreated, id, op, std::move(fields)));
  edit.seen = {{id, 0}, {mail, from->head_seq}};
  return edit;
}

}  // namespace outpost
