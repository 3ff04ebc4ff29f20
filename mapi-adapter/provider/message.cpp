#include <algorithm>
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

Value ValueIn(const FieldMap& fields, FieldId id) {
  const auto at = fields.find(id);
  return at != fields.end() ? at->second : Value();
}

// An item as it was when it was opened, with what was set since over it: nobody else sees that before SaveChanges.
class Message final : public PropObject<IMessage> {
 public:
  Message(std::shared_ptr<const OpenStore> store, ItemType type, const ItemId& folder)
      : PropObject(std::move(store)), type_(type), folder_(folder), write_(true) {}
  Message(std::shared_ptr<const OpenStore> store, const ItemState& item, PropContext context, bool write)
      : PropObject(std::move(store)),
        type_(item.type),
        folder_(item.Folder()),
        write_(write),
        id_(item.id),
        head_(item.Head()),
        context_(std::move(context)) {}

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
        for (const PropTag tag : EditOfProps(type_, {}, cleared, head_, context_).rest)
          refused.push_back({i, tag, MAPI_E_COMPUTED});
        Forget(cleared[0]);
        cleared_.push_back(cleared[0]);
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
  // At once, not with SaveChanges.
  HRESULT OUTPOST_MAPI_CALL SetReadFlag(ULONG flags) override {
    return AtEdge([&] {
      const std::lock_guard lock(mutex_);
      if (!id_) return MAPI_E_NO_SUPPORT;
      const HRESULT result = MarkRead(store(), id_, flags);
      const auto now = LoadItem(*store().account->View(), id_);
      if (now && now.value() && type_ == ItemType::kMail) head_ = now.value()->Head();
      return result;
    });
  }

 private:
  ~Message() = default;
  bool Offers(const IID& iid) const override { return iid == kIMessage || iid == kIMAPIProp; }
  void Destroy() override { delete this; }

  Result<std::vector<Prop>> Props() const override {
    const std::lock_guard lock(mutex_);
    FieldMap now = head_;
    ApplyPatch(now, Edit());
    std::vector<Prop> props = PropsOfItem(store(), type_, id_, folder_, now, context_);
    if (!id_)  // what only a saved one has
      std::erase_if(props, [](const Prop& prop) {
        return prop.tag == tag::kEntryId || prop.tag == tag::kRecordKey || prop.tag == tag::kSearchKey ||
               prop.tag == tag::kCreationTime || prop.tag == tag::kLastModificationTime;
      });
    std::erase_if(props, [](const Prop& prop) { return prop.tag == tag::kInstanceKey; });
    if (type_ == ItemType::kMail)
      if (auto body = BodyOfMail(*store().account->View(), ValueIn(now, field::kMailSource)))
        props.push_back({tag::kBody, std::move(*body)});
    const auto access =
        static_cast<std::int32_t>(write_ ? access::kRead | access::kModify | access::kDelete : access::kRead);
    props.push_back({tag::kAccess, access});
    props.push_back({tag::kAccessLevel, std::int32_t{write_ ? 1 : 0}});
    return props;
  }

  HRESULT SetOne(const SPropValue& value) {
    const auto prop = ReadProp(value);
    if (!prop) return MAPI_E_UNEXPECTED_TYPE;
    if (prop->tag == tag::kMessageClass) {
      const auto& name = std::get<std::string>(prop->value);
      if (!id_ && FieldOwner(type_) == ItemType::kContact)
        type_ = name.starts_with(MessageClassOf(ItemType::kList)) ? ItemType::kList : ItemType::kContact;
      if (name == MessageClassOf(type_)) return S_OK_;
    }
    if (!EditOfProps(type_, {&*prop, 1}, {}, head_, context_).rest.empty()) return MAPI_E_COMPUTED;
    Forget(prop->tag);
    set_.push_back(*prop);
    return S_OK_;
  }

  // What was set or cleared before counts no more.
  void Forget(PropTag tag) {
    std::erase_if(set_, [tag](const Prop& prop) { return IdOf(prop.tag) == IdOf(tag); });
    std::erase_if(cleared_, [tag](PropTag cleared) { return IdOf(cleared) == IdOf(tag); });
  }
  // All that was set, together: a whole day's times, for one, are told by several properties.
  FieldMap Edit() const { return EditOfProps(type_, set_, cleared_, head_, context_).patch; }

