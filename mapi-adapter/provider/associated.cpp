#include "mapi-adapter/provider/associated.h"

#include <algorithm>

#include "journal/item_fold.h"
#include "mapi-adapter/codec/blob.h"
#include "mapi-adapter/codec/tags.h"
#include "mapi-adapter/provider/kept.h"
#include "mapi-adapter/provider/list_source.h"
#include "schemas/folders.h"

namespace outpost::mapi {
namespace {

constexpr std::size_t kSetBytes = 16;

bool KeepsNothing(const ItemId& folder) { return !folder || IsRoot(folder); }

Error Gone(const ItemId& message) { return {Code::kNotFound, Retry::kNever, "no associated message " + message.Hex()}; }

KeptName NameOf(const ItemId& message) {
  KeptName name;
  name.set = std::string(AssociatedSet());
  name.text = message.Hex();
  return name;
}

// Changes the folder's properties by `change`, which says whether there is anything to change.
template <class Change>
Result<void> ChangeFolder(const OpenStore& store, const ItemId& folder, Change change) {
  const FieldId field = KeptField(ItemType::kFolder);
  return store.account->SetAsPlanned(folder, [&](const ItemState& state) -> Result<FieldMap> {
    OUTPOST_TRY(std::vector<KeptProp> kept, ReadKept(*store.account->View(), state.HeadValue(field)));
    OUTPOST_TRYV(change(kept));
    return FieldMap{{field, kept.empty() ? Value() : Value(Blob{Encode(std::move(kept))})}};
  });
}

// As it is compared and sorted by, where a type has values of its own here.
Prop AsTyped(Prop prop) {
  const auto* raw = std::get_if<RawValue>(&prop.value);
  if (raw == nullptr) return prop;
  const auto number = [raw](std::size_t bytes) {
    std::uint64_t out = 0;
    for (std::size_t i = std::min(bytes, raw->bytes.size()); i-- > 0;)
      out = out << 8 | static_cast<unsigned char>(raw->bytes[i]);
    return out;
  };
  switch (TypeOf(prop.tag)) {
    case PropType::kLong:
      prop.value = static_cast<std::int32_t>(static_cast<std::uint32_t>(number(4)));
      break;
    case PropType::kBoolean:
      prop.value = number(2) != 0;
      break;
    case PropType::kSysTime:
      prop.value = FileTime{static_cast<std::int64_t>(number(8))};
      break;
    case PropType::kUnicode:
      prop.value = Utf8FromWide(raw->bytes);
      break;
    case PropType::kBinary:
      prop.value = Blob{raw->bytes};
      break;
    default:
      break;
  }
  return prop;
}

}  // namespace

std::string_view AssociatedSet() {
  // {6f757470-6f73-742d-6173-736f63000001}, made for this.
  static constexpr std::string_view kSet("\x70\x74\x75\x6F\x73\x6F\x2D\x74\x61\x73\x73\x6F\x63\x00\x00\x01", kSetBytes);
  return kSet;
}

Result<std::vector<AssociatedMessage>> AssociatedIn(const OpenStore& store, const ItemId& folder) {
  std::vector<AssociatedMessage> out;
  if (KeepsNothing(folder)) return out;
  const auto view = store.account->View();
  OUTPOST_TRY(const auto item, LoadItem(*view, folder));
  if (!item) return out;
  OUTPOST_TRY(std::vector<KeptProp> kept, ReadKept(*view, item->HeadValue(KeptField(ItemType::kFolder))));
  for (KeptProp& prop : kept)
    if (const auto id = prop.name.set == AssociatedSet() ? ItemId::FromHex(prop.name.text) : std::nullopt)
      out.push_back({*id, std::move(prop.bytes)});
  return out;  // stored by their names, which are in the order of their ages
}

Result<void> SaveAssociated(const OpenStore& store, const ItemId& folder, const AssociatedMessage& message,
                            const std::string& before, bool force) {
  if (KeepsNothing(folder))
    return Error{Code::kRejected, Retry::kNever, "folder " + folder.Hex() + " keeps no associated messages"};
  const KeptName name = NameOf(message.id);
  return ChangeFolder(store, folder, [&](std::vector<KeptProp>& kept) -> Result<void> {
    const auto at = std::find_if(kept.begin(), kept.end(), [&name](const KeptProp& prop) { return prop.name == name; });
    if (at == kept.end() && !before.empty()) return Gone(message.id);
    if (at == kept.end()) {
      kept.push_back({name, PropType::kBinary, message.bytes});
      return Ok();
    }
    if (!force && at->bytes != before)
      return Error{Code::kConflict, Retry::kNever, "message " + message.id.Hex() + " changed since it was opened"};
    at->bytes = message.bytes;
    return Ok();
  });
}

Result<void> DeleteAssociated(const OpenStore& store, const ItemId& folder, const ItemId& message) {
  const KeptName name = NameOf(message);
  return ChangeFolder(store, folder, [&](std::vector<KeptProp>& kept) -> Result<void> {
    const bool gone = std::erase_if(kept, [&name](const KeptProp& prop) { return prop.name == name; }) != 0;
    return gone ? Result<void>(Ok()) : Result<void>(Gone(message));
  });
}

bool IsOfAssociated(PropTag tag) {
  constexpr PropTag kTags[] = {
      tag::kEntryId,       tag::kRecordKey,        tag::kInstanceKey,  tag::kSearchKey,   tag::kParentEntryId,
      tag::kStoreEntryId,  tag::kStoreRecordKey,   tag::kObjectType,   tag::kMessageSize, tag::kMessageFlags,
      tag::kMessageStatus, tag::kMappingSignature, tag::kCreationTime, tag::kHasAttach,   tag::kLastModificationTime,
      tag::kAccess,        tag::kAccessLevel};
  return std::any_of(std::begin(kTags), std::end(kTags), [tag](PropTag own) { return IdOf(own) == IdOf(tag); });
}

std::vector<Prop> PropsOfAssociated(const OpenStore& store, const ItemId& folder, const AssociatedMessage& message) {
  const std::string entry = AssociatedEntryId(store, folder, message.id);
  const FileTime born = FileTimeOf(BirthOf(message.id).count());
  constexpr std::int32_t kFlags = 0x1 | 0x40;  // read, associated
  std::vector<Prop> out{{tag::kEntryId, Blob{entry}},
                        {tag::kRecordKey, Blob{entry}},
                        {tag::kInstanceKey, Blob{entry}},
                        {tag::kSearchKey, Blob{std::string(message.id.View())}},
                        {tag::kParentEntryId, Blob{EntryIdOf(store, StoreEntry::Kind::kFolder, folder)}},
                        {tag::kStoreEntryId, Blob{StoreEntryId(store.name)}},
                        {tag::kStoreRecordKey, Blob{store.uid}},
                        {tag::kMappingSignature, Blob{store.names->signature()}},
                        {tag::kObjectType, std::int32_t{abi::MAPI_MESSAGE}},
                        {tag::kMessageFlags, kFlags},
                        {tag::kMessageStatus, std::int32_t{0}},
                        {tag::kMessageSize, static_cast<std::int32_t>(message.bytes.size())},
                        {tag::kHasAttach, false},
                        {tag::kCreationTime, born}};
  const auto add = [&out](Prop prop) {
    if (std::none_of(out.begin(), out.end(), [&prop](const Prop& p) { return IdOf(p.tag) == IdOf(prop.tag); }))
      out.push_back(std::move(prop));
  };
  if (auto kept = DecodeKeptProps(message.bytes))
    for (Prop& prop : PropsOfKept(store, kept.value())) add(AsTyped(std::move(prop)));
  for (const PropTag text : {tag::kDisplayTo, tag::kDisplayCc, tag::kSubject}) add({text, std::string()});
  add({tag::kMessageClass, std::string("IPM.Note")});
  add({tag::kLastModificationTime, born});
  return out;
}

Result<abi::IMAPITable*> MakeAssociatedTable(const std::shared_ptr<const OpenStore>& store, const ItemId& folder) {
  const auto read = [store, folder]() -> Result<PropRows> {
    OUTPOST_TRY(const auto messages, AssociatedIn(*store, folder));
    PropRows rows;
    for (const AssociatedMessage& message : messages) rows.push_back(PropsOfAssociated(*store, folder, message));
    return rows;
  };
  OUTPOST_TRY(PropRows rows, read());
  return MakeTable(store, MakeListSource(std::move(rows), read), ItemColumns());
}

}  // namespace outpost::mapi
