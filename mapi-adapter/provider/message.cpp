#include <algorithm>
#include <mutex>

#include "engine/mail_head.h"
#include "journal/item_fold.h"
#include "mapi-adapter/codec/item_properties.h"
#include "mapi-adapter/codec/rights.h"
#include "mapi-adapter/codec/tags.h"
#include "mapi-adapter/provider/attachments.h"
#include "mapi-adapter/provider/copy.h"
#include "mapi-adapter/provider/item_source.h"
#include "mapi-adapter/provider/kept.h"
#include "mapi-adapter/provider/mail_content.h"
#include "mapi-adapter/provider/objects.h"
#include "mapi-adapter/provider/prop_bytes.h"
#include "mapi-adapter/provider/prop_object.h"
#include "mapi-adapter/provider/recipients.h"
#include "mapi-adapter/provider/store_folders.h"
#include "mapi-adapter/provider/stream.h"
#include "mapi-adapter/provider/written_props.h"

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
      : PropObject(std::move(store)),
        type_(type),
        folder_(folder),
        write_(true),
        attachments_(std::make_shared<AttachmentList>(shared_store(), type)),
        recipients_(std::make_shared<RecipientList>(shared_store(), type)) {}
  // A mail within a mail.
  Message(std::shared_ptr<const OpenStore> store, FieldMap head, const std::string& source)
      : PropObject(std::move(store)),
        type_(ItemType::kMail),
        folder_(),
        write_(false),
        head_(std::move(head)),
        attachments_(std::make_shared<AttachmentList>(shared_store(), ItemType::kMail)),
        recipients_(std::make_shared<RecipientList>(shared_store(), ItemType::kMail)),
        content_(source, *attachments_) {}
  Message(std::shared_ptr<const OpenStore> store, const ItemState& item, PropContext context, bool write)
      : PropObject(std::move(store)),
        type_(item.type),
        folder_(item.Folder()),
        write_(write),
        id_(item.id),
        head_(item.Head()),
        context_(std::move(context)),
        attachments_(std::make_shared<AttachmentList>(shared_store(), item.type)),
        recipients_(std::make_shared<RecipientList>(shared_store(), item.type)),
        content_(item.type == ItemType::kMail && item.on_server && IsEmpty(item.HeadValue(field::kMailSource))) {}

  // A source that cannot be asked for, or not be read, hides nothing but what is in it.
  HRESULT OUTPOST_MAPI_CALL GetProps(const SPropTagArray* tags, ULONG flags, ULONG* count,
                                     SPropValue** props) override {
    return AtEdge([&] {
      const PropTag* const first = tags != nullptr ? tags->aulPropTag : nullptr;
      const PropTag* const last = tags != nullptr ? first + tags->cValues : nullptr;
      if (std::none_of(first, last, MailContent::IsOfSource)) return PropObject::GetProps(tags, flags, count, props);
      const auto source = LookAtSource();
      if (!source && std::all_of(first, last, MailContent::IsOfSource)) return CodeOf(source.error());
      const HRESULT result = PropObject::GetProps(tags, flags, count, props);
      if (source || Failed(result)) return result;
      for (ULONG i = 0; i < *count; ++i)
        if (SPropValue& value = (*props)[i];
            MailContent::IsOfSource(first[i]) && TypeOf(value.ulPropTag) == PropType::kError)
          value.Value.err = CodeOf(source.error());
      return result;
    });
  }
  HRESULT OUTPOST_MAPI_CALL SetProps(ULONG count, const SPropValue* props, SPropProblemArray** problems) override {
    return AtEdge([&] {
      return SetEach(store(), mutex_, write_, count, props, problems,
                     [this](const SPropValue& value) { return SetOne(ReadProp(value), ReadRaw(value)); });
    });
  }
  HRESULT OUTPOST_MAPI_CALL DeleteProps(const SPropTagArray* tags, SPropProblemArray** problems) override {
    return AtEdge([&] {
      return DeleteEach(store(), mutex_, write_, tags, problems, [this](PropTag tag) { return ClearOne(tag); });
    });
  }

  // Saving never waits for the server, and never fails for what it might refuse. After an error nothing is lost of what
  // is not saved: the item is saved first, then what is attached.
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

  // Texts and bytes as streams, attachments and recipients as tables.
  HRESULT OUTPOST_MAPI_CALL OpenProperty(ULONG tag, const IID* iid, ULONG, ULONG flags, IUnknown** object) override {
    return AtEdge([&] {
      if (object == nullptr || iid == nullptr || TypeOf(tag) == PropType::kUnspecified) return MAPI_E_INVALID_PARAMETER;
      *object = nullptr;
      if ((flags & ~(MAPI_CREATE | MAPI_MODIFY | MAPI_DEFERRED_ERRORS)) != 0) return MAPI_E_UNKNOWN_FLAGS;
      const bool people = IdOf(tag) == IdOf(tag::kMessageRecipients);
      if (people || IdOf(tag) == IdOf(tag::kMessageAttachments)) {
        IMAPITable* table = nullptr;
        if (*iid != kIMAPITable) return MAPI_E_NO_INTERFACE;
        const HRESULT result = people ? GetRecipientTable(0, &table) : GetAttachmentTable(0, &table);
        *object = table;
        return result;
      }
      if (*iid != kIStream && *iid != kISequentialStream) return MAPI_E_NO_INTERFACE;
      if (MailContent::IsOfSource(tag))
        if (const auto source = LookAtSource(); !source) return CodeOf(source.error());
      return OpenStream(tag, flags, object);
    });
  }

  HRESULT OUTPOST_MAPI_CALL GetAttachmentTable(ULONG flags, IMAPITable** table) override {
    return AtEdge([&] {
      if (table == nullptr) return MAPI_E_INVALID_PARAMETER;
      *table = nullptr;
      if ((flags & ~(MAPI_UNICODE | MAPI_DEFERRED_ERRORS)) != 0) return MAPI_E_UNKNOWN_FLAGS;
      if (const auto source = LookAtSource(); !source) return CodeOf(source.error());
      const std::lock_guard lock(mutex_);
      if (const auto loaded = LoadAttachments(); !loaded) return CodeOf(loaded.error());
      *table = MakeAttachmentTable(shared_store(), attachments_);
      return S_OK_;
    });
  }
  HRESULT OUTPOST_MAPI_CALL OpenAttach(ULONG number, const IID* iid, ULONG flags, void** attachment) override {
    return AtEdge([&] {
      if (attachment == nullptr) return MAPI_E_INVALID_PARAMETER;
      *attachment = nullptr;
      if ((flags & ~(MAPI_BEST_ACCESS | MAPI_MODIFY | MAPI_DEFERRED_ERRORS)) != 0) return MAPI_E_UNKNOWN_FLAGS;
      if (const auto source = LookAtSource(); !source) return CodeOf(source.error());
      const std::lock_guard lock(mutex_);
      const bool may_write = write_ && TakesAttachments();
      if ((flags & MAPI_MODIFY) != 0 && !may_write) return MAPI_E_NO_ACCESS;
      if (const auto loaded = LoadAttachments(); !loaded) return CodeOf(loaded.error());
      auto found = attachments_->Find(number);
      if (!found) return MAPI_E_NOT_FOUND;
      const bool write = may_write && (flags & (MAPI_MODIFY | MAPI_BEST_ACCESS)) != 0;
      return HandOver(MakeAttach(shared_store(), attachments_, number, std::move(*found), write, this), iid,
                      attachment);
    });
  }
  HRESULT OUTPOST_MAPI_CALL CreateAttach(const IID* iid, ULONG flags, ULONG* number, void** attachment) override {
    return AtEdge([&] {
      if (attachment == nullptr || number == nullptr) return MAPI_E_INVALID_PARAMETER;
      *attachment = nullptr;
      if ((flags & ~MAPI_DEFERRED_ERRORS) != 0) return MAPI_E_UNKNOWN_FLAGS;
      const std::lock_guard lock(mutex_);
      if (!write_ || !TakesAttachments()) return MAPI_E_NO_ACCESS;
      if (const auto loaded = LoadAttachments(); !loaded) return CodeOf(loaded.error());
      *number = attachments_->NewNumber();
      return HandOver(MakeAttach(shared_store(), attachments_, *number, {}, true, this), iid, attachment);
    });
  }
  // Gone for who reads this message; for others with its SaveChanges.
  HRESULT OUTPOST_MAPI_CALL DeleteAttach(ULONG number, ULONG_PTR, IMAPIProgress*, ULONG flags) override {
    return AtEdge([&] {
      if ((flags & ~ATTACH_DIALOG) != 0) return MAPI_E_UNKNOWN_FLAGS;
      const std::lock_guard lock(mutex_);
      if (!write_ || !TakesAttachments()) return MAPI_E_NO_ACCESS;
      if (const auto loaded = LoadAttachments(); !loaded) return CodeOf(loaded.error());
      return attachments_->Delete(number) ? S_OK_ : MAPI_E_NOT_FOUND;
    });
  }
  HRESULT OUTPOST_MAPI_CALL GetRecipientTable(ULONG flags, IMAPITable** table) override {
    return AtEdge([&] {
      if (table == nullptr) return MAPI_E_INVALID_PARAMETER;
      *table = nullptr;
      if ((flags & ~(MAPI_UNICODE | MAPI_DEFERRED_ERRORS)) != 0) return MAPI_E_UNKNOWN_FLAGS;
      const std::lock_guard lock(mutex_);
      if (const auto loaded = recipients_->Load(head_); !loaded) return CodeOf(loaded.error());
      *table = MakeRecipientTable(shared_store(), recipients_);
      return S_OK_;
    });
  }
  HRESULT OUTPOST_MAPI_CALL ModifyRecipients(ULONG flags, ADRLIST* recipients) override {
    return AtEdge([&] {
      const std::lock_guard lock(mutex_);
      if (!write_ || type_ == ItemType::kMail) return MAPI_E_NO_ACCESS;
      if (!TakesRecipients(type_)) return MAPI_E_NO_SUPPORT;
      if (const auto loaded = recipients_->Load(head_); !loaded) return CodeOf(loaded.error());
      return recipients_->Modify(flags, recipients);
    });
  }
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

  void CopySubobjects(const CopyRequest& request, IUnknown& to, CopyProblems& problems) const override {
    const auto told = [&problems](PropTag tag, const Result<void>& loaded) {
      if (!loaded) problems.push_back({0, tag, CodeOf(loaded.error())});
      return loaded.has_value();
    };
    bool people = false;
    bool files = request.Wants(tag::kMessageAttachments) && told(tag::kMessageAttachments, LookAtSource());
    {
      const std::lock_guard lock(mutex_);  // not while the other object is called
      people = request.Wants(tag::kMessageRecipients) && told(tag::kMessageRecipients, recipients_->Load(head_));
      files = files && told(tag::kMessageAttachments, LoadAttachments());
    }
    auto& message = static_cast<IMessage&>(to);
    if (people) CopyRecipientsInto(store(), recipients_->Rows(), message, problems);
    if (files) CopyAttachmentsInto(shared_store(), *attachments_, message, problems);
  }
  std::vector<PropTag> Objects() const override { return {tag::kMessageRecipients, tag::kMessageAttachments}; }
  Result<std::vector<Prop>> PropsToCopy(const CopyRequest& request) const override {
    {
      const std::lock_guard lock(mutex_);
      constexpr PropTag kTexts[] = {tag::kBody, tag::kHtml, tag::kTransportHeaders};
      if (std::any_of(std::begin(kTexts), std::end(kTexts), [&](PropTag text) { return request.Wants(text); }))
        OUTPOST_TRYV(content_.Load(store(), head_));
      if (request.all) OUTPOST_TRYV(ReadKept(*store().account->View(), ValueIn(head_, KeptField(type_))));
    }
    return Props();
  }
  Result<std::vector<Prop>> Props() const override {
    const std::lock_guard lock(mutex_);
    FieldMap now = head_;
    ApplyPatch(now, Edit());
    OUTPOST_TRYV(ApplyKept(*store().account->View(), now, now));
    std::vector<Prop> props = PropsOfItem(store(), type_, id_, folder_, now, context_);
    if (!id_)  // what only a saved one has
      std::erase_if(props, [this](const Prop& prop) {
        return prop.tag == tag::kEntryId || prop.tag == tag::kRecordKey || prop.tag == tag::kSearchKey ||
               prop.tag == tag::kCreationTime || prop.tag == tag::kLastModificationTime ||
               (prop.tag == tag::kParentEntryId && !folder_);
      });
    std::erase_if(props, [](const Prop& prop) { return prop.tag == tag::kInstanceKey; });
    if (type_ == ItemType::kMail && content_.Load(store(), head_))
      content_.AddTo(props);
    else if (const auto loaded = LoadAttachments(); loaded)
      for (Prop& prop : props)
        if (prop.tag == tag::kHasAttach) prop.value = attachments_->AnyShown();
    const auto access =
        static_cast<std::int32_t>(write_ ? access::kRead | access::kModify | access::kDelete : access::kRead);
    props.push_back({tag::kAccess, access});
    props.push_back({tag::kAccessLevel, std::int32_t{write_ ? 1 : 0}});
    return props;
  }

  HRESULT ClearOne(PropTag tag) {
    const PropEdit edit = EditOfProps(type_, {}, {&tag, 1}, head_, context_);
    if (!edit.rest.empty()) return MAPI_E_COMPUTED;
    if (!edit.others.empty() && !HasName(store(), tag)) return MAPI_E_UNEXPECTED_ID;
    Forget(tag);
    (edit.others.empty() ? cleared_ : kept_cleared_).push_back(tag);
    return S_OK_;
  }
  // The same property as fields know it, and byte for byte.
  HRESULT SetOne(const std::optional<Prop>& prop, const std::optional<Prop>& raw) {
    if (!prop || !raw) return MAPI_E_INVALID_TYPE;
    if (prop->tag == tag::kMessageClass) {
      const auto& name = std::get<std::string>(prop->value);
      if (!id_ && FieldOwner(type_) == ItemType::kContact)
        type_ = name.starts_with(MessageClassOf(ItemType::kList)) ? ItemType::kList : ItemType::kContact;
      if (name == MessageClassOf(type_)) return S_OK_;
    }
    const PropEdit edit = EditOfProps(type_, {&*prop, 1}, {}, head_, context_);
    if (!edit.rest.empty()) return MAPI_E_COMPUTED;
    if (!edit.others.empty() && !HasName(store(), prop->tag)) return MAPI_E_UNEXPECTED_ID;
    const bool is_field = edit.others.empty();
    std::vector<Prop>& place = is_field ? set_ : kept_set_;
    Prop wanted = is_field ? *prop : *raw;
    place.reserve(place.size() + 1);  // nothing fails behind this: what was set before is not lost
    Forget(prop->tag);
    place.push_back(std::move(wanted));
    return S_OK_;
  }

  bool TakesAttachments() const { return field::AttachmentsOf(type_).count != 0; }
  Result<void> LoadAttachments() const {
    if (type_ != ItemType::kMail) return attachments_->Load(id_, head_);
    return content_.LoadAttachments(store(), head_, *attachments_);
  }
  // Somebody looks at what only the source of a mail tells. Errors: it cannot be asked for, or not be read.
  Result<void> LookAtSource() const {
    const std::lock_guard lock(mutex_);
    OUTPOST_TRYV(content_.Want(store(), id_));
    return content_.Load(store(), head_);
  }

  HRESULT OpenStream(ULONG tag, ULONG flags, IUnknown** object) {
    const PropType type = TypeOf(tag);
    if (type != PropType::kUnicode && type != PropType::kString8 && type != PropType::kBinary) return MAPI_E_NO_SUPPORT;
    const auto props = Props();
    if (!props) return CodeOf(props.error());
    const auto at = std::find_if(props.value().begin(), props.value().end(),
                                 [tag](const Prop& prop) { return IdOf(prop.tag) == IdOf(tag); });
    std::optional<std::string> bytes;
    if (at != props.value().end()) bytes = StreamBytesOf(*at, type);
    if (at != props.value().end() && !bytes) return MAPI_E_NO_SUPPORT;
    if ((flags & (MAPI_CREATE | MAPI_MODIFY)) == 0) {
      if (!bytes) return MAPI_E_NOT_FOUND;
      *object = MakeStream(shared_store(), std::move(*bytes));
      return S_OK_;
    }
    if (!bytes && (flags & MAPI_CREATE) == 0) return MAPI_E_NOT_FOUND;
    {
      const std::lock_guard lock(mutex_);
      const Prop empty = PropOfStream(tag, "").first;
      if (!write_ || !EditOfProps(type_, {&empty, 1}, {}, head_, context_).rest.empty()) return MAPI_E_NO_ACCESS;
    }
    AddRef();  // the stream tells this object
    const std::shared_ptr<Message> self(this, [](Message* message) { message->Release(); });
    const bool anew = (flags & MAPI_CREATE) != 0;
    *object =
        MakeWritableStream(shared_store(), anew ? std::string() : std::move(*bytes), [self, tag](std::string all) {
          const std::lock_guard lock(self->mutex_);
          const auto [prop, raw] = PropOfStream(tag, std::move(all));
          return self->SetOne(prop, raw);
        });
    return S_OK_;
  }

  // What was set or cleared before counts no more.
  void Forget(PropTag tag) {
    for (std::vector<Prop>* set : {&set_, &kept_set_})
      std::erase_if(*set, [tag](const Prop& prop) { return IdOf(prop.tag) == IdOf(tag); });
    for (std::vector<PropTag>* cleared : {&cleared_, &kept_cleared_})
      std::erase_if(*cleared, [tag](PropTag other) { return IdOf(other) == IdOf(tag); });
  }
  // What was set and cleared that is no field, over what `now` has of it, into `patch`.
  Result<void> ApplyKept(const JournalView& view, const FieldMap& now, FieldMap& patch) const {
    if (kept_set_.empty() && kept_cleared_.empty()) return Ok();
    OUTPOST_TRY(Value kept, KeptAfter(store(), view, ValueIn(now, KeptField(type_)), kept_set_, kept_cleared_));
    patch[KeptField(type_)] = std::move(kept);
    return Ok();
  }
  // All that was set, together: a whole day's times, for one, are told by several properties.
  FieldMap Edit() const {
    FieldMap patch = EditOfProps(type_, set_, cleared_, head_, context_).patch;
    recipients_->AddTo(patch);
    return patch;
  }

  // Whether somebody changed what a person can change since it was opened. That the server took an edit is no change.
  bool SavedOtherwise(const FieldMap& now) const {
    const auto differs = [](const FieldMap& one, const FieldMap& other) {
      return std::any_of(one.begin(), one.end(), [&other](const auto& part) {
        const Field* field = FindField(part.first);
        const auto at = other.find(part.first);
        const bool of_person = field != nullptr && field->sync != Sync::kServer && field->merge != Merge::kImmutable &&
                               part.first != field::kMailSourceWanted;
        return of_person && !SameValue(part.second, at != other.end() ? at->second : Value());
      });
    };
    return differs(now, head_) || differs(head_, now);
  }

  HRESULT Save(bool force) {
    if (!id_) {
      FieldMap fields = Edit();
      for (auto& [photo, value] : attachments_->PhotoPatch()) fields[photo] = value;
      const auto kept = ApplyKept(*store().account->View(), {}, fields);
      if (!kept) return CodeOf(kept.error());
      const auto made = store().account->Create(type_, folder_, std::move(fields));
      if (!made) return CodeOf(made.error());
      id_ = made.value();
    } else {
      const auto set = store().account->SetAsPlanned(id_, [&](const ItemState& state) -> Result<FieldMap> {
        const FieldMap now = state.Head();
        if (!force && SavedOtherwise(now))
          return Error{Code::kConflict, Retry::kNever, "item " + id_.Hex() + " changed since it was opened"};
        FieldMap patch = Edit();
        for (auto& [photo, value] : attachments_->PhotoPatch()) patch[photo] = value;
        OUTPOST_TRYV(ApplyKept(*store().account->View(), now, patch));
        return patch;
      });
      if (!set) return set.error().code == Code::kNotFound ? MAPI_E_OBJECT_DELETED : CodeOf(set.error());
    }
    set_.clear();
    cleared_.clear();
    kept_set_.clear();
    kept_cleared_.clear();
    recipients_->Saved();
    const auto attached = attachments_->Save(id_);
    if (!attached)  // a file that is not here is asked for, and saved the next time
      return attached.error().code == Code::kUnavailable ? MAPI_E_NETWORK_ERROR : CodeOf(attached.error());
    const auto now = LoadItem(*store().account->View(), id_);
    if (now && now.value()) {
      head_ = now.value()->Head();
      if (auto context = ContextOf(*store().account->View(), type_, id_, head_)) context_ = std::move(context.value());
    }
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
  std::vector<Prop> kept_set_;  // no fields: RawValues
  std::vector<PropTag> kept_cleared_;
  const std::shared_ptr<AttachmentList> attachments_;
  const std::shared_ptr<RecipientList> recipients_;
  mutable MailContent content_;  // of a mail
};

}  // namespace

