#include "schemas/fields.h"

#include <algorithm>
#include <array>

namespace outpost {
namespace {

constexpr Field kFields[] = {
#include "schemas/fields_table.inc"
};

struct TypeName {
  ItemType type;
  const char* name;
};
constexpr TypeName kTypeNames[] = {{ItemType::kFolder, "folder"}, {ItemType::kContact, "contact"},
                                   {ItemType::kList, "list"},     {ItemType::kAppointment, "appointment"},
                                   {ItemType::kTask, "task"},     {ItemType::kMail, "mail"},
                                   {ItemType::kPerson, "person"}, {ItemType::kAttachment, "attachment"},
                                   {ItemType::kRule, "rule"},     {ItemType::kSignature, "signature"}};

struct Known {
  ItemType type;
  FieldId folder;
  FieldId uid;
  FieldId label;
};
constexpr Known kKnown[] = {
    {ItemType::kFolder, field::kFolderParent, 0, field::kFolderTitle},
    {ItemType::kContact, field::kContactFolder, field::kContactUid, field::kContactDisplayName},
    {ItemType::kTask, field::kTaskFolder, field::kTaskUid, field::kTaskTitle},
    {ItemType::kAppointment, field::kAppointmentFolder, field::kAppointmentUid, field::kAppointmentTitle},
    {ItemType::kMail, field::kMailFolder, field::kMailMessageId, field::kMailSubject},
    {ItemType::kPerson, 0, 0, field::kPersonDisplayName},
    {ItemType::kAttachment, field::kAttachmentParent, 0, field::kAttachmentName},
    {ItemType::kRule, field::kRuleFolder, 0, field::kRuleName},
    {ItemType::kSignature, field::kSignatureFolder, 0, field::kSignatureName},
};

Known KnownOf(ItemType type) {
  for (const Known& known : kKnown)
    if (known.type == FieldOwner(type)) return known;
  return {};
}

}  // namespace

const char* ItemTypeName(ItemType type) {
  for (const auto& entry : kTypeNames)
    if (entry.type == type) return entry.name;
  return "none";
}

std::optional<ItemType> ItemTypeFromName(std::string_view name) {
  for (const auto& entry : kTypeNames)
    if (entry.name == name) return entry.type;
  return std::nullopt;
}

ItemType FieldOwner(ItemType type) { return type == ItemType::kList ? ItemType::kContact : type; }

std::span<const Field> AllFields() { return kFields; }

const Field* FindField(FieldId id) {
  const auto* found = std::lower_bound(std::begin(kFields), std::end(kFields), id,
                                       [](const Field& field, FieldId wanted) { return field.id < wanted; });
  return found != std::end(kFields) && found->id == id ? found : nullptr;
}

const Field* FindField(ItemType type, std::string_view name) {
  for (const Field& field : kFields)
    if (field.type == FieldOwner(type) && field.name == name) return &field;
  return nullptr;
}

std::string_view GroupName(GroupId group) {
  if (group == kExistence) return "existence";
  const Field* field = FindField(group);
  return field != nullptr ? field->group_name : "unknown";
}

std::optional<GroupId> FindGroup(ItemType type, std::string_view name) {
  if (name == "existence") return kExistence;
  for (const Field& field : kFields)
    if (field.type == FieldOwner(type) && field.group != 0 && field.group_name == name) return field.group;
  return std::nullopt;
}

std::vector<GroupId> GroupsOf(const FieldMap& patch) {
  std::vector<GroupId> groups;
  for (const auto& [id, value] : patch) {
    const Field* field = FindField(id);
    if (field != nullptr && field->sync == Sync::kBoth) groups.push_back(field->group);
  }
  std::sort(groups.begin(), groups.end());
  groups.erase(std::unique(groups.begin(), groups.end()), groups.end());
  return groups;
}

namespace field {

FieldId FolderOf(ItemType type) { return KnownOf(type).folder; }
FieldId UidOf(ItemType type) { return KnownOf(type).uid; }
std::span<const FieldId> IdentityOf(ItemType type) {
  static constexpr FieldId kMail[] = {kMailMessageId, kMailSize, kMailSent, kMailSubject};
  return type == ItemType::kMail ? std::span<const FieldId>(kMail) : std::span<const FieldId>();
}
const SourceFields* SourceOf(ItemType type) {
  static constexpr SourceFields kMail{kMailSource, kMailSourceWanted, kMailReceived, kMailSize};
  static constexpr SourceFields kAttachment{kAttachmentContent, kAttachmentWanted, 0, kAttachmentSize};
  if (type == ItemType::kAttachment) return &kAttachment;
  return type == ItemType::kMail ? &kMail : nullptr;
}
AttachmentFields AttachmentsOf(ItemType type) {
  switch (FieldOwner(type)) {
    case ItemType::kContact:
      return {kContactAttachments, kContactNewestAttachment};
    case ItemType::kTask:
      return {kTaskAttachments, kTaskNewestAttachment};
    case ItemType::kAppointment:
      return {kAppointmentAttachments, kAppointmentNewestAttachment};
    default:
      return {};
  }
}
AnswerFields AnswerOf(ItemType type) {
  if (type == ItemType::kTask) return {kTaskAnswer, kTaskAnswerMessage, kTaskUsers};
  if (type == ItemType::kAppointment) return {kAppointmentAnswer, kAppointmentAnswerMessage, kAppointmentUsers};
  return {};
}
FieldId LabelOf(ItemType type) { return KnownOf(type).label; }

}  // namespace field
}  // namespace outpost
