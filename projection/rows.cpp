#include "projection/rows.h"

#include <algorithm>
#include <array>

#include "projection/stored_order.h"
#include "projection/tables.h"

namespace outpost {
namespace {

constexpr std::array kTables{kFolderItemsTable, kFoldersTable, kFolderCountsTable,
                             kAttentionTable,   kTotalsTable,  kSettingsTable};
// The names are on disk for good.
constexpr std::array kSections{ItemRows::Section{"totals", kTotalsTable},
                               ItemRows::Section{"settings", kSettingsTable}};

// Adds to a stored number. A row at 0 goes where `keep_zero` is false. Errors: kCorrupt.
Result<void> AddTo(Table table, std::string_view key, std::int64_t change, bool keep_zero, StateWriter& state) {
  if (change == 0) return Ok();
  OUTPOST_TRY(const std::optional<std::string> row, state.Get(table, key));
  if (row && row->size() != 8) return Error{Code::kCorrupt, Retry::kNever, "a stored count is not 8 bytes"};
  const std::uint64_t old = row ? ReadBe64(*row) : 0;
  if (change < 0 && old < static_cast<std::uint64_t>(-change))
    return Error{Code::kCorrupt, Retry::kNever, "a stored count would fall below 0"};
  const std::uint64_t now = old + static_cast<std::uint64_t>(change);
  if (now == 0 && !keep_zero) {
    state.Delete(table, key);
    return Ok();
  }
  std::string value;
  AppendBe64(value, now);
  state.Put(table, key, value);
  return Ok();
}

Result<void> AddTotal(std::string_view name, std::int64_t change, StateWriter& state) {
  return AddTo(kTotalsTable, name, change, true, state);
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

Result<void> PlaceRows(const ItemState* was, const ItemState& is, StateWriter& state) {
  const Place before = PlaceOf(was), after = PlaceOf(&is);
  if (before.visible != after.visible)
    OUTPOST_TRYV(AddTotal(Named(total::kItems, ItemTypeName(is.type)), after.visible ? 1 : -1, state));
  if (is.type == ItemType::kFolder)
    return before.visible != after.visible ? ShowFolder(is.id, after.visible, state) : Ok();
  if (before == after && (!after.visible || SameOrder(*was, is))) return Ok();
  OrderRow(before, after, was, is, state);
  if (before == after) return Ok();
  if (before.visible) OUTPOST_TRYV(AddTo(kFolderCountsTable, before.folder.View(), -1, false, state));
  if (after.visible) OUTPOST_TRYV(AddTo(kFolderCountsTable, after.folder.View(), 1, false, state));
  return Ok();
}

void AttentionRow(char what, bool before, bool after, const ItemId& item, StateWriter& state) {
  if (after && !before) state.Put(kAttentionTable, AttentionKey(what, item), {});
  if (before && !after) state.Delete(kAttentionTable, AttentionKey(what, item));
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
  OUTPOST_TRYV(PlaceRows(before, after, state));
  AttentionRow(kAttentionConflict, before != nullptr && !before->losers.empty(), !after.losers.empty(), after.id,
               state);
  AttentionRow(kAttentionParked, before != nullptr && !before->parked.empty(), !after.parked.empty(), after.id, state);
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
