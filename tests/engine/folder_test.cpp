// Folders made, renamed, moved and deleted here: shown at once, on the server once, and never at the cost of what is in
// them.
#include <fstream>

#include "base/random.h"
#include "engine/edits.h"
#include "schemas/folders.h"
#include "tests/engine/pair.h"

using namespace outpost;
using namespace outpost::test;

namespace {

using Paths = std::vector<std::string>;

constexpr const char* kGlobalAddressBook = "6";

// A pair with folders in it, which both sides must have alike.
class Tree : public Pair {
 public:
  explicit Tree(Policy policy = Policy::kServerWins) {
    MustDo(account().PutSettings(
        {{{std::string(setting::kPolicy), policy == Policy::kClientWins ? "client-wins" : "server-wins"}}}));
    Settle();
  }

  ItemId Make(const std::string& title, const ItemId& parent = root::kPrivate, const std::string& type = "contact") {
    return Must(
        account().Create(ItemType::kFolder, parent, {{field::kFolderTitle, title}, {field::kFolderModule, type}}));
  }
  Result<ItemId> TryMake(const std::string& title, const ItemId& parent, const std::string& type = "contact") {
    return account().Create(ItemType::kFolder, parent, {{field::kFolderTitle, title}, {field::kFolderModule, type}});
  }
  void Rename(const ItemId& folder, const std::string& title) {
    MustDo(account().Set(folder, {{field::kFolderTitle, title}}));
  }
  // Made elsewhere, and told here.
  ItemId MakeThere(const std::string& title, const std::string& parent = "1") {
    remote[title] = Must(elsewhere().CreateFolder(parent, title));
    Settle();
    return Folder(remote[title]);
  }
  ItemId Folder(const std::string& remote_id) {
    return Must(FindByRemoteId(*account().View(), ItemType::kFolder, remote_id)).value_or(ItemId{});
  }
  ItemId Contact(const std::string& name, const ItemId& folder) {
    return Must(account().Create(ItemType::kContact, folder, {{Field("last_name"), name}}));
  }
  std::string PathOf(const ItemId& folder) {
    for (const auto& node : Must(ListFolders(*account().View())))
      if (node.id == folder) return node.path;
    return "";
  }
  // Of all folders here but the default ones.
  Paths Here() {
    Paths paths;
    for (const auto& node : Must(ListFolders(*account().View())))
      if (Item(node.id).HeadValue(field::kFolderStandard) != Value(true) && node.remote_id != kGlobalAddressBook)
        paths.push_back(node.path);
    std::sort(paths.begin(), paths.end());
    return paths;
  }
  // The same on the server, with the names of the contacts in them behind.
  Paths There(const std::string& parent = "1", const std::string& above = "") {
    Paths paths;
    for (const auto& folder : Must(elsewhere().ListFolders(parent))) {
      if (folder.module == "system" || folder.module == "mail" || folder.id == kGlobalAddressBook) continue;
      const std::string path = above + folder.title;
      const bool standard =
          parent == "1" && (folder.title == "Contacts" || folder.title == "Calendar" || folder.title == "Tasks");
      if (!standard) paths.push_back(path);
      for (const auto& below : There(folder.id, path + "/")) paths.push_back(below);
    }
    std::sort(paths.begin(), paths.end());
    return paths;
  }
  Paths NamesThere(const std::string& remote_id) {
    Paths names;
    for (const auto& row : Must(elsewhere().ListContacts(remote_id, {"last_name"})))
      names.push_back(row.at("last_name"));
    std::sort(names.begin(), names.end());
    return names;
  }
  Paths Codes(const ItemId& item) {
    Paths codes;
    for (const ParkedGroup& parked : Item(item).parked) codes.push_back(parked.refusal.code);
    return codes;
  }
  void CheckSame() {
    CHECK(Here() == There());
    CHECK(Must(account().Status()).pending == 0);
    CheckWhole();
  }

  std::map<std::string, std::string> remote;  // ids of folders made elsewhere, by title
};

Code CodeOf(const Result<ItemId>& result) { return result ? Code::kUnavailable : result.error().code; }
Code CodeOf(const Result<void>& result) { return result ? Code::kUnavailable : result.error().code; }

}  // namespace

