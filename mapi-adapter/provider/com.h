#pragma once
#include <atomic>
#include <new>
#include <utility>

#include "base/result.h"
#include "mapi-adapter/provider/mapi_abi.h"

namespace outpost::mapi {

// What an error of the engine's is to a MAPI client.
abi::HRESULT CodeOf(const Error& error);

// The edge of the library: nothing thrown crosses it. `body` answers an HRESULT.
template <class Body>
abi::HRESULT AtEdge(Body&& body) noexcept {
  try {
    return body();
  } catch (const std::bad_alloc&) {
    return abi::MAPI_E_NOT_ENOUGH_MEMORY;
  } catch (...) {
    return abi::MAPI_E_CALL_FAILED;
  }
}

// IUnknown of an object that implements `Interface`: made with one reference, which is its maker's. Threads: any.
template <class Interface>
class ComObject : public Interface {
 public:
  ComObject() = default;
  ComObject(const ComObject&) = delete;
  ComObject& operator=(const ComObject&) = delete;

  abi::HRESULT OUTPOST_MAPI_CALL QueryInterface(const abi::IID& iid, void** object) override {
    if (object == nullptr) return abi::MAPI_E_INVALID_PARAMETER;
    *object = nullptr;
    if (iid != abi::kIUnknown && !Offers(iid)) return abi::MAPI_E_NO_INTERFACE;
    *object = static_cast<Interface*>(this);
    AddRef();
    return abi::S_OK_;
  }
  abi::ULONG OUTPOST_MAPI_CALL AddRef() override { return references_.fetch_add(1, std::memory_order_relaxed) + 1; }
  abi::ULONG OUTPOST_MAPI_CALL Release() override {
    const abi::ULONG left = references_.fetch_sub(1, std::memory_order_acq_rel) - 1;
    if (left == 0) Destroy();
    return left;
  }

 protected:
  ~ComObject() = default;

 private:
  // Behind the slots of the interface, so that those stay where they are.
  virtual bool Offers(const abi::IID& iid) const = 0;
  virtual void Destroy() = 0;

  std::atomic<abi::ULONG> references_{1};
};

// A new object as its caller wanted it: `iid` null for what it is. Its reference goes to `object`, or it goes.
template <class Out, class Object>
abi::HRESULT HandOver(Object* made, const abi::IID* iid, Out** object) {
  void* as = nullptr;
  const abi::HRESULT result =
      iid == nullptr ? (as = made, made->AddRef(), abi::S_OK_) : made->QueryInterface(*iid, &as);
  made->Release();
  if (!abi::Failed(result)) *object = static_cast<Out*>(as);
  return result;
}

}  // namespace outpost::mapi
