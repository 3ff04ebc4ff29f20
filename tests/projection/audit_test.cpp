#include "projection/audit.h"

#include <catch2/catch.hpp>

#include "projection/account.h"
#include "projection/tables.h"
#include "tests/projection/memory_account.h"

using namespace outpost;
using namespace outpost::test;

namespace {

// A small life: a create and an edit decided, an edit parked, an edit lost to a conflict, two edits pending.
struct Life {
  MemoryAccount account;
  GroupId name = GroupOf(ItemType::kContact, "name");
  GroupId folder = GroupOf(ItemType::kContact, "folder");
  GroupId note = GroupOf(ItemType::kContact, "note");
  FieldId note_field = FieldOf(ItemType::kContact, "note");
  Sequence create = 0, create_outcome = 0, edit = 0, edit_outcome = 0, pending = 0, deletion = 0;

  FieldMap Note(const char* text) const { return {{note_field, std::string(text)}}; }

  Life() {
    account.Folder("f", "Contacts");
    create = account.LocalNew(ItemType::kContact, "a", account.Contact("Ada", "f"));
    edit = account.LocalSet("a", Note("1"));
    create_outcome = account.Outcome(create, OutcomeKind::kAcknowledged, {kExistence, name, folder});
    edit_outcome = account.Outcome(edit, OutcomeKind::kAcknowledged, {note});
    account.RemoteNew(ItemType::kContact, "b", account.Contact("Bob", "f"));
    const Sequence parked = account.LocalSet("b", Note("too long"));
    account.Outcome(parked, OutcomeKind::kParked, {note}, {note, note_field, 9000, 5680, "CON-0173", ""});
    const Sequence lost = account.LocalSet("a", Note("mine"));
    account.RemoteSet("a", Note("theirs"));
    account.Outcome(lost, OutcomeKind::kLoser, {note});
    pending = account.LocalSet("a", Note("2"));
    deletion = account.LocalDelete("b");
    account.LocalSet("a", {{FieldOf(ItemType::kContact, "subject"), std::string("stays here")}});
  }

  AuditReport Report() const { return Audit(account).value(); }
};

// The events of an account up to one of them.
class Until final : public JournalView {
 public:
  Until(const MemoryAccount& account, Sequence last) : account_(account), last_(last) {}
  Sequence first() const override { return last_ == 0 ? 0 : account_.first(); }
  Sequence last() const override { return last_; }
  std::vector<GapSpan> gaps() const override { return {}; }
  Result<Event> Read(Sequence seq) const override { return account_.Read(seq); }
  Result<void> Scan(Sequence from, Sequence to, const EventFn& visit) const override {
    return account_.Scan(from, to, visit);
  }
  Result<std::optional<std::string>> Get(Table, std::string_view) const override {
    return std::optional<std::string>{};
  }
  Result<void> Scan(Table, std::string_view, std::string_view, const RowFn&) const override { return Ok(); }

 private:
  const MemoryAccount& account_;
  const Sequence last_;
};

}  // namespace

TEST_CASE_METHOD(Life, "audit: every pair of a sound account is pending or decided once", "[audit]") {
  const AuditReport report = Report();
  CHECK(report.sound());
  CHECK(report.findings.empty());
  CHECK(report.edits == 6);
  CHECK(report.pairs == 8);
  CHECK(report.pending == 2);
  CHECK(report.pending_edits == 2);
  CHECK(report.outcomes.at(OutcomeKind::kAcknowledged) == 4);
  CHECK(report.outcomes.at(OutcomeKind::kParked) == 1);
  CHECK(report.outcomes.at(OutcomeKind::kLoser) == 1);
  CHECK(report.outcomes.at(OutcomeKind::kMerged) == 0);
  CHECK(report.losers_listed == 1);
  CHECK(report.parked_listed == 1);
  CHECK(report.edits_without_outcome == 0);
}

TEST_CASE_METHOD(Life, "audit: the sums kept with the rows come to the same", "[audit]") {
  const AuditReport report = Report();
  CHECK(ReadTotal(account, total::kEdits).value() == report.edits);
  CHECK(ReadTotal(account, total::kPairs).value() == report.pairs);
  for (const auto& [kind, count] : report.outcomes)
    CHECK(ReadTotal(account, std::string(total::kOutcomes) + OutcomeName(kind)).value() == count);
}

TEST_CASE_METHOD(Life, "audit: an outcome that was dropped leaves its edit without one", "[audit]") {
  account.RemoveEvent(edit_outcome);
  const AuditReport report = Report();
  CHECK_FALSE(report.sound());
  CHECK(report.edits_without_outcome == 1);
  REQUIRE(report.findings.size() == 1);
  CHECK(report.findings[0].what == AuditFinding::What::kLost);
  CHECK(report.findings[0].seq == edit);
  CHECK(report.findings[0].item == account.Id("a"));
  CHECK(report.findings[0].group == note);
}

TEST_CASE_METHOD(Life, "audit: an edit counts once however many of its pairs were lost", "[audit]") {
  account.RemoveEvent(create_outcome);
  const AuditReport report = Report();
  CHECK(report.edits_without_outcome == 1);
  CHECK(report.findings.size() == 3);
}