TEST_CASE("folders: a name is free again once what had it has gone or has another", "[engine][folder]") {
  const bool renamed = GENERATE(false, true);
  INFO(renamed);
  Tree tree;
  const ItemId old = tree.MakeThere("Old");
  const ItemId contact = tree.Contact("Adler", old);
  tree.Settle();
  MustDo(tree.account().Set(contact, {{Pair::Field("nickname"), std::string("ad")}}));
  if (renamed)
    tree.Rename(old, "Older");
  else
    MustDo(tree.account().Delete(old));
  const ItemId made = tree.Make("Old");
  tree.Contact("Berg", made);
  for (int i = 0; i < 2; ++i) tree.Settle();
  CHECK(tree.Item(made).on_server);
  CHECK(Must(ItemsNeedingAttention(*tree.account().View())).parked.empty());
  CHECK(tree.Here() == (renamed ? Paths{"Old", "Older"} : Paths{"Old"}));
  CHECK(tree.There() == tree.Here());
  CHECK(tree.NamesThere(tree.Item(made).remote_id) == Paths{"Berg"});
  tree.CheckWhole();
}

TEST_CASE(
    "folders: a file that was attached to an item in a folder goes with the folder, and so does what was not sent",
    "[engine][folder]") {
  const bool sent = GENERATE(false, true);  // the contact
  Tree tree;
  const ItemId folder = tree.MakeThere("Work");
  const ItemId contact = tree.Contact("Adler", folder);
  if (sent) tree.Settle();
  const std::filesystem::path file = tree.folder() / "note.txt";
  std::ofstream(file) << "note";
  Must(tree.account().Attach(contact, {file, "note.txt", "text/plain"}));
  MustDo(tree.account().Delete(folder));
  for (int i = 0; i < 2; ++i) tree.Settle();
  CHECK(Must(ItemsNeedingAttention(*tree.account().View())).parked.empty());
  CHECK(tree.There().empty());
  tree.CheckWhole();
}

TEST_CASE("folders: one made here and deleted before its first row comes is gone", "[engine][folder][conflict]") {
  const std::string type = GENERATE("contact", "mail");
  const bool answered = GENERATE(true, false);
  INFO(type << (answered ? "" : ", the answer lost"));
  Tree tree;
  const ItemId parent = type == "mail" ? Must(FindFolder(*tree.account().View(), "E-Mail/INBOX")).id : root::kPrivate;
  const auto before = tree.Here();
  const ItemId work = tree.Make("Work", parent, type);
  bool gone = false;
  tree.before_answer = [&](const oxserver::HttpRequest& request) {
    const auto item = Must(LoadItem(*tree.account().View(), work));
    const bool made = answered ? item->on_server : request.body.find("\"new\"") != std::string::npos;
    if (gone || !made) return;
    gone = true;
    MustDo(tree.account().Delete(work));
  };
  if (!answered) MustDo(tree.server().AddFault("drop-reply:folders.new:1"));
  tree.Sync();
  tree.before_answer = nullptr;
  REQUIRE(gone);
  for (int i = 0; i < 2; ++i) tree.Settle();
  CHECK_FALSE(tree.Item(work).Visible());
  CHECK(tree.Item(work).losers.empty());
  // A mail folder that is deleted lies in the trash.
  CHECK(tree.Here().size() == before.size() + (type == "mail" ? 1 : 0));
  if (type == "contact") CHECK(tree.There().empty());
  tree.CheckWhole();
}

TEST_CASE("folders are made, renamed, moved and deleted here; shown at once and told later", "[engine][folders]") {
  Tree tree;
  const ItemId work = tree.Make("Work");
  const ItemId people = tree.Make("  People ", work);
  const ItemId old = tree.MakeThere("Old");
  CHECK(tree.PathOf(people) == "Work/People");
  CHECK(tree.Here() == Paths{"Old", "Work", "Work/People"});
  tree.CheckSame();
  CHECK(tree.Item(work).on_server);

  tree.Rename(work, "Business");
  MustDo(tree.account().Move(old, work));
  MustDo(tree.account().Delete(people));
  const ItemId open = tree.Make("Open", root::kPublic, "task");
  CHECK(tree.Here() == Paths{"Business", "Business/Old", "Public/Open"});
  tree.Settle();
  CHECK(tree.There() == Paths{"Business", "Business/Old"});
  CHECK(tree.There("2") == Paths{"Open"});
  CHECK(tree.Item(open).HeadValue(field::kFolderType) == Value(kFolderPublic));
  CHECK_FALSE(tree.Item(people).Visible());
  MustDo(tree.account().Move(old, root::kPrivate));
  CHECK(tree.PathOf(old) == "Old");
  MustDo(tree.account().Delete(open));
  tree.Settle();
  tree.CheckSame();
  CHECK(tree.Sync().pulled == 0);
}

