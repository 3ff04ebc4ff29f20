#include "projection/object_feed.h"

#include <algorithm>
#include <unordered_map>

#include "journal/item_fold.h"

namespace outpost {
namespace {

struct Newest {
  Sequence seq = 0;
  bool remote = false;
};

struct ObjectHash {
  std::size_t operator()(const ItemId& item) const { return std::hash<std::string_view>()(item.View()); }
};
using NewestOf = std::unordered_map<ItemId, Newest, ObjectHash>;

Result<NewestOf> ObjectsBetween(const JournalView& now, Sequence from) {
  NewestOf objects;
  OUTPOST_TRYV(now.Scan(from + 1, now.last(), [&](const Event& event) {
    if (event.header.item) objects[event.header.item] = {event.seq, event.header.origin == Origin::kServer};
    return true;
  }));
  return objects;
}

bool Differ(const ItemState& before, const ItemState& after) {
  return before.Head() != after.Head() ||
         std::string_view(ItemStateName(before)) != std::string_view(ItemStateName(after));
}

// Nullopt where nobody sees a difference.
std::optional<ObjectChange> ChangeOf(const std::optional<ItemState>& before, const std::optional<ItemState>& after) {
  using Kind = ObjectChange::Kind;
  const bool was = before && before->Visible();
  const bool is = after && after->Visible();
  if (!was && !is) return std::nullopt;
  const ItemState& shown = is ? *after : *before;
  ObjectChange change{Kind::kCreated, shown.id, shown.type, shown.Folder(), {}, false};
  if (!is) {
    change.kind = Kind::kDeleted;
  } else if (was && before->Folder() != change.folder) {
    change.kind = Kind::kMoved;
    change.from = before->Folder();
  } else if (was) {
    if (!Differ(*before, *after)) return std::nullopt;
    change.kind = Kind::kChanged;
  }
  return change;
}

}  // namespace

Result<std::vector<ObjectChange>> ObjectFeed::Advance(std::shared_ptr<const JournalView> now) {
  std::vector<ObjectChange> changes;
  const Sequence from = at();
  if (now->first() > from + 1 || now->last() - from > kTableEventsMax) {
    changes.emplace_back();
  } else {
    OUTPOST_TRY(const NewestOf objects, ObjectsBetween(*now, from));
    std::vector<std::pair<Sequence, ObjectChange>> by_event;
    for (const auto& [object, newest] : objects) {
      OUTPOST_TRY(const auto before, LoadItem(*view_, object));
      OUTPOST_TRY(const auto after, LoadItem(*now, object));
      std::optional<ObjectChange> change = ChangeOf(before, after);
      if (!change) continue;
      change->remote = newest.remote;
      by_event.emplace_back(newest.seq, *change);
    }
    std::sort(by_event.begin(), by_event.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
    for (const auto& [seq, change] : by_event) changes.push_back(change);
    if (changes.size() > kTableChangesMax) changes.assign(1, ObjectChange{});
  }
  view_ = std::move(now);
  return changes;
}

}  // namespace outpost