  // Whether somebody changed what a person can change since it was opened. That the server took an edit is no change.
  bool SavedOtherwise(const FieldMap& now) const {
    const auto differs = [](const FieldMap& one, const FieldMap& other) {
      return std::any_of(one.begin(), one.end(), [&other](const auto& part) {
        const Field* field = FindField(part.first);
        const auto at = other.find(part.first);
        return field != nullptr && field->sync != Sync::kServer &&
               !SameValue(part.second, at != other.end() ? at->second : Value());
      });
    };
    return differs(now, head_) || differs(head_, now);
  }

  HRESULT Save(bool force) {
    if (!id_) {
      const auto made = store().account->Create(type_, folder_, Edit());
      if (!made) return CodeOf(made.error());
      id_ = made.value();
    } else {
      const auto before = LoadItem(*store().account->View(), id_);
      if (!before) return CodeOf(before.error());
      if (!before.value() || !before.value()->Visible()) return MAPI_E_OBJECT_DELETED;
      if (!force && SavedOtherwise(before.value()->Head())) return MAPI_E_OBJECT_CHANGED;
      const auto set = store().account->Set(id_, Edit());
      if (!set) return CodeOf(set.error());
    }
    const auto now = LoadItem(*store().account->View(), id_);
    if (now && now.value()) {
      head_ = now.value()->Head();
      if (auto context = ContextOf(*store().account->View(), type_, id_, head_)) context_ = std::move(context.value());
    }
    set_.clear();
    cleared_.clear();
    return S_OK_;
  }

  mutable std::mutex mutex_;  // guards what is below
  ItemType type_;
  const ItemId folder_;
  bool write_;
  ItemId id_{};  // none before the first save
  FieldMap head_;
  PropContext context_;
  std::vector<Prop> set_;
  std::vector<PropTag> cleared_;
};

}  // namespace

abi::HRESULT MarkRead(const OpenStore& store, const ItemId& item, abi::ULONG flags) {
  if ((flags & ~(SUPPRESS_RECEIPT | MESSAGE_DIALOG | CLEAR_READ_FLAG | MAPI_DEFERRED_ERRORS | GENERATE_RECEIPT_ONLY |
                 CLEAR_RN_PENDING | CLEAR_NRN_PENDING)) != 0)
    return MAPI_E_UNKNOWN_FLAGS;
  const bool clear = (flags & CLEAR_READ_FLAG) != 0, receipt = (flags & GENERATE_RECEIPT_ONLY) != 0,
             suppress = (flags & SUPPRESS_RECEIPT) != 0;
  if (clear && (suppress || receipt)) return MAPI_E_INVALID_PARAMETER;
  const auto state = LoadItem(*store.account->View(), item);
  if (!state) return CodeOf(state.error());
  if (!state.value() || !state.value()->Visible()) return MAPI_E_NOT_FOUND;
  if (state.value()->type != ItemType::kMail || (receipt && suppress)) return S_OK_;
  const FieldMap patch = receipt ? FieldMap{{field::kMailReceiptSent, true}} : FieldMap{{field::kMailSeen, !clear}};
  if (receipt && IsEmpty(state.value()->HeadValue(field::kMailReceiptTo))) return S_OK_;
  const auto set = store.account->Set(item, patch);
  return set ? S_OK_ : CodeOf(set.error());
}

Result<abi::IMessage*> MakeMessage(const std::shared_ptr<const OpenStore>& store, const ItemId& item, bool write) {
  const auto view = store->account->View();
  OUTPOST_TRY(const auto state, LoadItem(*view, item));
  if (!state || !state->Visible() || state->type == ItemType::kFolder || state->type >= ItemType::kPerson)
    return Error{Code::kNotFound, Retry::kNever, "no item " + item.Hex()};
  OUTPOST_TRY(PropContext context, ContextOf(*view, state->type, state->id, state->Head()));
  return new Message(store, *state, std::move(context), write);
}

Result<abi::IMessage*> MakeNewMessage(const std::shared_ptr<const OpenStore>& store, const ItemId& folder) {
  OUTPOST_TRY(const auto all, StoreFolders(*store));
  const auto found = FolderNamed(all, folder);
  if (!found) return Error{Code::kNotFound, Retry::kNever, "no folder " + folder.Hex()};
  const ItemType content = FieldOwner(found->content);
  if (content != ItemType::kContact && content != ItemType::kTask && content != ItemType::kAppointment)
    return Error{Code::kRejected, Retry::kNever, "nothing is made in folder " + folder.Hex()};
  return new Message(store, content, folder);
}

}  // namespace outpost::mapi
