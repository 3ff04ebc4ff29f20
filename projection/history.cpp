#include "projection/history.h"

#include <algorithm>

namespace outpost {

Result<ItemHistory> ItemHistory::Load(const JournalView& view, Sequence head) {
  ItemHistory history;
  const Sequence whole_from = view.first();
  OUTPOST_TRYV(view.History(head, [&](const Event& event) {
    if (event.seq < whole_from) return false;
    history.events_.push_back(event);
    return true;
  }));
  std::reverse(history.events_.begin(), history.events_.end());
  // What stands before the item's restatement is not its beginning.
  const auto& events = history.events_;
  const auto restated = std::find_if(events.begin(), events.end(),
                                     [](const Event& event) { return event.header.kind == Kind::kItemRestated; });
  if (history.begins_restated()) history.events_.erase(history.events_.begin(), restated);
  return history;
}

Result<std::optional<ItemState>> ItemHistory::At(Sequence seq) const {
  std::optional<ItemState> state;
  for (const Event& event : events_) {
    if (event.seq > seq) break;
    if (!state) state.emplace();
    OUTPOST_TRYV(Reduce(*state, event));
  }
  return state;
}

Result<std::optional<ItemState>> ItemHistory::AtKept(Sequence seq) const {
  return At(begins_restated() ? std::max(seq, events_.front().seq) : seq);
}

}  // namespace outpost
