#include "projection/past.h"

#include <algorithm>
#include <map>

#include "journal/item_fold.h"
#include "projection/history.h"
#include "projection/stored_order.h"
#include "projection/tables.h"

namespace outpost {
namespace {

Error NotKept(const JournalView& view, const std::string& asked) {
  const Sequence oldest = std::max<Sequence>(view.first(), 1) - 1;
  const auto first = view.Read(view.first());
  std::string why = asked + "; the account can be shown from event " + std::to_string(oldest) + " on";
  if (first) why += " (milliseconds since 1970: " + std::to_string(first.value().header.time.count()) + ")";
  return {Code::kNotFound, Retry::kNever, std::move(why)};
}

}  // namespace

Result<Past> Past::Open(const JournalView& view, Sequence at) {
  if (at > view.last())
    return Error{Code::kNotFound, Retry::kNever,
                 "there is no event " + std::to_string(at) + " yet; the last is " + std::to_string(view.last())};
  if (at + 1 < view.first())
    return NotKept(view, "what was before event " + std::to_string(view.first()) + " is not kept");
  Past past(view, at);
  OUTPOST_TRYV(view.Scan(at + 1, view.last(), [&](const Event& event) {
    if (event.header.item) past.touched_.push_back({event.header.item, event.seq});
    return true;
  }));
  std::sort(past.touched_.begin(), past.touched_.end(),
            [](const Touch& a, const Touch& b) { return a.item != b.item ? a.item < b.item : a.newest > b.newest; });
  const auto same_item = [](const Touch& a, const Touch& b) { return a.item == b.item; };
  past.touched_.erase(std::unique(past.touched_.begin(), past.touched_.end(), same_item), past.touched_.end());
  return past;
}

const Past::Touch* Past::FindTouch(const ItemId& id) const {
  const auto at = std::lower_bound(touched_.begin(), touched_.end(), id,
                                   [](const Touch& touch, const ItemId& item) { return touch.item < item; });
  return at != touched_.end() && at->item == id ? &*at : nullptr;
}

Result<std::optional<ItemState>> Past::Item(const ItemId& id) const {
  const Touch* touch = FindTouch(id);
  if (touch == nullptr) return LoadItem(*view_, id);
  OUTPOST_TRY(const ItemHistory history, ItemHistory::Load(*view_, touch->newest));
  return history.AtKept(at_);
}

Result<void> Past::ForEachItem(const ItemId& folder, const ItemFn& visit) const {
  std::map<std::string, ItemState> then;  // by the key of their row
  for (const auto& [id, newest] : touched_) {
    OUTPOST_TRY(std::optional<ItemState> item, Item(id));
    if (!item || item->type == ItemType::kFolder || !item->Visible() || item->Folder() != folder) continue;
    then.emplace(FolderItemKey(folder, StoredPlaceOf(*item).key, id), *std::move(item));
  }
  std::vector<std::string> keys;
  OUTPOST_TRYV(view_->Scan(kFolderItemsTable, folder.View(), {}, [&](std::string_view key, std::string_view) {
    const auto id = ItemOfFolderKey(key);
    if (id && FindTouch(*id) == nullptr) keys.emplace_back(key);
    return true;
  }));
  auto changed = then.begin();
  for (const std::string& key : keys) {
    for (; changed != then.end() && changed->first < key; ++changed)
      if (!visit(changed->second)) return Ok();
    OUTPOST_TRY(const std::optional<ItemState> item, LoadItem(*view_, *ItemOfFolderKey(key)));
    if (!item) return Error{Code::kCorrupt, Retry::kNever, "a listed item of folder " + folder.Hex() + " has no row"};
    if (!visit(*item)) return Ok();
  }
  for (; changed != then.end(); ++changed)
    if (!visit(changed->second)) return Ok();
  return Ok();
}

Result<Sequence> SequenceAt(const JournalView& view, Millis time) {
  // Of [low, high) it is not known whether they are later.
  Sequence low = std::max<Sequence>(view.first(), 1), high = view.last() + 1;
  while (low < high) {
    const Sequence middle = low + (high - low) / 2;
    OUTPOST_TRY(const Event event, view.Read(middle));
    if (event.header.time > time)
      high = middle;
    else
      low = middle + 1;
  }
  if (low <= view.first()) return NotKept(view, "all events that are kept are later than that");
  return low - 1;
}

Result<void> ForEachDifference(const JournalView& view, Sequence from, Sequence to, const DifferenceFn& visit) {
  if (to < from)
    return Error{Code::kInvalid, Retry::kNever,
                 "event " + std::to_string(to) + " is before event " + std::to_string(from)};
  OUTPOST_TRY(const Past before, Past::Open(view, from));
  OUTPOST_TRY(const Past after, Past::Open(view, to));
  for (const auto& [id, newest] : before.touched()) {
    ItemDifference difference{id, {}, {}, {}, {}};
    OUTPOST_TRY(difference.before, before.Item(id));
    OUTPOST_TRY(difference.after, after.Item(id));
    if (difference.before && !difference.before->Visible()) difference.before.reset();
    if (difference.after && !difference.after->Visible()) difference.after.reset();
    if (!difference.before && !difference.after) continue;
    difference.type = (difference.after ? difference.after : difference.before)->type;
    const FieldMap old = difference.before ? difference.before->Head() : FieldMap{};
    if (difference.after) {
      difference.changed = difference.after->Head();
      for (const auto& [field, value] : old) difference.changed.try_emplace(field, Value{});
      for (auto at = difference.changed.begin(); at != difference.changed.end();) {
        const auto was = old.find(at->first);
        const bool same = was == old.end() ? IsNull(at->second) : SameValue(was->second, at->second);
        at = same ? difference.changed.erase(at) : at + 1;
      }
      if (difference.before && difference.changed.empty()) continue;
    }
    if (!visit(difference)) return Ok();
  }
  return Ok();
}

}  // namespace outpost
