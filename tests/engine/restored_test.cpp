// A server that was restored from a backup: what came after it is gone there, and ids are handed out again.
#include "tests/engine/pair.h"

using namespace outpost;
using namespace outpost::test;

namespace {

// A pair whose server can go back to an earlier state.
struct Restorable {
  std::filesystem::path folder = Must(MakeTemporaryFolder("outpost-restored-"));
  Pair pair{[this] {
    oxserver::ServerOptions options;
    options.logic.state_file = (folder / "state").string();
    return options;
  }()};
  ~Restorable() {
    std::error_code ignored;
    std::filesystem::remove_all(folder, ignored);
  }
  // `meanwhile` passes before the server is used again.
  void BackUp(const char* name = "backup", std::chrono::hours meanwhile = {}) {
    pair.RestartServer([&] {
      Copy("state", name);
      pair.server_clock.ahead += meanwhile;
    });
  }
  void Restore(const char* name = "backup") {
    pair.RestartServer([&] { Copy(name, "state"); });
  }

 private:
  void Copy(const char* from, const char* to) const {
    std::filesystem::copy_file(folder / from, folder / to, std::filesystem::copy_options::overwrite_existing);
  }
};

void Resync(Pair& pair) { MustDo(pair.account().PutSettings({{{std::string(setting::kResync), "1"}}})); }

}  // namespace

TEST_CASE("an id that a restored server hands out again names another item, and changes none", "[engine][restored]") {
  Restorable world;
  Pair& pair = world.pair;
  const bool compared = GENERATE(false, true);
  const bool edited = GENERATE(false, true);
  pair.Settle();
  pair.CreateLocally("before");
  pair.Settle();
  world.BackUp();
  const ItemId mine = pair.CreateLocally("mine", {{Pair::Field("note"), std::string("typed by a person")}});
  pair.Settle();
  const std::string id = pair.Item(mine).remote_id;
  world.Restore();
  const std::string again = Must(pair.elsewhere().CreateContact(pair.remote_folder, {{"last_name", "theirs"}}));
  REQUIRE(again == id);

  if (edited) pair.Set(mine, "room_number", std::string("R 1"));
  if (compared) Resync(pair);
  const auto report = pair.Settle();
  CHECK(pair.ServerNames() == std::vector<std::string>{"before", "theirs"});
  const auto theirs = pair.ByRemoteId(id);
  REQUIRE(theirs);
  CHECK(*theirs != mine);
  CHECK(pair.HeadText(*theirs, "last_name") == "theirs");
  CHECK(pair.HeadText(*theirs, "room_number").empty());
  CHECK_FALSE(pair.Item(mine).on_server);
  CHECK(report.conflicts + pair.Item(mine).pending.size() <= 1);
  pair.CheckWhole();

  MustDo(pair.account().Restore(mine, {}));
  pair.Settle();
  CHECK(pair.HeadText(mine, "note") == "typed by a person");
  CHECK(pair.ServerNames() == std::vector<std::string>{"before", "mine", "theirs"});
  pair.CheckWhole();
}

TEST_CASE("an id handed out again in the answer to a create is that item's, also when another backup takes it back",
          "[engine][restored]") {
  Restorable world;
  Pair& pair = world.pair;
  pair.Settle();
  world.BackUp("empty");
  const ItemId before = pair.CreateLocally("before");
  pair.Settle();
  const std::string id = pair.Item(before).remote_id;
  world.BackUp("with before");
  world.Restore("empty");
  const ItemId after = pair.CreateLocally("after");
  pair.Settle();
  REQUIRE(pair.Item(after).remote_id == id);
  CHECK_FALSE(pair.Item(before).on_server);
  CHECK(pair.ByRemoteId(id) == after);
  CHECK(pair.ClientNames() == std::vector<std::string>{"after"});
  pair.CheckWhole();

  world.Restore("with before");
  Resync(pair);
  pair.Settle();
  CHECK(pair.ByRemoteId(id) == before);
  CHECK_FALSE(pair.Item(after).on_server);
  CHECK(pair.ClientNames() == std::vector<std::string>{"before"});
  pair.CheckWhole();
  MustDo(pair.elsewhere().DeleteContact(pair.remote_folder, id));
  pair.Settle();
  CHECK(pair.ClientNames().empty());
  pair.CheckWhole();
}

