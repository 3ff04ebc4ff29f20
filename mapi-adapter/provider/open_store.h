#pragma once
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "base/ids.h"
#include "engine/account.h"
#include "mapi-adapter/provider/name_table.h"
#include "mapi-adapter/provider/values.h"

namespace outpost::mapi {

// One account that is open here, as all objects of its store see it. Threads: any.
struct OpenStore {
  std::shared_ptr<Account> account;
  std::string name;                  // USER@HOST
  std::string uid;                   // 16 bytes: PR_RECORD_KEY of the store, in all its entry ids
  std::shared_ptr<NameTable> names;  // the ids of named properties; its signature is PR_MAPPING_SIGNATURE
  MapiMemory memory;
  std::function<ItemId()> new_id;  // for what is no item of the engine's
  std::function<Millis()> now;     // milliseconds since 1970 UTC
};

// The account called `name` (or the only one there is, for an empty name), opened, or shared with whoever has it open
// in this process. Errors: those of FindAccount and Account::Open.
Result<std::shared_ptr<const OpenStore>> OpenAccountStore(const std::string& name, const MapiMemory& memory);

// PR_RECORD_KEY of the store of an account. The name of the account that `name` says, or of the only one there is, for
// an empty one. Errors: those of FindAccount.
std::string StoreUid(std::string_view account);
Result<std::string> AccountNamed(const std::string& name);

// What is told to clients' sinks is told behind one of these, one for each who is told, so that it can be waited for.
// An account whose last reference goes in such a call is closed by another thread: its own may not wait for itself.
class TellingGate {
 public:
  // While it lives something is told; what it tells of goes before it.
  class Held {
   public:
    explicit Held(TellingGate& gate);
    ~Held();
    Held(const Held&) = delete;
    Held& operator=(const Held&) = delete;

   private:
    const std::lock_guard<std::mutex> lock_;
  };
  // Until nothing is told; at once where it is called by who is told.
  void Wait();

 private:
  std::mutex mutex_;
};

// The provider's own id, in the entry ids of its stores.
std::string_view ProviderUid();

// What an entry id names. All are of the long-term kind, and made of what never changes.
struct StoreEntry {
  enum class Kind : std::uint8_t {
    kStore = 1,
    kFolder = 3,
    kMessage = 5,
    kAssociated = 7
  };  // but for the last, MAPI's
  Kind kind{};
  std::string account;  // of a store
  ItemId id{};          // of the others
  ItemId folder{};      // of an associated message
};
std::string StoreEntryId(std::string_view account);
std::string EntryIdOf(const OpenStore& store, StoreEntry::Kind kind, const ItemId& id);
std::string AssociatedEntryId(const OpenStore& store, const ItemId& folder, const ItemId& id);
// Nullopt for what is no entry id of the provider's.
std::optional<StoreEntry> ParseStoreEntryId(std::string_view bytes);
// Nullopt for what is none of this store's.
std::optional<StoreEntry> ParseEntryId(const OpenStore& store, std::string_view bytes);

// The bytes that a caller passed; empty for null.
inline std::string_view BytesAt(abi::ULONG size, const abi::ENTRYID* id) {
  return id == nullptr ? std::string_view() : std::string_view(reinterpret_cast<const char*>(id), size);
}

}  // namespace outpost::mapi
