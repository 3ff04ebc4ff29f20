#include "mapi-adapter/codec/item_properties.h"

#include <algorithm>

#include "mapi-adapter/codec/entry_ids.h"
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

constexpr std::int64_t kMsPerDayHere = 86'400'000;
constexpr std::int32_t kNormal = 1;                                   // PidTagImportance
constexpr std::int32_t kPublic = 0, kPrivate = 2, kConfidential = 3;  // PidTagSensitivity
constexpr std::int32_t kSeenFlag = 1;                                 // PidTagMessageFlags
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

// Lines end as Outlook ends them, and back.
std::string WithCrLf(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\n' && (i == 0 || text[i - 1] != '\r')) out.push_back('\r');
    out.push_back(text[i]);
  }
  return out;
}
std::string WithLf(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i)
    if (text[i] != '\r' || i + 1 == text.size() || text[i + 1] != '\n') out.push_back(text[i]);
  return out;
}

// A value as a property of that type; nullopt where the two do not go together.
std::optional<PropValue> ToProp(const PropRow& row, FieldKind kind, const Value& value) {
  const auto* text = std::get_if<std::string>(&value);
  const auto* number = std::get_if<std::int64_t>(&value);
  const auto* truth = std::get_if<bool>(&value);
  if (row.id == IdOf(tag::kSensitivity) && truth != nullptr) return *truth ? kPrivate : kPublic;
  if (row.prop_type == PropType::kUnicode && kind == FieldKind::kText && text != nullptr)
    return row.id == IdOf(tag::kBody) ? WithCrLf(*text) : *text;
  if (row.prop_type == PropType::kLong && kind == FieldKind::kInt && number != nullptr)
    return static_cast<std::int32_t>(std::clamp<std::int64_t>(*number, INT32_MIN, INT32_MAX));
  if (row.prop_type == PropType::kBoolean && kind == FieldKind::kBool && truth != nullptr) return *truth;
  if (row.prop_type == PropType::kBoolean && kind == FieldKind::kInt && number != nullptr) return *number != 0;
  const bool moment = kind == FieldKind::kDate || kind == FieldKind::kTime;
  if (row.prop_type == PropType::kSysTime && moment && number != nullptr) return FileTimeOf(*number);
  if (row.prop_type == PropType::kMvUnicode && kind == FieldKind::kTexts)
    if (const auto* texts = std::get_if<std::vector<std::string>>(&value); texts != nullptr && !texts->empty())
      return *texts;
  if (row.prop_type == PropType::kBinary && kind == FieldKind::kBytes)
    if (const auto* bytes = std::get_if<Blob>(&value)) return *bytes;
  return std::nullopt;
}

// And back; nullopt where it is no value of the field's.
std::optional<Value> FromProp(const PropRow& row, FieldKind kind, const PropValue& value) {
  const auto* text = std::get_if<std::string>(&value);
  const auto* number = std::get_if<std::int32_t>(&value);
  if (row.id == IdOf(tag::kSensitivity) && kind == FieldKind::kBool && number != nullptr)
    return *number == kPrivate || *number == kConfidential;
  if (row.prop_type == PropType::kUnicode && kind == FieldKind::kText && text != nullptr)
    return text->empty() ? Value() : Value(row.id == IdOf(tag::kBody) ? WithLf(*text) : *text);
  if (row.prop_type == PropType::kLong && kind == FieldKind::kInt && number != nullptr) return std::int64_t{*number};
  if (row.prop_type == PropType::kBoolean && kind == FieldKind::kBool)
    if (const auto* truth = std::get_if<bool>(&value)) return *truth;
  if (row.prop_type == PropType::kSysTime)
    if (const auto* moment = std::get_if<FileTime>(&value)) {
      const std::int64_t ms = MsOf(*moment);
      if (kind == FieldKind::kTime) return ms;
      // Midnight of the day that it is nearest to: older Outlooks write midnight by their own clock.
      const std::int64_t day = ms + kMsPerDayHere / 2;
      if (kind == FieldKind::kDate) return day - ((day % kMsPerDayHere) + kMsPerDayHere) % kMsPerDayHere;
    }
  if (row.prop_type == PropType::kMvUnicode && kind == FieldKind::kTexts)
    if (const auto* texts = std::get_if<std::vector<std::string>>(&value))
      return texts->empty() ? Value() : Value(*texts);
  if (row.prop_type == PropType::kBinary && kind == FieldKind::kBytes)
    if (const auto* bytes = std::get_if<Blob>(&value)) return bytes->bytes.empty() ? Value() : Value(*bytes);
  return std::nullopt;
}

