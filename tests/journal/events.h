#pragma once
#include <string>

#include "base/system/crypto.h"
#include "journal/journal.h"

namespace outpost::test {

inline ItemId Item(std::uint64_t number) {
  std::string raw(8, '\1');
  AppendBe64(raw, number);
  return *ItemId::FromView(raw);
}

// A local change of `item` that sets its note to `text`.
inline NewEvent Change(const ItemId& item, const std::string& text, Kind kind = Kind::kLocalChanged) {
  ChangeBody body;
  body.patch[FieldId{1}] = Value(text);
  NewEvent event;
  event.kind = kind;
  event.origin = Origin::kUser;
  event.item_type = ItemType::kContact;
  event.item = item;
  event.body = Encode(body);
  return event;
}

// `count` changes of as many items.
inline Batch Changes(std::uint64_t first_item, std::size_t count, std::size_t text_size = 16) {
  Batch batch;
  for (std::size_t i = 0; i < count; ++i) batch.push_back(Change(Item(first_item + i), std::string(text_size, 'x')));
  return batch;
}

// What an event is, as one digest.
inline Digest DigestOf(const Event& event) { return Sha256Of(EncodeHeader(event.header) + event.body); }

}  // namespace outpost::test
