#include "mapi-adapter/codec/tags.h"
#include "mapi-adapter/provider/objects.h"
#include "mapi-adapter/provider/prop_object.h"
#include "mapi-adapter/provider/store_folders.h"
#include "mapi-adapter/provider/table.h"

namespace outpost::mapi {
namespace {

using namespace abi;

class Folder final : public PropObject<IMAPIFolder> {
 public:
  Folder(std::shared_ptr<const OpenStore> store, const ItemId& id) : PropObject(std::move(store)), id_(id) {}

  // A container's tables are properties of it, too.
  HRESULT OUTPOST_MAPI_CALL OpenProperty(ULONG tag, const IID* iid, ULONG, ULONG flags, IUnknown** object) override {
    if (object == nullptr || iid == nullptr) return MAPI_E_INVALID_PARAMETER;
    *object = nullptr;
    const bool folders = IdOf(tag) == IdOf(tag::kContainerHierarchy);
    if (!folders && IdOf(tag) != IdOf(tag::kContainerContents)) return MAPI_E_NO_SUPPORT;
    if (*iid != kIMAPITable) return MAPI_E_NO_INTERFACE;
    IMAPITable* table = nullptr;
    const HRESULT result =
        folders ? GetHierarchyTable(flags & ~MAPI_MODIFY, &table) : GetContentsTable(flags & ~MAPI_MODIFY, &table);
    *object = table;
    return result;
  }

  HRESULT OUTPOST_MAPI_CALL GetContentsTable(ULONG flags, IMAPITable** table) override {
    return AtEdge([&] {
      if (table == nullptr) return MAPI_E_INVALID_PARAMETER;
      *table = nullptr;
      if ((flags & ~(MAPI_DEFERRED_ERRORS | MAPI_UNICODE | MAPI_ASSOCIATED)) != 0) return MAPI_E_UNKNOWN_FLAGS;
      if ((flags & MAPI_ASSOCIATED) != 0) return MAPI_E_NO_SUPPORT;
      return HandTable(MakeContentsTable(shared_store(), id_), table);
    });
  }
  HRESULT OUTPOST_MAPI_CALL GetHierarchyTable(ULONG flags, IMAPITable** table) override {
    return AtEdge([&] {
      if (table == nullptr) return MAPI_E_INVALID_PARAMETER;
      *table = nullptr;
      if ((flags & ~(MAPI_DEFERRED_ERRORS | MAPI_UNICODE | CONVENIENT_DEPTH)) != 0) return MAPI_E_UNKNOWN_FLAGS;
      return HandTable(MakeHierarchyTable(shared_store(), id_, (flags & CONVENIENT_DEPTH) != 0), table);
    });
  }
  HRESULT OUTPOST_MAPI_CALL OpenEntry(ULONG size, const ENTRYID* id, const IID* iid, ULONG flags, ULONG* type,
                                      IUnknown** object) override {
    return AtEdge([&] { return OpenEntryIn(shared_store(), size, id, iid, flags, type, object); });
  }
  HRESULT OUTPOST_MAPI_CALL SetSearchCriteria(SRestriction*, ENTRYLIST*, ULONG) override { return MAPI_E_NO_SUPPORT; }
  HRESULT OUTPOST_MAPI_CALL GetSearchCriteria(ULONG, SRestriction**, ENTRYLIST**, ULONG*) override {
    return MAPI_E_NO_SUPPORT;
  }

