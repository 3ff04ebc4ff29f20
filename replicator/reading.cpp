#include <algorithm>

#include "replicator/queue.h"
#include "replicator/replicator.h"

namespace outpost {

// All that is read in full in one pull. Threads: the strand's.
struct Replicator::Reading {
  std::vector<FolderWork> folders;  // in the order of their listings
  std::vector<bool> asked;          // of each: its listing was asked for
  std::vector<std::shared_ptr<FullRead>> reads;
  std::size_t turn = 0;               // of `reads`: whose page is next
  std::size_t under_way = 0;          // requests, and folders being ended
  std::size_t storing = 0;            // answers whose rows are being stored
  std::size_t skipped = 0;            // folders that could not be listed
  std::size_t examined_unlisted = 0;  // folders of examined kinds that were not listed yet
  bool may_move = false;              // one of them was listed before: its items may be in the others by now
  std::size_t requests = 0;           // for pages
  bool paused = false;                // edits go first: what is under way is the last of this round
  std::optional<Failure> failure;
  Next next;

  std::size_t unlisted() const { return folders.size() - reads.size() - skipped; }
  bool at_rest() const { return under_way + storing == 0; }
  // While one answer is stored, its place on the line is free: on a long line it would be empty for most of the time.
  // A second one keeps its place, or answers would pile up here.
  bool has_room() const { return under_way + storing < tuning::kInFlightRequests + std::min<std::size_t>(storing, 1); }
};

// What one request brought: the rows of several folders, and up to which of them they are whose.
struct Replicator::Pages {
  struct Share {
    std::shared_ptr<FullRead> read;
    std::size_t items = 0;  // asked for
    std::size_t end = 0;    // of its rows
  };
  std::vector<Share> shares;
  std::vector<RemoteRow> rows;
};

void Replicator::ReadFolders(std::vector<FolderWork> folders, Next next) {
  auto reading = std::make_shared<Reading>();
  reading->asked.resize(folders.size());
  for (const FolderWork& folder : folders) {
    if (!dialect_.IsExamined(folder.content)) continue;
    ++reading->examined_unlisted;
    reading->may_move = reading->may_move || folder.cursor != 0;
  }
  reading->may_move = reading->may_move || !missing_.empty();
  reading->folders = std::move(folders);
  reading->next = std::move(next);
  Tell({SyncProgress::Phase::kPulling, {}, 0, 0, reading->folders.size()});
  ReadOn(reading);
}

// Asks for whatever is next, as long as there is room for another request: the visible folder's listing and pages
// first, then all other listings, so that pages can be shared out fairly.
void Replicator::ReadOn(const std::shared_ptr<Reading>& reading) {
  if (ended_) return;
  if (reading->failure) {
    if (reading->at_rest()) LinkFailed(*reading->failure, [this] { StartRound(); });
    return;
  }
  const auto edits_wait = EditsWait(*reading);
  if (!edits_wait) return Break(edits_wait.error());
  reading->paused = reading->paused || edits_wait.value();
  if (!reading->paused) EndReads(reading);
  while (!ended_ && !reading->paused && reading->has_room())
    if (!AskListings(reading, true) && !AskPages(reading, true) && !AskListings(reading, false) &&
        !AskPages(reading, false))
      break;
  if (ended_ || !reading->at_rest()) return;
  reading_paused_ = reading->paused;
  if (auto next = std::exchange(reading->next, nullptr)) next();
}

// Whether people's edits wait that this run has not sent, while much is read for the first time: they go first now and
// then, and the reading goes on after them, with what is still missing. Not where known folders are compared: what is
// deleted there is to be known before anything is sent.
Result<bool> Replicator::EditsWait(const Reading& reading) const {
  const auto known = [](const FolderWork& folder) { return folder.cursor != 0; };
  if (resync_ || reading.requests < tuning::kReadingRequests ||
      std::any_of(reading.folders.begin(), reading.folders.end(), known))
    return false;
  Sequence first = 0;
  OUTPOST_TRY(const auto queued, QueuedItems(*journal_.View(), pushed_to_ + 1, 1, first));
  return !queued.empty();
}

bool Replicator::AskListings(const std::shared_ptr<Reading>& reading, bool visible_only) {
  std::vector<Ask> asks;
  std::vector<std::size_t> listed;
  for (std::size_t i = 0; i < reading->folders.size() && asks.size() < tuning::kListingsPerRequest; ++i) {
    const FolderWork& folder = reading->folders[i];
    if (reading->asked[i] || (visible_only && folder.id != first_folder_)) continue;
    reading->asked[i] = true;
    listed.push_back(i);
    asks.push_back(ask::Listing{folder.remote_id, folder.content});
  }
  if (asks.empty()) return false;
  ++reading->under_way;
  const Sequence asked_at = journal_.View()->last();
  SendAsks(
      std::move(asks),
      [this, reading, listed, asked_at](Reply reply) {
        --reading->under_way;
        if (reply.failure) {
          reading->failure = std::move(*reply.failure);
          return ReadOn(reading);
        }
        link_failures_ = 0;
        for (const std::size_t i : listed)
          if (dialect_.IsExamined(reading->folders[i].content)) --reading->examined_unlisted;
        for (std::size_t i = 0; i < listed.size(); ++i)
          if (auto taken = TakeListing(*reading, reading->folders[listed[i]], asked_at, reply.answers[i]); !taken)
            return Break(taken.error());
        ReadOn(reading);
      },
      trace::Why::kListing);
  return true;
}

Result<void> Replicator::TakeListing(Reading& reading, const FolderWork& folder, Sequence asked_at, Answer& answer) {
  if (answer.denied) {
    NoteClosed(folder.id, answer.code);
    ++reading.skipped;
    return Ok();
  }
  if (answer.status != AnswerStatus::kDone) {
    if (answer.status != AnswerStatus::kTryLater) folders_listed_ = false;
    report_.problem = "folder " + folder.id.Hex() + " cannot be listed now: " + answer.code;
    ++reading.skipped;
    return Ok();
  }
  auto read = std::make_shared<FullRead>();
  read->folder = folder;
  read->asked_at = asked_at;
  read->cursor = dialect_.IsExamined(folder.content)
                     ? answer.cursor
                     : std::max(answer.cursor, folder.cursor);  // an empty listing tells no time
  OUTPOST_TRYV(CompareListing(*read, std::move(answer.heads)));
  reading.reads.push_back(read);
  TellRead(reading, *read);
  return Ok();
}

// One request: pages of the folders in turn, one each, or of the visible folder alone. Rows of items whose ids change
// wait until all listings have said what is missing: one of them may be what was missing elsewhere.
bool Replicator::AskPages(const std::shared_ptr<Reading>& reading, bool visible_only) {
  auto pages = std::make_shared<Pages>();
  std::vector<Ask> asks;
  const auto& reads = reading->reads;
  for (std::size_t idle = 0; idle < reads.size() && asks.size() < request_size_.pages(); ++reading->turn) {
    const std::shared_ptr<FullRead>& read = reads[reading->turn % reads.size()];
    const bool waits = reading->may_move && reading->examined_unlisted > 0 && dialect_.IsExamined(read->folder.content);
    if (waits || read->next == read->wanted.size() || (visible_only && read->folder.id != first_folder_)) {
      ++idle;
      continue;
    }
    idle = 0;
    ask::Fetch fetch{read->folder.remote_id, read->folder.content, {}};
    for (; fetch.remote_ids.size() < settings_.PageOf(read->folder.content) && read->next < read->wanted.size();
         ++read->next)
      fetch.remote_ids.push_back(read->wanted[read->next].remote_id);
    ++read->pages_under_way;
    pages->shares.push_back({read, fetch.remote_ids.size(), 0});
    asks.push_back(std::move(fetch));
  }
  if (asks.empty()) return false;
  ++reading->under_way;
  ++reading->requests;
  SendAsks(std::move(asks), [this, reading, pages](Reply reply) { TakePages(reading, pages, std::move(reply)); });
  return true;
}

void Replicator::TakePages(const std::shared_ptr<Reading>& reading, const std::shared_ptr<Pages>& pages, Reply reply) {
  if (reply.failure)
    request_size_.Failed(pages->shares.size());
  else
    request_size_.Answered(pages->shares.size(), reply.bytes, reply.took);
  for (std::size_t i = 0; i < reply.answers.size() && !reply.failure; ++i) {
    Answer& answer = reply.answers[i];
    if (answer.status != AnswerStatus::kDone) {
      reply.failure =
          Failure{LinkState::kServerDown, false, Millis{0}, "the server refused to give rows: " + answer.code};
      break;
    }
    std::move(answer.rows.begin(), answer.rows.end(), std::back_inserter(pages->rows));
    pages->shares[i].end = pages->rows.size();
  }
  --reading->under_way;
  if (reply.failure) {
    reading->failure = std::move(*reply.failure);
    return ReadOn(reading);
  }
  link_failures_ = 0;
  ++reading->storing;
  ReadOn(reading);
  StorePages(reading, pages, 0);
}

void Replicator::StorePages(const std::shared_ptr<Reading>& reading, const std::shared_ptr<Pages>& pages,
                            std::size_t at) {
  if (at == pages->rows.size()) {
    std::size_t from = 0;
    for (const Pages::Share& share : pages->shares) {
      FullRead& read = *share.read;
      --read.pages_under_way;
      read.listed -= share.items - std::min(share.items, share.end - from);  // those were gone meanwhile
      read.stored += std::min(share.items, share.end - from);
      from = share.end;
      TellRead(*reading, read);
    }
    --reading->storing;
    return ReadOn(reading);
  }
  const auto view = journal_.View();
  const auto in_flight = InFlight(*view);
  if (!in_flight) return Break(in_flight.error());
  Draft draft;
  std::size_t end = at;
  for (; end < pages->rows.size() && draft.events.size() < tuning::kAppendEvents; ++end) {
    const auto fits = DraftRow(*view, in_flight.value(), pages->rows[end], draft);
    if (!fits) return Break(fits.error());
    if (!fits.value()) break;
  }
  Append(std::move(draft), Durability::kUnsynced, [this, reading, pages, at, end](Result<Appended> appended) {
    if (!appended && appended.error().code != Code::kPreconditionFailed) return Break(appended.error());
    StorePages(reading, pages, appended ? end : at);
  });
}

// Ends folders of which all rows are here, as many at once as requests may be under way: an end may ask, too. One with
// items to delete waits until the rows of all folders are: its item may only have moved to one of them.
void Replicator::EndReads(const std::shared_ptr<Reading>& reading) {
  const auto is_whole = [](const std::shared_ptr<FullRead>& read) {
    return read->next == read->wanted.size() && read->pages_under_way == 0;
  };
  const bool all = reading->unlisted() == 0 && std::all_of(reading->reads.begin(), reading->reads.end(), is_whole);
  for (const std::shared_ptr<FullRead>& read : reading->reads) {
    if (!reading->has_room()) return;
    if (read->ended || !is_whole(read) || (!all && !read->missing.empty())) continue;
    read->ended = true;
    ++reading->under_way;
    EndFullRead(read, 0, [this, reading] {
      --reading->under_way;
      ReadOn(reading);
    });
  }
}

void Replicator::TellRead(const Reading& reading, const FullRead& read) {
  Tell({SyncProgress::Phase::kPulling, read.folder.id, read.stored, read.listed, reading.unlisted()});
}

}  // namespace outpost
