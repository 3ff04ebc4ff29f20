#include "replicator/planner.h"

#include <algorithm>
#include <iterator>
#include <set>

#include "replicator/tuning.h"

namespace outpost {
namespace {

template <class Container, class Element>
bool Contains(const Container& in, const Element& wanted) {
  return std::find(in.begin(), in.end(), wanted) != in.end();
}

Merge MergeOf(GroupId group) {
  const Field* first = FindField(group);
  return first != nullptr ? first->merge : Merge::kReplace;
}

PlannedEvent OutcomeEvent(const EditFacts& edit) {
  PlannedEvent event;
  event.kind = Kind::kOutcome;
  event.op = edit.op;
  return event;
}

// Collects the outcomes of one item, one event per edit, in the order of the edits.
class Outcomes {
 public:
  explicit Outcomes(const ItemFacts& item) : item_(item), by_edit_(item.edits.size()) {}

  void Set(std::size_t edit, GroupId group, OutcomeKind kind) { by_edit_[edit].push_back({group, kind}); }

  // Every earlier pending edit of the group gave way to the one at `edit`.
  void SupersedeBefore(std::size_t edit, GroupId group) {
    for (std::size_t i = 0; i < edit; ++i)
      if (item_.edits[i].Has(group)) Set(i, group, OutcomeKind::kSuperseded);
  }

  void AppendTo(std::vector<PlannedEvent>& events) const {
    for (std::size_t i = 0; i < by_edit_.size(); ++i) {
      if (by_edit_[i].empty()) continue;
      PlannedEvent event = OutcomeEvent(item_.edits[i]);
      event.outcomes.groups = by_edit_[i];
      events.push_back(std::move(event));
    }
  }

