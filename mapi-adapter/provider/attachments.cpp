#include "mapi-adapter/provider/attachments.h"

#include <algorithm>
#include <mutex>

#include "mapi-adapter/codec/tags.h"
#include "mapi-adapter/provider/copy.h"
#include "mapi-adapter/provider/list_source.h"
#include "mapi-adapter/provider/objects.h"
#include "mapi-adapter/provider/prop_object.h"
#include "mapi-adapter/provider/stream.h"
#include "mapi-adapter/provider/table.h"
#include "mapi-adapter/provider/written_props.h"

namespace outpost::mapi {
namespace {

using namespace abi;

// Larger ones are read as a stream.
constexpr std::uint64_t kDataInProps = 64 * 1024;
const std::vector<PropTag> kAttachmentColumns{
    tag::kAttachNumber,       tag::kInstanceKey, tag::kAttachMethod, tag::kAttachSize,    tag::kAttachRenderingPosition,
    tag::kAttachLongFilename, tag::kRecordKey,   tag::kObjectType,   tag::kAttachMimeTag, tag::kAttachmentHidden};

// By what an attachment is, or how it was made: nobody sets them.
bool IsOfAttachment(PropTag tag) {
  constexpr PropTag kTags[] = {tag::kAttachNumber, tag::kAttachSize,       tag::kInstanceKey,    tag::kRecordKey,
                               tag::kObjectType,   tag::kMappingSignature, tag::kAccess,         tag::kAccessLevel,
                               tag::kStoreEntryId, tag::kStoreRecordKey,   tag::kAttachExtension};
  return std::any_of(std::begin(kTags), std::end(kTags), [tag](PropTag own) { return IdOf(own) == IdOf(tag); });
}

class Attach final : public PropObject<IAttach> {
 public:
  Attach(std::shared_ptr<const OpenStore> store, std::shared_ptr<AttachmentList> list, ULONG number,
         Attachment attachment, bool write, IUnknown* parent)
      : PropObject(std::move(store)),
        list_(std::move(list)),
        number_(number),
        parent_(parent),
        attachment_(std::move(attachment)),
        write_(write) {
    parent_->AddRef();
  }

  HRESULT OUTPOST_MAPI_CALL GetProps(const SPropTagArray* tags, ULONG flags, ULONG* count,
                                     SPropValue** props) override {
    const HRESULT result = PropObject::GetProps(tags, flags, count, props);
    if (tags == nullptr || Failed(result)) return result;
    for (ULONG i = 0; i < *count; ++i)  // it is there, but not like that
      if (tags->aulPropTag[i] == tag::kAttachData && TypeOf((*props)[i].ulPropTag) == PropType::kError && HasData())
        (*props)[i].Value.err = MAPI_E_NOT_ENOUGH_MEMORY;
    return result;
  }
  HRESULT OUTPOST_MAPI_CALL SetProps(ULONG count, const SPropValue* props, SPropProblemArray** problems) override {
    return AtEdge([&] {
      return SetEach(store(), mutex_, write_, count, props, problems,
                     [this](const SPropValue& value) { return SetOne(value); });
    });
  }
  HRESULT OUTPOST_MAPI_CALL DeleteProps(const SPropTagArray* tags, SPropProblemArray** problems) override {
    return AtEdge([&] {
      return DeleteEach(store(), mutex_, write_, tags, problems, [this](PropTag tag) { return ClearOne(tag); });
    });
  }
  HRESULT OUTPOST_MAPI_CALL OpenProperty(ULONG tag, const IID* iid, ULONG, ULONG flags, IUnknown** object) override {
    return AtEdge([&] {
      if (object == nullptr || iid == nullptr || TypeOf(tag) == PropType::kUnspecified) return MAPI_E_INVALID_PARAMETER;
      *object = nullptr;
      if ((flags & ~(MAPI_CREATE | MAPI_MODIFY | MAPI_DEFERRED_ERRORS)) != 0) return MAPI_E_UNKNOWN_FLAGS;
      const std::lock_guard lock(mutex_);
      if (IdOf(tag) != IdOf(tag::kAttachData)) return MAPI_E_NO_SUPPORT;
      if ((flags & (MAPI_CREATE | MAPI_MODIFY)) != 0 && !write_) return MAPI_E_NO_ACCESS;
      if (*iid == kIMessage) return OpenMessage(flags, object);
      if (*iid != kIStream && *iid != kISequentialStream) return MAPI_E_NO_INTERFACE;
      // What is opened to be changed is written anew, from the beginning on.
      if ((flags & (MAPI_CREATE | MAPI_MODIFY)) != 0) {
        AddRef();  // the stream tells this object
        const std::shared_ptr<Attach> self(this, [](Attach* attach) { attach->Release(); });
        *object = MakeBlobStream(shared_store(), [self](PinnedBlob content) {
          const std::lock_guard told(self->mutex_);
          const std::uint64_t size = content.ref().size;
          self->SetContent(std::move(content), size);
          return S_OK_;
        });
        return S_OK_;
      }
      const auto stream = StreamOfAttachment(shared_store(), attachment_);
      if (!stream) return CodeOfContent(stream.error());
      *object = stream.value();
      return S_OK_;
    });
  }
  // Into the message, with which it is saved.
  HRESULT OUTPOST_MAPI_CALL SaveChanges(ULONG flags) override {
    return AtEdge([&] {
      if ((flags & ~(KEEP_OPEN_READONLY | KEEP_OPEN_READWRITE | FORCE_SAVE | MAPI_DEFERRED_ERRORS)) != 0)
        return MAPI_E_UNKNOWN_FLAGS;
      const std::lock_guard lock(mutex_);
      if (!write_) return MAPI_E_NO_ACCESS;
      list_->Put(number_, attachment_);
      write_ = (flags & KEEP_OPEN_READWRITE) != 0;
      return S_OK_;
    });
  }

