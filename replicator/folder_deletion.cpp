// Whether a folder's deletion may leave now: on the server all goes that is in the folder by then.
#include <algorithm>

#include "journal/item_fold.h"
#include "replicator/queue.h"
#include "replicator/replicator.h"
#include "replicator/rows.h"

namespace outpost {

// Of something without edits to tell: the person moved it away, and the server refused that.
bool Replicator::IsShownElsewhere(const ItemState& item, const ItemId& folder) {
  return item.Visible() && item.Folder() != folder;
}

// The newest change of the item after `since` that somebody made elsewhere; 0: none. What came without a version, such
// as a source or a photo, and what only the server says of an item are none: no edit of the item would meet them
// either.
Result<Sequence> Replicator::ChangedElsewhere(const JournalView& view, const ItemState& item, Sequence since) {
  Sequence newest = 0;
  if (item.base_seq <= since) return newest;
  bool whole = false;
  Result<void> looked = Ok();
  OUTPOST_TRYV(view.History(item.head_seq, [&](const Event& event) {
    whole = event.seq <= since;
    if (whole) return false;
    if (!IsRemoteChange(event.header.kind)) return true;
    const auto change = DecodeChange(event.body);
    if (!change) {
      looked = change.error();
      return false;
    }
    const bool edited = event.header.kind == Kind::kRemoteCreated || !GroupsOf(change.value().patch).empty();
    if (change.value().version != 0 && edited) newest = event.seq;
    return newest == 0;
  }));
  OUTPOST_TRYV(looked);
  // What was dropped of the history may have been such a change.
  if (newest == 0 && !whole && since < view.first()) newest = item.base_seq;
  return newest;
}

// What is in `folder`, or was until an edit that is still to be told.
Result<InsideFacts> Replicator::LookInside(const JournalView& view, const ItemState& folder, Sequence deleted) const {
  InsideFacts inside;
  Sequence ignored = 0;
  OUTPOST_TRY(const std::vector<ItemId> queued, QueuedItems(view, queue_from_, SIZE_MAX, ignored));
  for (const ItemId& id : queued) {
    OUTPOST_TRY(const std::optional<ItemState> item, LoadItem(view, id));
    if (!item || id == folder.id) continue;
    const auto base = item->base.find(field::FolderOf(item->type));
    inside.waits = item->Folder() == folder.id || (base != item->base.end() && base->second == Value(folder.id));
    if (inside.waits) return inside;
  }
  const auto take = [&](const ItemState& item, const ItemId& there) -> Result<void> {
    OUTPOST_TRY(const Sequence change, ChangedElsewhere(view, item, deleted));
    inside.news = std::max(inside.news, change);
    inside.moved_away = inside.moved_away || IsShownElsewhere(item, there);
    return Ok();
  };
  // Folders below whose own deletion is done are not on the server any more: at any depth it is about the few of which
  // it was parked or lost, or that came since.
  std::vector<ItemId> tree{folder.id};
  for (std::size_t at = 0; at < tree.size(); ++at) {
    const ItemId above = tree[at];
    OUTPOST_TRY(const std::vector<ItemId> held, HeldIn(view, above, SIZE_MAX));
    for (const ItemId& id : held) {
      OUTPOST_TRY(const std::optional<ItemState> item, LoadItem(view, id));
      if (item) OUTPOST_TRYV(take(*item, above));
    }
    OUTPOST_TRY(const std::vector<ItemId> below, FoldersBelow(view, above));
    for (const ItemId& id : below) {
      OUTPOST_TRY(const std::optional<ItemState> item, LoadItem(view, id));
      if (!item || std::find(tree.begin(), tree.end(), id) != tree.end()) continue;
      OUTPOST_TRYV(take(*item, above));
      tree.push_back(id);
      for (const LoserGroup& loser : item->losers)  // its own deletion lost against what is in it
        if (loser.group == kExistence && !loser.server_lost && loser.rival > deleted)
          inside.news = std::max(inside.news, loser.rival);
    }
  }
  return inside;
}

// Whether the deletion of a folder is to be sent now.
Result<bool> Replicator::DraftFolderDeletion(const JournalView& view, const ItemState& folder, const ItemFacts& facts,
                                             const BatchEntry& entry, Draft& draft) {
  OUTPOST_TRY(const InsideFacts inside, LookInside(view, folder, entry.intents.front()));
  FolderDeletionPlan plan = planner_.FolderDeletion(facts, entry, inside, settings_.policy);
  if (inside.waits) {
    waits_.insert(folder.id);
    return false;
  }
  const bool told = std::any_of(folder.losers.begin(), folder.losers.end(), [&](const LoserGroup& loser) {
    return loser.server_lost && loser.rival == entry.intents.front();
  });
  if (!plan.send || !told) DraftPlan(plan.events, facts, &folder, nullptr, draft);
  return plan.send;
}

}  // namespace outpost
