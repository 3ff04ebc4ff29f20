#pragma once
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "mapi-adapter/codec/property.h"
#include "mapi-adapter/provider/mapi_abi.h"

namespace outpost::mapi {

// The caller's memory: what goes to him is made with it, and is his to free.
struct MapiMemory {
  abi::AllocateBuffer allocate = nullptr;
  abi::AllocateMore more = nullptr;
  abi::FreeBuffer free = nullptr;
};

// A block of the caller's memory with all that hangs at it; freed here unless it was handed over. Threads: one.
class MapiBlock {
 public:
  explicit MapiBlock(const MapiMemory& memory) : memory_(memory) {}
  MapiBlock(const MapiBlock&) = delete;
  MapiBlock& operator=(const MapiBlock&) = delete;
  ~MapiBlock() {
    if (root_ != nullptr) memory_.free(root_);
  }
  // The first is the block, further ones hang at it. Throws std::bad_alloc where there is none, or for a size that
  // memory cannot be asked for.
  void* Allocate(std::size_t bytes);
  template <class T>
  T* Array(std::size_t count) {
    return static_cast<T*>(Allocate(count * sizeof(T)));
  }
  void* HandOver() { return std::exchange(root_, nullptr); }

 private:
  const MapiMemory& memory_;
  void* root_ = nullptr;
};

// `prop` into `out`, in the type that `wanted` asks for (kUnspecified: its own; text as PT_STRING8 or PT_UNICODE, and
// where neither was asked for, by `unicode`); what it points to hangs at `block`.
void WriteProp(const Prop& prop, PropTag wanted, bool unicode, MapiBlock& block, abi::SPropValue& out);
// That there is none, and why.
void WriteError(PropTag wanted, abi::HRESULT why, abi::SPropValue& out);

// Values for `tags` (null: all of `props`), in their order, as GetProps answers them; whether all were there.
bool WriteProps(std::span<const Prop> props, const abi::SPropTagArray* tags, bool unicode, MapiBlock& block,
                abi::SPropValue* out);
abi::WCHAR* WriteWide(std::string_view text, MapiBlock& block);
abi::SPropTagArray* WriteTags(std::span<const PropTag> tags, MapiBlock& block);

// A text as a caller passed it: wide where `unicode`. Empty for null.
std::string ReadText(const void* text, bool unicode);
// What a caller passed; as RawValue where no field has values of that type. Nullopt for types that cannot be set, for
// pointers that are null, and for several values that are none.
std::optional<Prop> ReadProp(const abi::SPropValue& value);
// The same byte for byte: a RawValue whatever the type; text becomes PT_UNICODE.
std::optional<Prop> ReadRaw(const abi::SPropValue& value);

}  // namespace outpost::mapi
