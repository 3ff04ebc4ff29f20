#include <algorithm>
#include <array>
#include <utility>

#include "journal/item_fold.h"
#include "replicator/identity.h"
#include "replicator/replicator.h"
#include "replicator/rows.h"
#include "schemas/folders.h"

namespace outpost {
namespace {

void CountOutcomes(const PlannedEvent& planned, SyncReport& counts) {
  for (const GroupOutcome& outcome : planned.outcomes.groups) switch (outcome.kind) {
      case OutcomeKind::kAcknowledged:
        ++counts.pushed;
        break;
      case OutcomeKind::kParked:
        ++counts.parked;
        break;
      case OutcomeKind::kLoser:
        ++counts.conflicts;
        break;
      case OutcomeKind::kMerged:
      case OutcomeKind::kSuperseded:
        break;
    }
}

}  // namespace

void Replicator::DraftPlan(const std::vector<PlannedEvent>& plan, const ItemFacts& facts, const ItemState* item,
                           const FieldMap* row_fields, Draft& draft) {
  draft.touched.insert(facts.id);
  if (plan.empty()) return;
  if (item != nullptr) draft.seen.push_back({facts.id, facts.head});
  const auto has = [&](Kind kind) {
    return std::any_of(plan.begin(), plan.end(), [&](const PlannedEvent& planned) { return planned.kind == kind; });
  };
  if (item != nullptr && has(Kind::kRemoteDeleted) && !has(Kind::kConflictSettled))
    draft.counts.conflicts += item->ParkedBeyondDeletion().size();
  for (const PlannedEvent& planned : plan) {
    if (IsRemoteChange(planned.kind) && facts.type != ItemType::kPerson && facts.type != ItemType::kAttachment)
      ++draft.counts.pulled;
    CountOutcomes(planned, draft.counts);
    draft.events.push_back(Materialize(planned, facts.id, facts.type, item, row_fields));
  }
}

Result<ItemId> Replicator::FolderByRemoteId(const JournalView& view, const std::string& remote_id, Draft& draft) const {
  if (remote_id == kRemotePrivateRoot) return root::kPrivate;
  if (remote_id == kRemotePublicRoot) return root::kPublic;
  if (const auto known = draft.folders.find(remote_id); known != draft.folders.end()) return known->second;
  OUTPOST_TRY(const std::optional<ItemId> found, FindByRemoteId(view, ItemType::kFolder, remote_id));
  if (found) draft.folders[remote_id] = *found;
  return found.value_or(ItemId{});
}

// The item that the row is about; nullopt for one never seen. `by_id`: the one that has its id, or had it last. An item
// that is there under another id is not it: the server may know two objects with one uid, and an id of old comes back
// after an item was made again. But where the other id was just told as gone, somebody made the item again.
Result<std::optional<ItemId>> Replicator::ItemOfRow(const JournalView& view, const RemoteRow& row,
                                                    const std::optional<ItemState>& by_id) const {
  const auto is_it = [&](const std::optional<ItemState>& item) {
    return item && FieldOwner(item->type) == FieldOwner(row.type) &&
           (!item->on_server || item->remote_id == row.remote_id ||
            gone_ids_.contains(RemoteKey(item->type, item->remote_id)));
  };
  const auto uid = row.fields.find(field::UidOf(row.type));
  if (is_it(by_id) && !IsOther(*by_id, uid == row.fields.end() ? Value{} : uid->second))
    return std::optional<ItemId>(by_id->id);
  if (!field::IdentityOf(row.type).empty()) return MovedItem(view, row);
  if (uid == row.fields.end() || !std::holds_alternative<std::string>(uid->second)) return std::optional<ItemId>{};
  OUTPOST_TRY(const std::optional<ItemId> by_uid, FindByUid(view, std::get<std::string>(uid->second)));
  if (!by_uid) return by_uid;
  OUTPOST_TRY(const std::optional<ItemState> item, LoadItem(view, *by_uid));
  return is_it(item) ? by_uid : std::nullopt;
}

// The folder that was made here and is what an unknown row tells of: it has the place and the name that were sent where
// it is under way, else those that it has here, for nobody makes two folders of one name in one place.
Result<std::optional<ItemId>> Replicator::FolderMadeHere(const JournalView& view, const std::set<Sequence>& in_flight,
                                                         const RemoteRow& row, const ItemId& parent) const {
  std::vector<ItemId> here;
  OUTPOST_TRYV(view.Scan(kFoldersHere, "", "", [&](std::string_view key, std::string_view) {
    if (const auto id = ItemId::FromView(key)) here.push_back(*id);
    return true;
  }));
  const auto title = row.fields.find(field::kFolderTitle), module = row.fields.find(field::kFolderModule);
  if (title == row.fields.end() || module == row.fields.end()) return std::optional<ItemId>{};
  for (const ItemId& id : here) {
    OUTPOST_TRY(const std::optional<ItemState> folder, LoadItem(view, id));
    if (!folder || folder->on_server || folder->HeadValue(field::kFolderModule) != module->second) continue;
    FieldMap sent;
    for (const PendingEdit& edit : folder->pending)
      if (in_flight.contains(edit.seq)) ApplyPatch(sent, edit.patch);
    if (sent.empty() && folder->Visible()) sent = folder->Head();
    const auto sent_title = sent.find(field::kFolderTitle), sent_parent = sent.find(field::kFolderParent);
    if (sent_title != sent.end() && sent_title->second == title->second && sent_parent != sent.end() &&
        sent_parent->second == Value(parent))
      return std::optional<ItemId>(id);
  }
  return std::optional<ItemId>{};
}

void Replicator::NoteMissing(const ItemState& item) {
  gone_ids_.insert(RemoteKey(item.type, item.remote_id));
  missing_.emplace(IdentityKey(item.type, item.base), item.id);
}

// One that was deleted before is it too, where it has come back.
Result<std::optional<ItemId>> Replicator::MovedItem(const JournalView& view, const RemoteRow& row) const {
  const std::string key = IdentityKey(row.type, row.fields);
  const auto [first, last] = missing_.equal_range(key);
  for (auto at = first; at != last; ++at) {
    OUTPOST_TRY(const std::optional<ItemState> item, LoadItem(view, at->second));
    if (item && item->on_server && gone_ids_.contains(RemoteKey(item->type, item->remote_id)))
      return std::optional<ItemId>(at->second);
  }
  const auto uid = row.fields.find(field::UidOf(row.type));
  if (uid == row.fields.end() || !std::holds_alternative<std::string>(uid->second)) return std::optional<ItemId>{};
  OUTPOST_TRY(const std::optional<ItemId> by_uid, FindByUid(view, std::get<std::string>(uid->second)));
  if (!by_uid) return std::optional<ItemId>{};
  OUTPOST_TRY(const std::optional<ItemState> item, LoadItem(view, *by_uid));
  // What was never there, such as a copy made here, is told again by its folder too (MailMadeHere).
  const bool same = item && !item->on_server && !item->remote_id.empty() && item->type == row.type &&
                    IdentityKey(item->type, item->base) == key;
  return same ? by_uid : std::nullopt;
}

// An item whose id the server has given to another object is not there any more.
bool Replicator::DraftDisplaced(const std::set<Sequence>& in_flight, const RemoteRow& row,
                                const std::optional<ItemState>& by_id, Draft& draft) {
  const auto uid = row.fields.find(field::UidOf(row.type));
  if (!by_id || !by_id->on_server || by_id->remote_id != row.remote_id || uid == row.fields.end() ||
      !IsOther(*by_id, uid->second))
    return true;
  if (draft.touched.contains(by_id->id)) return false;
  const ItemFacts facts = MakeItemFacts(by_id->id, by_id->type, &*by_id, in_flight, nullptr);
  DraftPlan(planner_.Gone(facts, settings_.policy, [this] { return NewOperation(); }), facts, &*by_id, nullptr, draft);
  return true;
}

Result<bool> Replicator::DraftDisplacedBy(const JournalView& view, const ItemId& id, const std::string& remote_id,
                                          Draft& draft) {
  if (remote_id.empty()) return false;
  OUTPOST_TRY(const std::optional<ItemState> item, LoadItem(view, id));
  if (!item) return false;
  OUTPOST_TRY(const std::optional<ItemId> other_id, FindByRemoteId(view, item->type, remote_id));
  if (!other_id || *other_id == id) return false;
  OUTPOST_TRY(const std::optional<ItemState> other, LoadItem(view, *other_id));
  if (!other || !other->on_server || other->remote_id != remote_id) return false;
  OUTPOST_TRY(const std::set<Sequence> in_flight, InFlight(view));
  OUTPOST_TRY(const bool inside, DraftContentsGone(view, in_flight, *other_id, draft));
  if (inside) return true;  // the folder itself goes last
  const ItemFacts facts = MakeItemFacts(*other_id, other->type, &*other, in_flight, nullptr);
  DraftPlan(planner_.Gone(facts, settings_.policy, [this] { return NewOperation(); }), facts, &*other, nullptr, draft);
  closed_.erase(*other_id);  // under client-wins it may be made again
  return true;
}

// Where ids are paths those below a folder change with its name: the same name below the same folder is the same. So is
// the name and place that an edit under way gives it.
Result<std::optional<ItemId>> Replicator::FolderWithOtherId(const JournalView& view,
                                                            const std::set<Sequence>& in_flight, const RemoteRow& row,
                                                            const ItemId& parent) const {
  FieldMap there = row.fields;
  there[field::kFolderParent] = parent;
  const auto is_it = [&](const FieldMap& here) {
    return std::ranges::all_of(std::array{field::kFolderTitle, field::kFolderModule, field::kFolderParent},
                               [&](FieldId field) {
                                 const auto at = here.find(field);
                                 const auto wanted = std::as_const(there).find(field);
                                 return at != here.end() && wanted != there.end() && at->second == wanted->second;
                               });
  };
  for (const ItemId& id : vanished_) {
    OUTPOST_TRY(const std::optional<ItemState> folder, LoadItem(view, id));
    if (!folder || !folder->on_server || !parent) continue;
    FieldMap sent = folder->base;
    for (const PendingEdit& edit : folder->pending)
      if (in_flight.contains(edit.seq)) ApplyPatch(sent, edit.patch);
    if (is_it(folder->base) || is_it(sent)) return std::optional<ItemId>(id);
  }
  return std::optional<ItemId>{};
}

Result<bool> Replicator::DraftRow(const JournalView& view, const std::set<Sequence>& in_flight, const RemoteRow& row,
                                  Draft& draft) {
  if (row.type == ItemType::kPerson && row.fields.contains(field::kPersonBusyAsked))
    return DraftBusy(view, in_flight, row, draft);
  OUTPOST_TRY(std::optional<ItemState> by_id, LoadByRemoteId(view, row.type, row.remote_id));
  if (!DraftDisplaced(in_flight, row, by_id, draft)) return false;
  OUTPOST_TRY(const ItemId folder, FolderByRemoteId(view, row.folder, draft));
  std::optional<ItemId> known;
  // A restored server gives the ids of folders that it lost to new ones: what a create under way made is no folder of
  // old.
  if (row.type == ItemType::kFolder && by_id && !by_id->on_server && !in_flight.empty()) {
    OUTPOST_TRY(known, FolderMadeHere(view, in_flight, row, folder));
  }
  if (!known) {
    OUTPOST_TRY(known, ItemOfRow(view, row, by_id));
  }
  if (!known && row.type == ItemType::kFolder) {
    OUTPOST_TRY(known, FolderMadeHere(view, in_flight, row, folder));
    if (!known) {
      OUTPOST_TRY(known, FolderWithOtherId(view, in_flight, row, folder));
    }
  }
  if (!known && row.type == ItemType::kAttachment) {
    OUTPOST_TRY(known, AttachmentMadeHere(view, in_flight, row, draft));
  }
  if (!known && IsUsersSetting(row.type)) {
    OUTPOST_TRY(known, SettingMadeHere(view, row, folder));
  }
  if (!known && row.type == ItemType::kMail) {
    OUTPOST_TRY(known, MailMadeHere(view, in_flight, row, folder));
  }
  // Told by two answers, as where it moved between them: the next append knows it by the first.
  if (!known && !draft.made.insert(RemoteKey(row.type, row.remote_id)).second) return false;
  const ItemId id = known ? *known : MakeId<ItemId>(clock_.WallNow(), random_);
  if (draft.touched.contains(id)) return false;
  doubted_.erase(id);
  sought_.erase(id);
  unread_.erase(id);
  if (dialect_.IsExamined(row.type)) seen_.insert(id);
  FieldMap row_fields = RowFields(row, folder);
  std::optional<ItemState> item;
  if (known && by_id && by_id->id == id) {
    item = std::move(by_id);
  } else if (known) {
    OUTPOST_TRY(item, LoadItem(view, id));
  }
  if (item && item->type == ItemType::kMail) NoteStored(*item, row_fields);
  if (item && FieldOwner(row.type) == ItemType::kContact) NotePhoto(*item, in_flight, row_fields);
  if (item && row.type == ItemType::kPerson) KeepBusy(*item, row_fields);
  if (row.type == ItemType::kFolder) draft.folders[row.remote_id] = id;
  const ItemState* before = item ? &*item : nullptr;
  const ItemFacts facts = MakeItemFacts(id, row.type, before, in_flight, &row_fields);
  bool attaching = false;
  if (item && !item->pending.empty()) {
    OUTPOST_TRY(attaching, IsAttaching(view, in_flight, *item));
  }
  const auto plan = planner_.Row(facts, MakeRowFacts(before, row, row_fields, attaching), settings_.policy,
                                 [this] { return NewOperation(); });
  DraftPlan(plan, facts, before, &row_fields, draft);
  if (row.type == ItemType::kFolder && before != nullptr)
    OUTPOST_TRYV(DraftFolderRow(view, *before, row_fields, !plan.empty(), draft));
  return true;
}

bool Replicator::Believe(const ItemId& item) {
  const auto [doubt, is_new] = doubted_.try_emplace(item, pulls_);
  if (is_new || doubt->second == pulls_) return false;
  doubted_.erase(doubt);
  sought_.erase(item);
  return true;
}

// An answer says again that an item is not where it was, and the changes of all folders since the first time told
// neither of its end nor of a move: the server is not what it was (a backup). Before that is believed all folders of
// its kind are compared in full, once: it may lie in another one.
bool Replicator::SeekFirst(const ItemState& item) {
  const auto doubt = doubted_.find(item.id);
  if (item.type == ItemType::kFolder || dialect_.IsExamined(item.type)) return false;
  if (doubt == doubted_.end() || doubt->second == pulls_ || !sought_.insert(item.id).second) return false;
  doubt->second = pulls_;
  for (auto& [folder, comparison] : comparisons_)
    if (folder) comparison.at = clock_.MonotonicNow() - std::chrono::microseconds(tuning::kCompareEvery);
  return true;
}

Result<bool> Replicator::DraftGone(const JournalView& view, const std::set<Sequence>& in_flight, const ItemId& id,
                                   const ItemId& folder, Draft& draft) {
  if (draft.touched.contains(id)) return false;
  OUTPOST_TRY(const std::optional<ItemState> item, LoadItem(view, id));
  if (!item || !item->on_server) return true;
  const auto at = item->base.find(field::FolderOf(item->type));
  if (folder && (at == item->base.end() || at->second != Value(folder))) return true;  // it is somewhere else by now
  if ((!item->pending.empty() || !item->ParkedBeyondDeletion().empty()) && !Believe(id)) {
    draft.held = true;
    return true;
  }
  unread_.erase(id);
  const ItemFacts facts = MakeItemFacts(id, item->type, &*item, in_flight, nullptr);
  DraftPlan(planner_.Gone(facts, settings_.policy, [this] { return NewOperation(); }), facts, &*item, nullptr, draft);
  OUTPOST_TRYV(DraftAttachedGone(view, in_flight, *item, draft));
  return true;
}

Result<std::vector<ItemId>> Replicator::FoldersBelow(const JournalView& view, const ItemId& folder) const {
  OUTPOST_TRY(const std::vector<ItemId> all, FoldersOnServerEver(view));
  std::vector<ItemId> below;
  for (const ItemId& id : all) {
    OUTPOST_TRY(const std::optional<ItemState> item, LoadItem(view, id));
    if (!item || !item->on_server) continue;
    const auto parent = item->base.find(field::kFolderParent);
    if (parent != item->base.end() && parent->second == Value(folder)) below.push_back(id);
  }
  return below;
}

Result<std::vector<ItemId>> Replicator::HeldIn(const JournalView& view, const ItemId& folder, std::size_t most) const {
  std::vector<ItemId> inside;
  OUTPOST_TRY(const std::optional<ItemState> place, LoadItem(view, folder));
  if (!place) return inside;
  const std::string kind = RemotePrefix(ContentOf(*place));
  Result<void> looked = Ok();
  OUTPOST_TRYV(view.Scan(kRemoteIndex, kind, "", [&](std::string_view key, std::string_view row) {
    const auto id = ItemId::FromView(row);
    if (!id) return true;
    auto item = LoadItem(view, *id);
    if (!item) {
      looked = item.error();
      return false;
    }
    if (!item.value() || !item.value()->on_server || item.value()->remote_id != key.substr(1)) return true;
    const auto at = item.value()->base.find(field::FolderOf(item.value()->type));
    if (at != item.value()->base.end() && at->second == Value(folder)) inside.push_back(*id);
    return inside.size() < most;
  }));
  OUTPOST_TRYV(looked);
  return inside;
}

Result<bool> Replicator::DraftFolderGone(const JournalView& view, const std::set<Sequence>& in_flight,
                                         const ItemId& folder, Draft& draft) {
  if (!draft.events.empty()) return false;
  OUTPOST_TRY(const std::vector<ItemId> inside, HeldIn(view, folder, tuning::kAppendEvents));
  for (const ItemId& id : inside) OUTPOST_TRYV(DraftGone(view, in_flight, id, folder, draft));
  if (draft.held && draft.events.empty()) return true;
  if (!inside.empty()) return false;  // the folder itself goes last, when nothing is left in it
  OUTPOST_TRYV(DraftGone(view, in_flight, folder, {}, draft));
  closed_.erase(folder);  // under client-wins it may be made again
  return true;
}

// The server has said so itself: there is no need to look for them anywhere else.
Result<bool> Replicator::DraftContentsGone(const JournalView& view, const std::set<Sequence>& in_flight,
                                           const ItemId& folder, Draft& draft) {
  OUTPOST_TRY(const std::optional<ItemState> place, LoadItem(view, folder));
  if (!place || place->type != ItemType::kFolder) return false;
  OUTPOST_TRY(const std::vector<ItemId> inside, HeldIn(view, folder, tuning::kAppendEvents));
  for (const ItemId& id : inside) {
    OUTPOST_TRY(const std::optional<ItemState> item, LoadItem(view, id));
    if (!item || draft.touched.contains(id)) continue;
    const ItemFacts facts = MakeItemFacts(id, item->type, &*item, in_flight, nullptr);
    DraftPlan(planner_.Gone(facts, settings_.policy, [this] { return NewOperation(); }), facts, &*item, nullptr, draft);
    OUTPOST_TRYV(DraftAttachedGone(view, in_flight, *item, draft));
  }
  return !draft.events.empty();
}

void Replicator::DraftCursor(const ItemId& folder, std::int64_t cursor, Millis compared, Draft& draft) {
  draft.events.push_back({Kind::kCursorMoved,
                          Origin::kEngine,
                          folder ? ItemType::kFolder : ItemType::kNone,
                          folder,
                          {},
                          Encode(CursorMovedBody{cursor, tuning::kColumnSet, true, compared})});
}

void Replicator::Append(Draft draft, Durability durability, std::function<void(Result<Appended>)> done) {
  if (draft.events.empty()) return done(Appended{});
  const SyncReport counts = draft.counts;
  // The writer may answer when this object is gone already; the strand is there for longer, and runs nothing any more
  // when the account closes.
  auto answered = OfRun([this, counts, done = std::move(done)](const Result<Appended>& appended) {
    planner_.NoteAppended(appended ? appended.value().first : 0, appended ? appended.value().last : 0);
    if (appended) {
      report_.pulled += counts.pulled;
      report_.pushed += counts.pushed;
      report_.parked += counts.parked;
      report_.conflicts += counts.conflicts;
      report_.resumed_batches += counts.resumed_batches;
      news_in_round_ += counts.pulled + counts.pushed + counts.parked + counts.conflicts;
    }
    done(appended);
  });
  planner_.Flush();
  journal_.Append(std::move(draft.events), std::move(draft.seen), durability,
                  [&strand = strand_, answered = std::move(answered)](Result<Appended> appended) {
                    strand.Post([answered, appended = std::move(appended)] { answered(appended); });
                  });
}

}  // namespace outpost
