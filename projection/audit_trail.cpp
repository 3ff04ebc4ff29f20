#include <algorithm>

#include "projection/audit.h"
#include "projection/mark.h"
#include "schemas/item_state.h"

namespace outpost {
namespace {

constexpr OutcomeKind kOutcomeKinds[] = {OutcomeKind::kAcknowledged, OutcomeKind::kMerged, OutcomeKind::kSuperseded,
                                         OutcomeKind::kParked, OutcomeKind::kLoser};

constexpr Sequence kEventsBetweenQuestions = 1'000;

// The pairs an edit opens, by the events alone.
Result<std::vector<GroupId>> PairsOf(const Event& event) {
  if (event.header.kind == Kind::kLocalDeleted) return std::vector<GroupId>{kExistence};
  OUTPOST_TRY(const ChangeBody body, DecodeChange(event.body));
  std::vector<GroupId> groups = GroupsOf(body.patch);
  if (event.header.kind == Kind::kLocalCreated) groups.insert(groups.begin(), kExistence);
  return groups;
}

}  // namespace

AuditTrail::AuditTrail() {
  for (const OutcomeKind kind : kOutcomeKinds) counted.outcomes[kind] = 0;
}

bool AuditTrail::GoesOn(const JournalView& view) const {
  return at != 0 && at <= view.last() && at + 1 >= view.first() && mark == MarkOf(view, at);
}

Result<bool> AuditTrail::Follow(const JournalView& view, const std::function<bool()>& cancelled) {
  if (GoesOn(view)) {
    if (by_op_.size() != undecided.size())
      for (const auto& [seq, edit] : undecided) by_op_.emplace(edit.op, seq);
  } else {
    *this = AuditTrail();
    all_told_ = view.first() <= 1;
    at = view.first() == 0 ? 0 : view.first() - 1;
  }
  Result<void> followed = Ok();
  bool whole = true;
  OUTPOST_TRYV(view.Scan(at + 1, view.last(), [&](const Event& event) {
    whole = !cancelled || event.seq % kEventsBetweenQuestions != 0 || !cancelled();
    if (whole) followed = FollowEvent(view, event);
    return whole && followed;
  }));
  OUTPOST_TRYV(followed);
  if (!whole) return false;
  at = view.last();
  mark = MarkOf(view, at);
  return true;
}

// Where history was dropped, the checkpoint it begins with tells item by item what is undecided. What happened to an
// item between the checkpoint's first event and that is in what it tells.
Result<bool> AuditTrail::IsTold(const JournalView& view, const Event& event) {
  if (all_told_) return true;
  if (event.header.kind == Kind::kCheckpoint) {
    OUTPOST_TRY(const CheckpointBody body, DecodeCheckpoint(event.body));
    if (body.begin == view.first()) {
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

Result<void> AuditTrail::FollowRestated(const Event& event) {
  OUTPOST_TRY(const ItemState item, DecodeItem(event.header.item, event.body));
  for (const PendingEdit& edit : item.pending) Open(edit.seq, {item.id, edit.op, edit.groups});
  counted.losers_before += item.losers.size();
  return Ok();
}

Result<void> AuditTrail::FollowEvent(const JournalView& view, const Event& event) {
  OUTPOST_TRY(const bool told, IsTold(view, event));
  if (!told) return Ok();
  const Kind kind = event.header.kind;
  if (IsLocalChange(kind)) return FollowEdit(event);
  if (kind == Kind::kOutcome) return FollowOutcome(view, event);
  if (kind == Kind::kOverruled) {
    OUTPOST_TRY(const OutcomesBody body, DecodeOutcomes(event.body));
    counted.overruled += body.groups.size();
  }
  if (kind == Kind::kConflictSettled) {
    OUTPOST_TRY(const SettledBody body, DecodeSettled(event.body));
    for (const SettledLoser& loser : body.losers) counted.losers_settled += loser.again ? 0 : 1;
  }
  if (kind == Kind::kBatchOpened) ++counted.batches;
  if (kind == Kind::kBatchClosed) {
    OUTPOST_TRY(const BatchClosedBody body, DecodeBatchClosed(event.body));
    ++counted.batches_closed;
    if (body.resumed) ++counted.batches_resumed;
  }
  return Ok();
}

Result<void> AuditTrail::FollowEdit(const Event& event) {
  OUTPOST_TRY(std::vector<GroupId> groups, PairsOf(event));
  if (!groups.empty()) Open(event.seq, {event.header.item, event.header.op, std::move(groups)});
  return Ok();
}

void AuditTrail::Open(Sequence seq, UndecidedEdit edit) {
  ++counted.edits;
  counted.pairs += edit.groups.size();
  by_op_.emplace(edit.op, seq);
  undecided.emplace(seq, std::move(edit));
}

Result<void> AuditTrail::FollowOutcome(const JournalView& view, const Event& event) {
  OUTPOST_TRY(const OutcomesBody body, DecodeOutcomes(event.body));
  const auto named = by_op_.find(event.header.op);
  const auto edit = named != by_op_.end() ? undecided.find(named->second) : undecided.end();
  for (const GroupOutcome& outcome : body.groups) {
    if (edit != undecided.end() && std::erase(edit->second.groups, outcome.group) > 0)
      ++counted.outcomes[outcome.kind];
    else
      OUTPOST_TRYV(Unasked(view, event, outcome.group));
  }
  if (edit == undecided.end() || !edit->second.groups.empty()) return Ok();
  undecided.erase(edit);
  by_op_.erase(named);
  return Ok();
}

// An outcome of a pair that is not undecided: the item's own history tells whether there ever was such a pair.
Result<void> AuditTrail::Unasked(const JournalView& view, const Event& outcome, GroupId group) {
  Sequence edit = 0;
  Result<void> read = Ok();
  const Result<void> walked = view.History(outcome.seq, [&](const Event& event) {
    if (!IsLocalChange(event.header.kind) || event.header.op != outcome.header.op) return true;
    const Result<std::vector<GroupId>> groups = PairsOf(event);
    if (!groups) read = groups.as_failure();
    if (groups && std::count(groups.value().begin(), groups.value().end(), group) > 0) edit = event.seq;
    return false;
  });
  if (!walked && walked.error().code != Code::kNotFound)
    return walked.error();  // a history that was cut short tells nothing
  OUTPOST_TRYV(read);
  ++(edit != 0 ? counted.twice_decided : counted.stray_outcomes);
  counted.Add({edit != 0 ? AuditFinding::What::kTwice : AuditFinding::What::kStray, edit != 0 ? edit : outcome.seq,
               outcome.header.item, group});
  return Ok();
}

}  // namespace outpost
