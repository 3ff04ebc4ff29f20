#include <algorithm>

#include "journal/item_fold.h"
#include "replicator/replicator.h"

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
    BatchEntry entry;
    BatchId batch{};
    Sequence opened = 0;
  };
  std::vector<OpenBatch> batches;
  std::vector<Create> creates;
  std::map<std::pair<std::string, ItemType>, std::vector<std::string>> fetch;  // by remote folder
  std::set<ItemId> doubtful_folders;  // something unknown was deleted in them since
  std::vector<RemoteRow> rows;
};

void Replicator::ReadBack(Next next) {
  if (ended_) return;
  auto unknown = FindUnknown(*journal_.View());
  if (!unknown) return Break(unknown.error());
  if (unknown.value()->batches.empty()) return next();
  Tell(SyncProgress::Phase::kReadingBack, 0, unknown.value()->batches.size());
  if (unknown.value()->creates.empty()) return FetchUnknown(unknown.value(), next);
  LookForCreates(unknown.value(), next);
}

Result<std::shared_ptr<Replicator::Unknown>> Replicator::FindUnknown(const JournalView& view) {
  auto unknown = std::make_shared<Unknown>();
  OUTPOST_TRY(unknown->batches, LoadOpenBatches(view));
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
        unknown->creates.push_back({item->id, item->type, item->Folder(), text != nullptr ? *text : "", "", "", entry,
                                    batch.body.batch, batch.seq});
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

// Every folder is listed, since another program may have moved the item; and of the folders it was meant for, what was
// deleted since.
void Replicator::LookForCreates(std::shared_ptr<Unknown> unknown, Next next) {
  const auto view = journal_.View();
  const auto folders = LoadFolders(*view);
  if (!folders) return Break(folders.error());
  std::vector<Ask> asks;
  std::vector<FolderWork> asked;
  for (const FolderWork& folder : folders.value()) {
    asks.push_back(ask::Listing{folder.remote_id, folder.content});
    asked.push_back(folder);
  }
  for (const FolderWork& folder : folders.value()) {
    Sequence opened = 0;
    for (const auto& create : unknown->creates)
      if (create.folder == folder.id) opened = opened == 0 ? create.opened : std::min(opened, create.opened);
    if (opened == 0) continue;
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
  SendAsks(std::move(asks), [this, unknown, asked, next = std::move(next)](Reply reply) {
    if (reply.failure) return LinkFailed(*reply.failure, [this] { StartRound(); });
    const auto now = journal_.View();
    for (std::size_t i = 0; i < reply.answers.size(); ++i) {
      const Answer& answer = reply.answers[i];
      if (answer.status != AnswerStatus::kDone)
        return Stop({LinkState::kServerDown, false, Millis{0},
                     "a folder cannot be listed to find unanswered creates: " + answer.code});
      for (const RemoteHead& head : answer.heads)
        for (auto& create : unknown->creates)
          if (!create.uid.empty() && head.uid == create.uid) {
            create.remote_id = head.remote_id;
            create.remote_folder = asked[i].remote_id;
          }
      for (const std::string& remote_id : answer.deleted) {
        const auto known = FindByRemoteId(*now, asked[i].content, remote_id);
        if (!known) return Break(known.error());
        if (!known.value()) unknown->doubtful_folders.insert(asked[i].id);
      }
    }
    for (const auto& create : unknown->creates)
      if (!create.remote_id.empty()) unknown->fetch[{create.remote_folder, create.type}].push_back(create.remote_id);
    FetchUnknown(unknown, next);
  });
}

void Replicator::FetchUnknown(std::shared_ptr<Unknown> unknown, Next next) {
  if (unknown->fetch.empty()) return StoreReadBack(unknown, next);
  std::vector<Ask> asks;
  for (const auto& [folder, ids] : unknown->fetch) asks.push_back(ask::Fetch{folder.first, folder.second, ids});
  SendAsks(std::move(asks), [this, unknown, next = std::move(next)](Reply reply) {
    if (reply.failure) return LinkFailed(*reply.failure, [this] { StartRound(); });
    for (Answer& answer : reply.answers) {
      if (answer.status != AnswerStatus::kDone)
        return Stop(
            {LinkState::kServerDown, false, Millis{0}, "rows of an unanswered batch cannot be read: " + answer.code});
      std::move(answer.rows.begin(), answer.rows.end(), std::back_inserter(unknown->rows));
    }
    StoreReadBack(unknown, next);
  });
}

void Replicator::StoreReadBack(std::shared_ptr<Unknown> unknown, Next next) {
  const auto view = journal_.View();
  const auto in_flight = InFlight(*view);
  if (!in_flight) return Break(in_flight.error());
  Draft draft;
  for (const RemoteRow& row : unknown->rows)
    if (const auto drafted = DraftRow(*view, in_flight.value(), row, draft); !drafted) return Break(drafted.error());
  for (const auto& create : unknown->creates) {
    if (!create.remote_id.empty() || !unknown->doubtful_folders.contains(create.folder) ||
        draft.touched.contains(create.item))
      continue;
    const auto item = LoadItem(*view, create.item);
    if (!item) return Break(item.error());
    if (!item.value()) continue;
    // Somebody may have deleted what we made: making it again is for a person to decide.
    const ItemFacts facts = MakeItemFacts(create.item, item.value()->type, &*item.value(), in_flight.value(), nullptr);
    DraftPlan(PlanPark(facts, create.entry, create.batch, "maybe_deleted_on_server"), facts, &*item.value(), nullptr,
              draft);
  }
  for (const OpenBatch& batch : unknown->batches)
    draft.events.push_back({Kind::kBatchClosed,
                            Origin::kEngine,
                            ItemType::kNone,
                            {},
                            {},
                            Encode(BatchClosedBody{batch.body.batch, true})});
  draft.counts.resumed_batches = unknown->batches.size();
  Append(std::move(draft), Durability::kSynced, [this, unknown, next = std::move(next)](Result<Appended> appended) {
    if (!appended && appended.error().code == Code::kPreconditionFailed) return StoreReadBack(unknown, next);
    if (!appended) return Break(appended.error());
    next();
  });
}

}  // namespace outpost
