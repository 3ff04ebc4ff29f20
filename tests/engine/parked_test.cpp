// What the server refused: when it is tried again (promise 7).
#include "engine/parked.h"

#include "replicator/tuning.h"
#include "tests/engine/pair.h"

using namespace outpost;
using namespace outpost::test;

namespace {

// A contact with a nickname that the server finds too long.
struct Parked : Pair {
  ItemId item{};
  Parked() {
    Settle();
    item = CreateLocally("Long", {{Field("nickname"), std::string(500, 'x')}});
    CHECK(Settle().parked == 1);
    REQUIRE(Item(item).parked.size() == 1);
  }
  std::vector<Hope> Hopes(const std::string& version = std::string(EngineVersion())) {
    std::vector<Hope> hopes;
    for (const auto& parked : Must(ParkedWithHopes(*account().View(), version)))
      if (parked.hope) hopes.push_back(*parked.hope);
    return hopes;
  }
  // Edits that said a parked group again.
  std::size_t Retries() {
    std::size_t retries = 0;
    const auto view = account().View();
    MustDo(view->Scan(1, view->last(), [&](const Event& event) {
      retries += event.header.origin == Origin::kRestore ? 1 : 0;
      return true;
    }));
    return retries;
  }
};

}  // namespace

TEST_CASE("parked: nothing changed, nothing is tried again", "[engine][park]") {
  Parked pair;
  CHECK(pair.Hopes().empty());
  const auto before = pair.account().View()->last();
  pair.Sync();
  pair.Reopen();
  pair.Sync();
  CHECK(pair.account().View()->last() == before);
  pair.CheckWhole();
}

TEST_CASE("parked: what is deleted elsewhere waits for nobody any more; what was typed is listed, and comes back",
          "[engine][park]") {
  Parked pair;
  const bool client_wins = GENERATE(false, true);
  if (client_wins) MustDo(pair.account().PutSettings({{{std::string(setting::kPolicy), "client-wins"}}}));
  const std::string typed = pair.HeadText(pair.item, "nickname");
  MustDo(pair.elsewhere().DeleteContact(pair.remote_folder, pair.Item(pair.item).remote_id));
  const auto report = pair.Settle();
  auto attention = Must(ItemsNeedingAttention(*pair.account().View()));
  if (client_wins) {  // made again, and refused again
    CHECK(pair.ServerNames() == std::vector<std::string>{"Long"});
    CHECK(pair.HeadText(pair.item, "nickname") == typed);
    CHECK(attention.parked.size() == 1);
    REQUIRE(attention.conflicts.size() == 1);
    CHECK(attention.conflicts[0].loser.server_lost);
    return pair.CheckWhole();
  }
  CHECK(report.conflicts == 1);
  CHECK(attention.parked.empty());
  REQUIRE(attention.conflicts.size() == 1);
  CHECK_FALSE(pair.Item(pair.item).Visible());
  pair.CheckWhole();
  const auto undo = Must(pair.account().UndoConflict({pair.item, 0, 0}, false));
  CHECK(undo.way == UndoReport::Way::kRestored);
  CHECK(pair.HeadText(pair.item, "nickname") == typed);
  pair.Settle();
  CHECK(pair.ServerNames() == std::vector<std::string>{"Long"});
  CHECK(pair.HeadText(pair.item, "nickname") == typed);
  CHECK(pair.Item(pair.item).parked.size() == 1);
  pair.CheckWhole();
}

TEST_CASE("parked: another version of the engine tries once", "[engine][park]") {
  Parked pair;
  CHECK(pair.Hopes("9.9") == std::vector<Hope>{Hope::kNewEngine});
  pair.Reopen("9.9");
  CHECK(pair.Settle().parked == 1);
  CHECK(pair.Retries() == 1);
  CHECK(pair.Item(pair.item).parked.size() == 1);
  pair.Sync();
  pair.Reopen("9.9");
  pair.Sync();
  CHECK(pair.Retries() == 1);
  CHECK(pair.HeadText(pair.item, "nickname") == std::string(500, 'x'));
  pair.CheckWhole();
}

TEST_CASE("parked: a contact whose folder is gone waits, and goes out when the person moves it", "[engine][park]") {
  Pair pair;
  const auto other = Must(pair.elsewhere().CreateFolder(pair.remote_folder, "Other"));
  pair.Settle();
  const ItemId folder = Must(FindFolder(*pair.account().View(), "Contacts/Other")).id;
  const ItemId item =
      Must(pair.account().Create(ItemType::kContact, folder, {{Pair::Field("last_name"), std::string("Homeless")}}));
  MustDo(pair.elsewhere().DeleteFolder(other));
  pair.Settle();
  const ItemState parked = pair.Item(item);
  REQUIRE(!parked.parked.empty());
  CHECK(parked.parked[0].refusal.code == "folder_not_on_server");
  for (const auto& entry : Must(ParkedWithHopes(*pair.account().View(), EngineVersion()))) CHECK(!entry.hope);
  // The person moves it: the field that was refused changed, so it goes out.
  MustDo(pair.account().Move(item, pair.Contacts()));
  pair.Settle();
  CHECK(pair.ServerNames() == std::vector<std::string>{"Homeless"});
  CHECK(pair.Item(item).parked.empty());
  pair.CheckWhole();
}

