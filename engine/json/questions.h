#pragma once
#include <functional>
#include <vector>

#include "engine/conflicts.h"
#include "engine/json/item_json.h"
#include "journal/reader.h"
#include "schemas/item_state.h"

namespace outpost {

// What a person may be asked about an account, and what he may set: as docs/cli.md gives it. Errors of all that read:
// kCorrupt, kUnavailable. Threads: those of the view.

// All settings there are: {"name", "value", "default", "about"}.
Result<std::vector<Json::Object>> SettingsJson(const JournalView& view);

// The deletions that wait for a person's word, by folder: {"folder", "folder_id", "deleted", "count", "held",
// "items"}.
Result<std::vector<Json::Object>> ConsentsJson(const JournalView& view);

// How fields are shown: values, or names only.
using ShowFields = std::function<Json(const FieldMap&)>;
// One field group in which a side lost: {"group", "winner", "winner_seq", "loser_seq", "loser", "now"}.
Result<Json::Object> LoserJson(const JournalView& view, const ItemState& item, const LoserGroup& loser,
                               const ShowFields& show);
// What turning a conflict round did.
Json::Object UndoJson(const UndoReport& report, const FolderPaths& paths);

// Names of groups.
Json GroupsJson(const std::vector<GroupId>& groups);

}  // namespace outpost
