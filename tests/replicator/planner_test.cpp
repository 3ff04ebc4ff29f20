// The planner over facts alone: what is recorded for each meeting of an item with the server.
#include "replicator/planner.h"

#include <catch2/catch.hpp>

using namespace outpost;

namespace {

constexpr GroupId kName = 100;     // contact, name
constexpr GroupId kCompany = 106;  // contact, company
constexpr GroupId kCategories = 148;

OpId Op(std::uint8_t number) {
  OpId op;
  op.bytes[0] = number;
  return op;
}

ItemFacts Item(std::vector<EditFacts> edits, bool on_server = true) {
  ItemFacts item;
  item.id.bytes[0] = 1;
  item.type = ItemType::kContact;
  item.head = 10;
  item.on_server = on_server;
  item.version = 5;
  item.edits = std::move(edits);
  return item;
}

EditFacts Edit(std::uint8_t number, Kind kind, std::vector<EditFacts::Group> groups, bool in_flight = false) {
  return {number, Op(number), kind, in_flight, false, std::move(groups)};
}

RowFacts Row(std::vector<GroupId> changed, std::int64_t version = 6) { return {"r", version, std::move(changed), {}}; }

const NewOp kNewOp = [] { return Op(99); };

// The outcome of (op, group) in `events`; nullopt where there is none. Fails when there are several.
std::optional<OutcomeKind> OutcomeOf(const std::vector<PlannedEvent>& events, OpId op, GroupId group) {
  std::optional<OutcomeKind> found;
  for (const PlannedEvent& event : events) {
    if (event.kind != Kind::kOutcome || event.op != op) continue;
    for (const GroupOutcome& outcome : event.outcomes.groups)
      if (outcome.group == group) {
        CHECK(!found);
        found = outcome.kind;
      }
  }
  return found;
}

bool HasKind(const std::vector<PlannedEvent>& events, Kind kind) {
  return std::any_of(events.begin(), events.end(), [&](const PlannedEvent& event) { return event.kind == kind; });
}

}  // namespace

TEST_CASE("planner: a row that changes nothing records nothing", "[replicator][planner]") {
  CHECK(PlanRow(Item({}), Row({}, 5), Policy::kServerWins, kNewOp).empty());
}

TEST_CASE("planner: an item never seen becomes known, one deleted before comes back", "[replicator][planner]") {
  ItemFacts unseen;
  for (const ItemFacts& item : {unseen, Item({}, false)}) {
    const auto events = PlanRow(item, Row({}), Policy::kServerWins, kNewOp);
    REQUIRE(events.size() == 1);
    CHECK(events[0].kind == Kind::kRemoteCreated);
  }
}

TEST_CASE("planner: only the newest of several edits of a group can lose, the older gave way to it",
          "[replicator][planner]") {
  const auto item = Item({Edit(1, Kind::kLocalChanged, {{kName, false}}),
                          Edit(2, Kind::kLocalChanged, {{kName, false}, {kCompany, false}})});
  const auto events = PlanRow(item, Row({kName}), Policy::kServerWins, kNewOp);
  CHECK(OutcomeOf(events, Op(1), kName) == OutcomeKind::kSuperseded);
  CHECK(OutcomeOf(events, Op(2), kName) == OutcomeKind::kLoser);
  CHECK(!OutcomeOf(events, Op(2), kCompany));
  CHECK(events.front().kind == Kind::kRemoteChanged);
}

TEST_CASE("planner: our own change read back is acknowledged, a later edit of the group stays",
          "[replicator][planner]") {
  const auto item =
      Item({Edit(1, Kind::kLocalChanged, {{kName, true}}, true), Edit(2, Kind::kLocalChanged, {{kName, false}})});
  const auto events = PlanRow(item, Row({kName}), Policy::kServerWins, kNewOp);
  CHECK(OutcomeOf(events, Op(1), kName) == OutcomeKind::kAcknowledged);
  CHECK(!OutcomeOf(events, Op(2), kName));
}

TEST_CASE("planner: what a create under way states and the row has not was cleared by somebody",
          "[replicator][planner]") {
  const auto unknown = [](bool in_flight) {
    return Item({Edit(1, Kind::kLocalCreated, {{kExistence, false}, {kName, false}, {kCompany, true}}, in_flight),
                 Edit(2, Kind::kLocalChanged, {{kCategories, false}})},
                false);
  };
  const auto events = PlanRow(unknown(true), Row({kCompany}), Policy::kServerWins, kNewOp);
  CHECK(OutcomeOf(events, Op(1), kName) == OutcomeKind::kLoser);
  CHECK(OutcomeOf(events, Op(1), kCompany) == OutcomeKind::kAcknowledged);
  CHECK(!OutcomeOf(events, Op(2), kCategories));
  // One that was never sent states nothing there.
  CHECK(!OutcomeOf(PlanRow(unknown(false), Row({}), Policy::kServerWins, kNewOp), Op(1), kName));
}

