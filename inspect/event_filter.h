#pragma once
#include <optional>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

#include "journal/reader.h"

namespace outpost {

// The folder an event belongs to: that of its item now, the item itself where it is a folder. None where there is none.
// Errors: kCorrupt, kUnavailable.
Result<ItemId> FolderOfEvent(const StateReader& state, const Event& event);

// FolderOfEvent for many events of one view, each item looked up once as long as few are under way. Memory: bounded.
class EventFolders {
 public:
  explicit EventFolders(const StateReader& state) : state_(state) {}
  Result<ItemId> Of(const Event& event);

 private:
  const StateReader& state_;
  std::unordered_map<ItemId, ItemId> known_;
};

// Which events are wanted; what is empty wants all of them.
struct EventFilter {
  std::set<Kind> kinds;
  std::set<Origin> origins;
  std::optional<std::set<ItemId>> items;
  std::optional<ItemId> folder;  // the folder's own events, and those of what is in it now
  std::optional<BatchId> batch;
  std::string text;  // in what people wrote, and in the server's words; case and accents aside

  bool wants_all() const { return kinds.empty() && origins.empty() && !items && !folder && !batch && text.empty(); }
};

// Tells wanted events from others. Threads: one. Source: docs/cli.md, "outpost journal", log.
class EventSieve {
 public:
  // Where a batch is asked for, looks for the event that opened it, from event `from` on: the edits that it carried are
  // wanted, too. Errors: kCorrupt, kUnavailable.
  static Result<EventSieve> Make(const JournalView& view, EventFilter filter, Sequence from);

  // `folders` of the view the event is from. An event whose body cannot be read has no text and no batch. Errors: those
  // of `folders`.
  Result<bool> Has(const Event& event, EventFolders& folders) const;
  bool wants_all() const { return filter_.wants_all(); }
  const EventFilter& filter() const { return filter_; }

 private:
  explicit EventSieve(EventFilter filter) : filter_(std::move(filter)) {}
  bool IsOfBatch(const Event& event) const;
  bool HasText(const Event& event) const;

  EventFilter filter_;
  std::string folded_;
  std::set<Sequence> intents_;
};

// Where to begin so that the last `count` wanted events of [from, to] are met, and how many wanted ones come before
// them from there: reads backwards from `to`, no further than it has to. Errors: kCorrupt, kUnavailable.
struct LastOnes {
  Sequence from = 0;
  std::uint64_t before = 0;
};
Result<LastOnes> FindLast(const JournalView& view, const EventSieve& sieve, EventFolders& folders, Sequence from,
                          Sequence to, std::uint64_t count);

// The sequences of all events of `items` that are there, ascending, along their histories; nullopt where one of them
// has no row any more. Errors: kCorrupt, kUnavailable. Memory: 8 bytes an event.
Result<std::optional<std::vector<Sequence>>> SequencesOf(const JournalView& view, const std::set<ItemId>& items);

}  // namespace outpost
