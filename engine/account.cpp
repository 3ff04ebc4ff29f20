#include "engine/account.h"

#include "base/system/files.h"
#include "engine/account_impl.h"
#include "engine/account_key.h"
#include "engine/answer.h"
#include "engine/attach.h"
#include "engine/audit_file.h"
#include "engine/compose.h"
#include "engine/consents.h"
#include "engine/data_dir.h"
#include "engine/doubt.h"
#include "engine/next_task.h"
#include "engine/occurrence.h"
#include "engine/password_strength.h"
#include "engine/rich_text.h"
#include "engine/search_file.h"
#include "engine/secrets.h"
#include "engine/series_move.h"
#include "projection/folders.h"

namespace outpost {
namespace {

// Who is on the server is for its administrators.
Error NotEdited() { return {Code::kInvalid, Retry::kNever, "people of the server are not edited here"}; }

// Times an edit is planned again because the item moved on meanwhile. More would mean that something writes it without
// end.
constexpr int kEditAttemptsMax = 100;

}  // namespace

Result<void> Account::Impl::Edit(const ItemId& item, const EditPlan& plan) {
  return EditTree(item, [&](const StateReader& view) -> Result<FolderDeletion> {
    OUTPOST_TRY(const std::optional<ItemState> state, LoadItem(view, item));
    FolderDeletion edit;
    OUTPOST_TRY(edit.events, plan(state ? &*state : nullptr));
    edit.seen.push_back({item, state ? state->head_seq : 0});
    return edit;
  });
}

Result<void> Account::Impl::EditTree(const ItemId& item, const TreeEditPlan& plan) {
  for (int attempt = 0; attempt < kEditAttemptsMax; ++attempt) {
    OUTPOST_TRY(FolderDeletion edit, plan(*journal->View()));
    if (edit.events.empty()) return Ok();
    auto appended = journal->AppendAndWait(std::move(edit.events), std::move(edit.seen), Durability::kSynced);
    if (appended) return Ok();
    if (appended.error().code != Code::kPreconditionFailed) return appended.error();
  }
  return Error{Code::kUnavailable, Retry::kBackoff,
               "item " + item.Hex() + " is changed by somebody else without pause"};
}

Account::Account(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

Account::~Account() {
  if (impl_ == nullptr) return;
  impl_->commits.reset();
  impl_->bell.Silence();
  impl_->strand.Stop();
  impl_->subscription.reset();
  impl_->tables.reset();
  impl_->maintenance.reset();
  impl_->replicator.reset();
  impl_->dialect.reset();
  impl_->transport.reset();
  impl_->line.reset();
  impl_->journal.reset();
}

Result<std::unique_ptr<Account>> Account::Open(AccountOptions options, Environment environment) {
  const auto folder = options.folder;
  std::error_code ignored;
  if (!options.create && !std::filesystem::exists(JournalFolder(folder), ignored))
    return Error{Code::kNotFound, Retry::kNever, "there is no account in " + folder.string()};
  if (options.create) OUTPOST_TRYV(MakeFolder(folder));
  JournalOptions journal_options;
  journal_options.folder = JournalFolder(folder);
  journal_options.create = options.create;
  journal_options.id = folder.filename().string();
  OUTPOST_TRY(journal_options.key, options.create && options.encrypt
                                       ? NewKeyOf(folder, *options.encrypt, options.passphrase)
                                       : KeyOf(folder, options.passphrase));
  options.passphrase = {};  // not kept beside the key that it opened
  auto impl = std::make_unique<Impl>(std::move(options), environment);
  OUTPOST_TRY(impl->journal,
              Journal::Open(journal_options, impl->folds.all(), impl->folds.items, environment.clock, environment.log));
  OUTPOST_TRYV(NoticeCopy(folder, *impl->journal, environment.clock, impl->random));
  impl->run = LoadRunRecord(folder).value_or(RunRecord{});
  impl->run.next_try = 0;
  impl->StartMeter();
  impl->maintenance = std::make_unique<Maintenance>(
      *impl->journal, impl->strand, [account = impl.get()] { return account->Retention(); }, folder, environment.log);
  impl->maintenance->Start();
  return std::unique_ptr<Account>(new Account(std::move(impl)));
}

Result<ItemId> Account::Create(ItemType type, ItemId folder, FieldMap fields) {
  if (type == ItemType::kFolder) {
    const ItemId id = MakeId<ItemId>(impl_->env.clock.WallNow(), impl_->random);
    OUTPOST_TRYV(impl_->Edit(id, [&](const ItemState*) -> Result<Batch> {
      OUTPOST_TRY(NewEvent event, CreateFolderEvent(*impl_->journal->View(), id, folder, fields, impl_->NewOp()));
      return Batch{std::move(event)};
    }));
    return id;
  }
  if (type == ItemType::kPerson) return NotEdited();
  if (type == ItemType::kAttachment)
    return Error{Code::kInvalid, Retry::kNever, "an attachment is made of a file, by \"outpost item attach\""};
  if (type == ItemType::kMail)
    return Error{Code::kInvalid, Retry::kNever, "a mail is made of a file, by \"outpost item send\" or \"item draft\""};
  OUTPOST_TRYV(CheckFields(type, fields));
  OUTPOST_TRYV(CheckFolder(*impl_->journal->View(), folder, type));
  OUTPOST_TRY(const PinnedBlob photo, KeepPhoto(impl_->journal->blobs(), fields));
  OUTPOST_TRY(const PinnedBlob kept, KeepProperties(impl_->journal->blobs(), fields));
  const ItemId id = MakeId<ItemId>(impl_->env.clock.WallNow(), impl_->random);
  OUTPOST_TRYV(impl_->Edit(id, [&](const ItemState*) -> Result<Batch> {
    if (type == ItemType::kAppointment && fields.contains(field::kAppointmentAnswersDay))
      return AnswerDayEvents(id, folder, fields, [this] { return impl_->NewOp(); });
    return Batch{CreateEvent(id, type, folder, fields, impl_->NewOp())};
  }));
  return id;
}

Result<void> Account::Set(ItemId item, FieldMap patch) {
  OUTPOST_TRY(const PinnedBlob photo, KeepPhoto(impl_->journal->blobs(), patch));
  return SetAsPlanned(item, [&patch](const ItemState&) { return Result<FieldMap>(patch); });
}

Result<void> Account::SetAsPlanned(ItemId item, const std::function<Result<FieldMap>(const ItemState&)>& plan) {
  PinnedBlob kept;
  return impl_->Edit(item, [&](const ItemState* state) -> Result<Batch> {
    OUTPOST_TRYV(CheckVisible(item, state));
    OUTPOST_TRY(FieldMap wanted, plan(*state));
    OUTPOST_TRY(kept, KeepProperties(impl_->journal->blobs(), wanted));
    if (state->type == ItemType::kFolder) OUTPOST_TRYV(CheckFolderPatch(*impl_->journal->View(), *state, wanted));
    auto next = state->type == ItemType::kTask ? NextTask(state->Head(), wanted, impl_->env.clock.WallNow())
                                               : std::optional<FieldMap>{};
    OUTPOST_TRY(Batch events, SetEvents(item, state, wanted, [this] { return impl_->NewOp(); }));
    if (next)
      events.push_back(CreateEvent(MakeId<ItemId>(impl_->env.clock.WallNow(), impl_->random), ItemType::kTask,
                                   state->Folder(), *std::move(next), impl_->NewOp()));
    return events;
  });
}

Result<void> Account::Move(ItemId item, ItemId folder) {
  return impl_->Edit(item, [&](const ItemState* state) -> Result<Batch> {
    OUTPOST_TRYV(CheckVisible(item, state));
    const auto view = impl_->journal->View();
    FieldMap patch{{field::FolderOf(state->type), folder}};
    if (state->type == ItemType::kFolder) {
      OUTPOST_TRYV(CheckFolderPatch(*view, *state, patch));
    } else {
      OUTPOST_TRYV(CheckFolder(*view, folder, state->type));
      OUTPOST_TRYV(CheckMoves(*state, folder));
    }
    return SetEvents(item, state, patch, [this] { return impl_->NewOp(); });
  });
}

Result<void> Account::Delete(ItemId item) {
  if (impl_->Setting(setting::kMailForGood) == "true") {
    OUTPOST_TRY(const std::optional<ItemState> known, LoadItem(*impl_->journal->View(), item));
    if (known && known->type == ItemType::kMail) return DeleteForGood(item);
  }
  bool more = false;
  const auto plan = [&](const StateReader& view) -> Result<FolderDeletion> {
    const auto new_op = [this] { return impl_->NewOp(); };
    OUTPOST_TRY(const std::optional<ItemState> state, LoadItem(view, item));
    if (state && state->type == ItemType::kFolder) {
      OUTPOST_TRY(FolderDeletion part, DeleteFolderEvents(view, item, new_op));
      more = part.more;
      return part;
    }
    if (state && state->type == ItemType::kPerson) return NotEdited();
    FolderDeletion edit;
    const bool here = state && state->Visible();
    OUTPOST_TRY(const auto trash, here && state->on_server ? TrashFor(view, *state)
                                                           : Result<std::optional<ItemId>>(std::optional<ItemId>{}));
    if (trash) {
      OUTPOST_TRY(edit.events, SetEvents(item, &*state, {{field::FolderOf(state->type), *trash}}, new_op));
    } else {
      OUTPOST_TRY(edit.events, DeleteEvents(item, state ? &*state : nullptr, new_op()));
      OUTPOST_TRY(Batch unsent, DropUnsentAttachments(view, item, new_op));
      std::move(unsent.begin(), unsent.end(), std::back_inserter(edit.events));
    }
    edit.seen.push_back({item, state ? state->head_seq : 0});
    return edit;
  };
  do {
    OUTPOST_TRYV(impl_->EditTree(item, plan));
  } while (more);
  return Ok();
}

Result<void> Account::DeleteForGood(ItemId item) {
  OUTPOST_TRY(const std::optional<ItemState> known, LoadItem(*impl_->journal->View(), item));
  if (!known || known->type != ItemType::kMail) return Delete(item);
  return impl_->Edit(
      item, [&](const ItemState* state) { return DeleteMailForGood(item, state, [this] { return impl_->NewOp(); }); });
}

Result<ItemId> Account::Attach(ItemId item, AttachFile file) {
  OUTPOST_TRYV(CheckAttachable(*impl_->journal->View(), item));
  OUTPOST_TRY(const PinnedBlob content, TakeFile(impl_->journal->blobs(), file.path));
  const ItemId id = MakeId<ItemId>(impl_->env.clock.WallNow(), impl_->random);
  if (file.rich_text) {
    OUTPOST_TRYV(impl_->EditTree(id, [&](const StateReader& view) {
      return RichTextEvents(view, id, item, content.ref(), [this] { return impl_->NewOp(); });
    }));
    return id;
  }
  OUTPOST_TRYV(impl_->Edit(id, [&](const ItemState*) -> Result<Batch> {
    OUTPOST_TRYV(CheckAttachable(*impl_->journal->View(), item));
    return Batch{AttachEvent(id, item, file, content.ref(), impl_->NewOp())};
  }));
  return id;
}

Result<ItemId> Account::AttachContent(ItemId item, AttachFile file, const PinnedBlob& content, Value properties,
                                      ItemId replaces) {
  FieldMap more;
  if (!IsNull(properties)) more[FindField(ItemType::kAttachment, "properties")->id] = std::move(properties);
  OUTPOST_TRYV(CheckFields(ItemType::kAttachment, more));
  OUTPOST_TRY(const PinnedBlob kept, KeepProperties(impl_->journal->blobs(), more));
  const ItemId id = MakeId<ItemId>(impl_->env.clock.WallNow(), impl_->random);
  OUTPOST_TRYV(impl_->EditTree(id, [&](const StateReader& view) -> Result<FolderDeletion> {
    OUTPOST_TRYV(CheckAttachable(view, item));
    FolderDeletion edit;
    edit.events = {AttachEvent(id, item, file, content.ref(), impl_->NewOp(), more)};
    edit.seen.push_back({id, 0});
    if (!replaces) return edit;
    OUTPOST_TRY(const std::optional<ItemState> old, LoadItem(view, replaces));
    if (!old || !old->Visible()) return edit;
    OUTPOST_TRY(Batch gone, DeleteEvents(replaces, &*old, impl_->NewOp()));
    std::move(gone.begin(), gone.end(), std::back_inserter(edit.events));
    edit.seen.push_back({replaces, old->head_seq});
    return edit;
  }));
  return id;
}

Result<void> Account::SetPhoto(ItemId item, std::filesystem::path file) {
  OUTPOST_TRY(const PinnedBlob photo, TakeFile(impl_->journal->blobs(), file));
  return Set(item, {{field::kContactPhoto, photo.ref()}});
}

Result<ItemId> Account::WriteMail(MailFile mail) {
  const auto new_op = [this] { return impl_->NewOp(); };
  const ItemId id = MakeId<ItemId>(impl_->env.clock.WallNow(), impl_->random);
  OUTPOST_TRY(const std::string bytes, BytesToWrite(*impl_->journal->View(), impl_->journal->blobs(), mail));
  OUTPOST_TRY(const WrittenMail written,
              CompleteMail(*impl_->journal->View(), mail, bytes, id, impl_->env.clock.WallNow()));
  OUTPOST_TRY(const PinnedBlob source, impl_->journal->blobs().Put(AsBytes(written.source)));
  OUTPOST_TRYV(impl_->EditTree(
      id, [&](const StateReader& view) { return WriteMailEvents(view, id, mail, written, source.ref(), new_op); }));
  return id;
}

Result<ItemId> Account::CopyMail(ItemId mail, ItemId folder) {
  const ItemId id = MakeId<ItemId>(impl_->env.clock.WallNow(), impl_->random);
  OUTPOST_TRYV(impl_->EditTree(
      id, [&](const StateReader& view) { return CopyMailEvents(view, id, mail, folder, impl_->NewOp()); }));
  return id;
}

Result<ItemId> Account::MoveSeries(ItemId series, ItemId folder) {
  const auto new_id = [this] { return MakeId<ItemId>(impl_->env.clock.WallNow(), impl_->random); };
  const ItemId copy = new_id();
  OUTPOST_TRYV(impl_->EditTree(copy, [&](const StateReader& view) {
    return MoveSeriesEvents(view, series, folder, copy, new_id, [this] { return impl_->NewOp(); });
  }));
  return copy;
}

Result<void> Account::ChangeRights(ItemId folder, std::vector<RightsChange> changes) {
  return impl_->Edit(folder, [&](const ItemState* state) {
    return RightsEvents(folder, state, changes, [this] { return impl_->NewOp(); });
  });
}

Result<void> Account::Restore(ItemId item, FieldMap fields) {
  OUTPOST_TRY(const PinnedBlob photo, KeepPhoto(impl_->journal->blobs(), fields));
  OUTPOST_TRY(const PinnedBlob kept, KeepProperties(impl_->journal->blobs(), fields));
  return impl_->Edit(item, [&](const ItemState* state) -> Result<Batch> {
    if (state == nullptr) return Error{Code::kNotFound, Retry::kNever, "there is no item " + item.Hex()};
    return RestoreGone(*impl_->journal->View(), *state, fields, [this] { return impl_->NewOp(); });
  });
}

Result<void> Account::Retry(ItemId item) {
  return impl_->Edit(
      item, [&](const ItemState* state) { return RetryEvents(item, state, [this] { return impl_->NewOp(); }); });
}

Result<UndoReport> Account::UndoConflict(ConflictName conflict, bool over_later_edits) {
  OUTPOST_TRY(const ItemId item, ItemOfConflict(*impl_->journal->View(), conflict));
  UndoReport report;
  OUTPOST_TRYV(impl_->Edit(item, [&](const ItemState* state) -> Result<Batch> {
    if (state == nullptr) return Error{Code::kNotFound, Retry::kNever, "there is no item " + item.Hex()};
    OUTPOST_TRY(auto planned, PlanUndo(*impl_->journal->View(), *state, conflict, over_later_edits,
                                       [this] { return impl_->NewOp(); }));
    report = std::move(planned.report);
    return std::move(planned.events);
  }));
  return report;
}

Result<std::vector<GroupId>> Account::SettleConflict(ConflictName conflict) {
  OUTPOST_TRY(const ItemId item, ItemOfConflict(*impl_->journal->View(), conflict));
  std::vector<GroupId> groups;
  OUTPOST_TRYV(impl_->Edit(item, [&](const ItemState* state) -> Result<Batch> {
    if (state == nullptr) return Error{Code::kNotFound, Retry::kNever, "there is no item " + item.Hex()};
    return PlanSettle(*state, conflict, groups);
  }));
  return groups;
}

Result<void> Account::AnswerConsent(ItemId folder, ConsentAnswer answer) {
  for (;;) {
    bool more = false;
    OUTPOST_TRYV(
        impl_->EditTree(folder, [&](const StateReader& view) { return AnswerEvents(view, folder, answer, more); }));
    if (!more) return Ok();
  }
}

Result<void> Account::PutSettings(SettingsBody settings) {
  OUTPOST_TRYV(CheckSettings(settings));
  OUTPOST_TRYV(impl_->journal->AppendAndWait(
      {{Kind::kAccountSet, Origin::kUser, ItemType::kNone, {}, {}, Encode(settings)}}, {}, Durability::kSynced));
  // Another way to the server may be what a watch that has stopped waits for.
  impl_->strand.Post([impl = impl_.get()] {
    if (impl->watcher && impl->line && !(impl->WantedConnection() == impl->connection)) impl->watcher->Now();
  });
  return Ok();
}

Result<void> Account::SetPassword(std::string password) {
  OUTPOST_TRYV(StoreSecret(impl_->options.folder, password));
  impl_->strand.Post([impl = impl_.get(), password = std::move(password)] {
    impl->options.password = password;
    if (impl->dialect) impl->dialect->UsePassword(password);
    if (impl->watcher) impl->watcher->Now();
  });
  return Ok();
}

Result<void> Account::ChangePassword(std::string password) {
  if (password.empty()) return Error{Code::kInvalid, Retry::kNever, "an empty password is none"};
  const auto answered = impl_->line_waits.Wait<Reply>([&](const auto& told) {
    impl_->strand.Post([impl = impl_.get(), password, told] {
      impl->WithReplicator(
          [impl, password, told] {
            ++impl->runs;  // the way to the server stays
            impl->dialect->ChangePassword(password, [impl, told](Reply reply) {
              --impl->runs;
              told(std::move(reply));
            });
          },
          [told](const SyncReport& failed) {
            Reply reply;
            reply.failure = Failure{failed.link, false, Millis{0}, failed.problem};
            told(std::move(reply));
          });
    });
  });
  if (!answered)  // let go: what was asked of the server goes on
    return Error{Code::kOutcomeUnknown, Retry::kNever,
                 "whether the server has the new password is not known: " + answered.assume_error().context};
  OUTPOST_TRYV(PasswordChanged(answered.assume_value(), password));
  return SetPassword(std::move(password));
}

Result<SyncReport> Account::Sync(SyncOptions options) {
  return impl_->line_waits.Wait<SyncReport>([&](const auto& told) { SyncAsync(options, nullptr, told); });
}

Result<void> Account::MakeCheckpoint(const std::filesystem::path& folder) {
  if (!folder.is_absolute())
    return Error{Code::kInvalid, Retry::kNever, "a checkpoint's folder must be an absolute path: " + folder.string()};
  return impl_->journal->MakeCheckpoint(folder);
}

Result<RefoldReport> Account::Rebuild() { return RebuildRows(*impl_->journal, impl_->Closing()); }

Result<RetentionReport> Account::Tidy() {
  if (impl_->journal->stats().rows_behind) OUTPOST_TRYV(Rebuild());
  const auto stop = impl_->Closing();
  OUTPOST_TRY(auto report, impl_->journal->Retain(impl_->Retention(), stop));
  if (stop()) return report;
  OUTPOST_TRYV(impl_->journal->Compact());
  FollowSearch(*impl_->journal, folder(), stop, impl_->env.log);
  FollowAudit(*impl_->journal, folder(), stop, impl_->env.log);
  return report;
}

Result<ProgressReport> Account::Progress(std::uint64_t seen, Millis wait) {
  const std::uint64_t version = impl_->bell.Await(seen, std::min(wait, kProgressWaitMax));
  const auto view = impl_->journal->View();
  OUTPOST_TRY(const EditCounts edits, CountEdits(*view));
  ProgressReport report;
  {
    MutexLock lock(impl_->meter_mutex);
    report = impl_->meter.At(impl_->MeterNow(), edits);
  }
  report.version = version;
  if (report.folders.empty()) return report;
  OUTPOST_TRY(const auto tree, ListFolders(*view));
  for (FolderProgress& folder : report.folders)
    for (const FolderNode& node : tree)
      if (node.id == folder.folder) folder.path = node.path;
  return report;
}

void Account::StopWaiting() {
  impl_->bell.Silence();
  impl_->line_waits.LetGo();
}

void Account::SyncAsync(SyncOptions options, std::function<void(const SyncProgress&)> progress,
                        std::function<void(SyncReport)> done) {
  impl_->strand.Post([this, options, progress = std::move(progress), done = std::move(done)] {
    impl_->Sync(options, progress, done);
  });
}

void Account::Watch(std::optional<Millis> poll, std::function<void(const SyncReport&)> report) {
  impl_->strand.Post([this, poll, report = std::move(report)] { impl_->Watch(poll, report); });
}

void Account::StopWatching() {
  impl_->strand.Post([this] {
    if (impl_->watcher) impl_->watcher->Stop();
  });
}

Result<SyncPreview> Account::DryRun() {
  return impl_->line_waits.Wait<SyncPreview>([this](const auto& told) {
    impl_->strand.Post([this, told] {
      impl_->WithReplicator(
          [this, told] {
            ++impl_->runs;
            impl_->replicator->Preview([this, told](Result<SyncPreview> done) {
              --impl_->runs;
              told(std::move(done));
            });
          },
          [told](SyncReport failed) {
            SyncPreview offline;
            offline.link = std::move(failed);
            told(std::move(offline));
          });
    });
  });
}

std::unique_ptr<JournalView> Account::View() const { return impl_->journal->View(); }

Strand& Account::tables() {
  std::call_once(impl_->tables_begun, [impl = impl_.get()] {
    impl->tables.emplace([impl](const char* what) { impl->env.log.Write(LogLevel::kError, "tables", what); });
  });
  return *impl_->tables;
}

Journal& Account::journal() { return *impl_->journal; }
std::vector<InlineFold*> Account::folds() { return impl_->folds.all(); }
const std::filesystem::path& Account::folder() const { return impl_->options.folder; }

}  // namespace outpost
