#include <cstring>

#include "mapi-adapter/host/host.h"

namespace outpost::mapi::host {
namespace {

using namespace abi;

constexpr ULONG kProviderUid = 0x300C0102;
constexpr char kUid[] = "a provider's uid";  // 16 bytes
constexpr ULONG kBinaryType = 0x102, kTypes = 0xFFFF;

// The providers of the service: one row, with its uid.
class ProviderTable final : public IMAPITable {
 public:
  explicit ProviderTable(Admin& admin) : admin_(admin) { admin_.AddRef(); }
  HRESULT OUTPOST_MAPI_CALL QueryInterface(const IID&, void**) override { return MAPI_E_NO_INTERFACE; }
  ULONG OUTPOST_MAPI_CALL AddRef() override { return ++references_; }
  ULONG OUTPOST_MAPI_CALL Release() override {
    const ULONG left = --references_;
    if (left == 0) {
      admin_.Release();
      delete this;
    }
    return left;
  }
  HRESULT OUTPOST_MAPI_CALL SetColumns(const SPropTagArray* tags, ULONG) override {
    return tags != nullptr && tags->cValues == 1 && tags->aulPropTag[0] == kProviderUid ? S_OK_ : No();
  }
  HRESULT OUTPOST_MAPI_CALL QueryRows(LONG, ULONG, SRowSet** rows) override {
    void *set = nullptr, *values = nullptr, *uid = nullptr;
    if (Failed(HostAllocateBuffer(sizeof(SRowSet), &set))) return MAPI_E_NOT_ENOUGH_MEMORY;
    if (Failed(HostAllocateBuffer(sizeof(SPropValue), &values)) || Failed(HostAllocateMore(16, values, &uid))) {
      HostFreeBuffer(set);
      if (values != nullptr) HostFreeBuffer(values);
      return MAPI_E_NOT_ENOUGH_MEMORY;
    }
    std::memcpy(uid, kUid, 16);
    auto* value = static_cast<SPropValue*>(values);
    *value = {};
    value->ulPropTag = kProviderUid;
    value->Value.bin = {16, static_cast<BYTE*>(uid)};
    auto* out = static_cast<SRowSet*>(set);
    out->cRows = 1;
    out->aRow[0] = {0, 1, value};
    *rows = out;
    return S_OK_;
  }
  HRESULT OUTPOST_MAPI_CALL GetLastError(HRESULT, ULONG, MAPIERROR**) override { return No(); }
  HRESULT OUTPOST_MAPI_CALL Advise(ULONG, IMAPIAdviseSink*, ULONG_PTR*) override { return No(); }
  HRESULT OUTPOST_MAPI_CALL Unadvise(ULONG_PTR) override { return No(); }
  HRESULT OUTPOST_MAPI_CALL GetStatus(ULONG*, ULONG*) override { return No(); }
  HRESULT OUTPOST_MAPI_CALL QueryColumns(ULONG, SPropTagArray**) override { return No(); }
  HRESULT OUTPOST_MAPI_CALL GetRowCount(ULONG, ULONG*) override { return No(); }
  HRESULT OUTPOST_MAPI_CALL SeekRow(BOOKMARK, LONG, LONG*) override { return No(); }
  HRESULT OUTPOST_MAPI_CALL SeekRowApprox(ULONG, ULONG) override { return No(); }
  HRESULT OUTPOST_MAPI_CALL QueryPosition(ULONG*, ULONG*, ULONG*) override { return No(); }
  HRESULT OUTPOST_MAPI_CALL FindRow(SRestriction*, BOOKMARK, ULONG) override { return No(); }
  HRESULT OUTPOST_MAPI_CALL Restrict(SRestriction*, ULONG) override { return No(); }
  HRESULT OUTPOST_MAPI_CALL CreateBookmark(BOOKMARK*) override { return No(); }
  HRESULT OUTPOST_MAPI_CALL FreeBookmark(BOOKMARK) override { return No(); }
  HRESULT OUTPOST_MAPI_CALL SortTable(const SSortOrderSet*, ULONG) override { return No(); }
  HRESULT OUTPOST_MAPI_CALL QuerySortOrder(SSortOrderSet**) override { return No(); }
  HRESULT OUTPOST_MAPI_CALL Abort() override { return No(); }
  HRESULT OUTPOST_MAPI_CALL ExpandRow(ULONG, BYTE*, ULONG, ULONG, SRowSet**, ULONG*) override { return No(); }
  HRESULT OUTPOST_MAPI_CALL CollapseRow(ULONG, BYTE*, ULONG, ULONG*) override { return No(); }
  HRESULT OUTPOST_MAPI_CALL WaitForCompletion(ULONG, ULONG, ULONG*) override { return No(); }
  HRESULT OUTPOST_MAPI_CALL GetCollapseState(ULONG, ULONG, BYTE*, ULONG*, BYTE**) override { return No(); }
  HRESULT OUTPOST_MAPI_CALL SetCollapseState(ULONG, ULONG, BYTE*, BOOKMARK*) override { return No(); }

