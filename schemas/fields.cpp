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
                                   {ItemType::kTask, "task"},     {ItemType::kMail, "mail"}};

// Lists have the fields of contacts.
ItemType FieldOwner(ItemType type) { return type == ItemType::kList ? ItemType::kContact : type; }

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

FieldId FolderOf(ItemType type) {
  switch (type) {
    case ItemType::kFolder:
      return kFolderParent;
    case ItemType::kContact:
    case ItemType::kList:
      return kContactFolder;
    default:
      return 0;
  }
}

FieldId UidOf(ItemType type) {
  return type == ItemType::kContact || type == ItemType::kList ? kContactUid : FieldId{0};
}

FieldId LabelOf(ItemType type) {
  switch (type) {
    case ItemType::kFolder:
      return kFolderTitle;
    case ItemType::kContact:
    case ItemType::kList:
      return kContactDisplayName;
    default:
      return 0;
  }
}

}  // namespace field
}  // namespace outpost
