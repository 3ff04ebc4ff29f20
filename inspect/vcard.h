#pragma once
#include <optional>
#include <string>
#include <string_view>

#include "schemas/item_state.h"

namespace outpost {

enum class VCardVersion : std::uint8_t { k3, k4 };

// A contact, or a distribution list in version 4, as one vCard, lines folded, ending with a line end (CR LF). Its uid
// goes with it, so that who reads it knows it again. `photo`: the bytes of its photo, where they are here. Nothing for
// what vCards have no place for: extensions that OX writes are used where there are some. Nullopt for items that are no
// contact, and for lists in version 3, which knows none. Pure. Threads: any. Source: schemas/fields.tsv, column vcard;
// RFC 2426, RFC 6350.
std::optional<std::string> ToVCard(const ItemState& contact, VCardVersion version,
                                   const std::optional<std::string>& photo);

// One content line of vCard or iCalendar: folded at 75 bytes, between characters, with its line end.
std::string FoldedLine(std::string_view line);

}  // namespace outpost
