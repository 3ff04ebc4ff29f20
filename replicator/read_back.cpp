#include <algorithm>
#include <span>
#include <tuple>

#include "journal/item_fold.h"
#include "replicator/replicator.h"
#include "replicator/rows.h"

namespace outpost {

// Batches whose answers were never seen, and what the server shows of their items by now. The changes of every folder
// were pulled just before, so what was applied to known items is told already; what is left are creates and whatever
// was not applied.
struct Replicator::Unknown {
  struct Create {
    ItemId item{};
    ItemType type{};
    ItemId folder{};
    std::string uid;
    std::string remote_id;  // where one with the uid was found
    std::string remote_folder;
    bool elsewhere = false;  // of a mail: one with its Message-Id is in another folder
    BatchEntry entry;
    BatchId batch{};
    Sequence opened = 0;
    bool forgotten = false;  // it may have been sent so long ago that the server would not remember its deletion
  };
  struct Sought {
    std::size_t create = 0;  // index in `creates`
    FolderWork folder;
  };
  std::vector<OpenBatch> batches;
  std::vector<Create> creates;
  std::vector<Sought> sought;                                                  // mails, and the folders asked for them
  std::map<std::pair<std::string, ItemType>, std::vector<std::string>> fetch;  // by remote folder
  std::set<ItemId> doubtful_folders;  // what was made in them may be there unseen, or gone without a word
  std::set<ItemType> doubtful_kinds;  // something unknown of the kind was deleted since, wherever it had been moved to
  bool doubtful_tree = false;         // an unknown folder was deleted since
  std::set<ItemId> listed;            // items of which the attachments are among the rows
  std::vector<RemoteRow> rows;
  std::size_t next_row = 0;  // what is stored already
  std::size_t next_create = 0;
};

void Replicator::ReadBack(Next next) {
  if (ended_) return;
  auto unknown = FindUnknown(*journal_.View());
  if (!unknown) return Break(unknown.error());
  if (unknown.value()->batches.empty()) return next();
  Tell({SyncProgress::Phase::kReadingBack, {}, 0, unknown.value()->batches.size()});
  LookForAttachments(unknown.value(), 0, std::move(next));
}

// What is attached to the items that an unanswered upload was for: DraftRow knows the upload's own by name and size.
void Replicator::LookForAttachments(std::shared_ptr<Unknown> unknown, std::size_t at, Next next) {
  while (at < unknown->creates.size() && unknown->creates[at].type != ItemType::kAttachment) ++at;
  if (at == unknown->creates.size()) {
    if (unknown->creates.empty()) return FetchUnknown(unknown, std::move(next));
    return LookForCreates(unknown, std::move(next));
  }
  const ItemId owner = unknown->creates[at].folder;
  const auto item = RemoteItemOf(*journal_.View(), owner);
  if (!item) return Break(item.error());
  if (!item.value() || !unknown->listed.insert(owner).second)
    return LookForAttachments(unknown, at + 1, std::move(next));
  SendAsks({ask::Attachments{*item.value()}}, [this, unknown, at, owner, next = std::move(next)](Reply reply) {
    if (reply.failure) return LinkFailed(*reply.failure, [this] { StartRound(); });
    Answer& answer = reply.answers.front();
    if (answer.status == AnswerStatus::kTryLater)
      return Stop({LinkState::kServerDown, false, Millis{0},
                   "attachments cannot be listed to find an unanswered upload: " + answer.code});
    // Who may not look does not know.
    if (answer.status != AnswerStatus::kDone && answer.status != AnswerStatus::kGone)
      unknown->doubtful_folders.insert(owner);
    for (RemoteRow& row : answer.rows) {
      row.fields[field::kAttachmentParent] = owner;
      unknown->rows.push_back(std::move(row));
    }
    LookForAttachments(unknown, at + 1, next);
  });
}

Result<std::shared_ptr<Replicator::Unknown>> Replicator::FindUnknown(const JournalView& view) {
  auto unknown = std::make_shared<Unknown>();
  OUTPOST_TRY(unknown->batches, LoadOpenBatches(view));
  std::erase_if(unknown->batches, [&](const OpenBatch& batch) { return on_line_.contains(batch.body.batch); });
  for (const OpenBatch& batch : unknown->batches)
    for (const BatchEntry& entry : batch.body.entries) {
      OUTPOST_TRY(const std::optional<ItemState> item, LoadItem(view, entry.item));
      const bool undecided =
          item && std::any_of(item->pending.begin(), item->pending.end(), [&](const PendingEdit& edit) {
            return std::find(entry.intents.begin(), entry.intents.end(), edit.seq) != entry.intents.end();
          });
      if (!undecided) continue;
      if (entry.verb == Verb::kCreate && !item->on_server) {
        const Value uid = item->HeadValue(field::UidOf(item->type));
        const auto* text = std::get_if<std::string>(&uid);
        unknown->creates.push_back({item->id, item->type, item->Folder(), text != nullptr ? *text : "", "", "", false,
                                    entry, batch.body.batch, batch.seq});
        continue;
      }
      if (item->type == ItemType::kAttachment) continue;  // taking one away twice is as good as once
      if (item->type == ItemType::kFolder) {
        unknown->fetch[{std::string(), item->type}].push_back(item->remote_id);
        continue;
      }
      // A move may have been applied or not: look in both folders.
      const auto base = item->base.find(field::FolderOf(item->type));
      for (const Value& folder : {base != item->base.end() ? base->second : Value{}, Value(item->Folder())}) {
        OUTPOST_TRY(const std::string remote, RemoteFolder(view, folder));
        auto& ids = unknown->fetch[{remote, item->type}];
        if (!remote.empty() && std::find(ids.begin(), ids.end(), item->remote_id) == ids.end())
          ids.push_back(item->remote_id);
      }
    }
  std::erase_if(unknown->fetch, [](const auto& entry) { return entry.second.empty(); });
  return unknown;
}

// Items that are made again, after a deletion or a refusal: another computer may have been faster, or an earlier
// attempt was applied after all. Those found become known, the others are made.
void Replicator::LookBeforeCreating(Next next) {
  const auto view = journal_.View();
  auto unknown = std::make_shared<Unknown>();
  for (const ItemId& id : look_for_) {
    const auto item = LoadItem(*view, id);
    if (!item) return Break(item.error());
    if (!item.value() || item.value()->on_server) continue;
    const Value uid = item.value()->HeadValue(field::UidOf(item.value()->type));
    const auto* text = std::get_if<std::string>(&uid);
    const EntryPlan plan = planner_.Entry(MakeItemFacts(id, item.value()->type, &*item.value(), {}, nullptr));
    if (text != nullptr && plan.entry)
      unknown->creates.push_back(
          {id, item.value()->type, item.value()->Folder(), *text, "", "", false, *plan.entry, {}, 0});
  }
  if (!tree_read_ && std::any_of(unknown->creates.begin(), unknown->creates.end(),
                                 [&](const auto& create) { return !dialect_.IsExamined(create.type); })) {
    ReadTreeFirst();
    return next();
  }
  looked_for_.insert(look_for_.begin(), look_for_.end());
  look_for_.clear();
  if (unknown->creates.empty()) return next();
  LookForCreates(unknown, next);
}

// A restored server has folders again that no change tells of, and one of them may have what is to be made: the next
// round asks for the whole tree, once in a run, and reads what it finds.
void Replicator::ReadTreeFirst() {
  if (std::exchange(tree_wanted_, true)) {  // the tree could not be had
    left_for_later_.insert(look_for_.begin(), look_for_.end());
  } else {
    left_for_next_round_.insert(look_for_.begin(), look_for_.end());
    folders_listed_ = false;
    ++news_in_round_;
  }
  look_for_.clear();
}

// Whether `entry` may have left longer ago than the server remembers deletions: when its batch was opened, or, where
// the batch only says that it is in doubt, ever since the edit was made. Where retention has dropped either event,
// since the item was born: never too late.
Result<bool> Replicator::MayBeForgotten(const JournalView& view, const BatchEntry& entry, Sequence opened) const {
  if (opened == 0) return false;
  auto event = view.Read(opened);
  if (event && event.value().header.origin == Origin::kRestore && !entry.intents.empty())
    event = view.Read(entry.intents.front());
  if (!event && event.error().code != Code::kNotFound) return event.error();
  const Millis left = event ? event.value().header.time : BirthOf(entry.item);
  return clock_.WallNow() - left >= dialect_.session().tombstone_horizon;
}

// The token of the tree when a batch was opened that makes folders: it was said again just before. 0 where history does
// not tell: then all deletions count that the server knows of.
Result<std::int64_t> Replicator::TreeTokenAt(const JournalView& view, Sequence opened) const {
  const auto event = view.Read(opened - 1);
  if (!event && event.error().code != Code::kNotFound) return event.error();
  if (!event || event.value().header.kind != Kind::kCursorMoved || event.value().header.item) return std::int64_t{0};
  OUTPOST_TRY(const CursorMovedBody body, DecodeCursorMoved(event.value().body));
  return body.cursor;
}

// Folders have no uid: the whole tree is read, and what was deleted from it since.
Result<void> Replicator::AskForFolders(const JournalView& view, const Unknown& unknown, std::vector<Ask>& asks) const {
  std::optional<std::int64_t> since;
  for (const auto& create : unknown.creates) {
    if (create.type != ItemType::kFolder) continue;
    OUTPOST_TRY(const std::int64_t token, TreeTokenAt(view, create.opened));
    since = std::min(since.value_or(token), token);
  }
  if (!since) return Ok();
  asks.push_back(ask::Folders{});
  asks.push_back(ask::FolderChanges{*since});
  return Ok();
}

// What AskForFolders asked for; nothing where it asked for nothing.
Result<void> Replicator::TakeFolders(const JournalView& view, std::span<Answer> answers, Unknown& unknown) {
  for (const Answer& answer : answers) {
    const bool whole =
        answer.status == AnswerStatus::kDone && std::ranges::none_of(answer.untold, [this](const UntoldKind& kind) {
          return closed_kinds_.contains(kind.content);
        });
    unknown.doubtful_tree = unknown.doubtful_tree || !whole;
    for (const std::string& remote_id : answer.deleted) {
      OUTPOST_TRY(const auto known, FindByRemoteId(view, ItemType::kFolder, remote_id));
      unknown.doubtful_tree = unknown.doubtful_tree || !known;
    }
  }
  if (answers.empty()) return Ok();
  ParentsFirst(answers.front().rows);
  for (RemoteRow& row : answers.front().rows) {
    OUTPOST_TRY(const auto known, FindByRemoteId(view, ItemType::kFolder, row.remote_id));
    if (!known) unknown.rows.push_back(std::move(row));
  }
  return Ok();
}

// What went with its folder is not told item by item: a folder that was deleted since may have had what was made.
Result<void> Replicator::NoteFoldersGone(const JournalView& view, Unknown& unknown) const {
  std::map<ItemType, Sequence> opened;  // the first batch in doubt, by kind
  for (const auto& create : unknown.creates) {
    if (create.type == ItemType::kFolder || create.opened == 0) continue;
    Sequence& first = opened.try_emplace(FieldOwner(create.type), create.opened).first->second;
    first = std::min(first, create.opened);
  }
  if (opened.empty()) return Ok();
  OUTPOST_TRY(const std::vector<ItemId> folders, FoldersOnServerEver(view));
  for (const ItemId& id : folders) {
    OUTPOST_TRY(const std::optional<ItemState> folder, LoadItem(view, id));
    if (!folder || folder->on_server) continue;
    const auto of_kind = opened.find(ContentOf(*folder));
    if (of_kind != opened.end() && folder->base_seq > of_kind->second) unknown.doubtful_kinds.insert(of_kind->first);
  }
  return Ok();
}

// What folders of mails list does not say which mail is which: each is asked for every one that is sought.
Result<void> Replicator::AskForMails(const JournalView& view, Unknown& unknown, std::vector<Ask>& asks) {
  OUTPOST_TRY(const std::vector<FolderWork> folders, LoadFolders(view));
  unknown.sought.clear();
  for (std::size_t i = 0; i < unknown.creates.size(); ++i) {
    const auto& create = unknown.creates[i];
    if (create.type != ItemType::kMail || create.uid.empty()) continue;
    for (const FolderWork& folder : folders) {
      if (folder.content != create.type) continue;
      asks.push_back(ask::Seek{folder.remote_id, create.type, create.uid});
      unknown.sought.push_back({i, folder});
    }
  }
  return Ok();
}

// In its own folder it is what was made. In another one it came back to its sender, or somebody moved it: it has left
// in either case. Where its folder has given out an id that was never seen here, it may have come and gone.
Result<void> Replicator::TakeMails(const JournalView& view, std::span<const Answer> answers, Unknown& unknown) {
  for (std::size_t i = 0; i < answers.size(); ++i) {
    const auto& [index, folder] = unknown.sought[i];
    auto& create = unknown.creates[index];
    const bool own = folder.id == create.folder;
    for (const RemoteHead& head : answers[i].heads) {
      create.elsewhere = create.elsewhere || !own;
      if (!own) continue;
      create.remote_id = head.remote_id;
      create.remote_folder = folder.remote_id;
    }
    if (!own) continue;
    bool seen = answers[i].newest.empty();
    if (!seen) {
      OUTPOST_TRY(const auto known, FindByRemoteId(view, create.type, answers[i].newest));
      seen = known.has_value();
    }
    if (answers[i].status != AnswerStatus::kDone || !seen) unknown.doubtful_folders.insert(folder.id);
  }
  return Ok();
}

// Every folder for such items is listed, since another program may have moved the item; and asked what was deleted in
// it since, for it may have been deleted there.
void Replicator::LookForCreates(std::shared_ptr<Unknown> unknown, Next next) {
  const auto view = journal_.View();
  const auto folders = LoadFolders(*view);
  if (!folders) return Break(folders.error());
  for (auto& create : unknown->creates) {
    const auto forgotten = MayBeForgotten(*view, create.entry, create.opened);
    if (!forgotten) return Break(forgotten.error());
    create.forgotten = forgotten.value();
  }
  if (const auto noted = NoteFoldersGone(*view, *unknown); !noted) return Break(noted.error());
  std::vector<Ask> asks;
  std::vector<FolderWork> asked;
  for (const FolderWork& folder : folders.value()) {
    const auto fits = [&](const auto& create) {
      return FieldOwner(create.type) == folder.content && create.type != ItemType::kMail;
    };
    if (std::none_of(unknown->creates.begin(), unknown->creates.end(), fits)) continue;
    asks.push_back(ask::Listing{folder.remote_id, folder.content});
    asked.push_back(folder);
  }
  for (const FolderWork& folder : folders.value()) {
    Sequence opened = 0;
    for (const auto& create : unknown->creates)
      if (FieldOwner(create.type) == folder.content && create.type != ItemType::kFolder)
        opened = opened == 0 ? create.opened : std::min(opened, create.opened);
    if (opened == 0 || dialect_.IsExamined(folder.content)) continue;
    std::int64_t since = 0;
    const auto item = LoadItem(*view, folder.id);
    if (!item || !item.value()) continue;
    const auto walked = view->History(item.value()->head_seq, [&](const Event& event) {
      if (event.seq > opened || event.header.kind != Kind::kCursorMoved) return true;
      if (const auto body = DecodeCursorMoved(event.body)) since = body.value().cursor;
      return false;
    });
    if (!walked) return Break(walked.error());
    asks.push_back(ask::Changes{folder.remote_id, folder.content, since});
    asked.push_back(folder);
  }
  if (const auto added = AskForFolders(*view, *unknown, asks); !added) return Break(added.error());
  const std::size_t mails_at = asks.size();
  if (const auto added = AskForMails(*view, *unknown, asks); !added) return Break(added.error());
  sought_mails_.clear();
  for (const auto& create : unknown->creates)
    if (create.type == ItemType::kMail) sought_mails_.insert(create.item);
  SendAsks(std::move(asks), [this, unknown, asked, mails_at, next = std::move(next)](Reply reply) {
    if (reply.failure) return LinkFailed(*reply.failure, [this] { StartRound(); });
    const auto now = journal_.View();
    const auto taken =
        TakeFolders(*now, std::span(reply.answers).subspan(asked.size(), mails_at - asked.size()), *unknown);
    if (!taken) return Break(taken.error());
    const std::span<const Answer> mails = std::span<const Answer>(reply.answers).subspan(mails_at);
    for (const Answer& answer : mails)
      if (answer.status == AnswerStatus::kTryLater)
        return Stop({LinkState::kServerDown, false, Millis{0},
                     "a folder cannot be asked for a mail that may have been sent: " + answer.code});
    if (const auto found = TakeMails(*now, mails, *unknown); !found) return Break(found.error());
    for (std::size_t i = 0; i < asked.size(); ++i) {
      const Answer& answer = reply.answers[i];
      if (answer.status == AnswerStatus::kTryLater && answer.code != kAnotherShape)
        return Stop({LinkState::kServerDown, false, Millis{0},
                     "a folder cannot be listed to find unanswered creates: " + answer.code});
      if (answer.status != AnswerStatus::kDone) {
        // Gone, or closed to us: what was made in it may be there, and nobody here can see it.
        unknown->doubtful_folders.insert(asked[i].id);
        folders_listed_ = false;
        continue;
      }
      for (const RemoteHead& head : answer.heads)
        for (auto& create : unknown->creates)
          if (!create.uid.empty() && head.uid == create.uid && FieldOwner(create.type) == asked[i].content) {
            create.remote_id = head.remote_id;
            create.remote_folder = asked[i].remote_id;
          }
      if (IsUsersSetting(asked[i].content)) {
        auto settings = UnknownSettings(*now, asked[i].content, answer.heads);
        if (!settings) return Break(settings.error());
        for (std::string& id : settings.value())
          unknown->fetch[{asked[i].remote_id, asked[i].content}].push_back(std::move(id));
      }
      // Where changes hide deletions, news means that one of them may be hidden.
      if (!dialect_.session().deltas_complete && !answer.rows.empty()) unknown->doubtful_folders.insert(asked[i].id);
      for (const std::string& remote_id : answer.deleted) {
        const auto known = FindByRemoteId(*now, asked[i].content, remote_id);
        if (!known) return Break(known.error());
        if (!known.value()) unknown->doubtful_kinds.insert(asked[i].content);
      }
    }
    for (const auto& create : unknown->creates)
      if (!create.remote_id.empty()) unknown->fetch[{create.remote_folder, create.type}].push_back(create.remote_id);
    FetchUnknown(unknown, next);
  });
}

// Page after page, since a restored journal may doubt all of its edits at once.
void Replicator::FetchUnknown(std::shared_ptr<Unknown> unknown, Next next) {
  std::vector<Ask> asks;
  while (!unknown->fetch.empty() && asks.size() < tuning::kPagesPerRequest) {
    const auto first = unknown->fetch.begin();
    auto& ids = first->second;
    const auto page =
        ids.end() - static_cast<std::ptrdiff_t>(std::min(ids.size(), settings_.PageOf(first->first.second)));
    asks.push_back(ask::Fetch{first->first.first, first->first.second, {page, ids.end()}});
    ids.erase(page, ids.end());
    if (ids.empty()) unknown->fetch.erase(first);
  }
  if (asks.empty()) return StoreReadBack(unknown, next);
  SendAsks(std::move(asks), [this, unknown, next = std::move(next)](Reply reply) {
    if (reply.failure) return LinkFailed(*reply.failure, [this] { StartRound(); });
    for (Answer& answer : reply.answers) {
      if (answer.status == AnswerStatus::kTryLater)
        return Stop(
            {LinkState::kServerDown, false, Millis{0}, "rows of an unanswered batch cannot be read: " + answer.code});
      if (answer.status != AnswerStatus::kDone) folders_listed_ = false;  // its items go with the folder
      std::move(answer.rows.begin(), answer.rows.end(), std::back_inserter(unknown->rows));
    }
    FetchUnknown(unknown, next);
  });
}

// Whether a folder of that kind is on the server that nobody knew here when the batch was opened, nor made here: it may
// be the one of which the answer was lost, under the name or in the place that somebody has given it since.
Result<bool> Replicator::MayBeRenamed(const JournalView& view, const Unknown& unknown, const ItemId& folder,
                                      Sequence opened, const Draft& draft) {
  OUTPOST_TRY(const std::optional<ItemState> made, LoadItem(view, folder));
  if (!made || made->on_server || opened == 0) return false;
  const auto is_other = [&](const ItemId& id, const Value& module) {
    return module == made->HeadValue(field::kFolderModule) &&
           std::ranges::none_of(unknown.creates, [&](const auto& create) { return create.item == id; });
  };
  for (const RemoteRow& row : unknown.rows) {
    const auto module = row.fields.find(field::kFolderModule);
    const auto id = draft.folders.find(row.remote_id);
    if (row.type == ItemType::kFolder && module != row.fields.end() && id != draft.folders.end() &&
        is_other(id->second, module->second))
      return true;
  }
  OUTPOST_TRY(const std::vector<ItemId> folders, FoldersOnServerEver(view));
  for (const ItemId& id : folders) {
    OUTPOST_TRY(const std::optional<ItemState> other, LoadItem(view, id));
    if (!other || !other->on_server || other->born_seq <= opened ||
        !is_other(id, other->HeadValue(field::kFolderModule)))
      continue;
    const auto born = view.Read(other->born_seq);
    if (!born || born.value().header.origin != Origin::kUser) return true;
  }
  return false;
}

// Fills one append. True when everything is in it, and the batches are closed.
Result<bool> Replicator::DraftReadBack(const JournalView& view, Unknown& unknown, Draft& draft) {
  OUTPOST_TRY(const std::set<Sequence> in_flight, InFlight(view));
  for (; unknown.next_row < unknown.rows.size(); ++unknown.next_row) {
    if (draft.events.size() >= tuning::kAppendEvents) return false;
    OUTPOST_TRY(const bool fits, DraftRow(view, in_flight, unknown.rows[unknown.next_row], draft));
    if (!fits) return false;
  }
  for (; unknown.next_create < unknown.creates.size(); ++unknown.next_create) {
    if (draft.events.size() >= tuning::kAppendEvents) return false;
    const auto& create = unknown.creates[unknown.next_create];
    if (draft.touched.contains(create.item)) continue;
    // Somebody may have deleted what we made, or made it again so that it is known here as another item: what to do is
    // for a person to decide.
    std::string_view doubt = kMaybeDeleted;
    bool renamed = false;
    if (create.type == ItemType::kFolder) {
      OUTPOST_TRY(renamed, MayBeRenamed(view, unknown, create.item, create.opened, draft));
    }
    if (renamed) {
      doubt = kMaybeRenamed;
    } else if (!create.remote_id.empty()) {
      OUTPOST_TRY(const std::optional<ItemId> known, FindByRemoteId(view, create.type, create.remote_id));
      const bool read = std::any_of(unknown.rows.begin(), unknown.rows.end(), [&](const RemoteRow& row) {
        return FieldOwner(row.type) == FieldOwner(create.type) && row.remote_id == create.remote_id;
      });
      if (!known && read && !draft.events.empty()) return false;  // this append tells of it
      if (known ? *known == create.item : read) continue;
      if (known) doubt = kAnotherItem;  // else it was listed, and gone when its row was asked for
    } else if (create.elsewhere && create.type == ItemType::kMail) {
      OUTPOST_TRY(const std::optional<ItemState> mail, LoadItem(view, create.item));
      if (mail && mail->base.contains(field::kMailToBeSent)) DraftLeft(*mail, draft);
      continue;
    } else if (!create.forgotten &&
               !(create.type == ItemType::kFolder ? unknown.doubtful_tree
                                                  : unknown.doubtful_kinds.contains(FieldOwner(create.type)) ||
                                                        unknown.doubtful_folders.contains(create.folder))) {
      continue;
    }
    OUTPOST_TRY(const std::optional<ItemState> item, LoadItem(view, create.item));
    if (!item || !item->Visible()) continue;  // deleted here since: nobody wants it made
    const ItemFacts facts = MakeItemFacts(create.item, item->type, &*item, in_flight, nullptr);
    DraftPlan(planner_.ParkUnsent(facts, create.entry, create.batch, std::string(doubt)), facts, &*item, nullptr,
              draft);
  }
  for (const OpenBatch& batch : unknown.batches)
    draft.events.push_back({Kind::kBatchClosed,
                            Origin::kEngine,
                            ItemType::kNone,
                            {},
                            {},
                            Encode(BatchClosedBody{batch.body.batch, true})});
  draft.counts.resumed_batches = unknown.batches.size();
  return true;
}

void Replicator::StoreReadBack(std::shared_ptr<Unknown> unknown, Next next) {
  if (ended_) return;
  const auto view = journal_.View();
  const std::pair before(unknown->next_row, unknown->next_create);
  Draft draft;
  const auto drafted = DraftReadBack(*view, *unknown, draft);
  if (!drafted) return Break(drafted.error());
  const bool last = drafted.value();
  Append(std::move(draft), last ? Durability::kSynced : Durability::kUnsynced,
         [this, unknown, before, last, next = std::move(next)](Result<Appended> appended) {
           if (!appended && appended.error().code != Code::kPreconditionFailed) return Break(appended.error());
           if (!appended) std::tie(unknown->next_row, unknown->next_create) = before;
           if (appended && last) return next();
           StoreReadBack(unknown, next);
         });
}

}  // namespace outpost
