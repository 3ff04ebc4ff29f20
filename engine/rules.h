#pragma once
#include <optional>
#include <vector>

#include "journal/state.h"
#include "schemas/item_state.h"

namespace outpost {

// What the server does with mails that arrive: rules, of which the notice of absence is one (field::kRuleKind). Each is
// an item of type rule in a folder of their own, which no list of folders shows; they are read and edited as any item,
// also offline. Threads: any.

// That folder; none where the server has no rules, or nobody has asked it yet. Errors: kCorrupt, kUnavailable.
Result<std::optional<ItemId>> RulesFolder(const StateReader& state);

// All rules that are not deleted, in the order in which they run: that of the server, and what was moved here and not
// told yet moved in it as the server will. Errors: kCorrupt, kUnavailable.
Result<std::vector<ItemState>> RulesInOrder(const StateReader& state);

// Whether the fields of a rule are such that they can be told. Errors: kInvalid, which says what is wrong.
Result<void> CheckRuleFields(const FieldMap& fields);
// Whether this rule may be edited so: where it says more than the words here can (field::kRuleVerbatim), its conditions
// and actions stay as the server has them. Errors: kInvalid.
Result<void> CheckRuleEdit(const ItemState& rule, const FieldMap& changed);

}  // namespace outpost
