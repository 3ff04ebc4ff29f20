#include "mapi-adapter/codec/tags.h"
#include "mapi-adapter/provider/associated.h"
#include "mapi-adapter/provider/object_sinks.h"
#include "mapi-adapter/provider/objects.h"
#include "mapi-adapter/provider/prop_object.h"
#include "schemas/folders.h"

namespace outpost::mapi {
namespace {

using namespace abi;

// What the store does, and no more: clients go by it.
constexpr ULONG kSupport = STORE_ENTRYID_UNIQUE | STORE_MODIFY_OK | STORE_CREATE_OK | STORE_NOTIFY_OK |
                           STORE_ATTACH_OK | STORE_MV_PROPS_OK | STORE_SORT_OK | STORE_RESTRICTION_OK |
                           STORE_UNICODE_OK;

class MsgStore final : public PropObject<IMsgStore> {
 public:
  explicit MsgStore(std::shared_ptr<const OpenStore> store)
      : PropObject(store), sinks_(std::make_shared<ObjectSinks>(std::move(store))) {}

  HRESULT OUTPOST_MAPI_CALL SetProps(ULONG count, const SPropValue* props, SPropProblemArray** problems) override {
    return AtEdge([&] {
      if (problems != nullptr) *problems = nullptr;
      if (const HRESULT bad = CheckSet(count, props); Failed(bad)) return bad;
      std::vector<SPropProblem> refused;
      for (ULONG i = 0; i < count; ++i)
        if (!IsPassedOver(props[i].ulPropTag)) refused.push_back({i, props[i].ulPropTag, MAPI_E_COMPUTED});
      return Problems(store(), refused, problems);
    });
  }
  HRESULT OUTPOST_MAPI_CALL Advise(ULONG size, const ENTRYID* id, ULONG mask, IMAPIAdviseSink* sink,
                                   ULONG_PTR* connection) override {
    return AtEdge([&] { return sinks_->Advise(size, id, mask, sink, connection); });
  }
  HRESULT OUTPOST_MAPI_CALL Unadvise(ULONG_PTR connection) override {
    return AtEdge([&] { return sinks_->Unadvise(connection); });
  }
  HRESULT OUTPOST_MAPI_CALL CompareEntryIDs(ULONG size1, const ENTRYID* id1, ULONG size2, const ENTRYID* id2,
                                            ULONG flags, ULONG* same) override {
    return AtEdge([&] { return CompareEntries(size1, id1, size2, id2, flags, same); });
  }
  HRESULT OUTPOST_MAPI_CALL OpenEntry(ULONG size, const ENTRYID* id, const IID* iid, ULONG flags, ULONG* type,
                                      IUnknown** object) override {
    return AtEdge([&] { return OpenEntryIn(shared_store(), size, id, iid, flags, type, object); });
  }
  HRESULT OUTPOST_MAPI_CALL SetReceiveFolder(void*, ULONG, ULONG, const ENTRYID*) override { return MAPI_E_NO_SUPPORT; }
  HRESULT OUTPOST_MAPI_CALL GetReceiveFolder(void*, ULONG, ULONG*, ENTRYID**, void**) override {
    return MAPI_E_NO_SUPPORT;
  }
  HRESULT OUTPOST_MAPI_CALL GetReceiveFolderTable(ULONG, IMAPITable**) override { return MAPI_E_NO_SUPPORT; }
  HRESULT OUTPOST_MAPI_CALL StoreLogoff(ULONG* flags) override {
    return flags == nullptr ? MAPI_E_INVALID_PARAMETER : S_OK_;
  }
  HRESULT OUTPOST_MAPI_CALL AbortSubmit(ULONG, const ENTRYID*, ULONG) override { return MAPI_E_NO_SUPPORT; }
  HRESULT OUTPOST_MAPI_CALL GetOutgoingQueue(ULONG, IMAPITable**) override { return MAPI_E_NO_SUPPORT; }
  HRESULT OUTPOST_MAPI_CALL SetLockState(IMessage*, ULONG) override { return MAPI_E_NO_SUPPORT; }
  HRESULT OUTPOST_MAPI_CALL FinishedMsg(ULONG, ULONG, const ENTRYID*) override { return MAPI_E_NO_SUPPORT; }
  HRESULT OUTPOST_MAPI_CALL NotifyNewMail(NOTIFICATION*) override { return MAPI_E_NO_SUPPORT; }

