#include "engine/conflicts.h"

#include <algorithm>
#include <optional>
#include <set>
#include <utility>

#include "engine/edits.h"
#include "projection/history.h"

namespace outpost {
namespace {

using Way = UndoReport::Way;

Error Gone(const std::string& what) { return {Code::kNotFound, Retry::kNever, what}; }
Error ChangedSince(const std::string& what) {
  return {Code::kConflict, Retry::kNever, what + " since the conflict was decided; that later change stays on top"};
}

template <class Loser>
bool IsMeant(const ConflictName& conflict, const Loser& loser) {
  return (conflict.loser == 0 || conflict.loser == loser.seq) && (conflict.group == 0 || conflict.group == loser.group);
}

SettledLoser Settled(const LoserGroup& loser) {
  return {loser.seq, loser.rival, loser.group, loser.server_lost, false};
}

NewEvent SettledEvent(const ItemState& item, const OpId& op, SettledBody body) {
  return {Kind::kConflictSettled, Origin::kUser, item.type, item.id, op, Encode(body)};
}

std::vector<GroupId> GroupsIn(const SettledBody& body) {
  std::vector<GroupId> groups;
  for (const SettledLoser& loser : body.losers) groups.push_back(loser.group);
  return groups;
}

// One decision that is to be turned round.
struct Case {
  SettledLoser loser;
  OpId undone_by{};      // the edit that turned it round before: now that one is turned round; none otherwise
  Sequence settled = 0;  // its kConflictSettled
};

class Planner {
 public:
  Planner(const JournalView& view, const ItemState& item, const ConflictName& conflict, bool over_later)
      : view_(view), item_(item), conflict_(conflict), over_later_(over_later) {}

  Result<PlannedUndo> Plan(const std::function<OpId()>& new_op) {
    OUTPOST_TRY(history_, ItemHistory::Load(view_, item_.head_seq));
    OUTPOST_TRYV(FindCases());
    OUTPOST_TRY(const Way way, WayOfAll());
    planned_.report.item = item_.id;
    const OpId op = new_op();
    switch (way) {
      case Way::kNothing:
        break;
      case Way::kChanged:
        OUTPOST_TRYV(Change([&, first = true]() mutable { return std::exchange(first, false) ? op : new_op(); }));
        break;
      case Way::kRestored:
        OUTPOST_TRYV(Restore(op, new_op()));
        break;
      case Way::kDeleted:
        OUTPOST_TRYV(Delete(op));
        break;
    }
    SettledBody settled;
    for (const Case& one : cases_) settled.losers.push_back(one.loser);
    planned_.report.groups = GroupsIn(settled);
    if (!planned_.events.empty()) planned_.report.way = way;
    planned_.events.push_back(SettledEvent(item_, planned_.events.empty() ? OpId{} : op, std::move(settled)));
    return std::move(planned_);
  }

 private:
  // Those that wait; where none does, the newest word on those that were settled.
  Result<void> FindCases() {
    for (const LoserGroup& loser : item_.losers)
      if (IsMeant(conflict_, loser)) cases_.push_back({Settled(loser), {}, 0});
    const auto& events = history_.events();
    for (auto event = events.rbegin(); cases_.empty() && event != events.rend(); ++event) {
      if (event->header.kind != Kind::kConflictSettled) continue;
      OUTPOST_TRY(const SettledBody body, DecodeSettled(event->body));
      for (SettledLoser loser : body.losers) {
        loser.again = true;
        if (IsMeant(conflict_, loser)) cases_.push_back({loser, event->header.op, event->seq});
      }
    }
    if (cases_.empty()) return Gone("item " + item_.id.Hex() + " has no such conflict");
    return Ok();
  }

  Result<Way> WayOfAll() {
    OUTPOST_TRY(const Way way, WayOf(cases_.front()));
    for (const Case& one : cases_) {
      OUTPOST_TRY(const Way other, WayOf(one));
      if (other != way)
        return Error{Code::kInvalid, Retry::kNever,
                     "item " + item_.id.Hex() + " has conflicts of several kinds; name one by its sequence"};
    }
    if (way == Way::kDeleted && !item_.Visible()) return Way::kNothing;
    if (way == Way::kRestored && item_.Visible()) return Way::kNothing;
    if (way == Way::kRestored) AddLosersOfSameDeletion();
    return way;
  }