TEST_CASE("an item that a restored server has in another folder again is found there when it is deleted here",
          "[engine][restored]") {
  Restorable world;
  Pair& pair = world.pair;
  const bool client_wins = GENERATE(false, true);
  if (client_wins) MustDo(pair.account().PutSettings({{{std::string(setting::kPolicy), "client-wins"}}}));
  const auto other = Must(pair.elsewhere().CreateFolder(pair.remote_folder, "Other"));
  const auto remote = Must(pair.elsewhere().CreateContact(pair.remote_folder, {{"last_name", "one"}}));
  pair.Settle();
  world.BackUp();
  const ItemId item = *pair.ByRemoteId(remote);
  MustDo(pair.account().Move(item, Must(FindFolder(*pair.account().View(), "Contacts/Other")).id));
  pair.Settle();
  REQUIRE(Must(pair.elsewhere().ListContacts(other, {"id"})).size() == 1);
  world.Restore();
  MustDo(pair.account().Delete(item));
  pair.Settle();
  CHECK(Must(pair.elsewhere().ListContacts(other, {"id"})).empty());
  CHECK(pair.ServerNames().empty() == client_wins);
  CHECK(pair.Item(item).losers.size() == 1);
  pair.CheckWhole();
}

TEST_CASE("what a restored server has in an older state is so here too, and what was there before is in the history",
          "[engine][restored]") {
  Restorable world;
  Pair& pair = world.pair;
  pair.Settle();
  const ItemId item = pair.CreateLocally("one");
  pair.Settle();
  world.BackUp();
  pair.Set(item, "last_name", std::string("two"));
  pair.Settle();
  world.Restore();
  Resync(pair);
  pair.Settle();
  CHECK(pair.HeadText(item, "last_name") == "one");
  pair.CheckWhole();
  pair.Set(item, "room_number", std::string("R 2"));
  pair.Settle();
  CHECK(pair.ServerNames() == std::vector<std::string>{"one"});
  pair.CheckWhole();
}

TEST_CASE("an item that was moved to a folder which a restored server has again, and tells of nowhere, is found there",
          "[engine][restored]") {
  Restorable world;
  Pair& pair = world.pair;
  const bool client_wins = GENERATE(true, false);
  if (client_wins) MustDo(pair.account().PutSettings({{{std::string(setting::kPolicy), "client-wins"}}}));
  const auto other = Must(pair.elsewhere().CreateFolder(pair.remote_folder, "Other"));
  Must(pair.elsewhere().CreateContact(other, {{"last_name", "inside"}}));
  const auto remote = Must(pair.elsewhere().CreateContact(pair.remote_folder, {{"last_name", "one"}}));
  pair.Settle();
  const ItemId item = *pair.ByRemoteId(remote);
  world.BackUp("old", std::chrono::hours(1));
  Must(pair.elsewhere().CreateFolder(pair.remote_folder, "Newer"));
  world.BackUp();
  MustDo(pair.elsewhere().DeleteFolder(other));
  pair.Settle();
  world.Restore();
  MustDo(pair.elsewhere().UpdateContact(pair.remote_folder, remote, {{"folder_id", other}}));
  pair.Set(item, "nickname", std::string("typed"));
  pair.Settle();
  std::vector<std::string> names;
  for (const auto& row : Must(pair.elsewhere().ListContacts(other, {"last_name"})))
    names.push_back(row.at("last_name"));
  std::sort(names.begin(), names.end());
  CHECK(names == std::vector<std::string>{"inside", "one"});
  CHECK(pair.ServerNames().empty());
  if (client_wins) {
    CHECK(pair.Item(item).remote_id == remote);
    CHECK(Must(pair.elsewhere().GetContact(other, remote)).at("nickname") == "typed");
    const ItemId folder = Must(FindFolder(*pair.account().View(), "Contacts/Other")).id;
    std::size_t held = 0;
    MustDo(ForEachItem(*pair.account().View(), folder, [&](const ItemState&) { return ++held > 0; }));
    CHECK(held == 2);
  }
  pair.CheckWhole();
}
