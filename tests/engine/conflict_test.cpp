// The conflict matrix against the real server, each cell under both policies, and its decisions turned round
// (promise 6).
#include "tests/engine/pair.h"

using namespace outpost;
using namespace outpost::test;

namespace {

using Way = UndoReport::Way;
using Texts = std::map<std::string, std::string>;

// A contact that both sides have, and what happens to it on both before they meet.
class Clash : public Pair {
 public:
  explicit Clash(Policy policy, const Texts& fields = {{"last_name", "Adler"}, {"company", "Old"}}) {
    MustDo(account().PutSettings(
        {{{std::string(setting::kPolicy), policy == Policy::kClientWins ? "client-wins" : "server-wins"}}}));
    remote = Must(elsewhere().CreateContact(remote_folder, fields));
    Settle();
    item = *ByRemoteId(remote);
  }

  void There(const Texts& fields) { MustDo(elsewhere().UpdateContact(remote_folder, remote, fields)); }
  void DeleteThere() { MustDo(elsewhere().DeleteContact(remote_folder, remote)); }
  // The field as the server has it now; empty where it has none, "gone" where the contact is gone.
  std::string OnServer(const std::string& name) {
    if (!Item(item).on_server) return "gone";
    const auto row = elsewhere().GetContact(remote_folder, Item(item).remote_id);
    if (!row) return "gone";
    const auto at = row.assume_value().find(name);
    return at != row.assume_value().end() ? at->second : "";
  }
  // Both sides, which must agree.
  std::string Both(const std::string& name) {
    const std::string here = Item(item).Visible() ? HeadText(item, name) : "gone";
    CHECK(here == OnServer(name));
    return here;
  }
  UndoReport Undo(bool over_later_edits = false) {
    return Must(account().UndoConflict({item, 0, 0}, over_later_edits));
  }
  std::vector<LoserGroup> Listed() {
    std::vector<LoserGroup> losers;
    for (const auto& entry : Must(ItemsNeedingAttention(*account().View())).conflicts)
      if (entry.item == item) losers.push_back(entry.loser);
    return losers;
  }
  // After a decision was turned round: the server learns it, nothing waits, nothing else changed.
  void Meet() {
    const auto report = Settle();
    CHECK(report.conflicts == 0);
    CHECK(Sync().pulled == 0);
    CHECK(Listed().empty());
    CheckWhole();
  }

  std::string remote;
  ItemId item{};
};

Policy EitherPolicy() { return GENERATE(Policy::kServerWins, Policy::kClientWins); }

std::vector<FieldId> Fields(const std::vector<std::string>& names) {
  std::vector<FieldId> ids;
  for (const auto& name : names) ids.push_back(Pair::Field(name));
  std::sort(ids.begin(), ids.end());
  return ids;
}

}  // namespace

TEST_CASE("edit/edit: the decision is turned round, and round again", "[engine][conflict]") {
  const Policy policy = EitherPolicy();
  Clash clash(policy);
  clash.Set(clash.item, "company", std::string("Ours"));
  clash.There({{"company", "Theirs"}});
  clash.Settle();
  const std::string winner = policy == Policy::kServerWins ? "Theirs" : "Ours";
  const std::string loser = policy == Policy::kServerWins ? "Ours" : "Theirs";
  CHECK(clash.Both("company") == winner);
  REQUIRE(clash.Listed().size() == 1);
  CHECK(clash.Listed()[0].server_lost == (policy == Policy::kClientWins));
  const auto before = clash.account().View()->last();
  const Sequence named = clash.Listed()[0].seq;
  const auto report = Must(clash.account().UndoConflict({{}, named, 0}, false));
  CHECK(report.way == Way::kChanged);
  CHECK(report.item == clash.item);
  CHECK(report.turned == Fields({"company"}));
  CHECK(report.kept.empty());
  CHECK(clash.account().View()->last() == before + 2);  // the edit, and the word that the conflict is settled
  const auto edit = Must(clash.account().View()->Read(before + 1));
  CHECK(edit.header.kind == Kind::kLocalChanged);
  CHECK(edit.header.origin == Origin::kUser);
  clash.Meet();
  CHECK(clash.Both("company") == loser);
  CHECK(std::string(ItemStateName(clash.Item(clash.item))) == "synced");

  Must(clash.account().UndoConflict({{}, named, 0}, false));
  clash.Meet();
  CHECK(clash.Both("company") == winner);
  Must(clash.account().UndoConflict({clash.item, named, 0}, false));
  clash.Meet();
  CHECK(clash.Both("company") == loser);
}

