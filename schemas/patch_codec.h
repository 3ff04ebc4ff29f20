#pragma once
// For the codecs of schemas/ only: includes generated FlatBuffers headers.
#include <flatbuffers/flatbuffers.h>

#include <cstring>

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

inline std::string TextOf(const flatbuffers::String* text) { return text != nullptr ? text->str() : std::string(); }

inline std::string Finished(flatbuffers::FlatBufferBuilder& builder) {
  return {reinterpret_cast<const char*>(builder.GetBufferPointer()), builder.GetSize()};
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

flatbuffers::Offset<fb::Refusal> StoreRefusal(flatbuffers::FlatBufferBuilder& builder, const Refusal& refusal);
Refusal LoadRefusal(const fb::Refusal* refusal);

}  // namespace outpost::codec
