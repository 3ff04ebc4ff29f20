#include "replicator/replicator.h"

#include <algorithm>

#include "journal/item_fold.h"
#include "replicator/rows.h"

namespace outpost {

Replicator::Replicator(std::function<ReplicatorSettings()> settings, Journal& journal, Dialect& dialect, Strand& strand,
                       const Clock& clock, Random& random, Log& log)
    : ask_settings_(std::move(settings)),
      journal_(journal),
      dialect_(dialect),
      strand_(strand),
      clock_(clock),
      random_(random),
      log_(log) {}

void Replicator::Run(ItemId first, bool resync, std::function<void(const SyncProgress&)> progress,
                     std::function<void(SyncReport)> done) {
  waiting_.push_back(std::move(done));
  if (progress) progress_ = std::move(progress);
  if (running_) {
    if (first) first_folder_ = first;  // somebody opened another folder
    return;
  }
  running_ = true;
  ended_ = false;
  ++run_;
  batches_under_way_ = 0;
  rule_under_way_ = false;
  pushed_to_ = 0;
  opening_ = false;
  first_folder_ = first;
  resync_ = resync;
  resynced_.clear();
  report_ = {};
  own_held_reported_ = 0;
  rounds_that_fetched_ = 0;
  requests_before_ = dialect_.requests();
  link_failures_ = 0;
  push_failures_ = 0;
  write_failure_.reset();
  refetch_.clear();
  changed_meanwhile_.clear();
  left_for_later_.clear();
  limits_.Clear();
  waits_.clear();
  look_for_.clear();
  looked_for_.clear();
  tree_read_ = false;
  tree_wanted_ = false;
  sources_failed_.clear();
  busy_put_off_.clear();
  listings_failed_.clear();
  source_failures_.clear();
  Tell({SyncProgress::Phase::kConnecting});
  StartRound();
}

void Replicator::StartRound() {
  if (ended_) return;
  news_in_round_ = 0;
  fetched_in_round_ = false;
  reading_paused_ = false;
  left_for_next_round_.clear();
  gone_ids_.clear();
  missing_.clear();
  strays_.reset();
  seen_.clear();
  asked_for_.clear();
  vanished_.clear();
  settings_ = ask_settings_();
  ++report_.rounds;
  Pull([this] {
    ReadBack([this] { Push([this] { ReadSources([this] { ReadAttachments([this] { EndRound(); }); }); }); });
  });
}

void Replicator::EndRound() {
  // Sources come to an end however many there are: one that is here is asked for no more.
  if (fetched_in_round_) ++rounds_that_fetched_;
  if ((news_in_round_ > 0 || reading_paused_) && report_.rounds - rounds_that_fetched_ < tuning::kRoundsMax)
    StartRound();
  else
    Finish();
}

void Replicator::Finish() {
  if (!running_ || ended_) return;
  ended_ = true;
  running_ = false;
  report_.requests = dialect_.requests() - requests_before_;
  const auto view = journal_.View();
  if (const auto pending = CountQueue(*view)) report_.pending = pending.value();
  if (const auto wishes = CountWishes(*view)) report_.wishes = wishes.value();
  Tell({SyncProgress::Phase::kIdle});
  auto waiting = std::exchange(waiting_, {});
  progress_ = nullptr;
  for (auto& done : waiting) done(report_);
}

void Replicator::Stop(const Failure& failure) {
  if (ended_) return;
  report_.link = failure.why;
  report_.problem = failure.text;
  report_.retry_after = failure.retry_after;
  log_.Write(LogLevel::kWarning, "replicator",
             std::string("stopped: ") + LinkStateName(failure.why) + ": " + failure.text);
  Finish();
}

void Replicator::Break(const Error& error) {
  if (ended_) return;
  report_.local_failure = true;
  people_ages_.clear();  // what they told may not be stored
  report_.problem = error.context;
  log_.Write(LogLevel::kError, "replicator", std::string("stopped: ") + CodeName(error.code) + ": " + error.context);
  Finish();
}

void Replicator::LinkFailed(const Failure& failure, Next again) {
  ++link_failures_;
  const bool may_pass = failure.why == LinkState::kOffline || failure.why == LinkState::kServerDown ||
                        failure.why == LinkState::kProtocolError || failure.why == LinkState::kThrottled ||
                        failure.why == LinkState::kCaptivePortal;
  Millis pause = tuning::kFirstBackoff * (1 << std::min(link_failures_ - 1, 10));
  pause += Millis(static_cast<std::int64_t>(random_.Below(static_cast<std::uint64_t>(pause.count()))));
  pause = std::max(pause, failure.retry_after);
  if (!may_pass || link_failures_ >= tuning::kLinkFailuresMax || pause > tuning::kPauseMax) return Stop(failure);
  strand_.PostAfter(pause, OfRun(std::move(again)));
}

void Replicator::SendAsks(std::vector<Ask> asks, std::function<void(Reply)> done, trace::Why why,
                          const BatchId& batch) {
  const std::uint64_t number = ++asked_;
  planner_.NoteRequest(number, why, asks);
  planner_.Flush();
  if (batch) on_line_.insert(batch);
  auto answered = OfRun([this, number, done = std::move(done)](Reply reply) {
    planner_.NoteReply(number, reply);
    done(std::move(reply));
  });
  dialect_.Send(std::move(asks), [this, alive = std::weak_ptr(alive_), batch, answered](Reply reply) {
    if (alive.expired()) return;
    on_line_.erase(batch);
    answered(std::move(reply));
  });
}

void Replicator::Tell(const SyncProgress& progress) {
  if (progress_) progress_(progress);
}

Result<void> Replicator::FindFolders(const JournalView& view) {
  if (held_folders_ && held_folders_->at == view.last()) return Ok();
  std::vector<std::pair<ItemId, std::string>> ids;
  OUTPOST_TRYV(view.Scan(kRemoteIndex, "f", "", [&](std::string_view key, std::string_view row) {
    if (const auto id = ItemId::FromView(row)) ids.emplace_back(*id, key.substr(1));
    return true;
  }));
  HeldFolders held{view.last(), {}};
  for (const auto& [id, remote_id] : ids) {
    OUTPOST_TRY(const std::optional<ItemState> item, LoadItem(view, id));
    // Not by an id of old, from before it was made again: it would be read twice.
    if (!item || !item->on_server || item->remote_id != remote_id) continue;
    const ItemType content = ContentOf(*item);
    if (content == ItemType::kNone) continue;
    OUTPOST_TRY(std::optional<CursorMovedBody> cursor, LoadCursor(view, id));
    held.folders.push_back({id, remote_id, content, std::move(cursor)});
  }
  held_folders_ = std::move(held);
  return Ok();
}

Result<std::vector<Replicator::FolderWork>> Replicator::LoadFolders(const JournalView& view) {
  OUTPOST_TRYV(FindFolders(view));
  std::vector<FolderWork> folders;
  for (const auto& [id, remote_id, content, cursor] : held_folders_->folders) {
    FolderWork work{id, remote_id, content, false, cursor ? cursor->cursor : 0, cursor ? cursor->compared : Millis{0}};
    FolderFacts facts{id, work.remote_id, content, work.cursor, dialect_.IsExamined(content)};
    facts.read_once = cursor && cursor->complete;
    facts.same_columns = cursor && cursor->columns == tuning::kColumnSet;
    facts.remembered = facts.examined ? !stale_.contains(id) : Remembers(id, work.cursor);
    facts.due = ComparisonIsDue(work);
    facts.resync = resync_ && !resynced_.contains(id);
    work.complete = planner_.Look(facts) != FolderLook::kReadInFull;
    folders.push_back(std::move(work));
  }
  std::sort(folders.begin(), folders.end(), [&](const FolderWork& a, const FolderWork& b) {
    return std::pair(a.id != first_folder_, a.id) < std::pair(b.id != first_folder_, b.id);
  });
  return folders;
}

std::vector<ItemType> Replicator::ExaminedKinds() const {
  std::vector<ItemType> kinds;
  for (const ItemType type : {ItemType::kContact, ItemType::kAppointment, ItemType::kTask, ItemType::kMail})
    if (dialect_.IsExamined(type)) kinds.push_back(type);
  return kinds;
}

bool Replicator::Remembers(const ItemId& folder, std::int64_t cursor) const {
  const Millis horizon = dialect_.session().tombstone_horizon;
  if (const auto age = cursor_ages_.find(folder); age != cursor_ages_.end())
    return clock_.MonotonicNow() - age->second.asked < horizon && clock_.WallNow() - age->second.asked_wall < horizon;
  return cursor == 0 || dialect_.session().server_now - Millis(cursor) < horizon;
}

// A folder of an examined kind also once in each process: what changed before does not show in its state. The tree is
// listed whole once in each. Of the others the time is kept, so that a process that runs for a moment each day, or
// only once, compares like one that goes on; it is measured by both clocks, for one may be set and the other stand
// still while the computer sleeps.
bool Replicator::ComparisonIsDue(const FolderWork& folder) const {
  const bool examined = dialect_.IsExamined(folder.content);
  if (folder.id && !examined && std::chrono::abs(clock_.WallNow() - folder.compared) >= tuning::kCompareEvery)
    return true;
  const auto last = comparisons_.find(folder.id);
  if (last == comparisons_.end()) return examined;
  const auto age = clock_.MonotonicNow() - last->second.at;
  if (examined) return age >= tuning::kCompareExaminedEvery;
  return age >= tuning::kCompareEvery || (last->second.doubted && age >= tuning::kCompareAfterDoubt);
}

Result<std::set<Sequence>> Replicator::InFlight(const JournalView& view) const {
  std::set<Sequence> in_flight;
  OUTPOST_TRY(const std::vector<OpenBatch> batches, LoadOpenBatches(view));
  for (const OpenBatch& batch : batches)
    for (const BatchEntry& entry : batch.body.entries) in_flight.insert(entry.intents.begin(), entry.intents.end());
  return in_flight;
}

void Replicator::Preview(std::function<void(Result<SyncPreview>)> done) {
  if (running_) return done(Error{Code::kConflict, Retry::kBackoff, "a sync is under way"});
  auto view = journal_.View();
  const auto pending = CountQueue(*view);
  if (!pending) return done(pending.error());
  auto folders = LoadFolders(*view);
  if (!folders) return done(folders.error());
  auto preview = std::make_shared<SyncPreview>();
  preview->send = pending.value();
  std::vector<Ask> asks;
  for (const FolderWork& folder : folders.value()) {
    if (folder.complete && !dialect_.IsExamined(folder.content))
      asks.push_back(ask::Changes{folder.remote_id, folder.content, folder.cursor});
    else
      asks.push_back(ask::Listing{folder.remote_id, folder.content});
  }
  if (asks.empty()) asks.push_back(ask::Folders{});
  const std::vector<FolderWork> asked = std::move(folders).value();
  dialect_.Send(std::move(asks), [this, preview, asked, done = std::move(done)](Reply reply) {
    if (reply.failure) {
      preview->link.link = reply.failure->why;
      preview->link.problem = reply.failure->text;
      return done(*preview);
    }
    auto now = journal_.View();
    const auto count = [&](ItemType type, const std::string& remote_id, std::int64_t version) {
      const auto id = FindByRemoteId(*now, type, remote_id);
      if (!id || !id.value()) return void(++preview->fetch);
      const auto item = LoadItem(*now, *id.value());
      if (!item || !item.value() || item.value()->version == version) return;
      ++preview->fetch;
      if (item.value()->on_server) ++preview->overwrite;
    };
    for (std::size_t i = 0; i < reply.answers.size(); ++i) {
      const Answer& answer = reply.answers[i];
      for (const RemoteRow& row : answer.rows) count(row.type, row.remote_id, row.version);
      if (asked.empty()) continue;  // only the tree was asked for
      const ItemType type = asked[i].content;
      for (const RemoteHead& head : answer.heads) count(type, head.remote_id, head.version);
      for (const std::string& remote_id : answer.deleted) {
        const auto id = FindByRemoteId(*now, type, remote_id);
        if (!id || !id.value()) continue;
        const auto item = LoadItem(*now, *id.value());
        if (item && item.value() && item.value()->on_server) ++preview->remove;
      }
    }
    done(*preview);
  });
}

const char* LinkStateName(LinkState state) {
  switch (state) {
    case LinkState::kOnline:
      return "online";
    case LinkState::kOffline:
      return "offline";
    case LinkState::kServerDown:
      return "server_down";
    case LinkState::kThrottled:
      return "throttled";
    case LinkState::kWrongPassword:
      return "wrong_password";
    case LinkState::kWrongCertificate:
      return "wrong_certificate";
    case LinkState::kProtocolError:
      return "protocol_error";
    case LinkState::kCaptivePortal:
      return "captive_portal";
  }
  return "unknown";
}

}  // namespace outpost
