#include "engine/attach.h"

#include <fstream>

#include "engine/edits.h"
#include "journal/item_fold.h"
#include "replicator/tables.h"

namespace outpost {
namespace {

constexpr std::size_t kPieceBytes = 64 * 1024;
// Of what is written into the event itself: each change of a part restates the whole, in every event and in the item's
// row.
constexpr std::size_t kInlineBytesMax = 4 * 1024;

struct Ending {
  std::string_view ending;
  const char* type;
};
constexpr Ending kEndings[] = {{".txt", "text/plain"},         {".html", "text/html"},      {".csv", "text/csv"},
                               {".ics", "text/calendar"},      {".vcf", "text/vcard"},      {".rtf", "application/rtf"},
                               {".pdf", "application/pdf"},    {".zip", "application/zip"}, {".jpg", "image/jpeg"},
                               {".jpeg", "image/jpeg"},        {".png", "image/png"},       {".gif", "image/gif"},
                               {".doc", "application/msword"}, {".eml", "message/rfc822"}};

std::string TypeByEnding(const std::string& name) {
  std::string ending = std::filesystem::path(name).extension().string();
  for (char& c : ending)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  for (const Ending& known : kEndings)
    if (ending == known.ending) return known.type;
  return "application/octet-stream";
}

}  // namespace

Result<void> CheckAttachable(const StateReader& state, const ItemId& id) {
  OUTPOST_TRY(const std::optional<ItemState> item, LoadItem(state, id));
  OUTPOST_TRYV(CheckVisible(id, item ? &*item : nullptr));
  if (field::AttachmentsOf(item->type).count != 0) return Ok();
  return Error{Code::kInvalid, Retry::kNever,
               std::string("nothing is attached to an item of type ") + ItemTypeName(item->type)};
}

Result<PinnedBlob> TakeFile(BlobStore& blobs, const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  if (!in) return Error{Code::kNotFound, Retry::kNever, "the file to attach cannot be opened: " + path.string()};
  OUTPOST_TRY(const auto writer, blobs.Create());
  std::string piece(kPieceBytes, '\0');
  while (in) {
    in.read(piece.data(), static_cast<std::streamsize>(piece.size()));
    const auto bytes = static_cast<std::size_t>(in.gcount());
    if (bytes > 0) OUTPOST_TRYV(writer->Write(AsBytes(std::string_view(piece).substr(0, bytes))));
  }
  if (in.bad()) return Error{Code::kUnavailable, Retry::kNever, "the file to attach cannot be read: " + path.string()};
  return writer->Finish();
}

Result<PinnedBlob> KeepPhoto(BlobStore& blobs, FieldMap& fields) {
  const auto photo = fields.find(field::kContactPhoto);
  if (photo == fields.end()) return PinnedBlob{};
  if (const auto* known = std::get_if<BlobRef>(&photo->second)) return blobs.Pin(*known);
  const auto* bytes = std::get_if<Blob>(&photo->second);
  if (bytes == nullptr) return PinnedBlob{};
  OUTPOST_TRY(PinnedBlob kept, blobs.Put(AsBytes(bytes->bytes)));
  photo->second = bytes->bytes.empty() ? Value{} : Value(kept.ref());
  return kept;
}

Result<PinnedBlob> KeepProperties(BlobStore& blobs, FieldMap& fields) {
  for (auto& [id, value] : fields) {
    const Field* known = FindField(id);
    if (known == nullptr || known->name != "properties") continue;
    if (const auto* ref = std::get_if<BlobRef>(&value)) return blobs.Pin(*ref);
    const auto* bytes = std::get_if<Blob>(&value);
    if (bytes == nullptr || bytes->bytes.size() <= kInlineBytesMax) continue;
    OUTPOST_TRY(PinnedBlob kept, blobs.Put(AsBytes(bytes->bytes)));
    value = kept.ref();
    return kept;
  }
  return PinnedBlob{};
}

NewEvent AttachEvent(const ItemId& id, const ItemId& item, const AttachFile& file, const BlobRef& content,
                     const OpId& op, FieldMap more) {
  const std::string name = file.name.empty() ? file.path.filename().string() : file.name;
  ChangeBody body;
  body.patch = std::move(more);
  body.patch[field::kAttachmentParent] = item;
  body.patch[field::kAttachmentName] = name;
  body.patch[field::kAttachmentSize] = static_cast<std::int64_t>(content.size);
  body.patch[field::kAttachmentType] = file.type.empty() ? TypeByEnding(name) : file.type;
  body.patch[field::kAttachmentContent] = content;
  return {Kind::kLocalCreated, Origin::kUser, ItemType::kAttachment, id, op, Encode(body)};
}

Result<Batch> DropUnsentAttachments(const StateReader& state, const ItemId& item, const std::function<OpId()>& new_op) {
  std::vector<ItemId> attached;
  OUTPOST_TRYV(state.Scan(kAttached, item.View(), "", [&](std::string_view key, std::string_view) {
    if (const auto id = ItemId::FromView(key.substr(item.View().size()))) attached.push_back(*id);
    return true;
  }));
  Batch events;
  for (const ItemId& id : attached) {
    OUTPOST_TRY(const std::optional<ItemState> attachment, LoadItem(state, id));
    if (attachment && attachment->Visible() && !attachment->on_server)
      events.push_back({Kind::kLocalDeleted, Origin::kUser, ItemType::kAttachment, id, new_op(), Encode(ChangeBody{})});
  }
  return events;
}

}  // namespace outpost
