#pragma once
#include <optional>
#include <string>
#include <utility>

#include "mapi-adapter/codec/property.h"

namespace outpost::mapi {

// A property as the bytes of a stream over it: text as UTF-16LE (PT_UNICODE) or Latin 1 (PT_STRING8), without an end.
// Pure.

// Nullopt where it is none of `type`.
std::optional<std::string> StreamBytesOf(const Prop& prop, PropType type);
// And back: as fields know it, and byte for byte. An end that was written along is none of a text.
std::pair<Prop, Prop> PropOfStream(PropTag tag, std::string bytes);

}  // namespace outpost::mapi
