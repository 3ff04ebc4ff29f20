// Promise 9: deletions that are only inferred ask beyond a limit (user-pains.md 2, 3).
#include "tests/engine/pair.h"

using namespace outpost;
using namespace outpost::test;

namespace {

std::vector<std::string> Fill(Pair& pair, int count) {
  std::vector<std::string> remote;
  for (int i = 0; i < count; ++i)
    remote.push_back(
        Must(pair.elsewhere().CreateContact(pair.remote_folder, {{"last_name", "n" + std::to_string(1000 + i)}})));
  pair.Settle();
  return remote;
}

void Resync(Pair& pair, const std::string& number) {
  MustDo(pair.account().PutSettings({{{std::string(setting::kResync), number}}}));
}

}  // namespace

TEST_CASE("a full comparison that misses many items deletes none before consent", "[engine][deletion]") {
  Pair pair;
  const auto remote = Fill(pair, 100);
  for (int i = 0; i < 60; ++i)
    MustDo(pair.elsewhere().DeleteContact(pair.remote_folder, remote[static_cast<std::size_t>(i)]));
  Resync(pair, "1");
  const auto report = pair.Sync();
  CHECK(report.held_deletions == 60);
  CHECK(report.problem.find("60 of 100") != std::string::npos);
  CHECK(pair.ClientNames().size() == 100);
  MustDo(pair.account().AnswerConsent(pair.Contacts(), ConsentAnswer::kGiven));
  pair.Settle();
  CHECK(pair.ClientNames().size() == 40);
  pair.CheckWhole();
}

TEST_CASE("a full comparison that misses few items deletes them", "[engine][deletion]") {
  Pair pair;
  const auto remote = Fill(pair, 100);
  for (int i = 0; i < 10; ++i)
    MustDo(pair.elsewhere().DeleteContact(pair.remote_folder, remote[static_cast<std::size_t>(i)]));
  Resync(pair, "1");
  CHECK(pair.Sync().held_deletions == 0);
  CHECK(pair.ClientNames().size() == 90);
  pair.CheckWhole();
}

TEST_CASE("how many deletions need no consent is a setting, for listings too", "[engine][deletion]") {
  const bool by_count = GENERATE(true, false);
  Pair pair;
  const auto remote = Fill(pair, 100);
  for (int i = 0; i < 10; ++i)
    MustDo(pair.elsewhere().DeleteContact(pair.remote_folder, remote[static_cast<std::size_t>(i)]));
  MustDo(
      pair.account().PutSettings({{{std::string(by_count ? setting::kConsentCount : setting::kConsentPercent), "9"}}}));
  Resync(pair, "1");
  CHECK(pair.Sync().held_deletions == 10);
  CHECK(pair.ClientNames().size() == 100);
  MustDo(pair.account().PutSettings(
      {{{std::string(setting::kConsentCount), "10"}, {std::string(setting::kConsentPercent), "10"}}}));
  Resync(pair, "2");
  pair.Settle();
  CHECK(pair.ClientNames().size() == 90);
  pair.CheckWhole();
}

TEST_CASE("an empty listing deletes nothing", "[engine][deletion]") {
  Pair pair;
  const auto remote = Fill(pair, 5);
  for (const auto& id : remote) MustDo(pair.elsewhere().DeleteContact(pair.remote_folder, id));
  Resync(pair, "1");
  CHECK(pair.Sync().held_deletions == 5);
  CHECK(pair.ClientNames().size() == 5);
  MustDo(pair.account().AnswerConsent(pair.Contacts(), ConsentAnswer::kGiven));
  pair.Settle();
  CHECK(pair.ClientNames().empty());
  pair.CheckWhole();
}

TEST_CASE("a contact made again after its deletion stays when the folder is compared in full", "[engine][deletion]") {
  Pair pair;
  const auto remote = Fill(pair, 3);
  MustDo(pair.account().PutSettings({{{std::string(setting::kPolicy), "client-wins"}}}));
  const ItemId item = *pair.ByRemoteId(remote[0]);
  pair.Set(item, "nickname", std::string("kept"));
  MustDo(pair.elsewhere().DeleteContact(pair.remote_folder, remote[0]));
  pair.Settle();
  REQUIRE(pair.Item(item).remote_id != remote[0]);
  Resync(pair, "1");
  CHECK(pair.Sync().held_deletions == 0);
  CHECK(pair.HeadText(item, "nickname") == "kept");
  CHECK(pair.Item(item).on_server);
  pair.CheckWhole();
}

