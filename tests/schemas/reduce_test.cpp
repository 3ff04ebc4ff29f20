#include <catch2/catch.hpp>

#include "base/random.h"
#include "tests/schemas/samples.h"

using namespace outpost;
using namespace outpost::test;
using namespace std::string_literals;

namespace {

// One contact and its events, one after another.
class Contact {
 public:
  const ItemState& state() const { return state_; }
  const ItemState* operator->() const { return &state_; }

  Sequence Create(FieldMap patch) { return Local(Kind::kLocalCreated, std::move(patch)); }
  Sequence Edit(FieldMap patch) { return Local(Kind::kLocalChanged, std::move(patch)); }
  Sequence Delete() { return Local(Kind::kLocalDeleted, {}); }
  Sequence FromServer(FieldMap patch, std::int64_t version = 1) {
    return Apply(Kind::kRemoteCreated, {}, Encode(ChangeBody{std::move(patch), "77/5", version}));
  }
  Sequence ServerEdit(FieldMap patch, std::int64_t version = 2) {
    return Apply(Kind::kRemoteChanged, {}, Encode(ChangeBody{std::move(patch), {}, version}));
  }
  Sequence ServerDelete() { return Apply(Kind::kRemoteDeleted, {}, Encode(ChangeBody{})); }
  Sequence Decide(Sequence edit, OutcomesBody body) { return Apply(Kind::kOutcome, OpOf(edit), Encode(body)); }
  Sequence Decide(Sequence edit, OutcomeKind kind, std::vector<GroupId> groups) {
    OutcomesBody body;
    for (const GroupId group : groups) body.groups.push_back({group, kind});
    return Decide(edit, body);
  }
  Sequence Overrule(Sequence edit, GroupId group) {
    return Apply(Kind::kOverruled, OpOf(edit), Encode(OutcomesBody{{{group, OutcomeKind::kLoser}}, {}, {}, 0, {}, 0}));
  }
  Sequence SettleLoser(Sequence loser, GroupId group) {
    return Apply(Kind::kConflictSettled, {}, Encode(SettledBody{{{loser, 0, group, false, false}}}));
  }
  Sequence Apply(Kind kind, OpId op, std::string body) {
    Event event;
    event.seq = ++seq_;
    event.header.kind = kind;
    event.header.item = IdOf<ItemId>(0x22);
    event.header.item_type = ItemType::kContact;
    event.header.op = op;
    event.body = std::move(body);
    REQUIRE(Reduce(state_, event));
    Laws();
    return seq_;
  }

  static OpId OpOf(Sequence edit) {
    OpId op;
    op.bytes[0] = static_cast<std::uint8_t>(edit >> 8);
    op.bytes[1] = static_cast<std::uint8_t>(edit);
    op.bytes[15] = 1;
    return op;
  }

 private:
  Sequence Local(Kind kind, FieldMap patch) {
    return Apply(kind, OpOf(seq_ + 1), Encode(ChangeBody{std::move(patch), {}, 0}));
  }

  // What holds after every event.
  void Laws() const {
    CHECK(state_.head_seq == seq_);
    CHECK(EncodeItem(DecodeItem(state_.id, EncodeItem(state_)).value()) == EncodeItem(state_));
    const FieldMap head = state_.Head();
    for (const Field& field : AllFields()) {
      const auto at = head.find(field.id);
      CHECK(state_.HeadValue(field.id) == (at != head.end() ? at->second : Value{}));
    }
    for (const auto& [field, value] : head) CHECK_FALSE(IsNull(value));
    Sequence before = 0;
    for (const PendingEdit& edit : state_.pending) {
      CHECK(edit.seq > before);
      before = edit.seq;
      CHECK_FALSE(edit.groups.empty());
      CHECK(std::is_sorted(edit.groups.begin(), edit.groups.end()));
      for (const auto& [field, value] : edit.patch) CHECK(edit.Has(FindField(field)->group));
    }
  }

