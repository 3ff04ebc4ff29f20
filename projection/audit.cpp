#include "projection/audit.h"

#include <algorithm>
#include <set>

#include "journal/item_fold.h"
#include "projection/items.h"

namespace outpost {
namespace {

// Takes from a trail's undecided pairs those that are stored as pending; what is left is lost.
class Comparison {
 public:
  explicit Comparison(const AuditTrail& trail) : report_(trail.counted), undecided_(trail.undecided) {}

  void Add(const ItemState& item) {
    report_.losers_listed += item.losers.size();
    report_.parked_listed += item.parked.size();
    for (const PendingEdit& edit : item.pending) AddPending(item, edit);
  }

  AuditReport Finish() {
    for (const auto& [seq, edit] : undecided_) {
      if (edit.groups.empty()) continue;
      ++report_.edits_without_outcome;
      for (const GroupId group : edit.groups) report_.Add({AuditFinding::What::kLost, seq, edit.item, group});
    }
    return std::move(report_);
  }

 private:
  void AddPending(const ItemState& item, const PendingEdit& edit) {
    const auto known = undecided_.find(edit.seq);
    const bool same_edit = known != undecided_.end() && known->second.item == item.id && known->second.op == edit.op;
    for (const GroupId group : edit.groups) {
      ++report_.pending;
      if (same_edit && std::erase(known->second.groups, group) > 0) continue;
      ++report_.still_pending;
      report_.Add({AuditFinding::What::kStillPending, edit.seq, item.id, group});
    }
    if (!edit.groups.empty()) ++report_.pending_edits;
  }

  AuditReport report_;
  std::map<Sequence, UndecidedEdit> undecided_;
};

}  // namespace

const char* FindingName(AuditFinding::What what) {
  switch (what) {
    case AuditFinding::What::kLost:
      return "lost";
    case AuditFinding::What::kStillPending:
      return "still_pending";
    case AuditFinding::What::kTwice:
      return "twice";
    case AuditFinding::What::kStray:
      return "stray";
  }
  return "unknown";
}

void AuditReport::Add(const AuditFinding& finding) {
  if (findings.size() < kAuditFindingsMax) findings.push_back(finding);
}

bool AuditReport::sound() const {
  const auto losers = outcomes.find(OutcomeKind::kLoser);
  const std::uint64_t losers_made = losers_before + overruled + (losers != outcomes.end() ? losers->second : 0);
  return edits_without_outcome == 0 && twice_decided == 0 && still_pending == 0 && stray_outcomes == 0 &&
         losers_listed + losers_settled >= losers_made;
}

Result<AuditReport> CompareAll(const JournalView& view, const AuditTrail& trail) {
  Comparison comparison(trail);
  Result<void> compared = Ok();
  const auto add = [&](std::string_view key, std::string_view row) -> Result<void> {
    const auto id = ItemId::FromView(key);
    if (!id) return Error{Code::kCorrupt, Retry::kNever, "the key of an item row is not 16 bytes"};
    OUTPOST_TRY(const ItemState item, DecodeItem(*id, row));
    comparison.Add(item);
    return Ok();
  };
  OUTPOST_TRYV(
      view.Scan(kItemsTable, std::string_view(), std::string_view(), [&](std::string_view key, std::string_view row) {
        compared = add(key, row);
        return static_cast<bool>(compared);
      }));
  OUTPOST_TRYV(compared);
  return comparison.Finish();
}

Result<AuditReport> CompareWaiting(const JournalView& view, const AuditTrail& trail, std::span<const ItemId> queued) {
  std::set<ItemId> items(queued.begin(), queued.end());
  for (const auto& [seq, edit] : trail.undecided) items.insert(edit.item);
  OUTPOST_TRY(const Attention attention, ItemsNeedingAttention(view));
  for (const ConflictEntry& conflict : attention.conflicts) items.insert(conflict.item);
  for (const ParkedEntry& parked : attention.parked) items.insert(parked.item);
  Comparison comparison(trail);
  for (const ItemId& id : items) {
    OUTPOST_TRY(const std::optional<ItemState> item, LoadItem(view, id));
    if (item) comparison.Add(*item);
  }
  return comparison.Finish();
}

Result<AuditReport> Audit(const JournalView& view) {
  AuditTrail trail;
  OUTPOST_TRYV(trail.Follow(view));
  return CompareAll(view, trail);
}

}  // namespace outpost
