#include <atomic>
#include <condition_variable>
#include <mutex>
#include <set>

#include "engine/live.h"
#include "tests/engine/pair.h"

using namespace outpost;
using namespace outpost::test;

TEST_CASE("first sync brings folders and contacts", "[engine]") {
  Pair pair;
  for (const char* name : {"Adler", "Brandt", "Curie"})
    Must(pair.elsewhere().CreateContact(pair.remote_folder, {{"last_name", name}}));
  const auto report = pair.Settle();
  CHECK(report.problem == "");
  CHECK(pair.ClientNames() == std::vector<std::string>{"Adler", "Brandt", "Curie"});
  pair.CheckWhole();
}

TEST_CASE("a second sync with no news appends nothing", "[engine]") {
  Pair pair;
  Must(pair.elsewhere().CreateContact(pair.remote_folder, {{"last_name", "Adler"}}));
  pair.Settle();
  const auto before = pair.account().View()->last();
  const auto report = pair.Sync();
  CHECK(pair.account().View()->last() == before);
  CHECK(report.requests == 1);
}

TEST_CASE("local creates, edits and deletes reach the server once", "[engine]") {
  Pair pair;
  pair.Settle();
  const ItemId ada = pair.CreateLocally("Lovelace", {{Pair::Field("first_name"), std::string("Ada")}});
  const ItemId alan = pair.CreateLocally("Turing");
  const ItemId grace = pair.CreateLocally("Hopper");
  pair.Settle();
  CHECK(pair.ServerNames() == std::vector<std::string>{"Hopper", "Lovelace", "Turing"});
  pair.Set(ada, "email1", std::string("ada@example.org"));
  pair.Set(alan, "last_name", std::string("Turing OBE"));
  MustDo(pair.account().Delete(grace));
  const auto report = pair.Settle();
  CHECK(report.pushed == 3);
  CHECK(pair.ServerNames() == std::vector<std::string>{"Lovelace", "Turing OBE"});
  CHECK(Must(pair.elsewhere().GetContact(pair.remote_folder, pair.Item(ada).remote_id)).at("email1") ==
        "ada@example.org");
  pair.CheckWhole();
}

TEST_CASE("changes and deletions made elsewhere come in", "[engine]") {
  Pair pair;
  const auto adler =
      Must(pair.elsewhere().CreateContact(pair.remote_folder, {{"last_name", "Adler"}, {"note", "old"}}));
  const auto brandt = Must(pair.elsewhere().CreateContact(pair.remote_folder, {{"last_name", "Brandt"}}));
  pair.Settle();
  MustDo(pair.elsewhere().UpdateContact(pair.remote_folder, adler, {{"last_name", "Adler-Meyer"}, {"note", ""}}));
  MustDo(pair.elsewhere().DeleteContact(pair.remote_folder, brandt));
  pair.Settle();
  CHECK(pair.ClientNames() == std::vector<std::string>{"Adler-Meyer"});
  CHECK(IsNull(pair.Head(*pair.ByRemoteId(adler), "note")));
  pair.CheckWhole();
}

TEST_CASE("the row of an edit comes back once, not again with the time before the cursor", "[engine]") {
  Pair pair;
  pair.Settle();
  std::atomic<int> rows{0};
  pair.on_answer = [&](const oxserver::HttpResponse& response) {
    if (response.body.find("Wanderer") != std::string::npos) ++rows;
  };
  pair.CreateLocally("Wanderer");
  for (int i = 0; i < 3; ++i) pair.Settle();
  CHECK(rows == 1);
  Must(pair.elsewhere().CreateContact(pair.remote_folder, {{"last_name", "Wanderer"}}));
  for (int i = 0; i < 3; ++i) pair.Settle();
  CHECK(rows == 2);
  pair.on_answer = nullptr;
  pair.CheckWhole();
}

TEST_CASE("what has the same millisecond as the newest that was read comes too", "[engine]") {
  oxserver::ServerOptions options;
  options.logic.stamps = oxserver::StampMode::kSameTwice;
  Pair pair(std::move(options));
  pair.Settle();
  for (const char* name : {"one", "two", "three", "four"}) {  // two of which are the second of a pair
    Must(pair.elsewhere().CreateContact(pair.remote_folder, {{"last_name", name}}));
    pair.Sync();
  }
  CHECK(pair.ClientNames() == std::vector<std::string>{"four", "one", "three", "two"});
  pair.CheckWhole();
}

