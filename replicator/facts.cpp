#include "replicator/facts.h"

#include <algorithm>

#include "schemas/folders.h"

namespace outpost {
namespace {

using Texts = std::vector<std::string>;

bool FromServer(FieldId id) {
  const Field* known = FindField(id);
  return known != nullptr && known->sync != Sync::kLocal;
}

const Value* Find(const FieldMap& fields, FieldId id) {
  const auto at = fields.find(id);
  return at != fields.end() ? &at->second : nullptr;
}

bool SameField(const FieldMap& a, const FieldMap& b, FieldId id) {
  static const Value kNone;
  const Value* left = Find(a, id);
  const Value* right = Find(b, id);
  return SameValue(left != nullptr ? *left : kNone, right != nullptr ? *right : kNone);
}

// A list that is one text of lines, which each begin with whom they are about: the rights in a folder.
bool NamesPeople(FieldId id) { return id == field::kFolderPermissions; }

Texts TextsOf(const FieldMap& fields, FieldId id) {
  const Value* value = Find(fields, id);
  if (NamesPeople(id)) return value != nullptr ? RightsLines(*value) : Texts{};
  const auto* texts = value != nullptr ? std::get_if<Texts>(value) : nullptr;
  return texts != nullptr ? *texts : Texts{};
}

// Fields of an appointment that servers fill in where its create says nothing of them.
constexpr std::string_view kFilledIn[] = {"timezone", "organizer", "sequence", "participants", "confirmation"};

// Whether the server may have given an item that was made here, or was written here last and by nobody since, this
// value by itself: it is nobody's change. Of people, it only knows whose the item is.
bool IsFilledIn(const ItemState& item, FieldId id, const FieldMap& row_fields, std::int64_t row_version) {
  if (item.type != ItemType::kAppointment) return false;
  const bool own_write = item.version == row_version;
  const bool counted = id == field::kAppointmentSequence;  // with each write
  if (item.on_server && !(own_write && (counted || Find(item.base, id) == nullptr))) return false;
  const Field* known = FindField(id);
  return known != nullptr &&
         std::find(std::begin(kFilledIn), std::end(kFilledIn), known->name) != std::end(kFilledIn) &&
         TextsOf(row_fields, id).size() <= 1 &&
         std::none_of(item.pending.begin(), item.pending.end(),
                      [&](const PendingEdit& edit) { return Find(edit.patch, id) != nullptr; });
}

// Whether the row has the value that `edit` gave the group: the base with the edit over it. Of a create that is under
// way, and that nothing was done after, only what it states counts: what else the group has came on top of it, from
// the server or from somebody who had it before him.
bool EqualsRow(const ItemState& item, const PendingEdit& edit, bool in_flight, GroupId group,
               const FieldMap& row_fields) {
  constexpr std::int64_t kAnyVersion = -1;
  FieldMap wanted = item.base;
  ApplyPatch(wanted, FieldsOfGroup(edit.patch, group));
  const bool only_stated =
      edit.kind == Kind::kLocalCreated && in_flight && !item.on_server && edit.seq == item.pending.back().seq;
  return std::all_of(AllFields().begin(), AllFields().end(), [&](const Field& field) {
    if (field.group != group || field.sync != Sync::kBoth || IsFilledIn(item, field.id, row_fields, kAnyVersion))
      return true;
    return (only_stated && Find(edit.patch, field.id) == nullptr) || SameField(wanted, row_fields, field.id);
  });
}

bool HasText(const Texts& texts, const std::string& text) {
  return std::find(texts.begin(), texts.end(), text) != texts.end();
}

// The row's members, less those removed here, with those added here behind.
Texts MergeTexts(const Texts& base, const Texts& local, const Texts& row) {
  Texts merged;
  for (const std::string& text : row)
    if (!HasText(base, text) || HasText(local, text)) merged.push_back(text);
  for (const std::string& text : local)
    if (!HasText(base, text) && !HasText(merged, text)) merged.push_back(text);
  return merged;
}

Value ValueOf(FieldId id, Texts texts) {
  return NamesPeople(id) ? RightsField(std::move(texts)) : Value(std::move(texts));
}

std::set<std::string> ChangedPeople(const Texts& from, const Texts& to) {
  std::set<std::string> people;
  for (const auto& [texts, others] : {std::pair(&from, &to), std::pair(&to, &from)})
    for (const std::string& text : *texts)
      if (!HasText(*others, text)) people.insert(text.substr(0, text.find(' ')));
  return people;
}

// Whether the newest edit of the group and the row changed what is of different people.
bool ChangesOtherPeople(const ItemState& item, const Field& field, const FieldMap& row_fields) {
  const PendingEdit* edit = item.LastPending(field.group);
  if (!NamesPeople(field.id) || edit == nullptr) return false;
  const Texts base = TextsOf(item.base, field.id);
  const auto here = ChangedPeople(base, TextsOf(edit->patch, field.id));
  const auto there = ChangedPeople(base, TextsOf(row_fields, field.id));
  return std::none_of(here.begin(), here.end(), [&](const std::string& who) { return there.contains(who); });
}

FieldMap MergeSetGroup(const ItemState& item, GroupId group, const FieldMap& row_fields) {
  FieldMap merged;
  const PendingEdit* edit = item.LastPending(group);
  if (edit == nullptr) return merged;
  for (const auto& [id, value] : FieldsOfGroup(edit->patch, group)) {
    merged[id] = ValueOf(id, MergeTexts(TextsOf(item.base, id), TextsOf(edit->patch, id), TextsOf(row_fields, id)));
  }
  return merged;
}

// The fields that a person cleared: the head has them no more.
void AddCleared(const ItemState& item, FieldMap& patch) {
  const auto add = [&](const FieldMap& typed) {
    for (const auto& [id, value] : typed)
      if (const Field* known = FindField(id);
          known != nullptr && known->sync == Sync::kBoth && IsNull(item.HeadValue(id)))
        patch[id] = Value{};
  };
  for (const ParkedGroup& parked : item.parked) add(parked.patch);
  for (const PendingEdit& edit : item.pending) add(edit.patch);
}

bool IsParked(const ItemState& item, GroupId group) {
  return std::any_of(item.parked.begin(), item.parked.end(),
                     [&](const ParkedGroup& parked) { return parked.refusal.group == group; });
}

}  // namespace

FieldMap RowFields(const RemoteRow& row, const ItemId& folder) {
  FieldMap fields = row.fields;
  const FieldId folder_field = field::FolderOf(row.type);
  if (folder_field != 0 && folder) fields[folder_field] = folder;
  return fields;
}

std::string IdentityKey(ItemType type, const FieldMap& fields) {
  std::string key;
  for (const FieldId id : field::IdentityOf(type)) {
    const Value* value = Find(fields, id);
    const auto* text = value != nullptr ? std::get_if<std::string>(value) : nullptr;
    const auto* number = value != nullptr ? std::get_if<std::int64_t>(value) : nullptr;
    const std::string part = text != nullptr ? *text : number != nullptr ? std::to_string(*number) : std::string();
    key += std::to_string(part.size()) + ':' + part;
  }
  return key;
}

FieldMap ChangedFields(const ItemState& item, const FieldMap& row_fields) {
  FieldMap changed;
  for (const auto& [id, value] : row_fields)
    if (!SameField(item.base, row_fields, id)) changed[id] = value;
  for (const auto& [id, value] : item.base)
    if (FromServer(id) && Find(row_fields, id) == nullptr && !SameValue(value, Value{})) changed[id] = Value{};
  return changed;
}

ItemFacts MakeItemFacts(const ItemId& id, ItemType type, const ItemState* item, const std::set<Sequence>& in_flight,
                        const FieldMap* row_fields) {
  ItemFacts facts;
  facts.id = id;
  facts.type = type;
  if (item == nullptr) return facts;
  facts.head = item->head_seq;
  facts.on_server = item->on_server;
  facts.version = item->version;
  facts.parked = !item->ParkedBeyondDeletion().empty();
  for (const PendingEdit& edit : item->pending) {
    // A day that is only answered says again what its series says.
    const bool restores = edit.kind == Kind::kLocalCreated && !item->on_server &&
                          (!item->remote_id.empty() || item->base.contains(field::kAppointmentAnswersDay));
    const bool under_way = in_flight.contains(edit.seq);
    EditFacts edit_facts{edit.seq, edit.op, edit.kind, under_way, restores, {}};
    for (const GroupId group : edit.groups)
      edit_facts.groups.push_back({group, group != kExistence && row_fields != nullptr &&
                                              EqualsRow(*item, edit, under_way, group, *row_fields)});
    facts.edits.push_back(std::move(edit_facts));
  }
  return facts;
}

RowFacts MakeRowFacts(const ItemState* item, const RemoteRow& row, const FieldMap& row_fields, bool attaching) {
  RowFacts facts;
  facts.remote_id = row.remote_id;
  facts.version = row.version;
  if (item == nullptr) return facts;
  // Our own attaching was the last that changed it: what it changed besides is nobody's change.
  const field::AttachmentFields attached = field::AttachmentsOf(item->type);
  const Value* newest = attached.newest != 0 ? Find(item->base, attached.newest) : nullptr;
  const bool by_attaching = attaching || (newest != nullptr && *newest == Value(row.version));
  facts.other_id = item->on_server && item->remote_id != row.remote_id;
  for (const auto& [id, value] : ChangedFields(*item, row_fields)) {
    if (IsFilledIn(*item, id, row_fields, row.version)) {
      facts.fills_in = true;
      continue;
    }
    const Field* known = FindField(id);
    const GroupId group = known != nullptr ? known->group : GroupId{0};
    if (by_attaching && (group == 0 || id == attached.count)) {
      facts.fills_in = true;
      continue;
    }
    // Who made a folder here says nothing of who may what in it: its first row does.
    const bool first_rights = id == field::kFolderPermissions && Find(item->base, id) == nullptr;
    facts.own_rights = facts.own_rights || id == field::kFolderOwnRights || first_rights;
    if (std::find(facts.changed.begin(), facts.changed.end(), group) == facts.changed.end())
      facts.changed.push_back(group);
    const auto edits_it = [&](const PendingEdit& edit) { return edit.Has(group) && Find(edit.patch, id) != nullptr; };
    const bool beyond = known != nullptr && known->sync == Sync::kBoth &&
                        std::none_of(item->pending.begin(), item->pending.end(), edits_it);
    if (beyond && std::find(facts.beyond_edits.begin(), facts.beyond_edits.end(), group) == facts.beyond_edits.end())
      facts.beyond_edits.push_back(group);
    const bool other_people = known != nullptr && ChangesOtherPeople(*item, *known, row_fields);
    if (other_people) facts.other_people.push_back(group);
    if (known == nullptr || (known->merge != Merge::kSet && !other_people) || item->LastPending(group) == nullptr)
      continue;
    bool equal = true;
    for (const auto& [set_field, merged] : MergeSetGroup(*item, group, row_fields))
      equal = equal && merged == ValueOf(set_field, TextsOf(row_fields, set_field));
    if (equal) facts.merges_to_row.push_back(group);
  }
  return facts;
}

NewEvent Materialize(const PlannedEvent& planned, const ItemId& id, ItemType type, const ItemState* item,
                     const FieldMap* row_fields) {
  NewEvent event{planned.kind, planned.origin, type, id, planned.op, {}};
  if (planned.kind == Kind::kOutcome || planned.kind == Kind::kOverruled) {
    event.body = Encode(planned.outcomes);
    return event;
  }
  if (planned.kind == Kind::kConflictSettled) {
    SettledBody settled;
    for (const ParkedGroup* parked : item->ParkedBeyondDeletion())
      settled.losers.push_back({parked->seq, 0, parked->refusal.group, false, false});
    event.body = Encode(settled);
    return event;
  }
  ChangeBody body;
  body.remote_id = planned.outcomes.remote_id;
  body.version = planned.outcomes.version;
  switch (planned.fields) {
    case PlannedEvent::Fields::kNone:
      break;
    case PlannedEvent::Fields::kRowAll:
      body.patch = *row_fields;
      break;
    case PlannedEvent::Fields::kRowChanged:
      body.patch = ChangedFields(*item, *row_fields);
      break;
    case PlannedEvent::Fields::kMergedSet:
      body.patch = MergeSetGroup(*item, planned.of_group, *row_fields);
      break;
    case PlannedEvent::Fields::kHeadGroup:
      for (const Field& field : AllFields()) {
        if (field.group != planned.of_group || field.sync != Sync::kBoth) continue;
        const Value value = item->HeadValue(field.id);
        if (!IsNull(value) || Find(*row_fields, field.id) != nullptr) body.patch[field.id] = value;
      }
      break;
    case PlannedEvent::Fields::kHeadUnedited:
    case PlannedEvent::Fields::kHeadEdited:
      for (const auto& [field_id, value] : item->Head()) {
        const Field* known = FindField(field_id);
        if (known == nullptr || known->sync != Sync::kBoth) continue;
        const bool edited = item->LastPending(known->group) != nullptr || IsParked(*item, known->group);
        if (edited == (planned.fields == PlannedEvent::Fields::kHeadEdited)) body.patch[field_id] = value;
      }
      if (planned.fields == PlannedEvent::Fields::kHeadEdited) AddCleared(*item, body.patch);
      break;
  }
  if (item != nullptr && item->remote_id == body.remote_id) body.remote_id.clear();
  event.body = Encode(body);
  return event;
}

FieldMap EntryFields(const ItemState& item, const BatchEntry& entry) {
  FieldMap fields;
  for (const PendingEdit& edit : item.pending) {
    if (std::find(entry.intents.begin(), entry.intents.end(), edit.seq) == entry.intents.end()) continue;
    for (const GroupId group : entry.groups)
      for (const auto& [id, value] : FieldsOfGroup(edit.patch, group)) fields[id] = value;
  }
  return fields;
}

}  // namespace outpost
