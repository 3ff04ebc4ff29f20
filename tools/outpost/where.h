#pragma once
#include <string_view>

#include "projection/restriction.h"

namespace outpost::cli {

// A condition as --where takes it, of items of `content`: docs/cli.md, "Conditions". Errors: kInvalid, which says at
// which character, what was read there and what would fit.
Result<Restriction> ParseWhere(ItemType content, std::string_view text);

}  // namespace outpost::cli