TEST_CASE("edit/edit: an undo that was not sent yet is turned round, and lives through a restart",
          "[engine][conflict]") {
  Clash clash(Policy::kClientWins);
  clash.Set(clash.item, "company", std::string("Ours"));
  clash.There({{"company", "Theirs"}});
  clash.Settle();
  clash.Undo();
  clash.Reopen();
  clash.Undo();
  clash.Reopen();
  clash.Meet();
  CHECK(clash.Both("company") == "Ours");
}

TEST_CASE("edit/edit: a group comes back whole, as the losing side had it", "[engine][conflict]") {
  Clash clash(Policy::kServerWins, {{"last_name", "Adler"}, {"street_home", "Weg 1"}, {"city_home", "Ulm"}});
  clash.Set(clash.item, "street_home", std::string("Gasse 2"));
  clash.There({{"city_home", "Bonn"}, {"postal_code_home", "53111"}});
  clash.Settle();
  CHECK(clash.Both("street_home") == "Weg 1");
  CHECK(clash.Both("city_home") == "Bonn");
  const auto report = clash.Undo();
  CHECK(report.turned == Fields({"street_home", "city_home", "postal_code_home"}));
  clash.Meet();
  CHECK(clash.Both("street_home") == "Gasse 2");
  CHECK(clash.Both("city_home") == "Ulm");
  CHECK(clash.Both("postal_code_home") == "");
  clash.Undo();
  clash.Meet();
  CHECK(clash.Both("street_home") == "Weg 1");
  CHECK(clash.Both("city_home") == "Bonn");
  CHECK(clash.Both("postal_code_home") == "53111");
}

TEST_CASE("edit/edit: a group that wins here wins whole, and comes back whole", "[engine][conflict]") {
  Clash clash(Policy::kClientWins, {{"last_name", "Adler"}, {"street_home", "Weg 1"}, {"city_home", "Ulm"}});
  clash.Set(clash.item, "street_home", std::string("Gasse 2"));
  clash.There({{"city_home", "Bonn"}, {"postal_code_home", "53111"}, {"company", "New"}});
  clash.Settle();
  CHECK(clash.Both("street_home") == "Gasse 2");  // never "Gasse 2, 53111 Bonn", which nobody has typed
  CHECK(clash.Both("city_home") == "Ulm");
  CHECK(clash.Both("postal_code_home") == "");
  CHECK(clash.Both("company") == "New");  // another group
  CHECK(clash.Listed().size() == 1);
  clash.Undo();
  clash.Meet();
  CHECK(clash.Both("street_home") == "Weg 1");
  CHECK(clash.Both("city_home") == "Bonn");
  CHECK(clash.Both("postal_code_home") == "53111");
  clash.Undo();
  clash.Meet();
  CHECK(clash.Both("street_home") == "Gasse 2");
  CHECK(clash.Both("city_home") == "Ulm");
}

TEST_CASE("edit/edit: a group wins whole though its first answer was lost", "[engine][conflict]") {
  Clash clash(Policy::kClientWins, {{"last_name", "Adler"}, {"street_home", "Weg 1"}, {"city_home", "Ulm"}});
  clash.Set(clash.item, "street_home", std::string("Gasse 2"));
  clash.There({{"city_home", "Bonn"}});
  MustDo(clash.server().AddFault("drop-reply:contacts.update:1"));
  clash.Settle();
  CHECK(clash.Both("street_home") == "Gasse 2");
  CHECK(clash.Both("city_home") == "Ulm");
  clash.CheckWhole();
}

