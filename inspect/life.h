#pragma once
#include <functional>
#include <string>
#include <vector>

#include "inspect/narrator.h"

namespace outpost {

// One event in a sentence, or several of the same in one.
struct ToldEvent {
  Sequence seq = 0;
  Sequence last = 0;        // of a run; else `seq`
  std::uint64_t count = 1;  // of a run: how many
  Millis time{0};
  Kind kind{};
  Origin origin{};
  ItemId item{};  // none: the account's, or a run of several items
  ItemType type{};
  std::string key;    // of the catalogue
  std::string topic;  // what "it" is; empty for the account
  std::string sentence;
};

// The life of one item, oldest event first, as far as its events are kept. Errors: kNotFound (no event of it is there),
// kCorrupt, kUnavailable. Memory and time in proportion to its events; those of a forgotten item are looked for in the
// whole journal.
Result<std::vector<ToldEvent>> TellItem(const JournalView& view, const ItemId& id, const Narrator& narrator);

// What happened in [from, to], in order, until `visit` answers false; what happened several times in a row is told
// once. Errors: kCorrupt, kUnavailable. Memory: bounded, but for the histories of single items.
using ToldFn = std::function<bool(const ToldEvent&)>;
Result<void> TellSpan(const JournalView& view, Sequence from, Sequence to, const Narrator& narrator,
                      const ToldFn& visit);

}  // namespace outpost