  Result<Way> WayOf(const Case& one) {
    if (one.undone_by) {
      const Event* edit = EditOf(one.undone_by);
      if (edit == nullptr) return Gone("the edit that turned this conflict round is not kept any more");
      if (edit->header.kind == Kind::kLocalChanged) return Way::kChanged;
      return edit->header.kind == Kind::kLocalDeleted ? Way::kRestored : Way::kDeleted;
    }
    if (one.loser.group == kExistence) {
      OUTPOST_TRY(const Event lost, view_.Read(one.loser.seq));
      const bool deletion = lost.header.kind == Kind::kLocalDeleted || lost.header.kind == Kind::kRemoteDeleted;
      return deletion ? Way::kDeleted : Way::kRestored;
    }
    if (item_.Visible()) return Way::kChanged;
    // The server's last word on it was what won, by its number: the event itself may have been dropped since.
    const bool by_rival = !item_.on_server && item_.base_seq == one.loser.rival;
    const auto rival = view_.Read(one.loser.rival);
    if (over_later_ || by_rival || (rival && rival.assume_value().header.kind == Kind::kRemoteDeleted))
      return Way::kRestored;
    return ChangedSince("item " + item_.id.Hex() + " was deleted");
  }

  // The deletion that won is turned round as a whole: all that was typed here before it comes back.
  void AddLosersOfSameDeletion() {
    const Sequence rival = cases_.front().loser.rival;
    if (rival == 0 || cases_.front().undone_by) return;
    for (const LoserGroup& loser : item_.losers) {
      const auto known = [&](const Case& one) { return one.loser.seq == loser.seq && one.loser.group == loser.group; };
      if (loser.rival == rival && std::none_of(cases_.begin(), cases_.end(), known))
        cases_.push_back({Settled(loser), {}, 0});
    }
  }

  const Event* EditOf(const OpId& op) const {
    for (const Event& event : history_.events())
      if (IsLocalChange(event.header.kind) && event.header.op == op) return &event;
    return nullptr;
  }

  Result<void> Change(const std::function<OpId()>& new_op) {
    FieldMap turned;
    for (const Case& one : cases_) {
      OUTPOST_TRY(const FieldMap lost, LosingValues(one));
      OUTPOST_TRY(const std::set<FieldId> later, ChangedLater(one, lost));
      for (const auto& [id, value] : lost) {
        if (SameValue(value, item_.HeadValue(id))) continue;
        if (later.contains(id))
          planned_.report.kept.push_back(id);
        else
          turned[id] = value;
      }
    }
    if (turned.empty() && !planned_.report.kept.empty()) {
      std::string names;
      for (const FieldId id : planned_.report.kept)
        names += (names.empty() ? "" : ", ") + std::string(FindField(id)->name);
      return ChangedSince("of item " + item_.id.Hex() + " was changed: " + names + ",");
    }
    for (const auto& [id, value] : turned) planned_.report.turned.push_back(id);
    if (const auto folder = turned.find(field::FolderOf(item_.type)); folder != turned.end())
      if (const auto* id = std::get_if<ItemId>(&folder->second)) OUTPOST_TRYV(CheckFolder(view_, *id, item_.type));
    OUTPOST_TRY(planned_.events, SetEvents(item_.id, &item_, turned, new_op));
    return Ok();
  }

  // What the losing side had in the fields of the group.
  Result<FieldMap> LosingValues(const Case& one) {
    FieldMap values;
    if (one.undone_by) {
      const Event& edit = *EditOf(one.undone_by);
      OUTPOST_TRY(const std::optional<ItemState> before, history_.At(edit.seq - 1));
      if (!before) return Gone("what was before the edit that turned this conflict round is not kept any more");
      OUTPOST_TRY(const ChangeBody body, DecodeChange(edit.body));
      for (const auto& [id, value] : FieldsOfGroup(body.patch, one.loser.group)) values[id] = before->HeadValue(id);
      return values;
    }
    OUTPOST_TRY(const std::optional<ItemState> then, history_.At(one.loser.seq));
    if (!then) {
      OUTPOST_TRY(const Event lost, view_.Read(one.loser.seq));
      OUTPOST_TRY(const ChangeBody body, DecodeChange(lost.body));
      return FieldsOfGroup(body.patch, one.loser.group);
    }
    for (const Field& field : AllFields()) {
      if (field.group != one.loser.group || field.sync != Sync::kBoth) continue;
      const auto base = then->base.find(field.id);
      values[field.id] = !one.loser.server_lost     ? then->HeadValue(field.id)
                         : base != then->base.end() ? base->second
                                                    : Value{};
    }
    return values;
  }

  // The fields whose value a person sees changed since the decision; all where history does not tell.
  Result<std::set<FieldId>> ChangedLater(const Case& one, const FieldMap& fields) {
    std::set<FieldId> later;
    if (over_later_) return later;
    OUTPOST_TRY(const Sequence decided, DecidedAt(one));
    OUTPOST_TRY(const std::optional<ItemState> then, history_.At(decided));
    if (decided == 0 || !then) {
      for (const auto& [id, value] : fields) later.insert(id);
      return later;
    }
    ItemState now = *then;
    for (const Event& event : history_.events()) {
      if (event.seq <= decided) continue;
      OUTPOST_TRYV(Reduce(now, event));
      for (const auto& [id, value] : fields)
        if (!SameValue(now.HeadValue(id), then->HeadValue(id))) later.insert(id);
    }
    return later;
  }