  ItemState state_;
  Sequence seq_ = 0;
};

constexpr FieldId kFirst = 101, kLast = 103, kNote = 146, kSubjectStaysHere = 171;
const GroupId kName = *FindGroup(ItemType::kContact, "name");
const GroupId kNoteGroup = *FindGroup(ItemType::kContact, "note");
const FieldMap kAda{{kFirst, "Ada"s}, {kNote, "n"s}};

std::string StateOf(const Contact& contact) { return ItemStateName(contact.state()); }

}  // namespace

TEST_CASE("reduce: an item from the server is its base", "[schemas][reduce]") {
  Contact contact;
  contact.FromServer(kAda, 11);
  CHECK(contact->base == kAda);
  CHECK(contact->Head() == kAda);
  CHECK(contact->on_server);
  CHECK(contact->remote_id == "77/5");
  CHECK(contact->version == 11);
  CHECK(contact->born_seq == 1);
  CHECK(contact->base_seq == 1);
  CHECK(contact->Visible());
  CHECK(StateOf(contact) == "synced");
}

TEST_CASE("reduce: an item made here is pending until its create is acknowledged", "[schemas][reduce]") {
  Contact contact;
  const Sequence create = contact.Create(kAda);
  CHECK(contact->Visible());
  CHECK(contact->base.empty());
  CHECK(contact->Head() == kAda);
  CHECK_FALSE(contact->on_server);
  CHECK(contact->base_seq == 0);
  CHECK(contact->pending.at(0).groups == std::vector<GroupId>{kExistence, kName, kNoteGroup});
  CHECK(StateOf(contact) == "pending");

  OutcomesBody body{{{kExistence, OutcomeKind::kAcknowledged},
                     {kName, OutcomeKind::kAcknowledged},
                     {kNoteGroup, OutcomeKind::kAcknowledged}},
                    {},
                    "77/9",
                    12,
                    {},
                    0};
  const Sequence outcome = contact.Decide(create, body);
  CHECK(contact->pending.empty());
  CHECK(contact->on_server);
  CHECK(contact->remote_id == "77/9");
  CHECK(contact->version == 12);
  CHECK(contact->base == kAda);
  CHECK(contact->base_seq == outcome);
  CHECK(StateOf(contact) == "synced");
}

TEST_CASE("reduce: an edit shows at once and reaches the base when acknowledged", "[schemas][reduce]") {
  Contact contact;
  contact.FromServer(kAda);
  const Sequence edit = contact.Edit({{kFirst, "Augusta"s}, {kNote, Value{}}});
  CHECK(contact->base == kAda);
  CHECK(contact->Head() == FieldMap{{kFirst, "Augusta"s}});
  contact.Decide(edit, OutcomeKind::kAcknowledged, {kName});
  CHECK(contact->base == FieldMap{{kFirst, "Augusta"s}, {kNote, "n"s}});
  CHECK(contact->pending.at(0).groups == std::vector<GroupId>{kNoteGroup});
  CHECK(StateOf(contact) == "pending");
  contact.Decide(edit, OutcomeKind::kAcknowledged, {kNoteGroup});
  CHECK(contact->base == FieldMap{{kFirst, "Augusta"s}});
  CHECK(StateOf(contact) == "synced");
}

TEST_CASE("reduce: fields that stay here go to the base at once and wait for nobody", "[schemas][reduce]") {
  Contact contact;
  contact.FromServer(kAda);
  contact.Edit({{kSubjectStaysHere, "s"s}});
  CHECK(contact->pending.empty());
  CHECK(contact->HeadValue(kSubjectStaysHere) == Value("s"s));
  CHECK(StateOf(contact) == "synced");
  contact.Edit({{kSubjectStaysHere, "t"s}, {kFirst, "B"s}});
  CHECK(contact->pending.at(0).patch == FieldMap{{kFirst, "B"s}});
  contact.FromServer(kAda, 3);
  CHECK(contact->HeadValue(kSubjectStaysHere) == Value("t"s));
}

TEST_CASE("reduce: a superseded edit leaves the newer one on top", "[schemas][reduce]") {
  Contact contact;
  contact.FromServer(kAda);
  const Sequence older = contact.Edit({{kFirst, "1"s}});
  const Sequence newer = contact.Edit({{kFirst, "2"s}});
  CHECK(contact->HeadValue(kFirst) == Value("2"s));
  CHECK(contact->LastPending(kName)->seq == newer);
  contact.Decide(older, OutcomeKind::kSuperseded, {kName});
  CHECK(contact->pending.size() == 1);
  CHECK(contact->FindPending(Contact::OpOf(older)) == nullptr);
  CHECK(contact->HeadValue(kFirst) == Value("2"s));
  CHECK(contact->base == kAda);
}

