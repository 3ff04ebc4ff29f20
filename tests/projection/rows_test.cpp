#include "projection/rows.h"

#include <catch2/catch.hpp>

#include "projection/account.h"
#include "projection/folder_rows.h"
#include "projection/tables.h"
#include "tests/projection/memory_account.h"

using namespace outpost;
using namespace outpost::test;

namespace {

std::uint64_t Total(const MemoryAccount& account, std::string_view name) { return ReadTotal(account, name).value(); }

int WritesBut(const MemoryState& state, std::initializer_list<Table> expected) {
  int writes = 0;
  for (const auto& [table, count] : state.writes)
    if (std::find(expected.begin(), expected.end(), table) == expected.end()) writes += count;
  return writes;
}

struct Fixture {
  MemoryAccount account;
  GroupId name = GroupOf(ItemType::kContact, "name");
  GroupId note = GroupOf(ItemType::kContact, "note");
  FieldId note_field = FieldOf(ItemType::kContact, "note");
  Fixture() { account.Folder("f", "Contacts"); }
};

}  // namespace

TEST_CASE_METHOD(Fixture,
                 "rows: an edit that keeps folder, label and visibility writes its item, the time and sums only",
                 "[projection]") {
  account.RemoteNew(ItemType::kContact, "a", account.Contact("Ada", "f"));
  account.LocalSet("a", {{note_field, std::string("x")}});
  CHECK(WritesBut(account.state, {kItemsTable, kFolderNewestTable, kTotalsTable}) == 0);
  account.RemoteSet("a", {{note_field, std::string("y")}});
  CHECK(WritesBut(account.state, {kItemsTable, kFolderNewestTable}) == 0);
}

TEST_CASE_METHOD(Fixture, "rows: a change of letter case keeps its place in the folder", "[projection]") {
  account.RemoteNew(ItemType::kContact, "a", account.Contact("ada", "f"));
  account.RemoteSet("a", {{field::kContactDisplayName, std::string("ADA")}});
  CHECK(WritesBut(account.state, {kItemsTable, kFolderNewestTable}) == 0);
}

TEST_CASE_METHOD(Fixture, "rows: a new contact of the first sync is its item, its place and sums", "[projection]") {
  account.RemoteNew(ItemType::kContact, "a", account.Contact("Ada", "f"));
  CHECK(account.state.writes[kItemsTable] == 1);
  CHECK(account.state.writes[kFolderItemsTable] == 1);
  CHECK(WritesBut(account.state,
                  {kItemsTable, kFolderItemsTable, kFolderCountsTable, kFolderNewestTable, kTotalsTable}) == 0);
}

TEST_CASE_METHOD(Fixture, "rows: counts follow creation, move, deletion and undone deletion", "[projection]") {
  account.Folder("g", "Friends");
  const auto count = [&](const char* folder) {
    const auto row = account.Get(kFolderCountsTable, account.Id(folder).View()).value();
    return row ? ReadBe64(*row) : 0;
  };
  account.RemoteNew(ItemType::kContact, "a", account.Contact("Ada", "f"));
  account.LocalNew(ItemType::kContact, "b", account.Contact("Bob", "f"));
  CHECK(count("f") == 2);
  CHECK(Total(account, "items.contact") == 2);
  account.LocalSet("a", {{field::kContactFolder, account.Id("g")}});
  CHECK(count("f") == 1);
  CHECK(count("g") == 1);
  const Sequence deletion = account.LocalDelete("a");
  CHECK(count("g") == 0);
  CHECK_FALSE(account.Get(kFolderCountsTable, account.Id("g").View()).value());
  CHECK(Total(account, "items.contact") == 1);
  account.Outcome(deletion, OutcomeKind::kLoser, {kExistence});
  CHECK(count("g") == 1);
  account.RemoteDelete("a");
  CHECK(count("g") == 0);
  CHECK(Total(account, "items.contact") == 1);
  CHECK(Total(account, "items.folder") == 2);
}

TEST_CASE_METHOD(Fixture, "rows: an item without a folder is kept under the zero id", "[projection]") {
  account.LocalNew(ItemType::kContact, "a", {{field::kContactDisplayName, std::string("Ada")}});
  CHECK(account.Get(kFolderItemsTable, FolderItemKey({}, "ada", account.Id("a"))).value());
}

TEST_CASE_METHOD(Fixture, "rows: sums count edits, pairs and each pair's first outcome", "[projection]") {
  const Sequence create = account.LocalNew(ItemType::kContact, "a", account.Contact("Ada", "f"));
  const Sequence edit = account.LocalSet("a", {{note_field, std::string("x")}});
  account.LocalSet("a", {{FieldOf(ItemType::kContact, "subject"), std::string("stays here")}});
  CHECK(Total(account, total::kEdits) == 2);
  CHECK(Total(account, total::kPairs) == 4);  // existence, name, folder; note
  account.Outcome(create, OutcomeKind::kAcknowledged, {kExistence, name});
  account.Outcome(edit, OutcomeKind::kParked, {note, note});
  account.Outcome(edit, OutcomeKind::kAcknowledged, {note});
  CHECK(Total(account, "outcomes.acknowledged") == 2);
  CHECK(Total(account, "outcomes.parked") == 1);
  CHECK(Total(account, "outcomes.loser") == 0);
}

TEST_CASE_METHOD(Fixture, "rows: attention lists exactly the items with losers or parked groups", "[projection]") {
  account.RemoteNew(ItemType::kContact, "a", account.Contact("Ada", "f"));
  const Sequence edit = account.LocalSet("a", {{note_field, std::string("x")}});
  const auto has = [&](char what) {
    return account.Get(kAttentionTable, AttentionKey(what, account.Id("a"))).value().has_value();
  };
  CHECK_FALSE(has(kAttentionParked));
  account.Outcome(edit, OutcomeKind::kParked, {note}, {note, note_field, 9000, 5680, "CON-0173", ""});
  CHECK(has(kAttentionParked));
  const Sequence shorter = account.LocalSet("a", {{note_field, std::string("s")}});
  CHECK_FALSE(has(kAttentionParked));
  account.Outcome(shorter, OutcomeKind::kLoser, {note});
  CHECK(has(kAttentionConflict));
}

