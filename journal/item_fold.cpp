#include "journal/item_fold.h"

namespace outpost {

ItemFold::ItemFold(std::uint32_t version, std::vector<ItemRows*> rows)
    : version_(version), rows_(std::move(rows)), tables_{kItemsTable} {
  for (const ItemRows* maker : rows_) tables_.insert(tables_.end(), maker->tables().begin(), maker->tables().end());
}

Result<void> ItemFold::Apply(const Event& event, StateWriter& state) {
  if (!event.header.item) {
    for (ItemRows* maker : rows_) OUTPOST_TRYV(maker->AccountRows(event, state));
    return Ok();
  }
  OUTPOST_TRY(std::optional<ItemState> before, LoadItem(state, event.header.item));
  ItemState after = before ? *before : ItemState{};
  OUTPOST_TRYV(Reduce(after, event));
  state.Put(kItemsTable, event.header.item.View(), EncodeItem(after));
  for (ItemRows* maker : rows_) OUTPOST_TRYV(maker->Rows(before ? &*before : nullptr, after, event, state));
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
