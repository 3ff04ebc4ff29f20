#pragma once
#include "mapi-adapter/codec/property.h"
#include "mapi-adapter/provider/mapi_abi.h"
#include "projection/restriction.h"

namespace outpost::mapi {

// The column of a folder that holds `content` by which a property is sorted and looked for; 0: none. What a person
// knows an item by is one column, whatever it is called.
ColumnId ColumnFor(ItemType content, PropTag tag);

// What a client asks a table for, as tables here understand it. Message classes are those of the kinds that the folder
// holds. Errors: kInvalid, named: a property that is no column, a kind of condition that is not known, one that is too
// deep. Source: the pages of SRestriction and its parts.
Result<Restriction> RestrictionOf(ItemType content, const abi::SRestriction& restriction);

}  // namespace outpost::mapi
