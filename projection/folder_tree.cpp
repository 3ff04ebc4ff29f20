#include "projection/folder_tree.h"

#include <algorithm>
#include <map>

namespace outpost {
namespace {

// Which of these different numbers stay where they are when the others are moved so that all ascend: a longest
// ascending run of them, gaps allowed.
std::vector<bool> Staying(const std::vector<std::size_t>& numbers) {
  std::vector<std::size_t> ends;  // ends[n]: where a run of n + 1 ends, the least such number
  std::vector<std::size_t> before(numbers.size(), numbers.size());
  for (std::size_t at = 0; at < numbers.size(); ++at) {
    const auto place = std::lower_bound(ends.begin(), ends.end(), at,
                                        [&](std::size_t a, std::size_t b) { return numbers[a] < numbers[b]; });
    if (place != ends.begin()) before[at] = *std::prev(place);
    if (place == ends.end())
      ends.push_back(at);
    else
      *place = at;
  }
  std::vector<bool> stays(numbers.size(), false);
  for (std::size_t at = ends.empty() ? numbers.size() : ends.back(); at < numbers.size(); at = before[at])
    stays[at] = true;
  return stays;
}

// The list that a reader holds, brought from one state to the other by steps.
class Steps {
 public:
  explicit Steps(std::span<const FolderNode> before) {
    for (const FolderNode& node : before) list_.push_back(node.id);
  }
  void Delete(std::size_t position) {
    changes_.push_back({TableChange::Kind::kDeleted, list_[position], position, 0});
    list_.erase(list_.begin() + static_cast<std::ptrdiff_t>(position));
  }
  // Puts the item behind `previous`, at the front where there is none. `moved`: it is in the list already.
  void Place(const ItemId& item, const ItemId& previous, bool moved) {
    std::size_t from = 0;
    if (moved) {
      from = PositionOf(item);
      list_.erase(list_.begin() + static_cast<std::ptrdiff_t>(from));
    }
    const std::size_t to = previous ? PositionOf(previous) + 1 : 0;
    list_.insert(list_.begin() + static_cast<std::ptrdiff_t>(to), item);
    changes_.push_back({moved ? TableChange::Kind::kMoved : TableChange::Kind::kAdded, item, to, from});
  }
  void Change(const ItemId& item, std::size_t position) {
    changes_.push_back({TableChange::Kind::kChanged, item, position, 0});
  }
  bool TooMany() const { return changes_.size() > kTableChangesMax; }
  std::vector<TableChange> Take() { return std::move(changes_); }

 private:
  std::size_t PositionOf(const ItemId& item) const {
    return static_cast<std::size_t>(std::find(list_.begin(), list_.end(), item) - list_.begin());
  }
  std::vector<ItemId> list_;
  std::vector<TableChange> changes_;
};

// Counts and newest changes of the same folders at another moment.
Result<std::vector<FolderNode>> Recounted(std::vector<FolderNode> nodes, const StateReader& state) {
  for (FolderNode& node : nodes) {
    OUTPOST_TRY(node.counts, ReadFolderCounts(state, node.id));
    OUTPOST_TRY(node.newest, ReadFolderChange(state, node.id));
  }
  return nodes;
}

// Whether anything happened to a folder behind `from`. Yes where that cannot be told, or not soon.
Result<bool> FoldersTouched(const JournalView& view, Sequence from) {
  if (view.first() > from + 1 || view.last() - from > kTableEventsMax) return true;
  bool touched = false;
  OUTPOST_TRYV(view.Scan(from + 1, view.last(), [&](const Event& event) {
    touched = event.header.item && event.header.item_type == ItemType::kFolder;
    return !touched;
  }));
  return touched;
}

}  // namespace

std::vector<TableChange> ChangesBetween(std::span<const FolderNode> before, std::span<const FolderNode> after) {
  std::map<ItemId, std::size_t> was, is;
  for (std::size_t at = 0; at < before.size(); ++at) was.emplace(before[at].id, at);
  for (std::size_t at = 0; at < after.size(); ++at) is.emplace(after[at].id, at);
  Steps steps(before);
  for (std::size_t at = before.size(); at-- > 0 && !steps.TooMany();)
    if (!is.contains(before[at].id)) steps.Delete(at);

  std::vector<std::size_t> kept;  // where those that were there before have been, in the order they have now
  for (const FolderNode& node : after)
    if (const auto found = was.find(node.id); found != was.end()) kept.push_back(found->second);
  const std::vector<bool> stays = Staying(kept);
  ItemId previous{};
  std::size_t next_kept = 0;
  std::vector<bool> told(after.size(), false);
  for (std::size_t at = 0; at < after.size() && !steps.TooMany(); previous = after[at].id, ++at) {
    const bool was_there = was.contains(after[at].id);
    if (was_there && stays[next_kept++]) continue;
    steps.Place(after[at].id, previous, was_there);
    told[at] = true;
  }
  for (std::size_t at = 0; at < after.size() && !steps.TooMany(); ++at)
    if (!told[at] && before[was.at(after[at].id)] != after[at]) steps.Change(after[at].id, at);
  return steps.TooMany() ? std::vector<TableChange>{TableChange{}} : steps.Take();
}

Result<FolderTree> FolderTree::Open(std::shared_ptr<const JournalView> view) {
  OUTPOST_TRY(std::vector<FolderNode> nodes, ListFolders(*view));
  return FolderTree(std::move(view), std::move(nodes));
}

Result<std::vector<TableChange>> FolderTree::Advance(std::shared_ptr<const JournalView> now) {
  if (now->last() == at()) return std::vector<TableChange>{};
  OUTPOST_TRY(const bool touched, FoldersTouched(*now, at()));
  OUTPOST_TRY(std::vector<FolderNode> nodes, touched ? ListFolders(*now) : Recounted(nodes_, *now));
  std::vector<TableChange> changes = ChangesBetween(nodes_, nodes);
  nodes_ = std::move(nodes);
  view_ = std::move(now);
  return changes;
}

}  // namespace outpost