TEST_CASE("edit/edit: later edits stay on top, whoever made them", "[engine][conflict]") {
  const bool made_here = GENERATE(true, false);
  Clash clash(Policy::kServerWins, {{"last_name", "Adler"}, {"street_home", "Weg 1"}, {"city_home", "Ulm"}});
  MustDo(clash.account().Set(clash.item, {{Pair::Field("street_home"), std::string("Gasse 2")},
                                          {Pair::Field("city_home"), std::string("Bonn")},
                                          {Pair::Field("nickname"), std::string("Addi")}}));
  clash.There({{"street_home", "Allee 3"}, {"city_home", "Jena"}});
  clash.Settle();
  const auto edit_later = [&](const std::string& name, const std::string& value) {
    if (made_here)
      clash.Set(clash.item, name, value);
    else
      clash.There({{name, value}});
    clash.Settle();
  };
  edit_later("street_home", "Platz 4");
  edit_later("company", "Later");  // of another group: no matter
  SECTION("of the fields, those not edited since are turned round") {
    const auto report = clash.Undo();
    CHECK(report.turned == Fields({"city_home"}));
    CHECK(report.kept == Fields({"street_home"}));
    clash.Meet();
    CHECK(clash.Both("street_home") == "Platz 4");
    CHECK(clash.Both("city_home") == "Bonn");
  }
  SECTION("where all were edited, nothing is turned round without a word more") {
    edit_later("city_home", "Kiel");
    const auto before = clash.account().View()->last();
    const auto refused = clash.account().UndoConflict({clash.item, 0, 0}, false);
    REQUIRE(!refused);
    CHECK(refused.error().code == Code::kConflict);
    CHECK(refused.error().context.find("street_home") != std::string::npos);
    CHECK(clash.account().View()->last() == before);
    CHECK(clash.Listed().size() == 1);
    clash.Undo(true);
    clash.Meet();
    CHECK(clash.Both("street_home") == "Gasse 2");
    CHECK(clash.Both("city_home") == "Bonn");
  }
  CHECK(clash.Both("company") == "Later");
  CHECK(clash.Both("nickname") == "Addi");
}

TEST_CASE("edit/edit: several groups of one edit are one conflict or one by one", "[engine][conflict]") {
  Clash clash(Policy::kServerWins);
  MustDo(clash.account().Set(
      clash.item, {{Pair::Field("company"), std::string("Ours")}, {Pair::Field("nickname"), std::string("Ours too")}}));
  clash.There({{"company", "Theirs"}, {"nickname", "Theirs too"}});
  clash.Settle();
  REQUIRE(clash.Listed().size() == 2);
  REQUIRE(clash.Listed()[0].seq == clash.Listed()[1].seq);
  const GroupId company = FindField(Pair::Field("company"))->group;
  SECTION("both") {
    CHECK(clash.Undo().groups.size() == 2);
    clash.Meet();
    CHECK(clash.Both("company") == "Ours");
    CHECK(clash.Both("nickname") == "Ours too");
  }
  SECTION("one, the other let stand") {
    CHECK(Must(clash.account().UndoConflict({clash.item, 0, company}, false)).groups == std::vector<GroupId>{company});
    REQUIRE(clash.Listed().size() == 1);
    CHECK(Must(clash.account().SettleConflict({clash.item, 0, 0})).size() == 1);
    CHECK(!clash.account().SettleConflict({clash.item, 0, 0}));  // nothing waits any more
    clash.Meet();
    CHECK(clash.Both("company") == "Ours");
    CHECK(clash.Both("nickname") == "Theirs too");
  }
}

TEST_CASE("edit/edit: what was let stand can be turned round later all the same", "[engine][conflict]") {
  Clash clash(EitherPolicy());
  clash.Set(clash.item, "company", std::string("Ours"));
  clash.There({{"company", "Theirs"}});
  clash.Settle();
  const std::string winner = clash.Both("company");
  const auto edits = Must(Audit(*clash.account().View())).edits;
  Must(clash.account().SettleConflict({clash.item, 0, 0}));
  CHECK(Must(Audit(*clash.account().View())).edits == edits);
  CHECK(clash.Listed().empty());
  clash.Undo();
  clash.Meet();
  CHECK(clash.Both("company") == (winner == "Ours" ? "Theirs" : "Ours"));
}

