#include "mapi-adapter/provider/copy.h"

#include <algorithm>
#include <cstring>
#include <new>

#include "journal/item_fold.h"
#include "mapi-adapter/codec/tags.h"
#include "mapi-adapter/provider/prop_object.h"
#include "schemas/series.h"

namespace outpost::mapi {
namespace {

using namespace abi;

// Memory of the host's that a destination answered.
template <class T>
class Given {
 public:
  explicit Given(const MapiMemory& memory) : memory_(memory) {}
  Given(const Given&) = delete;
  Given& operator=(const Given&) = delete;
  ~Given() {
    if (data_ != nullptr) memory_.free(data_);
  }
  T** out() { return &data_; }
  T* operator->() const { return data_; }
  T* get() const { return data_; }

 private:
  const MapiMemory& memory_;
  T* data_ = nullptr;
};
template <class T>
class Held {
 public:
  Held() = default;
  Held(const Held&) = delete;
  Held& operator=(const Held&) = delete;
  ~Held() {
    if (object_ != nullptr) object_->Release();
  }
  T** out() { return &object_; }
  T* operator->() const { return object_; }
  T& operator*() const { return *object_; }

 private:
  T* object_ = nullptr;
};

// What a destination answered that has no memory left ends the copy; anything else it could not say does not.
HRESULT Answered(HRESULT result) {
  if (result == MAPI_E_NOT_ENOUGH_MEMORY) throw std::bad_alloc();
  return result;
}

bool SameNames(const OpenStore& store, IMAPIProp& to) {
  const SPropTagArray wanted{1, {tag::kMappingSignature}};
  ULONG count = 0;
  Given<SPropValue> props(store.memory);
  if (Failed(Answered(to.GetProps(&wanted, 0, &count, props.out()))) || props.get() == nullptr) return false;
  return props->ulPropTag == tag::kMappingSignature &&
         BytesAt(props->Value.bin.cb, reinterpret_cast<const ENTRYID*>(props->Value.bin.lpb)) ==
             store.names->signature();
}

// The tags as they are over there; 0 for what has no name there.
std::vector<PropTag> TagsThere(const OpenStore& store, std::span<const Prop> props, IMAPIProp& to) {
  std::vector<PropTag> out;
  for (const Prop& prop : props) out.push_back(prop.tag);
  const auto is_named = [](PropTag tag) { return IdOf(tag) >= kFirstNamedId; };
  if (std::none_of(out.begin(), out.end(), is_named) || SameNames(store, to)) return out;
  MapiBlock block(store.memory);
  std::vector<MAPINAMEID*> names;
  std::vector<std::size_t> places;
  for (std::size_t i = 0; i < out.size(); ++i) {
    if (IdOf(out[i]) < kFirstNamedId) continue;
    const auto name = store.names->NameOf(IdOf(out[i]));
    out[i] = 0;
    if (!name) continue;
    auto* made = block.Array<MAPINAMEID>(1);
    *made = {};
    made->lpguid = block.Array<GUID>(1);
    std::memcpy(made->lpguid, name->set.data(), sizeof(GUID));
    made->ulKind = name->text.empty() ? MNID_ID : MNID_STRING;
    if (name->text.empty())
      made->Kind.lID = static_cast<LONG>(name->number);
    else
      made->Kind.lpwstrName = WriteWide(name->text, block);
    names.push_back(made);
    places.push_back(i);
  }
  if (names.empty()) return out;
  Given<SPropTagArray> ids(store.memory);
  const auto count = static_cast<ULONG>(names.size());
  if (Failed(Answered(to.GetIDsFromNames(count, names.data(), MAPI_CREATE, ids.out())))) return out;
  for (std::size_t i = 0; i < places.size() && i < ids->cValues; ++i)
    if (TypeOf(ids->aulPropTag[i]) != PropType::kError)
      out[places[i]] = TagOf(IdOf(ids->aulPropTag[i]), TypeOf(props[places[i]].tag));
  return out;
}

std::vector<std::uint16_t> IdsOf(const OpenStore& store, IMAPIProp& object) {
  Given<SPropTagArray> tags(store.memory);
  std::vector<std::uint16_t> out;
  if (!Failed(Answered(object.GetPropList(MAPI_UNICODE, tags.out()))) && tags.get() != nullptr)
    for (ULONG i = 0; i < tags->cValues; ++i) out.push_back(IdOf(tags->aulPropTag[i]));
  return out;
}

HRESULT CopyOneAttachment(const std::shared_ptr<const OpenStore>& store, Attachment attachment, IMessage& to) {
  auto bytes = BytesOfAttachment(store, attachment);
  if (!bytes) return CodeOf(bytes.error());
  if (attachment.mail) {  // a file over there
    attachment.mail = false;
    attachment.type = "message/rfc822";
    attachment.name += ".eml";
  }
  Held<IAttach> made;
  ULONG number = 0;
  const HRESULT created = to.CreateAttach(nullptr, 0, &number, reinterpret_cast<void**>(made.out()));
  if (Failed(created)) return created;
  std::vector<Prop> props = PropsOfAttachment(*store, number, attachment);
  std::erase_if(props, [](const Prop& prop) {
    constexpr PropTag kOwn[] = {tag::kAttachNumber, tag::kAttachSize,       tag::kInstanceKey,    tag::kRecordKey,
                                tag::kObjectType,   tag::kMappingSignature, tag::kAttachExtension};
    return std::find(std::begin(kOwn), std::end(kOwn), prop.tag) != std::end(kOwn);
  });
  props.push_back({tag::kAttachData, Blob{std::move(bytes.value())}});
  CopyProblems problems;
  const HRESULT set = CopyPropsInto(*store, props, *made, 0, problems);
  if (Failed(set)) return set;
  for (const SPropProblem& problem : problems)
    if (problem.ulPropTag == tag::kAttachData) return problem.scode;
  return made->SaveChanges(0);
}

}  // namespace

HRESULT CopyPropsInto(const OpenStore& store, std::span<const Prop> props, IMAPIProp& to, ULONG flags,
                      CopyProblems& problems) {
  const std::vector<PropTag> tags = TagsThere(store, props, to);
  const std::vector<std::uint16_t> there =
      (flags & MAPI_NOREPLACE) != 0 ? IdsOf(store, to) : std::vector<std::uint16_t>();
  MapiBlock block(store.memory);
  auto* values = block.Array<SPropValue>(std::max<std::size_t>(1, props.size()));
  std::vector<ULONG> places;
  for (std::size_t i = 0; i < props.size(); ++i) {
    if (tags[i] == 0) {
      problems.push_back({static_cast<ULONG>(i), props[i].tag, MAPI_E_NOT_FOUND});
      continue;
    }
    if (std::find(there.begin(), there.end(), IdOf(tags[i])) != there.end()) continue;
    SPropValue& value = values[places.size()];
    WriteProp(props[i], TagOf(IdOf(props[i].tag), PropType::kUnspecified), true, block, value);
    value.ulPropTag = TagOf(IdOf(tags[i]), TypeOf(value.ulPropTag));
    places.push_back(static_cast<ULONG>(i));
  }
  if (places.empty()) return S_OK_;
  Given<SPropProblemArray> refused(store.memory);
  const HRESULT result = to.SetProps(static_cast<ULONG>(places.size()), values, refused.out());
  if (Failed(result)) return result;
  for (ULONG i = 0; refused.get() != nullptr && i < refused->cProblem; ++i)
    if (const SPropProblem& one = refused->aProblem[i]; one.ulIndex < places.size())
      problems.push_back({places[one.ulIndex], props[places[one.ulIndex]].tag, one.scode});
  return S_OK_;
}

void CopyRecipientsInto(const OpenStore& store, const std::vector<std::vector<Prop>>& rows, IMessage& to,
                        CopyProblems& problems) {
  if (rows.empty()) return;
  MapiBlock block(store.memory);
  auto* list = static_cast<ADRLIST*>(block.Allocate(sizeof(ADRLIST) + rows.size() * sizeof(ADRENTRY)));
  list->cEntries = static_cast<ULONG>(rows.size());
  for (std::size_t i = 0; i < rows.size(); ++i) {
    auto* values = block.Array<SPropValue>(rows[i].size());
    WriteProps(rows[i], nullptr, true, block, values);
    list->aEntries[i] = {0, static_cast<ULONG>(rows[i].size()), values};
  }
  if (const HRESULT result = to.ModifyRecipients(0, list); Failed(result))
    problems.push_back({0, tag::kMessageRecipients, result});
}

void CopyAttachmentsInto(const std::shared_ptr<const OpenStore>& store, const AttachmentList& list, IMessage& to,
                         CopyProblems& problems) {
  for (const ULONG number : list.Numbers()) {
    const auto attachment = list.Find(number);
    if (!attachment) continue;
    if (const HRESULT result = CopyOneAttachment(store, *attachment, to); Failed(result))
      problems.push_back({0, tag::kMessageAttachments, result});
  }
}

Result<ItemId> CopyItem(const std::shared_ptr<const OpenStore>& store, const ItemId& item, const ItemId& folder) {
  Account& account = *store->account;
  const auto view = account.View();
  OUTPOST_TRY(const auto state, LoadItem(*view, item));
  if (!state || !state->Visible()) return Error{Code::kNotFound, Retry::kNever, "no item " + item.Hex()};
  if (state->type == ItemType::kMail) return account.CopyMail(item, folder);
  if (!IsEmpty(state->HeadValue(field::kAppointmentChanged)))
    return Error{Code::kRejected, Retry::kNever, "series " + item.Hex() + " has changed days, which are items"};
  FieldMap fields = state->Head();
  for (auto at = fields.begin(); at != fields.end();) {
    const Field* known = FindField(at->first);
    const bool own = known == nullptr || known->sync == Sync::kServer || known->merge == Merge::kOnce ||
                     known->merge == Merge::kImmutable || known->merge == Merge::kServer ||
                     at->first == field::FolderOf(state->type) || IsEmpty(at->second);
    at = own ? fields.erase(at) : at + 1;
  }
  AttachmentList files(store, state->type);
  OUTPOST_TRYV(files.Load(item, {}));
  for (const ULONG number : files.Numbers())
    if (std::holds_alternative<AtServer>(files.Find(number)->content))
      return Error{Code::kRejected, Retry::kBackoff, "not all files of item " + item.Hex() + " are here"};
  OUTPOST_TRY(const ItemId copy, account.Create(state->type, folder, std::move(fields)));
  OUTPOST_TRYV(files.SaveAll(copy));
  return copy;
}

}  // namespace outpost::mapi
