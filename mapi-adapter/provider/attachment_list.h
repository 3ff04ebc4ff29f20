#pragma once
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "engine/mail_parts.h"
#include "journal/blobs.h"
#include "mapi-adapter/provider/open_store.h"
#include "schemas/fields.h"

namespace outpost::mapi {

// The content of an attachment: none yet, a blob that is here, one that was just written, bytes at hand (a part of a
// mail), or one that the server has and that is fetched when somebody wants it.
struct AtServer {};
using AttachContent = std::variant<std::monostate, BlobRef, PinnedBlob, std::string, AtServer>;

// One attachment of an open message.
struct Attachment {
  ItemId id{};  // none: it is not saved with the message yet, or is no item of its own
  std::string name, type;
  std::uint64_t size = 0;
  AttachContent content;
  bool mail = false;                // a message of its own: its content is a source
  bool photo = false;               // of a contact: a field of it
  std::optional<std::size_t> part;  // of a mail: its place in the source
  std::string content_id;
  std::vector<Prop> kept;  // what else was set: RawValues
};

// The attachments of one open message by their numbers, which they keep while it is open: as they were when they were
// first asked for, with what was changed since over them, which is saved with the message. Threads: any.
class AttachmentList {
 public:
  AttachmentList(std::shared_ptr<const OpenStore> store, ItemType type) : store_(std::move(store)), type_(type) {}

  // Reads those that there are, once. `head` is the item's. Errors: kCorrupt, kUnavailable.
  Result<void> Load(const ItemId& item, const FieldMap& head);
  // Those of a mail that was taken apart; `source`: where its bytes are, or the bytes themselves.
  void LoadParts(const MailParts& parts, const std::variant<BlobRef, std::string>& source);
  std::vector<abi::ULONG> Numbers() const;
  std::optional<Attachment> Find(abi::ULONG number) const;
  // A number for one more, which is none of them before it was Put.
  abi::ULONG NewNumber();
  // In the place of what had that number; saved with the message.
  void Put(abi::ULONG number, Attachment attachment);
  // False where there is none.
  bool Delete(abi::ULONG number);
  // Whether there is one that a person is shown as attached: a contact's photo is none.
  bool AnyShown() const;

  // Makes what was changed so: those that were changed are attached anew, and the old ones go. What a photo becomes is
  // a patch of the item itself. Errors: those of Account::AttachContent and Account::Delete; what was done until then
  // stays done, and the rest can be saved again.
  Result<void> Save(const ItemId& item);
  // All of them anew, at another item, for a copy. Errors: likewise.
  Result<void> SaveAll(const ItemId& item);
  // The patch that its photo is; empty where that was not changed. Pins that hold until it is appended are kept here.
  FieldMap PhotoPatch() const;

 private:
  struct Entry {
    Attachment attachment;
    bool changed = false;
  };
  // Attached anew; in the same append what it `replaces` goes, if anything.
  Result<void> SaveOne(const ItemId& item, Attachment& attachment, const ItemId& replaces = {}) const;
  void AddItems(const JournalView& view, const ItemId& item, Result<void>& result);

  const std::shared_ptr<const OpenStore> store_;  // first: pins go before it
  const ItemType type_;
  mutable std::mutex mutex_;  // guards what is below
  bool loaded_ = false;
  std::map<abi::ULONG, Entry> entries_;
  std::vector<ItemId> gone_;  // to be deleted
  bool photo_gone_ = false;
  abi::ULONG next_ = 0;
};

// What it is in properties, `data` aside: in a table and as an object alike.
std::vector<Prop> PropsOfAttachment(const OpenStore& store, abi::ULONG number, const Attachment& attachment);
// A stream over its content. Errors: kNotFound (none), kUnavailable (it is at the server: asked for now, and here after
// the next sync), kCorrupt.
Result<abi::IStream*> StreamOfAttachment(const std::shared_ptr<const OpenStore>& store, const Attachment& attachment);
// All of it. Errors: likewise.
Result<std::string> BytesOfAttachment(const std::shared_ptr<const OpenStore>& store, const Attachment& attachment);

}  // namespace outpost::mapi