TEST_CASE("edit/edit: sets are joined and nobody loses", "[engine][conflict]") {
  Clash clash(EitherPolicy(), {{"last_name", "Adler"}, {"categories", "a,b"}});
  clash.Set(clash.item, "categories", std::vector<std::string>{"b", "ours"});
  clash.There({{"categories", "a,b,theirs"}});
  clash.Settle();
  CHECK(clash.OnServer("categories") == "b,theirs,ours");
  const auto undone = clash.account().UndoConflict({clash.item, 0, 0}, false);
  REQUIRE(!undone);
  CHECK(undone.error().code == Code::kNotFound);
  clash.Meet();
}

TEST_CASE("deleted there and edited here, server-wins: the undo makes the item again with what was typed",
          "[engine][conflict]") {
  Clash clash(Policy::kServerWins);
  clash.Set(clash.item, "nickname", std::string("typed"));
  clash.Set(clash.item, "company", std::string("New"));
  clash.DeleteThere();
  clash.Settle();
  CHECK(clash.Both("nickname") == "gone");
  REQUIRE(clash.Listed().size() == 2);
  const Sequence one = clash.Listed()[0].seq;  // of two edits: the deletion is one decision
  const auto report = Must(clash.account().UndoConflict({{}, one, 0}, false));
  CHECK(report.way == Way::kRestored);
  CHECK(report.turned == Fields({"nickname", "company"}));
  clash.Meet();
  CHECK(clash.Both("nickname") == "typed");
  CHECK(clash.Both("company") == "New");
  CHECK(clash.Both("last_name") == "Adler");
  CHECK(clash.ServerNames() == std::vector<std::string>{"Adler"});

  CHECK(clash.Undo().way == Way::kDeleted);
  clash.Meet();
  CHECK(clash.ServerNames().empty());
  CHECK(clash.Undo().way == Way::kRestored);
  clash.Meet();
  CHECK(clash.Both("nickname") == "typed");
}

TEST_CASE("deleted there and edited here, server-wins: an item somebody else made again is not made twice",
          "[engine][conflict]") {
  Clash clash(Policy::kServerWins);
  const Value uid = clash.Item(clash.item).base.at(field::UidOf(ItemType::kContact));
  clash.Set(clash.item, "nickname", std::string("typed"));
  clash.DeleteThere();
  clash.Settle();
  clash.Undo();
  Must(clash.elsewhere().CreateContact(
      clash.remote_folder, {{"last_name", "Adler"}, {"company", "Other"}, {"uid", std::get<std::string>(uid)}}));
  clash.Settle();
  CHECK(clash.ServerNames() == std::vector<std::string>{"Adler"});
  CHECK(clash.Both("nickname") == "typed");
  CHECK(clash.Both("company") == "Other");
  clash.CheckWhole();
}

TEST_CASE("deleted there and edited here, client-wins: the item is made again, and the undo deletes it",
          "[engine][conflict]") {
  Clash clash(Policy::kClientWins);
  clash.Set(clash.item, "nickname", std::string("typed"));
  clash.DeleteThere();
  clash.Settle();
  CHECK(clash.Both("nickname") == "typed");
  REQUIRE(clash.Listed().size() == 1);
  CHECK(clash.Listed()[0].server_lost);
  CHECK(clash.Listed()[0].group == kExistence);
  SECTION("as it was decided") {
    CHECK(clash.Undo().way == Way::kDeleted);
    clash.Meet();
    CHECK(clash.ServerNames().empty());
    CHECK(clash.Undo().way == Way::kRestored);
    clash.Meet();
    CHECK(clash.Both("nickname") == "typed");
  }
  SECTION("not over a later edit") {
    clash.Set(clash.item, "company", std::string("Later"));
    clash.Settle();
    CHECK(clash.account().UndoConflict({clash.item, 0, 0}, false).error().code == Code::kConflict);
    CHECK(clash.Both("company") == "Later");
    CHECK(clash.Undo(true).way == Way::kDeleted);
    clash.Meet();
    CHECK(clash.ServerNames().empty());
  }
}

