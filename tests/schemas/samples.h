#pragma once
#include <string>
#include <vector>

#include "schemas/event.h"
#include "schemas/item_state.h"

namespace outpost::test {

// Ids that are easy to see in hexadecimal: the byte sixteen times.
template <class IdType>
IdType IdOf(std::uint8_t byte) {
  IdType id;
  id.bytes.fill(byte);
  return id;
}

// One event of every kind, bodies with all their parts set, and again with none.
std::vector<Event> SampleEvents();

// An item with something in every part.
ItemState SampleItem();

// One value of every kind, and the odd ones among them.
std::vector<Value> SampleValues();

// Decodes the body by the header's kind and encodes it again. Errors: kCorrupt; kInvalid for a kind without a body.
Result<std::string> Recode(Kind kind, std::string_view body);

// All that header and body say, a line each, in a form that does not change: what golden files hold.
std::string Describe(const Event& event);

}  // namespace outpost::test
