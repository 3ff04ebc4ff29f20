// Rights of a shared folder that go in mid-sync, and come back: nothing typed is lost, nothing counts as deleted for
// it.
#include "engine/parked.h"
#include "replicator/planner.h"
#include "tests/engine/pair.h"

using namespace outpost;
using namespace outpost::test;

namespace {

constexpr std::uint32_t kClosed = 0;
constexpr std::uint32_t kReadOnly = 257;     // sees the folder, reads all
constexpr std::uint32_t kOwnOnly = 2113666;  // makes objects; reads, changes and deletes his own
constexpr std::uint32_t kEverything = 4227332;

// Bert's folder, which anna (the account) may use.
class Shared {
 public:
  explicit Shared(bool revoke_tombstones = false, int contacts = 3)
      : pair(Options(revoke_tombstones)),
        bert(Must(oxserver::ApiClient::SignIn([this](const auto& request) { return pair.server().Handle(request); },
                                              "bert", "secret"))) {
    folder = Must(bert->CreateFolder(Must(bert->ContactsFolder()), "Team"));
    Allow(kEverything);
    for (int i = 0; i < contacts; ++i) Add("n" + std::to_string(1'000 + i));
    pair.Settle();
    REQUIRE(Names().size() == static_cast<std::size_t>(contacts));
  }

  static oxserver::ServerOptions Options(bool revoke_tombstones) {
    oxserver::ServerOptions options;
    options.logic.revoke_tombstones = revoke_tombstones;
    return options;
  }
  void Allow(std::uint32_t bits) { MustDo(bert->ShareFolder(folder, pair.elsewhere().user_id(), bits)); }
  std::string Add(const std::string& name) { return Must(bert->CreateContact(folder, {{"last_name", name}})); }
  ItemId Folder() { return Must(FindByRemoteId(*pair.account().View(), ItemType::kFolder, folder)).value_or(ItemId{}); }
  // Of the items that a person sees in the folder, sorted.
  std::vector<std::string> Names() {
    std::vector<std::string> names;
    MustDo(ForEachItem(*pair.account().View(), Folder(), [&](const ItemState& item) {
      names.push_back(std::get<std::string>(item.HeadValue(Pair::Field("last_name"))));
      return true;
    }));
    std::sort(names.begin(), names.end());
    return names;
  }
  ItemId Named(const std::string& name) {
    ItemId id;
    MustDo(ForEachItem(*pair.account().View(), Folder(), [&](const ItemState& item) {
      if (item.HeadValue(Pair::Field("last_name")) == Value(name)) id = item.id;
      return true;
    }));
    REQUIRE(id);
    return id;
  }
  std::vector<std::string> OnServer() {
    std::vector<std::string> names;
    for (const auto& row : Must(bert->ListContacts(folder, {"last_name"}))) names.push_back(row.at("last_name"));
    std::sort(names.begin(), names.end());
    return names;
  }
  std::vector<std::string> Codes(const ItemId& item) {
    std::vector<std::string> codes;
    for (const ParkedGroup& parked : pair.Item(item).parked) codes.push_back(parked.refusal.code);
    return codes;
  }
  bool Asked() {
    const auto waiting = Must(WaitingConsent(*pair.account().View(), Folder()));
    return waiting.has_value();
  }
  // Everything is the same on both sides, and nothing waits.
  void CheckEqual() {
    CHECK(Names() == OnServer());
    CHECK(Must(pair.account().Status()).pending == 0);
    CHECK(Must(pair.account().Status()).parked == 0);
    CHECK_FALSE(Asked());
    pair.CheckWhole();
  }

  Pair pair;
  std::unique_ptr<oxserver::ApiClient> bert;
  std::string folder;
};

}  // namespace

TEST_CASE("rights: edits of a folder that is read-only by now are parked, and pass by themselves when it is not",
          "[engine][rights]") {
  Shared shared;
  Pair& pair = shared.pair;
  const ItemId edited = shared.Named("n1000");
  const ItemId deleted = shared.Named("n1001");
  pair.Set(edited, "nickname", std::string("typed"));
  MustDo(pair.account().Delete(deleted));
  const ItemId made = Must(
      pair.account().Create(ItemType::kContact, shared.Folder(), {{Pair::Field("last_name"), std::string("new")}}));
  MustDo(WriteFileDurably(pair.folder() / "a.txt", "a"));
  const ItemId file = Must(pair.account().Attach(shared.Named("n1002"), {pair.folder() / "a.txt", "", ""}));
  shared.Allow(kReadOnly);
  pair.Settle();
  REQUIRE_FALSE(shared.Codes(file).empty());
  for (const std::string& code : shared.Codes(file)) CHECK(code.starts_with("no_right "));
  CHECK(shared.Codes(edited) == std::vector<std::string>{"no_right CON-0176"});
  CHECK(shared.Codes(deleted) == std::vector<std::string>{"no_right CON-0169"});
  REQUIRE_FALSE(shared.Codes(made).empty());
  CHECK(shared.Codes(made).front() == "no_right CON-0112");
  CHECK(pair.HeadText(edited, "nickname") == "typed");
  CHECK(shared.OnServer() == std::vector<std::string>{"n1000", "n1001", "n1002"});
  // The folder was told after the edits, but as one that does not allow them: they rest.
  for (const ParkedHope& one : Must(ParkedWithHopes(*pair.account().View(), EngineVersion()))) CHECK_FALSE(one.hope);
  const auto rest = pair.account().View()->last();
  pair.Settle();
  pair.Settle();
  CHECK(pair.account().View()->last() == rest);
  shared.Allow(kEverything);
  pair.Settle();  // learns of it
  pair.Settle();  // and acts on it
  CHECK(Must(shared.bert->ListContacts(shared.folder, {"nickname"})).size() == 3);
  CHECK(shared.OnServer() == std::vector<std::string>{"n1000", "n1002", "new"});
  CHECK(pair.Item(file).on_server);
  shared.CheckEqual();
}

TEST_CASE("rights: what somebody else changed while an edit was parked is not written over by itself",
          "[engine][rights]") {
  Shared shared;
  Pair& pair = shared.pair;
  const ItemId item = shared.Named("n1000");
  const ItemId gone = shared.Named("n1001");
  shared.Allow(kReadOnly);
  pair.Set(item, "nickname", std::string("mine"));
  pair.Set(item, "note", std::string("not theirs"));
  pair.Set(gone, "note", std::string("before it was to go"));
  pair.Settle();
  MustDo(pair.account().Delete(gone));
  pair.Settle();
  pair.Settle();
  MustDo(shared.bert->UpdateContact(shared.folder, pair.Item(item).remote_id, {{"nickname", "theirs"}}));
  MustDo(shared.bert->UpdateContact(shared.folder, pair.Item(gone).remote_id, {{"nickname", "kept"}}));
  pair.Settle();
  shared.Allow(kEverything);
  for (int i = 0; i < 3; ++i) pair.Settle();
  CHECK(Must(shared.bert->GetContact(shared.folder, pair.Item(item).remote_id)).at("nickname") == "theirs");
  CHECK(Must(shared.bert->GetContact(shared.folder, pair.Item(item).remote_id)).at("note") == "not theirs");
  CHECK(shared.Codes(item).size() == 1);  // a person decides
  CHECK(shared.Codes(gone).size() == 2);  // what was typed before it was deleted hopes with it
  CHECK(pair.Item(gone).on_server);
  MustDo(pair.account().Retry(item));
  pair.Settle();
  CHECK(Must(shared.bert->GetContact(shared.folder, pair.Item(item).remote_id)).at("nickname") == "mine");
}

TEST_CASE("rights: nor is it where the history of that was dropped since", "[engine][rights]") {
  Shared shared;
  Pair& pair = shared.pair;
  const ItemId item = shared.Named("n1000");
  const auto theirs = [&] {
    return Must(shared.bert->GetContact(shared.folder, pair.Item(item).remote_id)).at("nickname");
  };
  shared.Allow(kReadOnly);
  pair.Set(item, "nickname", std::string("mine"));
  pair.Settle();
  MustDo(shared.bert->UpdateContact(shared.folder, pair.Item(item).remote_id, {{"nickname", "theirs"}}));
  pair.Settle();
  Must(pair.account().journal().Retain({Millis(0), 0}, [] { return false; }));
  shared.Allow(kEverything);
  for (int i = 0; i < 3; ++i) pair.Settle();
  CHECK(theirs() == "theirs");
  CHECK(shared.Codes(item).size() == 1);
  MustDo(pair.account().Retry(item));
  pair.Settle();
  CHECK(theirs() == "mine");
}

TEST_CASE("rights: an edit made after a deletion that was refused is not taken along when the deletion is tried again",
          "[engine][rights]") {
  Shared shared;
  Pair& pair = shared.pair;
  const ItemId item = shared.Named("n1000");
  shared.Allow(kReadOnly);
  MustDo(pair.account().Delete(item));
  pair.Settle();
  pair.Settle();
  pair.Set(item, "nickname", std::string("typed"));
  pair.Settle();
  shared.Allow(kEverything);
  for (int i = 0; i < 3; ++i) pair.Settle();
  CHECK(Must(shared.bert->GetContact(shared.folder, pair.Item(item).remote_id)).at("nickname") == "typed");
  CHECK(pair.Item(item).Visible());
  CHECK(shared.Codes(item) == std::vector<std::string>{"no_right CON-0169"});  // for a person to say
}

TEST_CASE("rights: a folder that is closed stays with all that is in it, and is whole again when it opens",
          "[engine][rights]") {
  const bool told = GENERATE(false, true);  // whether the server says that it is deleted
  Shared shared(told);
  Pair& pair = shared.pair;
  const ItemId edited = shared.Named("n1000");
  shared.Allow(kClosed);
  pair.Set(edited, "nickname", std::string("typed"));
  auto report = pair.Sync();
  CHECK(report.link == LinkState::kOnline);
  for (int i = 0; i < 3; ++i) pair.Sync();
  CHECK(shared.Names() == std::vector<std::string>{"n1000", "n1001", "n1002"});
  CHECK(shared.Codes(edited) == std::vector<std::string>{"no_right CON-0104"});
  CHECK(pair.HeadText(edited, "nickname") == "typed");
  CHECK(shared.Asked());  // whether to let it go is for a person to say
  CHECK(Must(pair.account().Status()).held_deletions == 3);
  pair.Reopen();
  report = pair.Sync();
  CHECK(report.problem.find("closed") != std::string::npos);
  CHECK(shared.Names().size() == 3);
  // A round goes on costing what it did: nothing that is closed is asked for again.
  pair.Sync();
  CHECK(pair.Sync().requests == 1);
  const std::string added = shared.Add("n1003");
  MustDo(shared.bert->DeleteContact(shared.folder,
                                    Must(LoadItem(*pair.account().View(), shared.Named("n1001")))->remote_id));
  shared.Allow(kEverything);
  for (int i = 0; i < 3; ++i) pair.Settle();
  CHECK(shared.Names() == std::vector<std::string>{"n1000", "n1002", "n1003"});
  CHECK(Must(shared.bert->GetContact(shared.folder, pair.Item(edited).remote_id)).at("nickname") == "typed");
  shared.CheckEqual();
}

TEST_CASE("rights: a module that is taken from the user closes its folders; nothing is deleted, and edits wait",
          "[engine][rights]") {
  // Whether the server refuses to list its folders, or lists none.
  oxserver::ServerOptions options;
  options.logic.closed_modules_are_refused = GENERATE(true, false);
  Pair pair(options);
  pair.Settle();
  const auto calendar = [&] { return Must(FindFolder(*pair.account().View(), "Calendar")).id; };
  const FieldId title = FindField(ItemType::kAppointment, "title")->id;
  const auto make = [&](const std::string& name) {
    return Must(
        pair.account().Create(ItemType::kAppointment, calendar(),
                              {{title, name},
                               {FindField(ItemType::kAppointment, "start_date")->id, std::int64_t{1'800'000'000'000}},
                               {FindField(ItemType::kAppointment, "end_date")->id, std::int64_t{1'800'003'600'000}}}));
  };
  const ItemId kept = make("kept");
  const auto attach = [&](const std::string& name) {
    MustDo(WriteFileDurably(pair.folder() / name, name));
    return Must(pair.account().Attach(kept, {pair.folder() / name, "", ""}));
  };
  const ItemId old_file = attach("old.txt");
  pair.Settle();
  REQUIRE(pair.Item(kept).on_server);
  REQUIRE(pair.Item(old_file).on_server);
  const ItemId contact = pair.CreateLocally("Lovelace");

  const bool at_once = GENERATE(true, false);  // or in the middle of a process, where only the calls are refused first
  if (at_once) pair.Reopen();
  MustDo(pair.server().AddFault("close=calendar:1"));
  pair.Sync();
  pair.server().ClearFaults();
  const ItemId later = make("later");
  MustDo(pair.account().Set(kept, {{title, std::string("edited")}}));
  const ItemId new_file = attach("new.txt");
  MustDo(pair.account().Delete(old_file));
  SyncReport report;
  for (int i = 0; i < 3; ++i) report = pair.Sync();
  CHECK(report.link == LinkState::kOnline);
  CHECK(report.problem.find("appointment") != std::string::npos);
  CHECK(report.problem.find("closed") != std::string::npos);
  CHECK(pair.Item(contact).on_server);  // the others go on
  CHECK(pair.Item(kept).Visible());
  CHECK(pair.Item(kept).HeadValue(title) == Value(std::string("edited")));
  CHECK(Must(pair.account().Status()).held_deletions == 0);
  CHECK(Must(pair.account().Status()).parked == 0);
  CHECK(report.pending == 4);
  CHECK(pair.Sync().requests == 1);  // nothing that is closed is asked for again

  MustDo(pair.server().AddFault("open=calendar:1"));
  pair.Reopen();
  pair.Settle();
  CHECK(pair.Item(later).on_server);
  CHECK(pair.Item(kept).on_server);
  CHECK(ItemStateName(pair.Item(kept)) == std::string_view("synced"));
  CHECK(ItemStateName(pair.Item(new_file)) == std::string_view("synced"));
  CHECK_FALSE(pair.Item(old_file).on_server);
  CHECK(pair.Item(kept).HeadValue(field::AttachmentsOf(ItemType::kAppointment).count) == Value(std::int64_t{1}));
  pair.CheckWhole();
}

TEST_CASE("rights: a closed folder that a person lets go is gone, and is back with the rights", "[engine][rights]") {
  const bool told = GENERATE(false, true);
  Shared shared(told);
  Pair& pair = shared.pair;
  const ItemId edited = shared.Named("n1000");
  shared.Allow(kClosed);
  pair.Set(edited, "nickname", std::string("typed"));
  pair.Sync();
  pair.Sync();
  const ItemId folder = shared.Folder();
  SECTION("let go") {
    MustDo(pair.account().AnswerConsent(folder, ConsentAnswer::kGiven));
    for (int i = 0; i < 3; ++i) pair.Sync();
    CHECK_FALSE(Must(LoadItem(*pair.account().View(), folder))->Visible());
    CHECK_FALSE(pair.Item(edited).Visible());
    CHECK(shared.OnServer().size() == 3);
    // The word was for this time: of the next closing he is asked anew.
    shared.Allow(kEverything);
    for (int i = 0; i < 4; ++i) pair.Settle();
    CHECK(shared.Names() == shared.OnServer());
    shared.Allow(kClosed);
    for (int i = 0; i < 3; ++i) pair.Sync();
    CHECK(Must(LoadItem(*pair.account().View(), folder))->Visible());
    CHECK(shared.Asked());
  }
  SECTION("kept") {
    MustDo(pair.account().AnswerConsent(folder, ConsentAnswer::kRefused));
    for (int i = 0; i < 3; ++i) pair.Sync();
    CHECK(pair.Item(edited).Visible());
    CHECK_FALSE(shared.Asked());
  }
  shared.Allow(kEverything);
  for (int i = 0; i < 4; ++i) pair.Settle();
  CHECK(shared.Names() == shared.OnServer());
  CHECK(Must(pair.account().Status()).lost == 0);
  pair.CheckWhole();
}

TEST_CASE("rights: what is hidden by other rights does not count as deleted, however little it is",
          "[engine][rights]") {
  Shared shared;
  Pair& pair = shared.pair;
  shared.Allow(kOwnOnly);
  pair.Settle();
  CHECK(shared.Names().size() == 3);
  CHECK(shared.Asked());
  // A comparison of another day, and another process, know it too.
  pair.Reopen();
  MustDo(pair.account().PutSettings({{{std::string(setting::kResync), "1"}}}));
  pair.Sync();
  CHECK(shared.Names().size() == 3);
  CHECK(shared.Asked());
  shared.Add("n1003");  // not to be seen now, and told by no change later
  pair.Settle();
  shared.Allow(kEverything);
  pair.Settle();
  shared.CheckEqual();
}

TEST_CASE("rights: they go between the tree and the listing", "[engine][rights]") {
  Shared shared;
  Pair& pair = shared.pair;
  MustDo(pair.account().PutSettings({{{std::string(setting::kResync), "1"}}}));
  bool once = false;
  pair.before_answer = [&](const oxserver::HttpRequest& request) {
    if (once || request.body.find("\"updates\"") == std::string::npos) return;
    once = true;
    shared.Allow(kOwnOnly);
  };
  pair.Sync();
  pair.before_answer = nullptr;
  REQUIRE(once);
  CHECK(shared.Names().size() == 3);
  pair.Sync();
  CHECK(shared.Names().size() == 3);
  CHECK(shared.Asked());
  shared.Allow(kEverything);
  pair.Settle();
  shared.CheckEqual();
}

TEST_CASE("rights: they go while a batch is on its way, and its answer is lost", "[engine][rights]") {
  Shared shared;
  Pair& pair = shared.pair;
  for (const char* name : {"n1000", "n1001", "n1002"})
    pair.Set(shared.Named(name), "nickname", std::string("typed ") + name);
  MustDo(pair.server().AddFault("revoke=" + shared.folder + ":contacts.update:1"));
  MustDo(pair.server().AddFault("drop-reply:contacts.update:1"));
  for (int i = 0; i < 4; ++i) pair.Sync();
  pair.server().ClearFaults();
  CHECK(shared.Names().size() == 3);
  CHECK(Must(pair.account().Status()).open_batches == 0);
  shared.Allow(kEverything);
  for (int i = 0; i < 4; ++i) pair.Settle();
  for (const char* name : {"n1000", "n1001", "n1002"})
    CHECK(Must(shared.bert->GetContact(shared.folder, pair.Item(shared.Named(name)).remote_id)).at("nickname") ==
          std::string("typed ") + name);
  shared.CheckEqual();
}

TEST_CASE(
    "rights: they go before an upload without an answer can be looked for: a person decides, it is not sent again",
    "[engine][rights]") {
  Shared shared;
  Pair& pair = shared.pair;
  const ItemId contact = shared.Named("n1000");
  const auto path = pair.folder() / "plan.txt";
  MustDo(WriteFileDurably(path, "plan"));
  const ItemId file = Must(pair.account().Attach(contact, {path, "", ""}));
  std::size_t listed = 0, uploads = 0;
  pair.before_answer = [&](const oxserver::HttpRequest& request) {
    listed += request.target.find("attachment?action=all") != std::string::npos ? 1 : 0;
    uploads += request.target.find("attachment?action=attach") != std::string::npos ? 1 : 0;
  };
  MustDo(pair.server().AddFault("drop-reply:attachment.attach:1"));
  MustDo(pair.server().AddFault("revoke=" + shared.folder + ":attachment.all:1"));
  for (int i = 0; i < 4; ++i) pair.Sync();
  pair.server().ClearFaults();
  CHECK(listed > 0);
  CHECK(uploads == 1);
  CHECK(Must(pair.account().Status()).open_batches == 0);
  CHECK(shared.Codes(file) == std::vector<std::string>(shared.Codes(file).size(), std::string(kMaybeDeleted)));
  CHECK_FALSE(shared.Codes(file).empty());
  shared.Allow(kEverything);
  for (int i = 0; i < 4; ++i) pair.Settle();
  pair.before_answer = nullptr;
  CHECK(uploads == 1);
  pair.CheckWhole();
}

TEST_CASE("rights: another user's file of the same name and size is not what an upload without answer made",
          "[engine][rights]") {
  Shared shared;
  Pair& pair = shared.pair;
  const ItemId contact = shared.Named("n1000");
  const auto path = pair.folder() / "plan.txt";
  MustDo(WriteFileDurably(path, "mine"));
  const ItemId file = Must(pair.account().Attach(contact, {path, "", ""}));
  MustDo(pair.server().AddFault("drop-request:attachment.attach:1"));
  bool attached = false;
  pair.before_answer = [&](const oxserver::HttpRequest& request) {
    if (request.target.find("action=login") == std::string::npos || attached) return;
    attached = true;  // after the upload was lost: its session is ended
    Must(shared.bert->Attach("contacts", shared.folder, pair.Item(contact).remote_id, "plan.txt", "bert"));
  };
  for (int i = 0; i < 4; ++i) pair.Settle();
  pair.before_answer = nullptr;
  REQUIRE(attached);
  std::size_t there = 0;
  MustDo(ForEachItem(*pair.account().View(), contact, [&](const ItemState& one) {
    CHECK(std::string(ItemStateName(one)) == "synced");
    ++there;
    return true;
  }));
  CHECK(there == 2);  // his and ours
  CHECK(pair.Item(file).on_server);
  pair.CheckWhole();
}

TEST_CASE("rights: a folder that its owner deletes is gone, and nobody is asked", "[engine][rights]") {
  const bool told = GENERATE(false, true);
  Shared shared(told);
  Pair& pair = shared.pair;
  const ItemId folder = shared.Folder();
  if (told) shared.Allow(kClosed);  // closed first, deleted before we looked
  MustDo(shared.bert->DeleteFolder(shared.folder));
  pair.Settle();
  CHECK_FALSE(Must(LoadItem(*pair.account().View(), folder))->Visible());
  CHECK(Must(pair.account().Status()).held_deletions == 0);
  pair.CheckWhole();
}

TEST_CASE("rights: a folder is not deleted while the server has something in it that was moved away in vain",
          "[engine][rights]") {
  const bool client_wins = GENERATE(false, true);
  Shared shared;
  Pair& pair = shared.pair;
  MustDo(pair.account().PutSettings({{{std::string(setting::kPolicy), client_wins ? "client-wins" : "server-wins"}}}));
  const auto make = [&](const std::string& title, const ItemId& parent) {
    return Must(pair.account().Create(ItemType::kFolder, parent,
                                      {{field::kFolderTitle, title}, {field::kFolderModule, std::string("contact")}}));
  };
  const ItemId above = make("Above", pair.Contacts());
  const ItemId below = make("Below", above);
  const ItemId item =
      Must(pair.account().Create(ItemType::kContact, below, {{Pair::Field("last_name"), std::string("Adler")}}));
  pair.Settle();
  MustDo(pair.account().Move(item, shared.Folder()));
  MustDo(pair.account().Delete(above));  // of what he sees elsewhere he has said nothing
  shared.Allow(kReadOnly);
  for (int i = 0; i < 3; ++i) pair.Settle();
  CHECK(shared.Codes(item).size() == 1);
  for (const ItemId& folder : {above, below}) {
    CHECK(shared.Codes(folder) == std::vector<std::string>{"moved_away_still_inside"});
    CHECK(pair.Item(folder).Visible());
  }
  CHECK(Must(pair.elsewhere().ListContacts(pair.Item(below).remote_id, {"last_name"})).size() == 1);
  CHECK(pair.Item(item).Folder() == shared.Folder());
  MustDo(pair.account().Retry(above));  // there is no way around the folder below
  pair.Settle();
  CHECK(shared.Codes(above) == std::vector<std::string>{"moved_away_still_inside"});

  shared.Allow(kEverything);
  for (int i = 0; i < 2; ++i) pair.Settle();
  CHECK(shared.OnServer() == std::vector<std::string>{"Adler", "n1000", "n1001", "n1002"});
  MustDo(pair.account().Retry(below));
  MustDo(pair.account().Retry(above));
  pair.Settle();
  CHECK_FALSE(pair.Item(above).on_server);
  CHECK_FALSE(pair.Item(below).on_server);
  shared.CheckEqual();
}

TEST_CASE("rights: what was moved into a folder in vain, and is shown there, is deleted with it on its own",
          "[engine][rights]") {
  Shared shared;
  Pair& pair = shared.pair;
  const ItemId item = shared.Named("n1000");
  const ItemId mine = Must(pair.account().Create(
      ItemType::kFolder, pair.Contacts(),
      {{field::kFolderTitle, std::string("Mine")}, {field::kFolderModule, std::string("contact")}}));
  pair.Settle();
  shared.Allow(kReadOnly);
  MustDo(pair.account().Move(item, mine));
  pair.Settle();
  REQUIRE(shared.Codes(item).size() == 1);
  MustDo(pair.account().Delete(mine));
  CHECK_FALSE(pair.Item(item).Visible());
  for (int i = 0; i < 2; ++i) pair.Settle();
  CHECK_FALSE(pair.Item(mine).on_server);
  CHECK(pair.Item(item).Visible());  // it may not be deleted there
  CHECK(shared.OnServer().size() == 3);
  shared.Allow(kEverything);
  for (int i = 0; i < 2; ++i) pair.Settle();
  CHECK(shared.OnServer() == std::vector<std::string>{"n1001", "n1002"});
  CHECK(shared.Names() == shared.OnServer());
  pair.CheckWhole();
}

TEST_CASE(
    "rights: a folder's deletion that was refused passes by itself with the rights, but not over what came into it",
    "[engine][rights]") {
  enum Since { kNothing, kItem, kItemBelow, kFolderBelow, kNewName };
  const auto since = GENERATE(kNothing, kItem, kItemBelow, kFolderBelow, kNewName);
  INFO(since);
  constexpr std::uint32_t kOwner = 403710016;
  Shared shared;
  Pair& pair = shared.pair;
  const auto make = [&](const std::string& title, const ItemId& parent) {
    const ItemId id = Must(pair.account().Create(
        ItemType::kFolder, parent, {{field::kFolderTitle, title}, {field::kFolderModule, std::string("contact")}}));
    pair.Settle();
    return id;
  };
  const ItemId above = make("Above", shared.Folder());
  const ItemId below = make("Below", above);
  Must(pair.account().Create(ItemType::kContact, below, {{Pair::Field("last_name"), std::string("Adler")}}));
  pair.Settle();
  const std::string id = pair.Item(above).remote_id, id_below = pair.Item(below).remote_id;
  const auto allow = [&](std::uint32_t bits) {
    for (const std::string& folder : {id, id_below})
      MustDo(shared.bert->ShareFolder(folder, pair.elsewhere().user_id(), bits));
  };
  bool once = false;
  pair.before_answer = [&](const oxserver::HttpRequest& request) {
    if (!once && request.body.find("\"updates\"") != std::string::npos) allow(kReadOnly);
    once = true;
  };
  MustDo(pair.account().Delete(above));
  pair.Sync();
  pair.before_answer = nullptr;
  for (int i = 0; i < 2; ++i) pair.Settle();
  for (const ItemId& folder : {above, below}) {
    CHECK(shared.Codes(folder) == std::vector<std::string>{"no_right FLD-0010"});
    CHECK(pair.Item(folder).Visible());
  }
  const auto rest = pair.account().View()->last();
  pair.Settle();
  CHECK(pair.account().View()->last() == rest);

  if (since == kItem || since == kItemBelow)
    Must(shared.bert->CreateContact(since == kItem ? id : id_below, {{"last_name", "Berg"}}));
  if (since == kFolderBelow)
    MustDo(shared.bert->ShareFolder(Must(shared.bert->CreateFolder(id_below, "Deep")), pair.elsewhere().user_id(),
                                    kOwner));
  if (since == kNewName) MustDo(shared.bert->RenameFolder(id, "Other"));
  pair.Settle();
  allow(kOwner);
  for (int i = 0; i < 3; ++i) pair.Settle();
  CHECK(pair.Item(above).on_server == (since != kNothing));
  CHECK(pair.Item(below).on_server == (since == kItemBelow || since == kFolderBelow));
  if (since == kNothing) return shared.CheckEqual();
  CHECK(shared.Codes(above) == std::vector<std::string>{"no_right FLD-0010"});  // for a person to say
  MustDo(pair.account().Delete(above));
  for (int i = 0; i < 2; ++i) pair.Settle();
  CHECK_FALSE(pair.Item(above).on_server);
  CHECK_FALSE(pair.Item(below).on_server);
  shared.CheckEqual();
}

TEST_CASE("rights: what was refused of an item waits for nobody when the item is deleted, also with its folder",
          "[engine][rights]") {
  Shared shared;
  Pair& pair = shared.pair;
  const ItemId mine = Must(pair.account().Create(
      ItemType::kFolder, pair.Contacts(),
      {{field::kFolderTitle, std::string("Mine")}, {field::kFolderModule, std::string("contact")}}));
  const auto add = [&](const ItemId& folder) {
    return Must(pair.account().Create(ItemType::kContact, folder, {{Pair::Field("last_name"), std::string("Adler")}}));
  };
  const ItemId alone = add(pair.Contacts()), inside = add(mine);
  pair.Settle();
  shared.Allow(kReadOnly);
  MustDo(pair.account().Move(alone, shared.Folder()));
  pair.Set(inside, "nickname", std::string(6'000, 'x'));
  pair.Settle();
  REQUIRE(shared.Codes(inside).size() == 1);
  MustDo(pair.account().Delete(alone));
  MustDo(pair.account().Delete(mine));
  pair.Settle();
  for (const ItemId& id : {alone, inside, mine}) {
    CHECK_FALSE(pair.Item(id).on_server);
    CHECK(shared.Codes(id).empty());
  }
  shared.CheckEqual();
}
