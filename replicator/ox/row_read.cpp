#include "replicator/ox/row_read.h"

#include <algorithm>
#include <utility>

#include "replicator/ox/cells.h"
#include "replicator/ox/columns.h"
#include "replicator/ox/kinds.h"
#include "replicator/ox/members_read.h"
#include "replicator/ox/participants_read.h"
#include "replicator/ox/permissions_read.h"
#include "replicator/ox/series.h"
#include "replicator/ox/series_read.h"

namespace outpost {
namespace {

// Fields that a usual contact has: room for them at once.
constexpr std::size_t kUsualFields = 24;

bool ReadIdOrNull(od::value& cell, std::string& out) {
  const auto token = TokenOf(cell);
  return IsNullToken(token) || ReadText(token, out);
}

bool ReadLeadCell(std::size_t index, od::value& cell, RemoteRow& row) {
  switch (index) {
    case 0:
      return ReadId(cell, row.remote_id);
    case 1:
      return ReadIdOrNull(cell, row.folder);
    default:
      // Mail folders have no stamps.
      return (row.type == ItemType::kFolder && IsNullToken(TokenOf(cell))) || ReadInt(TokenOf(cell), row.version);
  }
}

bool ReadShape(const OxColumn& column, std::string_view token, od::value& cell, Value& value) {
  switch (column.shape) {
    case OxShape::kPermissions:
      return ReadPermissions(cell, value);
    case OxShape::kParticipants:
      return ReadParticipants(cell, value);
    case OxShape::kMembers:
      return ReadMembers(cell, value);
    case OxShape::kUsers:
      return ReadUsers(cell, value);
    case OxShape::kConfirmations:
      return ReadConfirmations(cell, value);
    case OxShape::kDates:
      return ReadDates(cell, value);
    case OxShape::kZeroIsNone:
    case OxShape::kMinusOneIsNone:
      if (!ReadValue(token, column.kind, value)) return false;
      if (value == Value(std::int64_t{column.shape == OxShape::kZeroIsNone ? 0 : -1})) value = {};
      return true;
    case OxShape::kPlain:
    case OxShape::kDigits:
      return ReadValue(token, column.kind, value);
  }
  return false;
}

bool ReadFieldCell(const OxColumn& column, od::value& cell, RemoteRow& row) {
  const auto token = TokenOf(cell);
  if (IsNullToken(token)) return true;
  Value value;
  if (!ReadShape(column, token, cell, value))
    return row.type == ItemType::kFolder;  // mail folders say some things in other shapes
  if (!IsNull(value)) row.fields.emplace_hint(row.fields.end(), column.field, std::move(value));
  return true;
}

bool ReadRow(od::array cells, const RowColumns& columns, RemoteRow& row) {
  const std::size_t expected = kLeadCells + columns.fields.size();
  row.fields.reserve(std::min(kUsualFields, columns.fields.size()));
  std::size_t index = 0;
  for (auto each : cells) {
    od::value cell;
    if (each.get(cell) || index >= expected) return false;
    if (!(index < kLeadCells ? ReadLeadCell(index, cell, row)
                             : ReadFieldCell(columns.fields[index - kLeadCells], cell, row)))
      return false;
    ++index;
  }
  return index == expected;
}

// id, version, uid; of kinds with series also the id of the series and the day in it.
bool ReadHead(od::array cells, bool has_series, RemoteHead& head) {
  std::size_t index = 0;
  std::string series;
  std::int64_t day = 0;
  bool has_day = false;
  for (auto each : cells) {
    od::value cell;
    if (each.get(cell)) return false;
    bool fits = false;
    switch (index++) {
      case 0:
        fits = ReadId(cell, head.remote_id);
        break;
      case 1:
        fits = ReadInt(TokenOf(cell), head.version);
        break;
      case 2:
        fits = ReadIdOrNull(cell, head.uid);
        break;
      case 3:
        fits = has_series && ReadIdOrNull(cell, series);
        break;
      case 4:
        has_day = !IsNullToken(TokenOf(cell));
        fits = has_series && (!has_day || ReadInt(TokenOf(cell), day));
        break;
      default:
        break;
    }
    if (!fits) return false;
  }
  if (has_day && !series.empty() && series != head.remote_id) head.uid = UidOfException(head.uid, day);
  return index == (has_series ? 5 : 3);
}

// The stamp of a photo is there with it, and only then.
void SettlePhoto(RemoteRow& row) {
  if (!row.fields.contains(field::kContactPhotos))
    row.fields.erase(field::kContactPhotoStamp);
  else if (!row.fields.contains(field::kContactPhotoStamp))
    row.fields[field::kContactPhotoStamp] = row.version;
}

bool IsList(const RemoteRow& row) {
  const auto at = row.fields.find(field::kContactIsList);
  return at != row.fields.end() && at->second == Value(true);
}

// What a folder holds, and the tops of the tree, go on in the engine's own words.
bool IsWanted(RemoteRow& row, const RowsWanted& wanted) {
  if (row.type != ItemType::kFolder) return true;
  if (row.folder == kPrivateRootId)
    row.folder = kRemotePrivateRoot;
  else if (row.folder == kPublicRootId)
    row.folder = kRemotePublicRoot;
  const auto module = row.fields.find(field::kFolderModule);
  if (module == row.fields.end()) return false;
  auto* name = std::get_if<std::string>(&module->second);
  if (name == nullptr) return false;
  const OxKind* content = KindOfModule(*name);
  const bool wanted_module = wanted.modules == nullptr ||
                             std::find(wanted.modules->begin(), wanted.modules->end(), *name) != wanted.modules->end();
  if (content == nullptr || !wanted_module) return false;
  // The root of a mail account holds folders only.
  const bool root = content->is_mail && row.remote_id.find('/') == std::string::npos;
  *name = root ? "none" : ItemTypeName(content->type);
  return true;
}

}  // namespace

bool ReadId(od::value& cell, std::string& out) {
  const auto token = TokenOf(cell);
  return !IsNullToken(token) && ReadText(token, out) && !out.empty();
}

bool ReadRows(od::value data, const RowsWanted& wanted, Answer& answer) {
  const RowColumns& columns = *ColumnsOf(wanted.type);
  const OxKind* kind = KindOf(wanted.type);
  od::array rows;
  if (data.get_array().get(rows)) return false;
  for (auto each : rows) {
    od::value value;
    if (each.get(value)) return false;
    od::array cells;
    if (value.get_array().get(cells) == simdjson::SUCCESS) {
      RemoteRow row;
      row.type = wanted.type;
      if (!ReadRow(cells, columns, row)) return false;
      if (kind != nullptr && kind->has_series) SettlePlace(row);
      if (row.type == ItemType::kContact) SettlePhoto(row);
      if (row.type == ItemType::kContact && IsList(row)) row.type = ItemType::kList;
      if (row.folder.empty() && wanted.folder != nullptr) row.folder = *wanted.folder;
      if (IsWanted(row, wanted)) answer.rows.push_back(std::move(row));
      continue;
    }
    std::string id;
    if (wanted.scalars == Scalars::kNone || !ReadId(value, id)) return false;
    answer.deleted.push_back(std::move(id));
  }
  return true;
}

bool ReadVisible(od::value data, const RowsWanted& wanted, Answer& answer) {
  od::object kinds;
  if (data.get_object().get(kinds)) return false;
  for (auto kind : kinds) {
    od::value rows;
    if (kind.value().get(rows)) return false;
    if (IsNullToken(TokenOf(rows))) continue;
    if (!ReadRows(rows, wanted, answer)) return false;
  }
  return true;
}

bool ReadChangedHeads(od::value data, Answer& answer) {
  od::array rows;
  if (data.get_array().get(rows)) return false;
  for (auto each : rows) {
    od::value value;
    if (each.get(value)) return false;
    od::array cells;
    if (value.get_array().get(cells)) {
      std::string id;
      if (!ReadId(value, id)) return false;
      answer.deleted.push_back(std::move(id));
      continue;
    }
    RemoteHead head;
    std::size_t index = 0;
    for (auto cell : cells) {
      od::value one;
      if (cell.get(one)) return false;
      if (index == 0 ? !ReadId(one, head.remote_id) : index > 1 || !ReadInt(TokenOf(one), head.version)) return false;
      ++index;
    }
    if (index != 2) return false;
    answer.heads.push_back(std::move(head));
  }
  return true;
}

bool ReadHeads(od::value data, ItemType type, Answer& answer) {
  const bool has_series = KindOf(type)->has_series;
  od::array rows;
  if (data.get_array().get(rows)) return false;
  for (auto each : rows) {
    od::array cells;
    RemoteHead head;
    if (each.get_array().get(cells) || !ReadHead(cells, has_series, head)) return false;
    answer.cursor = std::max(answer.cursor, head.version);
    answer.heads.push_back(std::move(head));
  }
  return true;
}

}  // namespace outpost
