#pragma once
#include <memory>

#include "mapi-adapter/provider/open_store.h"

namespace outpost::mapi {

// IMAPIStatus of a store: how its account stands, and syncing at once. What it answers is as it is now; nothing waits
// for the network. Source: imapistatusimapiprop, imapistatus-flushqueues, imapistatus-validatestate.
abi::IMAPIStatus* MakeStatus(std::shared_ptr<const OpenStore> store);

// What a status object is in properties, and the row of it in the status table. Errors: kCorrupt, kUnavailable.
Result<std::vector<Prop>> PropsOfStatus(const OpenStore& store);

}  // namespace outpost::mapi
