#pragma once
#include <memory>
#include <optional>

#include "mapi-adapter/provider/open_store.h"

namespace outpost::mapi {

// The objects of a store. Each holds the store; what they answer has one reference, which is the caller's.

// IMAPIFolder. Errors: kNotFound, kCorrupt, kUnavailable.
Result<abi::IMAPIFolder*> MakeFolder(const std::shared_ptr<const OpenStore>& store, const ItemId& folder);
// IMessage of an item as it is now; `write`: it may be changed. Errors: kNotFound, kCorrupt, kUnavailable.
Result<abi::IMessage*> MakeMessage(const std::shared_ptr<const OpenStore>& store, const ItemId& item, bool write);
// IMessage of an item that does not exist before it is saved: of the folder's kind. Errors: likewise.
Result<abi::IMessage*> MakeNewMessage(const std::shared_ptr<const OpenStore>& store, const ItemId& folder);
// IMessage of a mail within a mail: read only, of no folder and without an entry id.
abi::IMessage* MakeEmbeddedMail(const std::shared_ptr<const OpenStore>& store, std::string source);
abi::IMsgStore* MakeMsgStore(std::shared_ptr<const OpenStore> store);
abi::IMSLogon* MakeLogon(std::shared_ptr<const OpenStore> store, abi::IMAPISupport* support);
abi::IMSProvider* MakeProvider(const MapiMemory& memory);

// OpenEntry, which stores, logons and folders have in common; null or empty ids name the root folder.
// Source: imsgstore-openentry, imapicontainer-openentry.
abi::HRESULT OpenEntryIn(const std::shared_ptr<const OpenStore>& store, abi::ULONG size, const abi::ENTRYID* id,
                         const abi::IID* iid, abi::ULONG flags, abi::ULONG* type, abi::IUnknown** object);
// What SetReadFlag and SetReadFlags do to a mail; other items are read. A receipt goes out only where it is asked for
// by itself (GENERATE_RECEIPT_ONLY): marking a mail as read tells nobody. Source: imessage-setreadflag.
abi::HRESULT MarkRead(const OpenStore& store, const ItemId& item, abi::ULONG flags);
// CompareEntryIDs. Source: imsgstore-compareentryids.
abi::HRESULT CompareEntries(abi::ULONG size1, const abi::ENTRYID* id1, abi::ULONG size2, const abi::ENTRYID* id2,
                            abi::ULONG flags, abi::ULONG* same);

}  // namespace outpost::mapi
