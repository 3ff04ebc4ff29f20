#pragma once
#include <string>
#include <vector>

#include "schemas/event.h"

namespace outpost {

// One event to append. The writer adds sequence, time and back link.
struct NewEvent {
  Kind kind{};
  Origin origin{};
  ItemType item_type{};
  ItemId item{};
  OpId op{};
  std::string body;  // Encode(...) of schemas/event.h
};

using Batch = std::vector<NewEvent>;

}  // namespace outpost
