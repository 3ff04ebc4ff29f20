#include "projection/audit.h"

#include <algorithm>
#include <set>
#include <unordered_map>
#include <unordered_set>

#include "journal/item_fold.h"

namespace outpost {
namespace {

constexpr OutcomeKind kOutcomeKinds[] = {OutcomeKind::kAcknowledged, OutcomeKind::kMerged, OutcomeKind::kSuperseded,
                                         OutcomeKind::kParked, OutcomeKind::kLoser};

// The pairs an edit opens, by the events alone.
Result<std::vector<GroupId>> PairsOf(const Event& event) {
  if (event.header.kind == Kind::kLocalDeleted) return std::vector<GroupId>{kExistence};
  OUTPOST_TRY(const ChangeBody body, DecodeChange(event.body));
  std::vector<GroupId> groups = GroupsOf(body.patch);
  if (event.header.kind == Kind::kLocalCreated) groups.insert(groups.begin(), kExistence);
  return groups;
}

struct OpenEdit {
  ItemId item{};
  OpId op{};
  std::vector<GroupId> groups;
};

class Auditor {
 public:
  explicit Auditor(const JournalView& view) : view_(view) {
    for (const OutcomeKind kind : kOutcomeKinds) report_.outcomes[kind] = 0;
  }

  Result<AuditReport> Run() {
    OUTPOST_TRYV(FollowEvents());
    OUTPOST_TRYV(CompareRows());
    for (const auto& [seq, edit] : open_) {
      if (edit.groups.empty()) continue;
      ++report_.edits_without_outcome;
      for (const GroupId group : edit.groups) Add(AuditFinding::What::kLost, seq, edit.item, group);
    }
    return std::move(report_);
  }

 private:
  Result<void> FollowEvents() {
    Result<void> followed = Ok();
    OUTPOST_TRYV(view_.Scan(view_.first(), view_.last(), [&](const Event& event) {
      followed = Follow(event);
      return static_cast<bool>(followed);
    }));
    return followed;
  }

  // Where history was dropped, the checkpoint it begins with tells item by item what is undecided. What happened to an
  // item between the checkpoint's first event and that is in what it tells.
  Result<bool> IsTold(const Event& event) {
    if (all_told_) return true;
    if (event.header.kind == Kind::kCheckpoint) {
      OUTPOST_TRY(const CheckpointBody body, DecodeCheckpoint(event.body));
      if (body.begin == view_.first()) {
        all_told_ = true;
        told_.clear();
      }
      return true;
    }
    if (!event.header.item || told_.contains(event.header.item)) return true;
    const bool restated = event.header.kind == Kind::kItemRestated;
    if (!restated && event.header.back != 0) return false;
    told_.insert(event.header.item);
    if (restated) OUTPOST_TRYV(FollowRestated(event));
    return true;
  }

  Result<void> FollowRestated(const Event& event) {
    OUTPOST_TRY(const ItemState item, DecodeItem(event.header.item, event.body));
    for (const PendingEdit& edit : item.pending) Open(edit.seq, {item.id, edit.op, edit.groups});
    report_.losers_before += item.losers.size();
    return Ok();
  }

  Result<void> Follow(const Event& event) {
    OUTPOST_TRY(const bool told, IsTold(event));
    if (!told) return Ok();
    const Kind kind = event.header.kind;
    if (IsLocalChange(kind)) return FollowEdit(event);
    if (kind == Kind::kOutcome) return FollowOutcome(event);
    if (kind == Kind::kOverruled) {
      OUTPOST_TRY(const OutcomesBody body, DecodeOutcomes(event.body));
      report_.overruled += body.groups.size();
    }
    if (kind == Kind::kConflictSettled) {
      OUTPOST_TRY(const SettledBody body, DecodeSettled(event.body));
      for (const SettledLoser& loser : body.losers) report_.losers_settled += loser.again ? 0 : 1;
    }
    if (kind == Kind::kBatchOpened) ++report_.batches;
    if (kind == Kind::kBatchClosed) {
      OUTPOST_TRY(const BatchClosedBody body, DecodeBatchClosed(event.body));
      ++report_.batches_closed;
      if (body.resumed) ++report_.batches_resumed;
    }
    return Ok();
  }

  Result<void> FollowEdit(const Event& event) {
    OUTPOST_TRY(std::vector<GroupId> groups, PairsOf(event));
    if (!groups.empty()) Open(event.seq, {event.header.item, event.header.op, std::move(groups)});
    return Ok();
  }