TEST_CASE("edited there and deleted here, server-wins: the undo deletes after all", "[engine][conflict]") {
  Clash clash(Policy::kServerWins);
  MustDo(clash.account().Delete(clash.item));
  clash.There({{"company", "Theirs"}});
  clash.Settle();
  CHECK(clash.Both("company") == "Theirs");
  REQUIRE(clash.Listed().size() == 1);
  SECTION("as it was decided") {
    CHECK(clash.Undo().way == Way::kDeleted);
    clash.Meet();
    CHECK(clash.ServerNames().empty());
    CHECK(clash.Undo().way == Way::kRestored);
    clash.Meet();
    CHECK(clash.Both("company") == "Theirs");
  }
  SECTION("and the undo of a deletion that was not sent yet takes it back") {
    clash.Undo();
    CHECK(clash.Undo().way == Way::kRestored);
    CHECK(clash.Item(clash.item).Visible());
    clash.Meet();
    CHECK(clash.Both("company") == "Theirs");
    CHECK(clash.Item(clash.item).remote_id == clash.remote);
  }
  SECTION("not over a later edit") {
    clash.There({{"nickname", "later"}});
    clash.Settle();
    CHECK(clash.account().UndoConflict({clash.item, 0, 0}, false).error().code == Code::kConflict);
  }
}

TEST_CASE("edited there and deleted here, client-wins: the undo makes the item again as the server had it",
          "[engine][conflict]") {
  Clash clash(Policy::kClientWins);
  MustDo(clash.account().Delete(clash.item));
  clash.There({{"company", "Theirs"}});
  clash.Settle();
  CHECK(clash.ServerNames().empty());
  REQUIRE(clash.Listed().size() == 1);
  CHECK(clash.Undo().way == Way::kRestored);
  clash.Meet();
  CHECK(clash.Both("company") == "Theirs");
  CHECK(clash.Undo().way == Way::kDeleted);
  clash.Meet();
  CHECK(clash.ServerNames().empty());
}

TEST_CASE("deleted on both sides, or changed to the same: no conflict", "[engine][conflict]") {
  Clash clash(EitherPolicy());
  SECTION("deleted") {
    MustDo(clash.account().Delete(clash.item));
    clash.DeleteThere();
  }
  SECTION("the same") {
    clash.Set(clash.item, "company", std::string("Same"));
    clash.There({{"company", "Same"}});
  }
  clash.Settle();
  CHECK(!clash.account().UndoConflict({clash.item, 0, 0}, false));
  clash.Meet();
}

TEST_CASE("moved here and edited there: no conflict", "[engine][conflict]") {
  Clash clash(EitherPolicy());
  const auto other = Must(clash.elsewhere().CreateFolder(clash.remote_folder, "Other"));
  clash.Settle();
  MustDo(clash.account().Move(clash.item, Must(FindFolder(*clash.account().View(), "Contacts/Other")).id));
  clash.There({{"company", "Theirs"}});
  clash.Settle();
  CHECK(Must(clash.elsewhere().GetContact(other, clash.Item(clash.item).remote_id)).at("company") == "Theirs");
  clash.Meet();
}

TEST_CASE("moved on both sides: the move that lost is turned round", "[engine][conflict]") {
  const Policy policy = EitherPolicy();
  Clash clash(policy);
  const auto ours = Must(clash.elsewhere().CreateFolder(clash.remote_folder, "Ours"));
  const auto theirs = Must(clash.elsewhere().CreateFolder(clash.remote_folder, "Theirs"));
  clash.Settle();
  MustDo(clash.account().Move(clash.item, Must(FindFolder(*clash.account().View(), "Contacts/Ours")).id));
  clash.There({{"folder_id", theirs}});
  clash.Settle();
  const auto in = [&](const std::string& folder) {
    return Must(clash.elsewhere().ListContacts(folder, {"id"})).size();
  };
  const auto& winner = policy == Policy::kServerWins ? theirs : ours;
  const auto& loser = policy == Policy::kServerWins ? ours : theirs;
  CHECK(in(winner) == 1);
  REQUIRE(clash.Listed().size() == 1);
  CHECK(clash.Undo().way == Way::kChanged);
  clash.Meet();
  CHECK(in(loser) == 1);
  CHECK(in(winner) == 0);
  clash.Undo();
  clash.Meet();
  CHECK(in(winner) == 1);
  SECTION("not into a folder that is gone") {
    MustDo(clash.elsewhere().DeleteFolder(loser));
    clash.Settle();
    const auto refused = clash.account().UndoConflict({clash.item, 0, 0}, false);
    REQUIRE(!refused);
    CHECK(refused.error().code == Code::kNotFound);
  }
}

