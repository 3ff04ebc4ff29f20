#include "projection/rows.h"

#include <algorithm>
#include <array>

#include "projection/folder_rows.h"
#include "projection/items.h"
#include "projection/stored_order.h"
#include "projection/tables.h"

namespace outpost {
namespace {

constexpr std::array kTables{kFolderItemsTable, kFoldersTable,  kFolderCountsTable, kAttentionTable,
                             kTotalsTable,      kSettingsTable, kFolderNewestTable};
// The names are on disk for good.
constexpr std::array kSections{ItemRows::Section{"totals", kTotalsTable}, ItemRows::Section{"settings", kSettingsTable},
                               ItemRows::Section{"newest", kFolderNewestTable}};

// Adds to a stored sum. Errors: kCorrupt.
Result<void> AddTotal(std::string_view name, std::int64_t change, StateWriter& state) {
  if (change == 0) return Ok();
  OUTPOST_TRY(const std::optional<std::string> row, state.Get(kTotalsTable, name));
  if (row && row->size() != 8) return Error{Code::kCorrupt, Retry::kNever, "a stored count is not 8 bytes"};
  const std::uint64_t old = row ? ReadBe64(*row) : 0;
  if (change < 0 && old < static_cast<std::uint64_t>(-change))
    return Error{Code::kCorrupt, Retry::kNever, "a stored count would fall below 0"};
  std::string value;
  AppendBe64(value, old + static_cast<std::uint64_t>(change));
  state.Put(kTotalsTable, name, value);
  return Ok();
}

std::string Named(std::string_view group, std::string_view name) { return std::string(group) + std::string(name); }

// Where an item is seen.
struct Place {
  bool visible = false;
  ItemId folder{};
  bool operator==(const Place&) const = default;
};

Place PlaceOf(const ItemState* item) {
  if (item == nullptr || !item->Visible()) return {};
  if (item->type == ItemType::kFolder) return {true, {}};  // the tree reads parent and title from the item itself
  return {true, item->Folder()};
}

// Whether nothing changed of what the order goes by: folding texts for it costs more than all else here.
bool SameOrder(const ItemState& before, const ItemState& after) {
  const auto fields = StoredPlaceFields(after.type);
  return std::all_of(fields.begin(), fields.end(),
                     [&](FieldId field) { return before.HeadValue(field) == after.HeadValue(field); });
}

Result<void> ShowFolder(const ItemId& folder, bool visible, StateWriter& state) {
  if (visible)
    state.Put(kFoldersTable, folder.View(), {});
  else
    state.Delete(kFoldersTable, folder.View());
  return Ok();
}

void OrderRow(const Place& before, const Place& after, const ItemState* was, const ItemState& is, StateWriter& state) {
  const StoredPlace old = before.visible ? StoredPlaceOf(*was) : StoredPlace();
  const StoredPlace now = after.visible ? StoredPlaceOf(is) : StoredPlace();
  if (before == after && old == now) return;
  const std::string old_key = before.visible ? FolderItemKey(before.folder, old.key, is.id) : std::string();
  const std::string new_key = after.visible ? FolderItemKey(after.folder, now.key, is.id) : std::string();
  if (before.visible && old_key != new_key) state.Delete(kFolderItemsTable, old_key);
  if (after.visible) state.Put(kFolderItemsTable, new_key, now.value);
}

// Of the folder that it is in and the one that it was in.
Result<void> CountRows(const Place& before, const Place& after, const ItemState* was, const ItemState& is,
                       StateWriter& state) {
  const FolderCounts less = before.visible ? CountsOf(*was) : FolderCounts();
  const FolderCounts more = after.visible ? CountsOf(is) : FolderCounts();
  if (before.visible && after.visible && before.folder == after.folder)
    return CountInFolder(after.folder, less, more, state);
  if (before.visible) OUTPOST_TRYV(CountInFolder(before.folder, less, {}, state));
  return after.visible ? CountInFolder(after.folder, {}, more, state) : Ok();
}

void NewestRows(const Place& before, const Place& after, const Event& event, StateWriter& state) {
  if (event.header.item_type == ItemType::kAttachment) return;  // its folder is an item
  if (!IsLocalChange(event.header.kind) && !IsRemoteChange(event.header.kind)) return;
  const FolderChange change{event.seq, event.header.time};
  if (before.visible) NoteFolderChange(before.folder, change, state);
  if (after.visible && !(before == after)) NoteFolderChange(after.folder, change, state);
}

Result<void> PlaceRows(const ItemState* was, const ItemState& is, const Event& event, StateWriter& state) {
  const Place before = PlaceOf(was), after = PlaceOf(&is);
  if (before.visible != after.visible)
    OUTPOST_TRYV(AddTotal(Named(total::kItems, ItemTypeName(is.type)), after.visible ? 1 : -1, state));
  if (is.type == ItemType::kFolder)
    return before.visible != after.visible ? ShowFolder(is.id, after.visible, state) : Ok();
  NewestRows(before, after, event, state);
  OUTPOST_TRYV(CountRows(before, after, was, is, state));
  if (before != after || (after.visible && !SameOrder(*was, is))) OrderRow(before, after, was, is, state);
  return Ok();
}

void AttentionRow(char what, bool before, bool after, const ItemId& item, StateWriter& state) {
  if (after && !before) state.Put(kAttentionTable, AttentionKey(what, item), {});
  if (before && !after) state.Delete(kAttentionTable, AttentionKey(what, item));
}

void TrashRow(const ItemState* before, const ItemState& after, const Event& event, StateWriter& state) {
  const bool was = before != nullptr && IsInTrash(*before);
  const bool is = IsInTrash(after) && event.header.kind != Kind::kItemForgotten;
  AttentionRow(kAttentionTrash, was, is, after.id, state);
}

Result<void> EditTotals(const ItemState& after, const Event& event, StateWriter& state) {
  if (after.pending.empty() || after.pending.back().seq != event.seq) return Ok();  // nothing in it travels
  OUTPOST_TRYV(AddTotal(total::kEdits, 1, state));
  return AddTotal(total::kPairs, static_cast<std::int64_t>(after.pending.back().groups.size()), state);
}

Result<void> OutcomeTotals(const ItemState* before, const Event& event, StateWriter& state) {
  const PendingEdit* edit = before != nullptr ? before->FindPending(event.header.op) : nullptr;
  if (edit == nullptr) return Ok();
  OUTPOST_TRY(const OutcomesBody body, DecodeOutcomes(event.body));
  std::vector<GroupId> open = edit->groups;
  for (const GroupOutcome& outcome : body.groups)
    if (std::erase(open, outcome.group) > 0)
      OUTPOST_TRYV(AddTotal(Named(total::kOutcomes, OutcomeName(outcome.kind)), 1, state));
  return Ok();
}

Result<void> OverruledTotals(const Event& event, StateWriter& state) {
  OUTPOST_TRY(const OutcomesBody body, DecodeOutcomes(event.body));
  return AddTotal(total::kOverruled, static_cast<std::int64_t>(body.groups.size()), state);
}

Result<void> ClosedTotals(const Event& event, StateWriter& state) {
  OUTPOST_TRY(const BatchClosedBody body, DecodeBatchClosed(event.body));
  OUTPOST_TRYV(AddTotal(total::kBatchesClosed, 1, state));
  return AddTotal(total::kBatchesResumed, body.resumed ? 1 : 0, state);
}

Result<void> SettingRows(const Event& event, StateWriter& state) {
  OUTPOST_TRY(const SettingsBody body, DecodeSettings(event.body));
  for (const auto& [name, value] : body.settings) {
    if (value.empty())
      state.Delete(kSettingsTable, name);
    else
      state.Put(kSettingsTable, name, value);
  }
  return Ok();
}

}  // namespace

std::span<const Table> ProjectionRows::tables() const { return kTables; }
std::span<const ItemRows::Section> ProjectionRows::sections() const { return kSections; }

Result<void> ProjectionRows::Rows(const ItemState* before, const ItemState& after, const Event& event,
                                  StateWriter& state) {
  OUTPOST_TRYV(PlaceRows(before, after, event, state));
  AttentionRow(kAttentionConflict, before != nullptr && !before->losers.empty(), !after.losers.empty(), after.id,
               state);
  AttentionRow(kAttentionParked, before != nullptr && !before->parked.empty(), !after.parked.empty(), after.id, state);
  TrashRow(before, after, event, state);
  if (IsLocalChange(event.header.kind)) return EditTotals(after, event, state);
  if (event.header.kind == Kind::kOutcome) return OutcomeTotals(before, event, state);
  if (event.header.kind == Kind::kOverruled) return OverruledTotals(event, state);
  return Ok();
}

Result<void> ProjectionRows::AccountRows(const Event& event, StateWriter& state) {
  switch (event.header.kind) {
    case Kind::kBatchOpened:
      return AddTotal(total::kBatches, 1, state);
    case Kind::kBatchClosed:
      return ClosedTotals(event, state);
    case Kind::kAccountSet:
      return SettingRows(event, state);
    default:
      return Ok();
  }
}

}  // namespace outpost