TEST_CASE("both sides change one group: the server wins, the loser is kept and listed", "[engine][conflict]") {
  Pair pair;
  const auto remote =
      Must(pair.elsewhere().CreateContact(pair.remote_folder, {{"last_name", "Adler"}, {"company", "Old"}}));
  pair.Settle();
  const ItemId item = *pair.ByRemoteId(remote);
  pair.Set(item, "company", std::string("Ours"));
  pair.Set(item, "nickname", std::string("Addi"));
  MustDo(pair.elsewhere().UpdateContact(pair.remote_folder, remote, {{"company", "Theirs"}}));
  const auto report = pair.Settle();
  CHECK(report.conflicts == 1);
  CHECK(pair.HeadText(item, "company") == "Theirs");
  CHECK(pair.HeadText(item, "nickname") == "Addi");
  CHECK(Must(pair.elsewhere().GetContact(pair.remote_folder, remote)).at("nickname") == "Addi");
  const auto view = pair.account().View();
  const auto attention = Must(ItemsNeedingAttention(*view));
  REQUIRE(attention.conflicts.size() == 1);
  const auto loser = Must(DecodeChange(Must(view->Read(attention.conflicts[0].loser.seq)).body));
  CHECK(loser.patch.at(Pair::Field("company")) == Value(std::string("Ours")));
  const auto winner = Must(DecodeChange(Must(view->Read(attention.conflicts[0].loser.rival)).body));
  CHECK(winner.patch.at(Pair::Field("company")) == Value(std::string("Theirs")));
  pair.CheckWhole();
}

TEST_CASE("client-wins sends ours and keeps the server's value as loser", "[engine][conflict]") {
  Pair pair;
  const auto remote =
      Must(pair.elsewhere().CreateContact(pair.remote_folder, {{"last_name", "Adler"}, {"company", "Old"}}));
  pair.Settle();
  MustDo(pair.account().PutSettings({{{std::string(setting::kPolicy), "client-wins"}}}));
  const ItemId item = *pair.ByRemoteId(remote);
  pair.Set(item, "company", std::string("Ours"));
  MustDo(pair.elsewhere().UpdateContact(pair.remote_folder, remote, {{"company", "Theirs"}}));
  pair.Settle();
  CHECK(Must(pair.elsewhere().GetContact(pair.remote_folder, remote)).at("company") == "Ours");
  const auto view = pair.account().View();
  const auto attention = Must(ItemsNeedingAttention(*view));
  REQUIRE(attention.conflicts.size() == 1);
  CHECK(attention.conflicts[0].loser.server_lost);
  const auto loser = Must(DecodeChange(Must(view->Read(attention.conflicts[0].loser.seq)).body));
  CHECK(loser.patch.at(Pair::Field("company")) == Value(std::string("Theirs")));
  pair.CheckWhole();
}

TEST_CASE("client-wins makes an item again that was deleted elsewhere and changed here", "[engine][conflict]") {
  Pair pair;
  const auto remote = Must(pair.elsewhere().CreateContact(pair.remote_folder, {{"last_name", "Adler"}}));
  pair.Settle();
  MustDo(pair.account().PutSettings({{{std::string(setting::kPolicy), "client-wins"}}}));
  const ItemId item = *pair.ByRemoteId(remote);
  pair.Set(item, "nickname", std::string("kept"));
  MustDo(pair.elsewhere().DeleteContact(pair.remote_folder, remote));
  pair.Settle();
  for (int i = 0; i < 3; ++i) pair.Sync();  // the old id is still told as deleted for a while
  CHECK(pair.ServerNames() == std::vector<std::string>{"Adler"});
  CHECK(pair.HeadText(item, "nickname") == "kept");
  CHECK(pair.Item(item).remote_id != remote);
  pair.CheckWhole();
}

TEST_CASE("deleted elsewhere and changed here: the deletion wins, the edit is kept as loser", "[engine][conflict]") {
  Pair pair;
  const auto remote = Must(pair.elsewhere().CreateContact(pair.remote_folder, {{"last_name", "Adler"}}));
  pair.Settle();
  const ItemId item = *pair.ByRemoteId(remote);
  pair.Set(item, "nickname", std::string("typed"));
  MustDo(pair.elsewhere().DeleteContact(pair.remote_folder, remote));
  pair.Settle();
  CHECK(pair.ClientNames().empty());
  CHECK(pair.Item(item).losers.size() == 1);
  pair.CheckWhole();
}

TEST_CASE("categories added and removed on both sides are joined", "[engine][conflict]") {
  Pair pair;
  const auto remote =
      Must(pair.elsewhere().CreateContact(pair.remote_folder, {{"last_name", "Adler"}, {"categories", "a,b"}}));
  pair.Settle();
  const ItemId item = *pair.ByRemoteId(remote);
  pair.Set(item, "categories", std::vector<std::string>{"b", "ours"});
  MustDo(pair.elsewhere().UpdateContact(pair.remote_folder, remote, {{"categories", "a,b,theirs"}}));
  pair.Settle();
  CHECK(pair.Head(item, "categories") == Value(std::vector<std::string>{"b", "theirs", "ours"}));
  CHECK(Must(pair.elsewhere().GetContact(pair.remote_folder, remote)).at("categories") == "b,theirs,ours");
  CHECK(pair.Item(item).losers.empty());
  pair.CheckWhole();
}

