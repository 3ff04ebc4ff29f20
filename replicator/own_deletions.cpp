// Deletions made here, before they are told: too many of them in one folder, or with one, wait for a person's word.
#include <algorithm>

#include "journal/item_fold.h"
#include "replicator/queue.h"
#include "replicator/replicator.h"

namespace outpost {

// All deletions that wait to be told, by the folder that a person would be asked about: the topmost one that goes with
// them, else the one that they are in.
struct Replicator::OwnDeletions {
  struct Of {
    std::vector<ItemId> deleted;
    std::set<ItemId> folders;  // among them
  };
  std::map<ItemId, Of> by_folder;
};

Result<Replicator::OwnDeletions> Replicator::FindOwnDeletions(const JournalView& view) const {
  OwnDeletions found;
  Sequence ignored = 0;
  OUTPOST_TRY(const std::vector<ItemId> queued, QueuedItems(view, queue_from_, SIZE_MAX, ignored));
  std::set<ItemId> folders;
  std::map<ItemId, ItemId> place_of;
  for (const ItemId& id : queued) {
    OUTPOST_TRY(const std::optional<ItemState> item, LoadItem(view, id));
    if (!item || !IsDeletionPending(*item) || item->type == ItemType::kAttachment || IsUsersSetting(item->type))
      continue;
    const auto place = item->base.find(field::FolderOf(item->type));
    const auto* folder = place != item->base.end() ? std::get_if<ItemId>(&place->second) : nullptr;
    if (item->type == ItemType::kFolder) folders.insert(id);
    if (folder != nullptr || item->type == ItemType::kFolder) place_of[id] = folder != nullptr ? *folder : ItemId{};
  }
  for (const auto& [id, place] : place_of) {
    ItemId top = folders.contains(id) ? id : place;
    for (std::size_t depth = 0; depth < folders.size(); ++depth) {  // of a ring, which a conflict can make
      const auto above = place_of.find(top);
      if (above == place_of.end() || !folders.contains(above->second)) break;
      top = above->second;
    }
    auto& of = found.by_folder[top];
    of.deleted.push_back(id);
    if (folders.contains(id)) of.folders.insert(id);
  }
  return found;
}

// How many items go by `deleted`: with a folder all that it has on the server, be it deleted by itself or not.
Result<std::size_t> Replicator::CountOwnDeletions(const JournalView& view, const std::vector<ItemId>& deleted,
                                                  const std::set<ItemId>& folders) const {
  std::set<ItemId> going(deleted.begin(), deleted.end());
  for (const ItemId& id : deleted) {
    if (!folders.contains(id)) continue;
    going.erase(id);  // a folder counts by what is in it
    OUTPOST_TRY(const std::vector<ItemId> held, HeldIn(view, id, SIZE_MAX));
    going.insert(held.begin(), held.end());
  }
  return going.size();
}

// The question about one folder, if any; `held` gets what may not leave.
Result<std::optional<ConsentBody>> Replicator::WeighOwnDeletions(const JournalView& view, const ItemId& folder,
                                                                 std::vector<ItemId> deleted,
                                                                 const std::set<ItemId>& folders,
                                                                 std::set<ItemId>& held) {
  OUTPOST_TRY(const std::optional<ConsentBody> consent, LoadConsent(view, folder, true));
  const std::size_t before = deleted.size();
  if (consent && consent->answer == ConsentAnswer::kGiven) {
    const std::set<ItemId> given(consent->items.begin(), consent->items.end());
    std::erase_if(deleted, [&](const ItemId& id) { return given.contains(id); });
  }
  if (deleted.empty()) return std::optional<ConsentBody>{};
  OUTPOST_TRY(const std::size_t count, CountOwnDeletions(view, deleted, folders));
  if (!planner_.OwnNeedConsent(count, settings_.deletions)) return std::optional<ConsentBody>{};
  held.insert(deleted.begin(), deleted.end());
  own_held_count_ += count;
  report_.problem = std::to_string(count) + " items of folder " + folder.Hex() +
                    " were deleted here; that they go on the server waits for consent";
  // The word that was given is kept until all it was about is told.
  if (deleted.size() < before) return std::optional<ConsentBody>{};
  std::sort(deleted.begin(), deleted.end());
  deleted = OneQuestion(std::move(deleted), tuning::kQuestionItemsMax);
  if (consent && consent->answer == ConsentAnswer::kAsked && consent->items == deleted && consent->count == count)
    return std::optional<ConsentBody>{};
  OUTPOST_TRY(const std::vector<ItemId> there, HeldIn(view, folder, SIZE_MAX));
  return std::optional<ConsentBody>(ConsentBody{static_cast<std::uint32_t>(count),
                                                static_cast<std::uint32_t>(std::max(there.size(), count)),
                                                ConsentAnswer::kAsked, std::move(deleted), false, true});
}

Result<void> Replicator::DraftOwnQuestions(const JournalView& view, Draft& draft) {
  own_held_.clear();
  own_held_count_ = 0;
  OUTPOST_TRY(OwnDeletions found, FindOwnDeletions(view));
  for (auto& [folder, of] : found.by_folder) {
    if (of.folders.empty() && of.deleted.size() <= settings_.deletions.own) continue;
    OUTPOST_TRY(const std::optional<ItemState> place, LoadItem(view, folder));
    if (!place) continue;  // there is nothing to ask about
    OUTPOST_TRY(std::optional<ConsentBody> question,
                WeighOwnDeletions(view, folder, std::move(of.deleted), of.folders, own_held_));
    if (!question) continue;
    // An answer that a person gives now must not be overtaken by the question.
    draft.seen.push_back({folder, place->head_seq});
    draft.events.push_back({Kind::kConsent, Origin::kEngine, ItemType::kFolder, folder, {}, Encode(*question)});
  }
  return Ok();
}

// Deletions made up to now are weighed, and leave in this run where nobody is asked about them.
void Replicator::AskAboutOwnDeletions(Next next) {
  const auto view = journal_.View();
  Draft draft;
  if (const auto drafted = DraftOwnQuestions(*view, draft); !drafted) return Break(drafted.error());
  opening_ = true;
  Append(std::move(draft), Durability::kSynced, [this, to = view->last(), next = std::move(next)](auto appended) {
    opening_ = false;
    if (!appended && appended.error().code != Code::kPreconditionFailed) return Break(appended.error());
    if (appended) {
      own_weighed_to_ = to;
      report_.held_deletions += own_held_count_ - std::min(own_held_count_, own_held_reported_);
      own_held_reported_ = std::max(own_held_reported_, own_held_count_);
    }
    next();
  });
}

}  // namespace outpost
