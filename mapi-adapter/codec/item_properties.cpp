#include "mapi-adapter/codec/item_properties.h"

#include <algorithm>

#include "mapi-adapter/codec/entry_ids.h"
#include "mapi-adapter/codec/prop_conversion.h"
#include "mapi-adapter/codec/tags.h"

namespace outpost::mapi {
namespace {

struct PropRow {
  FieldId field;
  ItemType type;
  std::uint16_t id;
  PropType prop_type;
};
constexpr PropRow kPropRows[] = {
#include "mapi/property_rows.inc"
};

constexpr std::int32_t kNormal = 1;        // PidTagImportance
constexpr std::int32_t kNotSensitive = 0;  // PidTagSensitivity
constexpr std::int32_t kSeenFlag = 1;      // PidTagMessageFlags
constexpr std::int32_t kContactIcon = 0x200, kListIcon = 0x202;
constexpr FieldId kContactSubject = 171, kContactClass = 167;

// The fields of one electronic address in their order, and its place in the lists of those a contact has.
struct MailNames {
  const char* mail;
  std::uint32_t display, type, original, entry;  // PidLidEmailN…
};
constexpr MailNames kMailNames[] = {{"email1", 0x8080, 0x8082, 0x8084, 0x8085},
                                    {"email2", 0x8090, 0x8092, 0x8094, 0x8095},
                                    {"email3", 0x80A0, 0x80A2, 0x80A4, 0x80A5}};
constexpr std::uint32_t kMailList = 0x8028, kMailArray = 0x8029;  // PidLidAddressBookProvider…

std::uint16_t AddressId(std::uint32_t number) { return IdOfName({PropSet::kAddress, number, {}}); }

bool IsContact(ItemType type) { return FieldOwner(type) == ItemType::kContact; }

const Value* At(const FieldMap& fields, FieldId id) {
  const auto at = fields.find(id);
  return at != fields.end() && !IsNull(at->second) ? &at->second : nullptr;
}
std::string TextIn(const FieldMap& fields, FieldId id) {
  const Value* value = At(fields, id);
  const auto* text = value != nullptr ? std::get_if<std::string>(value) : nullptr;
  return text != nullptr ? *text : std::string();
}

// Ids that say where an item is or what hangs at it: no values of fields, the provider has them.
bool IsOfStore(std::uint16_t id) {
  constexpr std::uint16_t kIds[] = {0x0FFF, 0x0E09, 0x3701, 0x0E12, 0x1009, 0x7FFF};
  return std::find(std::begin(kIds), std::end(kIds), id) != std::end(kIds);
}

// What is computed of each message by whoever stores it. Source: Microsoft's pages of these properties.
bool IsComputed(std::uint16_t id) {
  constexpr PropTag kTags[] = {
      tag::kDisplayBcc,      tag::kDisplayCc,      tag::kDisplayTo,     tag::kMessageFlags,
      tag::kMessageSize,     tag::kParentEntryId,  tag::kMessageStatus, tag::kHasAttach,
      tag::kAccess,          tag::kInstanceKey,    tag::kAccessLevel,   tag::kMappingSignature,
      tag::kRecordKey,       tag::kStoreRecordKey, tag::kStoreEntryId,  tag::kObjectType,
      tag::kEntryId,         tag::kCreationTime,   tag::kSearchKey,     tag::kLastModificationTime,
      tag::kRtfCompressed,   tag::kHtml,           tag::kRtfInSync,     tag::kMessageRecipients,
      tag::kStoreSupportMask};
  return std::any_of(std::begin(kTags), std::end(kTags), [id](PropTag tag) { return IdOf(tag) == id; });
}

class Properties {
 public:
  Properties(ItemType type, const FieldMap& head, const PropContext& context)
      : type_(type), head_(head), context_(context) {}

  std::vector<Prop> All() && {
    for (Prop& prop : ComputedProps(type_, head_, context_)) Add(prop.tag, std::move(prop.value));
    AddFields();
    if (IsContact(type_)) AddMails();
    AddUsual();
    return std::move(out_);
  }

 private:
  bool Has(std::uint16_t id) const {
    return std::any_of(out_.begin(), out_.end(), [id](const Prop& prop) { return IdOf(prop.tag) == id; });
  }
  void Add(std::uint16_t id, PropType type, PropValue value) {
    if (id != 0 && !Has(id)) out_.push_back({TagOf(id, type), std::move(value)});
  }
  void Add(PropTag tag, PropValue value) { Add(IdOf(tag), TypeOf(tag), std::move(value)); }