  HRESULT OUTPOST_MAPI_CALL CreateMessage(const IID* iid, ULONG flags, IMessage** message) override {
    return AtEdge([&] {
      if (message == nullptr) return MAPI_E_INVALID_PARAMETER;
      *message = nullptr;
      if ((flags & ~(MAPI_DEFERRED_ERRORS | MAPI_ASSOCIATED)) != 0) return MAPI_E_UNKNOWN_FLAGS;
      if ((flags & MAPI_ASSOCIATED) != 0) return MAPI_E_NO_SUPPORT;
      const auto made = MakeNewMessage(shared_store(), id_);
      return made ? HandOver(made.value(), iid, message) : CodeOf(made.error());
    });
  }
  // An explicit deletion: confirmed, and done on the server with the next sync.
  HRESULT OUTPOST_MAPI_CALL DeleteMessages(ENTRYLIST* list, ULONG_PTR, IMAPIProgress*, ULONG) override {
    return AtEdge([&] {
      if (list == nullptr || (list->cValues != 0 && list->lpbin == nullptr)) return MAPI_E_INVALID_PARAMETER;
      HRESULT result = S_OK_;
      for (ULONG i = 0; i < list->cValues; ++i) {
        const SBinary& id = list->lpbin[i];
        const auto entry = ParseEntryId(store(), BytesAt(id.cb, reinterpret_cast<const ENTRYID*>(id.lpb)));
        const bool gone = entry && entry->kind == StoreEntry::Kind::kMessage && store().account->Delete(entry->id);
        if (!gone) result = MAPI_W_PARTIAL_COMPLETION;
      }
      return result;
    });
  }
  HRESULT OUTPOST_MAPI_CALL CopyMessages(ENTRYLIST*, const IID*, void*, ULONG_PTR, IMAPIProgress*, ULONG) override {
    return MAPI_E_NO_SUPPORT;
  }
  HRESULT OUTPOST_MAPI_CALL CreateFolder(ULONG, void*, void*, const IID*, ULONG, IMAPIFolder**) override {
    return MAPI_E_NO_SUPPORT;
  }
  HRESULT OUTPOST_MAPI_CALL CopyFolder(ULONG, const ENTRYID*, const IID*, void*, void*, ULONG_PTR, IMAPIProgress*,
                                       ULONG) override {
    return MAPI_E_NO_SUPPORT;
  }
  HRESULT OUTPOST_MAPI_CALL DeleteFolder(ULONG, const ENTRYID*, ULONG_PTR, IMAPIProgress*, ULONG) override {
    return MAPI_E_NO_SUPPORT;
  }
  HRESULT OUTPOST_MAPI_CALL SetReadFlags(ENTRYLIST*, ULONG_PTR, IMAPIProgress*, ULONG) override {
    return MAPI_E_NO_SUPPORT;
  }
  HRESULT OUTPOST_MAPI_CALL GetMessageStatus(ULONG, const ENTRYID*, ULONG, ULONG* status) override {
    if (status == nullptr) return MAPI_E_INVALID_PARAMETER;
    *status = 0;
    return S_OK_;
  }
  HRESULT OUTPOST_MAPI_CALL SetMessageStatus(ULONG, const ENTRYID*, ULONG, ULONG, ULONG*) override {
    return MAPI_E_NO_SUPPORT;
  }
  HRESULT OUTPOST_MAPI_CALL SaveContentsSort(const SSortOrderSet*, ULONG) override { return MAPI_E_NO_SUPPORT; }
  HRESULT OUTPOST_MAPI_CALL EmptyFolder(ULONG_PTR, IMAPIProgress*, ULONG) override { return MAPI_E_NO_SUPPORT; }

 private:
  ~Folder() = default;
  bool Offers(const IID& iid) const override {
    return iid == kIMAPIFolder || iid == kIMAPIContainer || iid == kIMAPIProp;
  }
  void Destroy() override { delete this; }
  Result<std::vector<Prop>> Props() const override {
    OUTPOST_TRY(const auto all, StoreFolders(store()));
    const auto folder = FolderNamed(all, id_);
    if (!folder) return Error{Code::kNotFound, Retry::kNever, "no folder " + id_.Hex()};
    OUTPOST_TRY(std::vector<Prop> props, PropsOfFolder(store(), *folder));
    std::erase_if(props, [](const Prop& prop) { return prop.tag == tag::kInstanceKey || prop.tag == tag::kDepth; });
    return props;
  }
  static HRESULT HandTable(const Result<IMAPITable*>& made, IMAPITable** table) {
    if (!made) return CodeOf(made.error());
    *table = made.value();
    return S_OK_;
  }

  const ItemId id_;
};

}  // namespace

Result<abi::IMAPIFolder*> MakeFolder(const std::shared_ptr<const OpenStore>& store, const ItemId& folder) {
  OUTPOST_TRY(const auto all, StoreFolders(*store));
  if (!FolderNamed(all, folder)) return Error{Code::kNotFound, Retry::kNever, "no folder " + folder.Hex()};
  return new Folder(store, folder);
}

}  // namespace outpost::mapi