TEST_CASE("planner: both sides came to the same value: merged, nobody loses", "[replicator][planner]") {
  const auto events =
      PlanRow(Item({Edit(1, Kind::kLocalChanged, {{kName, true}})}), Row({kName}), Policy::kServerWins, kNewOp);
  CHECK(OutcomeOf(events, Op(1), kName) == OutcomeKind::kMerged);
}

TEST_CASE("planner: client-wins keeps the edit and notes what it overruled", "[replicator][planner]") {
  const auto events =
      PlanRow(Item({Edit(1, Kind::kLocalChanged, {{kName, false}})}), Row({kName}), Policy::kClientWins, kNewOp);
  CHECK(!OutcomeOf(events, Op(1), kName));
  CHECK(HasKind(events, Kind::kOverruled));
}

TEST_CASE("planner: under client-wins a group wins whole, one edit more where the row goes beyond those made here",
          "[replicator][planner]") {
  const auto item = Item({Edit(1, Kind::kLocalChanged, {{kName, false}, {kCompany, false}})});
  auto row = Row({kName, kCompany});
  row.beyond_edits = {kName};
  const auto events = PlanRow(item, row, Policy::kClientWins, kNewOp);
  std::vector<GroupId> whole;
  for (const auto& event : events)
    if (event.kind == Kind::kLocalChanged) {
      CHECK((event.fields == PlannedEvent::Fields::kHeadGroup));
      whole.push_back(event.of_group);
    }
  CHECK(whole == std::vector<GroupId>{kName});
  for (const auto& event : PlanRow(item, row, Policy::kServerWins, kNewOp)) CHECK(event.kind != Kind::kLocalChanged);
}

TEST_CASE("planner: sets join; what joining added is sent as an edit of its own", "[replicator][planner]") {
  const auto item = Item({Edit(1, Kind::kLocalChanged, {{kCategories, false}})});
  auto row = Row({kCategories});
  auto events = PlanRow(item, row, Policy::kServerWins, kNewOp);
  CHECK(OutcomeOf(events, Op(1), kCategories) == OutcomeKind::kMerged);
  CHECK(HasKind(events, Kind::kLocalChanged));
  row.merges_to_row = {kCategories};
  events = PlanRow(item, row, Policy::kServerWins, kNewOp);
  CHECK(!HasKind(events, Kind::kLocalChanged));
}

TEST_CASE("planner: a deletion here loses against a change there", "[replicator][planner]") {
  const auto item = Item({Edit(1, Kind::kLocalDeleted, {{kExistence, false}})});
  CHECK(OutcomeOf(PlanRow(item, Row({kName}), Policy::kServerWins, kNewOp), Op(1), kExistence) == OutcomeKind::kLoser);
  CHECK(!OutcomeOf(PlanRow(item, Row({}), Policy::kServerWins, kNewOp), Op(1), kExistence));
}

TEST_CASE("planner: deleted there, changed here: the edit is kept as loser, or the item is made again",
          "[replicator][planner]") {
  const auto item =
      Item({Edit(1, Kind::kLocalChanged, {{kName, false}}), Edit(2, Kind::kLocalChanged, {{kName, false}})});
  const auto server = PlanGone(item, Policy::kServerWins, kNewOp);
  CHECK(server.front().kind == Kind::kRemoteDeleted);
  CHECK(OutcomeOf(server, Op(1), kName) == OutcomeKind::kSuperseded);
  CHECK(OutcomeOf(server, Op(2), kName) == OutcomeKind::kLoser);
  const auto client = PlanGone(item, Policy::kClientWins, kNewOp);
  CHECK(HasKind(client, Kind::kLocalCreated));
  CHECK(OutcomeOf(client, Op(2), kName) == OutcomeKind::kSuperseded);
}

