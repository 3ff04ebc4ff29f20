#include <algorithm>

#include "journal/item_fold.h"
#include "replicator/blob_body.h"
#include "replicator/replicator.h"

namespace outpost {
namespace {

const Value* ValueIn(const FieldMap& fields, FieldId id) {
  const auto at = fields.find(id);
  return at != fields.end() ? &at->second : nullptr;
}

bool IsTrueIn(const FieldMap& fields, FieldId id) {
  const Value* value = ValueIn(fields, id);
  return value != nullptr && *value == Value(true);
}

}  // namespace

// None where its source is not here, or its folder not on the server.
Result<std::optional<Ask>> Replicator::MakeMailAsk(const JournalView& view, const ItemState& mail,
                                                   const BatchEntry& entry) const {
  FieldMap fields = EntryFields(mail, entry);
  if (IsTrueIn(mail.base, field::kMailDraft)) fields[field::kMailDraft] = true;
  OUTPOST_TRY(std::string folder, RemoteFolder(view, Value(mail.Folder())));
  const Value* source = ValueIn(mail.base, field::kMailSource);
  const auto* blob = source != nullptr ? std::get_if<BlobRef>(source) : nullptr;
  if (folder.empty() || blob == nullptr) return std::optional<Ask>{};
  return std::optional<Ask>(ask::Submit{std::move(folder), IsTrueIn(mail.base, field::kMailToBeSent), std::move(fields),
                                        BlobOpener(journal_, *blob)});
}

void Replicator::DraftLeft(const ItemState& mail, Draft& draft) {
  ChangeBody body;
  body.patch[field::kMailToBeSent] = Value{};
  draft.touched.insert(mail.id);
  draft.seen.push_back({mail.id, mail.head_seq});
  draft.events.push_back(
      {Kind::kLocalChanged, Origin::kEngine, ItemType::kMail, mail.id, NewOperation(), Encode(body)});
}

// The mail that comes back to its sender has the same Message-Id: the folder tells the two apart.
Result<std::optional<ItemId>> Replicator::MailMadeHere(const JournalView& view, const std::set<Sequence>& in_flight,
                                                       const RemoteRow& row, const ItemId& folder) const {
  const Value* message_id = ValueIn(row.fields, field::kMailMessageId);
  if (message_id == nullptr || !folder) return std::optional<ItemId>{};
  std::vector<ItemId> made(sought_mails_.begin(), sought_mails_.end());
  if (!in_flight.empty()) {
    OUTPOST_TRY(const std::vector<OpenBatch> open, LoadOpenBatches(view));
    for (const OpenBatch& batch : open)
      for (const BatchEntry& entry : batch.body.entries)
        if (entry.verb == Verb::kCreate) made.push_back(entry.item);
  }
  for (const ItemId& id : made) {
    OUTPOST_TRY(const std::optional<ItemState> mail, LoadItem(view, id));
    if (mail && mail->type == ItemType::kMail && !mail->on_server && mail->Folder() == folder &&
        mail->HeadValue(field::kMailMessageId) == *message_id)
      return std::optional<ItemId>(id);
  }
  return std::optional<ItemId>{};
}

// What the server has of a mail may be other bytes than those that were sent: they are fetched as any mail's then. And
// it has left.
void Replicator::NoteStored(const ItemState& mail, FieldMap& row_fields) {
  const Value *source = ValueIn(mail.base, field::kMailSource), *size = ValueIn(row_fields, field::kMailSize);
  const auto* blob = source != nullptr ? std::get_if<BlobRef>(source) : nullptr;
  if (blob != nullptr && size != nullptr && *size != Value(static_cast<std::int64_t>(blob->size)))
    row_fields[field::kMailSource] = Value{};
  if (mail.base.contains(field::kMailToBeSent)) row_fields[field::kMailToBeSent] = Value{};
}

}  // namespace outpost
