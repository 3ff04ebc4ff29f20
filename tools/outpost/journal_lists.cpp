#include "journal/item_fold.h"
#include "projection/items.h"
#include "replicator/queue.h"
#include "tools/outpost/access.h"
#include "tools/outpost/describe.h"
#include "tools/outpost/journal_verbs.h"

namespace outpost::cli {
namespace {

// A reading verb's common beginning.
struct Reading {
  std::unique_ptr<ReadAccess> access;
  std::unique_ptr<JournalView> view;
  Describer describer;
};

Result<Reading> Begin(const Common& common, const JournalArguments& arguments) {
  OUTPOST_TRY(auto access, ReadAccess::Open(common));
  OUTPOST_TRY(auto view, access->View());
  OUTPOST_TRY(auto describer, Describer::For(*view, arguments.content ? Contents::kShown : Contents::kHidden));
  return Reading{std::move(access), std::move(view), std::move(describer)};
}

Result<ItemState> Load(const JournalView& view, const ItemId& id) {
  OUTPOST_TRY(auto item, LoadItem(view, id));
  if (!item) return Error{Code::kCorrupt, Retry::kNever, "an index names item " + id.Hex() + ", which is not there"};
  return *std::move(item);
}

// The travelling fields of one group that the change `seq` carried; none where the change is not kept any more.
Result<FieldMap> FieldsOfChange(const JournalView& view, Sequence seq, GroupId group) {
  const auto event = view.Read(seq);
  if (!event && event.assume_error().code == Code::kNotFound) return FieldMap{};
  if (!event) return event.assume_error();
  if (!IsLocalChange(event.assume_value().header.kind) && !IsRemoteChange(event.assume_value().header.kind))
    return FieldMap{};
  OUTPOST_TRY(const auto body, DecodeChange(event.assume_value().body));
  return FieldsOfGroup(body.patch, group);
}

Json::Object ItemColumns(const Describer& describer, const ItemState& item) {
  return {{"item", item.id.Hex()}, {"type", ItemTypeName(item.type)}, {"folder", describer.Folder(item.Folder())}};
}

}  // namespace

Result<int> JournalQueue(const Common& common, const JournalArguments& arguments) {
  OUTPOST_TRY(const auto reading, Begin(common, arguments));
  Sequence first = 0;
  OUTPOST_TRY(const auto items, QueuedItems(*reading.view, first, ~std::size_t{0}, first));
  ListOutput list(common.form(), {"seq", "kind", "item", "type", "groups", "fields"});
  for (const auto& id : items) {
    OUTPOST_TRY(const auto item, Load(*reading.view, id));
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
  OUTPOST_TRY(const auto reading, Begin(common, arguments));
  OUTPOST_TRY(const auto attention, ItemsNeedingAttention(*reading.view));
  std::vector<std::string> columns{"seq", "item", "type", "group", "field", "length", "limit", "code"};
  if (arguments.content) columns.insert(columns.end(), {"text", "fields"});
  ListOutput list(common.form(), columns);
  for (const auto& entry : attention.parked) {
    OUTPOST_TRY(const auto item, Load(*reading.view, entry.item));
    Json::Object row{{"seq", entry.parked.seq}};
    for (auto& column : ItemColumns(reading.describer, item)) row.push_back(std::move(column));
    const Json refused = reading.describer.Refused(entry.parked.refusal);
    for (const auto& member : *refused.object()) row.push_back(member);
    row.emplace_back("fields", reading.describer.Fields(entry.parked.patch));
    list.Row(std::move(row));
  }
  list.End("parked edits");
  return kExitDone;
}

Result<int> JournalConflicts(const Common& common, const JournalArguments& arguments) {
  OUTPOST_TRY(const auto reading, Begin(common, arguments));
  OUTPOST_TRY(const auto attention, ItemsNeedingAttention(*reading.view));
  ListOutput list(common.form(), {"item", "type", "group", "winner", "winner_seq", "loser_seq", "loser"});
  for (const auto& entry : attention.conflicts) {
    OUTPOST_TRY(const auto item, Load(*reading.view, entry.item));
    OUTPOST_TRY(const auto lost, FieldsOfChange(*reading.view, entry.loser.seq, entry.loser.group));
    Json::Object row = ItemColumns(reading.describer, item);
    row.emplace_back("group", GroupName(entry.loser.group));
    row.emplace_back("winner", entry.loser.server_lost ? "local" : "server");
    row.emplace_back("winner_seq", entry.loser.rival == 0 ? Json() : Json(entry.loser.rival));
    row.emplace_back("loser_seq", entry.loser.seq);
    row.emplace_back("loser", reading.describer.Fields(lost));
    row.emplace_back("now", reading.describer.Fields(FieldsOfGroup(item.Head(), entry.loser.group)));
    list.Row(std::move(row));
  }
  list.End("conflicts");
  return kExitDone;
}

Result<int> JournalTree(const Common& common, const JournalArguments& arguments) {
  OUTPOST_TRY(const auto reading, Begin(common, arguments));
  OUTPOST_TRY(const auto folders, ListFolders(*reading.view));
  ListOutput list(common.form(), {"path", "id", "type", "total", "complete", "cursor", "held_deletions"});
  for (const auto& folder : folders) {
    OUTPOST_TRY(const auto cursor, LoadCursor(*reading.view, folder.id));
    OUTPOST_TRY(const auto consent, LoadConsent(*reading.view, folder.id));
    Json::Object row;
    for (auto& member : FolderJson(folder))
      if (arguments.content || (member.first != "path" && member.first != "name")) row.push_back(std::move(member));
    row.emplace_back("state", folder.state);
    row.emplace_back("complete", cursor && cursor->complete);
    row.emplace_back("cursor", cursor ? Json(cursor->cursor) : Json());
    row.emplace_back("held_deletions", consent && consent->answer == ConsentAnswer::kAsked ? consent->count : 0);
    list.Row(std::move(row));
  }
  list.End("folders");
  return kExitDone;
}

}  // namespace outpost::cli
