// Slow sync: a full comparison loses nothing and makes nothing twice; nor does a copy of an account that went on
// elsewhere, or one that slept for months.
#include "tests/engine/pair.h"

using namespace outpost;
using namespace outpost::test;

namespace {

void Resync(Pair& pair, int number) {
  MustDo(pair.account().PutSettings({{{std::string(setting::kResync), std::to_string(number)}}}));
}

// A server that remembers no deletion: as it is for a client that comes back after months.
oxserver::ServerOptions Forgetful() {
  oxserver::ServerOptions options;
  options.logic.tombstone_retention = Millis{1};
  return options;
}

std::string There(Pair& pair, const std::string& name) {
  return Must(pair.elsewhere().CreateContact(pair.remote_folder, {{"last_name", name}}));
}

}  // namespace

TEST_CASE("resync: edits that wait and changes made elsewhere all arrive, once", "[engine][resync]") {
  const bool forgetful = GENERATE(false, true);
  Pair pair(forgetful ? Forgetful() : oxserver::ServerOptions{});
  const auto changed = There(pair, "Changed");
  const auto deleted_here = There(pair, "Deleted here");
  const auto deleted_there = There(pair, "Deleted there");
  const auto both = There(pair, "Deleted on both");
  for (int i = 0; i < 20; ++i) There(pair, "other " + std::to_string(i));
  pair.Settle();
  const ItemId item = *pair.ByRemoteId(changed);
  pair.Set(item, "nickname", std::string("ours"));
  pair.CreateLocally("Made here");
  MustDo(pair.account().Delete(*pair.ByRemoteId(deleted_here)));
  MustDo(pair.account().Delete(*pair.ByRemoteId(both)));
  MustDo(pair.elsewhere().DeleteContact(pair.remote_folder, deleted_there));
  MustDo(pair.elsewhere().DeleteContact(pair.remote_folder, both));
  MustDo(pair.elsewhere().UpdateContact(pair.remote_folder, changed, {{"company", "theirs"}}));
  There(pair, "Made there");
  Resync(pair, 1);
  const auto report = pair.Settle();
  CHECK(report.conflicts == 0);
  CHECK(report.held_deletions == 0);
  CHECK(pair.ServerNames().size() == 20 + 3);
  const auto row = Must(pair.elsewhere().GetContact(pair.remote_folder, changed));
  CHECK(row.at("nickname") == "ours");
  CHECK(row.at("company") == "theirs");
  pair.CheckWhole();
  const auto before = pair.account().View()->last();
  Resync(pair, 2);
  CHECK(pair.Sync().pulled == 0);
  // The wish, that it was done, and cursors of folders: how many of these move depends on how much time has passed.
  const auto view = pair.account().View();
  MustDo(view->Scan(before + 1, view->last(), [](const Event& event) {
    CHECK((event.header.kind == Kind::kAccountSet || event.header.kind == Kind::kCursorMoved));
    return true;
  }));
  pair.CheckWhole();
}

TEST_CASE("resync: an answer that was lost before it makes nothing twice", "[engine][resync]") {
  Pair pair;
  pair.Settle();
  const ItemId item = pair.CreateLocally("Once");
  MustDo(pair.server().AddFault("drop-reply:contacts.new:1"));
  // From then on nothing gets through, so that nothing can be read back either.
  pair.before_answer = [&](const oxserver::HttpRequest& request) {
    if (request.body.find("\"new\"") != std::string::npos) MustDo(pair.server().AddFault("drop-request"));
  };
  pair.Sync();
  pair.before_answer = nullptr;
  REQUIRE(Must(LoadOpenBatches(*pair.account().View())).size() == 1);
  pair.server().ClearFaults();
  pair.Reopen();
  pair.Set(item, "nickname", std::string("later"));
  Resync(pair, 1);
  pair.Settle();
  CHECK(pair.ServerNames() == std::vector<std::string>{"Once"});
  CHECK(Must(pair.elsewhere().GetContact(pair.remote_folder, pair.Item(item).remote_id)).at("nickname") == "later");
  pair.CheckWhole();
}

