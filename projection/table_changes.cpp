// ContentsTable::Advance and what it is made of.
#include <algorithm>
#include <unordered_map>

#include "journal/item_fold.h"
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

// What happened between two views.
struct Happened {
  std::vector<ItemId> items;  // to which something happened, by their newest event
  bool to_folders = false;
};

// The item that a file is at, or was.
Result<ItemId> HolderOf(const ItemId& file, const JournalView& before, const JournalView& now) {
  for (const JournalView* view : {&now, &before}) {
    OUTPOST_TRY(const auto item, LoadItem(*view, file));
    const Value holder = item ? item->HeadValue(field::kAttachmentParent) : Value{};
    if (const auto* id = std::get_if<ItemId>(&holder)) return *id;
  }
  return ItemId{};
}

// `to_holders`: what happens to a file happens to the item it is at. Errors: kCorrupt, kUnavailable.
Result<Happened> HappenedBetween(const JournalView& before, const JournalView& now, bool to_holders) {
  Happened happened;
  std::unordered_map<ItemId, Sequence, ItemHash> newest, files;
  OUTPOST_TRYV(now.Scan(before.last() + 1, now.last(), [&](const Event& event) {
    const EventHeader& header = event.header;
    if (header.item_type == ItemType::kFolder)
      happened.to_folders = true;
    else if (header.item)
      (to_holders && header.item_type == ItemType::kAttachment ? files : newest)[header.item] = event.seq;
    return true;
  }));
  for (const auto& [file, seq] : files) {
    OUTPOST_TRY(const ItemId holder, HolderOf(file, before, now));
    if (holder) newest[holder] = std::max(newest[holder], seq);
  }
  std::vector<std::pair<Sequence, ItemId>> by_event;
  by_event.reserve(newest.size());
  for (const auto& [item, seq] : newest) by_event.emplace_back(seq, item);
  std::sort(by_event.begin(), by_event.end());
  happened.items.reserve(by_event.size());
  for (const auto& [seq, item] : by_event) happened.items.push_back(item);
  return happened;
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
  OUTPOST_TRY(const Happened happened, HappenedBetween(*view_, *now, where_ && where_->LooksAtFiles()));
  if (spec_.below && happened.to_folders) {
    OUTPOST_TRY(const std::vector<ItemId> folders, FoldersOf(*now, spec_));
    if (folders != folders_) return anew();
  }
  std::vector<Touched> touched;
  for (const ItemId& item : happened.items) {
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
