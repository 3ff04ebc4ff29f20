#include "engine/parked.h"
#include "replicator/queue.h"
#include "tools/outpost/journal_reading.h"

namespace outpost::cli {
Result<int> JournalQueue(const Common& common, const JournalArguments& arguments) {
  OUTPOST_TRY(const auto reading, BeginReading(common, arguments));
  Sequence first = 0;
  OUTPOST_TRY(const auto items, QueuedItems(*reading.view, first, ~std::size_t{0}, first));
  ListOutput list(common.form(), {"seq", "kind", "item", "type", "groups", "fields"});
  for (const auto& id : items) {
    OUTPOST_TRY(const auto item, ListedItem(*reading.view, id));
    for (const auto& edit : item.pending) {
      Json::Object row{{"seq", edit.seq}, {"kind", KindName(edit.kind)}, {"op", edit.op.Hex()}};
      for (auto& column : ItemColumns(reading.describer, item)) row.push_back(std::move(column));
      row.emplace_back("groups", GroupsJson(edit.groups));
      row.emplace_back("fields", reading.describer.Fields(edit.patch));
      list.Row(std::move(row));
    }
  }
  list.End("edits waiting");
  return kExitDone;
}

Result<int> JournalParked(const Common& common, const JournalArguments& arguments) {
  OUTPOST_TRY(const auto reading, BeginReading(common, arguments));
  OUTPOST_TRY(const auto all, ParkedWithHopes(*reading.view, EngineVersion()));
  std::vector<std::string> columns{"seq", "item", "type", "group", "field", "length", "limit", "code"};
  if (arguments.content) columns.insert(columns.end(), {"text", "fields"});
  if (arguments.would_now_succeed) columns.push_back("why");
  ListOutput list(common.form(), columns);
  for (const auto& [id, parked, hope] : all) {
    if (arguments.would_now_succeed && !hope) continue;
    OUTPOST_TRY(const auto item, ListedItem(*reading.view, id));
    Json::Object row{{"seq", parked.seq}};
    for (auto& column : ItemColumns(reading.describer, item)) row.push_back(std::move(column));
    const Json refused = reading.describer.Refused(parked.refusal);
    for (const auto& member : *refused.object()) row.push_back(member);
    row.emplace_back("fields", reading.describer.Fields(parked.patch));
    if (arguments.would_now_succeed) row.emplace_back("why", HopeName(*hope));
    list.Row(std::move(row));
  }
  list.End("parked edits");
  return kExitDone;
}

Result<int> JournalTree(const Common& common, const JournalArguments& arguments) {
  OUTPOST_TRY(const auto reading, BeginReading(common, arguments));
  OUTPOST_TRY(const auto folders, ListFolders(*reading.view));
  ListOutput list(common.form(), {"path", "id", "type", "total", "complete", "cursor", "held_deletions"});
  for (const auto& folder : folders) {
    OUTPOST_TRY(const auto cursor, LoadCursor(*reading.view, folder.id));
    OUTPOST_TRY(const auto consent, WaitingConsent(*reading.view, folder.id));
    Json::Object row;
    for (auto& member : FolderJson(folder, common.form()))
      if (arguments.content || (member.first != "path" && member.first != "name")) row.push_back(std::move(member));
    row.emplace_back("state", std::string(folder.state));
    row.emplace_back("complete", cursor && cursor->complete);
    row.emplace_back("cursor", cursor ? Json(cursor->cursor) : Json());
    row.emplace_back("held_deletions", consent ? consent->count : 0);
    list.Row(std::move(row));
  }
  list.End("folders");
  return kExitDone;
}

}  // namespace outpost::cli
