#include "tools/oxserver/world.h"

#include <algorithm>

#include "base/bytes.h"
#include "tools/oxserver/columns.h"
#include "tools/oxserver/directory.h"
#include "tools/oxserver/mail.h"

namespace outpost::oxserver {
namespace {

constexpr std::uint32_t kAddressBookBits = 1 | 2 << 7 | 1 << 14;  // sees it, reads all, changes his own entry
constexpr std::uint32_t kPublicRootBits = 4 | 2 << 7;             // sees it and creates folders below

Folder SystemFolder(std::int64_t id, std::int64_t parent, const char* title, std::uint32_t bits, std::int64_t stamp) {
  Folder folder;
  folder.id = id;
  folder.parent = parent;
  folder.title = title;
  folder.module = FolderModule::kSystem;
  folder.type = 5;
  folder.created = folder.modified = stamp;
  folder.permissions = {{kAllUsersGroup, true, bits}};
  return folder;
}

void FurnishSystem(World& world) {
  if (world.state.FindFolder(kRootFolder) != nullptr) return;
  const auto stamp = world.stamps.Next();
  world.state.PutFolder(SystemFolder(kRootFolder, -1, "root", kViewerBits, stamp));
  world.state.PutFolder(SystemFolder(kPrivateRoot, kRootFolder, "Personal folders", kPublicRootBits, stamp));
  world.state.PutFolder(SystemFolder(kPublicRoot, kRootFolder, "Public folders", kPublicRootBits, stamp));
  world.state.PutFolder(SystemFolder(kSharedRoot, kRootFolder, "Shared folders", kViewerBits, stamp));
  Folder book = SystemFolder(kGlobalAddressBook, kPublicRoot, "Global address book", kAddressBookBits, stamp);
  book.module = FolderModule::kContacts;
  book.type = 2;
  world.state.PutFolder(book);
}

void FurnishFolder(World& world, int user, FolderModule module, const char* title) {
  Folder folder;
  folder.id = world.state.NextId(FolderModule::kSystem);
  folder.parent = kPrivateRoot;
  folder.title = title;
  folder.module = module;
  folder.owner = folder.created_by = folder.modified_by = user;
  folder.created = folder.modified = world.stamps.Next();
  folder.is_default = true;
  folder.permissions = {{user, false, kOwnerBits}};
  world.state.PutFolder(folder);
}

std::string Capitalised(std::string name) {
  if (!name.empty() && name[0] >= 'a' && name[0] <= 'z') name[0] = static_cast<char>(name[0] - 32);
  return name;
}

void FurnishAddressBookEntry(World& world, const Account& account) {
  Object contact;
  contact.id = world.state.NextId(FolderModule::kContacts);
  contact.folder = kGlobalAddressBook;
  contact.created_by = contact.modified_by = contact.user = account.id;
  contact.created = contact.modified = world.stamps.Next();
  contact.uid = MakeUuid(world.random);
  contact.fields.Add(ContactColumns().ById(kColDisplayName), Quoted(Capitalised(account.name)));
  contact.fields.Add(ContactColumns().ById(kColEmail1), Quoted(account.name + "@example.com"));
  world.state.PutObject(std::move(contact));
}

}  // namespace

void Furnish(World& world) {
  FurnishSystem(world);
  for (const auto& user : world.options.users) {
    if (world.state.FindAccount(user.name) != nullptr) continue;
    int id = kFirstUser;
    for (const auto& account : world.state.accounts()) id = std::max(id, account.id + 1);
    const Account account{id, user.name, world.options.timezone};
    world.state.PutAccount(account);
    FurnishFolder(world, id, FolderModule::kContacts, "Contacts");
    FurnishFolder(world, id, FolderModule::kCalendar, "Calendar");
    FurnishFolder(world, id, FolderModule::kTasks, "Tasks");
    FurnishAddressBookEntry(world, account);
  }
  for (const auto& account : world.state.accounts()) FurnishMail(world, account.id);
}

const Folder* DefaultFolder(const World& world, int user, FolderModule module) {
  for (const auto& [id, folder] : world.state.folders()) {
    if (folder.is_default && folder.owner == user && folder.module == module) return &folder;
  }
  return nullptr;
}

Rights RightsOf(const World& world, const Folder& folder, int user) {
  Rights all;
  for (const auto& permission : folder.permissions) {
    if (!permission.guest.empty()) continue;  // guests do not sign in here
    const bool mine = permission.group ? IsMember(world, permission.entity, user) : permission.entity == user;
    if (!mine) continue;
    const Rights one = FromBits(permission.bits);
    all.folder = std::max(all.folder, one.folder);
    all.read = std::max(all.read, one.read);
    all.write = std::max(all.write, one.write);
    all.remove = std::max(all.remove, one.remove);
    all.admin = all.admin || one.admin;
  }
  return all;
}

int TypeFor(const Folder& folder, int user) { return folder.type == 1 && folder.owner != user ? 3 : folder.type; }

bool MayRead(const Folder& folder, const Rights& rights, const Object& object, int user) {
  const bool own = object.created_by == user;
  return Allows(rights.read, own) && (!object.is_private || own || folder.owner == user);
}

std::size_t CountVisible(const World& world, const Folder& folder, int user) {
  const auto& contents = world.state.ContentsOf(folder.id).by_id;
  const Rights rights = RightsOf(world, folder, user);
  if (rights.read >= 2 && folder.owner == user) return contents.size();
  return static_cast<std::size_t>(std::count_if(contents.begin(), contents.end(), [&](const auto& entry) {
    return MayRead(folder, rights, *entry.second, user);
  }));
}

std::string MakeUuid(Random& random) {
  std::string raw;
  AppendBe64(raw, (random.Next() & ~std::uint64_t{0xF000}) | 0x4000);
  AppendBe64(raw, (random.Next() & ~(std::uint64_t{3} << 62)) | (std::uint64_t{2} << 62));
  std::string hex = ToHex(AsBytes(raw));
  for (const std::size_t at : {20u, 16u, 12u, 8u}) hex.insert(at, 1, '-');
  return hex;
}

}  // namespace outpost::oxserver
