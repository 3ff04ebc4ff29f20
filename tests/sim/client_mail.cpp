// What the person at a simulated computer does with mails, and what the client tells of them.
#include "engine/compose.h"
#include "journal/blobs.h"
#include "journal/item_fold.h"
#include "projection/folders.h"
#include "projection/items.h"
#include "tests/sim/client.h"
#include "tests/sim/letter.h"

namespace outpost::sim {
namespace {

constexpr std::size_t kMailFoldersMost = 6;

std::string TextOf(const ItemState& item, FieldId field) {
  const Value value = item.HeadValue(field);
  const auto* text = std::get_if<std::string>(&value);
  return text != nullptr ? *text : std::string();
}

}  // namespace

std::vector<ItemState> Client::MailFolders() const {
  std::vector<ItemState> folders;
  const auto view = View();
  const auto nodes = ListFolders(*view);
  if (!nodes) return folders;
  for (const FolderNode& node : nodes.value()) {
    if (node.type != ItemType::kMail) continue;
    const auto folder = LoadItem(*view, node.id);
    if (folder && folder.value()) folders.push_back(*folder.value());
  }
  return folders;
}

// Those that people make: in the inbox or below, and not thrown away.
std::vector<ItemState> Client::OwnMailFolders() const {
  auto folders = MailFolders();
  std::erase_if(folders, [](const ItemState& folder) {
    return !folder.remote_id.starts_with(std::string(kInboxPath) + "/") && folder.on_server;
  });
  return folders;
}

std::optional<ItemState> Client::ChooseMail(std::uint64_t choice) const {
  std::vector<ItemState> mails;
  for (const ItemState& folder : MailFolders())
    (void)ForEachItem(*View(), folder.id, [&](const ItemState& item) {
      mails.push_back(item);
      return true;
    });
  if (mails.empty()) return std::nullopt;
  return mails[choice % mails.size()];
}

MailEdit Client::StartMailEdit(const ItemState& item, StepKind what) const {
  MailEdit edit;
  edit.client = options_.number;
  edit.item = item.id;
  edit.what = what;
  edit.name = TextOf(item, item.type == ItemType::kFolder ? field::kFolderTitle : field::kMailSubject);
  if (item.type == ItemType::kFolder) edit.target = item.remote_id;
  return edit;
}

void Client::SaveMailEdits(const Result<Batch>& batch, Preconditions seen, std::vector<MailEdit> edits) {
  if (!batch || batch.value().empty()) return;  // what the person may not do, or what changes nothing
  const auto first = Save(batch.value(), std::move(seen));
  if (!first) return;
  for (MailEdit& edit : edits) {
    edit.seq = *first;
    oracle_.mails->Typed(std::move(edit));
  }
}

void Client::SetMail(const ItemState& mail, const FieldMap& patch, MailEdit edit) {
  SaveMailEdits(SetEvents(mail.id, &mail, patch, [this] { return NewOp(); }), {{mail.id, mail.head_seq}},
                {std::move(edit)});
}

void Client::MoveMail(const ItemState& mail, const ItemId& target, StepKind what) {
  MailEdit edit = StartMailEdit(mail, what);
  const auto folder = LoadItem(*View(), target);
  if (folder && folder.value()) edit.target = folder.value()->remote_id;
  SetMail(mail, {{field::kMailFolder, target}}, std::move(edit));
}

// To the trash; from there for good.
void Client::DeleteMail(const ItemState& mail) {
  const auto trash = TrashFor(*View(), mail);
  if (!trash) return;
  if (trash.value()) return MoveMail(mail, *trash.value(), StepKind::kMailDelete);
  MailEdit edit = StartMailEdit(mail, StepKind::kMailDelete);
  edit.for_good = true;
  SaveMailEdits(DeleteEvents(mail.id, &mail, NewOp()), {{mail.id, mail.head_seq}}, {std::move(edit)});
}

void Client::WriteMail(bool draft) {
  MailEdit edit;
  edit.client = options_.number;
  edit.item = MakeId<ItemId>(clock_.WallNow(), random_);
  edit.what = draft ? StepKind::kMailDraft : StepKind::kMailSend;
  edit.name = NextValue();
  const auto view = View();
  MailFile file;
  file.draft = draft;
  const auto written =
      CompleteMail(*view, file, Letter(edit.name, "anna@example.com", "bert@example.com"), edit.item, clock_.WallNow());
  if (!written) return oracle_.Fail("a mail cannot be written: " + written.error().context);
  const auto source = program_->journal->blobs().Put(AsBytes(written.value().source));
  if (!source) return;  // the disk is full
  auto made =
      WriteMailEvents(*view, edit.item, file, written.value(), source.value().ref(), [this] { return NewOp(); });
  if (!made) return;  // the folders are not here yet
  SaveMailEdits(std::move(made.value().events), made.value().seen, {std::move(edit)});
}

void Client::NewMailFolder(std::uint64_t choice) {
  auto above = MailFolders();
  std::erase_if(above, [](const ItemState& folder) {
    return folder.on_server && folder.remote_id != kInboxPath &&
           !folder.remote_id.starts_with(std::string(kInboxPath) + "/");
  });
  if (above.empty() || above.size() >= kMailFoldersMost) return;
  MailEdit edit;
  edit.client = options_.number;
  edit.item = MakeId<ItemId>(clock_.WallNow(), random_);
  edit.what = StepKind::kMailFolderNew;
  edit.name = NextValue();
  const auto event = CreateFolderEvent(
      *View(), edit.item, above[choice % above.size()].id,
      {{field::kFolderTitle, edit.name}, {field::kFolderModule, std::string(ItemTypeName(ItemType::kMail))}}, NewOp());
  if (!event) return;
  const ItemId id = edit.item;
  SaveMailEdits(Batch{event.value()}, {{id, 0}}, {std::move(edit)});
}

// Everything below it goes as well; what of the mails has edits to tell is deleted each by itself.
void Client::DeleteMailFolder(const ItemState& folder) {
  const auto view = View();
  auto deletion = DeleteFolderEvents(*view, folder.id, [this] { return NewOp(); });
  if (!deletion) return;
  std::vector<MailEdit> edits;
  for (const NewEvent& event : deletion.value().events) {
    const auto state = LoadItem(*view, event.item);
    if (!state || !state.value()) return oracle_.Fail("a folder cannot be read");
    const bool is_folder = state.value()->type == ItemType::kFolder;
    edits.push_back(StartMailEdit(*state.value(), is_folder ? StepKind::kMailFolderDelete : StepKind::kMailDelete));
    edits.back().for_good = !is_folder;
  }
  const auto first = Save(deletion.value().events, deletion.value().seen);
  if (!first) return;
  for (std::size_t i = 0; i < edits.size(); ++i) {
    edits[i].seq = *first == 0 ? 0 : *first + i;
    oracle_.mails->Typed(std::move(edits[i]));
  }
}

// All in it is thrown away, and the folders below it with what they have.
void Client::EmptyMailFolder(const ItemState& folder) {
  std::vector<ItemState> mails;
  (void)ForEachItem(*View(), folder.id, [&](const ItemState& mail) {
    mails.push_back(mail);
    return true;
  });
  for (const ItemState& mail : mails) DeleteMail(mail);
  for (const ItemState& below : OwnMailFolders())
    if (below.Folder() == folder.id) DeleteMailFolder(below);
}

void Client::DoMail(const Step& step) {
  if (!program_) return;
  switch (step.kind) {
    case StepKind::kMailDraft:
    case StepKind::kMailSend:
      return WriteMail(step.kind == StepKind::kMailDraft);
    case StepKind::kMailFolderNew:
      return NewMailFolder(step.a);
    case StepKind::kMailFolderRename:
    case StepKind::kMailFolderDelete: {
      const auto own = OwnMailFolders();
      if (own.empty()) return;
      const ItemState& folder = own[step.a % own.size()];
      if (step.kind == StepKind::kMailFolderDelete) return DeleteMailFolder(folder);
      MailEdit edit = StartMailEdit(folder, step.kind);
      edit.target.clear();
      edit.name = NextValue();
      FieldMap patch{{field::kFolderTitle, edit.name}};
      if (!CheckFolderPatch(*View(), folder, patch)) return;
      return SetMail(folder, patch, std::move(edit));
    }
    case StepKind::kMailEmpty: {
      auto folders = OwnMailFolders();
      for (ItemState& folder : MailFolders())
        if (folder.remote_id == kInboxPath) folders.push_back(std::move(folder));
      if (!folders.empty()) EmptyMailFolder(folders[step.a % folders.size()]);
      return;
    }
    default:
      break;
  }
  const auto mail = ChooseMail(step.a);
  if (!mail) return;
  last_mail_ = TextOf(*mail, field::kMailSubject);
  if (step.kind == StepKind::kMailDelete) return DeleteMail(*mail);
  if (step.kind == StepKind::kMailMove) {
    auto folders = OwnMailFolders();
    for (ItemState& folder : MailFolders())
      if (folder.remote_id == kInboxPath) folders.push_back(std::move(folder));
    if (!folders.empty()) MoveMail(*mail, folders[step.b % folders.size()].id, step.kind);
    return;
  }
  const FieldId flag = step.kind == StepKind::kMailSeen ? field::kMailSeen : field::kMailFlagged;
  MailEdit edit = StartMailEdit(*mail, step.kind);
  edit.on = mail->HeadValue(flag) != Value(true);
  const Value value = edit.on ? Value(true) : Value{};
  SetMail(*mail, {{flag, value}}, std::move(edit));
}

Mailbag Client::Mails() const {
  Mailbag bag;
  const auto view = View();
  const auto scanned = view->Scan(kItemsTable, "", "", [&](std::string_view key, std::string_view row) {
    const auto id = ItemId::FromView(key);
    const auto item = DecodeItem(*id, row);
    if (!item) return true;
    const ItemState& state = item.value();
    const bool folder = state.type == ItemType::kFolder && ContentOf(state) == ItemType::kMail;
    if (state.type != ItemType::kMail && !folder) return true;
    MailAccount one;
    one.folder = folder;
    one.visible = state.Visible();
    one.on_server = state.on_server;
    one.name = TextOf(state, folder ? field::kFolderTitle : field::kMailSubject);
    one.place.folder = folder ? state.remote_id : RemoteFolder(*view, ItemType::kMail, state.base);
    const auto base = [&](FieldId flag) {
      const auto at = state.base.find(flag);
      return at != state.base.end() && at->second == Value(true);
    };
    one.place.seen = base(field::kMailSeen);
    one.place.flagged = base(field::kMailFlagged);
    one.shown = {RemoteFolder(*view, ItemType::kMail, state.Head()), state.HeadValue(field::kMailSeen) == Value(true),
                 state.HeadValue(field::kMailFlagged) == Value(true)};
    for (const PendingEdit& edit : state.pending) one.pending.insert(edit.seq);
    for (const ParkedGroup& parked : state.parked) one.parked.emplace(parked.seq, GroupName(parked.refusal.group));
    for (const LoserGroup& loser : state.losers)
      if (!loser.server_lost) one.lost.emplace(loser.seq, GroupName(loser.group));
    bag.emplace(*id, std::move(one));
    return true;
  });
  if (!scanned) oracle_.Fail("the mails cannot be read: " + scanned.error().context);
  return bag;
}

}  // namespace outpost::sim