TEST_CASE("reduce: the server's change of another group does not disturb an edit", "[schemas][reduce]") {
  Contact contact;
  contact.FromServer(kAda);
  contact.Edit({{kFirst, "mine"s}});
  contact.ServerEdit({{kNote, "theirs"s}});
  CHECK(contact->Head() == FieldMap{{kFirst, "mine"s}, {kNote, "theirs"s}});
  CHECK(contact->version == 2);
}

TEST_CASE("reduce: a loser gives way to the server's value and is kept by its event", "[schemas][reduce]") {
  Contact contact;
  contact.FromServer(kAda);
  const Sequence mine = contact.Edit({{kFirst, "mine"s}, {kNote, "mine too"s}});
  const Sequence theirs = contact.ServerEdit({{kFirst, "theirs"s}});
  contact.Decide(mine, OutcomeKind::kLoser, {kName});
  CHECK(contact->HeadValue(kFirst) == Value("theirs"s));
  CHECK(contact->HeadValue(kNote) == Value("mine too"s));
  REQUIRE(contact->losers.size() == 1);
  CHECK(contact->losers[0].seq == mine);
  CHECK(contact->losers[0].rival == theirs);
  CHECK(contact->losers[0].group == kName);
  CHECK_FALSE(contact->losers[0].server_lost);
  CHECK(StateOf(contact) == "conflict");
}

TEST_CASE("reduce: a loser's rival is the server's change, also when the outcome brings a version",
          "[schemas][reduce]") {
  Contact contact;
  contact.FromServer(kAda);
  const Sequence mine = contact.Edit({{kFirst, "mine"s}, {kNote, "new"s}});
  const Sequence theirs = contact.ServerEdit({{kFirst, "theirs"s}});
  SECTION("not told") {
    contact.Decide(mine, {{{kName, OutcomeKind::kLoser}, {kNoteGroup, OutcomeKind::kAcknowledged}}, {}, {}, 3, {}, 0});
    CHECK(contact->losers.at(0).rival == theirs);
  }
  SECTION("told") {
    contact.Decide(mine, {{{kName, OutcomeKind::kLoser}, {kNoteGroup, OutcomeKind::kAcknowledged}}, {}, {}, 3, {}, 77});
    CHECK(contact->losers.at(0).rival == 77);
  }
  CHECK(contact->base.at(kNote) == Value("new"s));
}

TEST_CASE("reduce: a merged group needs no write, its value is the server's already", "[schemas][reduce]") {
  Contact contact;
  contact.FromServer(kAda);
  const Sequence mine = contact.Edit({{kFirst, "same"s}});
  contact.ServerEdit({{kFirst, "same"s}});
  contact.Decide(mine, OutcomeKind::kMerged, {kName});
  CHECK(contact->pending.empty());
  CHECK(contact->HeadValue(kFirst) == Value("same"s));
  CHECK(contact->losers.empty());
  CHECK(StateOf(contact) == "synced");
}

TEST_CASE("reduce: under client-wins the server's value is the loser and the edit stays", "[schemas][reduce]") {
  Contact contact;
  contact.FromServer(kAda);
  const Sequence mine = contact.Edit({{kFirst, "mine"s}});
  const Sequence theirs = contact.ServerEdit({{kFirst, "theirs"s}});
  contact.Overrule(mine, kName);
  REQUIRE(contact->losers.size() == 1);
  CHECK(contact->losers[0].seq == theirs);
  CHECK(contact->losers[0].rival == mine);
  CHECK(contact->losers[0].server_lost);
  CHECK(contact->pending.size() == 1);
  CHECK(contact->HeadValue(kFirst) == Value("mine"s));
}

