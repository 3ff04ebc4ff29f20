#include <algorithm>

#include "journal/item_fold.h"
#include "replicator/blob_body.h"
#include "replicator/facts.h"
#include "replicator/replicator.h"
#include "replicator/rows.h"

namespace outpost {

void Replicator::NotePhoto(const ItemState& contact, const std::set<Sequence>& in_flight, FieldMap& row_fields) {
  if (!row_fields.contains(field::kContactPhotoStamp)) return;  // there is none
  if (contact.on_server) {
    for (const FieldId id : {field::kContactPhoto, field::kContactPhotoOf})
      if (const auto at = contact.base.find(id); at != contact.base.end()) row_fields[id] = at->second;
    return;
  }
  // What was sent with it, until it is known better.
  for (const PendingEdit& edit : contact.pending) {
    const auto at = edit.patch.find(field::kContactPhoto);
    if (edit.kind == Kind::kLocalCreated && in_flight.contains(edit.seq) && at != edit.patch.end())
      row_fields[field::kContactPhoto] = at->second;
  }
}

Result<void> Replicator::DraftPhoto(const JournalView& view, const ItemId& contact, const BlobRef& photo,
                                    Draft& draft) {
  OUTPOST_TRY(const std::optional<ItemState> item, LoadItem(view, contact));
  if (!item || !PhotoIsDue(*item)) return Ok();
  OUTPOST_TRY(const std::set<Sequence> in_flight, InFlight(view));
  FieldMap fields = item->base;
  Value stamp = fields[field::kContactPhotoStamp];
  fields[field::kContactPhoto] = photo;
  fields[field::kContactPhotoOf] = std::move(stamp);
  const RemoteRow row{item->remote_id, {}, item->version, item->type, {}};
  const ItemFacts facts = MakeItemFacts(contact, item->type, &*item, in_flight, &fields);
  const auto plan =
      planner_.Row(facts, MakeRowFacts(&*item, row, fields), settings_.policy, [this] { return NewOperation(); });
  DraftPlan(plan, facts, &*item, &fields, draft);
  return Ok();
}

std::function<std::shared_ptr<BodySource>()> Replicator::PhotoIn(const FieldMap& fields) const {
  const auto photo = fields.find(field::kContactPhoto);
  const auto* blob = photo != fields.end() ? std::get_if<BlobRef>(&photo->second) : nullptr;
  return blob != nullptr ? BlobOpener(journal_, *blob) : nullptr;
}

bool Replicator::KeepPhotoBack(const ItemState& contact, BatchEntry& entry) {
  if (entry.verb != Verb::kUpdate || !PhotoIsDue(contact) || sources_failed_.contains(contact.id)) return true;
  std::erase(entry.groups, FindField(field::kContactPhoto)->group);
  if (!entry.groups.empty()) return true;
  left_for_next_round_.insert(contact.id);
  ++news_in_round_;
  return false;
}

}  // namespace outpost