TEST_CASE("a folder made offline takes what is made and moved into it, each in its turn and once",
          "[engine][folders]") {
  const bool bad_line = GENERATE(false, true);
  Tree tree;
  std::vector<ItemId> made;
  const ItemId moved = tree.CreateLocally("moved");
  tree.Settle();
  const ItemId top = tree.Make("Top");
  const ItemId below = tree.Make("Below", top);
  for (int i = 0; i < 70; ++i) made.push_back(tree.Contact("n" + std::to_string(100 + i), i < 60 ? below : top));
  MustDo(tree.account().Move(moved, below));
  const ItemId other = tree.CreateLocally("other");
  if (bad_line)
    for (const char* call : {"folders.new", "contacts.new", "contacts.update"})
      MustDo(tree.server().AddFault("drop-reply:" + std::string(call) + ":100%"));
  tree.Settle();
  CHECK(tree.There() == Paths{"Top", "Top/Below"});
  CHECK(tree.NamesThere(tree.Item(below).remote_id).size() == 61);
  CHECK(tree.NamesThere(tree.Item(top).remote_id).size() == 10);
  for (const ItemId& id : made) CHECK(tree.Item(id).on_server);
  CHECK(tree.Item(other).on_server);
  tree.CheckSame();
  if (!bad_line) {
    const auto again = tree.OtherAccount();
    Must(again->Sync({}));
    CHECK(Must(FindFolder(*again->View(), "Top/Below")).counts.total == 61);
  }
}

TEST_CASE("the answer of every write of folders is lost: each is done once", "[engine][folders]") {
  const bool restart = GENERATE(false, true);
  Tree tree;
  const ItemId a = tree.MakeThere("A");
  const ItemId b = tree.MakeThere("B");
  const ItemId c = tree.MakeThere("C");
  Must(tree.elsewhere().CreateContact(tree.remote["C"], {{"last_name", "inside"}}));
  tree.Settle();
  const ItemId made = tree.Make("Made");
  tree.Rename(a, "Named");
  MustDo(tree.account().Move(b, a));
  MustDo(tree.account().Delete(c));
  for (const char* action : {"new", "update", "delete"})
    MustDo(tree.server().AddFault(std::string("drop-reply:folders.") + action + ":1"));
  if (restart) {
    tree.Sync();
    tree.Reopen();
  }
  tree.Settle();
  tree.Settle();
  CHECK(tree.Here() == Paths{"Made", "Named", "Named/B"});
  CHECK(tree.Item(made).on_server);
  CHECK_FALSE(tree.Item(c).on_server);
  tree.CheckSame();
}

TEST_CASE("a folder whose create was not answered and that somebody has deleted or renamed since waits for a person",
          "[engine][folders]") {
  const bool renamed = GENERATE(false, true);
  Tree tree;
  const ItemId made = tree.Make("Made");
  const ItemId inside = tree.Contact("inside", made);
  MustDo(tree.server().AddFault("drop-reply:folders.new:1"));
  bool deleted = false;
  tree.before_answer = [&](const oxserver::HttpRequest&) {
    if (deleted) return;
    for (const auto& folder : Must(tree.elsewhere().ListFolders("1")))
      if (folder.title == "Made") {
        deleted = true;
        MustDo(renamed ? tree.elsewhere().RenameFolder(folder.id, "Renamed")
                       : tree.elsewhere().DeleteFolder(folder.id));
      }
  };
  tree.Sync();
  tree.before_answer = nullptr;
  REQUIRE(deleted);
  tree.Settle();
  CHECK(tree.There() == (renamed ? Paths{"Renamed"} : Paths{}));
  REQUIRE_FALSE(tree.Codes(made).empty());
  CHECK(tree.Codes(made).front() == (renamed ? "maybe_renamed_on_server" : "maybe_deleted_on_server"));
  CHECK(tree.Codes(inside).front() == "folder_not_on_server");
  MustDo(tree.account().Retry(made));  // he wants it
  for (int i = 0; i < 3; ++i) tree.Settle();
  CHECK(tree.There() == (renamed ? Paths{"Made", "Renamed"} : Paths{"Made"}));
  CHECK(tree.NamesThere(tree.Item(made).remote_id) == Paths{"inside"});
  tree.CheckSame();
}