TEST_CASE_METHOD(Life, "audit: a pending edit that fell out of its item row is found", "[audit]") {
  ItemState item = LoadItem(account, account.Id("a")).value().value();
  item.pending.clear();
  account.state.Put(kItemsTable, item.id.View(), EncodeItem(item));
  const AuditReport report = Report();
  CHECK(report.edits_without_outcome == 1);
  CHECK(report.pending == 1);
  REQUIRE(report.findings.size() == 1);
  CHECK(report.findings[0].seq == pending);
}

TEST_CASE_METHOD(Life, "audit: an item row that is gone is found by its edit", "[audit]") {
  account.state.Delete(kItemsTable, account.Id("b").View());
  const AuditReport report = Report();
  CHECK(report.edits_without_outcome == 1);
  CHECK(report.findings.at(0).seq == deletion);
}

TEST_CASE_METHOD(Life, "audit: an outcome told twice is found", "[audit]") {
  account.RepeatEvent(edit_outcome);
  const AuditReport report = Report();
  CHECK_FALSE(report.sound());
  CHECK(report.edits_without_outcome == 0);
  CHECK(report.twice_decided == 1);
  CHECK(report.stray_outcomes == 0);
  CHECK(report.findings.at(0).what == AuditFinding::What::kTwice);
  CHECK(report.findings.at(0).seq == edit);
}

TEST_CASE_METHOD(Life, "audit: a group decided twice within one outcome is found", "[audit]") {
  account.Outcome(pending, OutcomeKind::kMerged, {note, note});
  CHECK(Report().twice_decided == 1);
}

TEST_CASE_METHOD(Life, "audit: an outcome of an edit that is not there is stray", "[audit]") {
  account.RemoveEvent(edit);
  const AuditReport report = Report();
  CHECK_FALSE(report.sound());
  CHECK(report.stray_outcomes == 1);
  CHECK(report.findings.at(0).seq == edit_outcome);
}

TEST_CASE_METHOD(Life, "audit: an outcome of a group its edit did not touch is stray", "[audit]") {
  account.Outcome(pending, OutcomeKind::kAcknowledged, {name});
  CHECK(Report().stray_outcomes == 1);
}

TEST_CASE_METHOD(Life, "audit: a decided pair that is still stored as pending is found", "[audit]") {
  ItemState item = LoadItem(account, account.Id("a")).value().value();
  item.pending.push_back({edit, account.Read(edit).value().header.op, Kind::kLocalChanged, {note}, Note("1")});
  account.state.Put(kItemsTable, item.id.View(), EncodeItem(item));
  const AuditReport report = Report();
  CHECK_FALSE(report.sound());
  CHECK(report.still_pending == 1);
  CHECK(report.edits_without_outcome == 0);
}

TEST_CASE_METHOD(Life, "audit: a loser that is listed nowhere is found", "[audit]") {
  ItemState item = LoadItem(account, account.Id("a")).value().value();
  item.losers.clear();
  account.state.Put(kItemsTable, item.id.View(), EncodeItem(item));
  CHECK_FALSE(Report().sound());
}

TEST_CASE_METHOD(Life, "audit: what cannot be read is an error, not a clean bill", "[audit]") {
  SECTION("an event") { account.events.at(edit).body = "junk"; }
  SECTION("a row") { account.state.Put(kItemsTable, account.Id("a").View(), "junk"); }
  CHECK(Audit(account).error().code == Code::kCorrupt);
}

TEST_CASE_METHOD(Life, "audit: gone on from any event it comes to what reading all events does", "[audit]") {
  const auto damage = GENERATE(0, 1, 2);
  if (damage == 1) account.RepeatEvent(edit_outcome);
  if (damage == 2) account.Outcome(pending, OutcomeKind::kAcknowledged, {name});
  const std::vector<ItemId> queued{account.Id("a"), account.Id("b")};
  for (Sequence until = 0; until <= account.last(); ++until) {
    AuditTrail trail;
    REQUIRE(trail.Follow(Until(account, until)));
    CHECK(trail.at == until);
    REQUIRE(trail.Follow(account));
    CHECK(trail.at == account.last());
    CHECK(CompareAll(account, trail).value() == Report());
    CHECK(CompareWaiting(account, trail, queued).value() == Report());
  }
}

TEST_CASE_METHOD(Life, "audit: where its event is another one, it reads all events anew", "[audit]") {
  AuditTrail trail;
  REQUIRE(trail.Follow(account));
  Life other;  // of the same shape, with other ids
  REQUIRE(trail.Follow(other.account));
  CHECK(CompareAll(other.account, trail).value() == other.Report());
}

TEST_CASE_METHOD(Life, "audit: a pending edit that no list names is found by its event", "[audit]") {
  ItemState item = LoadItem(account, account.Id("a")).value().value();
  item.pending.clear();
  account.state.Put(kItemsTable, item.id.View(), EncodeItem(item));
  AuditTrail trail;
  REQUIRE(trail.Follow(account));
  CHECK(CompareWaiting(account, trail, {}).value().edits_without_outcome == 1);
}

TEST_CASE("audit: an empty account is sound", "[audit]") {
  const MemoryAccount account;
  const AuditReport report = Audit(account).value();
  CHECK(report.sound());
  CHECK(report.edits == 0);
}
