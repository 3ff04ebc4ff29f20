#pragma once
#include <span>
#include <string>
#include <tuple>
#include <vector>

#include "base/result.h"
#include "mapi-adapter/codec/property.h"

namespace outpost::mapi {

// What a property is called, whatever number a store has given the name: an id below kFirstNamedId, or a name of the
// set `set` (16 bytes, as in memory) that is a text or, where it has none, a number.
struct KeptName {
  std::uint16_t id = 0;
  std::string set;
  std::uint32_t number = 0;
  std::string text;  // UTF-8
  bool operator==(const KeptName&) const = default;
  // Ids first, then names by set, number and text: the order in which they are stored.
  auto operator<=>(const KeptName& other) const {
    return std::tie(set, id, number, text) <=> std::tie(other.set, other.id, other.number, other.text);
  }
};
// A property that is no field here, with its value byte for byte as it was given (RawValue).
struct KeptProp {
  KeptName name;
  PropType type{};
  std::string bytes;
  bool operator==(const KeptProp&) const = default;
};

// Whether values of that type can be kept: all that can be set, but for objects.
bool CanBeKept(PropType type);
// Whether `bytes` are one whole value of that type.
bool IsRawValue(PropType type, std::string_view bytes);

// The field `properties` and back: by name, each name once. What is encoded may come in any order; of two of one name
// the later one counts. Errors: kCorrupt. Source: schemas/properties.md.
std::string Encode(std::vector<KeptProp> props);
Result<std::vector<KeptProp>> DecodeKeptProps(std::string_view bytes);

}  // namespace outpost::mapi
