#pragma once
#include <vector>

#include "inspect/why.h"

namespace outpost {

// What of an item stands beside another that looks the same: for a contact its name, for an appointment or a task its
// title and when it is, for a folder its title and place, for a mail its Message-Id. Empty where there is too little to
// tell. Case and accents make no difference. Pure.
std::string LooksOf(const ItemState& item);

// The other visible items that look like `item`, at most `most`. Reads all items. Errors: kCorrupt, kUnavailable.
Result<std::vector<ItemState>> TwinsOf(const JournalView& view, const ItemState& item, std::size_t most);

// Where an item came from.
struct Origins {
  bool here = false;
  Sequence born = 0;
  Sequence made_there = 0;  // the outcome of its create; 0: none yet
};
Result<Origins> OriginsOf(const std::vector<Event>& events);

}  // namespace outpost
