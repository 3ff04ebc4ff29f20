#include <algorithm>

#include "journal/item_fold.h"
#include "replicator/replicator.h"

namespace outpost {
namespace {

// Parents before their children, so that a child finds the id its parent gets here; what hangs in a circle comes last.
void ParentsFirst(std::vector<RemoteRow>& rows) {
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

}  // namespace

std::int64_t Replicator::AskFrom(const FolderWork& folder) const {
  const auto age = cursor_ages_.find(folder.id);
  const bool settled = age != cursor_ages_.end() && age->second.settled && age->second.cursor == folder.cursor;
  // One less even then: whether the server takes its bound inclusively is not certain.
  return std::max<std::int64_t>(0, folder.cursor - (settled ? 1 : tuning::kCursorOverlap.count()));
}

void Replicator::NoteAsked(const FolderWork& folder, std::int64_t answered, bool news) {
  CursorAge& age = cursor_ages_[folder.id];
  const auto now = clock_.MonotonicNow();
  if (age.cursor != answered || age.since.count() == 0)
    age = {answered, now, false};
  else if (!news && now - age.since >= tuning::kCursorOverlap)
    age.settled = true;
}

void Replicator::Pull(Next next) {
  auto folders = LoadFolders(*journal_.View());
  if (!folders) return Break(folders.error());
  auto known = std::make_shared<std::vector<FolderWork>>();
  for (FolderWork& folder : folders.value())
    if (folder.complete) known->push_back(std::move(folder));
  Tell(SyncProgress::Phase::kPulling, 0, 0);
  auto incoming = std::make_shared<std::vector<Incoming>>();
  SendPull(known, 0, incoming, [this, incoming, next = std::move(next)] {
    Store(incoming, [this, next] {
      auto all = LoadFolders(*journal_.View());
      if (!all) return Break(all.error());
      auto unread = std::make_shared<std::vector<FolderWork>>();
      for (FolderWork& folder : all.value())
        if (!folder.complete) unread->push_back(std::move(folder));
      ReadFolders(unread, 0, next);
    });
  });
}

// One request for the folder tree and the first hundred folders, one for each further hundred.
void Replicator::SendPull(std::shared_ptr<std::vector<FolderWork>> folders, std::size_t at, IncomingList incoming,
                          Next next) {
  std::vector<Ask> asks;
  std::vector<FolderWork> asked;
  const auto tree = LoadCursor(*journal_.View(), {});
  if (!tree) return Break(tree.error());
  if (at == 0) {
    FolderWork root;
    root.cursor = tree.value() ? tree.value()->cursor : 0;
    if (folders_listed_)
      asks.push_back(ask::FolderChanges{AskFrom(root)});
    else
      asks.push_back(ask::Folders{{ItemType::kContact}});
    asked.push_back(root);
  }
  for (; at < folders->size() && asks.size() < tuning::kAsksPerRequest; ++at) {
    const FolderWork& folder = (*folders)[at];
    asks.push_back(ask::Changes{folder.remote_id, folder.content, AskFrom(folder)});
    asked.push_back(folder);
  }
  SendAsks(std::move(asks), [this, folders, at, asked, incoming, next = std::move(next)](Reply reply) {
    if (reply.failure) return LinkFailed(*reply.failure, [this] { StartRound(); });
    link_failures_ = 0;
    if (auto received = Receive(asked, std::move(reply.answers), *incoming); !received) return Break(received.error());
    if (at < folders->size()) return SendPull(folders, at, incoming, next);
    next();
  });
}

Result<void> Replicator::Receive(const std::vector<FolderWork>& asked, std::vector<Answer> answers,
                                 std::vector<Incoming>& incoming) {
  for (std::size_t i = 0; i < answers.size(); ++i) {
    Answer& answer = answers[i];
    if (answer.status != AnswerStatus::kDone) {
      // A folder that cannot be asked now loses nothing: its cursor stays. The reason is told when nothing worse comes.
      if (report_.problem.empty() && asked[i].id)
        report_.problem = "folder " + asked[i].id.Hex() + " cannot be read now: " + answer.code;
      continue;
    }
    if (!asked[i].id && !folders_listed_) {
      folders_listed_ = true;
      for (const RemoteRow& row : answer.rows) answer.cursor = std::max(answer.cursor, row.version);
    }
    answer.cursor = std::max(answer.cursor, asked[i].cursor);
    if (!asked[i].id) ParentsFirst(answer.rows);
    incoming.push_back({asked[i], std::move(answer), {}});
  }
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

// Fills one append. True when everything that came is in it.
Result<bool> Replicator::DraftIncoming(const JournalView& view, std::vector<Incoming>& incoming, Draft& draft) {
  OUTPOST_TRY(const std::set<Sequence> in_flight, InFlight(view));
  const bool deletes =
      std::any_of(incoming.begin(), incoming.end(), [](const Incoming& part) { return !part.answer.deleted.empty(); });
  for (Incoming& part : incoming) {
    for (; part.progress.next_row < part.answer.rows.size(); ++part.progress.next_row) {
      if (draft.events.size() >= tuning::kAppendEvents) return false;
      OUTPOST_TRY(const bool fits, DraftRow(view, in_flight, part.answer.rows[part.progress.next_row], draft));
      if (!fits) return false;
    }
  }
  if (deletes && !draft.events.empty()) return false;
  for (Incoming& part : incoming) {
    if (part.progress.finished) continue;
    for (; part.progress.next_deleted < part.answer.deleted.size(); ++part.progress.next_deleted) {
      if (draft.events.size() >= tuning::kAppendEvents) return false;
      const ItemType type = part.folder.id ? part.folder.content : ItemType::kFolder;
      const std::string& remote_id = part.answer.deleted[part.progress.next_deleted];
      OUTPOST_TRY(const std::optional<ItemId> id, FindByRemoteId(view, type, remote_id));
      if (!id) continue;
      OUTPOST_TRY(const std::optional<ItemState> item, LoadItem(view, *id));
      if (!item || item->remote_id != remote_id) continue;  // made again since, under another id
      OUTPOST_TRY(const bool fits, type == ItemType::kFolder ? DraftFolderGone(view, in_flight, *id, draft)
                                                             : DraftGone(view, in_flight, *id, part.folder.id, draft));
      if (!fits) return false;
    }
    const bool news = !part.answer.rows.empty() && !draft.events.empty();
    if (part.answer.cursor > part.folder.cursor) DraftCursor(part.folder.id, part.answer.cursor, draft);
    if (part.answer.cursor > 0) NoteAsked(part.folder, part.answer.cursor, news);
    part.progress.finished = true;
  }
  return true;
}

}  // namespace outpost
