#include <algorithm>

#include "journal/item_fold.h"
#include "replicator/blob_body.h"
#include "replicator/replicator.h"
#include "replicator/rows.h"

namespace outpost {
namespace {

const Value* FieldIn(const FieldMap& fields, FieldId id) {
  const auto at = fields.find(id);
  return at != fields.end() ? &at->second : nullptr;
}

}  // namespace

// Listings that one round asks for. Threads: the strand's.
struct Replicator::Listings {
  std::vector<ItemId> items;
  std::size_t next = 0;
  std::size_t under_way = 0;
  IncomingList incoming = std::make_shared<std::vector<Incoming>>();
  std::optional<Failure> failure;
  Next done;
};

Result<std::optional<RemoteItem>> Replicator::RemoteItemOf(const JournalView& view, const ItemId& id) const {
  OUTPOST_TRY(const std::optional<ItemState> item, LoadItem(view, id));
  if (!item || !item->on_server) return std::optional<RemoteItem>{};
  const Value* folder = FieldIn(item->base, field::FolderOf(item->type));
  OUTPOST_TRY(std::string remote, RemoteFolder(view, folder != nullptr ? *folder : Value{}));
  if (remote.empty()) return std::optional<RemoteItem>{};
  return std::optional<RemoteItem>(RemoteItem{std::move(remote), item->type, item->remote_id});
}

Result<std::vector<ItemId>> Replicator::AttachedTo(const JournalView& view, const ItemId& item) {
  std::vector<ItemId> attached;
  OUTPOST_TRYV(view.Scan(kAttached, item.View(), "", [&](std::string_view key, std::string_view) {
    if (const auto id = ItemId::FromView(key.substr(item.View().size()))) attached.push_back(*id);
    return true;
  }));
  return attached;
}

void Replicator::ReadAttachments(Next next) {
  auto listings = std::make_shared<Listings>();
  const auto scanned = journal_.View()->Scan(kAttachmentsDue, "", "", [&](std::string_view key, std::string_view) {
    const auto id = ItemId::FromView(key);
    if (id && !listings_failed_.contains(*id)) listings->items.push_back(*id);
    return listings->items.size() < tuning::kAttachmentListsPerRound;
  });
  if (!scanned) return Break(scanned.error());
  if (listings->items.empty()) return next();
  listings->done = std::move(next);
  PumpListings(listings);
}

void Replicator::PumpListings(const std::shared_ptr<Listings>& listings) {
  if (ended_) return;
  while (!listings->failure && listings->under_way < tuning::kInFlightRequests &&
         listings->next < listings->items.size()) {
    const auto view = journal_.View();
    const auto item = LoadItem(*view, listings->items[listings->next++]);
    if (!item) return Break(item.error());
    if (!item.value()) continue;
    const auto place = RemoteItemOf(*view, item.value()->id);
    if (!place) return Break(place.error());
    listings_failed_.insert(item.value()->id);  // until they are here
    if (!place.value()) continue;
    const AttachmentMarks marks = MarksOf(*item.value());
    const Listed listed{item.value()->id, item.value()->type, marks.count, marks.newest};
    ++listings->under_way;
    SendAsks({ask::Attachments{*place.value()}}, [this, listings, listed](Reply reply) {
      --listings->under_way;
      if (reply.failure) {
        listings_failed_.erase(listed.item);
        listings->failure = std::move(reply.failure);
      } else if (reply.answers.front().status == AnswerStatus::kDone) {
        link_failures_ = 0;
        listings_failed_.erase(listed.item);
        const auto taken =
            TakeAttachments(*journal_.View(), listed, std::move(reply.answers.front()), *listings->incoming);
        if (!taken) return Break(taken.error());
      }
      PumpListings(listings);
    });
  }
  if (listings->under_way > 0) return;
  if (listings->incoming->empty()) {
    if (listings->failure) return LinkFailed(*listings->failure, [this] { StartRound(); });
    return listings->done();
  }
  Store(std::exchange(listings->incoming, std::make_shared<std::vector<Incoming>>()), [this, listings] {
    ++news_in_round_;  // there may be more
    PumpListings(listings);
  });
}

// Who lists an item's few attachments says of each that is missing that it is gone.
Result<void> Replicator::TakeAttachments(const JournalView& view, const Listed& listed, Answer answer,
                                         std::vector<Incoming>& incoming) {
  std::set<std::string> there;
  for (RemoteRow& row : answer.rows) {
    row.fields[field::kAttachmentParent] = listed.item;
    there.insert(row.remote_id);
  }
  OUTPOST_TRY(const std::vector<ItemId> attached, AttachedTo(view, listed.item));
  for (const ItemId& id : attached) {
    OUTPOST_TRY(const std::optional<ItemState> attachment, LoadItem(view, id));
    if (attachment && attachment->on_server && !there.contains(attachment->remote_id))
      answer.deleted.push_back(attachment->remote_id);
  }
  Incoming part{{}, std::move(answer), {}, {}, {}, true, {}, listed};
  incoming.push_back(std::move(part));
  return Ok();
}

Result<std::optional<ItemId>> Replicator::AttachmentMadeHere(const JournalView& view,
                                                             const std::set<Sequence>& in_flight, const RemoteRow& row,
                                                             const Draft& draft) const {
  // The server tells no hash: another user's file of the same name and size is not ours all the same.
  const Value* by = FieldIn(row.fields, field::kAttachmentCreatedBy);
  if (by != nullptr && !dialect_.session().user_id.empty() && *by != Value("user:" + dialect_.session().user_id))
    return std::optional<ItemId>{};
  const Value* owner = FieldIn(row.fields, field::kAttachmentParent);
  const auto* item = owner != nullptr ? std::get_if<ItemId>(owner) : nullptr;
  if (item == nullptr) return std::optional<ItemId>{};
  OUTPOST_TRY(const std::vector<ItemId> attached, AttachedTo(view, *item));
  for (const ItemId& id : attached) {
    if (draft.touched.contains(id)) continue;
    OUTPOST_TRY(const std::optional<ItemState> known, LoadItem(view, id));
    if (!known || known->on_server) continue;
    FieldMap sent;
    for (const PendingEdit& edit : known->pending)
      if (in_flight.contains(edit.seq)) ApplyPatch(sent, edit.patch);
    const auto same = [&](FieldId field) {
      const Value *here = FieldIn(sent, field), *there = FieldIn(row.fields, field);
      return here != nullptr && there != nullptr && *here == *there;
    };
    if (same(field::kAttachmentName) && same(field::kAttachmentSize)) return std::optional<ItemId>(id);
  }
  return std::optional<ItemId>{};
}

Result<std::optional<Ask>> Replicator::MakeAttachmentAsk(const JournalView& view, const ItemState& attachment,
                                                         const BatchEntry& entry) const {
  OUTPOST_TRY(const std::optional<RemoteItem> item, RemoteItemOf(view, attachment.Folder()));
  if (!item) return std::optional<Ask>{};
  if (entry.verb == Verb::kDelete) return std::optional<Ask>(ask::Detach{*item, attachment.remote_id});
  const Value content = attachment.HeadValue(field::kAttachmentContent);
  const auto* blob = std::get_if<BlobRef>(&content);
  if (entry.verb != Verb::kCreate || blob == nullptr) return std::optional<Ask>{};
  const auto text = [&](FieldId field) {
    const Value value = attachment.HeadValue(field);
    const auto* found = std::get_if<std::string>(&value);
    return found != nullptr ? *found : std::string();
  };
  std::string type = text(field::kAttachmentType);
  if (type.empty()) type = "application/octet-stream";
  return std::optional<Ask>(ask::Attach{*item, text(field::kAttachmentName), std::move(type),
                                        BlobOpener(journal_, *blob),
                                        attachment.HeadValue(field::kAttachmentRichText) == Value(true)});
}

Result<void> Replicator::DraftAttachedGone(const JournalView& view, const std::set<Sequence>& in_flight,
                                           const ItemState& item, Draft& draft) {
  if (field::AttachmentsOf(item.type).count == 0) return Ok();
  OUTPOST_TRY(const std::vector<ItemId> attached, AttachedTo(view, item.id));
  for (const ItemId& id : attached) {
    OUTPOST_TRY(const std::optional<ItemState> attachment, LoadItem(view, id));
    if (!attachment || !attachment->on_server || draft.touched.contains(id)) continue;
    const ItemFacts facts = MakeItemFacts(id, attachment->type, &*attachment, in_flight, nullptr);
    DraftPlan(planner_.Gone(facts, settings_.policy, [this] { return NewOperation(); }), facts, &*attachment, nullptr,
              draft);
  }
  return Ok();
}

Result<bool> Replicator::IsAttaching(const JournalView& view, const std::set<Sequence>& in_flight,
                                     const ItemState& item) {
  if (in_flight.empty() || field::AttachmentsOf(item.type).count == 0) return false;
  OUTPOST_TRY(const std::vector<ItemId> attached, AttachedTo(view, item.id));
  for (const ItemId& id : attached) {
    OUTPOST_TRY(const std::optional<ItemState> attachment, LoadItem(view, id));
    if (attachment && std::any_of(attachment->pending.begin(), attachment->pending.end(),
                                  [&](const PendingEdit& edit) { return in_flight.contains(edit.seq); }))
      return true;
  }
  return false;
}

Result<void> Replicator::DraftOwnCount(const JournalView& view, const ItemState& attachment, std::int64_t change,
                                       std::int64_t version, Draft& draft) {
  OUTPOST_TRY(const std::optional<ItemState> item, LoadItem(view, attachment.Folder()));
  if (!item || !item->on_server || draft.touched.contains(item->id)) return Ok();
  const FieldId field = field::AttachmentsOf(item->type).count;
  const std::int64_t count = std::max<std::int64_t>(0, MarksOf(*item).count + change);
  ChangeBody body;
  body.patch[field] = count > 0 ? Value(count) : Value{};
  if (version > 0) body.patch[field::AttachmentsOf(item->type).newest] = version;
  draft.seen.push_back({item->id, item->head_seq});
  draft.touched.insert(item->id);
  draft.events.push_back({Kind::kRemoteChanged, Origin::kServer, item->type, item->id, {}, Encode(body)});
  return Ok();
}

}  // namespace outpost
