#include <algorithm>

#include "journal/item_fold.h"
#include "replicator/queue.h"
#include "replicator/replicator.h"
#include "replicator/rows.h"

namespace outpost {
namespace {

// What tells a rule or a signature again that was made here; not where it stands, nor whether it is on: others change
// that.
constexpr FieldId kTellingRules[] = {
    field::kRuleName, field::kRuleKind,    field::kRuleMatch, field::kRuleConditions, field::kRuleActions,
    field::kRuleStop, field::kRuleSubject, field::kRuleText,  field::kRuleAddresses,  field::kRuleDays};
// A server may clean what a signature says.
constexpr FieldId kTellingSignatures[] = {field::kSignatureName};
std::span<const FieldId> TellingOf(ItemType type) {
  return type == ItemType::kRule ? std::span<const FieldId>(kTellingRules) : kTellingSignatures;
}

Value ToldIn(const FieldMap& fields, FieldId id) {
  const auto at = fields.find(id);
  return at != fields.end() ? at->second : Value{};
}

}  // namespace

// They have no id that both sides know, and two may be alike: whichever of them it is, is one of them.
Result<std::optional<ItemId>> Replicator::SettingMadeHere(const JournalView& view, const RemoteRow& row,
                                                          const ItemId& folder) {
  OUTPOST_TRY(const std::vector<OpenBatch> open, LoadOpenBatches(view));
  for (const OpenBatch& batch : open)
    for (const BatchEntry& entry : batch.body.entries) {
      if (entry.verb != Verb::kCreate) continue;
      OUTPOST_TRY(const std::optional<ItemState> rule, LoadItem(view, entry.item));
      if (!rule || rule->type != row.type || rule->on_server || rule->Folder() != folder) continue;
      const FieldMap sent = EntryFields(*rule, entry);
      const bool same = std::ranges::all_of(
          TellingOf(row.type), [&](FieldId id) { return SameValue(ToldIn(sent, id), ToldIn(row.fields, id)); });
      if (same) return std::optional<ItemId>(entry.item);
    }
  return std::optional<ItemId>{};
}

Result<std::vector<std::string>> Replicator::UnknownSettings(const JournalView& view, ItemType type,
                                                             const std::vector<RemoteHead>& heads) {
  std::vector<std::string> unknown;
  for (const RemoteHead& head : heads) {
    OUTPOST_TRY(const std::optional<ItemId> known, FindByRemoteId(view, type, head.remote_id));
    if (!known) unknown.push_back(head.remote_id);
  }
  return unknown;
}

}  // namespace outpost
