#include "schemas/item_state.h"

#include <algorithm>

namespace outpost {
namespace {

bool Travels(FieldId id) {
  const Field* known = FindField(id);
  return known != nullptr && known->sync == Sync::kBoth;
}

void DropGroup(PendingEdit& edit, GroupId group) {
  std::erase(edit.groups, group);
  for (const auto& [id, value] : FieldsOfGroup(edit.patch, group)) edit.patch.erase(id);
}

// A newer edit of a group takes the place of a parked one.
void DropParked(ItemState& state, const std::vector<GroupId>& groups) {
  std::erase_if(state.parked, [&](const ParkedGroup& parked) {
    return std::find(groups.begin(), groups.end(), parked.refusal.group) != groups.end();
  });
}

void ReduceLocal(ItemState& state, const Event& event, ChangeBody body) {
  PendingEdit edit{event.seq, event.header.op, event.header.kind, {}, {}};
  if (event.header.kind == Kind::kLocalDeleted) {
    edit.groups = {kExistence};
    if (!state.on_server) state.parked.clear();  // what never got there and is not wanted any more waits for nobody
  } else {
    edit.groups = GroupsOf(body.patch);
    if (event.header.kind == Kind::kLocalCreated) edit.groups.insert(edit.groups.begin(), kExistence);
  }
  FieldMap stays;
  for (auto& [id, value] : body.patch) (Travels(id) ? edit.patch : stays)[id] = std::move(value);
  ApplyPatch(state.base, std::move(stays));
  if (edit.groups.empty()) return;
  DropParked(state, edit.groups);
  state.pending.push_back(std::move(edit));
}

// An item that is gone has nothing left that could be sent: what the server had refused of it lost against its
// deletion.
void LoseParked(ItemState& state) {
  for (const ParkedGroup* parked : state.ParkedBeyondDeletion())
    state.losers.push_back({parked->seq, state.base_seq, parked->refusal.group, false});
  state.parked.clear();
}

void ReduceRemote(ItemState& state, const Event& event, ChangeBody body) {
  state.base_seq = event.seq;
  if (!body.remote_id.empty()) state.remote_id = std::move(body.remote_id);
  if (body.version != 0) state.version = body.version;
  if (event.header.kind == Kind::kRemoteDeleted) {
    if (state.on_server) LoseParked(state);  // a deletion that the server refused has come about after all
    state.on_server = false;
    return;
  }
  if (event.header.kind == Kind::kRemoteCreated) {
    state.on_server = true;
    for (auto at = state.base.begin(); at != state.base.end();) at = Travels(at->first) ? state.base.erase(at) : at + 1;
  }
  ApplyPatch(state.base, std::move(body.patch));
}

// The server has this group of the edit now.
void Acknowledge(ItemState& state, const PendingEdit& edit, GroupId group) {
  if (group == kExistence) {
    state.on_server = edit.kind == Kind::kLocalCreated;
    return;
  }
  ApplyPatch(state.base, FieldsOfGroup(edit.patch, group));
}

void Park(ItemState& state, const PendingEdit& edit, GroupId group, const OutcomesBody& body) {
  ParkedGroup parked{edit.seq, edit.op, {}, FieldsOfGroup(edit.patch, group)};
  parked.refusal.group = group;
  for (const Refusal& refusal : body.refusals)
    if (refusal.group == group) parked.refusal = refusal;
  state.parked.push_back(std::move(parked));
}

// What was refused of an item before its person deleted it waits for nobody when that is done.
void DropRefusedBefore(ItemState& state, const PendingEdit& deletion) {
  if (deletion.kind != Kind::kLocalDeleted || state.LastPending(kExistence) != &deletion) return;
  std::erase_if(state.parked, [&](const ParkedGroup& parked) { return parked.seq < deletion.seq; });
}

void ReduceOutcome(ItemState& state, const Event& event, const OutcomesBody& body) {
  const Sequence rival =
      body.rival != 0 ? body.rival : state.base_seq;  // before this event itself counts as the base's
  if (!body.remote_id.empty()) state.remote_id = body.remote_id;
  if (body.version != 0) {
    state.version = body.version;
    state.base_seq = event.seq;
  }
  const auto found = std::find_if(state.pending.begin(), state.pending.end(),
                                  [&](const PendingEdit& edit) { return edit.op == event.header.op; });
  if (found == state.pending.end()) return;
  for (const GroupOutcome& outcome : body.groups) {
    if (!found->Has(outcome.group)) continue;
    if (outcome.kind == OutcomeKind::kAcknowledged || outcome.kind == OutcomeKind::kMerged)
      DropRefusedBefore(state, *found);
    switch (outcome.kind) {
      case OutcomeKind::kAcknowledged:
        Acknowledge(state, *found, outcome.group);
        break;
      case OutcomeKind::kParked:
        Park(state, *found, outcome.group, body);
        break;
      case OutcomeKind::kLoser:
        state.losers.push_back({found->seq, rival, outcome.group, false});
        break;
      case OutcomeKind::kMerged:
      case OutcomeKind::kSuperseded:
        break;
    }
    DropGroup(*found, outcome.group);
  }
  if (found->groups.empty()) state.pending.erase(found);
}

// Client-wins: the server's value lost against the pending edit `op`.
void ReduceOverruled(ItemState& state, const Event& event, const OutcomesBody& body) {
  const PendingEdit* winner = state.FindPending(event.header.op);
  const Sequence loser = body.rival != 0 ? body.rival : state.base_seq;
  for (const GroupOutcome& outcome : body.groups)
    state.losers.push_back({loser, winner != nullptr ? winner->seq : 0, outcome.group, true});
}

void ReduceSettled(ItemState& state, const SettledBody& body) {
  for (const SettledLoser& settled : body.losers)
    std::erase_if(state.losers,
                  [&](const LoserGroup& loser) { return loser.seq == settled.seq && loser.group == settled.group; });
}

}  // namespace

bool PendingEdit::Has(GroupId group) const { return std::find(groups.begin(), groups.end(), group) != groups.end(); }

FieldMap FieldsOfGroup(const FieldMap& patch, GroupId group) {
  FieldMap out;
  for (const auto& [id, value] : patch) {
    const Field* known = FindField(id);
    if (known != nullptr && known->group == group && known->sync == Sync::kBoth) out.emplace_hint(out.end(), id, value);
  }
  return out;
}

void ApplyPatch(FieldMap& fields, FieldMap&& patch) {
  for (auto&& [id, value] : patch) {
    if (IsNull(value))
      fields.erase(id);
    else
      fields.insert_or_assign(id, std::move(value));
  }
}

void ApplyPatch(FieldMap& fields, const FieldMap& patch) {
  for (const auto& [id, value] : patch) {
    if (IsNull(value))
      fields.erase(id);
    else
      fields.insert_or_assign(id, value);
  }
}

FieldMap ItemState::Head() const {
  FieldMap head = base;
  for (const ParkedGroup& group : parked) ApplyPatch(head, group.patch);
  for (const PendingEdit& edit : pending) ApplyPatch(head, edit.patch);
  return head;
}

Value ItemState::HeadValue(FieldId field_id) const {
  for (auto edit = pending.rbegin(); edit != pending.rend(); ++edit)
    if (const auto at = edit->patch.find(field_id); at != edit->patch.end()) return at->second;
  for (auto group = parked.rbegin(); group != parked.rend(); ++group)
    if (const auto at = group->patch.find(field_id); at != group->patch.end()) return at->second;
  const auto at = base.find(field_id);
  return at != base.end() ? at->second : Value{};
}

bool ItemState::Visible() const {
  for (auto edit = pending.rbegin(); edit != pending.rend(); ++edit)
    if (edit->Has(kExistence)) return edit->kind == Kind::kLocalCreated;
  for (auto group = parked.rbegin(); group != parked.rend(); ++group)
    if (group->refusal.group == kExistence && !on_server) return true;
  return on_server;
}

bool ItemState::Gone() const { return !on_server && pending.empty() && parked.empty() && losers.empty(); }

ItemId ItemState::Folder() const {
  const FieldId folder_field = field::FolderOf(type);
  if (folder_field == 0) return {};
  const Value value = HeadValue(folder_field);
  const auto* folder = std::get_if<ItemId>(&value);
  return folder != nullptr ? *folder : ItemId{};
}

const PendingEdit* ItemState::FindPending(OpId op) const {
  const auto found =
      std::find_if(pending.begin(), pending.end(), [&](const PendingEdit& edit) { return edit.op == op; });
  return found != pending.end() ? &*found : nullptr;
}

const PendingEdit* ItemState::LastPending(GroupId group) const {
  for (auto edit = pending.rbegin(); edit != pending.rend(); ++edit)
    if (edit->Has(group)) return &*edit;
  return nullptr;
}

std::vector<const ParkedGroup*> ItemState::ParkedBeyondDeletion() const {
  Sequence deletion = 0;
  for (const ParkedGroup& group : parked)
    if (group.refusal.group == kExistence) deletion = std::max(deletion, group.seq);
  if (const PendingEdit* last = LastPending(kExistence); last != nullptr && last->kind == Kind::kLocalDeleted)
    deletion = last->seq;
  std::vector<const ParkedGroup*> beyond;
  for (const ParkedGroup& group : parked)
    if (group.refusal.group != kExistence && group.seq >= deletion) beyond.push_back(&group);
  return beyond;
}

ItemType ContentOf(const ItemState& folder) {
  const Value content = folder.HeadValue(field::kFolderModule);
  const auto* name = std::get_if<std::string>(&content);
  return name != nullptr ? ItemTypeFromName(*name).value_or(ItemType::kNone) : ItemType::kNone;
}

const char* ItemStateName(const ItemState& state) {
  if (!state.losers.empty()) return "conflict";
  if (!state.parked.empty()) return "parked";
  if (!state.pending.empty()) return "pending";
  return state.on_server ? "synced" : "local";
}

namespace {

Result<void> ReduceKind(ItemState& state, const Event& event) {
  if (state.born_seq == 0) {
    state.id = event.header.item;
    state.type = event.header.item_type;
    state.born_seq = event.seq;
  }
  state.head_seq = event.seq;
  if (IsLocalChange(event.header.kind) || IsRemoteChange(event.header.kind)) {
    OUTPOST_TRY(ChangeBody body, DecodeChange(event.body));
    if (IsLocalChange(event.header.kind))
      ReduceLocal(state, event, std::move(body));
    else
      ReduceRemote(state, event, std::move(body));
  } else if (event.header.kind == Kind::kOutcome || event.header.kind == Kind::kOverruled) {
    OUTPOST_TRY(const OutcomesBody body, DecodeOutcomes(event.body));
    if (event.header.kind == Kind::kOutcome)
      ReduceOutcome(state, event, body);
    else
      ReduceOverruled(state, event, body);
  } else if (event.header.kind == Kind::kConflictSettled) {
    OUTPOST_TRY(const SettledBody body, DecodeSettled(event.body));
    ReduceSettled(state, body);
  }
  return Ok();
}

}  // namespace

Result<void> Reduce(ItemState& state, const Event& event) {
  if (event.header.item == ItemId{}) return Ok();
  if (event.header.kind == Kind::kItemForgotten) {
    state = {};
    return Ok();
  }
  if (event.header.kind == Kind::kItemRestated) {
    OUTPOST_TRY(state, DecodeItem(event.header.item, event.body));
    state.head_seq = event.seq;
    // Builds before rows version 12 left it parked.
    if (!state.on_server && state.pending.empty() && !state.Visible()) LoseParked(state);
  } else {
    OUTPOST_TRYV(ReduceKind(state, event));
  }
  if (!state.Gone())
    state.gone_since = Millis{0};
  else if (state.gone_since == Millis{0})
    state.gone_since = event.header.time;
  return Ok();
}

}  // namespace outpost
