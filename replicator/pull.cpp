#include <algorithm>

#include "journal/item_fold.h"
#include "replicator/replicator.h"
#include "replicator/rows.h"

namespace outpost {

// Parents before their children, so that a child finds the id its parent gets here; what hangs in a circle comes last.
void Replicator::ParentsFirst(std::vector<RemoteRow>& rows) {
  std::set<std::string> waiting;
  for (const RemoteRow& row : rows) waiting.insert(row.remote_id);
  auto from = rows.begin();
  for (bool moved = true; moved && from != rows.end();) {
    const auto rest =
        std::stable_partition(from, rows.end(), [&](const RemoteRow& row) { return !waiting.contains(row.folder); });
    moved = rest != from;
    for (; from != rest; ++from) waiting.erase(from->remote_id);
  }
}

// Before the server has said for how long it remembers deletions, only the tree is asked: whether a folder's changes
// suffice is not known yet.
void Replicator::Pull(Next next) {
  const bool horizon_known = dialect_.session().tombstone_horizon.count() > 0;
  const auto view = journal_.View();
  auto folders = LoadFolders(*view);
  if (!folders) return Break(folders.error());
  reread_.clear();
  auto known = std::make_shared<std::vector<FolderWork>>();
  for (FolderWork& folder : folders.value()) {
    if (IsClosedKind(folder.content)) continue;
    if (ComparisonIsDue(folder)) closed_.erase(folder.id);
    if (closed_.contains(folder.id)) {
      const auto consent = LoadConsent(*view, folder.id);
      if (!consent) return Break(consent.error());
      // A person lets it go: the tree has to say once more that it is not there.
      if (consent.value() && consent.value()->answer == ConsentAnswer::kGiven) folders_listed_ = false;
      if (report_.problem.empty()) report_.problem = "folder " + folder.id.Hex() + " is closed to this account";
      continue;
    }
    if (folder.complete && horizon_known) known->push_back(std::move(folder));
  }
  auto incoming = std::make_shared<std::vector<Incoming>>();
  SendPull(known, 0, incoming, [this, incoming, horizon_known, next = std::move(next)] {
    Store(incoming, [this, horizon_known, next] {
      auto all = LoadFolders(*journal_.View());
      if (!all) return Break(all.error());
      const bool any_complete =
          std::any_of(all.value().begin(), all.value().end(), [](const FolderWork& folder) { return folder.complete; });
      if (!horizon_known && any_complete) return Pull(next);
      std::erase_if(all.value(), [this](const FolderWork& folder) {
        return folder.complete || closed_.contains(folder.id) || closed_kinds_.contains(folder.content);
      });
      ReadFolders(std::move(all).value(), [this, next] {
        if (!reading_paused_) ++pulls_;
        next();
      });
    });
  });
}

// One request for the folder tree and the first hundred folders, one for each further hundred.
void Replicator::SendPull(std::shared_ptr<std::vector<FolderWork>> folders, std::size_t at, IncomingList incoming,
                          Next next) {
  using Look = PullAsk::Look;
  std::vector<Ask> asks;
  std::vector<PullAsk> asked;
  const auto view = journal_.View();
  const auto tree = LoadCursor(*view, {});
  if (!tree) return Break(tree.error());
  if (at == 0) {
    FolderWork root;
    root.cursor = tree.value() ? tree.value()->cursor : 0;
    if (!Remembers({}, root.cursor) || ComparisonIsDue(root)) folders_listed_ = false;
    const auto compared = comparisons_.find(ItemId{});
    if (!closed_kinds_.empty() && compared != comparisons_.end() &&
        clock_.MonotonicNow() - compared->second.at >= tuning::kCompareAfterDoubt)
      folders_listed_ = false;
    if (folders_listed_)
      asks.push_back(ask::FolderChanges{AskFrom(root)});
    else
      asks.push_back(ask::Folders{});
    asked.push_back({root, Look::kTree});
    if (auto examined = ExaminedKinds(); folders_listed_ && !examined.empty()) {
      asks.push_back(ask::Folders{std::move(examined)});
      asked.push_back({{}, Look::kExamined});
    }
    AskPeople(asks, asked);
    if (const auto busy = AskBusy(*view, asks, asked); !busy) return Break(busy.error());
    if (const auto queued = AskForQueued(*view, asks, asked); !queued) return Break(queued.error());
  }
  for (; at < folders->size() && asks.size() < tuning::kAsksPerRequest; ++at) {
    const FolderWork& folder = (*folders)[at];
    const bool examined = dialect_.IsExamined(folder.content);
    if (examined)
      asks.push_back(ask::Examine{folder.remote_id, folder.content});
    else
      asks.push_back(ask::Changes{folder.remote_id, folder.content, folder.cursor});
    asked.push_back({folder, examined ? Look::kState : Look::kChanges});
    if (examined || IsSettled(folder)) continue;
    asks.push_back(ask::ChangedHeads{folder.remote_id, folder.content, OverlapFrom(folder)});
    asked.push_back({folder, Look::kOverlap});
  }
  SendAsks(
      std::move(asks),
      [this, folders, at, asked, incoming, next = std::move(next)](Reply reply) {
        if (reply.failure) return LinkFailed(*reply.failure, [this] { StartRound(); });
        link_failures_ = 0;
        Tell({SyncProgress::Phase::kPulling});
        if (auto received = Receive(asked, std::move(reply.answers), *incoming); !received)
          return Break(received.error());
        FetchLate(incoming, [this, folders, at, incoming, next] {
          if (at < folders->size()) return SendPull(folders, at, incoming, next);
          LookForFolders(incoming, next);
        });
      },
      trace::Why::kPull);
}

// Items of examined kinds with edits that wait are read before the edits leave: what was changed elsewhere meanwhile
// would be overwritten without a word.
Result<void> Replicator::AskForQueued(const JournalView& view, std::vector<Ask>& asks, std::vector<PullAsk>& asked) {
  if (ExaminedKinds().empty()) return Ok();
  constexpr std::size_t kMost = tuning::kPageItems * tuning::kPagesPerRequest;
  Sequence first = queue_from_;
  OUTPOST_TRY(const std::vector<ItemId> queued, QueuedItems(view, queue_from_, kMost + left_for_later_.size(), first));
  std::map<std::string, std::size_t> open;  // by folder, the ask that has room
  std::size_t count = 0;
  for (const ItemId& id : queued) {
    if (left_for_later_.contains(id) || count >= kMost) continue;
    OUTPOST_TRY(const std::optional<ItemState> item, LoadItem(view, id));
    if (!item || !item->on_server || !dialect_.IsExamined(item->type)) continue;
    const auto at = item->base.find(field::FolderOf(item->type));
    const auto* folder = at != item->base.end() ? std::get_if<ItemId>(&at->second) : nullptr;
    OUTPOST_TRY(const std::string remote, RemoteFolder(view, folder != nullptr ? Value(*folder) : Value{}));
    asked_for_.insert(id);
    if (remote.empty()) continue;
    ++count;
    const auto slot = open.find(remote);
    if (slot == open.end() || asked[slot->second].items.size() >= tuning::kPageItems) {
      open[remote] = asks.size();
      asks.push_back(ask::Fetch{remote, item->type, {}});
      asked.push_back({{*folder, remote, item->type}, PullAsk::Look::kItems});
    }
    std::get<ask::Fetch>(asks[open[remote]]).remote_ids.push_back(item->remote_id);
    asked[open[remote]].items.emplace_back(id, item->remote_id);
  }
  return Ok();
}

void Replicator::ReceiveQueued(const PullAsk& asked, Answer answer, std::vector<Incoming>& incoming) {
  std::set<std::string> there;
  for (const RemoteRow& row : answer.rows) there.insert(row.remote_id);
  // Where one is not there any more a listing says what became of it.
  for (const auto& [id, remote_id] : asked.items)
    if (!there.contains(remote_id)) stale_.insert(asked.folder.id);
  answer.cursor = 0;
  incoming.push_back({{}, std::move(answer), {}, {}, {}, true});
}

void Replicator::ReceiveState(const PullAsk& asked, const Answer& answer) {
  if (answer.cursor != asked.folder.cursor) stale_.insert(asked.folder.id);
}

// A folder that cannot be asked now loses nothing: its cursor stays. The reason is told when nothing worse comes. Where
// it is not to pass, the folder may have gone without a word: the whole tree is asked next. What belongs to no folder
// is asked again anyway.
void Replicator::NotAnswered(const PullAsk& asked, const Answer& answer) {
  using Look = PullAsk::Look;
  if (asked.look == Look::kExamined || asked.look == Look::kItems || asked.look == Look::kPeople) return;
  if (answer.denied && asked.folder.id) return NoteClosed(asked.folder.id, answer.code);
  if (answer.status != AnswerStatus::kTryLater) folders_listed_ = false;
  if (report_.problem.empty() && asked.folder.id)
    report_.problem = "folder " + asked.folder.id.Hex() + " cannot be read now: " + answer.code;
}

Result<void> Replicator::Receive(const std::vector<PullAsk>& asked, std::vector<Answer> answers,
                                 std::vector<Incoming>& incoming) {
  using Look = PullAsk::Look;
  for (std::size_t i = 0; i < answers.size(); ++i) {
    Answer& answer = answers[i];
    const FolderWork& folder = asked[i].folder;
    if (asked[i].look == Look::kBusy) {
      ReceiveBusy(asked[i], std::move(answer), incoming);
      continue;
    }
    const bool after_changes =
        asked[i].look == Look::kOverlap && !incoming.empty() && incoming.back().folder.id == folder.id;
    if (answer.status != AnswerStatus::kDone) {
      NotAnswered(asked[i], answer);
      if (after_changes) incoming.pop_back();  // the cursor stays
      continue;
    }
    if (asked[i].look == Look::kState) {
      ReceiveState(asked[i], answer);
      continue;
    }
    if (asked[i].look == Look::kOverlap) {
      if (after_changes) OUTPOST_TRYV(ReceiveOverlap(std::move(answer), incoming.back()));
      continue;
    }
    if (asked[i].look == Look::kItems) {
      ReceiveQueued(asked[i], std::move(answer), incoming);
      continue;
    }
    if (asked[i].look == Look::kPeople) {
      OUTPOST_TRYV(ReceivePeople(asked[i].person, std::move(answer), incoming));
      continue;
    }
    const bool examined = asked[i].look == Look::kExamined;
    const bool whole_tree = asked[i].look == Look::kTree && !folders_listed_;
    if (whole_tree && answer.rows.empty() && !answer.untold.empty()) {  // as good as no answer
      report_.problem = "no folder is open to this account: " + answer.untold.front().code;
      continue;
    }
    if (whole_tree || examined) OUTPOST_TRYV(NoteUntold(answer, examined));
    if (whole_tree) {
      folders_listed_ = true;
      tree_read_ = true;
      for (const RemoteRow& row : answer.rows) answer.cursor = std::max(answer.cursor, row.version);
    }
    answer.cursor = std::max(answer.cursor, folder.cursor);
    if (!folder.id) ParentsFirst(answer.rows);
    if (folder.id)
      for (const std::string& id : answer.deleted) gone_ids_.insert(RemoteKey(folder.content, id));
    incoming.push_back({folder, std::move(answer), {}, {}, {}, examined});
    if (whole_tree || examined) OUTPOST_TRYV(FindVanished(incoming.back(), examined));
  }
  return Ok();
}

// What may not be read may not be there any more either: the whole tree tells.
void Replicator::NoteClosed(const ItemId& folder, const std::string& code) {
  if (closed_.insert(folder).second) {
    folders_listed_ = false;
    comparisons_[folder] = {clock_.MonotonicNow(), false};
  }
  if (report_.problem.empty()) report_.problem = "folder " + folder.Hex() + " is closed to this account: " + code;
}

bool Replicator::IsClosedKind(ItemType content) {
  const auto kind = closed_kinds_.find(content);
  if (kind == closed_kinds_.end()) return false;
  if (report_.problem.empty()) report_.problem = kind->second;
  return true;
}

// Of a kind that is closed to the user, or answered in another shape, all stays here as it is and is not asked for
// until the tree tells of it again: then it is compared in full. So is a kind of which no folder is told where there is
// one here, for everybody has one of each.
Result<void> Replicator::NoteUntold(const Answer& tree, bool examined_only) {
  std::map<ItemType, std::string> untold;
  for (const UntoldKind& kind : tree.untold) {
    const std::string name = ItemTypeName(kind.content);
    untold[kind.content] = kind.closed ? "what holds items of type " + name + " is closed to this account: " + kind.code
                                       : "what the server says of items of type " + name + " is of another shape";
    if (!kind.closed && report_.problem.empty()) report_.problem = untold[kind.content];
  }
  std::set<ItemType> told;
  for (const RemoteRow& row : tree.rows) {
    const auto module = row.fields.find(field::kFolderModule);
    const auto* name = module != row.fields.end() ? std::get_if<std::string>(&module->second) : nullptr;
    if (const auto type = name != nullptr ? ItemTypeFromName(*name) : std::nullopt) told.insert(*type);
  }
  OUTPOST_TRY(const std::vector<FolderWork> folders, LoadFolders(*journal_.View()));
  const std::vector<ItemType> untold_changes = ExaminedKinds();
  for (const FolderWork& folder : folders) {
    const ItemType kind = folder.content;
    if (examined_only && std::ranges::count(untold_changes, kind) == 0) continue;
    if (!told.contains(kind) && !tree.rows.empty())
      untold.try_emplace(kind, std::string("the server tells of no folder for items of type ") + ItemTypeName(kind) +
                                   ": it counts as closed to this account");
    if (const auto why = untold.find(kind); why != untold.end()) {
      closed_kinds_[kind] = why->second;
      IsClosedKind(kind);
    } else if (told.contains(kind) && closed_kinds_.contains(kind)) {
      closed_.erase(folder.id);
      comparisons_[folder.id] = {clock_.MonotonicNow() - std::chrono::microseconds(tuning::kCompareEvery)};
    }
  }
  std::erase_if(closed_kinds_, [&](const auto& kind) { return told.contains(kind.first); });
  return Ok();
}

// Folders that are held here and not in the whole tree are gone, or closed to us, and nobody said so. A tree without
// any folder says nothing.
Result<void> Replicator::FindVanished(Incoming& tree, bool examined_only) {
  if (!examined_only) comparisons_[ItemId{}] = {clock_.MonotonicNow(), false};
  if (tree.answer.rows.empty()) return Ok();
  const auto view = journal_.View();
  std::set<std::string> there;
  for (const RemoteRow& row : tree.answer.rows) there.insert(row.remote_id);
  OUTPOST_TRY(const std::vector<FolderWork> folders, LoadFolders(*view));
  const std::vector<ItemType> untold = ExaminedKinds();
  for (const FolderWork& folder : folders) {
    if (examined_only && std::ranges::count(untold, folder.content) == 0) continue;
    if (closed_kinds_.contains(folder.content)) continue;
    if (there.contains(folder.remote_id)) {
      postponed_.erase(folder.id);
      continue;
    }
    tree.vanished.push_back(folder.remote_id);
    if (dialect_.IsExamined(folder.content)) vanished_.insert(folder.id);
  }
  return Ok();
}

void Replicator::LookForFolders(IncomingList incoming, Next next) {
  std::vector<std::string> wanted;
  const auto view = journal_.View();
  for (const Incoming& part : *incoming) {
    if (part.folder.id || part.people) continue;
    wanted.insert(wanted.end(), part.vanished.begin(), part.vanished.end());
    for (const std::string& remote_id : part.answer.deleted) {
      const auto id = FindByRemoteId(*view, ItemType::kFolder, remote_id);
      if (!id) return Break(id.error());
      if (!id.value()) continue;
      const auto folder = LoadItem(*view, *id.value());
      if (!folder) return Break(folder.error());
      // One that was closed and is open again is told as both.
      const bool back = std::any_of(part.answer.rows.begin(), part.answer.rows.end(),
                                    [&](const RemoteRow& row) { return row.remote_id == remote_id; });
      const auto consent = LoadConsent(*view, *id.value());
      if (!consent) return Break(consent.error());
      const bool known_closed = closed_.contains(*id.value()) && consent.value() && consent.value()->closed;
      const bool here = folder.value() && folder.value()->on_server && !known_closed;
      if (here || back) wanted.push_back(remote_id);
    }
  }
  const auto judge = [this, incoming](const std::map<std::string, Answer>& found) -> Result<void> {
    for (Incoming& part : *incoming)
      if (!part.folder.id && !part.people) OUTPOST_TRYV(JudgeFolders(part, found));
    return Ok();
  };
  if (wanted.empty()) {
    if (const auto judged = judge({}); !judged) return Break(judged.error());
    return next();
  }
  // What does not fit into one request is told again by the next tree.
  if (wanted.size() > tuning::kAsksPerRequest) folders_listed_ = false;
  wanted.resize(std::min(wanted.size(), tuning::kAsksPerRequest));
  std::vector<Ask> asks;
  for (const std::string& remote_id : wanted) asks.push_back(ask::FolderThere{remote_id});
  SendAsks(std::move(asks), [this, wanted, judge, next = std::move(next)](Reply reply) {
    if (reply.failure) return LinkFailed(*reply.failure, [this] { StartRound(); });
    std::map<std::string, Answer> found;
    for (std::size_t i = 0; i < wanted.size(); ++i) found[wanted[i]] = std::move(reply.answers[i]);
    if (const auto judged = judge(found); !judged) return Break(judged.error());
    next();
  });
}

// A folder is deleted here only where the server says that it is not there; where it is closed to us, a person is
// asked.
Result<void> Replicator::JudgeFolders(Incoming& tree, const std::map<std::string, Answer>& found) {
  const auto view = journal_.View();
  const std::vector<std::string> told = std::exchange(tree.answer.deleted, {});
  for (const std::string& remote_id : told) {
    const auto at = found.find(remote_id);
    if (at == found.end()) continue;  // not here, or known to be closed
    if (at->second.status == AnswerStatus::kGone) {
      tree.answer.deleted.push_back(remote_id);
    } else if (at->second.denied) {
      OUTPOST_TRYV(InferVanished(*view, remote_id, true, tree));
    } else if (at->second.status != AnswerStatus::kDone) {
      folders_listed_ = false;  // not known: looked for again
    }
  }
  for (const std::string& remote_id : tree.vanished) {
    const auto at = found.find(remote_id);
    if (at == found.end()) continue;
    if (at->second.status == AnswerStatus::kGone || at->second.denied) {
      OUTPOST_TRYV(InferVanished(*view, remote_id, at->second.denied, tree));
    } else if (at->second.status != AnswerStatus::kDone) {
      folders_listed_ = false;
    }
  }
  return Ok();
}

// A folder that is not told as deleted, or only closed, goes but for one with so many items that a person is asked
// first (promise 9); of one that is closed he is asked about whatever is in it.
Result<void> Replicator::InferVanished(const JournalView& view, const std::string& remote_id, bool closed,
                                       Incoming& tree) {
  OUTPOST_TRY(const std::optional<ItemId> folder, FindByRemoteId(view, ItemType::kFolder, remote_id));
  if (!folder) return Ok();
  OUTPOST_TRY(const std::vector<ItemId> held, HeldIn(view, *folder, SIZE_MAX));
  OUTPOST_TRY(const std::optional<ItemState> place, LoadItem(view, *folder));
  if (place && dialect_.IsExamined(ContentOf(*place)) && postponed_.insert(*folder).second) {
    // Ids that are paths change with a name: its items may be in a folder that is read in this round.
    for (const ItemId& id : held) {
      OUTPOST_TRY(const std::optional<ItemState> item, LoadItem(view, id));
      if (item) NoteMissing(*item);
    }
    ++news_in_round_;
    return Ok();
  }
  OUTPOST_TRY(const std::optional<ConsentBody> consent, LoadConsent(view, *folder));
  Missing missing = SortMissing(consent, held);
  // The folder was asked about as a whole, and has more in it than a question names.
  if (consent && consent->answer == ConsentAnswer::kGiven && consent->count > consent->items.size() &&
      held.size() <= consent->count)
    missing = {held, {}, {}};
  const bool stays = missing.unasked.empty() && !missing.refused.empty();  // as a person said
  const bool ask = closed ? !missing.unasked.empty()
                          : planner_.NeedConsent(missing.unasked.size(), held.size(), false, settings_.deletions);
  if (!stays && !ask) {
    tree.answer.deleted.push_back(remote_id);
    if (!missing.confirmed.empty()) tree.questions.push_back(ConsentUsedUp(*folder));
    return Ok();
  }
  if (closed && closed_.insert(*folder).second) comparisons_[*folder] = {clock_.MonotonicNow(), false};
  if (stays) return Ok();
  report_.held_deletions += held.size();
  report_.problem = "folder " + folder->Hex() +
                    (closed ? " is closed to this account; the deletion of its "
                            : " is not in the server's tree any more; the deletion of its ") +
                    std::to_string(held.size()) + " items here waits for consent";
  const auto count = static_cast<std::uint32_t>(held.size());
  std::vector<ItemId> named = OneQuestion(held, tuning::kQuestionItemsMax);
  if (!consent || consent->items != named)
    tree.questions.push_back({Kind::kConsent,
                              Origin::kEngine,
                              ItemType::kFolder,
                              *folder,
                              {},
                              Encode(ConsentBody{count, count, ConsentAnswer::kAsked, std::move(named), closed})});
  return Ok();
}

// Other rights than before, a folder that was closed, or one that is back: what is in it is compared in full, since
// changes tell neither what became visible nor what ceased to be.
Result<void> Replicator::DraftFolderRow(const JournalView& view, const ItemState& before, const FieldMap& row_fields,
                                        bool news, Draft& draft) {
  const auto rights_of = [](const FieldMap& fields) {
    const auto at = fields.find(field::kFolderOwnRights);
    return at != fields.end() ? at->second : Value{};
  };
  const bool was_closed = news && closed_.erase(before.id) > 0;
  const bool is_back = !before.on_server && before.base_seq != 0;
  const bool other_rights = before.on_server && !SameValue(rights_of(before.base), rights_of(row_fields));
  OUTPOST_TRY(const std::optional<ConsentBody> consent, LoadConsent(view, before.id));
  const bool asked = consent && consent->closed && consent->answer == ConsentAnswer::kAsked;
  const bool compared = was_closed || other_rights || asked;
  if (!compared && !is_back) return Ok();
  OUTPOST_TRY(const std::optional<CursorMovedBody> cursor, LoadCursor(view, before.id));
  if (!compared && !cursor) return Ok();
  closed_.erase(before.id);
  reread_.insert(before.id);
  draft.events.push_back({Kind::kCursorMoved,
                          Origin::kEngine,
                          ItemType::kFolder,
                          before.id,
                          {},
                          Encode(CursorMovedBody{cursor ? cursor->cursor : 0, tuning::kColumnSet, false})});
  return Ok();
}

void Replicator::Store(IncomingList incoming, Next next) {
  if (ended_) return;
  if (std::all_of(incoming->begin(), incoming->end(), [](const Incoming& part) { return part.progress.finished; }))
    return next();
  const auto view = journal_.View();
  std::vector<Progress> before;
  for (const Incoming& part : *incoming) before.push_back(part.progress);
  Draft draft;
  auto drafted = DraftIncoming(*view, *incoming, draft);
  if (!drafted) return Break(drafted.error());
  Append(std::move(draft), Durability::kUnsynced,
         [this, incoming, before, next = std::move(next)](Result<Appended> appended) {
           if (!appended && appended.error().code != Code::kPreconditionFailed) return Break(appended.error());
           if (!appended)  // a person was faster: plan the same again on what is there now
             for (std::size_t i = 0; i < before.size(); ++i) (*incoming)[i].progress = before[i];
           Store(incoming, next);
         });
}

// The items that some of the rows from `first` on are about are read together. Answers up to which row.
std::size_t Replicator::ExpectRows(const JournalView& view, const std::vector<RemoteRow>& rows, std::size_t first) {
  std::vector<std::string_view> ids;
  std::size_t end = first;
  for (; end < rows.size() && ids.size() < tuning::kRowsTogether && rows[end].type == rows[first].type; ++end)
    ids.push_back(rows[end].remote_id);
  ExpectByRemoteId(view, rows[first].type, ids);
  return end;
}

// Fills one append. True when everything that came is in it.
Result<bool> Replicator::DraftIncoming(const JournalView& view, std::vector<Incoming>& incoming, Draft& draft) {
  OUTPOST_TRY(const std::set<Sequence> in_flight, InFlight(view));
  const bool deletes =
      std::any_of(incoming.begin(), incoming.end(), [](const Incoming& part) { return !part.answer.deleted.empty(); });
  for (Incoming& part : incoming) {
    const std::vector<RemoteRow>& rows = part.answer.rows;
    for (std::size_t expected = 0; part.progress.next_row < rows.size(); ++part.progress.next_row) {
      if (draft.events.size() >= tuning::kAppendEvents) return false;
      if (part.progress.next_row >= expected) expected = ExpectRows(view, rows, part.progress.next_row);
      OUTPOST_TRY(const bool fits, DraftRow(view, in_flight, rows[part.progress.next_row], draft));
      if (!fits) return false;
    }
  }
  if (deletes && !draft.events.empty()) return false;
  for (Incoming& part : incoming) {
    if (part.progress.finished) continue;
    for (; part.progress.next_deleted < part.answer.deleted.size(); ++part.progress.next_deleted) {
      if (draft.events.size() >= tuning::kAppendEvents) return false;
      const ItemType type = part.people      ? ItemType::kPerson
                            : part.attached  ? ItemType::kAttachment
                            : part.folder.id ? part.folder.content
                                             : ItemType::kFolder;
      const std::string& remote_id = part.answer.deleted[part.progress.next_deleted];
      OUTPOST_TRY(const std::optional<ItemId> id, FindByRemoteId(view, type, remote_id));
      if (!id) continue;
      OUTPOST_TRY(const std::optional<ItemState> item, LoadItem(view, *id));
      if (!item || item->remote_id != remote_id) continue;  // made again since, under another id
      OUTPOST_TRY(const bool fits, type == ItemType::kFolder ? DraftFolderGone(view, in_flight, *id, draft)
                                                             : DraftGone(view, in_flight, *id, part.folder.id, draft));
      if (!fits) return false;
      part.progress.held = part.progress.held || std::exchange(draft.held, false);
    }
    part.progress.finished = true;
    if (part.progress.held) {  // told again next time, since the cursor stays
      ++news_in_round_;
      if (!part.folder.id) folders_listed_ = false;
      continue;
    }
    const bool news = !part.answer.rows.empty() && !draft.events.empty();
    draft.events.insert(draft.events.end(), part.questions.begin(), part.questions.end());
    if (part.people) NotePeople(part);
    if (part.attached)
      draft.events.push_back(
          {Kind::kCursorMoved,
           Origin::kEngine,
           part.attached->type,
           part.attached->item,
           {},
           Encode(CursorMovedBody{part.attached->newest, static_cast<std::uint32_t>(part.attached->count), true})});
    if (part.aside) continue;
    if (part.answer.cursor > part.folder.cursor && !reread_.contains(part.folder.id))
      DraftCursor(part.folder.id, part.answer.cursor, part.folder.compared, draft);
    NoteAsked(part.folder, part.answer.cursor, news);
    Comparison& comparison = comparisons_.try_emplace(part.folder.id, Comparison{clock_.MonotonicNow()}).first->second;
    if (!dialect_.session().deltas_complete)
      for (const RemoteRow& row : part.answer.rows)
        comparison.doubted = comparison.doubted || row.version > part.folder.cursor;
  }
  return true;
}

}  // namespace outpost
