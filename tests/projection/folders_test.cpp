#include "projection/folders.h"

#include <catch2/catch.hpp>

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
  account.RemoteSet("c", {{FieldOf(ItemType::kFolder, "unread"), std::int64_t{3}}});
  account.RemoteNew(ItemType::kContact, "x", account.Contact("X", "c"));
  account.LocalNew(ItemType::kContact, "y", account.Contact("Y", "c"));
  const FolderNode node = FindFolder(account, "Contacts").value();
  CHECK(node.id == account.Id("c"));
  CHECK(node.name == "Contacts");
  CHECK(node.type == ItemType::kContact);
  CHECK(node.remote_id == "r");
  CHECK(node.total == 2);
  CHECK(node.unread == 3);
  CHECK(node.state == std::string("synced"));
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
}
