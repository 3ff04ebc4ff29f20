#pragma once
#include <memory>
#include <vector>

#include "mapi-adapter/provider/com.h"
#include "mapi-adapter/provider/open_store.h"

namespace outpost::mapi {

// What reading the properties of any object is, behind GetProps, GetPropList, GetNamesFromIDs and GetIDsFromNames.
// Source: the pages of these methods. Threads: any.
abi::HRESULT GetPropsOf(const OpenStore& store, const Result<std::vector<Prop>>& props, const abi::SPropTagArray* tags,
                        abi::ULONG flags, abi::ULONG* count, abi::SPropValue** out);
abi::HRESULT GetPropListOf(const OpenStore& store, const Result<std::vector<Prop>>& props, abi::ULONG flags,
                           abi::SPropTagArray** tags);
abi::HRESULT GetNames(const OpenStore& store, abi::SPropTagArray** tags, const abi::GUID* set, abi::ULONG* count,
                      abi::MAPINAMEID*** names);
abi::HRESULT GetIds(const OpenStore& store, abi::ULONG count, abi::MAPINAMEID** names, abi::ULONG flags,
                    abi::SPropTagArray** tags);
// Problems for all of `tags` with that code.
abi::HRESULT Problems(const OpenStore& store, std::span<const abi::SPropProblem> problems,
                      abi::SPropProblemArray** out);

// IMAPIProp of an object whose properties `Props` answers: to be read; who can be changed overrides the rest.
template <class Interface>
class PropObject : public ComObject<Interface> {
 public:
  explicit PropObject(std::shared_ptr<const OpenStore> store) : store_(std::move(store)) {}

  abi::HRESULT OUTPOST_MAPI_CALL GetLastError(abi::HRESULT, abi::ULONG, abi::MAPIERROR** error) override {
    if (error != nullptr) *error = nullptr;
    return abi::S_OK_;
  }
  abi::HRESULT OUTPOST_MAPI_CALL SaveChanges(abi::ULONG) override { return abi::S_OK_; }
  abi::HRESULT OUTPOST_MAPI_CALL GetProps(const abi::SPropTagArray* tags, abi::ULONG flags, abi::ULONG* count,
                                          abi::SPropValue** props) override {
    return AtEdge([&] { return GetPropsOf(*store_, Props(), tags, flags, count, props); });
  }
  abi::HRESULT OUTPOST_MAPI_CALL GetPropList(abi::ULONG flags, abi::SPropTagArray** tags) override {
    return AtEdge([&] { return GetPropListOf(*store_, Props(), flags, tags); });
  }
  abi::HRESULT OUTPOST_MAPI_CALL OpenProperty(abi::ULONG, const abi::IID*, abi::ULONG, abi::ULONG,
                                              abi::IUnknown**) override {
    return abi::MAPI_E_NO_SUPPORT;
  }
  abi::HRESULT OUTPOST_MAPI_CALL SetProps(abi::ULONG, const abi::SPropValue*, abi::SPropProblemArray**) override {
    return abi::MAPI_E_NO_ACCESS;
  }
  abi::HRESULT OUTPOST_MAPI_CALL DeleteProps(const abi::SPropTagArray*, abi::SPropProblemArray**) override {
    return abi::MAPI_E_NO_ACCESS;
  }
  abi::HRESULT OUTPOST_MAPI_CALL CopyTo(abi::ULONG, const abi::IID*, const abi::SPropTagArray*, abi::ULONG_PTR,
                                        abi::IMAPIProgress*, const abi::IID*, void*, abi::ULONG,
                                        abi::SPropProblemArray**) override {
    return abi::MAPI_E_NO_SUPPORT;
  }
  abi::HRESULT OUTPOST_MAPI_CALL CopyProps(const abi::SPropTagArray*, abi::ULONG_PTR, abi::IMAPIProgress*,
                                           const abi::IID*, void*, abi::ULONG, abi::SPropProblemArray**) override {
    return abi::MAPI_E_NO_SUPPORT;
  }
  abi::HRESULT OUTPOST_MAPI_CALL GetNamesFromIDs(abi::SPropTagArray** tags, const abi::GUID* set, abi::ULONG,
                                                 abi::ULONG* count, abi::MAPINAMEID*** names) override {
    return AtEdge([&] { return GetNames(*store_, tags, set, count, names); });
  }
  abi::HRESULT OUTPOST_MAPI_CALL GetIDsFromNames(abi::ULONG count, abi::MAPINAMEID** names, abi::ULONG flags,
                                                 abi::SPropTagArray** tags) override {
    return AtEdge([&] { return GetIds(*store_, count, names, flags, tags); });
  }

 protected:
  ~PropObject() = default;
  const OpenStore& store() const { return *store_; }
  const std::shared_ptr<const OpenStore>& shared_store() const { return store_; }

 private:
  // All there are now.
  virtual Result<std::vector<Prop>> Props() const = 0;

  std::shared_ptr<const OpenStore> store_;
};

}  // namespace outpost::mapi