 private:
  ~Attach() { parent_->Release(); }
  bool Offers(const IID& iid) const override { return iid == kIAttachment || iid == kIMAPIProp; }
  void Destroy() override { delete this; }

  bool HasData() const {
    const std::lock_guard lock(mutex_);
    return !std::holds_alternative<std::monostate>(attachment_.content) && !attachment_.mail;
  }
  static HRESULT CodeOfContent(const Error& error) {
    return error.code == Code::kUnavailable ? MAPI_E_NETWORK_ERROR : CodeOf(error);
  }
  void SetContent(AttachContent content, std::uint64_t size) {
    attachment_.content = std::move(content);
    attachment_.size = size;
    attachment_.part.reset();
  }
  HRESULT OpenMessage(ULONG flags, IUnknown** object) {
    if (!attachment_.mail || (flags & (MAPI_CREATE | MAPI_MODIFY)) != 0) return MAPI_E_NO_SUPPORT;
    auto bytes = BytesOfAttachment(shared_store(), attachment_);
    if (!bytes) return CodeOfContent(bytes.error());
    *object = MakeEmbeddedMail(shared_store(), std::move(bytes.value()));
    return S_OK_;
  }

  HRESULT ClearOne(PropTag tag) {
    if (IsOfAttachment(tag) || IdOf(tag) == IdOf(tag::kAttachMethod)) return MAPI_E_COMPUTED;
    if (IdOf(tag) == IdOf(tag::kAttachData)) SetContent({}, 0);
    if (IdOf(tag) == IdOf(tag::kAttachLongFilename)) attachment_.name.clear();
    if (IdOf(tag) == IdOf(tag::kAttachMimeTag)) attachment_.type.clear();
    if (IdOf(tag) == IdOf(tag::kAttachmentContactPhoto)) attachment_.photo = false;
    std::erase_if(attachment_.kept, [tag](const Prop& prop) { return IdOf(prop.tag) == IdOf(tag); });
    return S_OK_;
  }
  HRESULT SetOne(const SPropValue& value) {
    const auto raw = ReadRaw(value);
    const auto prop = ReadProp(value);
    if (!raw || !prop) return MAPI_E_INVALID_TYPE;
    if (IsOfAttachment(raw->tag)) return MAPI_E_COMPUTED;
    const std::uint16_t id = IdOf(raw->tag);
    const auto* text = std::get_if<std::string>(&prop->value);
    if (id == IdOf(tag::kAttachMethod)) {
      const auto* method = std::get_if<std::int32_t>(&prop->value);
      if (method == nullptr) return MAPI_E_UNEXPECTED_TYPE;
      // What is written here is kept by value; of other kinds nothing is made.
      return *method == static_cast<std::int32_t>(ATTACH_BY_VALUE) ? S_OK_ : MAPI_E_COMPUTED;
    }
    if (id == IdOf(tag::kAttachData)) {
      const auto* bytes = std::get_if<Blob>(&prop->value);
      if (bytes == nullptr) return MAPI_E_UNEXPECTED_TYPE;
      auto kept = store().account->journal().blobs().Put(AsBytes(bytes->bytes));
      if (!kept) return CodeOf(kept.error());
      SetContent(std::move(kept.value()), bytes->bytes.size());
      return S_OK_;
    }
    // The long name counts; the short one and the one that is shown where there is no other.
    const bool is_name = id == IdOf(tag::kAttachLongFilename);
    if (is_name || id == IdOf(tag::kAttachFilename) || id == IdOf(tag::kDisplayName)) {
      if (text == nullptr) return MAPI_E_UNEXPECTED_TYPE;
      if (is_name || !named_) attachment_.name = *text;
      named_ = named_ || is_name;
      return S_OK_;
    }
    if (id == IdOf(tag::kAttachMimeTag)) {
      if (text == nullptr) return MAPI_E_UNEXPECTED_TYPE;
      attachment_.type = *text;
      return S_OK_;
    }
    if (id == IdOf(tag::kAttachmentContactPhoto)) {
      const auto* photo = std::get_if<bool>(&prop->value);
      if (photo == nullptr) return MAPI_E_UNEXPECTED_TYPE;
      attachment_.photo = *photo;
      return S_OK_;
    }
    if (!HasName(store(), raw->tag)) return MAPI_E_UNEXPECTED_ID;
    std::erase_if(attachment_.kept, [id](const Prop& other) { return IdOf(other.tag) == id; });
    attachment_.kept.push_back(*raw);
    return S_OK_;
  }

