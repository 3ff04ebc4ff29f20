#pragma once
#include <boost/container/flat_map.hpp>
#include <compare>
#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/ids.h"
#include "base/result.h"

namespace outpost {

using FieldId = std::uint16_t;  // fields.tsv, column id
using GroupId = std::uint16_t;  // see schemas/fields.h

// The kind of a stored value; the numbers are on disk for good.
enum class ValueKind : std::uint8_t {
  kNull = 0,
  kText = 1,
  kInt = 2,
  kBool = 3,
  kTexts = 4,
  kBytes = 5,
  kId = 6,
  kBlob = 7
};

// Bytes that are no text.
struct Blob {
  std::string bytes;
  auto operator<=>(const Blob&) const = default;
};

// Names content kept beside the events (schemas/blobs.md): equal content has an equal reference, another has another.
struct BlobRef {
  Digest id{};             // over size and content
  std::uint64_t size = 0;  // bytes of content
  auto operator<=>(const BlobRef&) const = default;
};

// The value of one field: nothing (cleared), UTF-8 text, a number (times in milliseconds since 1970 UTC), a truth
// value, several texts in order, bytes, the id of an item or folder, or a reference to a blob. The order of the
// alternatives is that of ValueKind.
using Value =
    std::variant<std::monostate, std::string, std::int64_t, bool, std::vector<std::string>, Blob, ItemId, BlobRef>;

inline ValueKind KindOf(const Value& value) { return static_cast<ValueKind>(value.index()); }
inline bool IsNull(const Value& value) { return value.index() == 0; }

// Fields by id, ascending.
using FieldMap = boost::container::flat_map<FieldId, Value>;

// The bytes of one value as they are stored (schemas/event.md, "Values"), and back. Numbers are little-endian, 8 bytes;
// a truth value is one byte 0 or 1; texts are each a 4-byte little-endian length and their bytes; a blob reference is
// its id and its size. Errors: kCorrupt on any other shape.
void AppendValue(std::string& out, const Value& value);
Result<Value> ParseValue(ValueKind kind, std::string_view bytes);
// Whether ParseValue would take it; makes nothing.
Result<void> CheckValue(ValueKind kind, std::string_view bytes);

// True for what means "nothing" to a person and to servers alike: null, empty text, no texts, and false, which is how a
// truth value that was never set comes back.
bool IsEmpty(const Value& value);

// A keyed digest of one value, for comparing without seeing: equal values have equal digests under one key, others do
// not (but for 1 in 2^64); all that IsEmpty() holds for is equal. Threads: any.
std::uint64_t DigestOf(FieldId field, const Value& value, std::uint64_t key);

// True when both mean the same to a person: equal, or both empty.
bool SameValue(const Value& a, const Value& b);

}  // namespace outpost
