#include <catch2/catch.hpp>

#include "projection/folder_tree.h"
#include "tests/projection/memory_account.h"

using namespace outpost;
using namespace outpost::test;

namespace {

std::vector<std::string> Paths(const MemoryAccount& account) {
  std::vector<std::string> paths;
  const std::vector<FolderNode> folders = ListFolders(account).value();
  for (const FolderNode& folder : folders) paths.push_back(folder.path);
  return paths;
}
using Expected = std::vector<std::string>;

}  // namespace

TEST_CASE("folders: private ones without prefix, public and shared ones under their roots", "[folders]") {
  MemoryAccount account;
  account.Folder("c", "Contacts");
  account.Folder("p", "Staff", "", 2);
  account.Folder("s", "Bert – Calendar", "", 3, "appointment");
  account.Folder("sub", "Friends", "c");
  account.Folder("psub", "Berlin", "p", 2);
  CHECK(Paths(account) ==
        Expected{"Contacts", "Contacts/Friends", "Public/Staff", "Public/Staff/Berlin", "Shared/Bert – Calendar"});
}

TEST_CASE("folders: the roots are called so in the account's language, and found in each", "[folders]") {
  MemoryAccount account;
  account.Folder("c", "Calendar");
  account.Folder("e", "Einkauf");
  account.Folder("p", "Staff", "", 2);
  account.Folder("s", "Bert", "", 3);
  account.Folder("t", "Team", "", 2);
  account.AccountWide(Kind::kAccountSet, Encode(SettingsBody{{{"language", "de"}}}));
  CHECK(Paths(account) == Expected{"Calendar", "Einkauf", "Freigegebene Ordner/Bert", "Öffentliche Ordner/Staff",
                                   "Öffentliche Ordner/Team"});
  for (const char* path : {"Public/Team", "Dossiers publics/Team", "Öffentliche Ordner/Team"})
    CHECK(FindFolder(account, path).value().id == account.Id("t"));
  CHECK(FindFolder(account, "Shared/Bert").value().root == root::kShared);
  CHECK_FALSE(FindFolder(account, "Shared/Team"));
  account.AccountWide(Kind::kAccountSet, Encode(SettingsBody{{{"language", "fr"}}}));
  CHECK(Paths(account) ==
        Expected{"Calendar", "Dossiers partagés/Bert", "Dossiers publics/Staff", "Dossiers publics/Team", "Einkauf"});
}

TEST_CASE("folders: sorted name by name, a parent before its children", "[folders]") {
  MemoryAccount account;
  account.Folder("1", "contacts 2");
  account.Folder("2", "Contacts");
  account.Folder("3", "Äpfel");
  account.Folder("4", "Zoo", "2");
  account.Folder("5", "apes", "2");
  CHECK(Paths(account) == Expected{"Äpfel", "Contacts", "Contacts/apes", "Contacts/Zoo", "contacts 2"});
}

TEST_CASE("folders: slashes and backslashes in a name stay one name", "[folders]") {
  MemoryAccount account;
  account.Folder("1", "in/out");
  account.Folder("2", "back\\slash");
  account.Folder("3", "in");
  account.Folder("4", "out", "3");
  CHECK(Paths(account) == Expected{"back\\\\slash", "in", "in/out", "in\\/out"});
  CHECK(FindFolder(account, "in\\/out").value().name == "in/out");
}

TEST_CASE("folders: equal paths are told apart, the older keeps the plain one", "[folders]") {
  MemoryAccount account;
  account.Folder("old", "Contacts");
  account.Folder("new", "Contacts");
  account.Folder("child", "Friends", "new");
  account.Folder("natural", "Contacts (2)");
  account.Folder("public", "X", "", 2);
  account.Folder("fake", "Public");
  account.Folder("fakex", "X", "fake");
  CHECK(FindFolder(account, "Contacts").value().id == account.Id("old"));
  CHECK(FindFolder(account, "Contacts (2)").value().id == account.Id("new"));
  CHECK(FindFolder(account, "Contacts (2)/Friends").value().id == account.Id("child"));
  CHECK(FindFolder(account, "Contacts (2) (2)").value().id == account.Id("natural"));
  CHECK(FindFolder(account, "Public/X").value().id == account.Id("public"));
  CHECK(FindFolder(account, "Public/X (2)").value().id == account.Id("fakex"));
}

TEST_CASE("folders: a child made before its parent still stands under it", "[folders]") {
  MemoryAccount account;
  account.Folder("child", "Friends");
  account.Folder("parent", "Contacts");
  account.RemoteSet("child", {{field::kFolderParent, account.Id("parent")}});
  CHECK(Paths(account) == Expected{"Contacts", "Contacts/Friends"});
}