TEST_CASE("parked: the newest limit told for a field speaks for shorter values of it", "[engine][park]") {
  Parked pair;
  const ItemId other = pair.CreateLocally("Other");
  pair.Settle();
  // As a server with a raised limit would answer.
  const OpId op{{1, 2, 3}};
  const FieldId nickname = Pair::Field("nickname");
  const GroupId group = FindField(nickname)->group;
  Must(pair.account().journal().AppendAndWait(
      {{Kind::kLocalChanged, Origin::kUser, ItemType::kContact, other, op,
        Encode(ChangeBody{{{nickname, std::string(900, 'y')}}, {}, 0})},
       {Kind::kOutcome, Origin::kEngine, ItemType::kContact, other, op,
        Encode(OutcomesBody{
            {{group, OutcomeKind::kParked}}, {{group, nickname, 900, 600, "CON-0170", ""}}, {}, 0, {}, 0})}},
      {}, Durability::kSynced));
  CHECK(pair.Hopes() == std::vector<Hope>{Hope::kLimitRaised});
  CHECK(pair.Settle().parked == 1);  // tried; this server still has the smaller one
  CHECK(pair.Hopes().empty());
  const auto before = pair.account().View()->last();
  pair.Sync();
  CHECK(pair.account().View()->last() == before);
}

TEST_CASE("parked: an item that is put off each time while others pass is parked in the end", "[engine][park]") {
  Pair pair;
  const auto remote = Must(pair.elsewhere().CreateContact(pair.remote_folder, {{"last_name", "Adler"}}));
  pair.Settle();
  const ItemId item = *pair.ByRemoteId(remote);
  pair.Set(item, "nickname", std::string("typed"));
  MustDo(pair.server().AddFault("try-again:contacts.update"));
  for (int i = 0; i < 20; ++i) pair.Sync();
  CHECK(pair.Item(item).pending.size() == 1);  // nothing passes: that is the server, and waiting helps
  for (int i = 0; i < tuning::kPutOffRunsMax; ++i) {
    pair.CreateLocally("Passes " + std::to_string(i));
    CHECK(pair.Sync().parked == 0);
  }
  pair.CreateLocally("Passes too");
  CHECK(pair.Sync().parked + pair.Sync().parked == 1);
  REQUIRE(pair.Item(item).parked.size() == 1);
  CHECK(!pair.Item(item).parked[0].refusal.code.empty());
  const auto before = pair.account().View()->last();
  pair.Sync();
  CHECK(pair.account().View()->last() == before);  // it loops no more
  pair.server().ClearFaults();
  MustDo(pair.account().Retry(item));
  pair.Settle();
  CHECK(Must(pair.elsewhere().GetContact(pair.remote_folder, remote)).at("nickname") == "typed");
  pair.CheckWhole();
}

TEST_CASE("parked: what the server found too long it is not sent with the next items of the run, only the rest of them",
          "[engine][parked]") {
  for (const auto unit : {oxserver::LengthUnit::kCharacters, oxserver::LengthUnit::kBytes}) {
    oxserver::ServerOptions options;
    options.logic.length_unit = unit;
    options.logic.four_byte_characters = true;
    Pair pair(std::move(options));
    pair.Settle();
    MustDo(pair.account().PutSettings({{{std::string(setting::kBatchIntents), "2"}}}));
    int sent = 0;
    pair.before_answer = [&](const oxserver::HttpRequest& request) {
      for (auto at = request.body.find("too long too long"); at != std::string::npos;
           at = request.body.find("too long too long", at + 1000))
        ++sent;
    };
    std::string text;
    for (int i = 0; i < 100; ++i) text += "too long ";
    std::vector<ItemId> items;
    for (int i = 0; i < 20; ++i)
      items.push_back(pair.CreateLocally(
          "n" + std::to_string(i), {{Pair::Field("nickname"), text}, {Pair::Field("company"), std::string("fits")}}));
    // As long as may be, in either unit.
    const ItemId fits = pair.CreateLocally("short", {{Pair::Field("nickname"), std::string(64, 'x')}});
    pair.Settle();
    CHECK(sent <= 8);  // those of the batches that were under way before the first answer
    CHECK(pair.ServerNames().size() == 21);
    CHECK(pair.Item(fits).parked.empty());
    for (const ItemId& id : items) {
      const ItemState item = pair.Item(id);
      REQUIRE(item.parked.size() == 1);
      CHECK(item.on_server);
      CHECK(item.parked.front().refusal.field == Pair::Field("nickname"));
      CHECK(item.parked.front().refusal.length == 900);
      CHECK(item.parked.front().refusal.limit == 64);
      CHECK(item.parked.front().refusal.code == "CON-0154");
      CHECK(Must(pair.elsewhere().GetContact(pair.remote_folder, item.remote_id)).at("company") == "fits");
    }
    // Who wants it asks again.
    MustDo(pair.account().Retry(items.front()));
    const int before = sent;
    pair.Settle();
    CHECK(sent == before + 1);
    CHECK(pair.Item(items.front()).parked.size() == 1);
    pair.CheckWhole();
  }
}
