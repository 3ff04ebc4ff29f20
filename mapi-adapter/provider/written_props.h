#pragma once
#include <mutex>
#include <vector>

#include "mapi-adapter/provider/prop_object.h"

namespace outpost::mapi {

// SetProps and DeleteProps of an object that is written property by property, each of which may be refused for itself.
// `may_write` is looked at behind `mutex`, which is held while they are written.
// Source: imapiprop-setprops, imapiprop-deleteprops.

// `set_one` answers what became of a value.
template <class SetOne>
abi::HRESULT SetEach(const OpenStore& store, std::mutex& mutex, const bool& may_write, abi::ULONG count,
                     const abi::SPropValue* props, abi::SPropProblemArray** problems, SetOne set_one) {
  if (problems != nullptr) *problems = nullptr;
  if (const abi::HRESULT bad = CheckSet(count, props); abi::Failed(bad)) return bad;
  const std::lock_guard lock(mutex);
  if (!may_write) return abi::MAPI_E_NO_ACCESS;
  std::vector<abi::SPropProblem> refused;
  for (abi::ULONG i = 0; i < count; ++i) {
    const PropTag tag = props[i].ulPropTag;
    if (const abi::HRESULT why = IsPassedOver(tag) ? abi::S_OK_ : set_one(props[i]); abi::Failed(why))
      refused.push_back({i, tag, why});
  }
  return Problems(store, refused, problems);
}

// `clear_one` answers what became of a property.
template <class ClearOne>
abi::HRESULT DeleteEach(const OpenStore& store, std::mutex& mutex, const bool& may_write,
                        const abi::SPropTagArray* tags, abi::SPropProblemArray** problems, ClearOne clear_one) {
  if (problems != nullptr) *problems = nullptr;
  if (tags == nullptr || tags->cValues == 0) return abi::MAPI_E_INVALID_PARAMETER;
  const std::lock_guard lock(mutex);
  if (!may_write) return abi::MAPI_E_NO_ACCESS;
  std::vector<abi::SPropProblem> refused;
  for (abi::ULONG i = 0; i < tags->cValues; ++i)
    if (const abi::HRESULT why = clear_one(tags->aulPropTag[i]); abi::Failed(why))
      refused.push_back({i, tags->aulPropTag[i], why});
  return Problems(store, refused, problems);
}

}  // namespace outpost::mapi
