#pragma once
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "schemas/value.h"

namespace outpost::mapi {

// A property by number: its id above, its type below. Source: [MS-OXCDATA] 2.11.1, [MS-OXPROPS].
using PropTag = std::uint32_t;
enum class PropType : std::uint16_t {
  kUnspecified = 0x0000,
  kNull = 0x0001,
  kShort = 0x0002,
  kLong = 0x0003,
  kFloat = 0x0004,
  kDouble = 0x0005,
  kCurrency = 0x0006,
  kAppTime = 0x0007,
  kError = 0x000A,
  kBoolean = 0x000B,
  kObject = 0x000D,
  kI8 = 0x0014,
  kString8 = 0x001E,
  kUnicode = 0x001F,
  kSysTime = 0x0040,
  kClsid = 0x0048,
  kBinary = 0x0102,
  kMvLong = 0x1003,
  kMvString8 = 0x101E,
  kMvUnicode = 0x101F,
  kMvBinary = 0x1102
};
// Whether it is of several values, and the type of one of them.
inline constexpr std::uint16_t kMultiple = 0x1000;
constexpr bool IsMultiple(PropType type) { return (static_cast<std::uint16_t>(type) & kMultiple) != 0; }
constexpr PropType OneOf(PropType type) {
  return static_cast<PropType>(static_cast<std::uint16_t>(type) & static_cast<std::uint16_t>(~kMultiple));
}
constexpr std::uint16_t IdOf(PropTag tag) { return static_cast<std::uint16_t>(tag >> 16); }
constexpr PropType TypeOf(PropTag tag) { return static_cast<PropType>(tag & 0xFFFF); }
constexpr PropTag TagOf(std::uint16_t id, PropType type) {
  return static_cast<PropTag>(id) << 16 | static_cast<std::uint16_t>(type);
}
inline constexpr std::uint16_t kFirstNamedId = 0x8000;  // ids from here on stand for names, by the store's own table

// Seconds' ten-millionths since 1601 UTC.
struct FileTime {
  std::int64_t ticks = 0;
  auto operator<=>(const FileTime&) const = default;
};
FileTime FileTimeOf(std::int64_t ms_since_1970);
std::int64_t MsOf(FileTime moment);

// A value of any type, byte for byte: numbers little-endian (a truth value two bytes), text UTF-16LE without an end,
// several values behind their number (4 bytes), each of no fixed size behind its length (4 bytes).
struct RawValue {
  std::string bytes;
  bool operator==(const RawValue&) const = default;
};

// Text is UTF-8. The alternatives say the type, but for an error, which is a number too, and for RawValue, which is of
// the tag's.
using PropValue = std::variant<std::int32_t, bool, double, FileTime, std::string, Blob, std::vector<std::string>,
                               std::vector<std::int32_t>, RawValue>;
struct Prop {
  PropTag tag = 0;
  PropValue value;
  bool operator==(const Prop&) const = default;
};

// The sets that named properties are of.
enum class PropSet : std::uint8_t { kNone, kAddress, kAppointment, kTask, kCommon, kMeeting, kPublicStrings };
// As it lies in memory: the numbers little-endian.
std::string_view GuidOf(PropSet set);
// kNone for sets that are not known here.
PropSet PropSetOf(std::string_view guid);

// A name: of a set a number or, where it has one, a text.
struct PropName {
  PropSet set{};
  std::uint32_t number = 0;
  std::string_view text;
  bool operator==(const PropName&) const = default;
};
// The names that have an id in every store: id = kFirstNamedId + index. The same for one build; a store says by its
// mapping signature which names its ids stand for, and that is a digest of these.
std::span<const PropName> KnownNames();
// 0 for a name that has none.
std::uint16_t IdOfName(const PropName& name);

}  // namespace outpost::mapi