TEST_CASE("a copy of an account's directory reconciles and raises nothing from the dead", "[engine][resync]") {
  Pair pair(Forgetful());
  const auto edited = There(pair, "Edited");
  const auto deleted_here = There(pair, "Deleted here");
  const auto deleted_there = There(pair, "Deleted there");
  for (int i = 0; i < 20; ++i) There(pair, "other " + std::to_string(i));
  pair.Settle();
  pair.Set(*pair.ByRemoteId(edited), "nickname", std::string("typed"));
  const ItemId kept = pair.CreateLocally("Kept");
  const ItemId dropped = pair.CreateLocally("Dropped");
  MustDo(pair.account().Delete(*pair.ByRemoteId(deleted_here)));
  pair.Close();
  const auto original = pair.folder() / "account";
  const auto copy = pair.folder() / "copy";
  std::filesystem::copy(original, copy, std::filesystem::copy_options::recursive);

  // The original goes on: all that waited is sent, and some of it is deleted again.
  pair.Reopen();
  pair.Settle();
  MustDo(pair.account().Delete(dropped));
  pair.Set(*pair.ByRemoteId(edited), "company", std::string("later"));
  pair.Settle();
  MustDo(pair.elsewhere().DeleteContact(pair.remote_folder, deleted_there));
  const auto names = pair.ServerNames();
  const auto row = Must(pair.elsewhere().GetContact(pair.remote_folder, edited));

  // The copy, with all of it still waiting.
  pair.Close();
  std::filesystem::rename(original, pair.folder() / "put aside");
  std::filesystem::rename(copy, original);
  pair.Reopen();
  REQUIRE(Must(CountQueue(*pair.account().View())) == 4);
  pair.Settle();
  CHECK(pair.ServerNames() == names);
  CHECK(Must(pair.elsewhere().GetContact(pair.remote_folder, edited)) == row);
  CHECK(pair.HeadText(*pair.ByRemoteId(edited), "company") == "later");
  CHECK(pair.Item(kept).on_server);
  CHECK(pair.Item(kept).parked.empty());
  // Whether it was deleted or never sent nobody can know: that is for the person who typed it.
  REQUIRE(!pair.Item(dropped).parked.empty());
  CHECK(pair.Item(dropped).parked[0].refusal.code == "maybe_deleted_on_server");
  const auto audit = Must(Audit(*pair.account().View()));
  CHECK(audit.sound());
  // And where the person says so it is made again, once.
  MustDo(pair.account().Retry(dropped));
  pair.Settle();
  CHECK(pair.ServerNames().size() == names.size() + 1);
  pair.CheckWhole();
}

TEST_CASE(
    "what was deleted after its newest change had been made here goes, though nobody remembers it and no listing is "
    "newer",
    "[engine][resync]") {
  const auto folder = Must(MakeTemporaryFolder("outpost-resync-"));
  {
    oxserver::ServerOptions options = Forgetful();
    options.logic.state_file = (folder / "state").string();
    Pair pair(options);
    MustDo(pair.server().AddFault("clock-back=3600000:*.*:1"));  // all this is an hour ago
    pair.Settle();
    There(pair, "Stays");
    const auto remote = There(pair, "Goes");
    pair.Settle();
    const ItemId item = *pair.ByRemoteId(remote);
    pair.Set(item, "nickname", std::string("newest"));
    for (const char* reading : {"try-again:contacts.updates", "try-again:contacts.all"})
      MustDo(pair.server().AddFault(reading));  // the edit leaves, its echo is not seen
    pair.Sync();
    REQUIRE(pair.Item(item).pending.empty());
    REQUIRE(pair.Item(item).version > Must(LoadCursor(*pair.account().View(), pair.Contacts()))->cursor);
    MustDo(pair.elsewhere().DeleteContact(pair.remote_folder, remote));
    pair.RestartServer([] {});
    pair.Reopen();
    pair.Settle();
    CHECK_FALSE(pair.Item(item).on_server);
    CHECK(pair.ClientNames() == std::vector<std::string>{"Stays"});
    pair.CheckWhole();
  }
  std::error_code ignored;
  std::filesystem::remove_all(folder, ignored);
}

TEST_CASE("a directory that was moved is no copy", "[engine][resync]") {
  Pair pair;
  pair.Settle();
  pair.CreateLocally("Adler");
  pair.Close();
  const auto original = pair.folder() / "account";
  std::filesystem::rename(original, pair.folder() / "elsewhere");
  std::filesystem::rename(pair.folder() / "elsewhere", original);
  pair.Reopen();
  CHECK(Must(LoadOpenBatches(*pair.account().View())).empty());
  pair.Settle();
  CHECK(pair.ServerNames() == std::vector<std::string>{"Adler"});
}
