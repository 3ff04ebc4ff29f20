#pragma once
#include <string>
#include <vector>

#include "tools/oxserver/fields.h"
#include "tools/oxserver/vcard.h"

namespace outpost::oxserver {

// A card as a contact of OX: no value longer than its column, no mail address that the server would refuse.
struct ContactDraft {
  FieldMap fields;
  std::vector<std::string> left_out;  // what has no place, by property, with the reason; no content
};

// An empty `fields` where the card holds nothing that a contact has.
ContactDraft ToContact(const Card& card);

// Milliseconds since 1970 UTC, as text, of a date such as 1980-03-22, 19800322 or 20090808T1430-0500; empty where it
// names no day (--0203 has no year).
std::string DateText(std::string_view value);

}  // namespace outpost::oxserver
