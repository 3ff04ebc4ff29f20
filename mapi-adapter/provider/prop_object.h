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
abi::HRESULT GetNames(const OpenStore& store, abi::SPropTagArray** tags, const abi::GUID* set, abi::ULONG flags,
                      abi::ULONG* count, abi::MAPINAMEID*** names);
abi::HRESULT GetIds(const OpenStore& store, abi::ULONG count, abi::MAPINAMEID** names, abi::ULONG flags,
                    abi::SPropTagArray** tags);
// Whether what was passed to SetProps is worth looking at: MAPI_E_INVALID_PARAMETER where one of it is an object, or
// several values that are none. Source: imapiprop-setprops.
abi::HRESULT CheckSet(abi::ULONG count, const abi::SPropValue* props);
// Those that are passed over without a word: PR_NULL, and errors.
bool IsPassedOver(PropTag tag);
// Whether a property of that number can be kept: a named one must have a name here.
bool HasName(const OpenStore& store, PropTag tag);
// A property, each with its code, that was not set or deleted.
abi::HRESULT Problems(const OpenStore& store, std::span<const abi::SPropProblem> problems,
                      abi::SPropProblemArray** out);

// What CopyTo and CopyProps are asked for: all but `tags`, by their ids, or those only.
struct CopyRequest {
  bool all = false;
  std::vector<PropTag> tags;
  bool Wants(PropTag tag) const;
};
// Copies what is wanted of `props` and can be set; MAPI_MOVE is MAPI_E_NO_SUPPORT.
abi::HRESULT CopySelected(const OpenStore& store, const Result<std::vector<Prop>>& props, const CopyRequest& request,
                          abi::IMAPIProp& to, abi::ULONG flags, std::vector<abi::SPropProblem>& problems);

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
    return AtEdge([&] {
      auto props = Props();
      if (props)
        for (const PropTag object : Objects()) props.value().push_back({object, false});
      return GetPropListOf(*store_, props, flags, tags);
    });
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
  abi::HRESULT OUTPOST_MAPI_CALL CopyTo(abi::ULONG count, const abi::IID* interfaces,
                                        const abi::SPropTagArray* excluded, abi::ULONG_PTR, abi::IMAPIProgress*,
                                        const abi::IID* iid, void* to, abi::ULONG flags,
                                        abi::SPropProblemArray** problems) override {
    return AtEdge([&] {
      CopyRequest request;
      if (excluded != nullptr) request.tags.assign(excluded->aulPropTag, excluded->aulPropTag + excluded->cValues);
      if (excluded != nullptr && excluded->cValues == 0) return abi::MAPI_E_INVALID_PARAMETER;
      if (count != 0 && interfaces == nullptr) return abi::MAPI_E_INVALID_PARAMETER;
      for (abi::ULONG i = 0; i < count; ++i)
        if (Offers(interfaces[i])) return abi::MAPI_E_NO_INTERFACE;  // by which else
      request.all = true;
      return Copy(std::move(request), iid, to, flags, problems);
    });
  }
  abi::HRESULT OUTPOST_MAPI_CALL CopyProps(const abi::SPropTagArray* included, abi::ULONG_PTR, abi::IMAPIProgress*,
                                           const abi::IID* iid, void* to, abi::ULONG flags,
                                           abi::SPropProblemArray** problems) override {
    return AtEdge([&] {
      if (included == nullptr || included->cValues == 0) return abi::MAPI_E_INVALID_PARAMETER;
      CopyRequest request;
      request.tags.assign(included->aulPropTag, included->aulPropTag + included->cValues);
      return Copy(std::move(request), iid, to, flags, problems);
    });
  }
  abi::HRESULT OUTPOST_MAPI_CALL GetNamesFromIDs(abi::SPropTagArray** tags, const abi::GUID* set, abi::ULONG flags,
                                                 abi::ULONG* count, abi::MAPINAMEID*** names) override {
    return AtEdge([&] { return GetNames(*store_, tags, set, flags, count, names); });
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
  virtual bool Offers(const abi::IID& iid) const override = 0;
  // What is opened by OpenProperty alone, and listed beside them.
  virtual std::vector<PropTag> Objects() const { return {}; }
  // Those that a copy is made of. Errors: where one that is wanted is there and cannot be read: without it the copy
  // would pass for whole.
  virtual Result<std::vector<Prop>> PropsToCopy(const CopyRequest&) const { return Props(); }
  // What is no property by itself, to an object of the same interface: recipients, attachments.
  virtual void CopySubobjects(const CopyRequest&, abi::IUnknown&, std::vector<abi::SPropProblem>&) const {}

  abi::HRESULT Copy(CopyRequest request, const abi::IID* iid, void* to, abi::ULONG flags,
                    abi::SPropProblemArray** out) const {
    if (out != nullptr) *out = nullptr;
    if (iid == nullptr || to == nullptr) return abi::MAPI_E_INVALID_PARAMETER;
    if (!Offers(*iid)) return abi::MAPI_E_NO_INTERFACE;
    const Interface* self = this;
    if (to == static_cast<const void*>(self)) return abi::MAPI_E_NO_ACCESS;
    std::vector<abi::SPropProblem> problems;
    const abi::HRESULT result =
        CopySelected(*store_, PropsToCopy(request), request, *static_cast<abi::IMAPIProp*>(to), flags, problems);
    if (abi::Failed(result)) return result;
    if (*iid != abi::kIMAPIProp) CopySubobjects(request, *static_cast<Interface*>(to), problems);
    return Problems(*store_, problems, out);
  }

  std::shared_ptr<const OpenStore> store_;
};

}  // namespace outpost::mapi
