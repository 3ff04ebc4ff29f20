#include "projection/columns.h"

#include <algorithm>
#include <array>
#include <string>

#include "base/check.h"
#include "projection/nearest.h"

namespace outpost {
namespace {

constexpr std::array<Column, 5> kOfAll{Column{column::kId, "id", FieldKind::kId},
                                       {column::kType, "type", FieldKind::kText},
                                       {column::kState, "state", FieldKind::kText},
                                       {column::kRemoteId, "remote_id", FieldKind::kText},
                                       {column::kSequence, "seq", FieldKind::kInt}};

}  // namespace

std::optional<Column> ColumnOf(ColumnId id) {
  for (const Column& known : kOfAll)
    if (known.id == id) return known;
  const Field* field = FindField(id);
  return field != nullptr ? std::optional(Column{field->id, field->name, field->kind}) : std::nullopt;
}

Result<Column> FindColumn(ItemType content, std::string_view name) {
  if (name == "label" && field::LabelOf(content) != 0) return *ColumnOf(field::LabelOf(content));
  if (const Field* field = FindField(content, name)) return Column{field->id, field->name, field->kind};
  for (const Column& known : kOfAll)
    if (known.name == name) return known;
  std::vector<std::string_view> names;
  for (const Field& field : AllFields())
    if (field.type == FieldOwner(content)) names.push_back(field.name);
  for (const Column& known : kOfAll) names.push_back(known.name);
  return Error{Code::kInvalid, Retry::kNever,
               std::string("a ") + ItemTypeName(content) + " has no column \"" + std::string(name) +
                   "\"; the nearest are " + NearestNames(name, names)};
}

RowReader::RowReader(std::vector<ColumnId> columns)
    : columns_(std::move(columns)),
      fields_(static_cast<std::size_t>(std::lower_bound(columns_.begin(), columns_.end(), column::kFirst) -
                                       columns_.begin())) {
  glance_.values.resize(columns_.size());
}

std::size_t RowReader::IndexOf(ColumnId column) const {
  const auto at = std::lower_bound(columns_.begin(), columns_.end(), column);
  OUTPOST_CHECK(at != columns_.end() && *at == column);
  return static_cast<std::size_t>(at - columns_.begin());
}

Result<void> RowReader::Read(const ItemId& id, std::string_view row) {
  OUTPOST_TRYV(GlanceAtItem(id, row, std::span(columns_).first(fields_), glance_));
  for (std::size_t i = fields_; i < columns_.size(); ++i) {
    Value& value = glance_.values[i];
    switch (columns_[i]) {
      case column::kId:
        value = id;
        break;
      case column::kType:
        value = std::string(ItemTypeName(glance_.type));
        break;
      case column::kState:
        value = std::string(glance_.state);
        break;
      case column::kRemoteId:
        value = glance_.remote_id;
        break;
      default:
        value = static_cast<std::int64_t>(glance_.head_seq);
    }
  }
  return Ok();
}

}  // namespace outpost