TEST_CASE_METHOD(Fixture, "rows: overruled groups count and list the server's loss", "[projection]") {
  account.RemoteNew(ItemType::kContact, "a", account.Contact("Ada", "f"));
  const Sequence edit = account.LocalSet("a", {{note_field, std::string("x")}});
  account.RemoteSet("a", {{note_field, std::string("y")}});
  account.Overruled(edit, {note});
  CHECK(Total(account, total::kOverruled) == 1);
  CHECK(account.Get(kAttentionTable, AttentionKey(kAttentionConflict, account.Id("a"))).value());
}

TEST_CASE_METHOD(Fixture, "rows: a folder counts its unread mails and their bytes, as a person sees them here",
                 "[projection]") {
  account.Folder("in", "INBOX", "", 1, "mail");
  account.Folder("old", "Old", "", 1, "mail");
  const auto mail = [&](const char* folder, std::int64_t size, bool seen) {
    return FieldMap{{field::kMailFolder, account.Id(folder)}, {field::kMailSize, size}, {field::kMailSeen, seen}};
  };
  const auto counts = [&](const char* folder) { return ReadFolderCounts(account, account.Id(folder)).value(); };
  account.RemoteNew(ItemType::kMail, "a", mail("in", 1'000, false));
  account.RemoteNew(ItemType::kMail, "b", mail("in", 30, true));
  account.RemoteNew(ItemType::kMail, "c", mail("in", -5, false));  // a server may say anything
  CHECK(counts("in") == FolderCounts{3, 2, 1'030});
  const Sequence read = account.LocalSet("a", {{field::kMailSeen, true}});
  CHECK(counts("in") == FolderCounts{3, 1, 1'030});
  account.Outcome(read, OutcomeKind::kLoser, {GroupOf(ItemType::kMail, "seen")});
  CHECK(counts("in") == FolderCounts{3, 2, 1'030});
  account.LocalSet("a", {{field::kMailFolder, account.Id("old")}});
  CHECK(counts("in") == FolderCounts{2, 1, 30});
  CHECK(counts("old") == FolderCounts{1, 1, 1'000});
  account.RemoteDelete("b");
  account.LocalDelete("c");
  CHECK(counts("in") == FolderCounts{});
}

TEST_CASE_METHOD(Fixture, "rows: a folder knows when something of it changed last, what left it included",
                 "[projection]") {
  account.Folder("g", "Friends");
  const auto newest = [&](const char* folder) { return ReadFolderChange(account, account.Id(folder)).value().seq; };
  CHECK(newest("f") == 0);
  const Sequence made = account.RemoteNew(ItemType::kContact, "a", account.Contact("Ada", "f"));
  CHECK(newest("f") == made);
  CHECK(ReadFolderChange(account, account.Id("f")).value().time == account.events.at(made).header.time);
  const Sequence edit = account.LocalSet("a", {{note_field, std::string("x")}});
  account.Outcome(edit, OutcomeKind::kAcknowledged, {note});
  CHECK(newest("f") == edit);  // that the server has it changes nothing to see
  const Sequence moved = account.RemoteSet("a", {{field::kContactFolder, account.Id("g")}});
  CHECK(newest("f") == moved);
  CHECK(newest("g") == moved);
  const Sequence gone = account.LocalDelete("a");
  CHECK(newest("f") == moved);
  CHECK(newest("g") == gone);
}

TEST_CASE_METHOD(Fixture, "rows: the same events give the same rows", "[projection]") {
  account.RemoteNew(ItemType::kContact, "a", account.Contact("Ada", "f"));
  account.LocalNew(ItemType::kContact, "b", account.Contact("Bob", "f"));
  account.LocalDelete("a");
  account.AccountWide(Kind::kAccountSet, Encode(SettingsBody{{{"policy", "client-wins"}}}));
  MemoryState again;
  AccountFolds folds{{}};
  for (const auto& [seq, event] : account.events) REQUIRE(folds.items.Apply(event, again));
  CHECK(again.rows == account.state.rows);
}

TEST_CASE_METHOD(Fixture, "rows: a damaged count fails the fold instead of counting on", "[projection]") {
  account.state.Put(kFolderCountsTable, account.Id("f").View(), "short");
  CHECK_THROWS(account.RemoteNew(ItemType::kContact, "a", account.Contact("Ada", "f")));
}

TEST_CASE("folds: rows of others are hosted behind the projection's", "[projection]") {
  struct Other final : ItemRows {
    Table table{0x20};
    std::span<const Table> tables() const override { return {&table, 1}; }
    Result<void> Rows(const ItemState*, const ItemState&, const Event&, StateWriter&) override { return Ok(); }
    Result<void> AccountRows(const Event&, StateWriter& state) override {
      state.Put(table, "k", "v");
      return Ok();
    }
  } other;
  AccountFolds folds({&other});
  MemoryState state;
  Event event;
  event.seq = 1;
  event.header.kind = Kind::kBatchOpened;
  event.body = Encode(BatchOpenedBody{});
  REQUIRE(folds.all().size() == 1);
  REQUIRE(folds.all()[0]->Apply(event, state));
  CHECK(state.Get(other.table, "k").value() == "v");
  CHECK(folds.items.tables().size() == 1 + 7 + 1);
  CHECK(folds.items.version() == kAccountFoldsVersion);
}
