#include "engine/signatures.h"

#include "projection/folders.h"
#include "projection/items.h"

namespace outpost {
namespace {

std::string TextOf(const FieldMap& fields, FieldId id) {
  const auto at = fields.find(id);
  const auto* text = at != fields.end() ? std::get_if<std::string>(&at->second) : nullptr;
  return text != nullptr ? *text : std::string();
}

}  // namespace

Result<std::optional<ItemId>> SignaturesFolder(const StateReader& state) {
  OUTPOST_TRY(const auto hidden, HiddenFolders(state, ItemType::kSignature));
  return hidden.empty() ? std::optional<ItemId>{} : std::optional(hidden.front());
}

Result<std::vector<ItemState>> ListSignatures(const StateReader& state) {
  std::vector<ItemState> signatures;
  OUTPOST_TRY(const std::optional<ItemId> folder, SignaturesFolder(state));
  if (!folder) return signatures;
  OUTPOST_TRYV(ForEachItem(state, *folder, [&](const ItemState& item) {
    if (item.type == ItemType::kSignature) signatures.push_back(item);
    return true;
  }));
  return signatures;
}

Result<void> CheckSignatureFields(const FieldMap& fields) {
  const auto bad = [](const char* why) { return Error{Code::kInvalid, Retry::kNever, why}; };
  const auto name = fields.find(field::kSignatureName);
  if (name != fields.end() && IsEmpty(name->second)) return bad("a signature has a name");
  if (TextOf(fields, field::kSignatureName).find_first_of("\r\n") != std::string::npos)
    return bad("the name of a signature is one line");
  const std::string placement = TextOf(fields, field::kSignaturePlacement);
  if (!placement.empty() && placement != kPlacedAbove && placement != kPlacedBelow)
    return bad("placement: above or below");
  return Ok();
}

}  // namespace outpost
