#include <mutex>

#include "mapi-adapter/provider/com.h"
#include "mapi-adapter/provider/object_sinks.h"
#include "mapi-adapter/provider/objects.h"
#include "mapi-adapter/provider/status.h"

namespace outpost::mapi {
namespace {

using namespace abi;

class Logon final : public ComObject<IMSLogon> {
 public:
  Logon(std::shared_ptr<const OpenStore> store, IMAPISupport* support)
      : store_(std::move(store)), sinks_(std::make_shared<ObjectSinks>(store_)), support_(support) {
    if (support != nullptr) support->AddRef();
  }

  HRESULT OUTPOST_MAPI_CALL GetLastError(HRESULT, ULONG, MAPIERROR** error) override {
    if (error != nullptr) *error = nullptr;
    return S_OK_;
  }
  HRESULT OUTPOST_MAPI_CALL Logoff(ULONG* flags) override {
    if (flags == nullptr) return MAPI_E_INVALID_PARAMETER;
    ReleaseSupport();
    return S_OK_;
  }
  HRESULT OUTPOST_MAPI_CALL OpenEntry(ULONG size, const ENTRYID* id, const IID* iid, ULONG flags, ULONG* type,
                                      IUnknown** object) override {
    return AtEdge([&] { return OpenEntryIn(store_, size, id, iid, flags, type, object); });
  }
  HRESULT OUTPOST_MAPI_CALL CompareEntryIDs(ULONG size1, const ENTRYID* id1, ULONG size2, const ENTRYID* id2,
                                            ULONG flags, ULONG* same) override {
    return AtEdge([&] { return CompareEntries(size1, id1, size2, id2, flags, same); });
  }
  HRESULT OUTPOST_MAPI_CALL Advise(ULONG size, const ENTRYID* id, ULONG mask, IMAPIAdviseSink* sink,
                                   ULONG_PTR* connection) override {
    return AtEdge([&] { return sinks_->Advise(size, id, mask, sink, connection); });
  }
  HRESULT OUTPOST_MAPI_CALL Unadvise(ULONG_PTR connection) override {
    return AtEdge([&] { return sinks_->Unadvise(connection); });
  }
  HRESULT OUTPOST_MAPI_CALL OpenStatusEntry(const IID* iid, ULONG flags, ULONG* type, void** entry) override {
    return AtEdge([&] {
      if (type == nullptr || entry == nullptr) return MAPI_E_INVALID_PARAMETER;
      *entry = nullptr;
      if ((flags & ~MAPI_MODIFY) != 0) return MAPI_E_UNKNOWN_FLAGS;
      *type = MAPI_STATUS;
      return HandOver(MakeStatus(store_), iid, entry);
    });
  }

 private:
  ~Logon() {
    sinks_->Close();
    ReleaseSupport();
  }
  bool Offers(const IID& iid) const override { return iid == kIMSLogon; }
  void Destroy() override { delete this; }
  void ReleaseSupport() {
    if (IMAPISupport* support = support_.exchange(nullptr)) support->Release();
  }

  const std::shared_ptr<const OpenStore> store_;
  const std::shared_ptr<ObjectSinks> sinks_;
  std::atomic<IMAPISupport*> support_;
};

class Provider final : public ComObject<IMSProvider> {
 public:
  explicit Provider(const MapiMemory& memory) : memory_(memory) {}

  HRESULT OUTPOST_MAPI_CALL Shutdown(ULONG* flags) override {
    return flags == nullptr ? MAPI_E_INVALID_PARAMETER : S_OK_;
  }

