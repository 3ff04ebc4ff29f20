#pragma once
#include "schemas/item_state.h"

namespace outpost {

// True where `uid`, which the server tells under the item's id, is not the one it told of the item before: a server
// that was restored from a backup hands ids out again. False where either is not known. Pure.
bool IsOther(const ItemState& item, const Value& uid);

}  // namespace outpost
