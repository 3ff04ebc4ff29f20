#include <algorithm>
#include <unordered_map>

#include "journal/item_fold.h"
#include "replicator/identity.h"
#include "replicator/replicator.h"
#include "replicator/rows.h"

namespace outpost {

// What has to be fetched, and what is held here that the listing does not show.
Result<void> Replicator::CompareListing(FullRead& read, std::vector<RemoteHead> heads) {
  read.listing_empty = heads.empty();
  const bool examined = dialect_.IsExamined(read.folder.content);
  for (const RemoteHead& head : heads)
    if (!examined) read.cursor = std::max(read.cursor, head.version);
  const auto view = journal_.View();
  OUTPOST_TRY(const std::optional<ConsentBody> consent, LoadConsent(*view, read.folder.id));
  const bool given = consent && consent->answer == ConsentAnswer::kGiven;
  OUTPOST_TRY(const bool other_rights, RightsChangedSince(*view, read.folder.id));
  const bool rights_changed = other_rights || (consent && consent->closed && consent->answer == ConsentAnswer::kAsked);
  std::unordered_map<std::string, const RemoteHead*> listed;
  for (const RemoteHead& head : heads) listed.emplace(head.remote_id, &head);
  const std::string prefix = RemotePrefix(read.folder.content) + (examined ? read.folder.remote_id + ":" : "");
  Result<void> looked = Ok();
  OUTPOST_TRYV(view->Scan(kRemoteIndex, prefix, "", [&](std::string_view key, std::string_view row) {
    const auto id = ItemId::FromView(row);
    auto loaded = id ? LoadItem(*view, *id) : Result<std::optional<ItemState>>(std::optional<ItemState>{});
    if (!loaded) {
      looked = loaded.error();
      return false;
    }
    const auto& item = loaded.value();
    // An id of old, from before the item was made again, is not it.
    if (!item || !item->on_server || item->remote_id != key.substr(1)) return true;
    const auto at = item->base.find(field::FolderOf(item->type));
    if (at == item->base.end() || at->second != Value(read.folder.id)) return true;
    ++read.held;
    const auto found = listed.find(std::string(key.substr(1)));
    // Neither what became known after the listing was asked for is missing, nor what the listing may not know of yet,
    // unless a person has said that it is gone; but it may be hidden since the rights are others.
    const bool confirmed =
        given && std::find(consent->items.begin(), consent->items.end(), *id) != consent->items.end();
    if (found == listed.end() && item->base_seq <= read.asked_at) {
      if (!examined && !confirmed && !rights_changed && MayLag(read, *item)) {
        read.late.emplace(*id, item->version);
      } else {
        read.missing.push_back(*id);
        NoteMissing(*item);
      }
    }
    if (found != listed.end() && found->second->version == item->version && !IsOther(*item, Value(found->second->uid)))
      listed.erase(found);
    return true;
  }));
  OUTPOST_TRYV(looked);
  if (examined) OUTPOST_TRYV(TakeStrays(*view, read));
  read.listed = heads.size();
  for (RemoteHead& head : heads)
    if (listed.contains(head.remote_id)) read.wanted.push_back(std::move(head));
  read.stored = read.listed - read.wanted.size();
  if (examined) return Ok();  // what is missing may be one of the wanted, under another id
  std::sort(read.wanted.begin(), read.wanted.end(),
            [](const RemoteHead& a, const RemoteHead& b) { return a.version > b.version; });
  return SortOutMissing(read);
}

// Whether a listing without the item may be one that was made before the item was written: it knows of nothing so new,
// and that is not long ago, neither by the server's clock nor since another listing was without it. Where the end of an
// item is forgotten, and nobody wrote to the folder after it, no listing will ever know of anything newer.
bool Replicator::MayLag(const FullRead& read, const ItemState& item) const {
  if (item.version <= read.cursor) return false;
  const SessionInfo& session = dialect_.session();
  const auto since = std::chrono::duration_cast<Millis>(clock_.MonotonicNow() - session.then);
  if (session.server_now + since - Millis(item.version) >= tuning::kCompareAfterDoubt) return false;
  const auto last = comparisons_.find(read.folder.id);
  if (last == comparisons_.end() || clock_.MonotonicNow() - last->second.at < tuning::kCompareAfterDoubt) return true;
  const auto late = last->second.late.find(item.id);
  return late == last->second.late.end() || late->second != item.version;
}

Result<void> Replicator::FindStrays(const JournalView& view) {
  strays_.emplace();
  std::map<ItemId, std::string> names;
  OUTPOST_TRY(const std::vector<FolderWork> folders, LoadFolders(view));
  for (const FolderWork& folder : folders) names[folder.id] = folder.remote_id + ":";
  Result<void> looked = Ok();
  for (const ItemType type : ExaminedKinds()) {
    OUTPOST_TRYV(view.Scan(kRemoteIndex, RemotePrefix(type), "", [&](std::string_view key, std::string_view row) {
      const auto id = ItemId::FromView(row);
      const auto item = id ? LoadItem(view, *id) : Result<std::optional<ItemState>>(std::optional<ItemState>{});
      if (!item) looked = item.error();
      if (!item || !item.value() || !item.value()->on_server || item.value()->remote_id != key.substr(1))
        return looked.has_value();
      const auto at = item.value()->base.find(field::FolderOf(type));
      const auto* folder = at != item.value()->base.end() ? std::get_if<ItemId>(&at->second) : nullptr;
      const auto name = folder != nullptr ? names.find(*folder) : names.end();
      if (name != names.end() && !item.value()->remote_id.starts_with(name->second)) strays_->emplace(*folder, *id);
      return true;
    }));
    OUTPOST_TRYV(looked);
  }
  return Ok();
}

// A folder that was renamed here has items that still go by its old name: the listing has others for them. All items
// are looked at for that once in each process, and once after each renaming.
Result<void> Replicator::TakeStrays(const JournalView& view, FullRead& read) {
  const auto known = listed_as_.find(read.folder.id);
  if (known != listed_as_.end() && known->second == read.folder.remote_id) return Ok();
  if (!strays_) OUTPOST_TRYV(FindStrays(view));
  const auto [first, last] = strays_->equal_range(read.folder.id);
  for (auto stray = first; stray != last; ++stray) {
    OUTPOST_TRY(const std::optional<ItemState> item, LoadItem(view, stray->second));
    if (!item || !item->on_server) continue;
    ++read.held;
    if (item->base_seq > read.asked_at) continue;
    read.missing.push_back(item->id);
    NoteMissing(*item);
  }
  return Ok();
}

// What of the missing goes, and what a person is asked about first.
Result<void> Replicator::SortOutMissing(FullRead& read) {
  read.sorted_out = true;
  const auto view = journal_.View();
  OUTPOST_TRY(const std::optional<ConsentBody> consent, LoadConsent(*view, read.folder.id));
  OUTPOST_TRY(const bool other_rights, RightsChangedSince(*view, read.folder.id));
  const bool rights_changed = other_rights || (consent && consent->closed && consent->answer == ConsentAnswer::kAsked);
  if (dialect_.IsExamined(read.folder.content)) {
    Result<void> looked = Ok();
    std::erase_if(read.missing, [&](const ItemId& id) {
      const auto item = LoadItem(*view, id);
      if (!item) looked = item.error();
      return item && (!item.value() || item.value()->base_seq > read.asked_at);  // it has turned up
    });
    OUTPOST_TRYV(looked);
  }
  // What a person refused stays, until so much else is missing that he is asked again.
  Missing missing = SortMissing(consent, read.missing);
  read.missing = std::move(missing.confirmed);
  read.rights_changed = !missing.unasked.empty() && rights_changed;
  const bool ask = read.rights_changed ||
                   planner_.NeedConsent(missing.unasked.size(), read.held, read.listing_empty, settings_.deletions);
  std::vector<ItemId>& others = ask ? read.to_ask : read.missing;
  others.insert(others.end(), missing.unasked.begin(), missing.unasked.end());
  if (ask) others.insert(others.end(), missing.refused.begin(), missing.refused.end());
  std::sort(read.to_ask.begin(), read.to_ask.end());
  if (ask) {
    report_.held_deletions += read.to_ask.size();
    report_.problem = std::to_string(read.to_ask.size()) + " of " + std::to_string(read.held) + " items of folder " +
                      read.folder.id.Hex() + " are not in the server's listing; their deletion waits for consent";
  }
  return Ok();
}

// Whether the user's rights in the folder are others than when it was last compared in full.
Result<bool> Replicator::RightsChangedSince(const JournalView& view, const ItemId& folder) const {
  OUTPOST_TRY(const std::optional<ItemState> item, LoadItem(view, folder));
  if (!item) return false;
  bool changed = false, whole = false;
  Result<void> read = Ok();
  OUTPOST_TRYV(view.History(item->head_seq, [&](const Event& event) {
    if (event.header.kind == Kind::kCursorMoved) {
      const auto cursor = DecodeCursorMoved(event.body);
      if (!cursor) read = cursor.error();
      whole = cursor && cursor.value().complete;
      return cursor && !whole;
    }
    if (event.header.kind != Kind::kRemoteChanged) return true;
    const auto body = DecodeChange(event.body);
    if (!body) read = body.error();
    changed = body && body.value().patch.contains(field::kFolderOwnRights);
    return body && !changed;
  }));
  OUTPOST_TRYV(read);
  // What was dropped of the history may have been such a change.
  return changed || (!whole && item->born_seq < view.first());
}

// The rights may have gone while the listing was made: nothing that is missing counts as deleted before the server was
// asked for them once more.
void Replicator::AskRights(std::shared_ptr<FullRead> read, Next next) {
  read->rights_asked = true;
  const auto tree = LoadCursor(*journal_.View(), {});
  if (!tree) return Break(tree.error());
  FolderWork root;
  root.cursor = tree.value() ? tree.value()->cursor : 0;
  std::vector<Ask> asks;
  asks.push_back(ask::FolderChanges{AskFrom(root)});
  SendAsks(std::move(asks), [this, read, next = std::move(next)](Reply reply) {
    const Answer answer = reply.failure ? Answer{} : std::move(reply.answers.front());
    if (reply.failure || answer.status != AnswerStatus::kDone) {  // not known: the folder is read once more
      read->missing.clear();
      read->unsure = true;
      return EndFullRead(read, 0, next);
    }
    const auto folder = LoadItem(*journal_.View(), read->folder.id);
    if (!folder) return Break(folder.error());
    bool same = folder.value().has_value();
    for (const std::string& gone : answer.deleted) same = same && gone != read->folder.remote_id;
    for (const RemoteRow& row : answer.rows) {
      if (row.remote_id != read->folder.remote_id || !folder.value()) continue;
      const auto now = row.fields.find(field::kFolderOwnRights);
      const auto then = folder.value()->base.find(field::kFolderOwnRights);
      same = same && SameValue(now != row.fields.end() ? now->second : Value{},
                               then != folder.value()->base.end() ? then->second : Value{});
    }
    if (!same) {  // the next round has its row, and compares the folder anew
      read->missing.clear();
      read->held_back = true;
    }
    EndFullRead(read, 0, next);
  });
}

// A word was given for what was missing then: what comes back, and is missing again, is asked about anew.
NewEvent Replicator::ConsentUsedUp(const ItemId& folder) {
  return {Kind::kConsent,
          Origin::kEngine,
          ItemType::kFolder,
          folder,
          {},
          Encode(ConsentBody{0, 0, ConsentAnswer::kAsked, {}, false})};
}

// What a person is to be asked about the folder; a question that is moot by now is taken back.
void Replicator::DraftQuestion(FullRead& read, const std::optional<ConsentBody>& consent, Draft& draft) {
  const bool waits = consent && consent->answer == ConsentAnswer::kAsked;
  const auto count = static_cast<std::uint32_t>(read.to_ask.size());
  std::vector<ItemId> named = OneQuestion(read.to_ask, tuning::kQuestionItemsMax);
  if (waits ? consent->items == named && consent->count == count : read.to_ask.empty()) return;
  if (!waits && SortMissing(consent, read.to_ask).unasked.empty()) {  // he answered while the folder was read
    read.held_back = read.held_back || consent->answer == ConsentAnswer::kGiven;
    return;
  }
  draft.events.push_back({Kind::kConsent,
                          Origin::kEngine,
                          ItemType::kFolder,
                          read.folder.id,
                          {},
                          Encode(ConsentBody{count, static_cast<std::uint32_t>(read.held), ConsentAnswer::kAsked,
                                             std::move(named), read.rights_changed})});
}

// Deletions that the listing implies, as far as they may be done without asking; then the cursor.
void Replicator::EndFullRead(std::shared_ptr<FullRead> read, std::size_t at, Next next) {
  if (!read->sorted_out)
    if (const auto sorted = SortOutMissing(*read); !sorted) return Break(sorted.error());
  if (at == 0 && !read->missing.empty() && !read->rights_asked) return AskRights(read, std::move(next));
  const auto view = journal_.View();
  const auto in_flight = InFlight(*view);
  const auto consent = LoadConsent(*view, read->folder.id);
  const auto folder = LoadItem(*view, read->folder.id);
  if (!in_flight) return Break(in_flight.error());
  if (!consent || !folder) return Break(!consent ? consent.error() : folder.error());
  Draft draft;
  // An answer that a person gives now must not be overtaken by the question, or by the cursor.
  draft.seen.push_back({read->folder.id, folder.value() ? folder.value()->head_seq : 0});
  if (at == 0) DraftQuestion(*read, consent.value(), draft);
  std::size_t end = at;
  for (; end < read->missing.size() && draft.events.size() < tuning::kAppendEvents; ++end) {
    const auto item = LoadItem(*view, read->missing[end]);
    if (!item) return Break(item.error());
    if (!item.value() || item.value()->base_seq > read->asked_at) continue;  // news of it came in the meantime
    const auto fits = DraftGone(*view, in_flight.value(), read->missing[end], read->folder.id, draft);
    if (!fits) return Break(fits.error());
    if (!fits.value()) break;
    read->held_back = read->held_back || std::exchange(draft.held, false);
  }
  const bool last = end == read->missing.size();
  if (last && read->held_back) {
    ++news_in_round_;
  } else if (last && !read->unsure) {
    const auto known = LoadCursor(*view, read->folder.id);
    if (!known) return Break(known.error());
    // Of examined kinds a comparison that finds nothing leaves no trace.
    const bool same = known.value() && known.value()->complete && known.value()->columns == tuning::kColumnSet &&
                      known.value()->cursor == read->cursor;
    if (!same || !dialect_.IsExamined(read->folder.content))
      DraftCursor(read->folder.id, read->cursor, clock_.WallNow(), draft);
    if (consent.value() && consent.value()->answer == ConsentAnswer::kGiven && !consent.value()->items.empty())
      draft.events.push_back(ConsentUsedUp(read->folder.id));
    resynced_.insert(read->folder.id);
  }
  Append(std::move(draft), Durability::kSynced, [this, read, at, end, last, next](Result<Appended> appended) {
    if (!appended && appended.error().code != Code::kPreconditionFailed) return Break(appended.error());
    if (appended && last && (read->held_back || read->unsure)) return next();
    if (appended && last) {
      stale_.erase(read->folder.id);
      listed_as_[read->folder.id] = read->folder.remote_id;
      NoteAsked(read->folder, read->cursor, true);
      comparisons_[read->folder.id] = {clock_.MonotonicNow(), !read->late.empty(), std::move(read->late)};
      return next();
    }
    EndFullRead(read, appended ? end : at, next);
  });
}

}  // namespace outpost
