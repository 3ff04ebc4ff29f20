// Any bytes, given to every decoder of schemas/: it answers a value or an error. What it answers encodes again, and
// what was encoded decodes. Also linked into schemas_tests, which feeds it the golden files and their mutations.
#include <cstdint>
#include <string>

#include "base/check.h"
#include "schemas/checkpoint.h"
#include "schemas/event.h"
#include "schemas/item_state.h"

namespace {

using namespace outpost;

template <class Decode>
void Try(std::string_view bytes, Decode decode) {
  const auto decoded = decode(bytes);
  if (!decoded) return;
  const std::string again = Encode(decoded.value());
  OUTPOST_CHECK(decode(again).has_value());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string bytes(reinterpret_cast<const char*>(data), size);  // as stored: owned, so aligned and without slack
  Try(bytes, DecodeChange);
  OUTPOST_CHECK(CheckChange(bytes).has_value() == DecodeChange(bytes).has_value());
  Try(bytes, DecodeOutcomes);
  Try(bytes, DecodeBatchOpened);
  Try(bytes, DecodeBatchClosed);
  Try(bytes, DecodeCursorMoved);
  Try(bytes, DecodeConsent);
  Try(bytes, DecodeSettings);
  Try(bytes, DecodeSection);
  Try(bytes, DecodeCheckpoint);
  Try(bytes, DecodeGap);
  if (const auto header = DecodeHeader(bytes)) OUTPOST_CHECK(DecodeHeader(EncodeHeader(header.value())).has_value());
  if (const auto item = DecodeItem({}, bytes)) {
    OUTPOST_CHECK(DecodeItem({}, EncodeItem(item.value())).has_value());
    item.value().Head();
    item.value().Visible();
  }
  for (std::uint8_t kind = 0; kind <= 8; ++kind) {
    const auto value = ParseValue(static_cast<ValueKind>(kind), bytes);
    OUTPOST_CHECK(CheckValue(static_cast<ValueKind>(kind), bytes).has_value() == value.has_value());
    if (!value) continue;
    std::string again;
    AppendValue(again, value.value());
    OUTPOST_CHECK(again == bytes);
  }
  return 0;
}