 private:
  const ItemFacts& item_;
  std::vector<std::vector<GroupOutcome>> by_edit_;
};

// The field groups with an undecided edit, ascending.
std::set<GroupId> UndecidedGroups(const ItemFacts& item) {
  std::set<GroupId> groups;
  for (const EditFacts& edit : item.edits)
    for (const auto& group : edit.groups)
      if (group.group != kExistence) groups.insert(group.group);
  return groups;
}

// Index of the newest pending edit of `group` for which `wanted` holds.
template <class Wanted>
std::optional<std::size_t> LastEdit(const ItemFacts& item, GroupId group, Wanted wanted) {
  for (std::size_t i = item.edits.size(); i-- > 0;)
    for (const auto& entry : item.edits[i].groups)
      if (entry.group == group && wanted(item.edits[i], entry)) return i;
  return std::nullopt;
}

// Of several edits that an entry carries the last one that has the group gave it its value. Null: none has it.
const EditFacts* LastCarried(const ItemFacts& item, const BatchEntry& entry, GroupId group) {
  const auto last = LastEdit(
      item, group, [&](const EditFacts& other, const EditFacts::Group&) { return Contains(entry.intents, other.seq); });
  return last ? &item.edits[*last] : nullptr;
}

const auto kAnyEdit = [](const EditFacts&, const EditFacts::Group&) { return true; };

// An edit of the engine's own.
PlannedEvent GroupEdit(GroupId group, PlannedEvent::Fields fields, const NewOp& new_op) {
  PlannedEvent event;
  event.kind = Kind::kLocalChanged;
  event.op = new_op();
  event.fields = fields;
  event.of_group = group;
  return event;
}

PlannedEvent Overruled(const EditFacts& winner, GroupId group) {
  PlannedEvent event;
  event.kind = Kind::kOverruled;
  event.op = winner.op;
  event.outcomes.groups = {{group, OutcomeKind::kLoser}};
  return event;
}

// Whether a create that is under way states the group: then the server had that value at first, and another one, be it
// none, is somebody's.
bool IsStatedByCreate(const ItemFacts& item, GroupId group) {
  const auto stated = LastEdit(item, group, [](const EditFacts& edit, const EditFacts::Group&) {
    return edit.kind == Kind::kLocalCreated && edit.in_flight;
  });
  return !item.on_server && stated;
}

// One field group that has an undecided edit meets the server's row.
void DecideGroup(const ItemFacts& item, const RowFacts& row, GroupId group, Policy policy, const NewOp& new_op,
                 Outcomes& outcomes, std::vector<PlannedEvent>& more) {
  const auto equal = LastEdit(item, group, [](const EditFacts&, const EditFacts::Group& g) { return g.equals_row; });
  const std::size_t last = *LastEdit(item, group, kAnyEdit);
  const bool differs = Contains(row.changed, group) || IsStatedByCreate(item, group);
  const RemoteSide remote = equal ? RemoteSide::kSame : differs ? RemoteSide::kOther : RemoteSide::kUnchanged;
  if (item.edits[last].restores && remote != RemoteSide::kSame) {  // somebody made the item again: it is as he made it
    outcomes.SupersedeBefore(last, group);
    outcomes.Set(last, group, OutcomeKind::kSuperseded);
    return;
  }
  const Merge merge = Contains(row.other_people, group) ? Merge::kSet : MergeOf(group);
  switch (Decide(LocalSide::kEdited, remote, merge, policy)) {
    case Decision::kAgree:
      outcomes.SupersedeBefore(*equal, group);
      outcomes.Set(*equal, group, item.edits[*equal].in_flight ? OutcomeKind::kAcknowledged : OutcomeKind::kMerged);
      break;
    case Decision::kMergeSets:
      outcomes.SupersedeBefore(last, group);
      outcomes.Set(last, group, OutcomeKind::kMerged);
      if (!Contains(row.merges_to_row, group))
        more.push_back(GroupEdit(group, PlannedEvent::Fields::kMergedSet, new_op));
      break;
    case Decision::kServerWins:
      outcomes.SupersedeBefore(last, group);
      outcomes.Set(last, group, OutcomeKind::kLoser);
      break;
    case Decision::kClientWins:
      // Its fields only make sense together: half of one side's and half of the other's is nobody's value. Before the
      // decision, which then stands on the whole.
      if (Contains(row.beyond_edits, group)) more.push_back(GroupEdit(group, PlannedEvent::Fields::kHeadGroup, new_op));
      more.push_back(Overruled(item.edits[last], group));
      break;
    case Decision::kNothing:
    case Decision::kTakeRemote:
    case Decision::kKeepPending:
    case Decision::kRestore:
      break;
  }
}

// Whether the row differs from the base by more than edits made here: one that is under way may have arrived, which is
// no reason against the deletion that followed it. Fields of the server's own change with every edit.
bool ChangedByOthers(const ItemFacts& item, const RowFacts& row) {
  // A file never changes once it is there: what its row says more than our upload did is nobody's change.
  if (item.type == ItemType::kAttachment) return false;
  const auto ours = [&](GroupId group) {
    return LastEdit(item, group, [](const EditFacts&, const EditFacts::Group& g) { return g.equals_row; }).has_value();
  };
  // What a folder has of the server's own (rights, counts) also changes without anybody editing it.
  const bool arrived = item.type == ItemType::kFolder || std::any_of(row.changed.begin(), row.changed.end(), ours);
  // Nobody wrote since our own last write: what else is other follows from that.
  const bool same = item.on_server && row.version == item.version;
  // That the user may do more or less in a folder is said by its permissions as well: no reason against its deletion,
  // which the server takes or refuses.
  const auto rights = [&](GroupId group) { return row.own_rights && group == field::kFolderPermissions; };
  return std::any_of(row.changed.begin(), row.changed.end(), [&](GroupId group) {
    return !ours(group) && !rights(group) && !(group == 0 && (arrived || same));
  });
}

// The undecided creates and deletes of an item that the server shows as being there.
void DecideExistence(const ItemFacts& item, const RowFacts& row, Policy policy, Outcomes& outcomes,
                     std::vector<PlannedEvent>& more) {
  const auto last = LastEdit(item, kExistence, kAnyEdit);
  if (!last) return;
  const EditFacts& edit = item.edits[*last];
  const bool is_create = edit.kind == Kind::kLocalCreated;
  const RemoteSide remote = is_create || ChangedByOthers(item, row) ? RemoteSide::kOther : RemoteSide::kUnchanged;
  bool still_waits = true;
  switch (Decide(is_create ? LocalSide::kCreated : LocalSide::kDeleted, remote, Merge::kReplace, policy)) {
    case Decision::kAgree:
      outcomes.SupersedeBefore(*last, kExistence);
      outcomes.Set(*last, kExistence, edit.in_flight ? OutcomeKind::kAcknowledged : OutcomeKind::kMerged);
      still_waits = false;
      break;
    case Decision::kServerWins:
      still_waits = false;
      outcomes.SupersedeBefore(*last, kExistence);
      outcomes.Set(*last, kExistence, OutcomeKind::kLoser);
      break;
    case Decision::kClientWins:
      more.push_back(Overruled(edit, kExistence));
      break;
    case Decision::kNothing:
    case Decision::kTakeRemote:
    case Decision::kKeepPending:
    case Decision::kMergeSets:
    case Decision::kRestore:
      break;
  }
  // A create below a delete that still waits: the item is there all the same, so the create has happened.
  if (!is_create && still_waits)
    for (std::size_t i = 0; i < *last; ++i)
      if (item.edits[i].kind == Kind::kLocalCreated && item.edits[i].Has(kExistence))
        outcomes.Set(i, kExistence, item.edits[i].in_flight ? OutcomeKind::kAcknowledged : OutcomeKind::kMerged);
}

PlannedEvent Remote(Kind kind, const RowFacts& row, PlannedEvent::Fields fields) {
  PlannedEvent event;
  event.kind = kind;
  event.origin = Origin::kServer;
  event.fields = fields;
  event.outcomes.remote_id = row.remote_id;
  event.outcomes.version = row.version;
  return event;
}

}  // namespace

bool EditFacts::Has(GroupId group) const {
  return std::any_of(groups.begin(), groups.end(), [&](const Group& entry) { return entry.group == group; });
}

std::vector<PlannedEvent> PlanRow(const ItemFacts& item, const RowFacts& row, Policy policy, const NewOp& new_op) {
  std::vector<PlannedEvent> events;
  if (item.head == 0 || !item.on_server)
    events.push_back(Remote(Kind::kRemoteCreated, row, PlannedEvent::Fields::kRowAll));
  else if (!row.changed.empty() || row.fills_in || row.version != item.version || row.other_id)
    events.push_back(Remote(Kind::kRemoteChanged, row, PlannedEvent::Fields::kRowChanged));
  Outcomes outcomes(item);
  std::vector<PlannedEvent> more;
  for (const GroupId group : UndecidedGroups(item)) DecideGroup(item, row, group, policy, new_op, outcomes, more);
  DecideExistence(item, row, policy, outcomes, more);
  outcomes.AppendTo(events);
  events.insert(events.end(), more.begin(), more.end());
  return events;
}

std::vector<PlannedEvent> PlanGone(const ItemFacts& item, Policy policy, const NewOp& new_op) {
  std::vector<PlannedEvent> events;
  if (item.head == 0 || !item.on_server) return events;
  PlannedEvent removed;
  removed.kind = Kind::kRemoteDeleted;
  removed.origin = Origin::kServer;
  events.push_back(std::move(removed));
  if (item.edits.empty() && !item.parked) return events;

  Outcomes outcomes(item);
  const auto deletion = LastEdit(item, kExistence, [](const EditFacts& edit, const EditFacts::Group&) {
    return edit.kind == Kind::kLocalDeleted;
  });
  const Decision decision =
      Decide(deletion ? LocalSide::kDeleted : LocalSide::kEdited, RemoteSide::kDeleted, Merge::kReplace, policy);
  for (std::size_t i = 0; i < item.edits.size(); ++i)
    for (const auto& entry : item.edits[i].groups) {
      OutcomeKind kind = OutcomeKind::kSuperseded;
      if (decision == Decision::kAgree) {
        if (deletion && i == *deletion && entry.group == kExistence)
          kind = item.edits[i].in_flight ? OutcomeKind::kAcknowledged : OutcomeKind::kMerged;
      } else if (decision == Decision::kServerWins && *LastEdit(item, entry.group, kAnyEdit) == i) {
        kind = OutcomeKind::kLoser;
      }
      outcomes.Set(i, entry.group, kind);
    }
  if (decision == Decision::kRestore) {
    // What people typed here stays an edit of its own: should the item turn out to be there again, the rest gives way.
    const auto again = [&](Kind kind, PlannedEvent::Fields fields) {
      PlannedEvent event;
      event.kind = kind;
      event.origin = Origin::kRestore;
      event.op = new_op();
      event.fields = fields;
      events.push_back(std::move(event));
    };
    again(Kind::kLocalCreated, PlannedEvent::Fields::kHeadUnedited);
    PlannedEvent overruled;
    overruled.kind = Kind::kOverruled;
    overruled.op = events.back().op;
    overruled.outcomes.groups = {{kExistence, OutcomeKind::kLoser}};
    events.push_back(std::move(overruled));
    if (item.parked || !UndecidedGroups(item).empty()) again(Kind::kLocalChanged, PlannedEvent::Fields::kHeadEdited);
    if (item.parked) {
      PlannedEvent settled;
      settled.kind = Kind::kConflictSettled;
      settled.op = events.back().op;
      events.push_back(std::move(settled));
    }
  }
  outcomes.AppendTo(events);
  return events;
}

EntryPlan PlanEntry(const ItemFacts& item) {
  EntryPlan plan;
  Outcomes outcomes(item);
  const auto existence = LastEdit(item, kExistence, kAnyEdit);
  const bool deletes = existence && item.edits[*existence].kind == Kind::kLocalDeleted;
  const auto creates = LastEdit(item, kExistence, [](const EditFacts& edit, const EditFacts::Group&) {
    return edit.kind == Kind::kLocalCreated;
  });

  BatchEntry entry;
  entry.item = item.id;
  if (deletes) {
    // All that was done to an item before it was deleted need not be told; of an item that never got there, not even
    // the deletion.
    for (std::size_t i = 0; i < item.edits.size(); ++i)
      for (const auto& group : item.edits[i].groups)
        if (i != *existence) outcomes.Set(i, group.group, OutcomeKind::kSuperseded);
    if (item.on_server) {
      entry.verb = Verb::kDelete;
      entry.intents = {item.edits[*existence].seq};
      entry.groups = {kExistence};
      plan.entry = std::move(entry);
    } else {
      outcomes.Set(*existence, kExistence, OutcomeKind::kMerged);
    }
    outcomes.AppendTo(plan.outcomes);
    return plan;
  }
  if (!item.on_server && !creates) {  // its create waits for a person, and so do they
    BatchEntry blocked;
    for (const GroupId group : UndecidedGroups(item)) {
      const std::size_t last = *LastEdit(item, group, kAnyEdit);
      outcomes.SupersedeBefore(last, group);
      blocked.groups.push_back(group);
      blocked.intents.push_back(item.edits[last].seq);
    }
    outcomes.AppendTo(plan.outcomes);
    const auto parked = PlanPark(item, blocked, {}, "item_not_on_server");
    plan.outcomes.insert(plan.outcomes.end(), parked.begin(), parked.end());
    return plan;
  }

  entry.verb = item.on_server ? Verb::kUpdate : Verb::kCreate;
  if (creates) {
    outcomes.SupersedeBefore(*creates, kExistence);
    if (item.on_server)
      outcomes.Set(*creates, kExistence, OutcomeKind::kMerged);
    else
      entry.groups.push_back(kExistence);
  }
  std::set<std::size_t> carried;
  if (creates && !item.on_server) carried.insert(*creates);
  for (const GroupId group : UndecidedGroups(item)) {
    const std::size_t last = *LastEdit(item, group, kAnyEdit);
    outcomes.SupersedeBefore(last, group);
    entry.groups.push_back(group);
    carried.insert(last);
  }
  for (const std::size_t i : carried) entry.intents.push_back(item.edits[i].seq);
  outcomes.AppendTo(plan.outcomes);
  if (!entry.groups.empty()) plan.entry = std::move(entry);
  return plan;
}

std::string DeniedCode(const std::string& code) { return std::string(kNoRight) + " " + code; }

bool IsDenied(std::string_view code) { return code.substr(0, kNoRight.size()) == kNoRight; }

bool IsDoubt(std::string_view code) { return code == kMaybeDeleted || code == kMaybeRenamed || code == kAnotherItem; }

AnswerPlan PlanAnswer(const ItemFacts& item, const BatchEntry& entry, const BatchId& batch, const Answer& answer) {
  AnswerPlan plan;
  switch (answer.status) {
    case AnswerStatus::kChangedMeanwhile:
    case AnswerStatus::kTryLater:
      return plan;
    case AnswerStatus::kGone:
      if (entry.verb == Verb::kCreate)
        plan.events = PlanPark(item, entry, batch, answer.code);
      else
        plan.gone = true;
      return plan;
    case AnswerStatus::kDone:
    case AnswerStatus::kRefused:
      break;
  }

  std::vector<Refusal> refusals;
  const std::string code = answer.denied ? DeniedCode(answer.code) : answer.code;
  if (answer.status == AnswerStatus::kRefused) {
    for (const FieldProblem& problem : answer.problems) {
      const Field* known = FindField(problem.field);
      if (known != nullptr && Contains(entry.groups, known->group))
        refusals.push_back({known->group, problem.field, problem.length, problem.limit, code, answer.text});
    }
    if (refusals.empty())
      for (const GroupId group : entry.groups) refusals.push_back({group, 0, 0, 0, code, answer.text});
  }
  bool first = true;
  for (const EditFacts& edit : item.edits) {
    if (!Contains(entry.intents, edit.seq)) continue;
    PlannedEvent event = OutcomeEvent(edit);
    event.outcomes.batch = batch;
    for (const auto& group : edit.groups) {
      if (!Contains(entry.groups, group.group) || LastCarried(item, entry, group.group) != &edit) continue;
      const auto refusal =
          std::find_if(refusals.begin(), refusals.end(), [&](const Refusal& r) { return r.group == group.group; });
      if (answer.status == AnswerStatus::kDone) {
        event.outcomes.groups.push_back({group.group, OutcomeKind::kAcknowledged});
      } else if (refusal != refusals.end()) {
        event.outcomes.groups.push_back({group.group, OutcomeKind::kParked});
        event.outcomes.refusals.push_back(*refusal);
      }
    }
    if (event.outcomes.groups.empty()) continue;
    if (first && answer.status == AnswerStatus::kDone) {
      event.outcomes.remote_id = answer.remote_id;  // of a create, and where an update gave it another
      event.outcomes.version = answer.version;
    }
    first = false;
    plan.events.push_back(std::move(event));
  }
  return plan;
}

FolderDeletionPlan PlanFolderDeletion(const ItemFacts& folder, const BatchEntry& entry, const InsideFacts& inside,
                                      Policy policy) {
  FolderDeletionPlan plan;
  const auto last = LastEdit(folder, kExistence, kAnyEdit);
  if (inside.waits || !last) return plan;
  if (inside.moved_away) {
    plan.events = PlanParkUnsent(folder, entry, {}, std::string(kMovedAwayInside));
    return plan;
  }
  const EditFacts& deletion = folder.edits[*last];
  const RemoteSide remote = inside.news > deletion.seq ? RemoteSide::kOther : RemoteSide::kUnchanged;
  switch (Decide(LocalSide::kDeleted, remote, Merge::kReplace, policy)) {
    case Decision::kServerWins: {
      Outcomes outcomes(folder);
      outcomes.SupersedeBefore(*last, kExistence);
      outcomes.Set(*last, kExistence, OutcomeKind::kLoser);
      outcomes.AppendTo(plan.events);
      plan.events.back().outcomes.rival = inside.news;
      return plan;
    }
    case Decision::kClientWins:
      plan.events.push_back(Overruled(deletion, kExistence));
      plan.events.back().outcomes.rival = inside.news;
      break;
    case Decision::kNothing:
    case Decision::kTakeRemote:
    case Decision::kKeepPending:
    case Decision::kAgree:
    case Decision::kMergeSets:
    case Decision::kRestore:
      break;
  }
  plan.send = true;
  return plan;
}

std::vector<PlannedEvent> PlanParkUnsent(const ItemFacts& item, const BatchEntry& entry, const BatchId& batch,
                                         const std::string& code) {
  std::vector<PlannedEvent> events;
  for (const EditFacts& edit : item.edits) {
    PlannedEvent event = OutcomeEvent(edit);
    for (const auto& group : edit.groups) {
      const EditFacts* last = Contains(entry.groups, group.group) ? LastCarried(item, entry, group.group) : nullptr;
      if (last != nullptr && edit.seq < last->seq)
        event.outcomes.groups.push_back({group.group, OutcomeKind::kSuperseded});
    }
    if (!event.outcomes.groups.empty()) events.push_back(std::move(event));
  }
  auto parked = PlanPark(item, entry, batch, code);
  std::move(parked.begin(), parked.end(), std::back_inserter(events));
  return events;
}

std::vector<PlannedEvent> PlanPark(const ItemFacts& item, const BatchEntry& entry, const BatchId& batch,
                                   const std::string& code) {
  Answer refused;
  refused.status = AnswerStatus::kRefused;
  refused.code = code;
  return PlanAnswer(item, entry, batch, refused).events;
}

FolderLook PlanLook(const FolderFacts& folder) {
  const bool follows = folder.read_once && folder.same_columns && folder.remembered && !folder.due && !folder.resync;
  if (!follows) return FolderLook::kReadInFull;
  return folder.examined ? FolderLook::kState : FolderLook::kChanges;
}

std::size_t AskFor(ItemType type, Verb verb) {
  const bool attached = type == ItemType::kAttachment;
  switch (verb) {
    case Verb::kCreate:
      if (attached) return Ask(ask::Attach{}).index();
      return type == ItemType::kMail ? Ask(ask::Submit{}).index() : Ask(ask::Create{}).index();
    case Verb::kUpdate:
      return Ask(ask::Update{}).index();
    case Verb::kDelete:
      break;
  }
  return attached ? Ask(ask::Detach{}).index() : Ask(ask::Delete{}).index();
}

bool InferredDeletionsNeedConsent(std::size_t missing, std::size_t held, bool listing_empty,
                                  const DeletionLimits& limits) {
  if (missing == 0) return false;
  if (listing_empty || missing > limits.count) return true;
  return held >= tuning::kInferredDeletionsFolderMin && missing * 100 > held * limits.percent;
}

bool OwnDeletionsNeedConsent(std::size_t count, const DeletionLimits& limits) { return count > limits.own; }

}  // namespace outpost
