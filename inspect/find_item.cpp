#include "inspect/find_item.h"

#include <algorithm>
#include <array>

#include "inspect/narrator.h"
#include "journal/item_fold.h"
#include "projection/sort_key.h"

namespace outpost {
namespace {

// How well a name fits, best first.
enum class Fit : std::size_t { kId, kName, kPart, kNone };

Fit FitOf(const ItemState& item, std::string_view name, const std::string& folded) {
  if (item.remote_id == name) return Fit::kId;
  if (const FieldId uid_field = field::UidOf(item.type); uid_field != 0) {
    const Value uid = item.HeadValue(uid_field);
    const auto* text = std::get_if<std::string>(&uid);
    if (text != nullptr && *text == name) return Fit::kId;
  }
  const std::string called = FoldText(NameOf(item));
  if (called.empty() || folded.empty()) return Fit::kNone;
  if (called == folded) return Fit::kName;
  return called.find(folded) != std::string::npos ? Fit::kPart : Fit::kNone;
}

// Whether any event is about `id`, which has no row: of a forgotten item what is kept of its events.
Result<bool> HasEvents(const JournalView& view, const ItemId& id) {
  bool found = false;
  OUTPOST_TRYV(view.Scan(view.first(), view.last(), [&](const Event& event) {
    found = event.header.item == id;
    return !found;
  }));
  return found;
}

}  // namespace

Result<void> ForEachStoredItem(const StateReader& state, const std::function<bool(ItemState&&)>& visit) {
  Result<void> read = Ok();
  OUTPOST_TRYV(state.Scan(kItemsTable, {}, {}, [&](std::string_view key, std::string_view value) {
    const auto id = ItemId::FromView(key);
    auto item = id ? DecodeItem(*id, value)
                   : Result<ItemState>(Error{Code::kCorrupt, Retry::kNever, "a row of items has a key that is no id"});
    if (!item) {
      read = item.error();
      return false;
    }
    return visit(std::move(item).value());
  }));
  return read;
}

Result<std::vector<FoundItem>> FindItems(const JournalView& view, std::string_view name, std::size_t most) {
  if (const auto id = ItemId::FromHex(name)) {
    OUTPOST_TRY(auto item, LoadItem(view, *id));
    bool there = item.has_value();
    if (!there) {
      OUTPOST_TRY(there, HasEvents(view, *id));
    }
    if (!there) return Error{Code::kNotFound, Retry::kNever, "no item " + id->Hex()};
    return std::vector<FoundItem>{{*id, std::move(item)}};
  }
  const std::string folded = FoldText(name);
  std::array<std::vector<FoundItem>, 3> found;
  OUTPOST_TRYV(ForEachStoredItem(view, [&](ItemState&& item) {
    const auto fit = FitOf(item, name, folded);
    if (fit == Fit::kNone) return true;
    auto& same = found[static_cast<std::size_t>(fit)];
    const bool seen = item.Visible();
    const auto unseen = std::find_if(same.begin(), same.end(), [](const auto& one) { return !one.item->Visible(); });
    const ItemId id = item.id;
    if (seen)
      same.insert(unseen, FoundItem{id, std::move(item)});
    else
      same.push_back(FoundItem{id, std::move(item)});
    if (same.size() > most) same.pop_back();
    return true;
  }));
  for (auto& same : found)
    if (!same.empty()) return std::move(same);
  return Error{Code::kNotFound, Retry::kNever,
               "no item has this id, uid or id on the server, and none is called so or has it in its name"};
}

}  // namespace outpost
