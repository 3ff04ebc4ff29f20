#pragma once
#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include "journal/state.h"

namespace outpost {

// One sum by its name (namespace total of projection/tables.h); 0 where none is stored. Errors: kCorrupt, kUnavailable.
Result<std::uint64_t> ReadTotal(const StateReader& state, std::string_view name);
// All sums that are stored, by name. Errors: kCorrupt, kUnavailable.
Result<std::map<std::string, std::uint64_t>> ReadTotals(const StateReader& state);

// One setting; nullopt where it was never set or was set to empty text. Errors: kUnavailable.
Result<std::optional<std::string>> ReadSetting(const StateReader& state, std::string_view name);
// All settings, by name. Errors: kUnavailable.
Result<std::map<std::string, std::string>> ReadSettings(const StateReader& state);

}  // namespace outpost
