#pragma once
#include <vector>

#include "schemas/event.h"
#include "schemas/item_state.h"

namespace outpost {

// The blobs that a change, an event or an item refers to, in the order of the fields; one that is named twice comes
// twice. What these name must not be swept while the event or the item is kept. An event of a kind without values, or
// of one this build does not know, gives none. Errors: kCorrupt (a body that is no change; one
// whose values do not decode, if any is a reference). Threads: any.
std::vector<BlobRef> BlobRefsOf(const FieldMap& fields);
std::vector<BlobRef> BlobRefsOf(const ChangeBody& body);
Result<std::vector<BlobRef>> BlobRefsOf(const Event& event);
// Base, pending and parked values alike.
std::vector<BlobRef> BlobRefsOf(const ItemState& state);

}  // namespace outpost