TEST_CASE("planner: deleted there, and what was changed here is parked: under client-wins the item is made again",
          "[replicator][planner]") {
  auto item = Item({});
  item.parked = true;
  const auto server = PlanGone(item, Policy::kServerWins, kNewOp);
  CHECK(server.size() == 1);  // Reduce keeps the loser
  CHECK(server.front().kind == Kind::kRemoteDeleted);
  const auto client = PlanGone(item, Policy::kClientWins, kNewOp);
  for (const Kind kind : {Kind::kLocalCreated, Kind::kOverruled, Kind::kLocalChanged, Kind::kConflictSettled})
    CHECK(HasKind(client, kind));
}

TEST_CASE("planner: deleted on both sides is agreed", "[replicator][planner]") {
  const auto item =
      Item({Edit(1, Kind::kLocalChanged, {{kName, false}}), Edit(2, Kind::kLocalDeleted, {{kExistence, false}})});
  const auto events = PlanGone(item, Policy::kServerWins, kNewOp);
  CHECK(OutcomeOf(events, Op(2), kExistence) == OutcomeKind::kMerged);
  CHECK(OutcomeOf(events, Op(1), kName) == OutcomeKind::kSuperseded);
}

TEST_CASE("planner: a create and its edits go out as one create", "[replicator][planner]") {
  const auto item = Item({Edit(1, Kind::kLocalCreated, {{kExistence, false}, {kName, false}, {kCompany, false}}),
                          Edit(2, Kind::kLocalChanged, {{kName, false}})},
                         false);
  const auto plan = PlanEntry(item);
  REQUIRE(plan.entry);
  CHECK(plan.entry->verb == Verb::kCreate);
  CHECK(plan.entry->intents == std::vector<Sequence>{1, 2});
  CHECK(OutcomeOf(plan.outcomes, Op(1), kName) == OutcomeKind::kSuperseded);
}

TEST_CASE("planner: made and deleted before it was sent: nothing goes out, everything has its outcome",
          "[replicator][planner]") {
  const auto item = Item({Edit(1, Kind::kLocalCreated, {{kExistence, false}, {kName, false}}),
                          Edit(2, Kind::kLocalDeleted, {{kExistence, false}})},
                         false);
  const auto plan = PlanEntry(item);
  CHECK(!plan.entry);
  CHECK(OutcomeOf(plan.outcomes, Op(1), kExistence) == OutcomeKind::kSuperseded);
  CHECK(OutcomeOf(plan.outcomes, Op(1), kName) == OutcomeKind::kSuperseded);
  CHECK(OutcomeOf(plan.outcomes, Op(2), kExistence) == OutcomeKind::kMerged);
}

TEST_CASE("planner: a refusal parks the groups it names, and all when it names none", "[replicator][planner]") {
  const auto item = Item({Edit(1, Kind::kLocalChanged, {{kName, false}, {kCompany, false}})});
  const auto entry = *PlanEntry(item).entry;
  Answer answer;
  answer.status = AnswerStatus::kRefused;
  answer.code = "X-1";
  answer.problems = {{106, 600, 512}};
  const auto named = PlanAnswer(item, entry, {}, answer);
  CHECK(OutcomeOf(named.events, Op(1), kCompany) == OutcomeKind::kParked);
  CHECK(!OutcomeOf(named.events, Op(1), kName));
  REQUIRE(named.events[0].outcomes.refusals.size() == 1);
  CHECK(named.events[0].outcomes.refusals[0].limit == 512);
  answer.problems.clear();
  const auto all = PlanAnswer(item, entry, {}, answer);
  CHECK(OutcomeOf(all.events, Op(1), kCompany) == OutcomeKind::kParked);
  CHECK(OutcomeOf(all.events, Op(1), kName) == OutcomeKind::kParked);
}

TEST_CASE("planner: a create that is parked before it was sent parks the newest value of each group only",
          "[replicator][planner]") {
  const auto item =
      Item({Edit(1, Kind::kLocalCreated, {{kExistence, false}, {kName, false}, {kCompany, false}}),
            Edit(2, Kind::kLocalChanged, {{kName, false}}), Edit(3, Kind::kLocalChanged, {{kName, false}})},
           false);
  const auto entry = *PlanEntry(item).entry;
  const auto events = PlanParkUnsent(item, entry, {}, "X-1");
  CHECK(OutcomeOf(events, Op(1), kExistence) == OutcomeKind::kParked);
  CHECK(OutcomeOf(events, Op(1), kCompany) == OutcomeKind::kParked);
  CHECK(OutcomeOf(events, Op(1), kName) == OutcomeKind::kSuperseded);
  CHECK(OutcomeOf(events, Op(2), kName) == OutcomeKind::kSuperseded);  // the entry does not carry it
  CHECK(OutcomeOf(events, Op(3), kName) == OutcomeKind::kParked);
}

