#include "tools/oxserver/state.h"

#include <algorithm>

#include "tools/oxserver/persist.h"
#include "tools/oxserver/text.h"

namespace outpost::oxserver {
namespace {

constexpr std::int64_t kReservedIds = 19;  // system folders lie below
// Mail folders are kept with the others; their numbers, which nobody sees, are out of the way.
constexpr std::int64_t kFirstMailFolder = 1'000'000'000'000;

FolderModule SequenceOf(FolderModule module) {
  return module == FolderModule::kContacts ? FolderModule::kSystem : module;
}

std::int64_t FirstId(FolderModule module) { return module == FolderModule::kMail ? kFirstMailFolder : kReservedIds; }

FolderModule SequenceOfFolder(std::int64_t id) {
  return id > kFirstMailFolder ? FolderModule::kMail : FolderModule::kSystem;
}

}  // namespace

std::optional<std::string_view> FieldSet::Get(int column) const {
  std::optional<std::string_view> found;
  ForEach([&](int key, std::string_view literal) {
    if (key == column) found = literal;
  });
  return found;
}

void FieldSet::Add(int column, std::string_view literal) {
  const std::size_t length = literal.size();
  packed_ += static_cast<char>(column);
  for (int shift = 0; shift < 32; shift += 8) packed_ += static_cast<char>((length >> shift) & 0xFF);
  packed_ += literal;
}

void FieldSet::Set(int column, std::string_view literal) {
  FieldSet next;
  next.packed_.reserve(packed_.size() + literal.size() + 5);
  ForEach([&](int key, std::string_view old) {
    if (key != column) next.Add(key, old);
  });
  if (!literal.empty()) next.Add(column, literal);
  packed_ = std::move(next.packed_);
}

bool FieldSet::IsWellFormed(std::string_view packed) {
  std::size_t at = 0;
  while (at + 5 <= packed.size()) {
    std::size_t length = 0;
    for (std::size_t i = 0; i < 4; ++i)
      length |= static_cast<std::size_t>(static_cast<unsigned char>(packed[at + 1 + i])) << (8 * i);
    at += 5 + length;
  }
  return at == packed.size();
}

std::vector<std::int64_t> FoldersOf(const Object& object) {
  std::vector<std::int64_t> folders{object.folder};
  if (object.module != FolderModule::kCalendar) return folders;  // the hot road of contacts
  const auto others = object.fields.Get(kShownInKey);
  if (!others || others->empty()) return folders;
  for (const auto text : Split(*others, ',')) folders.push_back(ParseNumber(text).value_or(0));
  return folders;
}

bool IsShownIn(const Object& object, std::int64_t folder) {
  if (object.folder == folder) return true;
  const auto folders = FoldersOf(object);
  return std::find(folders.begin(), folders.end(), folder) != folders.end();
}

void ShowAlsoIn(Object& object, const std::vector<std::int64_t>& folders) {
  std::string text;
  for (const std::int64_t folder : folders)
    if (folder != object.folder) text += (text.empty() ? "" : ",") + std::to_string(folder);
  object.fields.Set(kShownInKey, text);
}

State::State() = default;
State::~State() = default;

Result<std::unique_ptr<State>> State::Open(const std::string& file) {
  std::unique_ptr<State> state(new State());
  if (file.empty()) return state;
  OUTPOST_TRY(auto persist, Persist::Open(file));
  OUTPOST_TRYV(persist->Load(*state));
  state->persist_ = std::move(persist);  // only now: what is loaded is not written again
  return state;
}

Result<void> State::Commit() {
  if (!persist_) return Ok();
  if (const std::pair counters(last_ids_, newest_stamp_); counters != std::exchange(kept_counters_, counters))
    persist_->PutCounters(last_ids_, newest_stamp_);
  return persist_->Commit();
}

std::int64_t State::NextId(FolderModule module) {
  const auto slot = last_ids_.emplace(SequenceOf(module), FirstId(module)).first;
  return ++slot->second;
}

void State::Saw(FolderModule module, std::int64_t id, std::int64_t stamp) {
  std::int64_t& last = last_ids_.emplace(SequenceOf(module), FirstId(module)).first->second;
  last = std::max(last, id);
  newest_stamp_ = std::max(newest_stamp_, stamp);
}

const Account* State::FindAccount(std::string_view name) const {
  const auto found = std::find_if(accounts_.begin(), accounts_.end(), [&](const Account& a) { return a.name == name; });
  return found == accounts_.end() ? nullptr : &*found;
}

const Account* State::FindAccount(int id) const {
  const auto found = std::find_if(accounts_.begin(), accounts_.end(), [&](const Account& a) { return a.id == id; });
  return found == accounts_.end() ? nullptr : &*found;
}

void State::PutAccount(const Account& account) {
  const auto found =
      std::find_if(accounts_.begin(), accounts_.end(), [&](const Account& a) { return a.id == account.id; });
  if (found == accounts_.end())
    accounts_.push_back(account);
  else
    *found = account;
  if (persist_) persist_->PutAccount(account);
}

const Folder* State::FindFolder(std::int64_t id) const {
  const auto found = folders_.find(id);
  return found == folders_.end() ? nullptr : &found->second;
}

void State::PutFolder(const Folder& folder) {
  folders_[folder.id] = folder;
  Saw(SequenceOfFolder(folder.id), folder.id, folder.modified);
  if (folder.module == FolderModule::kMail) SettlePaths();
  if (persist_) persist_->PutFolder(folder);
}

// A user's mail accounts are numbered in the order in which their roots were made.
std::string State::AccountOf(const Folder& root) const {
  const auto earlier = std::ranges::count_if(folders_, [&](const auto& entry) {
    const Folder& other = entry.second;
    return other.module == FolderModule::kMail && other.owner == root.owner && other.parent == root.parent &&
           other.id < root.id;
  });
  return "default" + std::to_string(earlier);
}

void State::SettlePaths() {
  for (auto& [id, folder] : folders_) {
    if (folder.module != FolderModule::kMail) continue;
    folder.path.clear();
    for (const Folder* at = &folder; at != nullptr && at->module == FolderModule::kMail; at = FindFolder(at->parent)) {
      const Folder* above = FindFolder(at->parent);
      const bool root = above == nullptr || above->module != FolderModule::kMail;
      folder.path = (root ? AccountOf(*at) : at->title) + (folder.path.empty() ? "" : "/" + folder.path);
    }
  }
}

void State::RemoveFolder(const FolderTombstone& tombstone) {
  if (const auto found = contents_.find(tombstone.id); found != contents_.end()) {
    std::vector<std::int64_t> ids;
    for (const auto& [id, object] : found->second.by_id) ids.push_back(id);
    const FolderModule module = FindFolder(tombstone.id)->module;
    for (const auto id : ids) {
      Object object = *FindObject(module, id);
      if (object.folder == tombstone.id) {
        RemoveObject(module, id);
        continue;
      }
      auto folders = FoldersOf(object);
      std::erase(folders, tombstone.id);
      ShowAlsoIn(object, folders);
      PutObject(std::move(object));
    }
    contents_.erase(tombstone.id);
  }
  folders_.erase(tombstone.id);
  mailboxes_.erase(tombstone.id);
  if (persist_) persist_->RemoveFolder(tombstone.id);
  AddFolderTombstone(tombstone);
}

void State::AddFolderTombstone(const FolderTombstone& tombstone) {
  folder_tombstones_.push_back(tombstone);
  Saw(SequenceOfFolder(tombstone.id), tombstone.id, tombstone.time);
  if (persist_) persist_->PutFolderTombstone(tombstone);
}

const Object* State::FindObject(FolderModule module, std::int64_t id) const {
  const auto all = objects_.find(module);
  if (all == objects_.end()) return nullptr;
  const auto found = all->second.find(id);
  return found == all->second.end() ? nullptr : found->second.get();
}

const State::Contents& State::ContentsOf(std::int64_t folder) const {
  static const Contents kNothing;
  const auto found = contents_.find(folder);
  return found == contents_.end() ? kNothing : found->second;
}

void State::Unindex(const Object& object) {
  for (const std::int64_t folder : FoldersOf(object)) {
    Contents& contents = contents_[folder];
    contents.by_id.erase(object.id);
    contents.by_modified.erase({object.modified, object.id});
  }
  const auto [first, last] = by_uid_.equal_range(object.uid);
  for (auto it = first; it != last; ++it) {
    if (it->second == &object) {
      by_uid_.erase(it);
      return;
    }
  }
}

void State::Index(const Object& object) {
  for (const std::int64_t folder : FoldersOf(object)) {
    Contents& contents = contents_[folder];
    contents.by_id.emplace(object.id, &object);
    contents.by_modified.emplace(object.modified, object.id);
  }
  by_uid_.emplace(object.uid, &object);
  Saw(object.module, object.id, object.modified);
}

void State::PutObject(Object object) {
  auto& slot = objects_[object.module][object.id];
  if (slot) Unindex(*slot);
  const auto before = std::exchange(slot, std::make_unique<Object>(std::move(object)));
  Index(*slot);
  if (persist_) persist_->PutObject(*slot);
  if (on_object_) on_object_(before.get(), slot.get());
}

void State::RemoveObject(FolderModule module, std::int64_t id) {
  auto& all = objects_[module];
  const auto found = all.find(id);
  if (found == all.end()) return;
  Unindex(*found->second);
  const auto before = std::move(found->second);
  all.erase(found);
  if (persist_) persist_->RemoveObject(module, id);
  if (shelves_.erase({module, id}) > 0 && persist_) persist_->RemoveAttachments(module, id);
  if (on_object_) on_object_(before.get(), nullptr);
}

const AttachmentShelf& State::ShelfOf(FolderModule module, std::int64_t object) const {
  static const AttachmentShelf kNothing;
  const auto found = shelves_.find({module, object});
  return found == shelves_.end() ? kNothing : found->second;
}

void State::PutAttachment(Attachment attachment) {
  Saw(FolderModule::kSystem, attachment.id, attachment.created);
  if (persist_) persist_->PutAttachment(attachment);
  auto& shelf = shelves_[{attachment.module, attachment.object}];
  shelf.there[attachment.id] = std::move(attachment);
}

void State::RemoveAttachment(FolderModule module, std::int64_t object, std::int64_t id, std::int64_t time) {
  shelves_[{module, object}].there.erase(id);
  SawRemoved(module, object, id, time);
}

void State::SawRemoved(FolderModule module, std::int64_t object, std::int64_t id, std::int64_t time) {
  shelves_[{module, object}].deleted.emplace(time, id);
  Saw(FolderModule::kSystem, id, time);
  if (persist_) persist_->PutRemovedAttachment(module, object, id, time);
}

void State::AddTombstone(std::int64_t folder, std::int64_t id, std::int64_t time) {
  contents_[folder].deleted.emplace(time, id);
  if (const Folder* in = FindFolder(folder)) Saw(in->module, id, time);
  if (persist_) persist_->PutTombstone(folder, id, time);
}

void State::DropTombstonesBefore(std::int64_t time) {
  std::size_t dropped = std::erase_if(folder_tombstones_, [&](const FolderTombstone& t) { return t.time < time; });
  for (auto& [folder, contents] : contents_) {
    const auto kept = contents.deleted.lower_bound({time, INT64_MIN});
    dropped += kept == contents.deleted.begin() ? 0 : 1;
    contents.deleted.erase(contents.deleted.begin(), kept);
  }
  if (persist_ && dropped > 0) persist_->DropTombstonesBefore(time);
}

std::vector<const Object*> State::FindByUid(FolderModule module, std::string_view uid) const {
  std::vector<const Object*> found;
  const auto [first, last] = by_uid_.equal_range(std::string(uid));
  for (auto it = first; it != last; ++it) {
    if (it->second->module == module) found.push_back(it->second);
  }
  std::sort(found.begin(), found.end(), [](const Object* a, const Object* b) { return a->id < b->id; });
  return found;
}

const Mailbox& State::MailboxOf(std::int64_t folder) const {
  static const Mailbox kNothing;
  const auto found = mailboxes_.find(folder);
  return found == mailboxes_.end() ? kNothing : found->second;
}

void State::ResetMailbox(std::int64_t folder, std::int64_t validity) {
  Mailbox& box = mailboxes_[folder];
  if (persist_) persist_->RemoveMails(folder);
  box = Mailbox{};
  SawMailbox(folder, validity, 1);
}

void State::SawMailbox(std::int64_t folder, std::int64_t validity, std::int64_t next) {
  Mailbox& box = mailboxes_[folder];
  box.validity = validity;
  box.next = std::max(box.next, next);
  if (persist_) persist_->PutMailbox(folder, box.validity, box.next);
}

std::int64_t State::PutMail(std::int64_t folder, Mail mail) {
  Mailbox& box = mailboxes_[folder];
  if (mail.id == 0) mail.id = box.next;
  if (mail.id >= box.next) SawMailbox(folder, box.validity, mail.id + 1);
  Mail& slot = box.mails[mail.id];
  const bool known = slot.source == mail.source && slot.source != nullptr;
  slot = std::move(mail);
  if (persist_) persist_->PutMail(folder, slot, !known);
  return slot.id;
}

void State::RemoveMail(std::int64_t folder, std::int64_t id) {
  mailboxes_[folder].mails.erase(id);
  if (persist_) persist_->RemoveMail(folder, id);
}

std::optional<std::string> State::FindSetting(int user, std::string_view path) const {
  const auto found = settings_.find({user, std::string(path)});
  if (found == settings_.end()) return std::nullopt;
  return found->second;
}

void State::PutSetting(int user, std::string_view path, std::string_view value) {
  settings_[{user, std::string(path)}] = value;
  if (persist_) persist_->PutSetting(user, path, value);
}

std::vector<std::pair<std::string, std::string>> State::SettingsBelow(int user, std::string_view prefix) const {
  std::vector<std::pair<std::string, std::string>> found;
  for (auto at = settings_.lower_bound({user, std::string(prefix)}); at != settings_.end(); ++at) {
    if (at->first.first != user || !at->first.second.starts_with(prefix)) break;
    found.emplace_back(at->first.second, at->second);
  }
  return found;
}

}  // namespace outpost::oxserver
