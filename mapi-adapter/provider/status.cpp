#include "mapi-adapter/provider/status.h"

#include "engine/progress.h"
#include "engine/status.h"
#include "mapi-adapter/codec/tags.h"
#include "mapi-adapter/provider/prop_object.h"

namespace outpost::mapi {
namespace {

using namespace abi;

constexpr const char* kProviderName = "Outpost";
constexpr const char* kLibrary = "outpostmsp.dll";  // MAPI puts a 32 behind its name

ULONG CodeOfState(const std::string& state) {
  if (state == "online" || state == "never") return STATUS_AVAILABLE;
  if (state == "offline" || state == "server_down" || state == "throttled" || state == "paused")
    return STATUS_AVAILABLE | STATUS_OFFLINE;  // all that is here can be read and changed
  return STATUS_AVAILABLE | STATUS_FAILURE;
}

std::string Sentence(const AccountStatus& status, const ProgressReport& progress) {
  std::string text = status.state == "never" ? std::string("not synced yet") : status.state;
  if (progress.running && progress.listed != 0)
    text += ", " + std::to_string(progress.stored) + " of " + std::to_string(progress.listed) + " items received";
  if (status.pending != 0) text += ", " + std::to_string(status.pending) + " changes to send";
  if (status.parked != 0) text += ", " + std::to_string(status.parked) + " refused by the server";
  if (status.conflicts != 0) text += ", " + std::to_string(status.conflicts) + " conflicts";
  if (status.held_deletions != 0) text += ", " + std::to_string(status.held_deletions) + " deletions wait for consent";
  return text;
}

// A run goes on by itself: whoever asked for it hears of it by notifications.
void SyncNow(const OpenStore& store) {
  store.account->SyncAsync({}, nullptr, [](const SyncReport&) {});
}

class Status final : public PropObject<IMAPIStatus> {
 public:
  explicit Status(std::shared_ptr<const OpenStore> store) : PropObject(std::move(store)) {}

  HRESULT OUTPOST_MAPI_CALL ValidateState(ULONG_PTR, ULONG flags) override {
    return AtEdge([&] {
      constexpr ULONG kConnecting = REFRESH_XP_HEADER_CACHE | PROCESS_XP_HEADER_CACHE | FORCE_XP_CONNECT;
      constexpr ULONG kKnown =
          kConnecting | SUPPRESS_UI | FORCE_XP_DISCONNECT | CONFIG_CHANGED | ABORT_XP_HEADER_OPERATION;
      if ((flags & ~kKnown) != 0) return MAPI_E_UNKNOWN_FLAGS;
      if ((flags & kConnecting) != 0) SyncNow(store());
      return S_OK_;
    });
  }
  HRESULT OUTPOST_MAPI_CALL SettingsDialog(ULONG_PTR, ULONG) override { return MAPI_E_NO_SUPPORT; }
  HRESULT OUTPOST_MAPI_CALL ChangePassword(void*, void*, ULONG) override { return MAPI_E_NO_SUPPORT; }
  HRESULT OUTPOST_MAPI_CALL FlushQueues(ULONG_PTR, ULONG, ENTRYID*, ULONG flags) override {
    return AtEdge([&] {
      constexpr ULONG kKnown = FLUSH_UPLOAD | FLUSH_DOWNLOAD | FLUSH_FORCE | FLUSH_NO_UI | FLUSH_ASYNC_OK;
      if ((flags & ~kKnown) != 0) return MAPI_E_UNKNOWN_FLAGS;
      SyncNow(store());
      return S_OK_;
    });
  }

 private:
  ~Status() = default;
  bool Offers(const IID& iid) const override { return iid == kIMAPIStatus || iid == kIMAPIProp; }
  void Destroy() override { delete this; }
  Result<std::vector<Prop>> Props() const override { return PropsOfStatus(store()); }
};

}  // namespace

Result<std::vector<Prop>> PropsOfStatus(const OpenStore& store) {
  OUTPOST_TRY(const AccountStatus status, store.account->Status());
  OUTPOST_TRY(const ProgressReport progress, store.account->Progress(0, Millis{0}));
  ULONG code = CodeOfState(status.state) | STATUS_INBOUND_ENABLED | STATUS_OUTBOUND_ENABLED;
  if (progress.running)
    code |= progress.phase == SyncProgress::Phase::kPushing ? STATUS_OUTBOUND_ACTIVE : STATUS_INBOUND_ACTIVE;
  const auto number = [](ULONG value) { return static_cast<std::int32_t>(value); };
  return std::vector<Prop>{{tag::kDisplayName, store.name},
                           {tag::kObjectType, number(MAPI_STATUS)},
                           {tag::kProviderDisplay, std::string(kProviderName)},
                           {tag::kProviderDllName, std::string(kLibrary)},
                           {tag::kResourceFlags, number(STATUS_NO_DEFAULT_STORE)},
                           {tag::kResourceMethods, number(STATUS_VALIDATE_STATE | STATUS_FLUSH_QUEUES)},
                           {tag::kResourceType, number(MAPI_STORE_PROVIDER)},
                           {tag::kStatusCode, number(code)},
                           {tag::kStatusString, Sentence(status, progress)}};
}

abi::IMAPIStatus* MakeStatus(std::shared_ptr<const OpenStore> store) { return new Status(std::move(store)); }

}  // namespace outpost::mapi