  void Open(Sequence seq, OpenEdit edit) {
    ++report_.edits;
    report_.pairs += edit.groups.size();
    by_op_.emplace(edit.op, seq);
    open_.emplace(seq, std::move(edit));
  }

  Result<void> FollowOutcome(const Event& event) {
    OUTPOST_TRY(const OutcomesBody body, DecodeOutcomes(event.body));
    const auto named = by_op_.find(event.header.op);
    const auto edit = named != by_op_.end() ? open_.find(named->second) : open_.end();
    for (const GroupOutcome& outcome : body.groups) {
      if (edit != open_.end() && std::erase(edit->second.groups, outcome.group) > 0)
        ++report_.outcomes[outcome.kind];
      else
        OUTPOST_TRYV(Unasked(event, outcome.group));
    }
    if (edit == open_.end() || !edit->second.groups.empty()) return Ok();
    open_.erase(edit);
    by_op_.erase(named);
    return Ok();
  }

  // An outcome of a pair that is not open: the item's own history tells whether there ever was such a pair.
  Result<void> Unasked(const Event& outcome, GroupId group) {
    Sequence edit = 0;
    Result<void> read = Ok();
    const Result<void> walked = view_.History(outcome.seq, [&](const Event& event) {
      if (!IsLocalChange(event.header.kind) || event.header.op != outcome.header.op) return true;
      const Result<std::vector<GroupId>> groups = PairsOf(event);
      if (!groups) read = groups.as_failure();
      if (groups && std::count(groups.value().begin(), groups.value().end(), group) > 0) edit = event.seq;
      return false;
    });
    if (!walked && walked.error().code != Code::kNotFound)
      return walked.error();  // a history that was cut short tells nothing
    OUTPOST_TRYV(read);
    ++(edit != 0 ? report_.twice_decided : report_.stray_outcomes);
    Add(edit != 0 ? AuditFinding::What::kTwice : AuditFinding::What::kStray, edit != 0 ? edit : outcome.seq,
        outcome.header.item, group);
    return Ok();
  }

  Result<void> CompareRows() {
    Result<void> compared = Ok();
    OUTPOST_TRYV(view_.Scan(kItemsTable, std::string_view(), std::string_view(),
                            [&](std::string_view key, std::string_view row) {
                              compared = CompareRow(key, row);
                              return static_cast<bool>(compared);
                            }));
    return compared;
  }

  Result<void> CompareRow(std::string_view key, std::string_view row) {
    const auto id = ItemId::FromView(key);
    if (!id) return Error{Code::kCorrupt, Retry::kNever, "the key of an item row is not 16 bytes"};
    OUTPOST_TRY(const ItemState item, DecodeItem(*id, row));
    report_.losers_listed += item.losers.size();
    report_.parked_listed += item.parked.size();
    for (const PendingEdit& edit : item.pending) ComparePending(item, edit);
    return Ok();
  }

  void ComparePending(const ItemState& item, const PendingEdit& edit) {
    const auto open = open_.find(edit.seq);
    const bool same_edit = open != open_.end() && open->second.item == item.id && open->second.op == edit.op;
    for (const GroupId group : edit.groups) {
      ++report_.pending;
      if (same_edit && std::erase(open->second.groups, group) > 0) continue;
      ++report_.still_pending;
      Add(AuditFinding::What::kStillPending, edit.seq, item.id, group);
    }
    if (!edit.groups.empty()) ++report_.pending_edits;
  }

  void Add(AuditFinding::What what, Sequence seq, const ItemId& item, GroupId group) {
    if (report_.findings.size() < kAuditFindingsMax) report_.findings.push_back({what, seq, item, group});
  }

  const JournalView& view_;
  AuditReport report_;
  bool all_told_ = view_.first() <= 1;
  std::unordered_set<ItemId> told_;           // while the checkpoint at the beginning is being read
  std::map<Sequence, OpenEdit> open_;         // edits with undecided pairs
  std::unordered_map<OpId, Sequence> by_op_;  // the same edits
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

bool AuditReport::sound() const {
  const auto losers = outcomes.find(OutcomeKind::kLoser);
  const std::uint64_t losers_made = losers_before + overruled + (losers != outcomes.end() ? losers->second : 0);
  return edits_without_outcome == 0 && twice_decided == 0 && still_pending == 0 && stray_outcomes == 0 &&
         losers_listed + losers_settled >= losers_made;
}

Result<AuditReport> Audit(const JournalView& view) { return Auditor(view).Run(); }

}  // namespace outpost