TEST_CASE("deleted there with its folder and edited here: the undo makes the item again in the standard folder",
          "[engine][conflict]") {
  Clash clash(Policy::kServerWins);
  const auto other = Must(clash.elsewhere().CreateFolder(clash.remote_folder, "Other"));
  clash.There({{"folder_id", other}});
  clash.Settle();
  const ItemId contacts = clash.Contacts();
  REQUIRE(clash.Item(clash.item).Folder() != contacts);
  clash.Set(clash.item, "company", std::string("Typed"));
  MustDo(clash.elsewhere().DeleteFolder(other));
  clash.Settle();
  REQUIRE_FALSE(clash.Item(clash.item).Visible());
  const auto report = clash.Undo();
  CHECK(report.way == Way::kRestored);
  CHECK(report.moved_to == contacts);
  clash.Meet();
  CHECK(clash.Both("company") == "Typed");
  CHECK(clash.Both("last_name") == "Adler");
  CHECK(clash.Item(clash.item).Folder() == contacts);
}

TEST_CASE("made on both sides with one uid: one contact, and its groups are decided one by one", "[engine][conflict]") {
  const Policy policy = EitherPolicy();
  Clash clash(policy);
  clash.item = clash.CreateLocally("Curie", {{field::UidOf(ItemType::kContact), std::string("one-uid")},
                                             {Pair::Field("company"), std::string("Ours")}});
  clash.remote = Must(clash.elsewhere().CreateContact(
      clash.remote_folder, {{"last_name", "Curie"}, {"uid", "one-uid"}, {"company", "Theirs"}}));
  clash.Settle();
  CHECK(clash.ServerNames() == std::vector<std::string>{"Adler", "Curie"});
  const std::string winner = policy == Policy::kServerWins ? "Theirs" : "Ours";
  CHECK(clash.Both("company") == winner);
  REQUIRE(clash.Listed().size() == 1);
  clash.Undo();
  clash.Meet();
  CHECK(clash.Both("company") == (policy == Policy::kServerWins ? "Ours" : "Theirs"));
}

TEST_CASE("a conflict is turned round after the history around it was dropped", "[engine][conflict]") {
  Clash clash(Policy::kServerWins, {{"last_name", "Adler"}, {"street_home", "Weg 1"}, {"city_home", "Ulm"}});
  clash.Set(clash.item, "street_home", std::string("Gasse 2"));
  clash.There({{"city_home", "Bonn"}});
  clash.Settle();
  MustDo(clash.account().PutSettings({{{std::string(setting::kHistoryPercent), "1"}}}));
  for (int i = 0; i < 300; ++i) clash.Set(clash.item, "note", "filler " + std::to_string(i));
  clash.Settle();
  const auto tidied = Must(clash.account().Tidy());
  REQUIRE(tidied.first > clash.Listed().at(0).seq);
  // What came after the decision is not known any more: a person must say that it does not matter.
  const auto refused = clash.account().UndoConflict({clash.item, 0, 0}, false);
  REQUIRE(!refused);
  CHECK(refused.error().code == Code::kConflict);
  CHECK(clash.Undo(true).turned == Fields({"street_home"}));
  clash.Meet();
  CHECK(clash.Both("street_home") == "Gasse 2");
  CHECK(clash.Both("city_home") == "Bonn");
}

TEST_CASE("conflicts: one with a deletion can be turned round also when the history was dropped since",
          "[engine][conflict]") {
  Clash clash(Policy::kServerWins);
  clash.Set(clash.item, "company", std::string("typed"));
  clash.DeleteThere();
  clash.Settle();
  REQUIRE(clash.Both("company") == "gone");
  Must(clash.account().journal().Retain({Millis(0), 0}, [] { return false; }));
  clash.Undo();
  clash.Meet();
  CHECK(clash.Both("company") == "typed");
}
