#pragma once
#include <optional>
#include <string_view>
#include <vector>

#include "journal/reader.h"
#include "schemas/item_state.h"

namespace outpost {

// The version of this engine, as it journals it: "0.1.0".
std::string_view EngineVersion();

// Why a parked group would pass now. Only what the journal knows counts: most servers tell a limit only when they
// refuse.
enum class Hope : std::uint8_t {
  kFolderThere,  // the folder it needs is on the server by now
  kItemThere,    // so is the item that it is a part of
  kRightsBack,   // it was refused for lack of a right, and by what its folder tells since, there is one
  kLimitRaised,  // the newest limit told for the field takes its length
  kNewEngine,    // parked by another version of this engine
};
const char* HopeName(Hope hope);

struct ParkedHope {
  ItemId item{};
  ParkedGroup parked;
  std::optional<Hope> hope;  // none: nothing speaks for it
};

// All parked groups, by item, and what speaks for each. `version`: the engine that would send them. Costs nothing where
// nothing is parked. Errors: kCorrupt, kUnavailable.
Result<std::vector<ParkedHope>> ParkedWithHopes(const JournalView& view, std::string_view version);

}  // namespace outpost
