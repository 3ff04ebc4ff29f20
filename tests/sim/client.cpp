#include "tests/sim/client.h"

#include <algorithm>

#include "journal/item_fold.h"
#include "projection/audit.h"
#include "projection/folders.h"
#include "projection/items.h"
#include "replicator/queue.h"

namespace outpost::sim {
namespace {

constexpr Millis kPollWhenQuiet{900'000};  // a simulated week must not be all polls
constexpr int kQuietRuns = 30;
constexpr Millis kAfterEdit{10};
constexpr Millis kTryStartAgain{60'000};

std::string TextsOf(const FieldMap& patch) {
  std::string texts;
  const auto add = [&](const std::string& text) { texts += (texts.empty() ? "" : "|") + text; };
  for (const auto& [id, value] : patch) {
    if (const auto* text = std::get_if<std::string>(&value)) add(*text);
    if (const auto* many = std::get_if<std::vector<std::string>>(&value))
      for (const std::string& text : *many) add(text);
    if (const auto* folder = std::get_if<ItemId>(&value)) add(folder->Hex());
    if (const auto* number = std::get_if<std::int64_t>(&value)) add(std::to_string(*number));
  }
  return texts;
}

// Adds when it is: from `day` for half an hour, for the whole day, with a zone, or (where it has an end already) as
// long as before.
void AddTime(ItemType type, const Group& group, std::int64_t day, std::uint64_t choice, FieldMap& fields) {
  fields[FieldOf(type, group.fields[0])] = day;
  const FieldId end = FieldOf(type, group.fields[1]);
  const std::int64_t whole = type == ItemType::kAppointment ? kDayMs : 0;  // the last day of a task is in it
  switch (choice % 4) {
    case 0:
      fields[end] = day + kHalfHourMs;
      break;
    case 1:
      break;
    case 2:
      fields[end] = day + whole;
      fields[FieldOf(type, group.fields[2])] = true;
      break;
    case 3:
      fields[end] = day + kHalfHourMs;
      if (group.fields.size() > 3) fields[FieldOf(type, group.fields[3])] = std::string("America/New_York");
      break;
  }
}

}  // namespace

// What lives and dies with the process. The folds first: the journal uses them.
struct Client::Program {
  Program(Strand& world, Plant plant)
      : strand(world),
        unsorted(plant == Plant::kUnsortedFold ? UnsortedRows() : nullptr),
        folds(unsorted ? std::vector<ItemRows*>{&replication, unsorted.get()} : std::vector<ItemRows*>{&replication}) {}

  ProgramStrand strand;
  ReplicationRows replication;
  std::unique_ptr<ItemRows> unsorted;
  AccountFolds folds;
  std::unique_ptr<SimJournal> journal;
  std::unique_ptr<LinkTransport> line;
  std::unique_ptr<PacedTransport> transport;
  std::unique_ptr<Dialect> dialect;
  std::unique_ptr<Replicator> replicator;
  std::unique_ptr<Watcher> watcher;
};

Client::Client(ClientOptions options, Link& link, Strand& world, const Clock& clock, Oracle& oracle)
    : options_(std::move(options)),
      link_(link),
      world_(world),
      oracle_(oracle),
      clock_(clock),
      random_(options_.seed * 31 + static_cast<std::uint64_t>(options_.number)),
      password_(options_.password) {}

Client::~Client() = default;

void Client::Start() {
  if (program_) return;
  auto program = std::make_unique<Program>(world_, options_.plant);
  JournalOptions journal;
  journal.folder = options_.folder;
  journal.create = !created_;
  journal.id = "client " + std::to_string(options_.number);
  journal.rocksdb_env = disk_.env();
  (void)disk_.refused();
  auto opened = Journal::Open(journal, program->folds.all(), program->folds.items, clock_, NullLog());
  if (!opened && disk_.refused()) {
    world_.PostAfter(kTryStartAgain, [this] { Start(); });
    return;
  }
  if (!opened)
    return oracle_.Fail("client " + std::to_string(options_.number) +
                        " cannot open its journal: " + opened.error().context);
  created_ = true;
  program->journal = std::make_unique<SimJournal>(std::move(opened).value());
  if (const JournalStats stats = program->journal->stats(); stats.read_only)
    oracle_.Fail("client " + std::to_string(options_.number) + " finds its journal damaged: " + stats.read_only_reason);
  program->journal->before_append = [this] {
    if (!race_) return;
    Step edit = *std::exchange(race_, std::nullopt);
    edit.kind = edit.b % 5 == 0 ? StepKind::kDelete : StepKind::kEdit;
    Do(edit);
  };
  if (options_.plant != Plant::kNone)
    program->journal->tamper = [plant = options_.plant](Batch& batch, Preconditions& seen) {
      Tamper(plant, batch, seen);
    };
  program->line = std::make_unique<LinkTransport>(link_, program->strand);
  program->transport = std::make_unique<PacedTransport>(
      *program->line, [requests = options_.requests_per_window] { return Pace{requests}; }, program->strand, clock_);
  OxOptions ox;
  ox.base_url = "http://server/ajax";
  ox.user = "anna";
  ox.password = password_;
  program->dialect =
      WithPlant(options_.plant, MakeOxDialect(ox, *program->transport, program->strand, clock_, NullLog()));
  ReplicatorSettings settings;
  settings.policy = options_.policy;
  settings.batch_intents = options_.batch_intents;
  settings.page_items = options_.page_items;
  program->replicator = std::make_unique<Replicator>([settings] { return settings; }, *program->journal,
                                                     *program->dialect, program->strand, clock_, random_, NullLog());
  Watcher::Hooks hooks;
  hooks.sync = [this](std::function<void(const SyncReport&)> done) { Run(std::move(done)); };
  hooks.paused = [this] { return paused_ > 0; };
  hooks.poll = [this] { return quiet_ < kQuietRuns ? SyncSchedule::kPoll : kPollWhenQuiet; };
  hooks.pending = [journal = program->journal.get()] {
    const auto pending = CountQueue(*journal->View());
    return pending ? pending.value() : 0;
  };
  hooks.report = [this](const SyncReport& report) { Ended(report); };
  program->watcher = std::make_unique<Watcher>(std::move(hooks), program->strand, random_);
  program_ = std::move(program);
  syncing_ = false;
  settled_ = false;
  program_->strand.PostAfter(kAfterEdit, [this] { program_->watcher->Start(); });
}

void Client::Kill() {
  phase_ = SyncProgress::Phase::kIdle;
  if (!program_) return;
  program_->watcher.reset();
  program_->replicator.reset();
  program_->dialect.reset();
  program_->transport.reset();
  program_->line.reset();
  program_.reset();
  syncing_ = false;
}

void Client::PowerCut() {
  disk_.CutPower();
  Kill();
  disk_.RestorePower();
}

void Client::RestartIfStuck() {
  if (!program_ || !program_->journal->stats().read_only) return;
  Kill();
  Start();
}

void Client::Sync() {
  if (program_) program_->watcher->Now();
}

void Client::Run(std::function<void(const SyncReport&)> done) {
  syncing_ = true;
  edited_ = false;
  resyncing_ = std::exchange(resync_, false);
  program_->replicator->Run(
      {}, resyncing_, [this](const SyncProgress& progress) { phase_ = progress.phase; }, std::move(done));
}

void Client::Ended(const SyncReport& report) {
  syncing_ = false;
  if (oracle_.tell && !report.problem.empty() && report.problem != report_.problem)
    oracle_.tell("client " + std::to_string(options_.number) + " tells: " + report.problem);
  report_ = report;
  const bool well = report.link == LinkState::kOnline && !report.local_failure;
  if (resyncing_ && !well) resync_ = true;
  settled_ = well && report.rounds == 1 && report.pending == 0 && report.problem.empty() && !edited_;
  quiet_ = well && report.pulled + report.pushed == 0 ? quiet_ + 1 : 0;
  // Not from within the replicator, which ends with its process.
  if (report.local_failure) world_.PostAfter(Millis{0}, [this] { RestartIfStuck(); });
}

void Client::SetPaused(bool paused) {
  paused_ = std::max(0, paused_ + (paused ? 1 : -1));
  if (program_) program_->watcher->Committed();  // as the setting's own event does
}

void Client::UsePassword(const std::string& password) {
  password_ = password;
  if (!program_) return;
  program_->dialect->UsePassword(password);
  program_->watcher->Now();
}

const char* Client::Condition() const {
  if (!program_) return "closed";
  if (!syncing_) {
    if (paused_ > 0) return "paused";
    if (report_.link != LinkState::kOnline) return LinkStateName(report_.link);
    return "idle";
  }
  switch (phase_) {
    case SyncProgress::Phase::kConnecting:
      return "connecting";
    case SyncProgress::Phase::kReadingBack:
      return "reading back";
    case SyncProgress::Phase::kPulling:
      return "pulling";
    case SyncProgress::Phase::kPushing:
      return "pushing";
    case SyncProgress::Phase::kIdle:
      return "idle";
  }
  return "idle";
}

std::unique_ptr<JournalView> Client::View() const { return program_->journal->View(); }

std::span<const ItemType> Client::Types() const {
  static constexpr ItemType kTypes[] = {ItemType::kContact, ItemType::kTask, ItemType::kAppointment};
  return std::span(kTypes).first(options_.kinds ? std::size(kTypes) : 1);
}

std::vector<ItemId> Client::OpenFolders(ItemType type) const {
  std::vector<ItemId> folders;
  const auto view = View();
  if (const auto nodes = ListFolders(*view))
    for (const FolderNode& node : nodes.value())
      // The global address book takes no edits; public folders are at another root.
      if (node.type == type && !node.path.starts_with("Public/") && !node.path.starts_with("Global"))
        folders.push_back(node.id);
  return folders;
}

std::vector<ItemId> Client::VisibleItems() const {
  std::vector<ItemId> items;
  for (const ItemType type : Types())
    for (const ItemId& folder : OpenFolders(type))
      if (!ForEachItem(*View(), folder, [&](const ItemState& item) {
            items.push_back(item.id);
            return true;
          }))
        oracle_.Fail("a folder cannot be read");
  return items;
}

std::optional<ItemState> Client::Choose(std::uint64_t choice) const {
  const auto items = VisibleItems();
  if (items.empty()) return std::nullopt;
  auto item = LoadItem(*View(), items[choice % items.size()]);
  if (!item) return std::nullopt;
  return item.value();
}

std::string Client::RemoteFolder(const JournalView& view, ItemType type, const FieldMap& fields) const {
  const auto at = fields.find(field::FolderOf(type));
  if (at == fields.end() || !std::holds_alternative<ItemId>(at->second)) return "";
  const auto folder = LoadItem(view, std::get<ItemId>(at->second));
  return folder && folder.value() ? folder.value()->remote_id : "";
}

Edit Client::StartEdit(const ItemState& item, StepKind what) const {
  Edit edit;
  edit.client = options_.number;
  edit.item = item.id;
  edit.what = what;
  const Value uid = item.HeadValue(field::UidOf(item.type));
  if (const auto* text = std::get_if<std::string>(&uid)) edit.uid = *text;
  if (item.on_server) {
    edit.shown = ValuesOf(item.type, item.base, RemoteFolder(*View(), item.type, item.base));
    edit.shown_version = item.version;
  }
  return edit;
}

void Client::Commit(const Result<Batch>& batch, const ItemId& item, Sequence head, std::vector<Edit> edits) {
  if (!batch || batch.value().empty()) return;  // what the person may not do, or what changes nothing
  const auto first = Save(batch.value(), {{item, head}});
  if (!first) return;
  for (Edit& edit : edits) {
    edit.seq = *first;
    edit.doubtful = *first == 0;
    oracle_.Typed(std::move(edit));
  }
}

std::optional<Sequence> Client::Save(const Batch& batch, Preconditions seen) {
  const auto appended = program_->journal->real().AppendAndWait(batch, std::move(seen), Durability::kSynced);
  settled_ = false;
  edited_ = true;
  if (!appended && appended.error().code != Code::kCorrupt) return std::nullopt;  // told that it was not saved
  program_->strand.PostAfter(kAfterEdit, [this] { program_->watcher->Committed(); });
  return appended ? appended.value().first : 0;
}

void Client::Create(const Step& step) {
  const ItemType type = Types()[step.b % Types().size()];
  const auto folders = OpenFolders(type);
  if (folders.empty()) return;
  const ItemId folder = folders[step.a % folders.size()];
  const ItemId id = MakeId<ItemId>(clock_.WallNow(), random_);
  const Group& named = Groups(type).front();
  const std::string value = NextValue();
  FieldMap fields{{FieldOf(type, named.fields[0]), value}};
  const Group& dated = Groups(type)[kAddress];
  const bool says_when = type == ItemType::kAppointment || (dated.dates && step.b % 2 == 0);
  const std::int64_t day = says_when ? NextDay() : 0;
  if (says_when) AddTime(type, dated, day, step.b / 3, fields);
  NewEvent event = CreateEvent(id, type, folder, fields, MakeId<OpId>(clock_.WallNow(), random_));
  const auto body = DecodeChange(event.body);
  ItemState made;
  made.id = id;
  made.type = type;
  made.base = body.value().patch;
  Edit create = StartEdit(made, StepKind::kCreate);
  create.group = "existence";
  create.typed = value;
  create.folder = RemoteFolder(*View(), type, made.base);
  create.target = folder;
  Edit name = StartEdit(made, StepKind::kEdit);
  name.group = named.name;
  name.typed = value;
  std::vector<Edit> edits{create, name};
  if (says_when) {
    edits.push_back(StartEdit(made, StepKind::kEdit));
    edits.back().group = dated.name;
    edits.back().typed = std::to_string(day);
  }
  Commit(Batch{std::move(event)}, id, 0, std::move(edits));
}

void Client::EditTime(const ItemState& item, const Group& group, std::uint64_t choice) {
  Edit edit = StartEdit(item, StepKind::kEdit);
  edit.group = group.name;
  const std::int64_t day = NextDay();
  edit.typed = std::to_string(day);
  FieldMap patch;
  AddTime(item.type, group, day, choice, patch);
  Set(item, patch, {std::move(edit)});
}

void Client::Set(const ItemState& item, const FieldMap& patch, std::vector<Edit> edits) {
  Commit(SetEvents(item.id, &item, patch, [this] { return MakeId<OpId>(clock_.WallNow(), random_); }), item.id,
         item.head_seq, std::move(edits));
}

void Client::Do(const Step& step) {
  if (!program_) return;
  if (step.kind == StepKind::kCreate) return Create(step);
  if (step.kind == StepKind::kRace) return void(race_ = step);
  if (step.kind >= StepKind::kFolderNew && step.kind <= StepKind::kFolderDelete) return DoFolder(step);
  const auto chosen = Choose(step.a);
  if (!chosen) return;
  const ItemState& item = *chosen;
  switch (step.kind) {
    case StepKind::kEdit:
    case StepKind::kEditPart:
    case StepKind::kPoison:
    case StepKind::kToxic: {
      const auto groups = Groups(item.type);
      const Group& group = groups[step.kind == StepKind::kEditPart ? kAddress : step.b % groups.size()];
      if (group.dates) return EditTime(item, group, step.b / 7);
      const auto field = group.fields[step.b / 7 % group.fields.size()];
      Edit edit = StartEdit(item, StepKind::kEdit);
      edit.group = group.name;
      // Clearing is unambiguous only where the group is one field.
      edit.clears = step.kind == StepKind::kEdit && group.fields.size() == 1 && step.b % 13 == 0;
      if (!edit.clears) edit.typed = NextValue();
      if (step.kind == StepKind::kPoison) edit.typed += std::string(6'000, 'x');
      if (step.kind == StepKind::kToxic) edit.typed = kToxicWord + edit.typed;
      const Value value = edit.clears ? Value{} : Value(edit.typed);
      return Set(item, {{FieldOf(item.type, field), value}}, {std::move(edit)});
    }
    case StepKind::kTag:
    case StepKind::kUntag: {
      const Value now = item.HeadValue(FieldOf(item.type, kTags));
      std::vector<std::string> tags;
      if (const auto* texts = std::get_if<std::vector<std::string>>(&now)) tags = *texts;
      Edit edit = StartEdit(item, step.kind);
      edit.group = kTags;
      if (step.kind == StepKind::kTag) {
        edit.typed = NextValue();
        tags.push_back(edit.typed);
      } else {
        if (tags.empty()) return;
        const auto gone = tags.begin() + static_cast<std::ptrdiff_t>(step.b % tags.size());
        edit.typed = *gone;
        tags.erase(gone);
      }
      return Set(item, {{FieldOf(item.type, kTags), tags.empty() ? Value{} : Value(tags)}}, {std::move(edit)});
    }
    case StepKind::kMove: {
      const auto folders = OpenFolders(item.type);
      const ItemId target = folders[step.b % folders.size()];
      Edit edit = StartEdit(item, StepKind::kMove);
      edit.group = kFolder;
      edit.typed = target.Hex();
      const FieldMap patch{{field::FolderOf(item.type), target}};
      edit.folder = RemoteFolder(*View(), item.type, patch);
      edit.target = target;
      return Set(item, patch, {std::move(edit)});
    }
    case StepKind::kDelete: {
      Edit edit = StartEdit(item, StepKind::kDelete);
      edit.group = "existence";
      return Commit(DeleteEvents(item.id, &item, MakeId<OpId>(clock_.WallNow(), random_)), item.id, item.head_seq,
                    {std::move(edit)});
    }
    case StepKind::kRetry:
      if (!item.parked.empty()) oracle_.Retried(options_.number, StartEdit(item, StepKind::kRetry).uid);
      return Commit(RetryEvents(item.id, &item, [this] { return MakeId<OpId>(clock_.WallNow(), random_); }), item.id,
                    item.head_seq, {});
    default:
      return;
  }
}

void Client::Tidy() {
  if (!program_) return;
  (void)program_->journal->Retain({Millis{0}, 0.01}, [] { return false; });
}

std::string Client::PendingCreate(std::uint64_t choice) const {
  if (!program_) return "";
  std::vector<std::string> uids;
  const auto view = View();
  for (const ItemId& id : VisibleItems()) {
    const auto item = LoadItem(*view, id);
    if (!item || !item.value() || item.value()->on_server || item.value()->type != ItemType::kContact) continue;
    uids.push_back(std::get<std::string>(item.value()->HeadValue(field::kContactUid)));
  }
  return uids.empty() ? "" : uids[choice % uids.size()];
}

void Client::GiveConsents() {
  if (!program_) return;
  const auto folders = FoldersAskedAbout(*View());  // also of folders that were deleted here
  if (!folders) return oracle_.Fail("the questions cannot be read: " + folders.error().context);
  for (const ItemId& folder : folders.value()) {
    const auto view = View();
    const auto asked = LoadConsent(*view, folder);
    const auto item = LoadItem(*view, folder);
    if (!asked || !asked.value() || asked.value()->answer != ConsentAnswer::kAsked || !item || !item.value()) continue;
    ConsentBody given = *asked.value();
    given.answer = ConsentAnswer::kGiven;
    Batch batch{
        {Kind::kConsent, Origin::kUser, ItemType::kFolder, folder, {}, Encode(given)},
        {Kind::kCursorMoved, Origin::kEngine, ItemType::kFolder, folder, {}, Encode(CursorMovedBody{0, 0, false})}};
    Commit(batch, folder, item.value()->head_seq, {});
  }
}

ClientAccount Client::Account() const {
  ClientAccount account;
  const auto view = View();
  const auto keep = [&](ItemType type, Sequence seq, GroupId group, bool server_lost, const FieldMap& patch) {
    const std::string folder = RemoteFolder(*view, type, patch);
    const std::string texts = TextsOf(patch);
    const auto at = patch.find(field::FolderOf(type));
    const auto* id = at != patch.end() ? std::get_if<ItemId>(&at->second) : nullptr;
    return ItemAccount::Kept{seq, std::string(GroupName(group)), folder.empty() ? texts : folder + "|" + texts,
                             server_lost, id != nullptr ? *id : ItemId{}};
  };
  const auto scanned = view->Scan(kItemsTable, "", "", [&](std::string_view key, std::string_view row) {
    const auto id = ItemId::FromView(key);
    const auto item = DecodeItem(*id, row);
    const auto types = Types();
    if (!item || std::find(types.begin(), types.end(), item.value().type) == types.end()) return true;
    const ItemState& state = item.value();
    ItemAccount one;
    one.visible = state.Visible();
    one.on_server = state.on_server;
    one.version = state.version;
    one.object = state.remote_id.empty() ? 0 : ObjectKey(state.type, std::stoll(state.remote_id));
    one.base = ValuesOf(state.type, state.base, RemoteFolder(*view, state.type, state.base));
    const FieldMap head = state.Head();
    one.head = ValuesOf(state.type, head, RemoteFolder(*view, state.type, head));
    for (const PendingEdit& edit : state.pending) one.pending.insert(edit.seq);
    for (const ParkedGroup& parked : state.parked)
      one.parked.push_back(keep(state.type, parked.seq, parked.refusal.group, false, parked.patch));
    for (const LoserGroup& loser : state.losers) {
      const auto event = view->Read(loser.seq);
      const auto body = event ? DecodeChange(event.value().body) : Result<ChangeBody>(event.error());
      if (!body) {
        oracle_.Fail("client " + std::to_string(options_.number) + " cannot read a loser: " + body.error().context);
        continue;
      }
      one.losers.push_back(keep(state.type, loser.seq, loser.group, loser.server_lost, body.value().patch));
    }
    // Entries of the global address book are nobody's to change here.
    if (one.base.at(std::string(kFolder)) != "6") account.emplace(*id, std::move(one));
    return true;
  });
  if (!scanned) oracle_.Fail("the items cannot be read: " + scanned.error().context);
  return account;
}

void Client::Examine() {
  const std::string who = "client " + std::to_string(options_.number);
  const auto view = View();
  const auto verified = VerifyEvents(*view);
  if (!verified || !verified.value().chain_ok || !verified.value().problem.empty())
    oracle_.Fail(who + ": verify: " + (verified ? verified.value().problem : verified.error().context));
  ReplicationRows rows;
  const auto unsorted = UnsortedRows();
  AccountFolds again(options_.plant == Plant::kUnsortedFold ? std::vector<ItemRows*>{&rows, unsorted.get()}
                                                            : std::vector<ItemRows*>{&rows});
  const auto rebuilt = VerifyRebuild(*view, again.all());
  if (!rebuilt || !rebuilt.value().equal())
    oracle_.Fail(who + ": stored state is not what its events give: " +
                 (rebuilt ? rebuilt.value().first_difference : rebuilt.error().context));
  const auto audit = Audit(*view);
  if (!audit || !audit.value().sound())
    oracle_.Fail(who + ": the audit is not sound" + (audit ? "" : ": " + audit.error().context));
}

Digest Client::Root() const {
  const auto verified = VerifyEvents(*View());
  return verified ? verified.value().root : Digest{};
}

}  // namespace outpost::sim