TEST_CASE("folders: a deleted parent leaves its children at the root", "[folders]") {
  MemoryAccount account;
  account.Folder("c", "Contacts");
  account.Folder("sub", "Friends", "c");
  account.RemoteDelete("c");
  CHECK(Paths(account) == Expected{"Friends"});
  CHECK_FALSE(FindFolder(account, "Friends").value().parent);
}

TEST_CASE("folders: a ring of parents is cut, nothing is lost and it ends", "[folders]") {
  MemoryAccount account;
  account.Folder("a", "A");
  account.Folder("b", "B", "a");
  account.Folder("c", "C", "b");
  account.RemoteSet("a", {{field::kFolderParent, account.Id("c")}});
  account.Folder("self", "Self");
  account.RemoteSet("self", {{field::kFolderParent, account.Id("self")}});
  CHECK(Paths(account).size() == 4);
}

TEST_CASE("folders: a deep tree needs no deep stack", "[folders]") {
  MemoryAccount account;
  account.Folder("0", "n");
  for (int depth = 1; depth < 300; ++depth) account.Folder(std::to_string(depth), "n", std::to_string(depth - 1));
  CHECK(ListFolders(account).value().back().path.size() == 2 * 300 - 1);
}

TEST_CASE("folders: a node tells what the folder is and holds", "[folders]") {
  MemoryAccount account;
  account.Folder("c", "Contacts");
  account.Folder("i", "Files", "", 1, "infostore");
  account.RemoteNew(ItemType::kContact, "x", account.Contact("X", "c"));
  const Sequence newest = account.LocalNew(ItemType::kContact, "y", account.Contact("Y", "c"));
  const FolderNode node = FindFolder(account, "Contacts").value();
  CHECK(node.id == account.Id("c"));
  CHECK(node.name == "Contacts");
  CHECK(node.type == ItemType::kContact);
  CHECK(node.remote_id == "r");
  CHECK(node.counts == FolderCounts{2, 0, 0});
  CHECK(node.newest.seq == newest);
  CHECK(node.state == "synced");
  CHECK(FindFolder(account, "Files").value().type == ItemType::kNone);
}

TEST_CASE("folders: a local rename shows at once, as pending", "[folders]") {
  MemoryAccount account;
  account.Folder("c", "Contacts");
  account.LocalSet("c", {{field::kFolderTitle, std::string("People")}});
  CHECK(FindFolder(account, "People").value().state == std::string("pending"));
}

TEST_CASE("folders: a folder is found by id in either case, and one without a name is named by it", "[folders]") {
  MemoryAccount account;
  account.Folder("c", "");
  const std::string hex = account.Id("c").Hex();
  CHECK(FindFolder(account, hex).value().path == hex);
  account.RemoteSet("c", {{field::kFolderTitle, std::string("Contacts")}});
  std::string upper = hex;
  for (char& c : upper)
    if (c >= 'a') c = static_cast<char>(c - 'a' + 'A');
  CHECK(FindFolder(account, upper).value().path == "Contacts");
}

TEST_CASE("folders: what is not found is named, with the nearest", "[folders]") {
  MemoryAccount account;
  CHECK(FindFolder(account, "Contacts").error().context == "there is no folder 'Contacts'; there are no folders yet");
  for (const char* title : {"Contacts", "Calendar", "Tasks", "Collected addresses"}) account.Folder(title, title);
  const Error error = FindFolder(account, "contcats").error();
  CHECK(error.code == Code::kNotFound);
  CHECK(error.context.starts_with("there is no folder 'contcats'; the nearest are 'Contacts', "));
  account.Folder("m", "E-Mail", "", 1, "mail");
  account.Folder("in", "INBOX", "m", 1, "mail");
  account.Folder("box", "Box");
  CHECK(FindFolder(account, "inbox")
            .error()
            .context.starts_with("there is no folder 'inbox'; the nearest are 'E-Mail/INBOX', "));
}

