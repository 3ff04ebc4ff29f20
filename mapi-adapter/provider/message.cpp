#include <map>
#include <mutex>

#include "journal/item_fold.h"
#include "mapi-adapter/codec/item_properties.h"
#include "mapi-adapter/codec/rights.h"
#include "mapi-adapter/codec/tags.h"
#include "mapi-adapter/provider/item_source.h"
#include "mapi-adapter/provider/objects.h"
#include "mapi-adapter/provider/prop_object.h"
#include "mapi-adapter/provider/store_folders.h"

namespace outpost::mapi {
namespace {

using namespace abi;

// An item as it was when it was opened, with what was set since over it: nobody else sees that before SaveChanges.
class Message final : public PropObject<IMessage> {
 public:
  Message(std::shared_ptr<const OpenStore> store, ItemType type, const ItemId& folder)
      : PropObject(std::move(store)), type_(type), folder_(folder), write_(true) {}
  Message(std::shared_ptr<const OpenStore> store, const ItemState& item, bool write)
      : PropObject(std::move(store)),
        type_(item.type),
        folder_(item.Folder()),
        write_(write),
        id_(item.id),
        seen_(item.head_seq),
        head_(item.Head()) {}

  HRESULT OUTPOST_MAPI_CALL SetProps(ULONG count, const SPropValue* props, SPropProblemArray** problems) override {
    return AtEdge([&] {
      if (problems != nullptr) *problems = nullptr;
      if (count != 0 && props == nullptr) return MAPI_E_INVALID_PARAMETER;
      const std::lock_guard lock(mutex_);
      if (!write_) return MAPI_E_NO_ACCESS;
      std::vector<SPropProblem> refused;
      for (ULONG i = 0; i < count; ++i)
        if (const HRESULT why = SetOne(props[i]); Failed(why)) refused.push_back({i, props[i].ulPropTag, why});
      return Problems(store(), refused, problems);
    });
  }
  HRESULT OUTPOST_MAPI_CALL DeleteProps(const SPropTagArray* tags, SPropProblemArray** problems) override {
    return AtEdge([&] {
      if (problems != nullptr) *problems = nullptr;
      if (tags == nullptr || tags->cValues == 0) return MAPI_E_INVALID_PARAMETER;
      const std::lock_guard lock(mutex_);
      if (!write_) return MAPI_E_NO_ACCESS;
      std::vector<SPropProblem> refused;
      for (ULONG i = 0; i < tags->cValues; ++i) {
        const PropTag cleared[] = {tags->aulPropTag[i]};
        const PropEdit edit = EditOfProps(type_, {}, cleared);
        for (const auto& [field, value] : edit.patch) edit_[field] = value;
        for (const PropTag tag : edit.rest) refused.push_back({i, tag, MAPI_E_COMPUTED});
      }
      return Problems(store(), refused, problems);
    });
  }

  // Saving never waits for the server, and never fails for what it might refuse. After an error all is as before.
  HRESULT OUTPOST_MAPI_CALL SaveChanges(ULONG flags) override {
    return AtEdge([&] {
      if ((flags & ~(KEEP_OPEN_READONLY | KEEP_OPEN_READWRITE | FORCE_SAVE | MAPI_DEFERRED_ERRORS)) != 0)
        return MAPI_E_UNKNOWN_FLAGS;
      const std::lock_guard lock(mutex_);
      if (!write_) return MAPI_E_NO_ACCESS;
      const HRESULT result = Save((flags & FORCE_SAVE) != 0);
      if (!Failed(result)) write_ = (flags & KEEP_OPEN_READWRITE) != 0;
      return result;
    });
  }

  HRESULT OUTPOST_MAPI_CALL GetAttachmentTable(ULONG, IMAPITable**) override { return MAPI_E_NO_SUPPORT; }
  HRESULT OUTPOST_MAPI_CALL OpenAttach(ULONG, const IID*, ULONG, void**) override { return MAPI_E_NO_SUPPORT; }
  HRESULT OUTPOST_MAPI_CALL CreateAttach(const IID*, ULONG, ULONG*, void**) override { return MAPI_E_NO_SUPPORT; }
  HRESULT OUTPOST_MAPI_CALL DeleteAttach(ULONG, ULONG_PTR, IMAPIProgress*, ULONG) override { return MAPI_E_NO_SUPPORT; }
  HRESULT OUTPOST_MAPI_CALL GetRecipientTable(ULONG, IMAPITable**) override { return MAPI_E_NO_SUPPORT; }
  HRESULT OUTPOST_MAPI_CALL ModifyRecipients(ULONG, ADRLIST*) override { return MAPI_E_NO_SUPPORT; }
  HRESULT OUTPOST_MAPI_CALL SubmitMessage(ULONG) override { return MAPI_E_NO_SUPPORT; }
  HRESULT OUTPOST_MAPI_CALL SetReadFlag(ULONG) override { return MAPI_E_NO_SUPPORT; }

