#pragma once
#include <functional>
#include <optional>
#include <vector>

#include "journal/reader.h"
#include "projection/items.h"

namespace outpost {

// The items of an account as they stood when event `at()` had happened, folded anew from their events: nothing is
// stored for it. `view` outlives it. Threads: one. Source: DESIGN.md, "Two kinds of fold".
class Past {
 public:
  // Reads the events behind `at`. Errors: kNotFound where history does not reach back that far (names the oldest event
  // that can be asked for, and its time) or not that far yet, kCorrupt, kUnavailable.
  static Result<Past> Open(const JournalView& view, Sequence at);

  Sequence at() const { return at_; }
  // An item to which something happened since, and its newest event.
  struct Touch {
    ItemId item;
    Sequence newest = 0;
    bool placed = false;  // it may have been in another folder then, or not there
  };
  // All of them, ascending by id. Only these differ from now.
  const std::vector<Touch>& touched() const { return touched_; }

  // Nullopt: not made yet, or never. Errors: kCorrupt, kUnavailable.
  Result<std::optional<ItemState>> Item(const ItemId& id) const;
  // The visible items of `folder` in the order it showed them, until `visit` answers false. Memory: the folder's keys
  // and ids; one item. Errors: kCorrupt, kUnavailable.
  Result<void> ForEachItem(const ItemId& folder, const ItemFn& visit) const;

 private:
  Past(const JournalView& view, Sequence at) : view_(&view), at_(at) {}
  void Join();
  // Null for an item to which nothing happened.
  const Touch* FindTouch(const ItemId& id) const;

  const JournalView* view_;
  Sequence at_;
  std::vector<Touch> touched_;
};

// The last event before the first one later than `time`: the account as it stood then. Where the clock was set back
// meanwhile, one of the events that this is true of. Errors: kNotFound where all events that are kept are later,
// kCorrupt, kUnavailable.
Result<Sequence> SequenceAt(const JournalView& view, Millis time);

// One item at two moments; nullopt where it was not visible.
struct ItemDifference {
  ItemId id{};
  ItemType type{};
  std::optional<ItemState> before;
  std::optional<ItemState> after;
  FieldMap changed;  // fields whose head value is another, with the later value; all of them for an item that came
};

// Calls `visit` for each item, folders included, that looked otherwise after event `to` than after `from`, by id, until
// it answers false. Errors: as Past::Open, for both; kInvalid where `to` is before `from`.
using DifferenceFn = std::function<bool(const ItemDifference&)>;
Result<void> ForEachDifference(const JournalView& view, Sequence from, Sequence to, const DifferenceFn& visit);

}  // namespace outpost
