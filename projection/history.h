#pragma once
#include <optional>
#include <vector>

#include "journal/reader.h"
#include "schemas/item_state.h"

namespace outpost {

// One item's events as far back as all of them are there, and what they made of it: time travel for a single item.
// Memory and time in proportion to its events. Threads: one.
class ItemHistory {
 public:
  // `head`: the item's newest event. Errors: kCorrupt, kUnavailable.
  static Result<ItemHistory> Load(const JournalView& view, Sequence head);

  // Oldest first.
  const std::vector<Event>& events() const { return events_; }
  // The item as it was when event `seq` had happened; nullopt where its events do not reach back that far. Errors:
  // kCorrupt.
  Result<std::optional<ItemState>> At(Sequence seq) const;
  // The same for a `seq` from the event before the view's first() on: between the beginning of the kept history and the
  // item's restatement nothing happened to it. Nullopt: not made yet.
  Result<std::optional<ItemState>> AtKept(Sequence seq) const;

 private:
  // Whether the oldest event that is there says again what older ones had made of the item.
  bool begins_restated() const { return !events_.empty() && events_.front().header.back != 0; }

  std::vector<Event> events_;
};

}  // namespace outpost
