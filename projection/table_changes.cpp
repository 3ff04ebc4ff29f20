// ContentsTable::Advance and what it is made of.
#include <algorithm>
#include <unordered_map>

#include "projection/contents_table.h"

namespace outpost {
namespace {

// An item to which something happened, and the keys of its row before and after.
struct Touched {
  ItemId item;
  std::optional<std::string> before, after;
};

struct ItemHash {
  std::size_t operator()(const ItemId& item) const { return std::hash<std::string_view>()(item.View()); }
};

// The items of the events behind `from`, by their newest event; and whether something happened to a folder. Errors:
// kCorrupt, kUnavailable.
Result<std::vector<ItemId>> TouchedSince(const JournalView& view, Sequence from, bool& folders) {
  std::unordered_map<ItemId, Sequence, ItemHash> newest;
  OUTPOST_TRYV(view.Scan(from + 1, view.last(), [&](const Event& event) {
    if (event.header.item_type == ItemType::kFolder)
      folders = true;
    else if (event.header.item)
      newest[event.header.item] = event.seq;
    return true;
  }));
  std::vector<std::pair<Sequence, ItemId>> by_event;
  by_event.reserve(newest.size());
  for (const auto& [item, seq] : newest) by_event.emplace_back(seq, item);
  std::sort(by_event.begin(), by_event.end());
  std::vector<ItemId> items;
  items.reserve(by_event.size());
  for (const auto& [seq, item] : by_event) items.push_back(item);
  return items;
}

// Positions in a table of which some rows are gone already and others have come.
class MovingPositions {
 public:
  explicit MovingPositions(const RowOrder& before) : before_(before) {}
  // Takes the row out; where it was.
  std::size_t Remove(const std::string& key) {
    const std::size_t at = before_.LowerBound(key);
    const std::size_t position = Now(key, at);
    gone_.insert(std::lower_bound(gone_.begin(), gone_.end(), at), at);
    return position;
  }
  // Puts a row in; where it is.
  std::size_t Insert(const std::string& key) {
    const std::size_t position = Now(key, before_.LowerBound(key));
    come_.insert(std::lower_bound(come_.begin(), come_.end(), key), key);
    return position;
  }
  std::size_t Of(const std::string& key) const { return Now(key, before_.LowerBound(key)); }

 private:
  std::size_t Now(const std::string& key, std::size_t at) const {
    const auto gone = std::lower_bound(gone_.begin(), gone_.end(), at) - gone_.begin();
    const auto come = std::lower_bound(come_.begin(), come_.end(), key) - come_.begin();
    return at - static_cast<std::size_t>(gone) + static_cast<std::size_t>(come);
  }

  const RowOrder& before_;
  std::vector<std::size_t> gone_;  // positions before, ascending
  std::vector<std::string> come_;  // keys, ascending
};

TableChange ChangeOf(const Touched& touched, MovingPositions& positions) {
  using Kind = TableChange::Kind;
  if (!touched.before) return {Kind::kAdded, touched.item, positions.Insert(*touched.after), 0};
  if (!touched.after) return {Kind::kDeleted, touched.item, positions.Remove(*touched.before), 0};
  if (*touched.before == *touched.after) return {Kind::kChanged, touched.item, positions.Of(*touched.after), 0};
  const std::size_t from = positions.Remove(*touched.before);
  const std::size_t to = positions.Insert(*touched.after);
  return {from == to ? Kind::kChanged : Kind::kMoved, touched.item, to, from == to ? 0 : from};
}

}  // namespace

std::size_t PositionAfter(std::size_t position, const TableChange& change) {
  switch (change.kind) {
    case TableChange::Kind::kAdded:
      return change.position <= position ? position + 1 : position;
    case TableChange::Kind::kDeleted:
      return change.position < position ? position - 1 : position;
    case TableChange::Kind::kMoved: {
      if (change.from == position) return change.position;
      const std::size_t without = change.from < position ? position - 1 : position;
      return change.position <= without ? without + 1 : without;
    }
    case TableChange::Kind::kChanged:
    case TableChange::Kind::kReload:
      break;
  }
  return position;
}

Result<std::vector<TableChange>> ContentsTable::Advance(std::shared_ptr<const JournalView> now) {
  const Sequence from = at();
  if (now->last() == from) return std::vector<TableChange>{};
  const auto anew = [&]() -> Result<std::vector<TableChange>> {
    OUTPOST_TRY(ContentsTable table, Open(std::move(now), spec_));
    *this = std::move(table);
    return std::vector<TableChange>{TableChange{}};
  };
  // What was dropped meanwhile cannot be looked through.
  if (now->first() > from + 1 || now->last() - from > kTableEventsMax) return anew();
  bool folders_touched = false;
  OUTPOST_TRY(const std::vector<ItemId> items, TouchedSince(*now, from, folders_touched));
  if (spec_.below && folders_touched) {
    OUTPOST_TRY(const std::vector<ItemId> folders, FoldersOf(*now, spec_));
    if (folders != folders_) return anew();
  }
  std::vector<Touched> touched;
  for (const ItemId& item : items) {
    Touched one{item, {}, {}};
    OUTPOST_TRY(one.before, KeyOf(*view_, item));
    OUTPOST_TRY(one.after, KeyOf(*now, item));
    if (one.before || one.after) touched.push_back(std::move(one));
  }
  if (!touched.empty()) OUTPOST_TRYV(Load(size_));
  std::vector<TableChange> changes;
  if (touched.size() > kTableChangesMax) {
    changes.emplace_back();
  } else {
    MovingPositions positions(rows_);
    for (const Touched& one : touched) changes.push_back(ChangeOf(one, positions));
  }
  std::vector<std::string> gone, come;
  for (Touched& one : touched) {
    if (one.before == one.after) continue;
    if (one.before) gone.push_back(*std::move(one.before));
    if (one.after) come.push_back(*std::move(one.after));
  }
  std::sort(gone.begin(), gone.end());
  std::sort(come.begin(), come.end());
  if (!gone.empty() || !come.empty()) rows_.Apply(gone, come);
  if (!touched.empty()) size_ = rows_.size();
  view_ = std::move(now);
  return changes;
}

}  // namespace outpost
