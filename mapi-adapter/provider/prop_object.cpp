#include "mapi-adapter/provider/prop_object.h"

#include <algorithm>
#include <cstring>
#include <limits>

#include "mapi-adapter/codec/blob.h"

namespace outpost::mapi {
namespace {

std::string_view GuidBytes(const abi::GUID* guid) {
  static_assert(sizeof(abi::GUID) == 16);
  return guid == nullptr ? std::string_view() : std::string_view(reinterpret_cast<const char*>(guid), 16);
}

// A caller's text name; names here are ASCII.
std::string NarrowName(const abi::WCHAR* text) {
  std::string out;
  for (; text != nullptr && *text != 0; ++text) out.push_back(*text < 0x80 ? static_cast<char>(*text) : '?');
  return out;
}

std::uint16_t IdOfCallers(const abi::MAPINAMEID* name) {
  if (name == nullptr) return 0;
  PropName known{PropSetOf(GuidBytes(name->lpguid)), 0, {}};
  if (known.set == PropSet::kNone) return 0;
  if (name->ulKind == abi::MNID_ID) {
    known.number = static_cast<std::uint32_t>(name->Kind.lID);
    return IdOfName(known);
  }
  const std::string text = NarrowName(name->Kind.lpwstrName);
  known.text = text;
  return text.empty() ? std::uint16_t{0} : IdOfName(known);
}

abi::MAPINAMEID* WriteName(const PropName& name, MapiBlock& block) {
  auto* out = block.Array<abi::MAPINAMEID>(1);
  *out = {};
  out->lpguid = block.Array<abi::GUID>(1);
  std::memcpy(out->lpguid, GuidOf(name.set).data(), sizeof(abi::GUID));
  out->ulKind = name.text.empty() ? abi::MNID_ID : abi::MNID_STRING;
  out->Kind.lID = static_cast<abi::LONG>(name.number);
  if (name.text.empty()) return out;
  out->Kind.lpwstrName = block.Array<abi::WCHAR>(name.text.size() + 1);
  std::copy(name.text.begin(), name.text.end(), out->Kind.lpwstrName);
  out->Kind.lpwstrName[name.text.size()] = 0;
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

abi::HRESULT GetNames(const OpenStore& store, abi::SPropTagArray** tags, const abi::GUID* set, abi::ULONG* count,
                      abi::MAPINAMEID*** names) {
  if (tags == nullptr || count == nullptr || names == nullptr) return abi::MAPI_E_INVALID_PARAMETER;
  *count = 0;
  *names = nullptr;
  MapiBlock listed(store.memory);
  const bool all = *tags == nullptr;
  if (all) {
    std::vector<PropTag> list;
    for (std::size_t i = 0; i < KnownNames().size(); ++i)
      if (set == nullptr || GuidOf(KnownNames()[i].set) == GuidBytes(set))
        list.push_back(TagOf(static_cast<std::uint16_t>(kFirstNamedId + i), PropType::kUnspecified));
    *tags = WriteTags(list, listed);
  }
  bool found = true;
  MapiBlock block(store.memory);
  auto** out = block.Array<abi::MAPINAMEID*>(std::max<std::size_t>(1, (*tags)->cValues));
  for (abi::ULONG i = 0; i < (*tags)->cValues; ++i) {
    const std::size_t at = std::size_t{IdOf((*tags)->aulPropTag[i])} - kFirstNamedId;
    const bool known = IdOf((*tags)->aulPropTag[i]) >= kFirstNamedId && at < KnownNames().size();
    out[i] = known ? WriteName(KnownNames()[at], block) : nullptr;
    found = found && known;
  }
  *count = (*tags)->cValues;
  *names = out;
  block.HandOver();
  if (all) listed.HandOver();
  return found ? abi::S_OK_ : abi::MAPI_W_ERRORS_RETURNED;
}

abi::HRESULT GetIds(const OpenStore& store, abi::ULONG count, abi::MAPINAMEID** names, abi::ULONG flags,
                    abi::SPropTagArray** tags) {
  if (tags == nullptr || (count != 0) != (names != nullptr)) return abi::MAPI_E_INVALID_PARAMETER;
  if ((flags & ~abi::MAPI_CREATE) != 0) return abi::MAPI_E_UNKNOWN_FLAGS;
  *tags = nullptr;
  std::vector<PropTag> list;
  bool all = true;
  if (names == nullptr)
    for (std::size_t i = 0; i < KnownNames().size(); ++i)
      list.push_back(TagOf(static_cast<std::uint16_t>(kFirstNamedId + i), PropType::kUnspecified));
  for (abi::ULONG i = 0; i < count; ++i) {
    const std::uint16_t id = IdOfCallers(names[i]);
    list.push_back(TagOf(id, id != 0 ? PropType::kUnspecified : PropType::kError));
    all = all && id != 0;
  }
  MapiBlock block(store.memory);
  *tags = WriteTags(list, block);
  block.HandOver();
  return all ? abi::S_OK_ : abi::MAPI_W_ERRORS_RETURNED;
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