TEST_CASE("a folder of the same name made on both sides is one folder", "[engine][folders]") {
  Tree tree;
  const ItemId mine = tree.Make("Team");
  const ItemId inside = tree.Contact("mine", mine);
  const std::string theirs = Must(tree.elsewhere().CreateFolder("1", "Team"));
  Must(tree.elsewhere().CreateContact(theirs, {{"last_name", "theirs"}}));
  tree.Settle();
  CHECK(tree.Item(mine).remote_id == theirs);
  CHECK(tree.Item(inside).on_server);
  CHECK(tree.NamesThere(theirs) == Paths{"mine", "theirs"});
  tree.CheckSame();
}

TEST_CASE("both sides rename a folder: one name wins, the other is kept", "[engine][folders]") {
  const bool server_wins = GENERATE(true, false);
  Tree tree(server_wins ? Policy::kServerWins : Policy::kClientWins);
  const ItemId folder = tree.MakeThere("Old");
  tree.Rename(folder, "Mine");
  MustDo(tree.elsewhere().RenameFolder(tree.remote["Old"], "Theirs"));
  const auto report = tree.Settle();
  CHECK(report.conflicts == 1);
  CHECK(tree.PathOf(folder) == (server_wins ? "Theirs" : "Mine"));
  tree.CheckSame();
  REQUIRE(tree.Item(folder).losers.size() == 1);
  Must(tree.account().UndoConflict({folder, 0, 0}, false));
  tree.Settle();
  CHECK(tree.PathOf(folder) == (server_wins ? "Mine" : "Theirs"));
  CHECK(tree.Item(folder).losers.empty());
  tree.CheckSame();
}

TEST_CASE("a folder is moved here and renamed there: both count", "[engine][folders]") {
  Tree tree;
  const ItemId folder = tree.MakeThere("Old");
  const ItemId target = tree.MakeThere("Target");
  MustDo(tree.account().Move(folder, target));
  MustDo(tree.elsewhere().RenameFolder(tree.remote["Old"], "New"));
  CHECK(tree.Settle().conflicts == 0);
  CHECK(tree.PathOf(folder) == "Target/New");
  tree.CheckSame();
}

TEST_CASE("a folder is deleted here and renamed or filled there", "[engine][folders]") {
  const bool server_wins = GENERATE(true, false);
  const bool renamed = GENERATE(true, false);
  Tree tree(server_wins ? Policy::kServerWins : Policy::kClientWins);
  const ItemId folder = tree.MakeThere("Old");
  const ItemId below = tree.MakeThere("Below", tree.remote["Old"]);
  Must(tree.elsewhere().CreateContact(tree.remote["Below"], {{"last_name", "known"}}));
  tree.Settle();
  MustDo(tree.account().Delete(folder));
  CHECK(tree.Here().empty());
  if (renamed)
    MustDo(tree.elsewhere().RenameFolder(tree.remote["Below"], "Renamed"));
  else
    Must(tree.elsewhere().CreateContact(tree.remote["Below"], {{"last_name", "new"}}));
  tree.Settle();
  if (server_wins) {  // nobody has said that this may go
    CHECK(tree.Here() == Paths{"Old", renamed ? "Old/Renamed" : "Old/Below"});
    CHECK(tree.Item(below).losers.size() == 1);
    CHECK(tree.Item(folder).losers.size() == 1);
    CHECK(tree.NamesThere(tree.remote["Below"]).size() == (renamed ? 1 : 2));
    tree.CheckSame();
    Must(tree.account().UndoConflict({below, 0, 0}, true));
    Must(tree.account().UndoConflict({folder, 0, 0}, true));
    tree.Settle();
  }
  CHECK(tree.Here().empty());
  CHECK_FALSE(tree.Item(folder).on_server);
  tree.CheckSame();
}