  void AddFields() {
    for (const PropRow& row : kPropRows) {
      if (row.type != FieldOwner(type_) || IsOfStore(row.id)) continue;
      const Value* value = At(head_, row.field);
      const Field* field = FindField(row.field);
      if (value == nullptr || field == nullptr || row.id == IdOf(tag::kMessageClass)) continue;
      if (auto made = ToProp(row.field, TagOf(row.id, row.prop_type), field->kind, *value))
        Add(row.id, row.prop_type, std::move(*made));
    }
  }

  // What Outlook wants of each address, and which of them there are.
  void AddMails() {
    std::vector<std::int32_t> list;
    std::int32_t bits = 0;
    const std::string name = TextIn(head_, field::kContactDisplayName);
    for (std::size_t i = 0; i < std::size(kMailNames); ++i) {
      const MailNames& names = kMailNames[i];
      const std::string mail = TextIn(head_, FindField(ItemType::kContact, names.mail)->id);
      if (mail.empty()) continue;
      list.push_back(static_cast<std::int32_t>(i));
      bits |= 1 << i;
      Add(AddressId(names.display), PropType::kUnicode, name.empty() ? mail : name + " (" + mail + ")");
      Add(AddressId(names.type), PropType::kUnicode, std::string("SMTP"));
      Add(AddressId(names.original), PropType::kUnicode, mail);
      Add(AddressId(names.entry), PropType::kBinary, Blob{Encode(OneOffId{name.empty() ? mail : name, "SMTP", mail})});
    }
    if (list.empty()) return;
    Add(AddressId(kMailList), PropType::kMvLong, std::move(list));
    Add(AddressId(kMailArray), PropType::kLong, bits);
  }

  void AddUsual() {
    const FieldId label = field::LabelOf(type_);
    const std::string name = label != 0 ? TextIn(head_, label) : std::string();
    std::string subject = IsContact(type_) ? TextIn(head_, kContactSubject) : std::string();
    if (subject.empty()) subject = name;
    Add(tag::kSubject, subject);
    Add(tag::kNormalizedSubject, subject);
    if (IsContact(type_)) Add(tag::kDisplayName, name);
    std::string message_class = IsContact(type_) ? TextIn(head_, kContactClass) : std::string();
    Add(tag::kMessageClass, message_class.empty() ? MessageClassOf(type_) : std::move(message_class));
    Add(tag::kImportance, kNormal);
    Add(tag::kSensitivity, kNotSensitive);
    Add(tag::kMessageFlags, kSeenFlag);
    if (IsContact(type_)) Add(tag::kIconIndex, type_ == ItemType::kList ? kListIcon : kContactIcon);
  }

