// The time before a folder's cursor: asked for once more until it has settled.
#include <algorithm>
#include <iterator>
#include <set>

#include "journal/item_fold.h"
#include "replicator/replicator.h"
#include "replicator/rows.h"

namespace outpost {

bool Replicator::IsSettled(const FolderWork& folder) const {
  const auto age = cursor_ages_.find(folder.id);
  return age != cursor_ages_.end() && age->second.settled && age->second.cursor == folder.cursor;
}

// Before its cursor, where something may have become visible since that was there already when the cursor moved.
std::int64_t Replicator::OverlapFrom(const FolderWork& folder) {
  return std::max<std::int64_t>(0, folder.cursor - tuning::kCursorOverlap.count());
}

// Of the tree all changes are told once more as rows: they are few.
std::int64_t Replicator::AskFrom(const FolderWork& tree) const {
  return IsSettled(tree) ? tree.cursor : OverlapFrom(tree);
}

void Replicator::NoteAsked(const FolderWork& folder, std::int64_t answered, bool news) {
  CursorAge& age = cursor_ages_[folder.id];
  const auto now = clock_.MonotonicNow();
  if (age.cursor != answered || age.since.count() == 0)
    age = {answered, now, false};
  else if (!news && now - age.since >= tuning::kCursorOverlap)
    age.settled = true;
  age.asked = now;
  age.asked_wall = clock_.WallNow();
}

// What the time before a folder's cursor tells: deletions are taken once more, and what is held as it is there is not
// read again. The rest is late: it became visible after the cursor had moved past it.
Result<void> Replicator::ReceiveOverlap(Answer answer, Incoming& changes) {
  const auto view = journal_.View();
  std::set<std::string> told;
  for (const RemoteRow& row : changes.answer.rows) told.insert(row.remote_id);
  for (const std::string& id : changes.answer.deleted) told.insert(id);
  const ItemType type = changes.folder.content;
  for (const RemoteHead& head : answer.heads) {
    if (told.contains(head.remote_id)) continue;
    OUTPOST_TRY(const std::optional<ItemId> id, IdOfRemoteId(*view, type, head.remote_id));
    if (id && !unread_.contains(*id)) {
      OUTPOST_TRY(const std::optional<ItemState> item, LoadItem(*view, *id));
      const bool held = item && item->on_server && item->remote_id == head.remote_id && item->version == head.version;
      if (held) continue;
    }
    changes.late.push_back(head.remote_id);
  }
  for (std::string& id : answer.deleted) {
    if (told.contains(id)) continue;
    gone_ids_.insert(RemoteKey(changes.folder.content, id));
    changes.answer.deleted.push_back(std::move(id));
  }
  return Ok();
}

// The rows of what is late, one page of each folder with a request.
void Replicator::FetchLate(IncomingList incoming, Next next) {
  std::vector<Ask> asks;
  std::vector<std::size_t> asked;
  for (std::size_t i = 0; i < incoming->size() && asks.size() < tuning::kPagesPerRequest; ++i) {
    Incoming& part = (*incoming)[i];
    if (part.late.empty()) continue;
    const std::size_t first = part.late.size() - std::min(part.late.size(), tuning::kPageItems);
    asks.push_back(ask::Fetch{part.folder.remote_id,
                              part.folder.content,
                              {part.late.begin() + static_cast<std::ptrdiff_t>(first), part.late.end()}});
    asked.push_back(i);
  }
  if (asks.empty()) return next();
  SendAsks(std::move(asks), [this, incoming, asked, next = std::move(next)](Reply reply) {
    if (reply.failure) return LinkFailed(*reply.failure, [this] { StartRound(); });
    for (std::size_t i = 0; i < asked.size(); ++i) {
      Incoming& part = (*incoming)[asked[i]];
      Answer& answer = reply.answers[i];
      if (answer.status != AnswerStatus::kDone) {  // nothing of the folder counts: it is asked again
        NotAnswered({part.folder, PullAsk::Look::kChanges}, answer);
        part.answer = {};
        part.late.clear();
        part.progress.finished = true;
        continue;
      }
      part.late.resize(part.late.size() - std::min(part.late.size(), tuning::kPageItems));
      part.answer.rows.insert(part.answer.rows.end(), std::make_move_iterator(answer.rows.begin()),
                              std::make_move_iterator(answer.rows.end()));
    }
    FetchLate(incoming, next);
  });
}

}  // namespace outpost
