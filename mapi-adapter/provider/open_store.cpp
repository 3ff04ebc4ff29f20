#include "mapi-adapter/provider/open_store.h"

#include <map>
#include <mutex>
#include <thread>

#include "base/system/crypto.h"
#include "base/system/system_clock.h"
#include "engine/control.h"
#include "engine/data_dir.h"
#include "mapi-adapter/provider/com.h"
#include "replicator/net/network.h"

namespace outpost::mapi {
namespace {

using namespace std::string_view_literals;

constexpr std::string_view kFlags = "\0\0\0\0"sv;  // a long-term id
// {6f757470-6f73-742d-6d73-700000000001}, made for this.
constexpr std::string_view kProvider = "\x70\x74\x75\x6F\x73\x6F\x2D\x74\x6D\x73\x70\x00\x00\x00\x00\x01"sv;
constexpr char kVersion = 1;
constexpr std::size_t kUidBytes = 16;
constexpr const char* kNamesFile = "mapi-names";  // in the account's folder
constexpr const char* kLogFile = "provider.log";  // likewise

std::string FirstOfDigest(std::string_view text) {
  const Digest digest = Sha256Of(text);
  return std::string(reinterpret_cast<const char*>(digest.data()), kUidBytes);
}

thread_local int telling = 0;  // how many gates this thread is behind

// The process has one network thread, for as long as it lives: it is made and would have to go on one thread, and
// stores come and go on any.
Network& TheNetwork() {
  static Network* const network = new Network;
  return *network;
}

// The accounts that are open in this process, by folder, with the names of their properties. The journal of one has one
// writer, so that those who log on twice share it.
class Accounts {
 public:
  struct Opened {
    std::shared_ptr<Account> account;
    std::shared_ptr<NameTable> names;
  };
  Result<Opened> Open(const AccountPlace& place) {
    const std::lock_guard lock(mutex_);
    Known& known = open_[place.folder.string()];
    if (auto account = known.account.lock()) return Opened{account, known.names.lock()};
    AccountOptions options;
    options.folder = place.folder;
    auto world = std::make_shared<World>();
    world->log = MakeLog((place.folder / kLogFile).string(), LogLevel::kInfo);
    OUTPOST_TRY(auto account, Account::Open(std::move(options), {world->clock, world->random,
                                                                 world->log ? *world->log : NullLog(), &TheNetwork()}));
    OUTPOST_TRY(auto names, NameTable::Open(place.folder / kNamesFile, world->random));
    // It goes under the lock: whoever opens it anew meanwhile waits until its journal is closed.
    // What it needs goes with it, not with whoever still remembers that it was open.
    // Others are to get through while it is held. Where that cannot be served, it is there for who opened it all the
    // same.
    std::shared_ptr<ControlServer> control;
    Log& log = world->log ? *world->log : NullLog();
    if (auto served = ControlServer::Start(ControlSocket(place.folder), *account, log))
      control = std::move(served).assume_value();
    else
      log.Write(LogLevel::kWarning, "provider", "no other process can reach the account: " + served.error().context);
    std::shared_ptr<Account> shared(account.release(), [this, world, names, control](Account* gone) mutable {
      auto close = [this, world = std::move(world), names = std::move(names), control = std::move(control),
                    gone]() mutable {
        const std::lock_guard closing(mutex_);
        control.reset();
        delete gone;
      };
      if (telling > 0)
        std::thread(std::move(close)).detach();
      else
        close();
    });
    known = {shared, names};
    shared->Watch({}, [](const SyncReport&) {});
    return Opened{shared, names};
  }