  ItemType type_;
  const FieldMap& head_;
  const PropContext& context_;
  std::vector<Prop> out_;
};

const PropRow* RowOf(ItemType type, std::uint16_t id) {
  for (const PropRow& row : kPropRows)
    if (row.type == FieldOwner(type) && row.id == id) return &row;
  return nullptr;
}

}  // namespace

std::vector<Prop> PropsOf(ItemType type, const FieldMap& head, const PropContext& context) {
  return Properties(type, head, context).All();
}

std::optional<Prop> PropOf(ItemType type, const FieldMap& head, PropTag wanted, const PropContext& context) {
  for (Prop& prop : PropsOf(type, head, context)) {
    if (IdOf(prop.tag) != IdOf(wanted)) continue;
    const PropType asked = TypeOf(wanted);
    if (asked == PropType::kUnspecified || asked == TypeOf(prop.tag)) return std::move(prop);
    if (asked == PropType::kString8 && TypeOf(prop.tag) == PropType::kUnicode) return std::move(prop);
    return std::nullopt;
  }
  return std::nullopt;
}

std::vector<FieldId> FieldsBehind(ItemType type, PropTag wanted) {
  std::vector<FieldId> fields;
  if (const FieldId label = field::LabelOf(type); label != 0) fields.push_back(label);
  for (const PropRow& row : kPropRows)
    if (row.type == FieldOwner(type) && row.id == IdOf(wanted)) fields.push_back(row.field);
  const std::span<const FieldId> computed = FieldsOfComputed(type);
  fields.insert(fields.end(), computed.begin(), computed.end());
  if (IsContact(type)) {
    for (const FieldId field : {kContactSubject, kContactClass}) fields.push_back(field);
    for (const MailNames& names : kMailNames) fields.push_back(FindField(ItemType::kContact, names.mail)->id);
  }
  std::sort(fields.begin(), fields.end());
  fields.erase(std::unique(fields.begin(), fields.end()), fields.end());
  return fields;
}

FieldId FieldOfProp(ItemType type, PropTag tag) {
  if (type == ItemType::kMail && (IdOf(tag) == 0x0042 || IdOf(tag) == 0x0C1A)) return field::kMailFrom;
  const PropRow* row = IsOfStore(IdOf(tag)) ? nullptr : RowOf(type, IdOf(tag));
  return row != nullptr ? row->field : FieldId{0};
}

std::optional<Value> FieldValueOf(ItemType type, const Prop& prop) {
  const Field* field = FindField(FieldOfProp(type, prop.tag));
  if (field == nullptr) return std::nullopt;
  return FromProp(field->id, prop.tag, field->kind, prop.value);
}

PropEdit EditOfProps(ItemType type, std::span<const Prop> set, std::span<const PropTag> cleared, const FieldMap& head,
                     const PropContext& context) {
  PropEdit out;
  std::vector<Prop> others(set.begin(), set.end());
  std::vector<PropTag> others_cleared(cleared.begin(), cleared.end());
  TakeComputed(type, others, others_cleared, head, context, out);
  const auto row_of = [type](PropTag tag) -> const PropRow* {
    const PropRow* row = IsOfStore(IdOf(tag)) ? nullptr : RowOf(type, IdOf(tag));
    const Field* field = row != nullptr ? FindField(row->field) : nullptr;
    return field != nullptr && field->sync != Sync::kServer ? row : nullptr;
  };
  const bool mail = type == ItemType::kMail;  // whose fields are its source
  for (const Prop& prop : others) {
    const PropRow* row = mail ? nullptr : row_of(prop.tag);
    auto value = row != nullptr
                     ? FromProp(row->field, TagOf(row->id, row->prop_type), FindField(row->field)->kind, prop.value)
                     : std::nullopt;
    if (value)
      out.patch[row->field] = std::move(*value);
    else
      (IsGiven(type, prop.tag) ? out.rest : out.others).push_back(prop.tag);
  }
  for (const PropTag tag : others_cleared) {
    const PropRow* row = mail ? nullptr : row_of(tag);
    if (row != nullptr)
      out.patch[row->field] = Value();
    else
      (IsGiven(type, tag) ? out.rest : out.others).push_back(tag);
  }
  return out;
}

bool IsReadOnlyAnywhere(PropTag tag) {
  const std::uint16_t id = IdOf(tag);
  return IsComputed(id) && id != IdOf(tag::kHtml) && id != IdOf(tag::kRtfCompressed) && id != IdOf(tag::kMessageFlags);
}

bool IsGiven(ItemType type, PropTag tag) {
  const std::uint16_t id = IdOf(tag);
  if (IsOfStore(id) || IsComputed(id) || RowOf(type, id) != nullptr || FieldOfProp(type, tag) != 0) return true;
  constexpr PropTag kOfSource[] = {tag::kBody, tag::kNativeBody, tag::kInternetCodepage, tag::kTransportHeaders};
  if (type == ItemType::kMail)
    for (const PropTag of_source : kOfSource)
      if (IdOf(of_source) == id) return true;
  // A mail that has all that mails can have.
  static const FieldMap kMail{{field::kMailSubject, std::string("Re: a")},
                              {field::kMailFrom, std::vector<std::string>{"a@example.org"}},
                              {field::kMailAnswered, true}};
  const std::vector<Prop> all = PropsOf(type, type == ItemType::kMail ? kMail : FieldMap());
  return std::any_of(all.begin(), all.end(), [id](const Prop& prop) { return IdOf(prop.tag) == id; });
}

std::string MessageClassOf(ItemType type) {
  switch (type) {
    case ItemType::kContact:
      return "IPM.Contact";
    case ItemType::kList:
      return "IPM.DistList";
    case ItemType::kAppointment:
      return "IPM.Appointment";
    case ItemType::kTask:
      return "IPM.Task";
    default:
      return "IPM.Note";
  }
}

std::string ContainerClassOf(ItemType content) {
  switch (FieldOwner(content)) {
    case ItemType::kContact:
      return "IPF.Contact";
    case ItemType::kAppointment:
      return "IPF.Appointment";
    case ItemType::kTask:
      return "IPF.Task";
    default:
      return "IPF.Note";
  }
}

}  // namespace outpost::mapi
