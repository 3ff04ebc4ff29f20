#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "schemas/fields.h"

namespace outpost {

// How a value stands on the wire where that does not follow from the kind of its field; by the field's ox_type.
enum class OxShape : std::uint8_t {
  kPlain,
  kDigits,          // a number as a text
  kZeroIsNone,      // a number, 0 for what is not set
  kMinusOneIsNone,  // likewise -1
  kDates,           // an array of days, replicator/ox/series.h
  kPermissions,     // replicator/ox/permissions.h
  kParticipants,    // replicator/ox/participants.h
  kMembers,         // replicator/ox/members.h
  kUsers,           // as participants
  kConfirmations,   // likewise
};

// One field as OX knows it.
struct OxColumn {
  FieldId field;
  int column;
  std::string_view name;
  FieldKind kind;
  OxShape shape;
};

// The three cells that every row begins with, before its fields.
inline constexpr int kIdColumn = 1;
inline constexpr int kFolderColumn = 20;
inline constexpr int kVersionColumn = 6;  // last_modified_utc: column 5 is read in the user's zone
inline constexpr std::size_t kLeadCells = 3;

// Ids of the tops of the tree (http-api.md 2.3).
inline constexpr std::string_view kPrivateRootId = "1", kPublicRootId = "2";

// What rows of one type are asked for. Folder rows bring what the server tells of a folder; others all fields that
// travel both ways and those that their OxKind names.
struct RowColumns {
  std::vector<OxColumn> fields;  // ascending by field: the cells of a row after the leading ones, in this order
  std::string list;              // the value of the parameter `columns`
};

// Null for types whose items this dialect does not carry, for mails (replicator/ox/mail.h) and for rules
// (replicator/ox/rules.h). Lists have the columns of contacts. Threads: any.
const RowColumns* ColumnsOf(ItemType type);
// The field of a column or name of OX, whether it travels or not; 0 where there is none.
FieldId FieldOfColumn(ItemType type, std::int64_t column);
FieldId FieldOfName(ItemType type, std::string_view name);
// The column by which a field is written; null for fields that do not travel to the server in a body.
const OxColumn* WrittenAs(ItemType type, FieldId field);

}  // namespace outpost
