#pragma once
#include <optional>
#include <string>
#include <vector>

#include "mapi-adapter/codec/kept_properties.h"
#include "mapi-adapter/provider/open_store.h"

namespace outpost::mapi {

// Associated messages of a folder: what Outlook keeps there for itself (views, forms, settings), and nobody else sees.
// Each is a property of its folder that is no field (kept.h): local, with a history as any other, gone with the folder,
// never shipped. Threads: any. Source: docs/adr/0036-associated-messages-are-properties-of-their-folder.md.

// The set that names them among the folder's properties; not shown among these.
std::string_view AssociatedSet();

struct AssociatedMessage {
  ItemId id{};
  std::string bytes;  // schemas/properties.md, of its own properties
};
// The oldest first. None of what holds folders only. Errors: kCorrupt, kUnavailable.
Result<std::vector<AssociatedMessage>> AssociatedIn(const OpenStore& store, const ItemId& folder);

// Puts one in the place of what it was when it was opened: `before`, empty for a new one. `force`: whatever is there
// now; one that is gone stays gone all the same. Errors: kConflict (changed since), kNotFound (it is gone, or the
// folder), kRejected (what holds folders only keeps nothing), kUnavailable.
Result<void> SaveAssociated(const OpenStore& store, const ItemId& folder, const AssociatedMessage& message,
                            const std::string& before, bool force);
// Errors: kNotFound, kUnavailable.
Result<void> DeleteAssociated(const OpenStore& store, const ItemId& folder, const ItemId& message);

// What one is in properties, as an object and, with its key, as a row. What cannot be read is left out.
std::vector<Prop> PropsOfAssociated(const OpenStore& store, const ItemId& folder, const AssociatedMessage& message);
// Whether a property is computed from where a message is, and set by nobody.
bool IsOfAssociated(PropTag tag);

// IMessage of a new one, which is made by its SaveChanges, and of one that there is. One reference, which is the
// caller's.
abi::IMessage* MakeNewAssociated(std::shared_ptr<const OpenStore> store, const ItemId& folder);
// Errors: kNotFound, kCorrupt, kUnavailable.
Result<abi::IMessage*> MakeAssociated(const std::shared_ptr<const OpenStore>& store, const ItemId& folder,
                                      const ItemId& message, bool write);
// The folder's associated contents table. Errors: those of AssociatedIn.
Result<abi::IMAPITable*> MakeAssociatedTable(const std::shared_ptr<const OpenStore>& store, const ItemId& folder);

}  // namespace outpost::mapi
