#include <algorithm>

#include "journal/item_fold.h"
#include "replicator/replicator.h"
#include "schemas/folders.h"
#include "schemas/series.h"

namespace outpost {

void Replicator::Push(Next next) {
  after_push_ = std::move(next);
  pushed_to_ = journal_.View()->last();
  push_failure_.reset();
  own_weighed_to_ = 0;  // a person may have answered
  own_unweighed_ = false;
  own_held_.clear();
  PumpPush();
}

// Opens batches until enough are under way; goes on behind the queue when none is left.
void Replicator::PumpPush() {
  if (ended_ || opening_) return;
  if (!push_failure_ && batches_under_way_ < tuning::kInFlightRequests) {
    auto planned = PlanBatch();
    if (!planned) return Break(planned.error());
    if (planned.value()) return OpenAndSend(std::make_shared<Outgoing>(std::move(*planned.value())));
    if (std::exchange(own_unweighed_, false)) return AskAboutOwnDeletions([this] { PumpPush(); });
  }
  if (batches_under_way_ > 0) return;
  if (push_failure_) {
    const Failure failure = *std::exchange(push_failure_, std::nullopt);
    if (push_failures_ >= tuning::kPushFailuresMax) return Stop(failure);
    return LinkFailed(failure, [this] { StartRound(); });
  }
  if (!refetch_.empty()) return Refetch([this] { PumpPush(); });
  if (!look_for_.empty()) return LookBeforeCreating([this] { PumpPush(); });
  if (write_failure_ && report_.pushed == 0) return Stop(*write_failure_);  // no write gets through
  std::exchange(after_push_, nullptr)();
}

// What only waits for others hides nothing that is behind it in the queue.
Result<std::optional<Replicator::Outgoing>> Replicator::PlanBatch() {
  for (;;) {
    const std::size_t waiting = waits_.size() + left_for_next_round_.size();
    OUTPOST_TRY(auto outgoing, PlanNextBatch());
    if (outgoing || own_unweighed_ || waits_.size() + left_for_next_round_.size() == waiting) return outgoing;
  }
}

Result<std::optional<Replicator::Outgoing>> Replicator::PlanNextBatch() {
  own_unweighed_ = false;
  const auto view = journal_.View();
  OUTPOST_TRY(const std::vector<OpenBatch> open, LoadOpenBatches(*view));
  std::set<ItemId> busy(left_for_later_);
  busy.insert(left_for_next_round_.begin(), left_for_next_round_.end());
  busy.insert(waits_.begin(), waits_.end());
  busy.insert(own_held_.begin(), own_held_.end());
  busy.insert(refetch_.begin(), refetch_.end());
  busy.insert(look_for_.begin(), look_for_.end());
  for (const auto& [item, pulls] : doubted_)
    if (pulls + 1 >= pulls_) busy.insert(item);  // told as deleted just now: the next round knows whether it is
  for (const OpenBatch& batch : open)
    for (const BatchEntry& entry : batch.body.entries) busy.insert(entry.item);
  Outgoing outgoing;
  outgoing.body.batch = MakeId<BatchId>(clock_.WallNow(), random_);
  OUTPOST_TRY(
      std::vector<ItemId> queued,
      QueuedItems(*view, queue_from_, settings_.batch_intents + busy.size() + patience_.suspects(), queue_from_));
  std::erase_if(queued, [&](const ItemId& id) { return busy.contains(id); });
  // Items of requests that the server failed come last, and among themselves.
  const auto suspects =
      std::stable_partition(queued.begin(), queued.end(), [&](const ItemId& id) { return !patience_.BatchMax(id); });
  std::size_t most = settings_.batch_intents;
  std::size_t intents = 0;
  ExpectItems(*view, std::span(queued).first(std::min(queued.size(), most)));
  for (auto id = queued.begin(); id != queued.end() && intents < most; ++id) {
    if (id >= suspects && intents > 0 && !patience_.BatchMax(outgoing.body.entries.front().item)) break;
    OUTPOST_TRY(const std::optional<ItemState> item, LoadItem(*view, *id));
    if (!item || (item->type == ItemType::kRule && rule_under_way_)) continue;
    // Requests of their own.
    const bool alone = item->type == ItemType::kAttachment || IsUsersSetting(item->type) || OnlyAnswersDay(*item) ||
                       (item->type == ItemType::kMail && !item->on_server) ||
                       std::ranges::any_of(item->pending, [](const PendingEdit& edit) {
                         const auto photo = edit.patch.find(field::kContactPhoto);
                         return photo != edit.patch.end() && !IsNull(photo->second);
                       });
    const std::size_t together = alone ? 1 : std::min(most, patience_.BatchMax(*id).value_or(most));
    if (outgoing.body.entries.size() >= together) continue;
    const std::size_t entries = outgoing.body.entries.size();
    OUTPOST_TRYV(AddEntry(*view, *item, outgoing));
    if (own_unweighed_) break;
    if (outgoing.body.entries.size() == entries) continue;
    most = together;
    intents += outgoing.body.entries.back().intents.size();
    outgoing.about_rule = item->type == ItemType::kRule;
  }
  if (outgoing.body.entries.empty() && outgoing.draft.events.empty()) return std::optional<Outgoing>{};
  const bool makes_folders = std::any_of(outgoing.asks.begin(), outgoing.asks.end(), [](const Ask& ask) {
    const auto* create = std::get_if<ask::Create>(&ask);
    return create != nullptr && create->type == ItemType::kFolder;
  });
  if (makes_folders) {  // said again just before, so that it can be asked later what was deleted since (TreeTokenAt)
    OUTPOST_TRY(const std::optional<CursorMovedBody> tree, LoadCursor(*view, {}));
    if (tree) DraftCursor({}, tree->cursor, tree->compared, outgoing.draft);
  }
  if (!outgoing.body.entries.empty())
    outgoing.draft.events.push_back(
        {Kind::kBatchOpened, Origin::kEngine, ItemType::kNone, {}, {}, Encode(outgoing.body)});
  return std::optional<Outgoing>(std::move(outgoing));
}

Result<void> Replicator::AddEntry(const JournalView& view, const ItemState& item, Outgoing& outgoing) {
  if (item.on_server && dialect_.IsExamined(item.type) && !seen_.contains(item.id)) {
    // Not read in this round: it was edited since, or there is more than fits into one.
    const bool asked = asked_for_.contains(item.id);
    (asked ? left_for_later_ : left_for_next_round_).insert(item.id);
    if (!asked) ++news_in_round_;
    return Ok();
  }
  // What is closed as a whole would refuse it: it waits until it is open. So does what is attached to something in it.
  ItemType kind = item.type == ItemType::kFolder ? ContentOf(item) : FieldOwner(item.type);
  if (item.type == ItemType::kAttachment && !closed_kinds_.empty()) {
    OUTPOST_TRY(const std::optional<ItemState> owner, LoadItem(view, item.Folder()));
    if (owner) kind = FieldOwner(owner->type);
  }
  if (closed_kinds_.contains(kind)) {
    left_for_later_.insert(item.id);
    return Ok();
  }
  const ItemFacts facts = MakeItemFacts(item.id, item.type, &item, {}, nullptr);
  EntryPlan plan = planner_.Entry(facts);
  const std::optional<BatchEntry> planned = plan.entry;
  const bool is_folder = item.type == ItemType::kFolder;
  if (plan.entry && plan.entry->verb == Verb::kDelete && plan.entry->intents.front() > own_weighed_to_) {
    own_unweighed_ = true;
    return Ok();
  }
  if (is_folder && plan.entry && plan.entry->verb == Verb::kDelete) {
    OUTPOST_TRY(const bool send, DraftFolderDeletion(view, item, facts, *plan.entry, outgoing.draft));
    if (!send) return Ok();
  }
  if (plan.entry && plan.entry->verb == Verb::kDelete) {
    OUTPOST_TRY(const bool replaced, IsReplaced(view, item));
    if (!replaced) {
      left_for_next_round_.insert(item.id);
      return Ok();
    }
  }
  // What a new series drops is told once it is there.
  if (const Field* days = FindField(DroppedDaysOf(item.type));
      days != nullptr && plan.entry && plan.entry->verb == Verb::kCreate)
    std::erase(plan.entry->groups, days->group);
  // An answer is told by itself, so that what becomes of it says nothing of the rest; of what is made here once it is
  // there. So is a receipt.
  const FieldId alone = item.type == ItemType::kMail ? field::kMailReceiptSent : field::AnswerOf(item.type).answer;
  if (const Field* answer = FindField(alone); answer != nullptr && plan.entry && plan.entry->verb != Verb::kDelete &&
                                              plan.entry->groups.size() > 1 && !OnlyAnswersDay(item))
    std::erase(plan.entry->groups, answer->group);
  if (plan.entry && !KeepPhotoBack(item, *plan.entry)) return Ok();
  ParkTooLong(item, facts, plan);
  // A folder is known by its place and name as soon as the tree is read.
  if (plan.entry && plan.entry->verb == Verb::kCreate && plan.entry->intents.front() != item.born_seq && !is_folder &&
      !looked_for_.contains(item.id)) {
    look_for_.insert(item.id);
    return Ok();
  }
  std::optional<Ask> request;
  if (plan.entry) {
    OUTPOST_TRY(const bool folder_first, FolderIsToBeMade(view, item, *plan.entry));
    OUTPOST_TRY(const bool place_taken, PlaceIsTaken(view, item, *plan.entry));
    if (folder_first || place_taken) {
      waits_.insert(item.id);
      return Ok();
    }
    OUTPOST_TRY(const std::optional<ItemState> series, SeriesOfNew(view, item, *plan.entry));
    if (series && Waits(*series)) {
      left_for_next_round_.insert(item.id);
      return Ok();
    }
    const bool no_source =
        item.type == ItemType::kMail && plan.entry->verb == Verb::kCreate && IsNull(item.HeadValue(field::kMailSource));
    std::string why_not = no_source ? "source_not_here" : "folder_not_on_server";
    if (const auto exhausted = patience_.Exhausted(item.id)) {
      why_not = *exhausted;
      patience_.Answered(item.id);
    } else {
      OUTPOST_TRY(request, MakeAsk(view, item, *plan.entry));
      if (request && series) why_not = AddSeries(*series, request);
    }
    if (!request) {
      const auto parked = planner_.Park(facts, *plan.entry, {}, why_not);
      plan.outcomes.insert(plan.outcomes.end(), parked.begin(), parked.end());
    }
  } else if (plan.outcomes.empty()) {
    left_for_later_.insert(item.id);
  }
  if (!request && plan.outcomes.empty()) return Ok();
  DraftPlan(plan.outcomes, facts, &item, nullptr, outgoing.draft);
  if (plan.outcomes.empty()) outgoing.draft.seen.push_back({item.id, item.head_seq});
  if (request) {
    planner_.NoteSent(item.type, *planned, *plan.entry, *request);
    outgoing.body.entries.push_back(std::move(*plan.entry));
    outgoing.asks.push_back(std::move(*request));
  }
  return Ok();
}

// The server's id of a folder; empty where it has none (any more).
Result<std::string> Replicator::RemoteFolder(const JournalView& view, const Value& folder) const {
  const auto* id = std::get_if<ItemId>(&folder);
  if (id == nullptr) return std::string();
  if (*id == root::kPrivate) return std::string(kRemotePrivateRoot);
  if (*id == root::kPublic) return std::string(kRemotePublicRoot);
  if (known_folder_ && known_folder_->at == view.last() && known_folder_->id == *id) return known_folder_->remote_id;
  OUTPOST_TRY(const std::optional<ItemState> item, LoadItem(view, *id));
  known_folder_ = KnownFolder{view.last(), *id, item && item->on_server ? item->remote_id : std::string()};
  return known_folder_->remote_id;
}

// Whether the folder that `entry` puts the item in is made here and still on its way to the server: no request depends
// on another of the same batch.
Result<bool> Replicator::FolderIsToBeMade(const JournalView& view, const ItemState& item,
                                          const BatchEntry& entry) const {
  if (entry.verb == Verb::kDelete) return false;
  const FieldMap fields = EntryFields(item, entry);
  const auto at = fields.find(field::FolderOf(item.type));
  const auto* id = at != fields.end() ? std::get_if<ItemId>(&at->second) : nullptr;
  if (id == nullptr) return false;
  OUTPOST_TRY(const std::optional<ItemState> folder, LoadItem(view, *id));
  if (!folder || folder->on_server) return false;
  const auto* existence = folder->LastPending(kExistence);
  return existence != nullptr && existence->kind == Kind::kLocalCreated;
}

// Whether another folder stands on the server where `entry` makes, renames or moves one, that was deleted, renamed or
// moved away here before: what is still to be told of it comes first.
Result<bool> Replicator::PlaceIsTaken(const JournalView& view, const ItemState& item, const BatchEntry& entry) const {
  if (item.type != ItemType::kFolder || entry.verb == Verb::kDelete) return false;
  FieldMap wanted = item.base;
  ApplyPatch(wanted, EntryFields(item, entry));
  const auto same = [&](const ItemState& other, FieldId field) {
    const auto here = wanted.find(field);
    const auto there = other.base.find(field);
    return here != wanted.end() && there != other.base.end() && here->second == there->second;
  };
  Sequence ignored = 0;
  OUTPOST_TRY(const std::vector<ItemId> queued, QueuedItems(view, queue_from_, SIZE_MAX, ignored));
  for (const ItemId& id : queued) {
    if (id == item.id) continue;
    OUTPOST_TRY(const std::optional<ItemState> other, LoadItem(view, id));
    if (!other || other->type != ItemType::kFolder || !other->on_server || !same(*other, field::kFolderParent))
      continue;
    const bool leaves = std::any_of(other->pending.begin(), other->pending.end(), [&](const PendingEdit& edit) {
      if (edit.seq > entry.intents.front()) return false;
      return edit.kind == Kind::kLocalDeleted ||
             (same(*other, field::kFolderTitle) &&
              (edit.patch.contains(field::kFolderTitle) || edit.patch.contains(field::kFolderParent)));
    });
    if (leaves) return true;
  }
  return false;
}

// The series that an item which is to be made is an exception of; nullopt for any other. An item that is not there
// stands for a series that is not known.
Result<std::optional<ItemState>> Replicator::SeriesOfNew(const JournalView& view, const ItemState& item,
                                                         const BatchEntry& entry) const {
  const FieldId day = ReplacedDayOf(item.type);
  if (entry.verb != Verb::kCreate || day == 0 || IsNull(item.HeadValue(day))) return std::optional<ItemState>{};
  const Value uid = item.HeadValue(field::UidOf(item.type));
  const auto* text = std::get_if<std::string>(&uid);
  const auto series_uid = text != nullptr ? SeriesUidOf(*text) : std::nullopt;
  if (!series_uid) return std::optional<ItemState>(ItemState{});
  OUTPOST_TRY(const std::optional<ItemId> id, FindByUid(view, *series_uid));
  if (!id) return std::optional<ItemState>(ItemState{});
  OUTPOST_TRY(std::optional<ItemState> series, LoadItem(view, *id));
  return series ? std::move(series) : std::optional<ItemState>(ItemState{});
}

// What the server has just refused to take of others is not sent; the rest of the item is.
void Replicator::ParkTooLong(const ItemState& item, const ItemFacts& facts, EntryPlan& plan) const {
  if (!plan.entry || plan.entry->verb == Verb::kDelete) return;
  const Answer refused = limits_.Check(EntryFields(item, *plan.entry));
  if (refused.status == AnswerStatus::kDone) return;
  for (PlannedEvent& parked : planner_.Answered(facts, *plan.entry, {}, refused).events)
    plan.outcomes.push_back(std::move(parked));
  for (const FieldProblem& problem : refused.problems) std::erase(plan.entry->groups, FindField(problem.field)->group);
  if (plan.entry->groups.empty()) plan.entry.reset();
}

// Whether the item is made for nothing but the user's answer to this day.
bool Replicator::OnlyAnswersDay(const ItemState& item) {
  if (item.on_server || !item.base.contains(field::kAppointmentAnswersDay)) return false;
  const GroupId answer = FindField(field::kAppointmentAnswer)->group;
  return std::ranges::all_of(item.pending, [&](const PendingEdit& edit) {
    return edit.kind == Kind::kLocalCreated || edit.groups == std::vector<GroupId>{answer};
  });
}

// Whether the series has edits to tell first: they change the version that its exception is made from.
// A series that was copied to another folder goes when its copy is there with all that belongs to it; what a person
// deleted of the copy since is not waited for.
Result<bool> Replicator::IsReplaced(const JournalView& view, const ItemState& series) const {
  if (series.type != ItemType::kAppointment) return true;
  const Value field = series.HeadValue(field::kAppointmentMovedTo);
  const auto* made = std::get_if<std::vector<std::string>>(&field);
  if (made == nullptr) return true;
  for (const std::string& text : *made) {
    const auto id = ItemId::FromHex(text);
    if (!id) continue;
    OUTPOST_TRY(const std::optional<ItemState> copy, LoadItem(view, *id));
    if (copy && copy->Visible() && (!copy->on_server || !copy->pending.empty())) return false;
  }
  return true;
}

bool Replicator::Waits(const ItemState& series) { return !series.pending.empty() && series.Visible(); }

// Completes the request for an exception; the reason why there can be none, and no request.
std::string Replicator::AddSeries(const ItemState& series, std::optional<Ask>& request) {
  auto* create = std::get_if<ask::Create>(&*request);
  if (create == nullptr || !series.on_server) {
    request.reset();
    return "series_not_on_server";
  }
  create->series = series.remote_id;
  create->series_version = series.version;
  return {};
}

// nullopt when a folder that the request needs is not on the server.
Result<std::optional<Ask>> Replicator::MakeAsk(const JournalView& view, const ItemState& item,
                                               const BatchEntry& entry) const {
  if (item.type == ItemType::kAttachment) return MakeAttachmentAsk(view, item, entry);
  if (item.type == ItemType::kMail && entry.verb == Verb::kCreate) return MakeMailAsk(view, item, entry);
  const FieldId folder_field = field::FolderOf(item.type);
  FieldMap fields = EntryFields(item, entry);
  Value target;
  if (const auto moved = fields.find(folder_field); moved != fields.end()) {
    target = moved->second;
    fields.erase(moved);
  }
  OUTPOST_TRY(const std::string target_id, RemoteFolder(view, target));
  if (!IsNull(target) && target_id.empty()) return std::optional<Ask>{};
  if (item.type == ItemType::kFolder && (entry.verb != Verb::kCreate || !target_id.empty()))
    return std::optional<Ask>(MakeFolderAsk(item, entry, target_id, std::move(fields)));
  if (entry.verb == Verb::kCreate) {
    if (target_id.empty()) return std::optional<Ask>{};
    for (auto at = fields.begin(); at != fields.end();) at = IsNull(at->second) ? fields.erase(at) : at + 1;
    ask::Create create{target_id, item.type, std::move(fields)};
    create.photo = PhotoIn(create.fields);
    create.answers_day = OnlyAnswersDay(item);
    return std::optional<Ask>(std::move(create));
  }
  const auto at = item.base.find(folder_field);
  OUTPOST_TRY(const std::string folder_id, RemoteFolder(view, at != item.base.end() ? at->second : Value{}));
  if (folder_id.empty()) return std::optional<Ask>{};
  if (entry.verb == Verb::kDelete)
    return std::optional<Ask>(ask::Delete{folder_id, item.remote_id, item.type, item.version,
                                          item.HeadValue(field::kMailDeleteForGood) == Value(true)});
  const field::AnswerFields answer = field::AnswerOf(item.type);
  if (fields.contains(answer.answer) || fields.contains(answer.message))
    for (const FieldId field : {answer.answer, answer.message}) fields[field] = item.HeadValue(field);
  ask::Update update{folder_id, target_id, item.remote_id, item.type, item.version, std::move(fields)};
  TakeDroppedDays(item, update);
  update.photo = PhotoIn(update.fields);
  return std::optional<Ask>(std::move(update));
}

Ask Replicator::MakeFolderAsk(const ItemState& folder, const BatchEntry& entry, std::string target, FieldMap fields) {
  switch (entry.verb) {
    case Verb::kCreate:
      fields[field::kFolderModule] = folder.HeadValue(field::kFolderModule);
      return ask::Create{std::move(target), folder.type, std::move(fields)};
    case Verb::kUpdate:
      return ask::Update{{}, std::move(target), folder.remote_id, folder.type, folder.version, std::move(fields)};
    case Verb::kDelete:
      break;
  }
  return ask::Delete{{}, folder.remote_id, folder.type, folder.version};
}

// Days that no longer take place are told one by one, and only those that the server does not know of.
void Replicator::TakeDroppedDays(const ItemState& item, ask::Update& update) {
  const auto days = update.fields.find(DroppedDaysOf(item.type));
  if (days == update.fields.end()) return;
  const auto known = item.base.find(days->first);
  const auto* before = known != item.base.end() ? std::get_if<std::vector<std::string>>(&known->second) : nullptr;
  if (const auto* texts = std::get_if<std::vector<std::string>>(&days->second))
    for (const std::string& text : *texts) {
      const auto day = DayFromText(text);
      if (day && (before == nullptr || std::find(before->begin(), before->end(), text) == before->end()))
        update.dropped.push_back(*day);
    }
  update.fields.erase(days);
}

// The batch is on disk before its first byte leaves.
void Replicator::OpenAndSend(std::shared_ptr<Outgoing> outgoing) {
  opening_ = true;
  Append(std::exchange(outgoing->draft, {}), Durability::kSynced, [this, outgoing](Result<Appended> appended) {
    opening_ = false;
    waits_.clear();
    if (!appended && appended.error().code != Code::kPreconditionFailed) return Break(appended.error());
    if (appended && !outgoing->asks.empty()) {
      ++report_.batches;
      Tell({SyncProgress::Phase::kPushing, {}, report_.pushed});
      ++batches_under_way_;
      rule_under_way_ = rule_under_way_ || outgoing->about_rule;
      SendAsks(
          std::move(outgoing->asks), [this, outgoing](Reply reply) { Answered(outgoing, std::move(reply)); },
          trace::Why::kBatch, outgoing->body.batch);
    }
    PumpPush();
  });
}

void Replicator::Answered(std::shared_ptr<Outgoing> outgoing, Reply reply) {
  if (outgoing->about_rule) rule_under_way_ = false;
  if (!reply.failure) {
    link_failures_ = 0;
    push_failures_ = 0;
    return StoreAnswers(outgoing, std::make_shared<std::vector<Answer>>(std::move(reply.answers)));
  }
  push_failure_ = reply.failure;
  RequestFailed(outgoing->body, *reply.failure);
  if (reply.failure->maybe_applied) return BatchEnded();  // it stays open: read back before anything is sent again
  Draft draft;
  draft.events.push_back({Kind::kBatchClosed,
                          Origin::kEngine,
                          ItemType::kNone,
                          {},
                          {},
                          Encode(BatchClosedBody{outgoing->body.batch, false})});
  Append(std::move(draft), Durability::kSynced, [this](Result<Appended> appended) {
    if (!appended) return Break(appended.error());
    BatchEnded();
  });
}

// A request that the server fails as a whole may do so for one item in it.
void Replicator::RequestFailed(const BatchOpenedBody& batch, const Failure& failure) {
  const bool by_server = failure.why == LinkState::kServerDown || failure.why == LinkState::kProtocolError;
  const bool on_the_way = failure.why == LinkState::kOffline && failure.maybe_applied;
  if (!by_server && !on_the_way) return;
  ++push_failures_;
  std::vector<ItemId> items;
  for (const BatchEntry& entry : batch.entries) items.push_back(entry.item);
  patience_.RequestFailed(items, by_server, run_);
  if (!by_server || items.size() > 1) return;
  left_for_later_.insert(items.front());
  write_failure_ = failure;
  report_.problem = "the server fails whenever item " + items.front().Hex() + " is sent: " + failure.text;
}

void Replicator::BatchEnded() {
  --batches_under_way_;
  waits_.clear();
  PumpPush();
}

Result<void> Replicator::DraftAnswer(const JournalView& view, const BatchOpenedBody& batch, const BatchEntry& entry,
                                     const Answer& answer, Draft& draft) {
  OUTPOST_TRY(const std::optional<ItemState> item, LoadItem(view, entry.item));
  if (!item) return Ok();
  const std::set<Sequence> in_flight(entry.intents.begin(), entry.intents.end());
  limits_.Learn(EntryFields(*item, entry), answer);
  const ItemFacts facts = MakeItemFacts(entry.item, item->type, &*item, in_flight, nullptr);
  const AnswerPlan plan = planner_.Answered(facts, entry, batch.batch, answer);
  if (plan.gone && !SeekFirst(*item)) OUTPOST_TRYV(DraftGone(view, in_flight, entry.item, {}, draft));
  DraftPlan(plan.events, facts, &*item, nullptr, draft);
  const bool made = answer.status == AnswerStatus::kDone && entry.verb == Verb::kCreate;
  if (item->base.contains(field::kMailToBeSent) && (answer.left || made)) DraftLeft(*item, draft);
  if (answer.status != AnswerStatus::kDone) return Ok();
  if (IsUsersSetting(item->type)) stale_.insert(item->Folder());  // of rules the others may stand elsewhere now
  if (item->type == ItemType::kAttachment)
    return DraftOwnCount(view, *item, entry.verb == Verb::kCreate ? 1 : -1, answer.version, draft);
  if (entry.verb == Verb::kDelete) return DraftAttachedGone(view, in_flight, *item, draft);
  return Ok();
}

void Replicator::StoreAnswers(std::shared_ptr<Outgoing> outgoing, std::shared_ptr<std::vector<Answer>> answers) {
  const auto view = journal_.View();
  std::vector<ItemId> items;
  for (const BatchEntry& entry : outgoing->body.entries) items.push_back(entry.item);
  ExpectItems(*view, items);
  Draft draft;
  // What was in a deleted folder goes first, page by page, and so does what had an id that is another's now: while the
  // batch is open, nothing forgets it.
  for (std::size_t i = 0; i < answers->size(); ++i) {
    const BatchEntry& entry = outgoing->body.entries[i];
    const Answer& answer = (*answers)[i];
    if (answer.status != AnswerStatus::kDone) continue;
    const auto some = entry.verb == Verb::kDelete
                          ? DraftContentsGone(*view, {entry.intents.begin(), entry.intents.end()}, entry.item, draft)
                          : DraftDisplacedBy(*view, entry.item, answer.remote_id, draft);
    if (!some) return Break(some.error());
    if (!some.value()) continue;
    return Append(std::move(draft), Durability::kUnsynced, [this, outgoing, answers](Result<Appended> appended) {
      if (!appended && appended.error().code != Code::kPreconditionFailed) return Break(appended.error());
      StoreAnswers(outgoing, answers);
    });
  }
  for (std::size_t i = 0; i < answers->size(); ++i)
    if (auto drafted = DraftAnswer(*view, outgoing->body, outgoing->body.entries[i], (*answers)[i], draft); !drafted)
      return Break(drafted.error());
  draft.events.push_back({Kind::kBatchClosed,
                          Origin::kEngine,
                          ItemType::kNone,
                          {},
                          {},
                          Encode(BatchClosedBody{outgoing->body.batch, false})});
  Append(std::move(draft), Durability::kSynced, [this, outgoing, answers](Result<Appended> appended) {
    if (!appended && appended.error().code == Code::kPreconditionFailed) return StoreAnswers(outgoing, answers);
    if (!appended) return Break(appended.error());
    for (std::size_t i = 0; i < answers->size(); ++i) {
      NoteAnswer(outgoing->body.entries[i].item, (*answers)[i]);
    }
    Tell({SyncProgress::Phase::kPushing, {}, report_.pushed});
    BatchEnded();
  });
}

// What an answer means for the rest of the run.
void Replicator::NoteAnswer(const ItemId& item, const Answer& answer) {
  switch (answer.status) {
    case AnswerStatus::kDone:
      if (answer.version != 0) unread_.insert(item);
      patience_.Answered(item);
      return;
    case AnswerStatus::kRefused:
      patience_.Answered(item);
      return;
    case AnswerStatus::kChangedMeanwhile:
      if (++changed_meanwhile_[item] <= tuning::kChangedMeanwhileMax) {
        refetch_.insert(item);
        return;
      }
      patience_.PutOff(item, "changed_meanwhile", run_);
      break;
    case AnswerStatus::kTryLater:
      patience_.PutOff(item, answer.code, run_);
      report_.problem = "the server asks to try item " + item.Hex() + " later: " + answer.code;
      break;
    case AnswerStatus::kGone:
      ++news_in_round_;  // it may have moved: the next round's changes tell
      break;
  }
  left_for_later_.insert(item);
}

// Items that somebody else changed while we wrote: their rows now, so that the planner can decide.
void Replicator::Refetch(Next next) {
  const auto view = journal_.View();
  std::map<std::pair<std::string, ItemType>, std::vector<std::string>> by_folder;
  for (const ItemId& id : refetch_) {
    const auto item = LoadItem(*view, id);
    if (!item) return Break(item.error());
    if (!item.value() || !item.value()->on_server) continue;  // an exception whose series changed: the next round
    if (item.value()->type == ItemType::kFolder) {
      by_folder[{std::string(), ItemType::kFolder}].push_back(item.value()->remote_id);
      continue;
    }
    const auto at = item.value()->base.find(field::FolderOf(item.value()->type));
    const auto folder = RemoteFolder(*view, at != item.value()->base.end() ? at->second : Value{});
    if (!folder) return Break(folder.error());
    by_folder[{folder.value(), item.value()->type}].push_back(item.value()->remote_id);
  }
  std::vector<Ask> asks;
  // None where each is an exception: then nothing leaves (dialect.h).
  for (auto& [folder, ids] : by_folder) asks.push_back(ask::Fetch{folder.first, folder.second, std::move(ids)});
  SendAsks(std::move(asks), [this, next = std::move(next)](Reply reply) {
    if (reply.failure) return LinkFailed(*reply.failure, [this] { StartRound(); });
    auto incoming = std::make_shared<std::vector<Incoming>>();
    for (Answer& answer : reply.answers) {
      answer.cursor = 0;  // no cursor follows from single rows
      incoming->push_back({{}, std::move(answer), {}, {}});
    }
    // What did not come is gone or elsewhere: the folder's changes will tell which.
    left_for_later_.insert(refetch_.begin(), refetch_.end());
    Store(incoming, [this, next] {
      const auto now = journal_.View();
      for (const ItemId& id : std::exchange(refetch_, {})) {
        const auto item = LoadItem(*now, id);
        if (!item) return Break(item.error());
        if (changed_meanwhile_[id] > tuning::kChangedMeanwhileMax) continue;
        left_for_later_.erase(id);
        if (item.value() && item.value()->on_server) continue;
        left_for_next_round_.insert(id);
        ++news_in_round_;
      }
      next();
    });
  });
}

}  // namespace outpost
