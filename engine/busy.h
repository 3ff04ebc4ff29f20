#pragma once
#include <optional>
#include <string>
#include <vector>

#include "schemas/busy.h"
#include "schemas/item_state.h"

namespace outpost {

// When users and resources are busy, as the server told it last. Nobody waits for it: who wants to know it says so in
// the journal (WishForBusy), the next run asks with what it asks anyway, and the answer is kept with the person
// (docs/adr/0030). So it is there offline, with its age. Threads: any.

struct BusyAnswer {
  Millis from{0}, until{0};     // the time it tells of
  Millis asked{0};              // when it was told, by the clock of this computer
  std::string refused;          // the server's code where it did not tell; empty: it did
  std::vector<BusyTime> times;  // ascending by start
  bool Covers(Millis first, Millis last) const { return refused.empty() && from <= first && last <= until; }
};
// What is known of a person; nullopt: nothing.
std::optional<BusyAnswer> KnownBusy(const ItemState& person);
// Of `times` those that touch a time.
std::vector<BusyTime> BusyIn(const BusyAnswer& answer, Millis first, Millis last);

// Above, servers take long for series without end.
inline constexpr std::chrono::hours kBusyMost{24 * 366};
// Whether there is a wish that no answer has ended.
bool BusyIsWanted(const ItemState& person);
// What to set of a person, by AccountCommands::Set, for his times to be asked for: what is wanted already with it, as
// far as that is no more than kBusyMost. Errors: kInvalid (a group; an empty or longer time).
Result<FieldMap> WishForBusy(const ItemState& person, Millis first, Millis last);

}  // namespace outpost
