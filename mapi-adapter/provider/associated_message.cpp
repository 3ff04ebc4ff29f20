#include <algorithm>
#include <mutex>

#include "mapi-adapter/codec/tags.h"
#include "mapi-adapter/provider/associated.h"
#include "mapi-adapter/provider/kept.h"
#include "mapi-adapter/provider/prop_bytes.h"
#include "mapi-adapter/provider/stream.h"
#include "mapi-adapter/provider/written_props.h"

namespace outpost::mapi {
namespace {

using namespace abi;

// One as it was when it was opened, with what was set since over it. It has no people and no files.
class Associated final : public PropObject<IMessage> {
 public:
  Associated(std::shared_ptr<const OpenStore> store, const ItemId& folder, AssociatedMessage message, bool write)
      : PropObject(std::move(store)), folder_(folder), write_(write), now_(message), before_(message.bytes) {}

  HRESULT OUTPOST_MAPI_CALL SetProps(ULONG count, const SPropValue* props, SPropProblemArray** problems) override {
    return AtEdge([&] {
      return SetEach(store(), mutex_, write_, count, props, problems,
                     [this](const SPropValue& value) { return SetOne(ReadRaw(value)); });
    });
  }
  HRESULT OUTPOST_MAPI_CALL DeleteProps(const SPropTagArray* tags, SPropProblemArray** problems) override {
    return AtEdge([&] {
      return DeleteEach(store(), mutex_, write_, tags, problems, [this](PropTag tag) {
        if (IsOfAssociated(tag)) return MAPI_E_COMPUTED;
        if (!HasName(store(), tag)) return MAPI_E_UNEXPECTED_ID;
        return Change({}, {&tag, 1});
      });
    });
  }
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
  HRESULT OUTPOST_MAPI_CALL OpenProperty(ULONG tag, const IID* iid, ULONG, ULONG flags, IUnknown** object) override {
    return AtEdge([&] {
      if (object == nullptr || iid == nullptr || TypeOf(tag) == PropType::kUnspecified) return MAPI_E_INVALID_PARAMETER;
      *object = nullptr;
      if ((flags & ~(MAPI_CREATE | MAPI_MODIFY | MAPI_DEFERRED_ERRORS)) != 0) return MAPI_E_UNKNOWN_FLAGS;
      if (*iid != kIStream && *iid != kISequentialStream) return MAPI_E_NO_INTERFACE;
      return OpenStream(tag, flags, object);
    });
  }
  HRESULT OUTPOST_MAPI_CALL GetAttachmentTable(ULONG, IMAPITable**) override { return MAPI_E_NO_SUPPORT; }
  HRESULT OUTPOST_MAPI_CALL OpenAttach(ULONG, const IID*, ULONG, void**) override { return MAPI_E_NO_SUPPORT; }
  HRESULT OUTPOST_MAPI_CALL CreateAttach(const IID*, ULONG, ULONG*, void**) override { return MAPI_E_NO_SUPPORT; }
  HRESULT OUTPOST_MAPI_CALL DeleteAttach(ULONG, ULONG_PTR, IMAPIProgress*, ULONG) override { return MAPI_E_NO_SUPPORT; }
  HRESULT OUTPOST_MAPI_CALL GetRecipientTable(ULONG, IMAPITable**) override { return MAPI_E_NO_SUPPORT; }
  HRESULT OUTPOST_MAPI_CALL ModifyRecipients(ULONG, ADRLIST*) override { return MAPI_E_NO_SUPPORT; }
  HRESULT OUTPOST_MAPI_CALL SubmitMessage(ULONG) override { return MAPI_E_NO_SUPPORT; }
  HRESULT OUTPOST_MAPI_CALL SetReadFlag(ULONG) override { return S_OK_; }

 private:
  ~Associated() = default;
  bool Offers(const IID& iid) const override { return iid == kIMessage || iid == kIMAPIProp; }
  void Destroy() override { delete this; }

  Result<std::vector<Prop>> Props() const override {
    const std::lock_guard lock(mutex_);
    std::vector<Prop> props = PropsOfAssociated(store(), folder_, now_);
    std::erase_if(props, [this](const Prop& prop) {
      const bool of_saved = prop.tag == tag::kEntryId || prop.tag == tag::kRecordKey || prop.tag == tag::kSearchKey ||
                            prop.tag == tag::kCreationTime || prop.tag == tag::kLastModificationTime;
      return prop.tag == tag::kInstanceKey || (of_saved && before_.empty());
    });
    props.push_back({tag::kAccess, std::int32_t{write_ ? 7 : 2}});
    props.push_back({tag::kAccessLevel, std::int32_t{write_ ? 1 : 0}});
    return props;
  }

