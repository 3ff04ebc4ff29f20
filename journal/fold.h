#pragma once
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/ids.h"
#include "journal/new_event.h"
#include "journal/state.h"
#include "schemas/event.h"

namespace outpost {

// Restate() with it forgets nothing.
inline constexpr Millis kForgetNothing{-1};

// One part of the state, said again.
struct Restatement {
  Batch events;
  std::string next;  // where the next part starts; empty: all is said
};

// A pure function (state, event) -> state whose result is written in the same write batch as the event. No clock, no
// I/O, no random: what it reads comes from `state`, what it knows from `event`. The journal calls it for each event of
// an append in order, in the writer (or in a rebuild), never from two threads at once.
class InlineFold {
 public:
  virtual ~InlineFold() = default;
  virtual std::string_view name() const = 0;
  // Raised when the same events give other rows than before: the stored state is then folded again, at the next open or
  // behind it (reads_since).
  virtual std::uint32_t version() const = 0;
  // The oldest version of its rows that this fold reads and goes on with as if they were its own: a journal that has
  // such rows opens at once, and they are folded again beside its use (Journal::Refold).
  virtual std::uint32_t reads_since() const { return version(); }
  // The tables it writes, each owned by one fold.
  virtual std::span<const Table> tables() const = 0;
  // Bodies of kinds this build knows have been decoded once before they come here. Kinds it does not know are no error.
  // Errors: kRejected (this event cannot follow what was before): its append fails as a whole, nothing is written.
  // kCorrupt (a row that cannot be read): the same, and the journal is read-only from then on.
  virtual Result<void> Apply(const Event& event, StateWriter& state) = 0;

  // The state as events, a part at a time, from `cursor` on ("": the start): folding all parts in turn, with whatever
  // happens between them, over no state at all gives the rows that are there now (schemas/event.md, section 9). Ends a
  // part once it has about `bytes` of bodies. What is gone since `forget` or before is not said again but forgotten:
  // its rows go. Errors: kInvalid (this fold cannot, so its journal is kept for ever), kCorrupt, kUnavailable.
  virtual Result<Restatement> Restate(const StateReader& state, std::string_view cursor, std::size_t bytes,
                                      Millis forget) const;
  // Sequences of the events that rows refer to, in any order: retention never drops them. Errors: kCorrupt,
  // kUnavailable.
  virtual Result<std::vector<Sequence>> Needed(const StateReader& state) const;
};

// The fold that knows the sequence of the newest event of each item: preconditions and EventHeader::back come from it.
class ItemHeads {
 public:
  virtual ~ItemHeads() = default;
  // 0 for an item never seen. The row of a deleted item stays: without it the next event of the item has no back link.
  virtual Result<Sequence> HeadOf(const ItemId& item, const StateReader& state) const = 0;
  // The heads of these items are about to be asked for (StateReader::Expect).
  virtual void Expect(std::span<const ItemId> /*items*/, const StateReader& /*state*/) const {}
};

}  // namespace outpost
