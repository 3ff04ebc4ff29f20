#include "projection/past.h"

#include <algorithm>

#include "journal/item_fold.h"
#include "projection/history.h"
#include "projection/stored_order.h"
#include "projection/tables.h"

namespace outpost {
namespace {

constexpr std::size_t kTouchesUnjoined = 65'536;

Error NotKept(const JournalView& view, const std::string& asked) {
  const Sequence oldest = std::max<Sequence>(view.first(), 1) - 1;
  const auto first = view.Read(view.first());
  std::string why = asked + "; the account can be shown from event " + std::to_string(oldest) + " on";
  if (first) why += " (milliseconds since 1970: " + std::to_string(first.value().header.time.count()) + ")";
  return {Code::kNotFound, Retry::kNever, std::move(why)};
}

// Whether the event may change in which folder its item is, or whether it is seen.
bool MayPlace(const Event& event) {
  const FieldId folder = field::FolderOf(event.header.item_type);
  switch (event.header.kind) {
    case Kind::kLocalChanged:
    case Kind::kRemoteChanged: {
      const auto body = DecodeChange(event.body);
      return !body || body.value().patch.contains(folder);
    }
    case Kind::kOutcome:
    case Kind::kOverruled: {
      const auto body = DecodeOutcomes(event.body);
      const Field* known = FindField(folder);
      return !body || known == nullptr ||
             std::any_of(body.value().groups.begin(), body.value().groups.end(), [&](const GroupOutcome& outcome) {
               return outcome.group == kExistence || outcome.group == known->group;
             });
    }
    default:
      return true;
  }
}

}  // namespace

Result<Past> Past::Open(const JournalView& view, Sequence at) {
  if (at > view.last())
    return Error{Code::kNotFound, Retry::kNever,
                 "there is no event " + std::to_string(at) + " yet; the last is " + std::to_string(view.last())};
  if (at + 1 < view.first())
    return NotKept(view, "what was before event " + std::to_string(view.first()) + " is not kept");
  Past past(view, at);
  std::size_t most = kTouchesUnjoined;
  OUTPOST_TRYV(view.Scan(at + 1, view.last(), [&](const Event& event) {
    if (!event.header.item) return true;
    if (past.touched_.size() >= most) {
      past.Join();
      most = std::max(kTouchesUnjoined, past.touched_.size() * 2);
    }
    past.touched_.push_back({event.header.item, event.seq, MayPlace(event)});
    return true;
  }));
  past.Join();
  return past;
}

// One touch of each item: its newest event, and whether any of its events may have placed it.
void Past::Join() {
  std::sort(touched_.begin(), touched_.end(),
            [](const Touch& a, const Touch& b) { return a.item != b.item ? a.item < b.item : a.newest > b.newest; });
  std::size_t items = 0;
  for (const Touch& touch : touched_) {
    if (items == 0 || touched_[items - 1].item != touch.item)
      touched_[items++] = touch;
    else
      touched_[items - 1].placed = touched_[items - 1].placed || touch.placed;
  }
  touched_.resize(items);
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
  std::vector<std::string> keys;  // of the rows that the folder had then
  const auto add_touched = [&](const ItemId& id) -> Result<void> {
    OUTPOST_TRY(const std::optional<ItemState> item, Item(id));
    if (item && item->type != ItemType::kFolder && item->Visible() && item->Folder() == folder)
      keys.push_back(FolderItemKey(folder, StoredPlaceOf(*item).key, id));
    return Ok();
  };
  Result<void> read = Ok();
  OUTPOST_TRYV(view_->Scan(kFolderItemsTable, folder.View(), {}, [&](std::string_view key, std::string_view) {
    const auto id = ItemOfFolderKey(key);
    const Touch* touch = id ? FindTouch(*id) : nullptr;
    if (id && touch == nullptr) keys.emplace_back(key);
    if (touch != nullptr && !touch->placed) read = add_touched(*id);
    return read.has_value();
  }));
  OUTPOST_TRYV(std::move(read));
  for (const Touch& touch : touched_)
    if (touch.placed) OUTPOST_TRYV(add_touched(touch.item));
  std::sort(keys.begin(), keys.end());
  for (const std::string& key : keys) {
    OUTPOST_TRY(const std::optional<ItemState> item, Item(*ItemOfFolderKey(key)));
    if (!item) return Error{Code::kCorrupt, Retry::kNever, "a listed item of folder " + folder.Hex() + " has no row"};
    if (!visit(*item)) return Ok();
  }
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
  for (const Past::Touch& touch : before.touched()) {
    const ItemId& id = touch.item;
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
