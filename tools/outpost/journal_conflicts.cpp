#include <charconv>
#include <iterator>

#include "engine/json/questions.h"
#include "projection/folders.h"
#include "projection/items.h"
#include "tools/outpost/journal_reading.h"

namespace outpost::cli {
namespace {

Result<Json::Object> Row(const Reading& reading, const ItemId& id, const LoserGroup& loser) {
  OUTPOST_TRY(const auto item, ListedItem(*reading.view, id));
  Json::Object row = ItemColumns(reading.describer, item);
  OUTPOST_TRY(auto lost, LoserJson(*reading.view, item, loser,
                                   [&](const FieldMap& fields) { return reading.describer.Fields(fields); }));
  row.insert(row.end(), std::make_move_iterator(lost.begin()), std::make_move_iterator(lost.end()));
  return row;
}

// A loser's sequence, or an item's id.
Result<ConflictName> ParseConflict(const JournalArguments& arguments) {
  ConflictName conflict;
  const std::string& text = arguments.conflict;
  const auto parsed = std::from_chars(text.data(), text.data() + text.size(), conflict.loser);
  const bool is_number = parsed.ec == std::errc() && parsed.ptr == text.data() + text.size() && conflict.loser != 0;
  if (!is_number) {
    conflict.loser = 0;
    OUTPOST_TRY(conflict.item, ParseItemId(text));
  }
  if (arguments.group.empty()) return conflict;
  for (const Field& field : AllFields())
    if (GroupName(field.group) == arguments.group) conflict.group = field.group;
  if (GroupName(kExistence) == arguments.group) conflict.group = kExistence;
  if (conflict.group == 0)
    return Error{Code::kInvalid, Retry::kNever, "there is no field group \"" + arguments.group + "\""};
  return conflict;
}

}  // namespace

Result<int> JournalConflicts(const Common& common, const JournalArguments& arguments) {
  OUTPOST_TRY(const auto reading, BeginReading(common, arguments));
  OUTPOST_TRY(const auto attention, ItemsNeedingAttention(*reading.view));
  std::vector<std::string> columns{"item", "type", "group", "winner", "winner_seq", "loser_seq", "loser"};
  if (arguments.all) columns.insert(columns.end(), {"settled", "settled_seq"});
  ListOutput list(common.form(), columns);
  if (arguments.all) {
    Result<void> shown = Ok();
    OUTPOST_TRYV(reading.view->Scan(reading.view->first(), reading.view->last(), [&](const Event& event) {
      if (event.header.kind != Kind::kConflictSettled) return true;
      shown = [&]() -> Result<void> {
        OUTPOST_TRY(const auto body, DecodeSettled(event.body));
        for (const auto& loser : body.losers) {
          OUTPOST_TRY(auto row,
                      Row(reading, event.header.item, {loser.seq, loser.rival, loser.group, loser.server_lost}));
          row.emplace_back("settled", event.header.op ? "undone" : "kept");
          row.emplace_back("settled_seq", event.seq);
          list.Row(std::move(row));
        }
        return Ok();
      }();
      return static_cast<bool>(shown);
    }));
    OUTPOST_TRYV(shown);
  }
  for (const auto& entry : attention.conflicts) {
    OUTPOST_TRY(auto row, Row(reading, entry.item, entry.loser));
    if (arguments.all) {
      row.emplace_back("settled", Json());
      row.emplace_back("settled_seq", Json());
    }
    list.Row(std::move(row));
  }
  list.End("conflicts");
  return kExitDone;
}

Result<int> JournalUndo(const Common& common, const JournalArguments& arguments) {
  OUTPOST_TRY(const auto conflict, ParseConflict(arguments));
  OUTPOST_TRY(const auto place, PlaceOf(common));
  OUTPOST_TRY(const auto access, WriteAccess::Open(place, {}));
  OUTPOST_TRY(const auto report, access->commands().UndoConflict(conflict, arguments.over_later_edits));
  OUTPOST_TRY(const auto view, access->View());
  OUTPOST_TRY(const auto paths, FolderPaths::Load(*view));
  ShowReport(common.form(), UndoJson(report, paths));
  return kExitDone;
}

Result<int> JournalSettle(const Common& common, const JournalArguments& arguments) {
  OUTPOST_TRY(const auto conflict, ParseConflict(arguments));
  OUTPOST_TRY(const auto place, PlaceOf(common));
  OUTPOST_TRY(const auto access, WriteAccess::Open(place, {}));
  OUTPOST_TRY(const auto groups, access->commands().SettleConflict(conflict));
  ShowReport(common.form(), {{"groups", GroupsJson(groups)}});
  return kExitDone;
}

}  // namespace outpost::cli
