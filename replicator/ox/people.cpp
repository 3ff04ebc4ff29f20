#include "replicator/ox/people.h"

#include <algorithm>
#include <tuple>
#include <utility>

#include "replicator/ox/cells.h"
#include "replicator/ox/people_read.h"
#include "replicator/ox/row_read.h"
#include "schemas/busy.h"

namespace outpost {
namespace {

enum class CellKind { kText, kTexts, kGroups };
struct UserColumn {
  int column;
  FieldId field;
  CellKind kind = CellKind::kText;
};
// In the module of users 610 and up are others than of contacts. Behind the id and the version.
constexpr UserColumn kUserColumns[] = {{500, field::kPersonDisplayName},
                                       {501, field::kPersonFirstName},
                                       {502, field::kPersonLastName},
                                       {555, field::kPersonMail},
                                       {569, field::kPersonCompany},
                                       {519, field::kPersonDepartment},
                                       {520, field::kPersonPosition},
                                       {542, field::kPersonTelephone},
                                       {551, field::kPersonCellular},
                                       {610, field::kPersonAliases, CellKind::kTexts},
                                       {613, field::kPersonGroups, CellKind::kGroups},
                                       {614, field::kPersonContact},
                                       {615, field::kPersonName}};
constexpr std::size_t kUserLead = 2;

bool PutText(std::string_view token, FieldId field, RemoteRow& row) {
  Value value;
  if (!ReadValue(token, FieldKind::kText, value)) return false;
  if (!IsNull(value)) row.fields[field] = std::move(value);
  return true;
}

// An array of ids or texts, each with `before` in front.
bool PutTexts(od::value& cell, FieldId field, std::string_view before, RemoteRow& row) {
  if (IsNullToken(TokenOf(cell))) return true;
  od::array each;
  if (cell.get_array().get(each)) return false;
  std::vector<std::string> texts;
  for (auto element : each) {
    od::value value;
    std::string text;
    if (element.get(value) || !ReadText(TokenOf(value), text)) return false;
    if (!text.empty()) texts.push_back(std::string(before) + text);
  }
  if (!texts.empty()) row.fields[field] = std::move(texts);
  return true;
}

std::string RemoteIdOf(PersonKind kind, std::string_view id) {
  return std::string(PersonKindName(kind)) + ":" + std::string(id);
}

RemoteRow RowOf(PersonKind kind) {
  RemoteRow row;
  row.type = ItemType::kPerson;
  row.fields[field::kPersonKind] = std::string(PersonKindName(kind));
  return row;
}

bool ReadUserRow(od::array cells, RemoteRow& row) {
  std::size_t index = 0;
  std::string id;
  for (auto each : cells) {
    od::value cell;
    if (each.get(cell) || index >= kUserLead + std::size(kUserColumns)) return false;
    if (index == 0) {
      if (!ReadId(cell, id)) return false;
    } else if (index == 1) {
      if (!IsNullToken(TokenOf(cell)) && !ReadInt(TokenOf(cell), row.version)) return false;
    } else {
      const UserColumn& column = kUserColumns[index - kUserLead];
      const bool fits = column.kind == CellKind::kText
                            ? PutText(TokenOf(cell), column.field, row)
                            : PutTexts(cell, column.field, column.kind == CellKind::kGroups ? "group:" : "", row);
      if (!fits) return false;
    }
    ++index;
  }
  row.remote_id = RemoteIdOf(PersonKind::kUser, id);
  return index == kUserLead + std::size(kUserColumns);
}

// A group or a resource; servers write some of its numbers as texts.
bool ReadPersonObject(od::value data, PersonKind kind, RemoteRow& row) {
  std::string id;
  const bool whole = EachMember(data, [&](std::string_view key, od::value value) {
    const std::string_view token = TokenOf(value);
    if (key == "id") return ReadId(value, id);
    if (key == "last_modified_utc") return IsNullToken(token) || ReadInt(token, row.version);
    if (key == "display_name") return PutText(token, field::kPersonDisplayName, row);
    if (key == "name") return PutText(token, field::kPersonName, row);
    if (key == "mailaddress") return PutText(token, field::kPersonMail, row);
    if (key == "description") return PutText(token, field::kPersonDescription, row);
    if (key == "members") return PutTexts(value, field::kPersonMembers, "user:", row);
    if (key == "availability" && !IsNullToken(token)) {
      bool available = true;
      if (!ReadBool(token, available)) return false;
      row.fields[field::kPersonAvailable] = available;
    }
    return true;
  });
  row.remote_id = RemoteIdOf(kind, id);
  return whole && !id.empty();
}

// One appointment of an answer to freebusy; false where it does not say when it is. Servers write numbers as texts.
bool ReadBusyTime(od::value data, BusyTime& time) {
  std::int64_t from = 0, until = 0, shown = 1;
  bool has_from = false, has_until = false;
  const bool whole = EachMember(data, [&](std::string_view key, od::value value) {
    const std::string_view token = TokenOf(value);
    if (IsNullToken(token)) return true;
    if (key == "start_date") return has_from = ReadInt(token, from);
    if (key == "end_date") return has_until = ReadInt(token, until);
    if (key == "shown_as") return ReadInt(token, shown);
    if (key == "full_time") return ReadBool(token, time.whole_days);
    return true;
  });
  if (!whole || !has_from || !has_until) return false;
  time.from = Millis(from);
  time.until = Millis(std::max(from, until));
  // What is not known is not free.
  time.availability = shown >= 1 && shown <= 4 ? static_cast<Availability>(shown) : Availability::kReserved;
  return true;
}

}  // namespace

std::optional<PersonName> SplitPerson(std::string_view remote_id) {
  for (const PersonKind kind : kPersonKinds) {
    const std::string_view name = PersonKindName(kind);
    if (remote_id.size() > name.size() + 1 && remote_id.starts_with(name) && remote_id[name.size()] == ':')
      return PersonName{kind, remote_id.substr(name.size() + 1)};
  }
  return std::nullopt;
}

bool ReadBusy(od::value data, const ask::Busy& ask, Answer& answer) {
  // Of another shape it is no answer, and none that the others of the request should suffer from.
  const auto not_understood = [&] {
    answer.status = AnswerStatus::kRefused;
    answer.code = "not_understood";
    return true;
  };
  od::array appointments;
  if (TokenOf(data).substr(0, 1) != "[") return not_understood();
  if (data.get_array().get(appointments)) return false;
  std::vector<BusyTime> times;
  bool understood = true;
  for (auto each : appointments) {
    od::value appointment;
    if (each.get(appointment)) return false;
    understood = ReadBusyTime(appointment, times.emplace_back()) && understood;
  }
  if (!understood) return not_understood();
  std::sort(times.begin(), times.end(), [](const BusyTime& a, const BusyTime& b) {
    return std::tuple(a.from, a.until, a.availability, a.whole_days) <
           std::tuple(b.from, b.until, b.availability, b.whole_days);
  });
  times.erase(std::unique(times.begin(), times.end()), times.end());  // what they are called was not asked
  RemoteRow row;
  row.remote_id = ask.person;
  row.type = ItemType::kPerson;
  std::vector<std::string> texts;
  for (const BusyTime& time : times) texts.push_back(BusyText(time));
  if (!texts.empty()) row.fields[field::kPersonBusy] = std::move(texts);
  answer.rows.push_back(std::move(row));
  return true;
}

const std::string& UserColumns() {
  static const std::string all = [] {
    std::string list = "1,6";
    for (const UserColumn& column : kUserColumns) list += "," + std::to_string(column.column);
    return list;
  }();
  return all;
}

bool ReadUserRows(od::value data, Answer& answer) {
  od::array rows;
  if (data.get_array().get(rows)) return false;
  for (auto each : rows) {
    od::array cells;
    RemoteRow row = RowOf(PersonKind::kUser);
    if (each.get_array().get(cells) || !ReadUserRow(cells, row)) return false;
    answer.rows.push_back(std::move(row));
  }
  return true;
}

bool ReadPeopleChanges(od::value data, PersonKind kind, Answer& answer) {
  return EachMember(data, [&](std::string_view key, od::value value) {
    const bool deleted = key == "deleted";
    if ((!deleted && key != "new" && key != "modified") || IsNullToken(TokenOf(value))) return true;
    od::array objects;
    if (value.get_array().get(objects)) return false;
    for (auto each : objects) {
      od::value object;
      RemoteRow row = RowOf(kind);
      if (each.get(object) || !ReadPersonObject(object, kind, row)) return false;
      if (deleted)
        answer.deleted.push_back(std::move(row.remote_id));
      else
        answer.rows.push_back(std::move(row));
    }
    return true;
  });
}

}  // namespace outpost