TEST_CASE("reduce: a parked group stays what the person sees, and says why", "[schemas][reduce]") {
  Contact contact;
  contact.FromServer(kAda);
  const Sequence edit = contact.Edit({{kFirst, "B"s}, {kNote, "too long"s}});
  contact.Decide(edit, {{{kName, OutcomeKind::kAcknowledged}, {kNoteGroup, OutcomeKind::kParked}},
                        {{kNoteGroup, kNote, 9000, 5680, "CON-0173", "t"}},
                        {},
                        3,
                        {},
                        0});
  CHECK(contact->pending.empty());
  REQUIRE(contact->parked.size() == 1);
  CHECK(contact->parked[0].refusal.limit == 5680);
  CHECK(contact->parked[0].seq == edit);
  CHECK(contact->base.at(kNote) == Value("n"s));
  CHECK(contact->HeadValue(kNote) == Value("too long"s));
  CHECK(contact->HeadValue(kFirst) == Value("B"s));
  CHECK(StateOf(contact) == "parked");

  contact.Edit({{kNote, "short"s}});
  CHECK(contact->parked.empty());
  CHECK(StateOf(contact) == "pending");
}

TEST_CASE("reduce: parking without a reason still names the group", "[schemas][reduce]") {
  Contact contact;
  contact.FromServer(kAda);
  contact.Decide(contact.Edit({{kNote, "x"s}}), OutcomeKind::kParked, {kNoteGroup});
  CHECK(contact->parked.at(0).refusal.group == kNoteGroup);
}

TEST_CASE("reduce: a create the server refused stays to be seen", "[schemas][reduce]") {
  Contact contact;
  const Sequence create = contact.Create(kAda);
  contact.Decide(create, OutcomeKind::kParked, {kExistence, kName, kNoteGroup});
  CHECK(contact->Visible());
  CHECK(contact->Head() == kAda);
  CHECK(StateOf(contact) == "parked");
}

TEST_CASE("reduce: what is deleted here is gone at once, and on the server when acknowledged", "[schemas][reduce]") {
  Contact contact;
  contact.FromServer(kAda);
  const Sequence deletion = contact.Delete();
  CHECK_FALSE(contact->Visible());
  CHECK(contact->on_server);
  CHECK(contact->pending.at(0).groups == std::vector<GroupId>{kExistence});
  contact.Decide(deletion, OutcomeKind::kAcknowledged, {kExistence});
  CHECK_FALSE(contact->Visible());
  CHECK_FALSE(contact->on_server);
  CHECK(contact->remote_id == "77/5");
  CHECK(StateOf(contact) == "local");
}

TEST_CASE("reduce: what was refused of an item goes with it, and stays where its deletion lost", "[schemas][reduce]") {
  Contact contact;
  contact.FromServer(kAda);
  const Sequence edit = contact.Edit({{kNote, "too long"s}});
  contact.Decide(edit, OutcomeKind::kParked, {kNoteGroup});
  const Sequence first = contact.Delete();
  CHECK(contact->parked.size() == 1);
  contact.Decide(first, OutcomeKind::kLoser, {kExistence});
  CHECK(contact->HeadValue(kNote) == Value("too long"s));
  const auto kind = GENERATE(OutcomeKind::kAcknowledged, OutcomeKind::kMerged);
  contact.Decide(contact.Delete(), kind, {kExistence});
  CHECK(contact->parked.empty());
}

TEST_CASE("reduce: a deletion that lost shows the item again", "[schemas][reduce]") {
  Contact contact;
  contact.FromServer(kAda);
  const Sequence deletion = contact.Delete();
  contact.ServerEdit({{kNote, "still needed"s}});
  contact.Decide(deletion, OutcomeKind::kLoser, {kExistence});
  CHECK(contact->Visible());
  CHECK(contact->HeadValue(kNote) == Value("still needed"s));
}

TEST_CASE("reduce: a deletion the server refused shows the item again, until the server deletes it itself",
          "[schemas][reduce]") {
  Contact contact;
  contact.FromServer(kAda);
  contact.Decide(contact.Delete(), OutcomeKind::kParked, {kExistence});
  CHECK(contact->Visible());
  contact.ServerDelete();
  CHECK_FALSE(contact->Visible());
  CHECK(contact->parked.empty());
}

