#include "journal/item_fold.h"

#include "journal/item_restate.h"

namespace outpost {

ItemFold::ItemFold(std::uint32_t version, std::uint32_t reads_since, std::vector<ItemRows*> rows)
    : version_(version), reads_since_(reads_since), rows_(std::move(rows)), tables_{kItemsTable} {
  for (const ItemRows* maker : rows_) {
    tables_.insert(tables_.end(), maker->tables().begin(), maker->tables().end());
    sections_.insert(sections_.end(), maker->sections().begin(), maker->sections().end());
  }
}

namespace {

Result<DecodedRow> DecodeItemRow(std::string_view key, std::string_view row) {
  const auto id = ItemId::FromView(key);
  if (!id) return Error{Code::kCorrupt, Retry::kNever, "the key of an item's row is not an id"};
  OUTPOST_TRY(ItemState item, DecodeItem(*id, row));
  return DecodedRow(std::make_shared<const ItemState>(std::move(item)));
}

// Null for an item never seen. Errors: kCorrupt, kUnavailable.
Result<std::shared_ptr<const ItemState>> SharedItem(const StateReader& state, const ItemId& item) {
  OUTPOST_TRY(DecodedRow row, state.GetDecoded(kItemsTable, item.View(), DecodeItemRow));
  return std::static_pointer_cast<const ItemState>(std::move(row));
}

}  // namespace

Result<void> ItemFold::Apply(const Event& event, StateWriter& state) {
  if (!event.header.item) {
    for (ItemRows* maker : rows_) OUTPOST_TRYV(maker->AccountRows(event, state));
    return event.header.kind == Kind::kAccountRestated ? ApplySection(event, state) : Ok();
  }
  OUTPOST_TRY(const std::shared_ptr<const ItemState> before, SharedItem(state, event.header.item));
  if (event.header.kind == Kind::kItemForgotten) return before ? Forget(*before, event, state) : Ok();
  auto after = before ? std::make_shared<ItemState>(*before) : std::make_shared<ItemState>();
  OUTPOST_TRYV(Reduce(*after, event));
  state.PutDecoded(kItemsTable, event.header.item.View(), EncodeItem(*after), after);
  for (ItemRows* maker : rows_) OUTPOST_TRYV(maker->Rows(before.get(), *after, event, state));
  return Ok();
}

// The item is gone, unless damage has taken the events that say so: then its rows go all the same. Rows in sections of
// items stay until those are said, which is next.
Result<void> ItemFold::Forget(const ItemState& before, const Event& event, StateWriter& state) const {
  ItemState gone = before;
  gone.on_server = false;
  gone.pending.clear();
  gone.parked.clear();
  gone.losers.clear();
  for (ItemRows* maker : rows_) OUTPOST_TRYV(maker->Rows(&before, gone, event, state));
  state.Delete(kItemsTable, before.id.View());
  return Ok();
}

// A section that no row maker knows any more is passed over.
Result<void> ItemFold::ApplySection(const Event& event, StateWriter& state) const {
  OUTPOST_TRY(const SectionBody body, DecodeSection(event.body));
  for (const ItemRows::Section& section : sections_)
    if (section.name == body.name) return ReplaceRows(section.table, body, state);
  return Ok();
}

// Decodes the whole row: who asks for the head is about to append to the item, and the fold then finds it decoded.
Result<Sequence> ItemFold::HeadOf(const ItemId& item, const StateReader& state) const {
  OUTPOST_TRY(const std::shared_ptr<const ItemState> found, SharedItem(state, item));
  return found ? found->head_seq : Sequence{0};
}

void ItemFold::Expect(std::span<const ItemId> items, const StateReader& state) const {
  std::vector<std::string_view> keys;
  keys.reserve(items.size());
  for (const ItemId& item : items) keys.push_back(item.View());
  state.Expect(kItemsTable, keys, DecodeItemRow);
}

Result<std::optional<ItemState>> LoadItem(const StateReader& state, const ItemId& item) {
  OUTPOST_TRY(const std::optional<std::string> row, state.Get(kItemsTable, item.View()));
  if (!row) return std::optional<ItemState>{};
  OUTPOST_TRY(ItemState loaded, DecodeItem(item, *row));
  return std::optional<ItemState>(std::move(loaded));
}

}  // namespace outpost
