#include <algorithm>
#include <memory>

#include "mapi-adapter/codec/tags.h"
#include "mapi-adapter/provider/com.h"
#include "mapi-adapter/provider/open_store.h"

namespace outpost::mapi {
namespace {

using namespace abi;

// The account that a profile is to have: as it was named, or the only one there is.
Result<std::string> AccountWanted(ULONG count, const SPropValue* props) {
  std::string name;
  for (ULONG i = 0; props != nullptr && i < count; ++i)
    if (const auto prop = ReadProp(props[i]); prop && prop->tag == tag::kDisplayName)
      name = std::get<std::string>(prop->value);
  return AccountNamed(name);
}

HRESULT ConfigureSection(const MapiMemory& memory, IProviderAdmin& admin, const std::string& account,
                         const SBinary& uid) {
  MAPIUID id;
  if (uid.cb != sizeof id || uid.lpb == nullptr) return MAPI_E_CALL_FAILED;
  std::copy(uid.lpb, uid.lpb + sizeof id, id.ab);
  IMAPIProp* section = nullptr;
  const HRESULT opened = admin.OpenProfileSection(&id, nullptr, MAPI_MODIFY, &section);
  if (Failed(opened)) return opened;
  const std::shared_ptr<IMAPIProp> held(section, [](IMAPIProp* gone) { gone->Release(); });
  const std::vector<Prop> props{{tag::kEntryId, Blob{StoreEntryId(account)}},
                                {tag::kRecordKey, Blob{StoreUid(account)}},
                                {tag::kMdbProvider, Blob{std::string(ProviderUid())}},
                                {tag::kDisplayName, account}};
  MapiBlock block(memory);
  auto* values = block.Array<SPropValue>(props.size());
  WriteProps(props, nullptr, true, block, values);
  const HRESULT set = section->SetProps(static_cast<ULONG>(props.size()), values, nullptr);
  return Failed(set) ? set : section->SaveChanges(KEEP_OPEN_READWRITE);
}

// Each provider of the service; there is one, but the table says which.
HRESULT Configure(const MapiMemory& memory, IProviderAdmin& admin, const std::string& account) {
  IMAPITable* table = nullptr;
  HRESULT result = admin.GetProviderTable(0, &table);
  if (Failed(result)) return result;
  const std::shared_ptr<IMAPITable> held(table, [](IMAPITable* gone) { gone->Release(); });
  const SPropTagArray wanted{1, {tag::kProviderUid}};
  result = table->SetColumns(&wanted, 0);
  constexpr LONG kProvidersMost = 64;
  SRowSet* rows = nullptr;
  if (!Failed(result)) result = table->QueryRows(kProvidersMost, 0, &rows);
  if (Failed(result) || rows == nullptr) return Failed(result) ? result : MAPI_E_CALL_FAILED;
  if (rows->cRows == 0) result = MAPI_E_UNCONFIGURED;
  for (ULONG i = 0; i < rows->cRows; ++i) {
    const SRow& row = rows->aRow[i];
    if (!Failed(result))
      result = row.cValues == 1 && row.lpProps->ulPropTag == tag::kProviderUid
                   ? ConfigureSection(memory, admin, account, row.lpProps->Value.bin)
                   : MAPI_E_CALL_FAILED;
    memory.free(row.lpProps);
  }
  memory.free(rows);
  return result;
}

HRESULT Enter(IMAPISupport* support, ULONG context, ULONG count, const SPropValue* props, IProviderAdmin* admin) {
  switch (context) {
    case MSG_SERVICE_INSTALL:
    case MSG_SERVICE_UNINSTALL:
    case MSG_SERVICE_DELETE:  // the account stays: it is not the profile's
      return S_OK_;
    case MSG_SERVICE_PROVIDER_CREATE:
    case MSG_SERVICE_PROVIDER_DELETE:
      return MAPI_E_NO_SUPPORT;
    case MSG_SERVICE_CREATE:
    case MSG_SERVICE_CONFIGURE:
      break;
    default:
      return MAPI_E_INVALID_PARAMETER;
  }
  if (support == nullptr || admin == nullptr || (count != 0 && props == nullptr)) return MAPI_E_INVALID_PARAMETER;
  // Nobody is asked anything here: what is not said and not plain is not configured.
  const auto account = AccountWanted(count, props);
  if (!account) return MAPI_E_UNCONFIGURED;
  MapiMemory memory;
  const HRESULT given = support->GetMemAllocRoutines(&memory.allocate, &memory.more, &memory.free);
  return Failed(given) ? given : Configure(memory, *admin, account.value());
}

}  // namespace
}  // namespace outpost::mapi

#if defined(_WIN32)
#define OUTPOST_SERVICE_EXPORT __declspec(dllexport)
#else
#define OUTPOST_SERVICE_EXPORT __attribute__((visibility("default")))
#endif

// What MAPI calls where the store comes into a profile, or is configured there: it writes into the profile which
// account the store is of, USER@HOST in PR_DISPLAY_NAME or the only one there is. Source: msgserviceentry.
extern "C" OUTPOST_SERVICE_EXPORT outpost::mapi::abi::HRESULT OUTPOST_MAPI_CALL MSGServiceEntry(
    void*, void*, outpost::mapi::abi::IMAPISupport* support, outpost::mapi::abi::ULONG_PTR, outpost::mapi::abi::ULONG,
    outpost::mapi::abi::ULONG context, outpost::mapi::abi::ULONG count, outpost::mapi::abi::SPropValue* props,
    outpost::mapi::abi::IProviderAdmin* admin, outpost::mapi::abi::MAPIERROR** error) {
  if (error != nullptr) *error = nullptr;
  return outpost::mapi::AtEdge([&] { return outpost::mapi::Enter(support, context, count, props, admin); });
}