TEST_CASE("a folder with more unsent items than one append takes is deleted", "[engine][folders]") {
  Tree tree;
  const ItemId folder = tree.Make("Import"), below = tree.Make("Older", folder);
  SeededRandom random(7);
  for (int part = 0; part < 2; ++part) {
    Batch batch;
    for (int i = 0; i < 6'000; ++i) {
      const auto id = MakeId<ItemId>(Millis{1'000'000 + i}, random);
      batch.push_back(CreateEvent(id, ItemType::kContact, part == 0 ? below : folder,
                                  {{Pair::Field("last_name"), "n" + std::to_string(i)}},
                                  MakeId<OpId>(Millis{1}, random)));
    }
    Must(tree.account().journal().AppendAndWait(std::move(batch), {}, Durability::kSynced));
  }
  MustDo(tree.account().Delete(folder));
  std::size_t visible = 0;
  for (const ItemId& one : {folder, below}) {
    CHECK_FALSE(tree.Item(one).Visible());
    MustDo(ForEachItem(*tree.account().View(), one, [&](const ItemState&) {
      ++visible;
      return true;
    }));
  }
  CHECK(visible == 0);
}

TEST_CASE("what went with a folder can be brought back", "[engine][folders]") {
  Tree tree;
  const ItemId folder = tree.MakeThere("Old");
  const std::string contact = Must(tree.elsewhere().CreateContact(tree.remote["Old"], {{"last_name", "Adler"}}));
  tree.Settle();
  const ItemId item = *tree.ByRemoteId(contact);
  const ItemId unsent = tree.Contact("unsent", folder);
  tree.Set(item, "nickname", std::string("typed"));
  MustDo(tree.account().Delete(folder));
  tree.Settle();
  CHECK(tree.There().empty());
  CHECK_FALSE(tree.Item(item).Visible());
  CHECK_FALSE(tree.Item(unsent).Visible());
  tree.CheckSame();
  MustDo(tree.account().Restore(folder, {}));
  MustDo(tree.account().Restore(item, {}));
  tree.Settle();
  CHECK(tree.There() == Paths{"Old"});
  CHECK(tree.NamesThere(tree.Item(folder).remote_id) == Paths{"Adler"});
  tree.CheckSame();
}

TEST_CASE("a folder deleted there that was renamed here: the name is kept, and the folder can come back",
          "[engine][folders]") {
  const bool server_wins = GENERATE(true, false);
  Tree tree(server_wins ? Policy::kServerWins : Policy::kClientWins);
  const ItemId folder = tree.MakeThere("Old");
  tree.Rename(folder, "Mine");
  const ItemId inside = tree.Contact("inside", folder);
  MustDo(tree.elsewhere().DeleteFolder(tree.remote["Old"]));
  for (int i = 0; i < 3; ++i) tree.Settle();
  if (server_wins) {
    CHECK(tree.Here().empty());
    CHECK(tree.Item(folder).losers.size() == 1);
    CHECK(tree.Item(inside).Visible());
    CHECK_FALSE(tree.Codes(inside).empty());
    Must(tree.account().UndoConflict({folder, 0, 0}, false));
    for (int i = 0; i < 3; ++i) tree.Settle();
  }
  CHECK(tree.Here() == Paths{"Mine"});
  CHECK(tree.NamesThere(tree.Item(folder).remote_id) == Paths{"inside"});
  tree.CheckSame();
  // What others put into it since arrives, once.
  Must(tree.elsewhere().CreateContact(tree.Item(folder).remote_id, {{"last_name", "theirs"}}));
  tree.Settle();
  int inside_here = 0;
  MustDo(ForEachItem(*tree.account().View(), folder, [&](const ItemState&) { return ++inside_here > 0; }));
  CHECK(inside_here == 2);
  CHECK(tree.Sync().problem.empty());
}

