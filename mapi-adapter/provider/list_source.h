#pragma once
#include <functional>
#include <memory>
#include <optional>

#include "mapi-adapter/provider/table.h"

namespace outpost::mapi {

using PropRows = std::vector<std::vector<Prop>>;

// Rows of a table that are few and at hand, each with all its properties: folders, attachments. `read` answers them as
// they are now, in the order in which they are shown unless they are sorted. Any condition and any order of what rows
// have is taken, but for subobjects; a row without a property is before those that have it.
std::unique_ptr<RowSource> MakeListSource(PropRows rows, std::function<Result<PropRows>()> read);

// What a client asks for, of one row: text is compared without regard to case (ASCII) where that was asked for, and by
// order always. Nullopt for conditions that are none, on subobjects, or too deep. Owns what it needs.
using RowCondition = std::function<bool(const std::vector<Prop>& row)>;
std::optional<RowCondition> ConditionOf(const abi::SRestriction& restriction);

}  // namespace outpost::mapi