namespace {

// What a reader that follows the steps one by one holds in the end. A reader of a kReload has to look anew.
std::vector<ItemId> Followed(std::vector<ItemId> list, const std::vector<TableChange>& changes) {
  using Kind = TableChange::Kind;
  for (const TableChange& change : changes) {
    const auto at = [&](std::size_t position) { return list.begin() + static_cast<std::ptrdiff_t>(position); };
    if (change.kind == Kind::kDeleted || change.kind == Kind::kMoved) {
      const std::size_t from = change.kind == Kind::kMoved ? change.from : change.position;
      REQUIRE(from < list.size());
      REQUIRE(list[from] == change.item);
      list.erase(at(from));
    }
    if (change.kind == Kind::kAdded || change.kind == Kind::kMoved) {
      REQUIRE(change.position <= list.size());
      list.insert(at(change.position), change.item);
    }
    if (change.kind == Kind::kChanged) REQUIRE(list.at(change.position) == change.item);
  }
  return list;
}

std::vector<ItemId> IdsOf(const std::vector<FolderNode>& nodes) {
  std::vector<ItemId> ids;
  for (const FolderNode& node : nodes) ids.push_back(node.id);
  return ids;
}

std::size_t Count(const std::vector<TableChange>& changes, TableChange::Kind kind) {
  return static_cast<std::size_t>(
      std::count_if(changes.begin(), changes.end(), [&](const TableChange& change) { return change.kind == kind; }));
}

// Makes, renames, moves, deletes and fills folders at random.
class Gardener {
 public:
  Gardener(MemoryAccount& account, std::uint64_t seed) : account_(account), random_(seed) {}
  void Step() {
    const std::uint64_t what = random_.Below(10);
    if (what < 4 || names_.empty()) return Plant();
    const std::string& name = names_[random_.Below(names_.size())];
    if (what < 6) account_.LocalSet(name, {{field::kFolderTitle, Title()}});
    if (what == 6)
      account_.RemoteSet(name, {{field::kFolderParent, account_.Id(names_[random_.Below(names_.size())])}});
    if (what == 7) account_.LocalDelete(name);
    if (what == 8) account_.RemoteSet(name, {{field::kFolderTitle, Title()}});
    if (what == 9) account_.RemoteNew(ItemType::kContact, "c" + std::to_string(++items_), account_.Contact("X", name));
  }

 private:
  std::string Title() { return std::string(1, static_cast<char>('a' + random_.Below(26))); }
  void Plant() {
    const std::string above = names_.empty() || random_.Below(3) == 0 ? "" : names_[random_.Below(names_.size())];
    const std::string name = "f" + std::to_string(names_.size());
    account_.Folder(name, Title(), above);
    names_.push_back(name);
  }
  MemoryAccount& account_;
  SeededRandom random_;
  std::vector<std::string> names_;
  int items_ = 0;
};

}  // namespace

TEST_CASE("folder tree: the steps told turn the tree of before into that of now, whatever happened", "[folders]") {
  const auto seed = GENERATE(range(1u, 21u));
  INFO("seed " << seed);
  MemoryAccount account;
  Gardener gardener(account, seed);
  SeededRandom random(seed);
  FolderTree tree = FolderTree::Open(account.Snapshot()).value();
  for (int round = 0; round < 25; ++round) {
    const std::vector<FolderNode> before = tree.nodes();
    for (std::uint64_t steps = random.Below(12); steps > 0; --steps) gardener.Step();
    const std::vector<TableChange> changes = tree.Advance(account.Snapshot()).value();
    const std::vector<FolderNode> now = ListFolders(account).value();
    REQUIRE(tree.nodes() == now);
    REQUIRE(Followed(IdsOf(before), changes) == IdsOf(now));
    // Who is not named is as he was.
    for (const FolderNode& node : now) {
      const bool named = std::any_of(changes.begin(), changes.end(), [&](const auto& c) { return c.item == node.id; });
      if (!named) REQUIRE(std::find(before.begin(), before.end(), node) != before.end());
    }
  }
}

TEST_CASE("folder tree: one folder that moves is one step, and one that is filled changes in its place", "[folders]") {
  MemoryAccount account;
  for (const char* name : {"a", "b", "c", "d", "e"}) account.Folder(name, name);
  FolderTree tree = FolderTree::Open(account.Snapshot()).value();
  account.LocalSet("a", {{field::kFolderTitle, std::string("z")}});
  CHECK(tree.Advance(account.Snapshot()).value() ==
        std::vector<TableChange>{{TableChange::Kind::kMoved, account.Id("a"), 4, 0}});
  account.LocalSet("a", {{field::kFolderTitle, std::string("bb")}});
  CHECK(tree.Advance(account.Snapshot()).value() ==
        std::vector<TableChange>{{TableChange::Kind::kMoved, account.Id("a"), 1, 4}});
  account.RemoteNew(ItemType::kContact, "x", account.Contact("X", "c"));
  CHECK(tree.Advance(account.Snapshot()).value() ==
        std::vector<TableChange>{{TableChange::Kind::kChanged, account.Id("c"), 2, 0}});
  CHECK(tree.nodes()[2].counts.total == 1);
  CHECK(tree.Advance(account.Snapshot()).value().empty());
}

TEST_CASE("folder tree: of more changes than are told one by one it says to reload", "[folders]") {
  MemoryAccount account;
  account.Folder("top", "top");
  for (int i = 0; i < 1'001; ++i) account.Folder("f" + std::to_string(i), std::to_string(i), "top");
  FolderTree tree = FolderTree::Open(account.Snapshot()).value();
  account.LocalSet("top", {{field::kFolderTitle, std::string("tip")}});  // and so the path of each
  const auto changes = tree.Advance(account.Snapshot()).value();
  CHECK(changes == std::vector<TableChange>{TableChange{}});
  CHECK(Count(changes, TableChange::Kind::kReload) == 1);
  CHECK(tree.nodes()[1].path == "tip/0");
}
