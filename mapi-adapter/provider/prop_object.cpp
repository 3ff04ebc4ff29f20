#include "mapi-adapter/provider/prop_object.h"

#include <algorithm>
#include <cstring>
#include <optional>

#include "mapi-adapter/codec/item_properties.h"
#include "mapi-adapter/codec/kept_properties.h"
#include "mapi-adapter/provider/copy.h"

namespace outpost::mapi {
namespace {

std::string_view GuidBytes(const abi::GUID* guid) {
  static_assert(sizeof(abi::GUID) == 16);
  return guid == nullptr ? std::string_view() : std::string_view(reinterpret_cast<const char*>(guid), 16);
}

// PS_MAPI, whose numbers below kFirstNamedId are the ids themselves. Source: "MAPI Named Properties".
constexpr std::string_view kMapiSet("\x28\x03\x02\x00\x00\x00\x00\x00\xC0\x00\x00\x00\x00\x00\x00\x46", 16);
constexpr std::size_t kNamesMost = 0x7FFF;  // more than there are ids for

// Nullopt for what is no name.
std::optional<KeptName> NameOfCallers(const abi::MAPINAMEID* name) {
  if (name == nullptr || name->lpguid == nullptr) return std::nullopt;
  KeptName out;
  out.set = GuidBytes(name->lpguid);
  if (name->ulKind == abi::MNID_ID) {
    out.number = static_cast<std::uint32_t>(name->Kind.lID);
    if (out.set != kMapiSet) return out;
    if (out.number == 0 || out.number >= kFirstNamedId) return std::nullopt;
    out = {};
    out.id = static_cast<std::uint16_t>(name->Kind.lID);
    return out;
  }
  if (name->ulKind != abi::MNID_STRING || out.set == kMapiSet) return std::nullopt;
  out.text = ReadText(name->Kind.lpwstrName, true);
  return out.text.empty() ? std::nullopt : std::optional(std::move(out));
}

abi::MAPINAMEID* WriteName(const KeptName& name, MapiBlock& block) {
  auto* out = block.Array<abi::MAPINAMEID>(1);
  *out = {};
  out->lpguid = block.Array<abi::GUID>(1);
  std::memcpy(out->lpguid, name.set.data(), sizeof(abi::GUID));
  out->ulKind = name.text.empty() ? abi::MNID_ID : abi::MNID_STRING;
  if (name.text.empty())
    out->Kind.lID = static_cast<abi::LONG>(name.number);
  else
    out->Kind.lpwstrName = WriteWide(name.text, block);
  return out;
}

}  // namespace

abi::HRESULT GetPropsOf(const OpenStore& store, const Result<std::vector<Prop>>& props, const abi::SPropTagArray* tags,
                        abi::ULONG flags, abi::ULONG* count, abi::SPropValue** out) {
  if (count == nullptr || out == nullptr || (tags != nullptr && tags->cValues == 0))
    return abi::MAPI_E_INVALID_PARAMETER;
  if ((flags & ~abi::MAPI_UNICODE) != 0) return abi::MAPI_E_UNKNOWN_FLAGS;
  *count = 0;
  *out = nullptr;
  if (!props) return CodeOf(props.error());
  const std::size_t size = tags != nullptr ? tags->cValues : props.value().size();
  if (size == 0) return abi::S_OK_;
  MapiBlock block(store.memory);
  auto* values = block.Array<abi::SPropValue>(size);
  const bool all = WriteProps(props.value(), tags, (flags & abi::MAPI_UNICODE) != 0, block, values);
  *count = static_cast<abi::ULONG>(size);
  *out = values;
  block.HandOver();
  return all ? abi::S_OK_ : abi::MAPI_W_ERRORS_RETURNED;
}

abi::HRESULT GetPropListOf(const OpenStore& store, const Result<std::vector<Prop>>& props, abi::ULONG flags,
                           abi::SPropTagArray** tags) {
  if (tags == nullptr) return abi::MAPI_E_INVALID_PARAMETER;
  if ((flags & ~abi::MAPI_UNICODE) != 0) return abi::MAPI_E_UNKNOWN_FLAGS;
  *tags = nullptr;
  if (!props) return CodeOf(props.error());
  std::vector<PropTag> list;
  for (const Prop& prop : props.value()) {
    const bool narrow = TypeOf(prop.tag) == PropType::kUnicode && (flags & abi::MAPI_UNICODE) == 0;
    list.push_back(narrow ? TagOf(IdOf(prop.tag), PropType::kString8) : prop.tag);
  }
  MapiBlock block(store.memory);
  *tags = WriteTags(list, block);
  block.HandOver();
  return abi::S_OK_;
}

abi::HRESULT GetNames(const OpenStore& store, abi::SPropTagArray** tags, const abi::GUID* set, abi::ULONG flags,
                      abi::ULONG* count, abi::MAPINAMEID*** names) {
  if (tags == nullptr || count == nullptr || names == nullptr) return abi::MAPI_E_INVALID_PARAMETER;
  if ((flags & ~(abi::MAPI_NO_STRINGS | abi::MAPI_NO_IDS)) != 0) return abi::MAPI_E_UNKNOWN_FLAGS;
  if (*tags != nullptr && (*tags)->cValues == 0) return abi::MAPI_E_INVALID_PARAMETER;
  *count = 0;
  *names = nullptr;
  const auto wanted = [flags](const KeptName& name) {
    return (flags & (name.text.empty() ? abi::MAPI_NO_IDS : abi::MAPI_NO_STRINGS)) == 0;
  };
  MapiBlock listed(store.memory);
  const bool all = *tags == nullptr;
  abi::SPropTagArray* asked = *tags;
  if (all) {
    std::vector<PropTag> list;
    for (const std::uint16_t id : store.names->Ids())
      if (const auto name = store.names->NameOf(id); wanted(*name) && (set == nullptr || name->set == GuidBytes(set)))
        list.push_back(TagOf(id, PropType::kUnspecified));
    asked = WriteTags(list, listed);
  }
  bool found = true;
  if (asked->cValues != 0) {
    MapiBlock block(store.memory);
    auto** out = block.Array<abi::MAPINAMEID*>(asked->cValues);
    for (abi::ULONG i = 0; i < asked->cValues; ++i) {
      const auto name = store.names->NameOf(IdOf(asked->aulPropTag[i]));
      out[i] = name && wanted(*name) ? WriteName(*name, block) : nullptr;
      found = found && out[i] != nullptr;
    }
    *count = asked->cValues;
    *names = out;
    block.HandOver();
  }
  if (all) *tags = static_cast<abi::SPropTagArray*>(listed.HandOver());
  return found ? abi::S_OK_ : abi::MAPI_W_ERRORS_RETURNED;
}

abi::HRESULT GetIds(const OpenStore& store, abi::ULONG count, abi::MAPINAMEID** names, abi::ULONG flags,
                    abi::SPropTagArray** tags) {
  if (tags == nullptr || (count != 0) != (names != nullptr)) return abi::MAPI_E_INVALID_PARAMETER;
  if ((flags & ~abi::MAPI_CREATE) != 0) return abi::MAPI_E_UNKNOWN_FLAGS;
  const bool create = (flags & abi::MAPI_CREATE) != 0;
  if (create && names == nullptr) return abi::MAPI_E_INVALID_PARAMETER;
  *tags = nullptr;
  if (count > kNamesMost) return abi::MAPI_E_TOO_BIG;
  std::vector<PropTag> list;
  bool all = true;
  if (names == nullptr)
    for (const std::uint16_t id : store.names->Ids()) list.push_back(TagOf(id, PropType::kUnspecified));
  std::vector<KeptName> known;
  std::vector<std::size_t> places;  // where in `list` the id of known[i] goes
  for (abi::ULONG i = 0; i < count; ++i) {
    list.push_back(TagOf(0, PropType::kError));
    if (auto name = NameOfCallers(names[i])) {
      known.push_back(std::move(*name));
      places.push_back(list.size() - 1);
    }
  }
  std::vector<std::uint16_t> ids;
  if (create) {
    auto given = store.names->Give(known);
    if (!given) return CodeOf(given.error());
    ids = std::move(given.value());
  } else {
    for (const KeptName& name : known) ids.push_back(store.names->IdOf(name));
  }
  for (std::size_t i = 0; i < ids.size(); ++i)
    if (ids[i] != 0) list[places[i]] = TagOf(ids[i], PropType::kUnspecified);
  if (names != nullptr)
    all = std::none_of(list.begin(), list.end(), [](PropTag tag) { return TypeOf(tag) == PropType::kError; });
  MapiBlock block(store.memory);
  *tags = WriteTags(list, block);
  block.HandOver();
  return all ? abi::S_OK_ : abi::MAPI_W_ERRORS_RETURNED;
}

abi::HRESULT CheckSet(abi::ULONG count, const abi::SPropValue* props) {
  if (count == 0 || props == nullptr) return abi::MAPI_E_INVALID_PARAMETER;
  for (abi::ULONG i = 0; i < count; ++i)
    if (TypeOf(props[i].ulPropTag) == PropType::kObject ||
        (IsMultiple(TypeOf(props[i].ulPropTag)) && props[i].Value.MV.cValues == 0))
      return abi::MAPI_E_INVALID_PARAMETER;
  return abi::S_OK_;
}

bool IsPassedOver(PropTag tag) { return tag == TagOf(0, PropType::kNull) || TypeOf(tag) == PropType::kError; }

bool HasName(const OpenStore& store, PropTag tag) {
  return IdOf(tag) != 0 && (IdOf(tag) < kFirstNamedId || store.names->NameOf(IdOf(tag)));
}

bool CopyRequest::Wants(PropTag tag) const {
  const bool named = std::any_of(tags.begin(), tags.end(), [tag](PropTag one) { return IdOf(one) == IdOf(tag); });
  return named != all;
}

abi::HRESULT CopySelected(const OpenStore& store, const Result<std::vector<Prop>>& props, const CopyRequest& request,
                          abi::IMAPIProp& to, abi::ULONG flags, std::vector<abi::SPropProblem>& problems) {
  constexpr abi::ULONG kKnown =
      abi::MAPI_MOVE | abi::MAPI_NOREPLACE | abi::MAPI_DECLINE_OK | abi::MAPI_DIALOG | abi::MAPI_DEFERRED_ERRORS;
  if ((flags & ~kKnown) != 0) return abi::MAPI_E_UNKNOWN_FLAGS;
  if ((flags & abi::MAPI_MOVE) != 0) return abi::MAPI_E_NO_SUPPORT;
  if (!props) return CodeOf(props.error());
  std::vector<Prop> wanted;
  for (const Prop& prop : props.value())
    if (request.Wants(prop.tag) && !IsReadOnlyAnywhere(prop.tag)) wanted.push_back(prop);
  return CopyPropsInto(store, wanted, to, flags, problems);
}

abi::HRESULT Problems(const OpenStore& store, std::span<const abi::SPropProblem> problems,
                      abi::SPropProblemArray** out) {
  if (out == nullptr) return abi::S_OK_;
  *out = nullptr;
  if (problems.empty()) return abi::S_OK_;
  MapiBlock block(store.memory);
  auto* made = static_cast<abi::SPropProblemArray*>(
      block.Allocate(sizeof(abi::SPropProblemArray) + sizeof(abi::SPropProblem) * (problems.size() - 1)));
  made->cProblem = static_cast<abi::ULONG>(problems.size());
  std::copy(problems.begin(), problems.end(), made->aProblem);
  *out = made;
  block.HandOver();
  return abi::S_OK_;
}

}  // namespace outpost::mapi