  // Data that is too large for a property of GetProps is one of SetProps all the same.
  void CopySubobjects(const CopyRequest& request, IUnknown& to, std::vector<SPropProblem>& problems) const override {
    if (!request.Wants(tag::kAttachData) || !HasData()) return;
    Attachment now;
    {
      const std::lock_guard lock(mutex_);  // not while the other object is called
      now = attachment_;
    }
    if (now.size <= kDataInProps) return;
    auto bytes = BytesOfAttachment(shared_store(), now);
    const Prop data{tag::kAttachData, Blob{bytes ? std::move(bytes.value()) : std::string()}};
    HRESULT result = bytes ? S_OK_ : CodeOfContent(bytes.error());
    if (!Failed(result)) result = CopyPropsInto(store(), {&data, 1}, static_cast<IAttach&>(to), 0, problems);
    if (Failed(result)) problems.push_back({0, tag::kAttachData, result});
  }
  Result<std::vector<Prop>> Props() const override {
    const std::lock_guard lock(mutex_);
    std::vector<Prop> props = PropsOfAttachment(store(), number_, attachment_);
    std::erase_if(props, [](const Prop& prop) { return prop.tag == tag::kInstanceKey; });
    props.push_back({tag::kAccess, static_cast<std::int32_t>(write_ ? 3 : 2)});
    props.push_back({tag::kAccessLevel, std::int32_t{write_ ? 1 : 0}});
    const bool here = !std::holds_alternative<std::monostate>(attachment_.content) &&
                      !std::holds_alternative<AtServer>(attachment_.content);
    if (here && !attachment_.mail && attachment_.size <= kDataInProps) {
      OUTPOST_TRY(std::string bytes, BytesOfAttachment(shared_store(), attachment_));
      props.push_back({tag::kAttachData, Blob{std::move(bytes)}});
    }
    return props;
  }

  const std::shared_ptr<AttachmentList> list_;
  const ULONG number_;
  IUnknown* const parent_;
  mutable std::mutex mutex_;  // guards what is below
  Attachment attachment_;
  bool write_;
  bool named_ = false;  // by its long name
};

}  // namespace

abi::IAttach* MakeAttach(std::shared_ptr<const OpenStore> store, std::shared_ptr<AttachmentList> list,
                         abi::ULONG number, Attachment attachment, bool write, abi::IUnknown* parent) {
  return new Attach(std::move(store), std::move(list), number, std::move(attachment), write, parent);
}

abi::IMAPITable* MakeAttachmentTable(const std::shared_ptr<const OpenStore>& store,
                                     const std::shared_ptr<AttachmentList>& list) {
  const auto read = [store, list]() -> Result<PropRows> {
    PropRows rows;
    for (const ULONG number : list->Numbers())
      if (const auto attachment = list->Find(number)) rows.push_back(PropsOfAttachment(*store, number, *attachment));
    return rows;
  };
  return MakeTable(store, MakeListSource(read().value(), read), kAttachmentColumns);
}

}  // namespace outpost::mapi