  HRESULT OUTPOST_MAPI_CALL Logon(IMAPISupport* support, ULONG_PTR, void*, ULONG size, const ENTRYID* id, ULONG,
                                  const IID* iid, ULONG* security_size, BYTE** security, MAPIERROR** error,
                                  IMSLogon** logon, IMsgStore** store) override {
    return AtEdge([&] {
      if (security_size != nullptr) *security_size = 0;
      if (security != nullptr) *security = nullptr;
      if (error != nullptr) *error = nullptr;
      if (logon == nullptr || store == nullptr || support == nullptr) return MAPI_E_INVALID_PARAMETER;
      *logon = nullptr;
      *store = nullptr;
      std::string name;
      if (size != 0 || id != nullptr) {
        const auto entry = ParseStoreEntryId(BytesAt(size, id));
        if (!entry) return MAPI_E_INVALID_ENTRYID;
        name = entry->account;
      }
      auto opened = OpenAccountStore(name, memory_);
      if (!opened) return WhyNot(opened.error(), name.empty());
      MAPIUID uid;
      std::copy(opened.value()->uid.begin(), opened.value()->uid.end(), uid.ab);
      const HRESULT registered = support->SetProviderUID(&uid, 0);
      if (Failed(registered)) return registered;
      RegisterStatus(*opened.value(), *support);
      const HRESULT result = HandOver(MakeMsgStore(opened.value()), iid, store);
      if (!Failed(result)) *logon = MakeLogon(opened.value(), support);
      return result;
    });
  }
  HRESULT OUTPOST_MAPI_CALL SpoolerLogon(IMAPISupport*, ULONG_PTR, void*, ULONG, const ENTRYID*, ULONG, const IID*,
                                         ULONG, BYTE*, MAPIERROR**, IMSLogon**, IMsgStore**) override {
    return MAPI_E_NO_SUPPORT;
  }
  HRESULT OUTPOST_MAPI_CALL CompareStoreIDs(ULONG size1, const ENTRYID* id1, ULONG size2, const ENTRYID* id2,
                                            ULONG flags, ULONG* same) override {
    return AtEdge([&] { return CompareEntries(size1, id1, size2, id2, flags, same); });
  }

 private:
  ~Provider() = default;
  bool Offers(const IID& iid) const override { return iid == kIMSProvider; }
  void Destroy() override { delete this; }

  // The store's row in the session's status table. Who cannot have one still has the store.
  static void RegisterStatus(const OpenStore& store, IMAPISupport& support) {
    const auto props = PropsOfStatus(store);
    if (!props) return;
    MapiBlock block(store.memory);
    auto* row = block.Array<SPropValue>(props.value().size());
    WriteProps(props.value(), nullptr, true, block, row);
    support.ModifyStatusRow(static_cast<ULONG>(props.value().size()), row, 0);
  }
  // An account that somebody else holds must not take Outlook's other stores with it.
  static HRESULT WhyNot(const Error& error, bool none_named) {
    if (error.code == Code::kUnavailable || error.code == Code::kCorrupt) return MAPI_E_FAILONEPROVIDER;
    if (none_named) return MAPI_E_UNCONFIGURED;
    return MAPI_E_LOGON_FAILED;
  }

  const MapiMemory memory_;
};

}  // namespace

abi::IMSLogon* MakeLogon(std::shared_ptr<const OpenStore> store, abi::IMAPISupport* support) {
  return new Logon(std::move(store), support);
}
abi::IMSProvider* MakeProvider(const MapiMemory& memory) { return new Provider(memory); }

}  // namespace outpost::mapi

#if defined(_WIN32)
#define OUTPOST_MAPI_EXPORT __declspec(dllexport)
#else
#define OUTPOST_MAPI_EXPORT __attribute__((visibility("default")))
#endif

// What MAPI looks for in the library. Source: msproviderinit, "Loading Message Store Providers".
extern "C" OUTPOST_MAPI_EXPORT outpost::mapi::abi::HRESULT MSProviderInit(
    void*, void*, outpost::mapi::abi::AllocateBuffer allocate, outpost::mapi::abi::AllocateMore more,
    outpost::mapi::abi::FreeBuffer free, outpost::mapi::abi::ULONG, outpost::mapi::abi::ULONG mapi_version,
    outpost::mapi::abi::ULONG* provider_version, outpost::mapi::abi::IMSProvider** provider) {
  using namespace outpost::mapi;
  return AtEdge([&] {
    if (provider_version == nullptr || provider == nullptr || allocate == nullptr || more == nullptr || free == nullptr)
      return abi::MAPI_E_INVALID_PARAMETER;
    *provider = nullptr;
    if (mapi_version < abi::kSpiVersion) return abi::MAPI_E_VERSION;
    *provider_version = abi::kSpiVersion;
    *provider = MakeProvider({allocate, more, free});
    return abi::S_OK_;
  });
}