TEST_CASE("a title that the server refuses parks the folder and what is in it; another title lets all pass",
          "[engine][folders]") {
  Tree tree;
  const ItemId folder = tree.Make(std::string(200, 'x'));
  const ItemId inside = tree.Contact("inside", folder);
  tree.Settle();
  REQUIRE(tree.Item(folder).parked.size() >= 1);
  bool told = false;
  for (const ParkedGroup& parked : tree.Item(folder).parked)
    told = told || (parked.refusal.field == field::kFolderTitle && parked.refusal.limit == 128);
  CHECK(told);
  CHECK(tree.Codes(inside).front() == "folder_not_on_server");
  CHECK(tree.Item(folder).Visible());
  tree.Rename(folder, "Short");
  for (int i = 0; i < 3; ++i) tree.Settle();
  CHECK(tree.Item(inside).on_server);
  CHECK(tree.NamesThere(tree.Item(folder).remote_id) == Paths{"inside"});
  tree.CheckSame();
}

TEST_CASE("what may not be done to folders is refused by name before there is an intent", "[engine][folders]") {
  Tree tree;
  auto bert = Must(oxserver::ApiClient::SignIn([&](const auto& request) { return tree.server().Handle(request); },
                                               "bert", "secret"));
  const std::string shared = Must(bert->CreateFolder(Must(bert->ContactsFolder()), "Team"));
  constexpr std::uint32_t kAuthor = 4227332, kReviewer = 33025;
  MustDo(bert->ShareFolder(shared, tree.elsewhere().user_id(), kReviewer));
  const ItemId mine = tree.MakeThere("Mine");
  const ItemId below = tree.Make("Below", mine);
  const ItemId team = tree.Folder(shared);
  REQUIRE(team);
  const auto end = tree.account().View()->last();
  Account& account = tree.account();
  const auto rename = [&](const ItemId& id, const std::string& title) {
    return CodeOf(account.Set(id, {{field::kFolderTitle, title}}));
  };
  CHECK(CodeOf(tree.TryMake("New", root::kShared)) == Code::kRejected);
  CHECK(CodeOf(account.Move(mine, root::kShared)) == Code::kRejected);
  CHECK(CodeOf(tree.TryMake("Post", root::kPublic, "mail")) == Code::kRejected);
  CHECK(CodeOf(tree.TryMake("Post", root::kPrivate, "mail")) == Code::kRejected);
  CHECK(CodeOf(tree.TryMake("Post", mine, "mail")) == Code::kRejected);
  CHECK(CodeOf(tree.TryMake("People", Must(FindFolder(*account.View(), "E-Mail/INBOX")).id)) == Code::kRejected);
  CHECK(CodeOf(tree.TryMake("Lists", mine, "list")) == Code::kInvalid);
  CHECK(CodeOf(tree.TryMake("New", team)) == Code::kRejected);
  CHECK(CodeOf(account.Move(mine, team)) == Code::kRejected);
  CHECK(rename(team, "New") == Code::kRejected);
  CHECK(CodeOf(account.Delete(team)) == Code::kRejected);
  CHECK(rename(tree.Contacts(), "New") == Code::kRejected);
  CHECK(CodeOf(account.Move(tree.Contacts(), mine)) == Code::kRejected);
  CHECK(CodeOf(account.Delete(tree.Contacts())) == Code::kRejected);
  CHECK(CodeOf(tree.TryMake("mine", root::kPrivate)) == Code::kConflict);
  CHECK(CodeOf(tree.TryMake(" ", root::kPrivate)) == Code::kInvalid);
  CHECK(rename(mine, "contacts") == Code::kConflict);
  CHECK(CodeOf(account.Move(mine, below)) == Code::kInvalid);
  CHECK(CodeOf(account.Move(mine, mine)) == Code::kInvalid);
  CHECK(CodeOf(tree.TryMake("New", ItemId{})) == Code::kNotFound);
  CHECK(account.View()->last() == end);
  // With the right to, folders are made in it as well.
  MustDo(bert->ShareFolder(shared, tree.elsewhere().user_id(), kAuthor));
  tree.Settle();
  const ItemId inside = tree.Make("Inside", team);
  CHECK(tree.PathOf(inside) == "Shared/Team/Inside");
  tree.Settle();
  CHECK(tree.Item(inside).on_server);
  // Rights that went meanwhile: the server's word counts, and nothing is lost.
  const ItemId late = tree.Make("Late", team);
  MustDo(bert->ShareFolder(shared, tree.elsewhere().user_id(), kReviewer));
  tree.Settle();
  REQUIRE_FALSE(tree.Codes(late).empty());
  CHECK(tree.Codes(late).front() == "no_right FLD-0006");
  CHECK(tree.Item(late).Visible());
}

