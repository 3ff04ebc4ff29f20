#include "engine/rules.h"

#include <algorithm>

#include "journal/item_fold.h"
#include "projection/folders.h"
#include "projection/items.h"
#include "schemas/rule_words.h"

namespace outpost {
namespace {

Error BadRule(const std::string& why) { return {Code::kInvalid, Retry::kNever, why}; }

std::int64_t PlaceOf(const FieldMap& fields) {
  const auto at = fields.find(field::kRulePosition);
  const auto* place = at != fields.end() ? std::get_if<std::int64_t>(&at->second) : nullptr;
  return place != nullptr ? *place : INT64_MAX;
}

// A person's wish for a rule's place that the server does not know of.
struct PlaceWish {
  Sequence seq = 0;
  std::size_t rule = 0;
  std::int64_t place = 0;
};

template <class Fits>
Result<void> CheckTexts(const FieldMap& fields, FieldId id, const char* what, Fits fits) {
  const auto at = fields.find(id);
  const auto* texts = at != fields.end() ? std::get_if<std::vector<std::string>>(&at->second) : nullptr;
  if (texts == nullptr) return Ok();
  for (const std::string& text : *texts)
    if (!fits(text)) return BadRule("'" + text + "' is no " + what + " of a rule (docs/cli.md, \"Rules\")");
  return Ok();
}

}  // namespace

Result<std::optional<ItemId>> RulesFolder(const StateReader& state) {
  OUTPOST_TRY(const auto hidden, HiddenFolders(state, ItemType::kRule));
  return hidden.empty() ? std::optional<ItemId>{} : std::optional(hidden.front());
}

Result<std::vector<ItemState>> RulesInOrder(const StateReader& state) {
  std::vector<ItemState> rules;
  OUTPOST_TRY(const std::optional<ItemId> folder, RulesFolder(state));
  if (!folder) return rules;
  OUTPOST_TRYV(ForEachItem(state, *folder, [&](const ItemState& rule) {
    if (rule.type == ItemType::kRule) rules.push_back(rule);
    return true;
  }));
  std::sort(rules.begin(), rules.end(), [](const ItemState& a, const ItemState& b) {
    const auto place = [](const ItemState& rule) { return rule.on_server ? PlaceOf(rule.base) : INT64_MAX; };
    return std::pair(place(a), a.born_seq) < std::pair(place(b), b.born_seq);
  });
  std::vector<PlaceWish> wishes;
  for (std::size_t i = 0; i < rules.size(); ++i)
    for (const PendingEdit& edit : rules[i].pending)
      if (const std::int64_t place = PlaceOf(edit.patch); place != INT64_MAX) wishes.push_back({edit.seq, i, place});
  std::sort(wishes.begin(), wishes.end(), [](const PlaceWish& a, const PlaceWish& b) { return a.seq < b.seq; });
  std::vector<std::size_t> order(rules.size());
  for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
  for (const PlaceWish& wish : wishes) {
    std::erase(order, wish.rule);
    const auto at = std::clamp<std::int64_t>(wish.place, 0, static_cast<std::int64_t>(order.size()));
    order.insert(order.begin() + at, wish.rule);
  }
  std::vector<ItemState> sorted;
  sorted.reserve(rules.size());
  for (const std::size_t i : order) sorted.push_back(std::move(rules[i]));
  return sorted;
}

Result<void> CheckRuleFields(const FieldMap& fields) {
  const auto text = [&](FieldId id) {
    const auto at = fields.find(id);
    const auto* found = at != fields.end() ? std::get_if<std::string>(&at->second) : nullptr;
    return found != nullptr ? *found : std::string();
  };
  if (text(field::kRuleName).find_first_of("\r\n") != std::string::npos)
    return BadRule("the name of a rule is one line");
  const std::string match = text(field::kRuleMatch);
  if (!match.empty() && match != kMatchAll && match != kMatchAny && match != kMatchAlways)
    return BadRule("match: all, any or always");
  OUTPOST_TRYV(CheckTexts(fields, field::kRuleConditions, "condition",
                          [](const std::string& one) { return ParseRuleCondition(one).has_value(); }));
  OUTPOST_TRYV(CheckTexts(fields, field::kRuleActions, "action",
                          [](const std::string& one) { return ParseRuleAction(one).has_value(); }));
  const auto days = fields.find(field::kRuleDays);
  const auto* number = days != fields.end() ? std::get_if<std::int64_t>(&days->second) : nullptr;
  if (number != nullptr && *number < 1) return BadRule("days: 1 or more");
  return Ok();
}

Result<void> CheckRuleEdit(const ItemState& rule, const FieldMap& changed) {
  if (IsNull(rule.HeadValue(field::kRuleVerbatim))) return Ok();
  for (const auto& [id, value] : changed)
    if (id != field::kRuleName && id != field::kRuleActive && id != field::kRulePosition)
      return BadRule("rule " + rule.id.Hex() +
                     " says more than can be said here: its conditions and actions stay as they are on the server");
  return Ok();
}

}  // namespace outpost
