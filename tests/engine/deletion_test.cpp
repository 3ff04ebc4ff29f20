// Promise 9: deletions that are only inferred ask beyond a limit (user-pains.md 2, 3).
#include "engine/consents.h"
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

namespace {

// Contacts on both sides, of which more are deleted here than may go unasked.
struct Own : Pair {
  std::vector<std::string> names;
  explicit Own(int count = 8) {
    Fill(*this, count);
    names = ServerNames();
    MustDo(account().PutSettings({{{std::string(setting::kConsentOwn), "5"}}}));
  }
  void DeleteHere(std::size_t count) {
    std::vector<ItemId> items = VisibleContacts();
    items.resize(count);
    for (const ItemId& id : items) MustDo(account().Delete(id));
  }
  std::optional<ConsentBody> Asked() { return Must(WaitingConsent(*account().View(), Contacts())); }
  std::size_t Visible() { return VisibleContacts().size(); }
  std::vector<ItemId> VisibleContacts() {
    std::vector<ItemId> visible;
    MustDo(ForEachItem(*account().View(), Contacts(), [&](const ItemState& item) {
      visible.push_back(item.id);
      return true;
    }));
    return visible;
  }
};

}  // namespace

TEST_CASE("own deletions: so many go unasked", "[engine][deletion]") {
  Own pair;
  pair.DeleteHere(5);
  CHECK(pair.Settle().held_deletions == 0);
  CHECK(pair.ServerNames().size() == 3);
  CHECK_FALSE(pair.Asked());
}

TEST_CASE("own deletions: one more waits for a word", "[engine][deletion]") {
  Own pair;
  pair.DeleteHere(6);
  const ItemId edited = pair.VisibleContacts().front();
  pair.Set(edited, "nickname", std::string("typed"));
  auto report = pair.Sync();
  CHECK(report.held_deletions == 6);
  CHECK(pair.ServerNames() == pair.names);   // not one of them
  CHECK(pair.Item(edited).pending.empty());  // and they hold nothing else up
  REQUIRE(pair.Asked());
  CHECK(pair.Asked()->own);
  CHECK(pair.Asked()->count == 6);
  CHECK(pair.Asked()->held == 8);
  CHECK(Must(pair.account().Status()).held_deletions == 6);
  const Sequence asked = pair.account().View()->last();
  pair.Reopen();
  CHECK(pair.Sync().held_deletions == 6);
  CHECK(pair.account().View()->last() == asked);  // asked once
  SECTION("given") {
    MustDo(pair.account().AnswerConsent(pair.Contacts(), ConsentAnswer::kGiven));
    pair.Settle();
    CHECK(pair.ServerNames().size() == 2);
    CHECK_FALSE(pair.Asked());
    CHECK(pair.Visible() == 2);
  }
  SECTION("given, and more deleted at once: the word is for what was asked") {
    MustDo(pair.account().AnswerConsent(pair.Contacts(), ConsentAnswer::kGiven));
    MustDo(pair.account().PutSettings({{{std::string(setting::kConsentOwn), "1"}}}));
    pair.DeleteHere(2);
    pair.Settle();
    CHECK(pair.ServerNames().size() == 2);
    pair.Settle();
    REQUIRE(pair.Asked());
    CHECK(pair.Asked()->count == 2);
  }
  SECTION("refused: all are back, and nothing is left to tell") {
    MustDo(pair.account().AnswerConsent(pair.Contacts(), ConsentAnswer::kRefused));
    CHECK(pair.Visible() == 8);
    CHECK_FALSE(pair.Asked());
    CHECK(pair.Settle().held_deletions == 0);
    CHECK(pair.ServerNames() == pair.names);
    pair.DeleteHere(6);  // again: he is asked again
    pair.Sync();
    CHECK(pair.Asked());
  }
  SECTION("more is deleted before he answers: the question grows") {
    pair.DeleteHere(1);
    pair.Sync();
    CHECK(pair.Asked()->count == 7);
    CHECK(pair.ServerNames() == pair.names);
  }
  SECTION("the limit is raised") {
    MustDo(pair.account().PutSettings({{{std::string(setting::kConsentOwn), "6"}}}));
    pair.Settle();
    CHECK(pair.ServerNames().size() == 2);
    CHECK_FALSE(pair.Asked());
  }
  if (pair.Asked()) {
    MustDo(pair.account().AnswerConsent(pair.Contacts(), ConsentAnswer::kGiven));
    pair.Settle();
  }
  pair.CheckWhole();
}

TEST_CASE("own deletions: a folder counts by what is in it and below it, and comes back whole", "[engine][deletion]") {
  Own pair(0);
  const auto make = [&](const ItemId& parent, const char* title) {
    return Must(pair.account().Create(
        ItemType::kFolder, parent,
        {{field::kFolderTitle, std::string(title)}, {field::kFolderModule, std::string("contact")}}));
  };
  const ItemId folder = make(pair.Contacts(), "Old"), below = make(folder, "Older");
  for (int i = 0; i < 6; ++i)
    Must(pair.account().Create(ItemType::kContact, i < 3 ? folder : below,
                               {{Pair::Field("last_name"), "n" + std::to_string(i)}}));
  pair.Settle();
  const auto held = [&](const ItemId& in) {
    std::size_t count = 0;
    MustDo(ForEachItem(*pair.account().View(), in, [&](const ItemState& item) {
      count += item.type == ItemType::kContact ? 1 : 0;
      return true;
    }));
    return count;
  };
  ItemId edited{};
  MustDo(ForEachItem(*pair.account().View(), below, [&](const ItemState& item) {
    edited = item.id;
    return true;
  }));
  pair.Set(edited, "nickname", std::string("typed"));  // deleted by itself, too
  MustDo(pair.account().Delete(folder));
  CHECK(pair.Sync().held_deletions == 6);
  const auto questions = Must(WaitingQuestions(*pair.account().View()));
  REQUIRE(questions.size() == 1);
  CHECK(questions[0].folder == folder);
  CHECK(questions[0].path == "Old");
  CHECK(questions[0].asked.count == 6);
  CHECK(pair.Item(folder).on_server);
  CHECK(pair.Item(edited).on_server);
  SECTION("refused") {
    MustDo(pair.account().AnswerConsent(folder, ConsentAnswer::kRefused));
    pair.Settle();
    CHECK(pair.Item(folder).Visible());
    CHECK(pair.Item(below).Visible());
    CHECK(held(folder) == 3);
    CHECK(held(below) == 3);
    CHECK(pair.HeadText(edited, "nickname") == "typed");
  }
  SECTION("given") {
    MustDo(pair.account().AnswerConsent(folder, ConsentAnswer::kGiven));
    pair.Settle();
    CHECK_FALSE(pair.Item(folder).on_server);
    CHECK_FALSE(pair.Item(below).on_server);
    CHECK_FALSE(pair.Item(edited).on_server);
  }
  CHECK(Must(WaitingQuestions(*pair.account().View())).empty());
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