TEST_CASE("reduce: what was refused of an item loses against its deletion on the server", "[schemas][reduce]") {
  Contact contact;
  contact.FromServer(kAda);
  const Sequence edit = contact.Edit({{kNote, "too long"s}});
  contact.Decide(edit, OutcomeKind::kParked, {kNoteGroup});
  const auto listed = [&](Sequence rival) {
    CHECK(contact->parked.empty());
    REQUIRE(contact->losers.size() == 1);
    const LoserGroup& loser = contact->losers[0];
    CHECK((loser.seq == edit && loser.rival == rival && loser.group == kNoteGroup && !loser.server_lost));
    CHECK(StateOf(contact) == "conflict");
    CHECK_FALSE(contact->Gone());
  };
  SECTION("as it is told") { listed(contact.ServerDelete()); }
  SECTION("restated by a build that left it parked") {
    ItemState left = contact.state();
    left.on_server = false;
    contact.Apply(Kind::kItemRestated, {}, EncodeItem(left));
    listed(contact->base_seq);
  }
  SECTION("told twice") {
    const Sequence first = contact.ServerDelete();
    contact.ServerDelete();
    listed(first);
  }
}

TEST_CASE("reduce: what was refused of an item before its person deleted it goes with it, whoever comes first",
          "[schemas][reduce]") {
  Contact contact;
  contact.FromServer(kAda);
  contact.Decide(contact.Edit({{kNote, "too long"s}}), OutcomeKind::kParked, {kNoteGroup});
  const Sequence deletion = contact.Delete();
  SECTION("his deletion waits") {
    contact.ServerDelete();
    CHECK(contact->parked.empty());
    CHECK(contact->losers.empty());
  }
  SECTION("his deletion was refused") {
    contact.Decide(deletion, OutcomeKind::kParked, {kExistence});
    SECTION("and is the last word") {
      contact.ServerDelete();
      CHECK(contact->Gone());
    }
    SECTION("and he went on: that is kept") {
      const Sequence later = contact.Edit({{kFirst, "B"s}});
      contact.Decide(later, OutcomeKind::kParked, {kName});
      contact.ServerDelete();
      REQUIRE(contact->losers.size() == 1);
      CHECK(contact->losers[0].seq == later);
    }
  }
  CHECK(contact->parked.empty());
}

TEST_CASE("reduce: both deleted it", "[schemas][reduce]") {
  Contact contact;
  contact.FromServer(kAda);
  const Sequence deletion = contact.Delete();
  contact.ServerDelete();
  contact.Decide(deletion, OutcomeKind::kMerged, {kExistence});
  CHECK_FALSE(contact->Visible());
  CHECK(contact->pending.empty());
  CHECK(contact->losers.empty());
}

TEST_CASE("reduce: made and deleted here before anything was sent", "[schemas][reduce]") {
  Contact contact;
  const Sequence create = contact.Create(kAda);
  const Sequence deletion = contact.Delete();
  CHECK_FALSE(contact->Visible());
  contact.Decide(create, OutcomeKind::kSuperseded, {kExistence, kName, kNoteGroup});
  contact.Decide(deletion, OutcomeKind::kMerged, {kExistence});
  CHECK_FALSE(contact->Visible());
  CHECK(contact->pending.empty());
}

TEST_CASE("reduce: an item that comes back from the server is what the server says now", "[schemas][reduce]") {
  Contact contact;
  contact.FromServer(kAda);
  contact.Edit({{kSubjectStaysHere, "kept"s}});
  contact.ServerDelete();
  CHECK_FALSE(contact->Visible());
  contact.FromServer({{kFirst, "Back"s}}, 9);
  CHECK(contact->Visible());
  CHECK(contact->HeadValue(kFirst) == Value("Back"s));
  CHECK(IsNull(contact->HeadValue(kNote)));
  CHECK(contact->HeadValue(kSubjectStaysHere) == Value("kept"s));
  CHECK(contact->version == 9);
}

