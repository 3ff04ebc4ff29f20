#pragma once
#include <string>
#include <vector>

#include "replicator/dialect.h"
#include "replicator/ox/json_read.h"

// For answers.cpp. All return false where the data is of another shape than http-api.md gives: the answer is worth
// nothing then.
namespace outpost {

// A cell that names an object; never empty.
bool ReadId(od::value& cell, std::string& out);

// Whether ids of deleted objects may stand between the rows.
enum class Scalars { kNone, kDeleted };

struct RowsWanted {
  ItemType type;
  const std::string* folder;  // of rows that do not tell theirs; null for folder rows
  Scalars scalars;
  const std::vector<std::string>* modules;  // of folder rows; null: all
};

// An array of rows.
bool ReadRows(od::value data, const RowsWanted& wanted, Answer& answer);
// {"private":[rows],"public":[rows],"shared":[rows]}; a kind without folders may be missing.
bool ReadVisible(od::value data, const RowsWanted& wanted, Answer& answer);
// Ids and tokens of what changed, and the ids of what was deleted.
bool ReadChangedHeads(od::value data, Answer& answer);
// The rows of a listing; the newest version becomes the cursor.
bool ReadHeads(od::value data, ItemType type, Answer& answer);

}  // namespace outpost
