#include "tests/sim/server.h"

#include <algorithm>
#include <utility>

#include "base/check.h"
#include "tools/oxserver/state.h"

namespace outpost::sim {
namespace {

constexpr std::chrono::minutes kSignInAgain{10};  // sessions end, and clocks jump

// What the user may do in the folder shared with him: nothing, see and read, what is his own, everything.
constexpr std::uint32_t kAllRights = 4227332;
constexpr std::uint32_t kRightsInTurn[] = {0, 257, 2113666, kAllRights};

bool WritesFolders(const oxserver::HttpRequest& request) {
  const std::string text = request.target + request.body;
  if (text.find("folders") == std::string::npos) return false;
  for (const char* action : {"\"new\"", "\"update\"", "\"delete\"", "action=new", "action=update", "action=delete"})
    if (text.find(action) != std::string::npos) return true;
  return false;
}

}  // namespace

Server::Server(oxserver::LogicOptions options, const Clock& world, std::uint64_t seed, Oracle& oracle, bool shares,
               bool kinds, bool mails, std::filesystem::path scratch)
    : clock_(world),
      random_(seed),
      oracle_(oracle),
      mails_(mails),
      scratch_(std::move(scratch)),
      options_(std::move(options)) {
  options_.on_object = [this](const oxserver::Object* before, const oxserver::Object* after) { Stored(before, after); };
  if (keeps_backups()) {
    std::filesystem::remove_all(scratch_);
    std::filesystem::create_directories(scratch_);
    options_.state_file = (scratch_ / "state").string();
  }
  Open();
  auto folder = Api().ContactsFolder();
  OUTPOST_CHECK(folder);
  folders_.push_back(folder.value());
  if (kinds)
    for (const ItemType type : {ItemType::kTask, ItemType::kAppointment}) {
      const auto own = Api().OwnFolder(ModuleOf(type));
      OUTPOST_CHECK(own);
      const auto other = Api().CreateFolder(own.value(), "More", ModuleOf(type));
      OUTPOST_CHECK(other);
      more_folders_[type] = {own.value(), other.value()};
    }
  if (mails_) NoteMails(kElsewhere);
  if (!shares) return;
  const auto of_sharer = SignedIn(sharer_).ContactsFolder();
  OUTPOST_CHECK(of_sharer);
  const auto shared = SignedIn(sharer_).CreateFolder(of_sharer.value(), "Team");
  OUTPOST_CHECK(shared);
  shared_ = shared.value();
  Allow(kAllRights);
}

Server::~Server() {
  Close();
  std::error_code ignored;
  if (keeps_backups()) std::filesystem::remove_all(scratch_, ignored);
}

void Server::Open() {
  auto logic = oxserver::Logic::Open(options_, clock_, random_, NullLog());
  OUTPOST_CHECK(logic);
  logic_ = std::move(logic).value();
}

void Server::Close() {
  own_.api.reset();
  sharer_.api.reset();
  logic_.reset();
}

void Server::BackUp() {
  if (!keeps_backups()) return;
  Close();
  std::filesystem::copy_file(scratch_ / "state", scratch_ / "backup",
                             std::filesystem::copy_options::overwrite_existing);
  backup_ = Backup{folders_, oracle_.live(), oracle_.writes()};
  Open();
}

void Server::Restore() {
  if (!backup_) return;
  Close();
  std::filesystem::copy_file(scratch_ / "backup", scratch_ / "state",
                             std::filesystem::copy_options::overwrite_existing);
  folders_ = backup_->folders;
  oracle_.Restored(backup_->live, backup_->writes, std::chrono::duration_cast<Millis>(clock_.MonotonicNow()));
  Open();
  // Who may what is as it was then, too; he who shares a folder sees to it at once.
  if (!shared_.empty()) Allow(rights_);
  NoteFolders(kElsewhere, true);
}

void Server::Allow(std::uint32_t bits) {
  rights_ = bits;
  oracle_.Sight(shared_, (bits >> 7 & 127) >= 2);  // the level of reading: all, not only one's own
  const int user = Api().user_id();
  OUTPOST_CHECK(SignedIn(sharer_).ShareFolder(shared_, user, bits));
}

void Server::RestoreRights() {
  if (!shared_.empty()) Allow(kAllRights);
}

const std::string& Server::FolderAt(ItemType type, std::uint64_t choice) const {
  if (type != ItemType::kContact) return more_folders_.at(type)[choice % more_folders_.at(type).size()];
  const std::size_t count = folders_.size() + (shared_.empty() ? 0 : 1);
  return choice % count == folders_.size() ? shared_ : folders_[choice % count];
}

void Server::Stored(const oxserver::Object* before, const oxserver::Object* after) {
  const oxserver::Object& object = after != nullptr ? *after : *before;
  if (object.user != 0) return;  // the global address book
  Write write;
  write.actor = actor_;
  write.time = std::chrono::duration_cast<Millis>(clock_.MonotonicNow());
  write.object = ObjectKey(TypeOf(object), object.id);
  write.uid = object.uid;
  write.stamp = object.modified;
  write.created = before == nullptr;
  write.removed = after == nullptr;
  write.with_folder = dropping_folder_;
  if (before != nullptr) write.before = ValuesOf(*before);
  if (after != nullptr) write.after = ValuesOf(*after);
  if (holding_)
    held_.push_back(std::move(write));
  else
    oracle_.Wrote(std::move(write));
}

FolderTree Server::Tree() {
  FolderTree tree;
  std::vector<std::string> above{folders_[0]};
  while (!above.empty()) {
    const std::string parent = above.back();
    above.pop_back();
    const auto children = Api().ListFolders(parent);
    OUTPOST_CHECK(children);
    for (const oxserver::FolderInfo& child : children.value()) {
      tree[child.id] = {child.title, parent};
      above.push_back(child.id);
    }
  }
  return tree;
}

void Server::NoteFolders(Actor actor, bool restored) {
  const FolderTree tree = Tree();
  for (Write& write : std::exchange(held_, {})) {
    const std::string folder = write.removed ? write.before.at(std::string(kFolder)) : "";
    write.with_folder = write.removed && !tree.contains(folder) && oracle_.folders->tree().contains(folder);
    oracle_.Wrote(std::move(write));
  }
  oracle_.folders->Seen(tree, actor, std::chrono::duration_cast<Millis>(clock_.MonotonicNow()), oracle_.writes(),
                        restored);
  std::erase_if(folders_, [&](const std::string& id) { return id != folders_[0] && !tree.contains(id); });
  for (const auto& [id, facts] : tree)
    if (std::find(folders_.begin(), folders_.end(), id) == folders_.end()) folders_.push_back(id);
}

oxserver::HttpResponse Server::Handle(Actor actor, const oxserver::HttpRequest& request,
                                      const oxserver::HandleOptions& how) {
  if (down_) return {503, {{"Content-Type", "text/html"}}, "<html>down for maintenance</html>"};
  oxserver::HttpRequest passed = request;
  oxserver::HandleOptions with = how;
  if (request.target.find("action=login") != std::string::npos) {
    // The logic knows one password for ever; which of them is right now is decided here.
    const auto at = passed.body.find("password=");
    const auto end = passed.body.find('&', at);
    const bool right = at != std::string::npos && passed.body.substr(at + 9, end - at - 9) == password_;
    if (at != std::string::npos) passed.body.replace(at + 9, end - at - 9, right ? kFirstPassword : "wrong");
    if (right) session_of_[actor] = passwords_;
  } else if (session_of_[actor] != passwords_) {
    with.expire_session = true;
  }
  actor_ = actor;
  holding_ = WritesFolders(passed);
  auto response = logic_->Handle(passed, with);
  actor_ = kElsewhere;
  if (std::exchange(holding_, false)) NoteFolders(actor);
  if (mails_ && WritesMails(passed)) NoteMails(actor);
  return response;
}

void Server::ChangePassword() { password_ = kFirstPassword + std::to_string(++passwords_); }

oxserver::ApiClient& Server::SignedIn(Program& program) {
  const auto now = clock_.MonotonicNow();
  if (!program.api || now - program.signed_in > kSignInAgain) {
    auto api = oxserver::ApiClient::SignIn(
        [this](const oxserver::HttpRequest& request) {
          oxserver::HandleOptions how;
          how.origin = oxserver::Origin::kInProcess;
          return logic_->Handle(request, how);
        },
        program.user, program.password);
    OUTPOST_CHECK(api);
    program.api = std::move(api).value();
    program.signed_in = now;
  }
  return *program.api;
}

void Server::CreateWithUid(const std::string& uid, std::uint64_t folder) {
  oracle_.SharedUid(uid);
  (void)OwnerOf(FolderAt(folder)).CreateContact(FolderAt(folder), {{"uid", uid}, {"nickname", NextValue()}});
}

void Server::MoveFolder(const std::string& id, std::uint64_t parent) {
  const auto& tree = oracle_.folders->tree();
  const auto at = tree.find(id);
  if (at == tree.end()) return;
  std::vector<std::string> others;
  for (const std::string& other : folders_)
    if (other != id && other != at->second.parent) others.push_back(other);
  if (!others.empty()) (void)Api().MoveFolder(id, others[parent % others.size()]);
  NoteFolders(kElsewhere);
}

void Server::CreateFolder(const FolderFacts& facts) {
  (void)Api().CreateFolder(facts.parent, facts.title);
  NoteFolders(kElsewhere);
}

void Server::Create(ItemType type, std::uint64_t folder) {
  const std::string& in = FolderAt(type, folder);
  oxserver::FieldMap fields{{std::string(Groups(type).front().fields[0]), NextValue()}};
  if (type == ItemType::kContact) fields["street_home"] = NextValue();
  if (type == ItemType::kAppointment) {
    const std::int64_t day = NextDay();
    fields["start_date"] = std::to_string(day);
    fields["end_date"] = std::to_string(day + kHalfHourMs);
  }
  (void)OwnerOf(in).Create(ModuleOf(type), in, fields);
}

void Server::Edit(std::int64_t object, const std::string& folder, std::uint64_t choice) {
  const ItemType type = TypeOf(object);
  const auto groups = Groups(type);
  const Group& group = groups[choice % groups.size()];
  const auto field = group.fields[choice / 7 % group.typed];
  oxserver::FieldMap fields;
  if (group.dates) {
    const std::int64_t day = NextDay();
    fields[std::string(group.fields[0])] = std::to_string(day);
    fields[std::string(group.fields[1])] = std::to_string(day + kHalfHourMs);
  } else {
    fields[std::string(field)] = choice % 11 == 0 ? "" : NextValue();
  }
  (void)OwnerOf(folder).Update(ModuleOf(type), folder, std::to_string(IdOf(object)), fields);
}

void Server::Do(const Step& step) {
  oxserver::ApiClient& api = Api();
  const auto& live = oracle_.live();
  auto chosen = live.begin();
  if (!live.empty()) std::advance(chosen, static_cast<std::ptrdiff_t>(step.a % live.size()));
  const bool on_object = step.kind == StepKind::kElseEdit || step.kind == StepKind::kElseTag ||
                         step.kind == StepKind::kElseMove || step.kind == StepKind::kElseDelete;
  if (on_object && live.empty()) return;
  const ItemType type = on_object ? TypeOf(chosen->first) : ItemType::kContact;
  const std::string id = on_object ? std::to_string(IdOf(chosen->first)) : "";
  const std::string in = on_object ? chosen->second.values.at(std::string(kFolder)) : "";
  // What the server refuses (a folder gone, nothing changed) is not done: the record has only what was stored.
  switch (step.kind) {
    case StepKind::kElseCreate:
      Create(more_folders_.empty() || step.b % 3 == 0 ? ItemType::kContact
             : step.b % 3 == 1                        ? ItemType::kTask
                                                      : ItemType::kAppointment,
             step.a);
      break;
    case StepKind::kElseEdit:
      Edit(chosen->first, in, step.b);
      break;
    case StepKind::kElseTag: {
      const std::string had = chosen->second.values.at(std::string(kTags));
      (void)OwnerOf(in).Update(ModuleOf(type), in, id,
                               {{std::string(kTags), had.empty() ? NextValue() : had + "," + NextValue()}});
      break;
    }
    case StepKind::kElseMove:
      (void)api.Update(ModuleOf(type), in, id, {{"folder_id", FolderAt(type, step.b)}});
      break;
    case StepKind::kElseDelete:
      (void)OwnerOf(in).Delete(ModuleOf(type), in, id);
      break;
    case StepKind::kElseNewFolder:
      if (folders_.size() < 5) (void)api.CreateFolder(folders_[0], "F" + NextValue());
      NoteFolders(kElsewhere);
      break;
    case StepKind::kElseDropFolder:
      if (folders_.size() > 1) {
        const std::size_t which = 1 + step.a % (folders_.size() - 1);
        dropping_folder_ = true;
        (void)api.DeleteFolder(folders_[which]);
        dropping_folder_ = false;
        NoteFolders(kElsewhere);
      }
      break;
    case StepKind::kElseRenameFolder:
      if (folders_.size() > 1) (void)api.RenameFolder(folders_[1 + step.a % (folders_.size() - 1)], "R" + NextValue());
      NoteFolders(kElsewhere);
      break;
    case StepKind::kElseMoveFolder:
      if (folders_.size() > 1) MoveFolder(std::string(folders_[1 + step.a % (folders_.size() - 1)]), step.b);
      break;
    case StepKind::kElseEmptyFolder: {
      std::vector<std::int64_t> inside;
      for (const auto& [object, one] : live)
        if (one.values.at(std::string(kFolder)) == FolderAt(step.a)) inside.push_back(object);
      for (const auto object : inside)
        (void)OwnerOf(FolderAt(step.a)).DeleteContact(FolderAt(step.a), std::to_string(object));
      break;
    }
    case StepKind::kElseRights:
      if (!shared_.empty()) Allow(kRightsInTurn[step.a % std::size(kRightsInTurn)]);
      break;
    default:
      break;
  }
}

}  // namespace outpost::sim
