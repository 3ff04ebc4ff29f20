#pragma once
#include <string>

#include "base/random.h"
#include "tests/journal/events.h"

namespace outpost::test {

// Bytes that do not repeat or compress, the same for the same seed.
inline std::string Content(std::uint64_t seed, std::size_t size) {
  SeededRandom random(seed);
  std::string content;
  content.reserve(size + 8);
  while (content.size() < size) AppendBe64(content, random.Next());
  content.resize(size);
  return content;
}

// A local change of `item` whose photo is the blob.
inline NewEvent PhotoChange(const ItemId& item, const BlobRef& ref) {
  ChangeBody body;
  body.patch[FieldId{173}] = ref;
  NewEvent event = Change(item, "");
  event.body = Encode(body);
  return event;
}

}  // namespace outpost::test