  HRESULT SetOne(const std::optional<Prop>& raw) {
    if (!raw) return MAPI_E_INVALID_TYPE;
    if (IsOfAssociated(raw->tag)) return MAPI_E_COMPUTED;
    if (!HasName(store(), raw->tag)) return MAPI_E_UNEXPECTED_ID;
    return Change({&*raw, 1}, {});
  }
  HRESULT Change(std::span<const Prop> set, std::span<const PropTag> cleared) {
    auto kept = Kept();
    if (!kept) return CodeOf(kept.error());
    if (const auto changed = ChangeKept(store(), kept.value(), set, cleared); !changed) return CodeOf(changed.error());
    now_.bytes = Encode(std::move(kept.value()));
    return S_OK_;
  }
  Result<std::vector<KeptProp>> Kept() const {
    if (now_.bytes.empty()) return std::vector<KeptProp>{};
    return DecodeKeptProps(now_.bytes);
  }

  HRESULT Save(bool force) {
    const auto ticks = static_cast<std::uint64_t>(FileTimeOf(store().now().count()).ticks);
    std::string moment;
    for (std::size_t i = 0; i < sizeof ticks; ++i) moment.push_back(static_cast<char>(ticks >> (8 * i) & 0xFF));
    const Prop changed{tag::kLastModificationTime, RawValue{moment}};
    if (const HRESULT result = Change({&changed, 1}, {}); Failed(result)) return result;
    const auto saved = SaveAssociated(store(), folder_, now_, before_, force);
    if (!saved) return saved.error().code == Code::kNotFound ? MAPI_E_OBJECT_DELETED : CodeOf(saved.error());
    before_ = now_.bytes;
    return S_OK_;
  }

  HRESULT OpenStream(PropTag tag, ULONG flags, IUnknown** object) {
    const PropType type = TypeOf(tag);
    if (type != PropType::kUnicode && type != PropType::kString8 && type != PropType::kBinary) return MAPI_E_NO_SUPPORT;
    const auto props = Props();
    const auto at = std::find_if(props.value().begin(), props.value().end(),
                                 [tag](const Prop& prop) { return IdOf(prop.tag) == IdOf(tag); });
    std::optional<std::string> bytes;
    if (at != props.value().end()) bytes = StreamBytesOf(*at, type);
    if (at != props.value().end() && !bytes) return MAPI_E_NO_SUPPORT;
    if (!bytes && (flags & MAPI_CREATE) == 0) return MAPI_E_NOT_FOUND;
    if ((flags & (MAPI_CREATE | MAPI_MODIFY)) == 0) {
      *object = MakeStream(shared_store(), std::move(*bytes));
      return S_OK_;
    }
    {
      const std::lock_guard lock(mutex_);
      if (!write_ || IsOfAssociated(tag) || !HasName(store(), tag)) return MAPI_E_NO_ACCESS;
    }
    AddRef();  // the stream tells this object
    const std::shared_ptr<Associated> self(this, [](Associated* message) { message->Release(); });
    const bool anew = (flags & MAPI_CREATE) != 0;
    *object =
        MakeWritableStream(shared_store(), anew ? std::string() : std::move(*bytes), [self, tag](std::string all) {
          const std::lock_guard lock(self->mutex_);
          return self->SetOne(PropOfStream(tag, std::move(all)).second);
        });
    return S_OK_;
  }

  const ItemId folder_;
  mutable std::mutex mutex_;  // guards what is below
  bool write_;
  AssociatedMessage now_;
  std::string before_;  // as it was when it was opened or saved; empty: it was not saved yet
};

}  // namespace

abi::IMessage* MakeNewAssociated(std::shared_ptr<const OpenStore> store, const ItemId& folder) {
  AssociatedMessage made{store->new_id(), {}};
  return new Associated(std::move(store), folder, std::move(made), true);
}

Result<abi::IMessage*> MakeAssociated(const std::shared_ptr<const OpenStore>& store, const ItemId& folder,
                                      const ItemId& message, bool write) {
  OUTPOST_TRY(auto all, AssociatedIn(*store, folder));
  for (AssociatedMessage& one : all)
    if (one.id == message) return new Associated(store, folder, std::move(one), write);
  return Error{Code::kNotFound, Retry::kNever, "no associated message " + message.Hex()};
}

}  // namespace outpost::mapi
