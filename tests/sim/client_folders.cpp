// What the person at a simulated computer does to folders, and what the client tells of them.
#include "journal/item_fold.h"
#include "projection/folders.h"
#include "projection/items.h"
#include "schemas/folders.h"
#include "tests/sim/client.h"

namespace outpost::sim {
namespace {

constexpr std::size_t kFoldersMost = 6;

std::string TextOf(const FieldMap& fields, FieldId field) {
  const auto at = fields.find(field);
  const auto* text = at != fields.end() ? std::get_if<std::string>(&at->second) : nullptr;
  return text != nullptr ? *text : std::string();
}

}  // namespace

FolderFacts Client::FactsOf(const JournalView& view, const FieldMap& fields) const {
  FolderFacts facts;
  facts.title = TextOf(fields, field::kFolderTitle);
  const auto at = fields.find(field::kFolderParent);
  const auto* parent = at != fields.end() ? std::get_if<ItemId>(&at->second) : nullptr;
  const auto folder = parent != nullptr ? LoadItem(view, *parent) : Result<std::optional<ItemState>>(std::nullopt);
  if (folder && folder.value()) facts.parent = folder.value()->remote_id;
  return facts;
}

FolderEdit Client::StartFolderEdit(const JournalView& view, const ItemState& folder, StepKind what) const {
  FolderEdit edit;
  edit.client = options_.number;
  edit.folder = folder.id;
  edit.what = what;
  edit.objects_before = oracle_.writes();
  if (folder.on_server) {
    edit.id = folder.remote_id;
    edit.shown = FactsOf(view, folder.base);
  }
  edit.title = TextOf(folder.Head(), field::kFolderTitle);
  return edit;
}

void Client::DoFolder(const Step& step) {
  const auto view = View();
  const auto nodes = ListFolders(*view);
  if (!nodes) return;
  std::vector<ItemId> above, own;  // where folders can be; those that are nobody's default
  for (const FolderNode& node : nodes.value()) {
    if (node.type != ItemType::kContact || !node.path.starts_with("Contacts")) continue;
    above.push_back(node.id);
    if (node.path.find('/') != std::string::npos) own.push_back(node.id);
  }
  const auto new_op = [this] { return MakeId<OpId>(clock_.WallNow(), random_); };
  if (above.empty() || (own.empty() && step.kind != StepKind::kFolderNew)) return;
  const auto choose_parent = [&](FolderEdit& edit, std::uint64_t choice) {
    edit.parent = above[choice % above.size()];
    if (const auto folder = LoadItem(*view, edit.parent); folder && folder.value())
      edit.above = folder.value()->remote_id;
  };
  if (step.kind == StepKind::kFolderNew) {
    if (above.size() >= kFoldersMost) return;
    ItemState made;
    made.id = MakeId<ItemId>(clock_.WallNow(), random_);
    made.type = ItemType::kFolder;
    FolderEdit edit = StartFolderEdit(*view, made, step.kind);
    edit.title = NextValue();
    choose_parent(edit, step.a);
    const auto event = CreateFolderEvent(
        *view, made.id, edit.parent,
        {{field::kFolderTitle, edit.title}, {field::kFolderModule, std::string(ItemTypeName(ItemType::kContact))}},
        new_op());
    if (!event) return;
    return SaveFolderEdit(Batch{event.value()}, {{made.id, 0}}, std::move(edit));
  }
  const ItemId chosen = own[step.a % own.size()];
  last_folder_ = chosen;
  if (step.kind == StepKind::kFolderDelete) return DeleteFolder(*view, chosen);
  const auto folder = LoadItem(*view, chosen);
  if (!folder || !folder.value()) return;
  FolderEdit edit = StartFolderEdit(*view, *folder.value(), step.kind);
  FieldMap patch;
  if (step.kind == StepKind::kFolderRename) {
    edit.title = NextValue();
    patch[field::kFolderTitle] = edit.title;
  } else {
    std::erase_if(above, [&](const ItemId& id) { return id == chosen || id == folder.value()->Folder(); });
    if (above.empty()) return;
    choose_parent(edit, step.b);
    patch[field::kFolderParent] = edit.parent;
  }
  if (!CheckFolderPatch(*view, *folder.value(), patch)) return;
  const auto events = SetEvents(chosen, &*folder.value(), patch, new_op);
  if (!events || events.value().empty()) return;
  SaveFolderEdit(events.value(), {{chosen, folder.value()->head_seq}}, std::move(edit));
}

void Client::SaveFolderEdit(const Batch& batch, Preconditions seen, FolderEdit edit) {
  const auto first = Save(batch, std::move(seen));
  if (!first) return;
  edit.seq = *first;
  oracle_.folders->Typed(std::move(edit));
}

// Everything below it goes as well; what of the items has edits to tell is deleted each by itself.
void Client::DeleteFolder(const JournalView& view, const ItemId& folder) {
  const auto deletion = DeleteFolderEvents(view, folder, [this] { return MakeId<OpId>(clock_.WallNow(), random_); });
  if (!deletion) return;
  std::vector<FolderEdit> folders(deletion.value().events.size());
  std::vector<Edit> items(folders.size());
  for (std::size_t i = 0; i < folders.size(); ++i) {
    const auto state = LoadItem(view, deletion.value().events[i].item);
    if (!state || !state.value()) return oracle_.Fail("a folder cannot be read");
    if (state.value()->type != ItemType::kFolder) {
      items[i] = StartEdit(*state.value(), StepKind::kDelete);
      items[i].group = "existence";
      continue;
    }
    folders[i] = StartFolderEdit(view, *state.value(), StepKind::kFolderDelete);
    (void)ForEachItem(view, state.value()->id, [&](const ItemState& item) {
      if (item.on_server)
        folders[i].inside[ObjectKey(item.type, std::stoll(item.remote_id))] =
            ValuesOf(item.type, item.base, RemoteFolder(view, item.type, item.base));
      return true;
    });
  }
  const auto first = Save(deletion.value().events, deletion.value().seen);
  if (!first) return;
  for (std::size_t i = 0; i < folders.size(); ++i) {
    const Sequence seq = *first == 0 ? 0 : *first + i;
    folders[i].seq = items[i].seq = seq;
    items[i].doubtful = seq == 0;
    if (folders[i].folder)
      oracle_.folders->Typed(std::move(folders[i]));
    else
      oracle_.Typed(std::move(items[i]));
  }
}

std::string Client::LastFolder() const {
  if (!program_ || !last_folder_) return "";
  const auto folder = LoadItem(*View(), last_folder_);
  return folder && folder.value() ? folder.value()->remote_id : "";
}

FolderFacts Client::PendingFolder(std::uint64_t choice) const {
  if (!program_) return {};
  std::vector<FolderFacts> waiting;
  const auto view = View();
  if (const auto nodes = ListFolders(*view))
    for (const FolderNode& node : nodes.value()) {
      const auto folder = LoadItem(*view, node.id);
      if (!folder || !folder.value() || folder.value()->on_server) continue;
      const FolderFacts facts = FactsOf(*view, folder.value()->Head());
      if (!facts.parent.empty()) waiting.push_back(facts);
    }
  return waiting.empty() ? FolderFacts{} : waiting[choice % waiting.size()];
}

TreeAccount Client::Folders() const {
  TreeAccount account;
  const auto view = View();
  const auto scanned = view->Scan(kItemsTable, "", "", [&](std::string_view key, std::string_view row) {
    const auto id = ItemId::FromView(key);
    const auto item = DecodeItem(*id, row);
    if (!item || item.value().type != ItemType::kFolder) return true;
    const ItemState& state = item.value();
    FolderAccount one;
    one.on_server = state.on_server;
    one.id = state.remote_id;
    one.base = FactsOf(*view, state.base);
    for (const PendingEdit& edit : state.pending) one.pending.insert(edit.seq);
    for (const ParkedGroup& parked : state.parked) one.kept.emplace(parked.seq, GroupName(parked.refusal.group));
    for (const LoserGroup& loser : state.losers)
      if (!loser.server_lost) one.lost.emplace(loser.seq, GroupName(loser.group));
    one.kept.insert(one.lost.begin(), one.lost.end());
    account.emplace(*id, std::move(one));
    return true;
  });
  if (!scanned) oracle_.Fail("the folders cannot be read: " + scanned.error().context);
  return account;
}

}  // namespace outpost::sim
