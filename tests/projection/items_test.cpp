#include "projection/items.h"

#include <catch2/catch.hpp>

#include "projection/tables.h"
#include "tests/projection/memory_account.h"

using namespace outpost;
using namespace outpost::test;

namespace {

std::vector<std::string> Labels(const MemoryAccount& account, const std::string& folder) {
  std::vector<std::string> labels;
  REQUIRE(ForEachItem(account, account.Id(folder), [&](const ItemState& item) {
    const Value label = item.HeadValue(field::kContactDisplayName);
    labels.push_back(std::holds_alternative<std::string>(label) ? std::get<std::string>(label) : "");
    return true;
  }));
  return labels;
}

}  // namespace

TEST_CASE("items: in the order of their labels, those without one last", "[items]") {
  MemoryAccount account;
  account.Folder("f", "Contacts");
  account.Folder("g", "Others");
  for (const char* label : {"zoë", "", "Ab", "abc", "Öçal", "山田", "ab!"})
    account.RemoteNew(ItemType::kContact, label, account.Contact(label, "f"));
  account.RemoteNew(ItemType::kContact, "elsewhere", account.Contact("Elsewhere", "g"));
  CHECK(Labels(account, "f") == std::vector<std::string>{"Ab", "ab!", "abc", "Öçal", "zoë", "山田", ""});
}

TEST_CASE("items: a renamed one moves, one deleted here is gone, equal labels stay apart", "[items]") {
  MemoryAccount account;
  account.Folder("f", "Contacts");
  for (const char* name : {"a", "b", "c", "d"}) account.RemoteNew(ItemType::kContact, name, account.Contact(name, "f"));
  account.LocalSet("a", {{field::kContactDisplayName, std::string("z")}});
  account.LocalSet("b", {{field::kContactDisplayName, std::string("c")}});
  account.LocalDelete("d");
  CHECK(Labels(account, "f") == std::vector<std::string>{"c", "c", "z"});
}

TEST_CASE("items: a folder of several pages is walked once, and walking stops when told", "[items]") {
  MemoryAccount account;
  account.Folder("f", "Contacts");
  for (int i = 0; i < 1000; ++i)
    account.LocalNew(ItemType::kContact, std::to_string(i), account.Contact(std::to_string(i % 7), "f"));
  CHECK(Labels(account, "f").size() == 1000);
  int visited = 0;
  REQUIRE(ForEachItem(account, account.Id("f"), [&](const ItemState&) { return ++visited < 300; }));
  CHECK(visited == 300);
}

TEST_CASE("items: a page that ends exactly with the folder is the last", "[items]") {
  MemoryAccount account;
  account.Folder("f", "Contacts");
  for (int i = 0; i < 512; ++i) account.LocalNew(ItemType::kContact, std::to_string(i), account.Contact("same", "f"));
  CHECK(Labels(account, "f").size() == 512);
}

TEST_CASE("items: visible ones are counted by type", "[items]") {
  MemoryAccount account;
  account.Folder("f", "Contacts");
  account.RemoteNew(ItemType::kContact, "a", account.Contact("a", "f"));
  account.LocalNew(ItemType::kList, "l", account.Contact("l", "f"));
  account.LocalDelete("a");
  CHECK(CountVisible(account).value() ==
        std::map<ItemType, std::uint64_t>{{ItemType::kFolder, 1}, {ItemType::kList, 1}});
}

TEST_CASE("items: a listed item without a row is damage, named by its id", "[items]") {
  MemoryAccount account;
  account.Folder("f", "Contacts");
  account.RemoteNew(ItemType::kContact, "a", account.Contact("a", "f"));
  account.state.Delete(kItemsTable, account.Id("a").View());
  const Result<void> walked = ForEachItem(account, account.Id("f"), [](const ItemState&) { return true; });
  REQUIRE_FALSE(walked);
  CHECK(walked.error().code == Code::kCorrupt);
  CHECK(walked.error().context.find(account.Id("a").Hex()) != std::string::npos);
}

TEST_CASE("items: every loser and parked group is listed with what it needs to be re-applied", "[items]") {
  MemoryAccount account;
  account.Folder("f", "Contacts");
  const GroupId note = GroupOf(ItemType::kContact, "note");
  const FieldId note_field = FieldOf(ItemType::kContact, "note");
  account.RemoteNew(ItemType::kContact, "a", account.Contact("a", "f"));
  account.RemoteNew(ItemType::kContact, "b", account.Contact("b", "f"));
  const Sequence lost = account.LocalSet("a", {{note_field, std::string("mine")}});
  const Sequence rival = account.RemoteSet("a", {{note_field, std::string("theirs")}});
  account.Outcome(lost, OutcomeKind::kLoser, {note});
  const Sequence refused = account.LocalSet("b", {{note_field, std::string("too long")}});
  account.Outcome(refused, OutcomeKind::kParked, {note}, {note, note_field, 9000, 5680, "CON-0173", "too long"});

  const Attention attention = ItemsNeedingAttention(account).value();
  REQUIRE(attention.conflicts.size() == 1);
  CHECK(attention.conflicts[0].item == account.Id("a"));
  CHECK(attention.conflicts[0].loser.seq == lost);
  CHECK(attention.conflicts[0].loser.rival == rival);
  CHECK(attention.conflicts[0].loser.group == note);
  REQUIRE(attention.parked.size() == 1);
  CHECK(attention.parked[0].item == account.Id("b"));
  CHECK(attention.parked[0].parked.seq == refused);
  CHECK(attention.parked[0].parked.refusal.limit == 5680);
  CHECK(DecodeChange(account.Read(attention.conflicts[0].loser.seq).value().body).value().patch.at(note_field) ==
        Value(std::string("mine")));
}