TEST_CASE("a contact moved to a folder that was not known yet keeps its pending edit", "[engine][move]") {
  Pair pair;
  const auto remote = Fill(pair, 1);
  const ItemId item = *pair.ByRemoteId(remote[0]);
  const auto other = Must(pair.elsewhere().CreateFolder(pair.remote_folder, "New"));
  MustDo(pair.elsewhere().UpdateContact(pair.remote_folder, remote[0], {{"folder_id", other}}));
  pair.Set(item, "nickname", std::string("typed"));
  pair.Settle();
  CHECK(pair.Item(item).losers.empty());
  CHECK(Must(pair.elsewhere().GetContact(other, remote[0])).at("nickname") == "typed");
}

TEST_CASE("a folder compared in full again fetches nothing that is held already", "[engine][deletion]") {
  Pair pair;
  Fill(pair, 60);
  const auto before = pair.account().View()->last();
  Resync(pair, "1");
  CHECK(pair.Sync().pulled == 0);
  const auto view = pair.account().View();
  std::size_t remote_changes = 0;
  MustDo(view->Scan(before + 1, view->last(), [&](const Event& event) {
    remote_changes += IsRemoteChange(event.header.kind) ? 1 : 0;
    return true;
  }));
  CHECK(remote_changes == 0);
}

TEST_CASE("a folder is compared in full each day, also by processes that each run but once", "[engine][deletion]") {
  Pair pair;
  Fill(pair, 3);
  std::size_t listings = 0;
  pair.before_answer = [&](const oxserver::HttpRequest& request) {
    if (request.body.find(R"("module":"contacts","action":"all")") != std::string::npos) ++listings;
  };
  const auto listings_of_new_process = [&](std::chrono::hours ahead) {
    pair.Close();
    pair.pc_clock.ahead = ahead;
    pair.Reopen();
    listings = 0;
    pair.Sync();
    return listings;
  };
  CHECK(listings_of_new_process(std::chrono::hours(0)) == 0);
  CHECK(listings_of_new_process(std::chrono::hours(23)) == 0);
  CHECK(listings_of_new_process(std::chrono::hours(25)) > 0);
  CHECK(listings_of_new_process(std::chrono::hours(26)) == 0);
  CHECK(listings_of_new_process(std::chrono::hours(50)) > 0);
  // Also where the clock was put right.
  CHECK(listings_of_new_process(std::chrono::hours(0)) > 0);
  CHECK(listings_of_new_process(std::chrono::hours(1)) == 0);
}

TEST_CASE("a contact moved to another folder elsewhere moves here, with its pending edit", "[engine][move]") {
  Pair pair;
  const auto other = Must(pair.elsewhere().CreateFolder(pair.remote_folder, "Other"));
  const auto remote = Fill(pair, 3);
  const ItemId item = *pair.ByRemoteId(remote[0]);
  pair.Set(item, "nickname", std::string("Nick"));
  MustDo(pair.elsewhere().UpdateContact(pair.remote_folder, remote[0], {{"folder_id", other}}));
  pair.Settle();
  const ItemId there = Must(FindFolder(*pair.account().View(), "Contacts/Other")).id;
  CHECK(pair.Item(item).Folder() == there);
  CHECK(Must(pair.elsewhere().GetContact(other, remote[0])).at("nickname") == "Nick");
  CHECK(pair.Item(item).losers.empty());
  pair.CheckWhole();
}

TEST_CASE("a contact moved here is moved on the server", "[engine][move]") {
  Pair pair;
  const auto other = Must(pair.elsewhere().CreateFolder(pair.remote_folder, "Other"));
  const auto remote = Fill(pair, 3);
  const ItemId there = Must(FindFolder(*pair.account().View(), "Contacts/Other")).id;
  MustDo(pair.account().Move(*pair.ByRemoteId(remote[1]), there));
  pair.Settle();
  CHECK(Must(pair.elsewhere().ListContacts(other, {"id"})).size() == 1);
  CHECK(pair.ServerNames().size() == 2);
  pair.CheckWhole();
}

TEST_CASE("a folder deleted elsewhere goes with its contacts; an edit in it is kept as loser", "[engine][deletion]") {
  Pair pair;
  const auto other = Must(pair.elsewhere().CreateFolder(pair.remote_folder, "Other"));
  const auto inside = Must(pair.elsewhere().CreateContact(other, {{"last_name", "Inside"}}));
  pair.Settle();
  const ItemId item = *pair.ByRemoteId(inside);
  pair.Set(item, "nickname", std::string("typed"));
  MustDo(pair.elsewhere().DeleteFolder(other));
  pair.Settle();
  CHECK(!FindFolder(*pair.account().View(), "Contacts/Other").has_value());
  CHECK(!pair.Item(item).Visible());
  CHECK(pair.Item(item).losers.size() == 1);
  pair.CheckWhole();
}
