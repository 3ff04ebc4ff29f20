// A restored journal has forgotten what was sent since the backup: nothing is sent twice, nothing is lost.
#include "engine/secrets.h"
#include "tests/care/care.h"

using namespace outpost;
using namespace outpost::test;

TEST_CASE("restore: the account is as it was, proven, and its next sync finds nothing to do", "[care]") {
  BackedUp pair;
  for (const char* name : {"Adler", "Brandt"})
    Must(pair.elsewhere().CreateContact(pair.remote_folder, {{"last_name", name}}));
  pair.Settle();
  const auto backup = pair.Backup();
  const auto report = pair.Restore();
  CHECK(report.events.root == backup.manifest.root);
  CHECK(report.rebuild.equal());
  CHECK(report.pending == 0);
  CHECK(report.place.name == "anna@test");
  CHECK(pair.Settle().pushed == 0);
  CHECK(pair.ClientNames() == std::vector<std::string>{"Adler", "Brandt"});
  pair.CheckWhole();
}

TEST_CASE("restore: a create that was sent after the backup is there once", "[care][twice]") {
  BackedUp pair;
  pair.Settle();
  const ItemId item = pair.CreateLocally("Curie");
  pair.Backup();
  pair.Settle();
  REQUIRE(pair.ServerNames() == std::vector<std::string>{"Curie"});
  const std::string remote = pair.Item(item).remote_id;
  CHECK(pair.Restore().pending == 1);
  CHECK(pair.Item(item).pending.size() == 1);
  const auto report = pair.Settle();
  CHECK(report.batches == 0);
  CHECK(pair.ServerNames() == std::vector<std::string>{"Curie"});
  CHECK(pair.Item(item).remote_id == remote);
  CHECK(pair.Item(item).pending.empty());
  CHECK(Must(Audit(*pair.account().View())).sound());
  pair.CheckWhole();
}

TEST_CASE("restore: a change that was sent after the backup is not sent again", "[care][twice]") {
  BackedUp pair;
  const auto remote =
      Must(pair.elsewhere().CreateContact(pair.remote_folder, {{"last_name", "Adler"}, {"company", "Old"}}));
  pair.Settle();
  const ItemId item = *pair.ByRemoteId(remote);
  pair.Set(item, "company", std::string("Ours"));
  pair.Backup();
  pair.Settle();
  pair.Restore();
  CHECK(pair.Item(item).pending.size() == 1);
  CHECK(pair.Settle().batches == 0);
  CHECK(pair.HeadText(item, "company") == "Ours");
  CHECK(Must(pair.elsewhere().GetContact(pair.remote_folder, remote)).at("company") == "Ours");
  CHECK(pair.Item(item).losers.empty());
  CHECK(Must(Audit(*pair.account().View())).sound());
  pair.CheckWhole();
}

TEST_CASE("restore: a deletion that was sent after the backup is not sent again", "[care][twice]") {
  BackedUp pair;
  const auto remote = Must(pair.elsewhere().CreateContact(pair.remote_folder, {{"last_name", "Adler"}}));
  for (int i = 0; i < 5; ++i)
    Must(pair.elsewhere().CreateContact(pair.remote_folder, {{"last_name", "kept" + std::to_string(i)}}));
  pair.Settle();
  const ItemId item = *pair.ByRemoteId(remote);
  MustDo(pair.account().Delete(item));
  pair.Backup();
  pair.Settle();
  REQUIRE(pair.ServerNames().size() == 5);
  pair.Restore();
  CHECK(pair.Settle().batches == 0);
  CHECK(pair.ServerNames().size() == 5);
  CHECK(!pair.Item(item).Visible());
  CHECK(Must(Audit(*pair.account().View())).sound());
  pair.CheckWhole();
}

TEST_CASE("restore: edits that were never sent are sent, once", "[care][twice]") {
  BackedUp pair;
  const auto remote = Must(pair.elsewhere().CreateContact(pair.remote_folder, {{"last_name", "Adler"}}));
  const auto doomed = Must(pair.elsewhere().CreateContact(pair.remote_folder, {{"last_name", "Brandt"}}));
  pair.Settle();
  pair.CreateLocally("Curie");
  pair.Set(*pair.ByRemoteId(remote), "nickname", std::string("Addi"));
  MustDo(pair.account().Delete(*pair.ByRemoteId(doomed)));
  pair.Backup();
  CHECK(pair.Restore().pending == 3);
  pair.Settle();
  CHECK(pair.ServerNames() == std::vector<std::string>{"Adler", "Curie"});
  CHECK(Must(pair.elsewhere().GetContact(pair.remote_folder, remote)).at("nickname") == "Addi");
  CHECK(Must(Audit(*pair.account().View())).sound());
  pair.CheckWhole();
}