 private:
  ~ProviderTable() = default;
  static HRESULT No() { return MAPI_E_NO_SUPPORT; }

  std::atomic<ULONG> references_{1};
  Admin& admin_;
};

// Keeps what is set, once it is saved.
class Section final : public IMAPIProp {
 public:
  explicit Section(Admin& admin) : admin_(admin) { admin_.AddRef(); }
  HRESULT OUTPOST_MAPI_CALL QueryInterface(const IID&, void**) override { return MAPI_E_NO_INTERFACE; }
  ULONG OUTPOST_MAPI_CALL AddRef() override { return ++references_; }
  ULONG OUTPOST_MAPI_CALL Release() override {
    const ULONG left = --references_;
    if (left == 0) {
      admin_.Release();
      delete this;
    }
    return left;
  }
  HRESULT OUTPOST_MAPI_CALL SetProps(ULONG count, const SPropValue* props, SPropProblemArray**) override {
    for (ULONG i = 0; i < count; ++i)
      set_[props[i].ulPropTag] = (props[i].ulPropTag & kTypes) == kBinaryType ? BytesOf(props[i]) : TextOf(props[i]);
    return S_OK_;
  }
  HRESULT OUTPOST_MAPI_CALL SaveChanges(ULONG) override {
    admin_.section = set_;
    admin_.saved = true;
    return S_OK_;
  }
  HRESULT OUTPOST_MAPI_CALL GetLastError(HRESULT, ULONG, MAPIERROR**) override { return No(); }
  HRESULT OUTPOST_MAPI_CALL GetProps(const SPropTagArray*, ULONG, ULONG*, SPropValue**) override { return No(); }
  HRESULT OUTPOST_MAPI_CALL GetPropList(ULONG, SPropTagArray**) override { return No(); }
  HRESULT OUTPOST_MAPI_CALL OpenProperty(ULONG, const IID*, ULONG, ULONG, IUnknown**) override { return No(); }
  HRESULT OUTPOST_MAPI_CALL DeleteProps(const SPropTagArray*, SPropProblemArray**) override { return No(); }
  HRESULT OUTPOST_MAPI_CALL CopyTo(ULONG, const IID*, const SPropTagArray*, ULONG_PTR, IMAPIProgress*, const IID*,
                                   void*, ULONG, SPropProblemArray**) override {
    return No();
  }
  HRESULT OUTPOST_MAPI_CALL CopyProps(const SPropTagArray*, ULONG_PTR, IMAPIProgress*, const IID*, void*, ULONG,
                                      SPropProblemArray**) override {
    return No();
  }
  HRESULT OUTPOST_MAPI_CALL GetNamesFromIDs(SPropTagArray**, const GUID*, ULONG, ULONG*, MAPINAMEID***) override {
    return No();
  }
  HRESULT OUTPOST_MAPI_CALL GetIDsFromNames(ULONG, MAPINAMEID**, ULONG, SPropTagArray**) override { return No(); }

 private:
  ~Section() = default;
  static HRESULT No() { return MAPI_E_NO_SUPPORT; }

  std::atomic<ULONG> references_{1};
  Admin& admin_;
  std::map<ULONG, std::string> set_;
};

}  // namespace

HRESULT OUTPOST_MAPI_CALL Admin::QueryInterface(const IID&, void** object) {
  if (object != nullptr) *object = nullptr;
  return MAPI_E_NO_INTERFACE;
}

HRESULT OUTPOST_MAPI_CALL Admin::GetProviderTable(ULONG, IMAPITable** table) {
  *table = new ProviderTable(*this);
  return S_OK_;
}

HRESULT OUTPOST_MAPI_CALL Admin::OpenProfileSection(MAPIUID* uid, const IID*, ULONG flags, IMAPIProp** opened) {
  *opened = nullptr;
  if (uid == nullptr || std::memcmp(uid->ab, kUid, sizeof uid->ab) != 0) return MAPI_E_NOT_FOUND;
  if ((flags & MAPI_MODIFY) == 0) return MAPI_E_NO_ACCESS;
  *opened = new Section(*this);
  return S_OK_;
}

}  // namespace outpost::mapi::host