namespace {

// What a folder view and a folder pane of one PC hold, by what they are told.
class Window {
 public:
  Window(Account& account, const ItemId& folder)
      : folder_(folder),
        tree_(FollowFolders(account, {[this](FolderTree& tree, auto) { See(tree); }, Fail})),
        rows_(FollowFolder(account, {folder, ItemType::kContact, {}, 0, {}},
                           {[this](ContentsTable& table, auto changes) { See(table, changes); }, Fail})) {}
  // Until the view has `rows` of them and the pane says so; how many were told as added since the view opened.
  std::size_t Wait(std::size_t rows) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return size_ == rows && total_ == rows; });
    return added_;
  }

 private:
  static void Fail(const Error& error) { FAIL(error.context); }
  void See(FolderTree& tree) {
    const std::lock_guard lock(mutex_);
    for (const FolderNode& node : tree.nodes())
      if (node.id == folder_) total_ = node.counts.total;
    changed_.notify_all();
  }
  void See(ContentsTable& table, std::span<const TableChange> changes) {
    const std::lock_guard lock(mutex_);
    size_ = table.size();
    for (const TableChange& change : changes) added_ += change.kind == TableChange::Kind::kAdded ? 1 : 0;
    changed_.notify_all();
  }

  const ItemId folder_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::size_t size_ = 0, total_ = 0, added_ = 0;
  std::unique_ptr<LiveFolders> tree_;
  std::unique_ptr<LiveTable> rows_;
};

}  // namespace

TEST_CASE("what one PC saves appears in the open tables of the other, and an own edit in its own at once", "[engine]") {
  Pair pair;
  pair.Settle();
  const auto other = pair.OtherAccount();
  Must(other->Sync({}));
  const ItemId there = Must(FindFolder(*other->View(), "Contacts")).id;
  Window window(*other, there);
  window.Wait(0);
  pair.CreateLocally("Ada");
  pair.Settle();
  Must(other->Sync({}));
  CHECK(window.Wait(1) == 1);
  Must(other->Create(ItemType::kContact, there, {{Pair::Field("last_name"), std::string("Bob")}}));
  CHECK(window.Wait(2) == 2);
}

namespace {

// Two values of a contact's field that differ, of that kind and no longer than the server takes.
std::pair<Value, Value> ContactValues(const Field& field) {
  const std::string name(field.name);
  if (name.starts_with("email")) return {"a." + name + "@example.org", "b." + name + "@example.org"};
  switch (field.kind) {
    case FieldKind::kText: {
      std::string first = "Ä " + name, second = name + " 日本";
      if (field.length_max > 0 && field.length_max < 40) first.resize(3), second.resize(3);
      return {first, second};
    }
    case FieldKind::kTexts:
      return {std::vector<std::string>{"red", "blue"}, std::vector<std::string>{"blue", "green"}};
    case FieldKind::kBool:
      return {true, Value{}};
    case FieldKind::kDate:
      return {std::int64_t{-86'400'000} * 365, std::int64_t{86'400'000} * 20'000};
    default:
      return {std::int64_t{1}, std::int64_t{3}};
  }
}

}  // namespace

TEST_CASE("contacts: every field goes to the server, to another PC, is edited there and comes back", "[engine]") {
  Pair pair;
  pair.Settle();
  const auto other = pair.OtherAccount();
  // These have tests of their own, or are given once.
  const std::set<FieldId> apart{field::kContactFolder, field::kContactUid, field::kContactPhoto, field::kContactIsList,
                                field::kContactMembers};
  std::vector<std::pair<const Field*, ItemId>> trips;
  for (const Field& field : AllFields()) {
    if (field.type != ItemType::kContact || field.sync != Sync::kBoth || apart.contains(field.id)) continue;
    FieldMap more{{Pair::Field("company"), std::string("Trip")}};
    more[field.id] = ContactValues(field).first;
    trips.emplace_back(&field, Must(pair.account().Create(ItemType::kContact, pair.Contacts(), more)));
  }
  CHECK(trips.size() > 70);
  pair.Settle();
  Must(other->Sync({}));
  const auto travelling = [](const ItemState& item) {
    FieldMap fields;
    for (const auto& [id, value] : item.Head())
      if (FindField(id)->sync == Sync::kBoth && id != field::kContactFolder && !SameValue(value, Value{}))
        fields[id] = value;
    return fields;
  };
  const auto there = [&](const ItemId& item) {
    const Value uid = pair.Item(item).HeadValue(field::kContactUid);
    const auto id = Must(FindByUid(*other->View(), std::get<std::string>(uid)));
    REQUIRE(id);
    return *Must(LoadItem(*other->View(), *id));
  };
  for (const auto& [field, item] : trips) {
    INFO(field->name);
    const ItemState here = pair.Item(item);
    CHECK(here.parked.empty());
    CHECK(here.losers.empty());
    CHECK(SameValue(here.HeadValue(field->id), ContactValues(*field).first));
    const ItemState same = there(item);
    CHECK(travelling(same) == travelling(here));
    MustDo(other->Set(same.id, {{field->id, ContactValues(*field).second}}));
  }
  Must(other->Sync({}));
  pair.Settle();
  for (const auto& [field, item] : trips) {
    INFO(field->name);
    CHECK(SameValue(pair.Item(item).HeadValue(field->id), ContactValues(*field).second));
    CHECK(travelling(there(item)) == travelling(pair.Item(item)));
  }
  CHECK(pair.Sync().pulled == 0);  // nothing of it echoes
  pair.CheckWhole();
}
