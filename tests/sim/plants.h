#pragma once
#include <memory>
#include <optional>
#include <string_view>

#include "journal/item_fold.h"
#include "journal/journal.h"
#include "replicator/dialect.h"

namespace outpost::sim {

// Bugs that the simulator can plant, at the seams around the replicator, to show that it would find them.
enum class Plant {
  kNone,
  kLostEdit,       // now and then a change is answered as done and never sent
  kResentCreate,   // a create without answer is sent again blind
  kCursorTooFar,   // an answer's cursor covers a row that is not in it
  kDroppedLoser,   // a conflict's loser is recorded as superseded
  kUnsortedFold,   // a row depends on what was folded before it in this process
  kStaleDecision,  // decisions are appended without their preconditions
};
std::optional<Plant> PlantFromName(std::string_view name);
const char* PlantName(Plant plant);
inline constexpr Plant kPlants[] = {Plant::kLostEdit,     Plant::kResentCreate, Plant::kCursorTooFar,
                                    Plant::kDroppedLoser, Plant::kUnsortedFold, Plant::kStaleDecision};

// The dialect with kLostEdit, kResentCreate or kCursorTooFar; the same dialect for other plants.
std::unique_ptr<Dialect> WithPlant(Plant plant, std::unique_ptr<Dialect> dialect);
// What kDroppedLoser and kStaleDecision do to an append.
void Tamper(Plant plant, Batch& batch, Preconditions& seen);
// A maker of rows as kUnsortedFold has it.
std::unique_ptr<ItemRows> UnsortedRows();

}  // namespace outpost::sim