 private:
  struct World {
    SystemClock clock;
    SystemRandom random;
    std::unique_ptr<Log> log;  // null where none can be written
  };
  struct Known {
    std::weak_ptr<Account> account;
    std::weak_ptr<NameTable> names;
  };
  std::mutex mutex_;
  std::map<std::string, Known> open_;
};

}  // namespace

Result<std::shared_ptr<const OpenStore>> OpenAccountStore(const std::string& name, const MapiMemory& memory) {
  static Accounts accounts;
  OUTPOST_TRY(const auto data, DefaultDataDir());
  OUTPOST_TRY(const AccountPlace place, FindAccount(data, name));
  OUTPOST_TRY(Accounts::Opened opened, accounts.Open(place));
  auto store = std::make_shared<OpenStore>();
  store->account = std::move(opened.account);
  store->names = std::move(opened.names);
  store->name = place.name;
  store->uid = StoreUid(place.name);
  store->memory = memory;
  store->now = [] { return SystemClock().WallNow(); };
  store->new_id = [] {
    SystemRandom random;
    return MakeId<ItemId>(SystemClock().WallNow(), random);
  };
  return std::shared_ptr<const OpenStore>(std::move(store));
}

std::string StoreUid(std::string_view account) { return FirstOfDigest("store of " + std::string(account)); }

Result<std::string> AccountNamed(const std::string& name) {
  OUTPOST_TRY(const auto data, DefaultDataDir());
  OUTPOST_TRY(const AccountPlace place, FindAccount(data, name));
  return place.name;
}

TellingGate::Held::Held(TellingGate& gate) : lock_(gate.mutex_) { ++telling; }
TellingGate::Held::~Held() { --telling; }
void TellingGate::Wait() {
  if (telling == 0) const std::lock_guard until_told(mutex_);
}

std::string_view ProviderUid() { return kProvider; }

std::string StoreEntryId(std::string_view account) {
  std::string out = std::string(kFlags) + std::string(kProvider);
  out.push_back(kVersion);
  out.push_back(static_cast<char>(StoreEntry::Kind::kStore));
  return out + std::string(account) + '\0';
}

std::string EntryIdOf(const OpenStore& store, StoreEntry::Kind kind, const ItemId& id) {
  std::string out = std::string(kFlags) + store.uid;
  out.push_back(kVersion);
  out.push_back(static_cast<char>(kind));
  return out + std::string(id.View());
}

std::string AssociatedEntryId(const OpenStore& store, const ItemId& folder, const ItemId& id) {
  return EntryIdOf(store, StoreEntry::Kind::kAssociated, folder) + std::string(id.View());
}

std::optional<StoreEntry> ParseStoreEntryId(std::string_view bytes) {
  const std::string head = StoreEntryId("").substr(0, kFlags.size() + kUidBytes + 2);
  if (!bytes.starts_with(head) || !bytes.ends_with('\0')) return std::nullopt;
  const std::string_view name = bytes.substr(head.size(), bytes.size() - head.size() - 1);
  if (name.empty() || name.find('\0') != std::string_view::npos) return std::nullopt;
  return StoreEntry{StoreEntry::Kind::kStore, std::string(name), {}, {}};
}

std::optional<StoreEntry> ParseEntryId(const OpenStore& store, std::string_view bytes) {
  if (auto entry = ParseStoreEntryId(bytes)) return entry->account == store.name ? entry : std::nullopt;
  for (const auto kind : {StoreEntry::Kind::kFolder, StoreEntry::Kind::kMessage}) {
    const std::string head = EntryIdOf(store, kind, {}).substr(0, kFlags.size() + kUidBytes + 2);
    const auto id = bytes.starts_with(head) ? ItemId::FromView(bytes.substr(head.size())) : std::nullopt;
    if (id) return StoreEntry{kind, {}, *id, {}};
  }
  const std::string head = EntryIdOf(store, StoreEntry::Kind::kAssociated, {}).substr(0, kFlags.size() + kUidBytes + 2);
  if (!bytes.starts_with(head) || bytes.size() != head.size() + 2 * sizeof(ItemId)) return std::nullopt;
  const auto folder = ItemId::FromView(bytes.substr(head.size(), sizeof(ItemId))),
             id = ItemId::FromView(bytes.substr(head.size() + sizeof(ItemId)));
  if (folder && id) return StoreEntry{StoreEntry::Kind::kAssociated, {}, *id, *folder};
  return std::nullopt;
}

abi::HRESULT CodeOf(const Error& error) {
  switch (error.code) {
    case Code::kNotFound:
      return abi::MAPI_E_NOT_FOUND;
    case Code::kPreconditionFailed:
    case Code::kConflict:
      return abi::MAPI_E_OBJECT_CHANGED;
    case Code::kInvalid:
      return abi::MAPI_E_INVALID_PARAMETER;
    case Code::kRejected:
      return abi::MAPI_E_NO_ACCESS;
    default:
      return abi::MAPI_E_CALL_FAILED;
  }
}

}  // namespace outpost::mapi