TEST_CASE("restore: what was sent after the backup and deleted elsewhere is not made again", "[care][twice]") {
  BackedUp pair;
  pair.Settle();
  const ItemId item = pair.CreateLocally("Curie");
  pair.Backup();
  pair.Settle();
  MustDo(pair.elsewhere().DeleteContact(pair.remote_folder, pair.Item(item).remote_id));
  pair.Restore();
  pair.Sync();
  CHECK(pair.ServerNames().empty());
  REQUIRE(pair.Item(item).parked.size() >= 1);
  CHECK(pair.Item(item).parked[0].refusal.code == "maybe_deleted_on_server");
  CHECK(Must(Audit(*pair.account().View())).sound());
}

TEST_CASE("restore: a folder that cannot be read holds back what would be sent into it", "[care][twice]") {
  BackedUp pair;
  pair.Settle();
  pair.CreateLocally("Curie");
  pair.Backup();
  pair.Settle();
  pair.Restore();
  for (int nth = 1; nth <= 6; ++nth) MustDo(pair.server().AddFault("service-down:contacts.all:" + std::to_string(nth)));
  int troubled = 0;
  for (int i = 0; i < 10; ++i) troubled += pair.Sync().problem.empty() ? 0 : 1;
  CHECK(troubled >= 2);
  CHECK(pair.ServerNames() == std::vector<std::string>{"Curie"});
  pair.CheckWhole();
}

TEST_CASE("restore: hundreds of edits in doubt are read back in pages", "[care][twice]") {
  BackedUp pair;
  std::vector<std::string> remote;
  for (int i = 0; i < 700; ++i)
    remote.push_back(
        Must(pair.elsewhere().CreateContact(pair.remote_folder, {{"last_name", "n" + std::to_string(1000 + i)}})));
  pair.Settle();
  for (const auto& id : remote) pair.Set(*pair.ByRemoteId(id), "nickname", std::string("Nick"));
  for (int i = 0; i < 100; ++i) pair.CreateLocally("made" + std::to_string(100 + i));
  pair.Backup();
  pair.Settle();
  CHECK(pair.Restore().pending == 800);
  const auto report = pair.Settle();
  CHECK(report.batches == 0);
  CHECK(report.pending == 0);
  CHECK(pair.ServerNames().size() == 800);
  pair.CheckWhole();
}

TEST_CASE("restore: an account that is there is refused, or moved aside with all it has", "[care]") {
  BackedUp pair;
  pair.Settle();
  pair.CreateLocally("Curie");
  pair.Backup();
  const auto first = Must(pair.TryRestore());
  REQUIRE(StoreSecret(first.place.folder, "its password"));
  REQUIRE(WriteFileDurably(first.place.folder / "mine", "mine"));
  const auto refused = pair.TryRestore();
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code == Code::kConflict);
  CHECK(refused.error().context.find("anna@test") != std::string::npos);
  {
    const auto held = FileLock::Take(JournalFolder(first.place.folder) / "LOCK");
    REQUIRE(held);
    const auto busy = pair.TryRestore(Existing::kReplace);
    REQUIRE_FALSE(busy);
    CHECK(busy.error().code == Code::kConflict);
    CHECK(std::filesystem::exists(first.place.folder / "mine"));
  }
  const auto second = Must(pair.TryRestore(Existing::kReplace));
  CHECK(Must(ReadFile(second.replaced / "mine")) == "mine");
  CHECK(Must(LoadSecret(second.place.folder)) == "its password");
  CHECK_FALSE(std::filesystem::exists(second.place.folder / "mine"));
  CHECK(Must(ListAccounts(pair.data())).size() == 1);
}

TEST_CASE("restore: a backup that is not whole leaves the data directory as it was", "[care]") {
  BackedUp pair;
  pair.Settle();
  pair.CreateLocally("Curie");
  pair.Backup();
  const std::string whole = Must(ReadFile(pair.file()));
  for (const std::size_t length : {whole.size() / 4, whole.size() / 2, whole.size() - 40}) {
    REQUIRE(WriteFileDurably(pair.file(), whole.substr(0, length)));
    CHECK_FALSE(pair.TryRestore());
    CHECK(std::filesystem::is_empty(pair.data()));
  }
}

TEST_CASE("restore: what an attempt that died left behind is removed by the next", "[care]") {
  BackedUp pair;
  pair.Settle();
  pair.Backup();
  const auto dead = pair.data() / ".restore-dead00";
  REQUIRE(MakeFolder(dead / "journal"));
  REQUIRE(WriteFileDurably(dead / "held", ""));  // the lock, which nobody has any more
  REQUIRE(WriteFileDurably(dead / "journal" / "half", "half"));
  Must(pair.TryRestore());
  CHECK_FALSE(std::filesystem::exists(dead));
}