TEST_CASE("the rights in a folder are changed here; entries that nobody touched stay as they are",
          "[engine][folders]") {
  Tree tree;
  const ItemId folder = tree.MakeThere("Team");
  const std::string id = tree.remote["Team"];
  auto& there = tree.elsewhere();
  const std::string me = "user:" + std::to_string(there.user_id());
  auto bert = Must(oxserver::ApiClient::SignIn([&](const auto& request) { return tree.server().Handle(request); },
                                               "bert", "secret"));
  const std::string him = "user:" + std::to_string(bert->user_id());
  const std::string mine = R"({"entity":)" + std::to_string(there.user_id()) + R"(,"group":false,"bits":403710016})";
  // Reading one's own only, administering alone, a guest: nothing that a person could say by a level.
  MustDo(there.PutPermissions(
      id, "[" + mine + R"(,{"entity":0,"group":true,"bits":268435584},)" +
              R"({"type":"guest","bits":257,"email_address":"g@example.org","display_name":"G {}"}])"));
  tree.Settle();
  const auto entries = [&] { return RightsLines(tree.Item(folder).HeadValue(field::kFolderPermissions)); };
  const auto before = entries();
  REQUIRE(before.size() == 3);
  CHECK(before[0] == "group:0 268435584");
  CHECK(before[1].starts_with("guest:"));
  CHECK(before[2] == me + " 403710016");

  MustDo(tree.account().ChangeRights(folder, {{him, 4227330}}));
  CHECK(entries().size() == 4);
  tree.Settle();
  const std::string told = Must(there.Permissions(id));
  CHECK(told.find("g@example.org") != std::string::npos);
  CHECK(told.find("G {}") != std::string::npos);
  CHECK(told.find("268435584") != std::string::npos);
  CHECK(told.find("4227330") != std::string::npos);
  CHECK(tree.Item(folder).losers.empty());
  CHECK(Must(bert->ListContacts(id, {"last_name"})).empty());  // he sees it

  // Both sides change what different people may: both count. The same one: a conflict.
  MustDo(tree.account().ChangeRights(folder, {{him, std::nullopt}}));
  MustDo(there.PutPermissions(id, "[" + mine + R"(,{"entity":)" + std::to_string(bert->user_id()) +
                                      R"(,"group":false,"bits":4227330},{"entity":0,"group":true,"bits":257}])"));
  CHECK(tree.Settle().conflicts == 0);
  CHECK(entries() == std::vector<std::string>{"group:0 257", me + " 403710016"});
  CHECK(Must(there.Permissions(id)).find("4227330") == std::string::npos);
  MustDo(tree.account().ChangeRights(folder, {{"group:0", 258}}));
  MustDo(there.PutPermissions(id, "[" + mine + "]"));
  CHECK(tree.Settle().conflicts == 1);
  CHECK(entries().size() == 1);
  Must(tree.account().UndoConflict({folder, 0, 0}, false));
  tree.Settle();
  CHECK(Must(there.Permissions(id)).find("258") != std::string::npos);
  tree.CheckSame();
}

