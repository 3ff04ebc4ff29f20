#include "replicator/ox/columns.h"

#include <algorithm>

namespace outpost {
namespace {

struct Known {
  FieldId field;
  int column;
  std::string_view name;
};

// By ascending field id, as generated from fields.tsv.
constexpr Known kKnown[] = {
#include "schemas/ox_columns.inc"
};

ItemType FieldOwner(ItemType type) { return type == ItemType::kList ? ItemType::kContact : type; }

// Rights and kind of a folder come from the server only, but decide what may be done in it.
bool IsTold(const Field& field) {
  if (field.type != ItemType::kFolder) return field.sync == Sync::kBoth;
  switch (field.id) {
    case field::kFolderTitle:
    case field::kFolderModule:
    case field::kFolderType:
    case field::kFolderOwnRights:
    case field::kFolderStandard:
      return true;
    default:
      return field.name == "standard_folder_type";
  }
}

RowColumns Collect(ItemType type) {
  RowColumns columns;
  columns.list = std::to_string(kIdColumn) + "," + std::to_string(kFolderColumn) + "," + std::to_string(kVersionColumn);
  for (const Known& known : kKnown) {
    const Field* field = FindField(known.field);
    if (field == nullptr || field->type != type || known.field == field::FolderOf(type) || !IsTold(*field)) continue;
    if (field->kind == FieldKind::kBytes || field->kind == FieldKind::kId) continue;
    columns.fields.push_back({known.field, known.column, known.name, field->kind});
    columns.list += "," + std::to_string(known.column);
  }
  return columns;
}

}  // namespace

const RowColumns* ColumnsOf(ItemType type) {
  static const RowColumns folders = Collect(ItemType::kFolder);
  static const RowColumns contacts = Collect(ItemType::kContact);
  switch (type) {
    case ItemType::kFolder:
      return &folders;
    case ItemType::kContact:
    case ItemType::kList:
      return &contacts;
    default:
      return nullptr;
  }
}

const char* ModuleOf(ItemType type) {
  return type == ItemType::kContact || type == ItemType::kList ? "contacts" : nullptr;
}

ItemType TypeOfModule(std::string_view module) { return module == "contacts" ? ItemType::kContact : ItemType::kNone; }

FieldId FieldOfColumn(ItemType type, std::int64_t column) {
  for (const Known& known : kKnown) {
    if (known.column != column) continue;
    const Field* field = FindField(known.field);
    if (field != nullptr && field->type == FieldOwner(type)) return known.field;
  }
  return 0;
}

FieldId FieldOfName(ItemType type, std::string_view name) {
  for (const Known& known : kKnown) {
    if (known.name != name) continue;
    const Field* field = FindField(known.field);
    if (field != nullptr && field->type == FieldOwner(type)) return known.field;
  }
  return 0;
}

const OxColumn* WrittenAs(ItemType type, FieldId field) {
  const RowColumns* columns = type == ItemType::kFolder ? nullptr : ColumnsOf(type);
  if (columns == nullptr) return nullptr;
  const auto at = std::lower_bound(columns->fields.begin(), columns->fields.end(), field,
                                   [](const OxColumn& column, FieldId wanted) { return column.field < wanted; });
  return at != columns->fields.end() && at->field == field ? &*at : nullptr;
}

}  // namespace outpost