// Ids that say where an item is or what hangs at it: no values of fields, the provider has them.
bool IsOfStore(std::uint16_t id) {
  constexpr std::uint16_t kIds[] = {0x0FFF, 0x0E09, 0x3701, 0x0E12, 0x1009, 0x7FFF};
  return std::find(std::begin(kIds), std::end(kIds), id) != std::end(kIds);
}

class Properties {
 public:
  Properties(ItemType type, const FieldMap& head) : type_(type), head_(head) {}

  std::vector<Prop> All() && {
    if (IsContact(type_)) {
      AddFields();
      AddMails();
    }
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
      if (auto made = ToProp(row, field->kind, *value)) Add(row.id, row.prop_type, std::move(*made));
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
    Add(tag::kSensitivity, kPublic);
    Add(tag::kMessageFlags, kSeenFlag);
    if (IsContact(type_)) Add(tag::kIconIndex, type_ == ItemType::kList ? kListIcon : kContactIcon);
  }

  ItemType type_;
  const FieldMap& head_;
  std::vector<Prop> out_;
};

const PropRow* RowOf(ItemType type, std::uint16_t id) {
  for (const PropRow& row : kPropRows)
    if (row.type == FieldOwner(type) && row.id == id) return &row;
  return nullptr;
}

}  // namespace

std::vector<Prop> PropsOf(ItemType type, const FieldMap& head) { return Properties(type, head).All(); }

std::optional<Prop> PropOf(ItemType type, const FieldMap& head, PropTag wanted) {
  for (Prop& prop : PropsOf(type, head)) {
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
  if (!IsContact(type)) return fields;
  for (const PropRow& row : kPropRows)
    if (row.type == ItemType::kContact && row.id == IdOf(wanted)) fields.push_back(row.field);
  for (const FieldId field : {kContactSubject, kContactClass}) fields.push_back(field);
  for (const MailNames& names : kMailNames) fields.push_back(FindField(ItemType::kContact, names.mail)->id);
  std::sort(fields.begin(), fields.end());
  fields.erase(std::unique(fields.begin(), fields.end()), fields.end());
  return fields;
}

FieldId FieldOfProp(ItemType type, PropTag tag) {
  const PropRow* row = IsContact(type) && !IsOfStore(IdOf(tag)) ? RowOf(type, IdOf(tag)) : nullptr;
  return row != nullptr ? row->field : FieldId{0};
}

PropEdit EditOfProps(ItemType type, std::span<const Prop> set, std::span<const PropTag> cleared) {
  PropEdit out;
  const auto row_of = [type](PropTag tag) -> const PropRow* {
    const PropRow* row = IsContact(type) && !IsOfStore(IdOf(tag)) ? RowOf(type, IdOf(tag)) : nullptr;
    const Field* field = row != nullptr ? FindField(row->field) : nullptr;
    return field != nullptr && field->sync != Sync::kServer ? row : nullptr;
  };
  for (const Prop& prop : set) {
    const PropRow* row = row_of(prop.tag);
    auto value = row != nullptr ? FromProp(*row, FindField(row->field)->kind, prop.value) : std::nullopt;
    if (value)
      out.patch[row->field] = std::move(*value);
    else
      out.rest.push_back(prop.tag);
  }
  for (const PropTag tag : cleared) {
    const PropRow* row = row_of(tag);
    if (row != nullptr)
      out.patch[row->field] = Value();
    else
      out.rest.push_back(tag);
  }
  return out;
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