TEST_CASE("reduce: an outcome told twice, or of an unknown edit, changes nothing but the head's sequence",
          "[schemas][reduce]") {
  Contact contact;
  contact.FromServer(kAda);
  const Sequence edit = contact.Edit({{kFirst, "1"s}});
  contact.Decide(edit, OutcomeKind::kAcknowledged, {kName});
  contact.ServerEdit({{kFirst, "2"s}});
  ItemState before = contact.state();
  before.head_seq = contact.Decide(edit, OutcomeKind::kAcknowledged, {kName});
  CHECK(EncodeItem(before) == EncodeItem(contact.state()));
  before.head_seq = contact.Decide(999, OutcomeKind::kLoser, {kName});
  CHECK(EncodeItem(before) == EncodeItem(contact.state()));
}

TEST_CASE("reduce: a kind of a later version moves the head's sequence and nothing else", "[schemas][reduce]") {
  Contact contact;
  contact.FromServer(kAda);
  ItemState before = contact.state();
  before.head_seq = contact.Apply(static_cast<Kind>(777), {}, "bytes nobody here can read");
  CHECK(EncodeItem(before) == EncodeItem(contact.state()));
}

TEST_CASE("reduce: an event of the account is no event of an item", "[schemas][reduce]") {
  ItemState state;
  Event event;
  event.seq = 5;
  event.header.kind = Kind::kAccountSet;
  REQUIRE(Reduce(state, event));
  CHECK(EncodeItem(state) == EncodeItem(ItemState{}));
}

TEST_CASE("reduce: a body that cannot be read is an error", "[schemas][reduce]") {
  ItemState state;
  Event event;
  event.seq = 1;
  event.header.kind = Kind::kLocalChanged;
  event.header.item = IdOf<ItemId>(1);
  event.body = "junk";
  CHECK(Reduce(state, event).error().code == Code::kCorrupt);
}

TEST_CASE("reduce: the laws hold after any events in any order", "[schemas][reduce]") {
  const OutcomeKind kinds[] = {OutcomeKind::kAcknowledged, OutcomeKind::kMerged, OutcomeKind::kSuperseded,
                               OutcomeKind::kParked, OutcomeKind::kLoser};
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    INFO("SEED=" << seed);
    SeededRandom random(seed);
    Contact contact;
    const auto patch = [&] {
      FieldMap fields;
      for (const FieldId field : {kFirst, kLast, kNote, kSubjectStaysHere})
        if (random.Chance(1, 2)) fields[field] = random.Chance(1, 4) ? Value{} : Value(std::to_string(random.Below(3)));
      return fields;
    };
    for (int step = 0; step < 60; ++step) {
      const Sequence some = contact->head_seq == 0 ? 0 : 1 + random.Below(contact->head_seq);
      switch (random.Below(8)) {
        case 0:
          contact.Create(patch());
          break;
        case 1:
          contact.Edit(patch());
          break;
        case 2:
          contact.Delete();
          break;
        case 3:
          contact.FromServer(patch());
          break;
        case 4:
          contact.ServerEdit(patch());
          break;
        case 5:
          contact.ServerDelete();
          break;
        case 6:
          contact.Decide(some, kinds[random.Below(5)], {random.Chance(1, 3) ? kExistence : kName, kNoteGroup});
          break;
        default:
          contact.Overrule(some, kName);
          break;
      }
    }
  }
}

TEST_CASE("reduce: a settled loser goes, others and the fields stay", "[schemas][reduce]") {
  Contact contact;
  contact.FromServer({{101, "Ada"s}, {146, "note"s}});
  const Sequence edit = contact.Edit({{101, "Ours"s}, {146, "ours"s}});
  contact.ServerEdit({{101, "Theirs"s}, {146, "theirs"s}});
  contact.Decide(edit, OutcomeKind::kLoser, {100, 146});
  REQUIRE(contact->losers.size() == 2);
  contact.SettleLoser(edit, 105);  // a group that did not lose
  CHECK(contact->losers.size() == 2);
  contact.SettleLoser(edit, 146);
  REQUIRE(contact->losers.size() == 1);
  CHECK(contact->losers[0].group == 100);
  CHECK(contact->HeadValue(146) == Value("theirs"s));
  contact.SettleLoser(edit, 100);
  CHECK(contact->losers.empty());
  CHECK(ItemStateName(contact.state()) == "synced"s);
}
