#pragma once
#include <memory>
#include <optional>
#include <string>

#include "base/ids.h"
#include "engine/account.h"
#include "mapi-adapter/provider/values.h"

namespace outpost::mapi {

// One account that is open here, as all objects of its store see it. Threads: any.
struct OpenStore {
  std::shared_ptr<Account> account;
  std::string name;       // USER@HOST
  std::string uid;        // 16 bytes: PR_RECORD_KEY of the store, in all its entry ids
  std::string signature;  // 16 bytes: PR_MAPPING_SIGNATURE, says which names the ids of named properties stand for
  MapiMemory memory;
};

// The account called `name` (or the only one there is, for an empty name), opened, or shared with whoever has it open
// in this process. Errors: those of FindAccount and Account::Open.
Result<std::shared_ptr<const OpenStore>> OpenAccountStore(const std::string& name, const MapiMemory& memory);

// The provider's own id, in the entry ids of its stores.
std::string_view ProviderUid();

// What an entry id names. All are of the long-term kind, and made of what never changes.
struct StoreEntry {
  enum class Kind : std::uint8_t { kStore = 1, kFolder = 3, kMessage = 5 };  // MAPI's object types
  Kind kind{};
  std::string account;  // of a store
  ItemId id{};          // of the others
};
std::string StoreEntryId(std::string_view account);
std::string EntryIdOf(const OpenStore& store, StoreEntry::Kind kind, const ItemId& id);
// Nullopt for what is no entry id of the provider's.
std::optional<StoreEntry> ParseStoreEntryId(std::string_view bytes);
// Nullopt for what is none of this store's.
std::optional<StoreEntry> ParseEntryId(const OpenStore& store, std::string_view bytes);

// The bytes that a caller passed; empty for null.
inline std::string_view BytesAt(abi::ULONG size, const abi::ENTRYID* id) {
  return id == nullptr ? std::string_view() : std::string_view(reinterpret_cast<const char*>(id), size);
}

}  // namespace outpost::mapi