TEST_CASE("rights are changed only by who administers the folder, and never so that nobody does", "[engine][folders]") {
  Tree tree;
  auto bert = Must(oxserver::ApiClient::SignIn([&](const auto& request) { return tree.server().Handle(request); },
                                               "bert", "secret"));
  const std::string shared = Must(bert->CreateFolder(Must(bert->ContactsFolder()), "Team"));
  constexpr std::uint32_t kPublishingEditor = 4227332;
  MustDo(bert->ShareFolder(shared, tree.elsewhere().user_id(), kPublishingEditor));
  const ItemId mine = tree.MakeThere("Mine");
  const std::string me = "user:" + std::to_string(tree.elsewhere().user_id());
  const ItemId unsent = tree.Make("Unsent");
  const auto end = tree.account().View()->last();
  const auto change = [&](const ItemId& folder, const std::string& who, std::optional<std::int64_t> bits) {
    const auto done = tree.account().ChangeRights(folder, {{who, bits}});
    return done ? Code::kCorrupt : done.error().code;
  };
  CHECK(change(tree.Folder(shared), "user:9", 257) == Code::kRejected);
  CHECK(change(mine, me, std::nullopt) == Code::kInvalid);
  CHECK(change(mine, me, 257) == Code::kInvalid);
  CHECK(change(mine, "user:9", 3) == Code::kInvalid);
  CHECK(change(mine, "bert", 257) == Code::kInvalid);
  CHECK(change(mine, "user:9", std::nullopt) == Code::kNotFound);
  CHECK(change(unsent, "user:9", 257) == Code::kUnavailable);
  CHECK(tree.account().View()->last() == end);
  // The server's own refusal parks the change.
  MustDo(tree.account().ChangeRights(mine, {{"user:999", 257}}));
  tree.Settle();
  CHECK(tree.Codes(mine).size() == 1);
  CHECK(tree.Item(mine).parked.front().refusal.group == field::kFolderPermissions);
}

TEST_CASE("mail folders, whose ids are paths, keep what is in and below them when they are renamed, moved and deleted",
          "[engine][folders][mail]") {
  Tree tree;
  const auto arrive = [&](const std::string& folder, const std::string& subject) {
    Must(tree.elsewhere().ImportMail(folder,
                                     "From: a@example.org\r\nTo: anna@example.com\r\nSubject: " + subject +
                                         "\r\nMessage-ID: <" + subject +
                                         "@test>\r\nDate: Fri, 10 Nov 2023 12:00:00 +0100\r\n\r\nHello\r\n",
                                     0));
  };
  const auto inside = [&](const ItemId& folder) {
    std::vector<ItemId> ids;
    MustDo(ForEachItem(*tree.account().View(), folder, [&](const ItemState& item) {
      ids.push_back(item.id);
      return true;
    }));
    std::sort(ids.begin(), ids.end());
    return ids;
  };
  const auto end = [&] {
    for (int i = 0; i < 3; ++i) tree.Settle();
    tree.CheckWhole();
  };
  const ItemId inbox = Must(FindFolder(*tree.account().View(), "E-Mail/INBOX")).id;
  const ItemId work = tree.Make("Work", inbox, "mail");
  const ItemId below = tree.Make("Below", work, "mail");
  end();
  CHECK(tree.Item(work).remote_id == "default0/INBOX/Work");
  CHECK(tree.Item(below).remote_id == "default0/INBOX/Work/Below");
  arrive("default0/INBOX/Work", "one");
  arrive("default0/INBOX/Work/Below", "two");
  end();
  const auto one = inside(work), two = inside(below);
  REQUIRE((one.size() == 1 && two.size() == 1));

  tree.Rename(work, "Business");
  end();
  CHECK(tree.Item(work).remote_id == "default0/INBOX/Business");
  CHECK(tree.Item(below).remote_id == "default0/INBOX/Business/Below");
  CHECK(tree.PathOf(below) == "E-Mail/INBOX/Business/Below");
  CHECK(inside(work) == one);
  CHECK(inside(below) == two);

  MustDo(tree.account().Move(below, inbox));
  end();
  CHECK(tree.Item(below).remote_id == "default0/INBOX/Below");
  CHECK(inside(below) == two);
  MustDo(tree.server().AddFault("drop-reply:folders.update:1"));
  tree.Rename(below, "Again");
  end();
  CHECK(tree.Item(below).remote_id == "default0/INBOX/Again");
  CHECK(inside(below) == two);

  // The server moves it to the trash, with all that is in it.
  MustDo(tree.account().Delete(work));
  end();
  CHECK_FALSE(tree.Item(work).on_server);
  const ItemId trashed = Must(FindFolder(*tree.account().View(), "E-Mail/Trash/Business")).id;
  CHECK(inside(trashed) == one);
}
