#pragma once
#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"

namespace outpost::mapi {

// Somebody who is in no address book, as an entry id that says all of him: recipients, members of lists.
// Source: [MS-OXCDATA] 2.2.5.1. Pure; threads: any.
struct OneOffId {
  std::string name, address_type = "SMTP", address;  // UTF-8, without NULs
  bool rich_text = true;                             // may be sent formatted text
  bool operator==(const OneOffId&) const = default;
};
// Text in the writer's code page is taken for Latin 1. Errors: kCorrupt, named: cut short, another provider's id, a
// version that is not known, a text without its end. What lies behind is passed over.
Result<OneOffId> DecodeOneOffId(std::string_view bytes);
// In UTF-16; texts end at their first NUL.
std::string Encode(const OneOffId& id);

// What an entry of a contact's or a list's wraps: which kind of thing the inner id names, and which of its addresses.
// Source: [MS-OXOCNTC] 2.2.2.2.4.1.1.
struct WrappedId {
  enum class Kind : std::uint8_t { kOneOff = 0, kContact = 3, kList = 4, kUser = 5, kGlobalList = 6 };
  enum class Address : std::uint8_t { kBusinessFax, kHomeFax, kPrimaryFax, kNone, kMail1, kMail2, kMail3 };
  Kind kind = Kind::kContact;
  Address address = Address::kMail1;
  std::string inner;  // another entry id
  bool operator==(const WrappedId&) const = default;
};
// Errors: kCorrupt, named: cut short, another provider's id, a kind that is not known.
Result<WrappedId> DecodeWrappedId(std::string_view bytes);
std::string Encode(const WrappedId& id);

// A line of `distribution_list` (docs/cli.md) whose member is no contact, "Ada <ada@example.org>", and back.
OneOffId OneOffOfMember(std::string_view line);
std::string MemberLine(const OneOffId& id);

}  // namespace outpost::mapi