 private:
  ~MsgStore() { sinks_->Close(); }
  bool Offers(const IID& iid) const override { return iid == kIMsgStore || iid == kIMAPIProp; }
  void Destroy() override { delete this; }
  Result<std::vector<Prop>> Props() const override {
    const std::string id = StoreEntryId(store().name);
    return std::vector<Prop>{
        {tag::kEntryId, Blob{id}},
        {tag::kStoreEntryId, Blob{id}},
        {tag::kRecordKey, Blob{store().uid}},
        {tag::kStoreRecordKey, Blob{store().uid}},
        {tag::kMappingSignature, Blob{store().names->signature()}},
        {tag::kObjectType, std::int32_t{MAPI_STORE}},
        {tag::kDisplayName, store().name},
        {tag::kMdbProvider, Blob{std::string(ProviderUid())}},
        {tag::kStoreSupportMask, static_cast<std::int32_t>(kSupport)},
        {tag::kIpmSubtreeEntryId, Blob{EntryIdOf(store(), StoreEntry::Kind::kFolder, root::kPrivate)}},
        {tag::kValidFolderMask, static_cast<std::int32_t>(FOLDER_IPM_SUBTREE_VALID)}};
  }

  const std::shared_ptr<ObjectSinks> sinks_;
};

}  // namespace

abi::IMsgStore* MakeMsgStore(std::shared_ptr<const OpenStore> store) { return new MsgStore(std::move(store)); }

abi::HRESULT OpenEntryIn(const std::shared_ptr<const OpenStore>& store, abi::ULONG size, const abi::ENTRYID* id,
                         const abi::IID* iid, abi::ULONG flags, abi::ULONG* type, abi::IUnknown** object) {
  if (type == nullptr || object == nullptr || (size != 0 && id == nullptr)) return MAPI_E_INVALID_PARAMETER;
  *object = nullptr;
  if ((flags & ~(MAPI_BEST_ACCESS | MAPI_MODIFY | MAPI_DEFERRED_ERRORS)) != 0) return MAPI_E_UNKNOWN_FLAGS;
  StoreEntry entry{StoreEntry::Kind::kFolder, {}, {}, {}};
  if (size != 0) {
    const auto known = ParseEntryId(*store, BytesAt(size, id));
    if (!known || known->kind == StoreEntry::Kind::kStore) return MAPI_E_INVALID_ENTRYID;
    entry = *known;
  }
  const bool write = (flags & (MAPI_BEST_ACCESS | MAPI_MODIFY)) != 0;
  *type = entry.kind == StoreEntry::Kind::kAssociated ? MAPI_MESSAGE : static_cast<ULONG>(entry.kind);
  if (entry.kind == StoreEntry::Kind::kFolder) {
    const auto folder = MakeFolder(store, entry.id);
    return folder ? HandOver(folder.value(), iid, object) : CodeOf(folder.error());
  }
  const auto message = entry.kind == StoreEntry::Kind::kAssociated
                           ? MakeAssociated(store, entry.folder, entry.id, write)
                           : MakeMessage(store, entry.id, write);
  return message ? HandOver(message.value(), iid, object) : CodeOf(message.error());
}

// The ids that are made here are equal byte by byte, or name different things.
abi::HRESULT CompareEntries(abi::ULONG size1, const abi::ENTRYID* id1, abi::ULONG size2, const abi::ENTRYID* id2,
                            abi::ULONG flags, abi::ULONG* same) {
  if (same == nullptr || (size1 != 0 && id1 == nullptr) || (size2 != 0 && id2 == nullptr))
    return MAPI_E_INVALID_PARAMETER;
  if (flags != 0) return MAPI_E_UNKNOWN_FLAGS;
  *same = BytesAt(size1, id1) == BytesAt(size2, id2) ? 1 : 0;
  return S_OK_;
}

}  // namespace outpost::mapi
