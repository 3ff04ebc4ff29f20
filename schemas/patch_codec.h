#pragma once
// For the codecs of schemas/ only: includes generated FlatBuffers headers.
#include <flatbuffers/flatbuffers.h>

#include <bit>
#include <cstdint>
#include <cstring>
#include <span>
#include <string_view>
#include <vector>

#include "schemas/body_generated.h"
#include "schemas/event.h"

namespace outpost::codec {

template <class IdType>
fb::Id16 ToFb(const IdType& id) {
  fb::Id16 out;
  std::memcpy(out.mutable_b()->data(), id.bytes.data(), 16);
  return out;
}

template <class IdType>
IdType FromFb(const fb::Id16* id) {
  IdType out;
  if (id != nullptr) std::memcpy(out.bytes.data(), id->b()->data(), 16);
  return out;
}

// Bytes at an address where a FlatBuffer may be read: as they lie, or copied. A row within a database's block lies
// anywhere.
class Aligned {
 public:
  explicit Aligned(std::string_view bytes) : view_(bytes) {
    if (reinterpret_cast<std::uintptr_t>(bytes.data()) % 8 == 0) return;
    void* copy = near_;
    if (bytes.size() > sizeof near_) {
      far_.resize(bytes.size() / 8 + 1);
      copy = far_.data();
    }
    std::memcpy(copy, bytes.data(), bytes.size());
    view_ = {static_cast<const char*>(copy), bytes.size()};
  }
  Aligned(const Aligned&) = delete;
  Aligned& operator=(const Aligned&) = delete;
  std::string_view view() const { return view_; }

 private:
  alignas(8) char near_[1024];  // most rows and bodies fit
  std::vector<std::uint64_t> far_;
  std::string_view view_;
};

// The numbers or structs of a stored vector, copied byte by byte: the verifier checks where a vector begins, but not
// that elements of 8 bytes lie at an address of theirs, and hostile ones do not.
template <class Out, class Element>
std::vector<Out> Copied(const flatbuffers::Vector<Element>* in) {
  static_assert(std::endian::native == std::endian::little, "FlatBuffers are little-endian");
  std::vector<Out> out;
  if (in == nullptr || in->size() == 0) return out;
  out.resize(in->size());
  std::memcpy(out.data(), in->Data(), in->size() * sizeof(Out));
  return out;
}

inline std::string TextOf(const flatbuffers::String* text) { return text != nullptr ? text->str() : std::string(); }

inline std::string Finished(flatbuffers::FlatBufferBuilder& builder) {
  return {reinterpret_cast<const char*>(builder.GetBufferPointer()), builder.GetSize()};
}

inline Error BadBytes(const char* what) { return {Code::kCorrupt, Retry::kNever, std::string("event bytes: ") + what}; }

template <class Root>
std::string Finish(flatbuffers::FlatBufferBuilder& builder, flatbuffers::Offset<Root> root) {
  builder.Finish(root);
  return Finished(builder);
}

// The root table, checked before any access; null where the bytes are not one.
template <class Root>
const Root* Checked(std::string_view bytes) {
  flatbuffers::Verifier verifier(AsBytes(bytes).data(), bytes.size());
  return verifier.VerifyBuffer<Root>(nullptr) ? flatbuffers::GetRoot<Root>(bytes.data()) : nullptr;
}

using SlotVector = flatbuffers::Vector<const fb::Slot*>;
using ByteVector = flatbuffers::Vector<std::uint8_t>;

// A patch as it is stored: slots and their bytes behind one another. Null offsets where it is empty.
struct StoredPatch {
  flatbuffers::Offset<SlotVector> slots;
  flatbuffers::Offset<ByteVector> data;
};
StoredPatch StorePatch(flatbuffers::FlatBufferBuilder& builder, const FieldMap& patch);

// Errors: kCorrupt (sizes that do not add up, fields out of order, values that are none).
Result<FieldMap> LoadPatch(const SlotVector* slots, const ByteVector* data);
// Of such a patch the values of the fields `wanted` (ascending, each once) into the first of `values`, in that order,
// null where it has none; what is behind these is kept. Fields behind the last one wanted are not looked at. Errors:
// likewise.
Result<void> LoadSome(const SlotVector* slots, const ByteVector* data, std::span<const FieldId> wanted,
                      std::vector<Value>& values);
// Whether LoadPatch would take it; makes nothing.
Result<void> CheckPatch(const SlotVector* slots, const ByteVector* data);

flatbuffers::Offset<fb::Refusal> StoreRefusal(flatbuffers::FlatBufferBuilder& builder, const Refusal& refusal);
Refusal LoadRefusal(const fb::Refusal* refusal);

}  // namespace outpost::codec
