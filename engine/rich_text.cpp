#include "engine/rich_text.h"

#include <vector>

#include "base/system/crypto.h"
#include "engine/edits.h"
#include "journal/item_fold.h"
#include "projection/items.h"

namespace outpost {
namespace {

constexpr std::size_t kDigestBytes = 8;  // of the name

std::string NoteText(const ItemState& item) {
  const Field* note = FindField(item.type, "note");
  const Value value = note != nullptr ? item.HeadValue(note->id) : Value{};
  const auto* text = std::get_if<std::string>(&value);
  return text != nullptr ? *text : std::string();
}

Result<std::vector<ItemState>> RichTextsOf(const StateReader& state, const ItemId& item) {
  std::vector<ItemState> found;
  OUTPOST_TRYV(ForEachItem(state, item, [&](const ItemState& attachment) {
    if (attachment.type == ItemType::kAttachment && attachment.HeadValue(field::kAttachmentRichText) == Value(true))
      found.push_back(attachment);
    return true;
  }));
  return found;
}

}  // namespace

std::string RichTextName(std::string_view note) {
  std::string plain;
  for (const char c : note)
    if (c != '\r') plain += c;
  while (!plain.empty() && (plain.back() == '\n' || plain.back() == ' ')) plain.pop_back();
  const Digest digest = Sha256().Add(plain).Finish();
  std::string name = "text-";
  for (std::size_t i = 0; i < kDigestBytes; ++i) {
    constexpr char kHexDigits[] = "0123456789abcdef";
    name += kHexDigits[digest[i] >> 4];
    name += kHexDigits[digest[i] & 0xF];
  }
  return name + ".rtf";
}

Result<std::optional<ItemState>> RichTextOf(const StateReader& state, const ItemState& item) {
  OUTPOST_TRY(const std::vector<ItemState> all, RichTextsOf(state, item.id));
  const std::string name = RichTextName(NoteText(item));
  for (const ItemState& one : all)
    if (one.HeadValue(field::kAttachmentName) == Value(name)) return std::optional<ItemState>(one);
  return std::optional<ItemState>{};
}

Result<FolderDeletion> RichTextEvents(const StateReader& state, const ItemId& id, const ItemId& item,
                                      const BlobRef& content, const std::function<OpId()>& new_op) {
  OUTPOST_TRYV(CheckAttachable(state, item));
  OUTPOST_TRY(const std::optional<ItemState> of, LoadItem(state, item));
  OUTPOST_TRY(const std::vector<ItemState> before, RichTextsOf(state, item));
  FolderDeletion edit;
  AttachFile file;
  file.name = RichTextName(NoteText(*of));
  file.type = "application/rtf";
  edit.events.push_back(AttachEvent(id, item, file, content, new_op(), {{field::kAttachmentRichText, true}}));
  edit.seen = {{id, 0}, {item, of->head_seq}};
  for (const ItemState& one : before) {
    OUTPOST_TRY(Batch gone, DeleteEvents(one.id, &one, new_op()));
    std::move(gone.begin(), gone.end(), std::back_inserter(edit.events));
    edit.seen.push_back({one.id, one.head_seq});
  }
  return edit;
}

}  // namespace outpost