 private:
  ~Message() = default;
  bool Offers(const IID& iid) const override { return iid == kIMessage || iid == kIMAPIProp; }
  void Destroy() override { delete this; }

  Result<std::vector<Prop>> Props() const override {
    const std::lock_guard lock(mutex_);
    FieldMap now = head_;
    ApplyPatch(now, edit_);
    std::vector<Prop> props = PropsOfItem(store(), type_, id_, folder_, now);
    if (!id_)  // what only a saved one has
      std::erase_if(props, [](const Prop& prop) {
        return prop.tag == tag::kEntryId || prop.tag == tag::kRecordKey || prop.tag == tag::kSearchKey ||
               prop.tag == tag::kCreationTime || prop.tag == tag::kLastModificationTime;
      });
    std::erase_if(props, [](const Prop& prop) { return prop.tag == tag::kInstanceKey; });
    const auto access =
        static_cast<std::int32_t>(write_ ? access::kRead | access::kModify | access::kDelete : access::kRead);
    props.push_back({tag::kAccess, access});
    props.push_back({tag::kAccessLevel, std::int32_t{write_ ? 1 : 0}});
    return props;
  }

  HRESULT SetOne(const SPropValue& value) {
    const auto prop = ReadProp(value);
    if (!prop) return MAPI_E_UNEXPECTED_TYPE;
    if (prop->tag == tag::kMessageClass && !id_ && FieldOwner(type_) == ItemType::kContact) {
      const auto& name = std::get<std::string>(prop->value);
      type_ = name.starts_with("IPM.DistList") ? ItemType::kList : ItemType::kContact;
      if (name == MessageClassOf(type_)) return S_OK_;
    }
    const PropEdit edit = EditOfProps(type_, {&*prop, 1}, {});
    for (const auto& [field, changed] : edit.patch) edit_[field] = changed;
    return edit.rest.empty() ? S_OK_ : MAPI_E_COMPUTED;
  }

  HRESULT Save(bool force) {
    if (!id_) {
      const auto made = store().account->Create(type_, folder_, edit_);
      if (!made) return CodeOf(made.error());
      id_ = made.value();
    } else {
      const auto before = LoadItem(*store().account->View(), id_);
      if (!before) return CodeOf(before.error());
      if (!before.value() || !before.value()->Visible()) return MAPI_E_OBJECT_DELETED;
      if (!force && before.value()->head_seq != seen_) return MAPI_E_OBJECT_CHANGED;
      const auto set = store().account->Set(id_, edit_);
      if (!set) return CodeOf(set.error());
    }
    const auto now = LoadItem(*store().account->View(), id_);
    if (now && now.value()) {
      seen_ = now.value()->head_seq;
      head_ = now.value()->Head();
    }
    edit_.clear();
    return S_OK_;
  }

  mutable std::mutex mutex_;  // guards what is below
  ItemType type_;
  const ItemId folder_;
  bool write_;
  ItemId id_{};        // none before the first save
  Sequence seen_ = 0;  // the newest event of the item that is in `head_`
  FieldMap head_;
  FieldMap edit_;
};

}  // namespace

Result<abi::IMessage*> MakeMessage(const std::shared_ptr<const OpenStore>& store, const ItemId& item, bool write) {
  OUTPOST_TRY(const auto state, LoadItem(*store->account->View(), item));
  if (!state || !state->Visible() || state->type == ItemType::kFolder || state->type >= ItemType::kPerson)
    return Error{Code::kNotFound, Retry::kNever, "no item " + item.Hex()};
  return new Message(store, *state, write);
}

Result<abi::IMessage*> MakeNewMessage(const std::shared_ptr<const OpenStore>& store, const ItemId& folder) {
  OUTPOST_TRY(const auto all, StoreFolders(*store));
  const auto found = FolderNamed(all, folder);
  if (!found) return Error{Code::kNotFound, Retry::kNever, "no folder " + folder.Hex()};
  if (found->content != ItemType::kContact)
    return Error{Code::kRejected, Retry::kNever, "nothing is made in folder " + folder.Hex()};
  return new Message(store, found->content, folder);
}

}  // namespace outpost::mapi