TEST_CASE("planner: changed meanwhile and try later leave everything pending", "[replicator][planner]") {
  const auto item = Item({Edit(1, Kind::kLocalChanged, {{kName, false}})});
  const auto entry = *PlanEntry(item).entry;
  for (const AnswerStatus status : {AnswerStatus::kChangedMeanwhile, AnswerStatus::kTryLater}) {
    Answer answer;
    answer.status = status;
    CHECK(PlanAnswer(item, entry, {}, answer).events.empty());
  }
}

TEST_CASE("planner: the same inputs give the same plan", "[replicator][planner]") {
  const auto item = Item({Edit(1, Kind::kLocalChanged, {{kName, false}, {kCompany, true}})});
  const auto once = PlanRow(item, Row({kName, kCompany}), Policy::kServerWins, kNewOp);
  const auto twice = PlanRow(item, Row({kName, kCompany}), Policy::kServerWins, kNewOp);
  REQUIRE(once.size() == twice.size());
  for (std::size_t i = 0; i < once.size(); ++i) {
    CHECK(once[i].kind == twice[i].kind);
    CHECK(Encode(once[i].outcomes) == Encode(twice[i].outcomes));
  }
}

TEST_CASE("inferred deletions ask beyond fifty, beyond a fifth of a folder of fifty, and for an empty listing",
          "[replicator][planner]") {
  CHECK(!InferredDeletionsNeedConsent(0, 100, false));
  CHECK(!InferredDeletionsNeedConsent(20, 100, false));
  CHECK(InferredDeletionsNeedConsent(21, 100, false));
  CHECK(!InferredDeletionsNeedConsent(50, 1000, false));
  CHECK(InferredDeletionsNeedConsent(51, 1000, false));
  CHECK(!InferredDeletionsNeedConsent(10, 49, false));
  CHECK(!InferredDeletionsNeedConsent(10, 50, false));
  CHECK(InferredDeletionsNeedConsent(11, 50, false));
  CHECK(InferredDeletionsNeedConsent(1, 1, true));
}

TEST_CASE("planner: a folder's deletion waits for what is in it, and loses against what its person never saw",
          "[replicator][planner]") {
  ItemFacts folder = Item({Edit(7, Kind::kLocalDeleted, {{kExistence, false}})});
  folder.type = ItemType::kFolder;
  BatchEntry entry;
  entry.verb = Verb::kDelete;
  entry.intents = {7};
  entry.groups = {kExistence};
  for (const Policy policy : {Policy::kServerWins, Policy::kClientWins}) {
    const auto waits = PlanFolderDeletion(folder, entry, {true, false, 9}, policy);
    CHECK_FALSE(waits.send);
    CHECK(waits.events.empty());
    const auto goes = PlanFolderDeletion(folder, entry, {false, false, 6}, policy);  // told before he deleted it
    CHECK(goes.send);
    CHECK(goes.events.empty());
    const auto inside = PlanFolderDeletion(folder, entry, {false, true, 0}, policy);
    CHECK_FALSE(inside.send);
    CHECK(OutcomeOf(inside.events, Op(7), kExistence) == OutcomeKind::kParked);
  }
  const auto loses = PlanFolderDeletion(folder, entry, {false, false, 9}, Policy::kServerWins);
  CHECK_FALSE(loses.send);
  CHECK(OutcomeOf(loses.events, Op(7), kExistence) == OutcomeKind::kLoser);
  CHECK(loses.events.front().outcomes.rival == 9);
  const auto wins = PlanFolderDeletion(folder, entry, {false, false, 9}, Policy::kClientWins);
  CHECK(wins.send);
  REQUIRE(wins.events.size() == 1);
  CHECK(wins.events.front().kind == Kind::kOverruled);
  CHECK(wins.events.front().outcomes.rival == 9);
}

TEST_CASE("planner: what the server says of a folder's rights is no word against its deletion",
          "[replicator][planner]") {
  ItemFacts folder = Item({Edit(7, Kind::kLocalDeleted, {{kExistence, false}})});
  CHECK(OutcomeOf(PlanRow(folder, Row({0}), Policy::kServerWins, kNewOp), Op(7), kExistence) == OutcomeKind::kLoser);
  folder.type = ItemType::kFolder;
  CHECK_FALSE(OutcomeOf(PlanRow(folder, Row({0}), Policy::kServerWins, kNewOp), Op(7), kExistence));
}
