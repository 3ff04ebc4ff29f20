#include "projection/items.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <set>

#include "journal/item_fold.h"
#include "projection/address_book.h"
#include "projection/sort_key.h"
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

TEST_CASE("address book: whoever a person may mean by what he types, at every moment", "[items][address]") {
  const auto seed = GENERATE(range(1u, 16u));
  INFO("seed " << seed);
  SeededRandom random(seed);
  MemoryAccount account;
  account.Folder("f", "Contacts");
  account.Folder("g", "Others");
  const std::vector<std::string> parts{"An", "än", "ber", "O'Neil", "山田", "x", "an@b.example", "(zoë)"};
  const auto text = [&] {
    std::string made = parts[random.Below(parts.size())];
    while (random.Chance(1, 2)) made += (random.Chance(1, 3) ? "" : " ") + parts[random.Below(parts.size())];
    return made;
  };
  const auto name_fields = [&] {
    FieldMap fields;
    for (const char* name : {"display_name", "last_name", "email1", "email3"})
      if (random.Chance(1, 2))
        fields[FieldOf(ItemType::kContact, name)] = random.Chance(1, 5) ? Value{} : Value(text());
    return fields;
  };
  // All items gone through one by one: a word begins where no letter or digit is in front.
  const auto expected = [&](const std::string& typed) {
    std::set<ItemId> found;
    const std::string wanted = FoldText(typed);
    for (const auto& [key, row] : account.state.rows) {
      if (key.first != kItemsTable) continue;
      const ItemState item = DecodeItem(*ItemId::FromView(key.second), row).value();
      const bool entry =
          item.type == ItemType::kContact || item.type == ItemType::kList || item.type == ItemType::kPerson;
      if (!entry || !item.Visible()) continue;
      for (const auto& [id, value] : item.Head()) {
        const auto* held = std::get_if<std::string>(&value);
        const std::string_view name = FindField(id)->name;
        const bool address = name.starts_with("email") || name == "mail";
        if (held == nullptr || held->empty() || !(address || name.ends_with("_name"))) continue;
        const std::string folded = FoldText(*held);
        for (std::size_t at = folded.find(wanted); at != std::string::npos; at = folded.find(wanted, at + 1)) {
          const auto in_word = [&](char c) { return static_cast<signed char>(c) < 0 || std::isalnum(c) != 0; };
          const bool word = at < folded.size() && in_word(folded[at]) && (at == 0 || !in_word(folded[at - 1]));
          if (address ? at == 0 : word) found.insert(item.id);
        }
      }
    }
    return found;
  };
  auto book = AddressBook::Open(account.Snapshot());
  REQUIRE(book);
  std::vector<std::string> names;
  for (int round = 0; round < 12; ++round) {
    for (std::size_t steps = random.Below(8); steps > 0; --steps) {
      const std::string any = names.empty() ? "" : names[random.Below(names.size())];
      const auto what = random.Below(6);
      if (any.empty() || what < 3) {
        names.push_back(std::to_string(names.size()));
        FieldMap fields = name_fields();
        const ItemType type = what == 0 ? ItemType::kList : ItemType::kContact;
        fields[field::kContactFolder] = account.Id(random.Chance(1, 2) ? "f" : "g");
        account.RemoteNew(type, names.back(), std::move(fields));
      } else if (what == 3) {
        account.LocalDelete(any);
        std::erase(names, any);
      } else {
        account.LocalSet(any, name_fields());
      }
    }
    REQUIRE(book.value().Advance(account.Snapshot()));
    for (const char* typed : {"a", "AN", "an@b", "ber", "nei", "neil", "山", "zoe", "y"}) {
      INFO(typed);
      const auto found = book.value().Find(typed, 1'000);
      REQUIRE(found);
      std::set<ItemId> ids;
      for (const AddressEntry& entry : found.value()) CHECK(ids.insert(entry.item).second);
      REQUIRE(ids == expected(typed));
      CHECK(book.value().Find(typed, 2).value().size() == std::min<std::size_t>(2, ids.size()));
    }
    CHECK(book.value().Advance(account.Snapshot()).value().empty());
  }
}

TEST_CASE("items: what was deleted here or there is in the trash until it is there again; mails and folders are not",
          "[items]") {
  MemoryAccount account;
  account.Folder("f", "Contacts");
  account.Folder("g", "Mails");
  const auto trash = [&] {
    std::vector<ItemId> ids;
    REQUIRE(ForEachInTrash(account, [&](const ItemState& item) {
      ids.push_back(item.id);
      return true;
    }));
    return ids;
  };
  for (const char* name : {"a", "b", "c"})
    account.RemoteNew(ItemType::kContact, name, account.Contact(name, "f"), name);
  account.LocalNew(ItemType::kTask, "t", {{field::kTaskTitle, std::string("t")}});
  account.RemoteNew(ItemType::kMail, "m", {{field::kMailSubject, std::string("m")}}, "m");
  CHECK(trash().empty());
  const Sequence deletion = account.LocalDelete("a");
  account.RemoteDelete("b");
  account.LocalDelete("t");
  account.RemoteDelete("m");
  account.RemoteDelete("g");
  CHECK(trash() == std::vector<ItemId>{account.Id("a"), account.Id("b"), account.Id("t")});
  account.RemoteSet("c", {{field::kContactDisplayName, std::string("other")}});
  account.Outcome(deletion, OutcomeKind::kLoser, {kExistence});  // somebody changed it meanwhile
  CHECK(trash() == std::vector<ItemId>{account.Id("b"), account.Id("t")});
  int visited = 0;
  REQUIRE(ForEachInTrash(account, [&](const ItemState&) { return ++visited < 1; }));
  CHECK(visited == 1);
}
