#pragma once
#include <optional>

#include "journal/state.h"
#include "schemas/item_state.h"

namespace outpost {

// What the server's directory says of the account's own user: his contact in the global address book, an item as any.
// So it is read and edited offline, by AccountCommands::Set; a server that lets nobody edit his entry parks the edit.
// None where the directory is not known yet, has no such folder, or several users could be meant. Errors: kCorrupt,
// kUnavailable. Threads: any.
Result<std::optional<ItemState>> OwnEntry(const StateReader& state);

}  // namespace outpost