Result<abi::IMessage*> MakeMessage(const std::shared_ptr<const OpenStore>& store, const ItemId& item, bool write) {
  const auto view = store->account->View();
  OUTPOST_TRY(const auto state, LoadItem(*view, item));
  if (!state || !state->Visible() || state->type == ItemType::kFolder || state->type >= ItemType::kPerson)
    return Error{Code::kNotFound, Retry::kNever, "no item " + item.Hex()};
  OUTPOST_TRY(PropContext context, ContextOf(*view, state->type, state->id, state->Head()));
  return new Message(store, *state, std::move(context), write);
}

abi::IMessage* MakeEmbeddedMail(const std::shared_ptr<const OpenStore>& store, std::string source) {
  const MailHead head = ReadMailHead(source);
  FieldMap fields{{field::kMailSubject, head.subject}, {field::kMailSeen, true}};
  for (const auto& [field, people] :
       std::initializer_list<std::pair<FieldId, const std::vector<std::string>&>>{{field::kMailFrom, head.from},
                                                                                  {field::kMailTo, head.to},
                                                                                  {field::kMailCc, head.cc},
                                                                                  {field::kMailBcc, head.bcc}})
    if (!people.empty()) fields[field] = people;
  if (!head.message_id.empty()) fields[field::kMailMessageId] = head.message_id;
  if (head.sent) fields[field::kMailSent] = *head.sent;
  return new Message(store, std::move(fields), source);
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
