#include "journal/item_fold.h"

#include "journal/item_restate.h"

namespace outpost {

ItemFold::ItemFold(std::uint32_t version, std::vector<ItemRows*> rows)
    : version_(version), rows_(std::move(rows)), tables_{kItemsTable} {
  for (const ItemRows* maker : rows_) {
    tables_.insert(tables_.end(), maker->tables().begin(), maker->tables().end());
    sections_.insert(sections_.end(), maker->sections().begin(), maker->sections().end());
  }
}

Result<void> ItemFold::Apply(const Event& event, StateWriter& state) {
  if (!event.header.item) {
    for (ItemRows* maker : rows_) OUTPOST_TRYV(maker->AccountRows(event, state));
    return event.header.kind == Kind::kAccountRestated ? ApplySection(event, state) : Ok();
  }
  OUTPOST_TRY(std::optional<ItemState> before, LoadItem(state, event.header.item));
  ItemState after = before ? *before : ItemState{};
  OUTPOST_TRYV(Reduce(after, event));
  state.Put(kItemsTable, event.header.item.View(), EncodeItem(after));
  for (ItemRows* maker : rows_) OUTPOST_TRYV(maker->Rows(before ? &*before : nullptr, after, event, state));
  return Ok();
}

// A section that no row maker knows any more is passed over.
Result<void> ItemFold::ApplySection(const Event& event, StateWriter& state) const {
  OUTPOST_TRY(const SectionBody body, DecodeSection(event.body));
  for (const ItemRows::Section& section : sections_)
    if (section.name == body.name) return ReplaceRows(section.table, body, state);
  return Ok();
}

Result<Sequence> ItemFold::HeadOf(const ItemId& item, const StateReader& state) const {
  OUTPOST_TRY(const std::optional<std::string> row, state.Get(kItemsTable, item.View()));
  return row ? DecodeItemHead(item, *row) : Result<Sequence>(Sequence{0});
}

Result<std::optional<ItemState>> LoadItem(const StateReader& state, const ItemId& item) {
  OUTPOST_TRY(const std::optional<std::string> row, state.Get(kItemsTable, item.View()));
  if (!row) return std::optional<ItemState>{};
  OUTPOST_TRY(ItemState loaded, DecodeItem(item, *row));
  return std::optional<ItemState>(std::move(loaded));
}

}  // namespace outpost
