#pragma once
#include <functional>
#include <memory>

#include "journal/journal.h"
#include "replicator/transport.h"

namespace outpost {

// Opens a blob for a request that carries it, as often as the request is sent; null where it cannot be opened. A read
// that fails ends the request. The journal outlives what is opened. Threads: any.
std::function<std::shared_ptr<BodySource>()> BlobOpener(Journal& journal, const BlobRef& blob);

}  // namespace outpost