  // The event after which the decision stood; 0 where it is not kept any more.
  Result<Sequence> DecidedAt(const Case& one) const {
    if (one.undone_by) return one.settled;
    const auto lost = std::find_if(history_.events().begin(), history_.events().end(),
                                   [&](const Event& event) { return event.seq == one.loser.seq; });
    for (auto event = lost; event != history_.events().end(); ++event) {
      const bool server_lost = event->header.kind == Kind::kOverruled;
      if (server_lost != one.loser.server_lost || (!server_lost && event->header.kind != Kind::kOutcome)) continue;
      if (!server_lost && event->header.op != lost->header.op) continue;
      OUTPOST_TRY(const OutcomesBody body, DecodeOutcomes(event->body));
      for (const GroupOutcome& outcome : body.groups)
        if (outcome.group == one.loser.group && outcome.kind == OutcomeKind::kLoser) return event->seq;
    }
    // What was parked lost with the deletion itself.
    const bool kept = std::any_of(lost, history_.events().end(), [&](const Event& event) {
      return event.seq == one.loser.rival && event.header.kind == Kind::kRemoteDeleted;
    });
    return kept && !one.loser.server_lost ? one.loser.rival : Sequence{0};
  }

  Result<void> Restore(const OpId& create, const OpId& change) {
    FieldMap typed;
    for (const Case& one : cases_) {
      if (one.undone_by || one.loser.group == kExistence) continue;
      OUTPOST_TRY(const Event lost, view_.Read(one.loser.seq));
      OUTPOST_TRY(const ChangeBody body, DecodeChange(lost.body));
      for (const auto& [id, value] : FieldsOfGroup(body.patch, one.loser.group)) typed[id] = value;
    }
    for (const auto& [id, value] : typed) planned_.report.turned.push_back(id);
    OUTPOST_TRY(planned_.report.moved_to, FindPlace(view_, item_, typed));
    planned_.events = RestoreEvents(item_, typed, create, change);
    return Ok();
  }

  Result<void> Delete(const OpId& op) {
    const FieldMap all = item_.Head();
    for (const Case& one : cases_) {
      OUTPOST_TRY(const std::set<FieldId> later, ChangedLater(one, all));
      const bool by_person = std::any_of(later.begin(), later.end(), [](FieldId id) {
        const Field* known = FindField(id);
        return known != nullptr && known->sync == Sync::kBoth;
      });
      if (by_person) return ChangedSince("item " + item_.id.Hex() + " was changed");
    }
    OUTPOST_TRY(planned_.events, DeleteEvents(item_.id, &item_, op));
    return Ok();
  }

  const JournalView& view_;
  const ItemState& item_;
  const ConflictName conflict_;
  const bool over_later_;
  ItemHistory history_;
  std::vector<Case> cases_;
  PlannedUndo planned_;
};

}  // namespace

const char* WayName(UndoReport::Way way) {
  switch (way) {
    case Way::kNothing:
      return "nothing";
    case Way::kChanged:
      return "changed";
    case Way::kRestored:
      return "restored";
    case Way::kDeleted:
      return "deleted";
  }
  return "unknown";
}

Result<PlannedUndo> PlanUndo(const JournalView& view, const ItemState& item, const ConflictName& conflict,
                             bool over_later, const std::function<OpId()>& new_op) {
  return Planner(view, item, conflict, over_later).Plan(new_op);
}

Result<Batch> PlanSettle(const ItemState& item, const ConflictName& conflict, std::vector<GroupId>& groups) {
  SettledBody body;
  for (const LoserGroup& loser : item.losers)
    if (IsMeant(conflict, loser)) body.losers.push_back(Settled(loser));
  if (body.losers.empty()) return Gone("item " + item.id.Hex() + " has no such conflict that waits");
  groups = GroupsIn(body);
  return Batch{SettledEvent(item, {}, std::move(body))};
}

Result<ItemId> ItemOfConflict(const JournalView& view, const ConflictName& conflict) {
  if (conflict.item) return conflict.item;
  const auto lost = view.Read(conflict.loser);
  if (!lost && lost.assume_error().code != Code::kNotFound) return lost.assume_error();
  if (!lost || !lost.assume_value().header.item)
    return Gone("event " + std::to_string(conflict.loser) + " is no side of a conflict");
  return lost.assume_value().header.item;
}

}  // namespace outpost
