#include "inspect/why_edits.h"

#include <algorithm>

namespace outpost {
namespace {

std::vector<FieldId> FieldsIn(const FieldMap& fields) {
  std::vector<FieldId> ids;
  for (const auto& [id, value] : fields) ids.push_back(id);
  return ids;
}

}  // namespace

Result<std::vector<EditFate>> FatesOf(const std::vector<Event>& events) {
  std::vector<EditFate> fates;
  std::map<OpId, std::vector<std::size_t>> of_op;
  const auto add = [&](const EditFate& fate, const OpId& op) {
    of_op[op].push_back(fates.size());
    fates.push_back(fate);
  };
  for (const Event& event : events) {
    const auto& header = event.header;
    if (header.kind == Kind::kItemRestated) {
      // The edits that waited at a checkpoint: their own events may be gone.
      OUTPOST_TRY(const auto item, DecodeItem(header.item, event.body));
      for (const PendingEdit& edit : item.pending)
        if (!of_op.contains(edit.op))
          for (const GroupId group : edit.groups)
            add({edit.seq, header.time, edit.kind, FieldsIn(FieldsOfGroup(edit.patch, group)), group, "pending", 0},
                edit.op);
    } else if (IsLocalChange(header.kind)) {
      OUTPOST_TRY(const auto body, DecodeChange(event.body));
      std::vector<GroupId> groups = header.kind == Kind::kLocalDeleted ? std::vector<GroupId>{} : GroupsOf(body.patch);
      if (header.kind != Kind::kLocalChanged) groups.insert(groups.begin(), kExistence);
      for (const GroupId group : groups)
        add({event.seq, header.time, header.kind, FieldsIn(FieldsOfGroup(body.patch, group)), group, "pending", 0},
            header.op);
    } else if (header.kind == Kind::kOutcome) {
      OUTPOST_TRY(const auto body, DecodeOutcomes(event.body));
      for (const GroupOutcome& outcome : body.groups)
        for (const std::size_t at : of_op[header.op])
          if (fates[at].group == outcome.group && fates[at].decided == 0) {
            fates[at].fate = OutcomeName(outcome.kind);
            fates[at].decided = event.seq;
          }
    }
  }
  return fates;
}

Result<std::vector<ChangedElsewhere>> EditsChangedElsewhere(const std::vector<Event>& events,
                                                            const std::vector<EditFate>& fates) {
  std::map<GroupId, const EditFate*> newest;
  for (const EditFate& fate : fates)
    if (fate.group != kExistence) newest[fate.group] = &fate;
  std::vector<ChangedElsewhere> out;
  for (const auto& [group, fate] : newest) {
    if (fate->fate != OutcomeName(OutcomeKind::kAcknowledged)) continue;
    for (const Event& event : events) {
      if (event.seq <= fate->decided || event.header.kind != Kind::kRemoteChanged) continue;
      OUTPOST_TRY(const auto body, DecodeChange(event.body));
      const FieldMap changed = FieldsOfGroup(body.patch, group);
      if (changed.empty()) continue;
      out.push_back({fate->seq, FieldsIn(changed), fate->decided, event.seq});
      break;
    }
  }
  return out;
}

Result<Tries> TriesOf(const JournalView& view, Sequence edit, Sequence until) {
  Tries tries;
  Result<void> read = Ok();
  const Sequence last = std::min({view.last(), until, edit + kTriesLookedThrough});
  OUTPOST_TRYV(view.Scan(edit, last, [&](const Event& event) {
    if (event.header.kind != Kind::kBatchOpened) return true;
    const auto body = DecodeBatchOpened(event.body);
    if (!body) {
      read = body.error();
      return false;
    }
    for (const BatchEntry& entry : body.value().entries)
      if (std::find(entry.intents.begin(), entry.intents.end(), edit) != entry.intents.end()) {
        ++tries.count;
        tries.newest = event.seq;
      }
    return true;
  }));
  OUTPOST_TRYV(read);
  return tries;
}

}  // namespace outpost
