#include "replicator/ox/columns.h"

#include <algorithm>
#include <map>

#include "replicator/ox/kinds.h"

namespace outpost {
namespace {

struct Known {
  FieldId field;
  int column;
  std::string_view name;
  std::string_view type;
};

// By ascending field id, as generated from fields.tsv.
constexpr Known kKnown[] = {
#include "schemas/ox_columns.inc"
};

struct NamedShape {
  std::string_view type;
  OxShape shape;
};
constexpr NamedShape kShapes[] = {{"String of digits", OxShape::kDigits},
                                  {"Number, 0 for none", OxShape::kZeroIsNone},
                                  {"Number, -1 for none", OxShape::kMinusOneIsNone},
                                  {"Dates", OxShape::kDates},
                                  {"Permissions", OxShape::kPermissions},
                                  {"Participants", OxShape::kParticipants},
                                  {"Members", OxShape::kMembers},
                                  {"Users", OxShape::kUsers},
                                  {"Confirmations", OxShape::kConfirmations}};

OxShape ShapeOf(std::string_view type) {
  for (const NamedShape& named : kShapes)
    if (named.type == type) return named.shape;
  return OxShape::kPlain;
}

// Rights and kind of a folder come from the server only, but decide what may be done in it.
constexpr FieldId kFolderTold[] = {field::kFolderTitle,       field::kFolderModule,      field::kFolderType,
                                   field::kFolderOwnRights,   field::kFolderPermissions, field::kFolderStandard,
                                   field::kFolderStandardType};

bool IsTold(const Field& field) {
  if (field.type == ItemType::kFolder) return std::ranges::count(kFolderTold, field.id) > 0;
  return field.sync == Sync::kBoth || std::ranges::count(KindOf(field.type)->told, field.id) > 0;
}

RowColumns Collect(ItemType type) {
  RowColumns columns;
  columns.list = std::to_string(kIdColumn) + "," + std::to_string(kFolderColumn) + "," + std::to_string(kVersionColumn);
  for (const Known& known : kKnown) {
    const Field* field = FindField(known.field);
    if (field == nullptr || field->type != type || known.field == field::FolderOf(type) || !IsTold(*field)) continue;
    if (field->kind == FieldKind::kBytes || field->kind == FieldKind::kId) continue;
    columns.fields.push_back({known.field, known.column, known.name, field->kind, ShapeOf(known.type)});
    columns.list += "," + std::to_string(known.column);
  }
  return columns;
}

}  // namespace

const RowColumns* ColumnsOf(ItemType type) {
  static const auto all = [] {
    std::map<ItemType, RowColumns> by_type{{ItemType::kFolder, Collect(ItemType::kFolder)}};
    for (const OxKind& kind : AllKinds())
      if (!kind.is_mail && !kind.is_setting) by_type.emplace(kind.type, Collect(kind.type));
    return by_type;
  }();
  const auto found = all.find(FieldOwner(type));
  return found != all.end() ? &found->second : nullptr;
}

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
  if (at == columns->fields.end() || at->field != field || FindField(field)->sync != Sync::kBoth) return nullptr;
  return &*at;
}

}  // namespace outpost
