#include "mapi-adapter/provider/item_source.h"

#include <algorithm>

#include "engine/occurrence.h"
#include "journal/item_fold.h"
#include "mapi-adapter/codec/tags.h"
#include "mapi-adapter/provider/kept.h"
#include "projection/zone.h"
#include "schemas/series.h"

namespace outpost::mapi {
namespace {

FieldId FieldCalled(ItemType type, const char* name) {
  const Field* field = FindField(FieldOwner(type), name);
  return field != nullptr ? field->id : FieldId{0};
}

std::optional<std::int64_t> NumberOf(const FieldMap& head, FieldId id) {
  const auto at = head.find(id);
  const auto* number = at != head.end() ? std::get_if<std::int64_t>(&at->second) : nullptr;
  return number != nullptr ? std::optional(*number) : std::nullopt;
}

// Bytes of what it says: what a person sees beside a message, not what it takes on disk.
std::int32_t SizeOf(const FieldMap& head) {
  std::string bytes;
  for (const auto& [id, value] : head) AppendValue(bytes, value);
  return static_cast<std::int32_t>(std::min<std::size_t>(bytes.size(), INT32_MAX));
}

void AddMissing(std::vector<Prop>& props, Prop prop) {
  if (std::none_of(props.begin(), props.end(), [&prop](const Prop& p) { return IdOf(p.tag) == IdOf(prop.tag); }))
    props.push_back(std::move(prop));
}

std::string TextAtField(const FieldMap& head, FieldId id) {
  const auto at = head.find(id);
  const auto* text = at != head.end() ? std::get_if<std::string>(&at->second) : nullptr;
  return text != nullptr ? *text : std::string();
}

}  // namespace

Result<PropContext> ContextOf(const StateReader& state, ItemType type, const ItemId& id, const FieldMap& head) {
  PropContext out;
  if (type != ItemType::kAppointment) return out;
  const Zone zone = Zone::Find(TextAtField(head, field::kAppointmentZone)).value_or(Zone());
  out.clock = {[zone](std::int64_t utc) { return zone.ToLocal(utc); },
               [zone](std::int64_t local) { return zone.ToUtc(local); }};
  if (NumberOf(head, field::kAppointmentRecurrenceType).value_or(0) == 0) return out;
  OUTPOST_TRY(const auto series, LoadItem(state, id));
  const Value days = series ? series->HeadValue(field::kAppointmentChanged) : Value();
  const auto* texts = std::get_if<std::vector<std::string>>(&days);
  for (std::size_t i = 0; texts != nullptr && i < texts->size(); ++i) {
    const auto day = DayFromText((*texts)[i]);
    if (!day) continue;
    OUTPOST_TRY(const std::optional<ItemId> there, ExceptionOn(state, *series, *day));
    if (!there) continue;
    OUTPOST_TRY(const auto item, LoadItem(state, *there));
    if (item) out.changed.push_back({*day, item->Head()});
  }
  return out;
}

std::vector<Prop> PropsOfItem(const OpenStore& store, ItemType type, const ItemId& id, const ItemId& folder,
                              const FieldMap& head, const PropContext& context) {
  std::vector<Prop> out = PropsOf(type, head, context), kept;
  if (head.contains(KeptField(type))) kept = KeptProps(store, *store.account->View(), type, head);
  const std::string entry = EntryIdOf(store, StoreEntry::Kind::kMessage, id);
  const std::int64_t born = BirthOf(id).count();
  const std::int64_t created = NumberOf(head, FieldCalled(type, "creation_date")).value_or(born);
  const std::int64_t changed = NumberOf(head, FieldCalled(type, "last_modified")).value_or(created);
  const bool attached = NumberOf(head, field::AttachmentsOf(FieldOwner(type)).count).value_or(0) > 0;
  for (const Prop& prop :
       std::initializer_list<Prop>{{tag::kEntryId, Blob{entry}},
                                   {tag::kRecordKey, Blob{entry}},
                                   {tag::kInstanceKey, Blob{entry}},
                                   {tag::kSearchKey, Blob{std::string(id.View())}},
                                   {tag::kParentEntryId, Blob{EntryIdOf(store, StoreEntry::Kind::kFolder, folder)}},
                                   {tag::kStoreEntryId, Blob{StoreEntryId(store.name)}},
                                   {tag::kStoreRecordKey, Blob{store.uid}},
                                   {tag::kMappingSignature, Blob{store.names->signature()}},
                                   {tag::kObjectType, std::int32_t{abi::MAPI_MESSAGE}},
                                   {tag::kMessageStatus, KeptStatus(kept).value_or(0)},
                                   {tag::kMessageSize, SizeOf(head)},
                                   {tag::kHasAttach, attached},
                                   {tag::kDisplayTo, std::string()},
                                   {tag::kDisplayCc, std::string()},
                                   {tag::kCreationTime, FileTimeOf(created)},
                                   {tag::kLastModificationTime, FileTimeOf(changed)}})
    AddMissing(out, prop);
  for (Prop& prop : kept) AddMissing(out, std::move(prop));
  return out;
}

std::optional<std::int32_t> KeptStatus(const std::vector<Prop>& kept) {
  for (const Prop& prop : kept)
    if (const auto* raw = std::get_if<RawValue>(&prop.value); raw != nullptr && prop.tag == tag::kMessageStatus) {
      std::uint32_t status = 0;
      for (std::size_t i = std::min<std::size_t>(raw->bytes.size(), sizeof status); i-- > 0;)
        status = status << 8 | static_cast<unsigned char>(raw->bytes[i]);
      return static_cast<std::int32_t>(status);
    }
  return std::nullopt;
}

std::vector<FieldId> FieldsOfColumns(ItemType type, std::span<const PropTag> columns) {
  std::vector<FieldId> out;
  for (const PropTag column : columns) {
    const std::vector<FieldId> behind = FieldsBehind(type, column);
    out.insert(out.end(), behind.begin(), behind.end());
    if (IdOf(column) == IdOf(tag::kMessageSize))
      for (const Field& field : AllFields())
        if (field.type == FieldOwner(type)) out.push_back(field.id);
    if (IdOf(column) == IdOf(tag::kHasAttach))
      if (const FieldId count = field::AttachmentsOf(FieldOwner(type)).count; count != 0) out.push_back(count);
    if (type == ItemType::kAppointment) out.push_back(field::kAppointmentZone);
    if (!IsGiven(type, column) || IdOf(column) == IdOf(tag::kMessageStatus)) out.push_back(KeptField(type));
    for (const char* name : {"creation_date", "last_modified"})
      if (IdOf(column) == IdOf(tag::kCreationTime) || IdOf(column) == IdOf(tag::kLastModificationTime))
        if (const FieldId known = FieldCalled(type, name); known != 0) out.push_back(known);
  }
  std::sort(out.begin(), out.end());
  out.erase(std::unique(out.begin(), out.end()), out.end());
  return out;
}

}  // namespace outpost::mapi
