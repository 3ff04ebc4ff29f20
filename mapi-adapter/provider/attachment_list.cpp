#include "mapi-adapter/provider/attachment_list.h"

#include <algorithm>
#include <filesystem>
#include <utility>

#include "journal/item_fold.h"
#include "mapi-adapter/codec/tags.h"
#include "mapi-adapter/provider/kept.h"
#include "mapi-adapter/provider/stream.h"
#include "projection/items.h"

namespace outpost::mapi {
namespace {

constexpr const char* kPhotoName = "ContactPicture.jpg";  // as Outlook calls it
constexpr std::int32_t kNowhere = -1;                     // PidTagRenderingPosition: not within the text
constexpr std::int32_t kWithinHtml = 4;                   // PidTagAttachFlags: ATT_MHTML_REF

std::string TextUnder(const FieldMap& head, FieldId id) {
  const auto at = head.find(id);
  const auto* text = at != head.end() ? std::get_if<std::string>(&at->second) : nullptr;
  return text != nullptr ? *text : std::string();
}

// What has come from the server since the message was opened is here.
AttachContent ContentNow(const OpenStore& store, const Attachment& attachment) {
  if (!std::holds_alternative<AtServer>(attachment.content)) return attachment.content;
  const auto now = LoadItem(*store.account->View(), attachment.id);
  const Value content = now && now.value() ? now.value()->HeadValue(field::kAttachmentContent) : Value();
  const auto* ref = std::get_if<BlobRef>(&content);
  return ref != nullptr ? AttachContent(*ref) : attachment.content;
}

// A file that only the server has comes with the next sync. Answers that it is not here.
Error AskFor(const OpenStore& store, const Attachment& attachment) {
  const auto asked = store.account->Set(attachment.id, {{field::kAttachmentWanted, true}});
  if (!asked) return asked.error();
  return {Code::kUnavailable, Retry::kBackoff, "attachment " + attachment.id.Hex() + " is being fetched"};
}

std::string EndingOf(const std::string& name) { return std::filesystem::path(name).extension().string(); }

}  // namespace

void AttachmentList::AddItems(const JournalView& view, const ItemId& item, Result<void>& result) {
  std::vector<std::pair<Sequence, Attachment>> found;
  result = ForEachItem(view, item, [&](const ItemState& state) {
    if (state.type != ItemType::kAttachment) return true;
    const FieldMap head = state.Head();
    Attachment attachment;
    attachment.id = state.id;
    attachment.name = TextUnder(head, field::kAttachmentName);
    attachment.type = TextUnder(head, field::kAttachmentType);
    const Value size = state.HeadValue(field::kAttachmentSize), content = state.HeadValue(field::kAttachmentContent);
    if (const auto* number = std::get_if<std::int64_t>(&size); number != nullptr && *number > 0)
      attachment.size = static_cast<std::uint64_t>(*number);
    if (const auto* ref = std::get_if<BlobRef>(&content))
      attachment.content = *ref;
    else
      attachment.content = AtServer{};
    attachment.kept = KeptProps(*store_, view, ItemType::kAttachment, head);
    found.emplace_back(state.born_seq, std::move(attachment));
    return true;
  });
  // As they came, whatever they are called.
  std::sort(found.begin(), found.end(), [](const auto& one, const auto& other) { return one.first < other.first; });
  for (auto& [born, attachment] : found) entries_[next_++].attachment = std::move(attachment);
}

void AttachmentList::LoadParts(const MailParts& parts, const std::variant<BlobRef, std::string>& source) {
  const std::lock_guard lock(mutex_);
  if (std::exchange(loaded_, true)) return;
  for (std::size_t i = 0; i < parts.attached.size(); ++i) {
    const MailPart& part = parts.attached[i];
    Attachment attachment;
    attachment.name = part.name;
    attachment.type = part.type;
    attachment.size = part.size;
    attachment.mail = part.mail;
    attachment.content_id = part.content_id;
    if (part.within) {
      const bool hidden = true;
      attachment.kept.push_back({tag::kAttachmentHidden, hidden});
      attachment.kept.push_back({tag::kAttachFlags, kWithinHtml});
    }
    if (const auto* ref = std::get_if<BlobRef>(&source)) {
      attachment.part = i;
      attachment.content = *ref;  // the whole source: ContentOfPart finds it there
    } else {
      attachment.content = ContentOfPart(std::get<std::string>(source), i).value_or("");
    }
    entries_[next_++].attachment = std::move(attachment);
  }
}

Result<void> AttachmentList::Load(const ItemId& item, const FieldMap& head) {
  const std::lock_guard lock(mutex_);
  if (loaded_) return Ok();
  if (item && type_ != ItemType::kMail) {
    const auto view = store_->account->View();
    Result<void> read = Ok();
    AddItems(*view, item, read);
    if (!read) return read.error();
    const auto photo = head.find(field::kContactPhoto);
    const auto* ref = photo != head.end() ? std::get_if<BlobRef>(&photo->second) : nullptr;
    if (FieldOwner(type_) == ItemType::kContact && ref != nullptr) {
      Attachment attachment;
      attachment.name = kPhotoName;
      attachment.type = "image/jpeg";
      attachment.size = ref->size;
      attachment.content = *ref;
      attachment.photo = true;
      entries_[next_++].attachment = std::move(attachment);
    }
  }
  loaded_ = true;
  return Ok();
}

std::vector<abi::ULONG> AttachmentList::Numbers() const {
  const std::lock_guard lock(mutex_);
  std::vector<abi::ULONG> out;
  for (const auto& [number, entry] : entries_) out.push_back(number);
  return out;
}

std::optional<Attachment> AttachmentList::Find(abi::ULONG number) const {
  const std::lock_guard lock(mutex_);
  const auto at = entries_.find(number);
  return at != entries_.end() ? std::optional(at->second.attachment) : std::nullopt;
}

abi::ULONG AttachmentList::NewNumber() {
  const std::lock_guard lock(mutex_);
  return next_++;
}

void AttachmentList::Put(abi::ULONG number, Attachment attachment) {
  const std::lock_guard lock(mutex_);
  entries_[number] = {std::move(attachment), true};
}

bool AttachmentList::Delete(abi::ULONG number) {
  const std::lock_guard lock(mutex_);
  const auto at = entries_.find(number);
  if (at == entries_.end()) return false;
  if (at->second.attachment.photo) photo_gone_ = true;
  if (at->second.attachment.id) gone_.push_back(at->second.attachment.id);
  entries_.erase(at);
  return true;
}

bool AttachmentList::AnyShown() const {
  const std::lock_guard lock(mutex_);
  return std::any_of(entries_.begin(), entries_.end(),
                     [](const auto& entry) { return !entry.second.attachment.photo; });
}

FieldMap AttachmentList::PhotoPatch() const {
  const std::lock_guard lock(mutex_);
  for (const auto& [number, entry] : entries_) {
    if (!entry.changed || !entry.attachment.photo) continue;
    if (const auto* pinned = std::get_if<PinnedBlob>(&entry.attachment.content))
      return {{field::kContactPhoto, pinned->ref()}};
    if (const auto* ref = std::get_if<BlobRef>(&entry.attachment.content)) return {{field::kContactPhoto, *ref}};
  }
  return photo_gone_ ? FieldMap{{field::kContactPhoto, Value()}} : FieldMap{};
}

Result<void> AttachmentList::Save(const ItemId& item) {
  const std::lock_guard lock(mutex_);
  for (auto& [number, entry] : entries_) {
    if (!entry.changed) continue;
    if (!entry.attachment.photo) OUTPOST_TRYV(SaveOne(item, entry.attachment, entry.attachment.id));
    entry.changed = false;
  }
  // What could not be taken away is, the next time.
  while (!gone_.empty()) {
    const auto deleted = store_->account->Delete(gone_.back());
    if (!deleted && deleted.error().code != Code::kNotFound) return deleted.error();
    gone_.pop_back();
  }
  photo_gone_ = false;
  return Ok();
}

Result<void> AttachmentList::SaveAll(const ItemId& item) {
  const std::lock_guard lock(mutex_);
  for (auto& [number, entry] : entries_)
    if (!entry.attachment.photo) OUTPOST_TRYV(SaveOne(item, entry.attachment));
  return Ok();
}

Result<void> AttachmentList::SaveOne(const ItemId& item, Attachment& attachment, const ItemId& replaces) const {
  Account& account = *store_->account;
  PinnedBlob content;
  attachment.content = ContentNow(*store_, attachment);
  if (const auto* pinned = std::get_if<PinnedBlob>(&attachment.content)) {
    content = *pinned;
  } else if (const auto* ref = std::get_if<BlobRef>(&attachment.content)) {
    OUTPOST_TRY(content, account.journal().blobs().Pin(*ref));
  } else if (std::holds_alternative<AtServer>(attachment.content)) {
    return AskFor(*store_, attachment);  // it cannot be attached anew without its content
  } else {
    OUTPOST_TRY(content, account.journal().blobs().Put({}));
  }
  OUTPOST_TRY(Value kept, KeptAfter(*store_, *account.View(), {}, attachment.kept, {}));
  OUTPOST_TRY(attachment.id,
              account.AttachContent(item, {{}, attachment.name, attachment.type}, content, std::move(kept), replaces));
  attachment.size = content.ref().size;
  attachment.content = content.ref();
  return Ok();
}

std::vector<Prop> PropsOfAttachment(const OpenStore& store, abi::ULONG number, const Attachment& attachment) {
  std::string key;
  for (int shift = 0; shift < 32; shift += 8) key.push_back(static_cast<char>(number >> shift));
  const bool none = std::holds_alternative<std::monostate>(attachment.content);
  const abi::ULONG method = none              ? abi::NO_ATTACHMENT
                            : attachment.mail ? abi::ATTACH_EMBEDDED_MSG
                                              : abi::ATTACH_BY_VALUE;
  std::vector<Prop> out{
      {tag::kAttachNumber, static_cast<std::int32_t>(number)},
      {tag::kInstanceKey, Blob{key}},
      {tag::kRecordKey, Blob{attachment.id ? std::string(attachment.id.View()) : key}},
      {tag::kObjectType, std::int32_t{abi::MAPI_ATTACH}},
      {tag::kMappingSignature, Blob{store.names->signature()}},
      {tag::kAttachMethod, static_cast<std::int32_t>(method)},
      {tag::kAttachSize, static_cast<std::int32_t>(std::min<std::uint64_t>(attachment.size, INT32_MAX))}};
  if (!attachment.name.empty()) {
    out.push_back({tag::kAttachLongFilename, attachment.name});
    out.push_back({tag::kAttachFilename, attachment.name});
    out.push_back({tag::kDisplayName, attachment.name});
    if (const std::string ending = EndingOf(attachment.name); !ending.empty())
      out.push_back({tag::kAttachExtension, ending});
  }
  if (!attachment.type.empty()) out.push_back({tag::kAttachMimeTag, attachment.type});
  if (!attachment.content_id.empty()) out.push_back({tag::kAttachContentId, attachment.content_id});
  if (attachment.photo) {
    const bool photo = true;
    out.push_back({tag::kAttachmentContactPhoto, photo});
    out.push_back({tag::kAttachmentHidden, photo});
  }
  for (const Prop& prop : attachment.kept)
    if (std::none_of(out.begin(), out.end(), [&prop](const Prop& p) { return IdOf(p.tag) == IdOf(prop.tag); }))
      out.push_back(prop);
  const auto position = [](const Prop& prop) { return IdOf(prop.tag) == IdOf(tag::kAttachRenderingPosition); };
  if (std::none_of(out.begin(), out.end(), position)) out.push_back({tag::kAttachRenderingPosition, kNowhere});
  return out;
}

Result<std::string> BytesOfAttachment(const std::shared_ptr<const OpenStore>& store, const Attachment& attachment) {
  const AttachContent content = ContentNow(*store, attachment);
  const auto view = store->account->View();
  if (const auto* bytes = std::get_if<std::string>(&content)) return *bytes;
  if (const auto* pinned = std::get_if<PinnedBlob>(&content)) return BytesOfBlob(*view, pinned->ref());
  if (const auto* ref = std::get_if<BlobRef>(&content)) {
    OUTPOST_TRY(std::string bytes, BytesOfBlob(*view, *ref));
    if (!attachment.part) return bytes;
    auto part = ContentOfPart(bytes, *attachment.part);
    if (!part) return Error{Code::kCorrupt, Retry::kNever, "a part of a mail is not there any more"};
    return std::move(*part);
  }
  if (std::holds_alternative<AtServer>(content)) {
    return AskFor(*store, attachment);
  }
  return Error{Code::kNotFound, Retry::kNever, "an attachment without content"};
}

Result<abi::IStream*> StreamOfAttachment(const std::shared_ptr<const OpenStore>& store, const Attachment& attachment) {
  const AttachContent content = ContentNow(*store, attachment);
  const auto* pinned = std::get_if<PinnedBlob>(&content);
  const auto* known = std::get_if<BlobRef>(&content);
  if (!attachment.part && (pinned != nullptr || known != nullptr)) {
    OUTPOST_TRY(auto reader, store->account->journal().blobs().Open(pinned != nullptr ? pinned->ref() : *known));
    return MakeStream(store, std::move(reader));
  }
  OUTPOST_TRY(std::string bytes, BytesOfAttachment(store, attachment));
  return MakeStream(store, std::move(bytes));
}

}  // namespace outpost::mapi
