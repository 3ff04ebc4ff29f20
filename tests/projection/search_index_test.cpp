#include "projection/search_index.h"

#include <algorithm>
#include <catch2/catch.hpp>

#include "base/system/files.h"
#include "projection/contents_table.h"
#include "tests/journal/scratch.h"
#include "tests/projection/memory_account.h"
#include "tests/projection/table_oracle.h"

using namespace outpost;
using namespace outpost::test;

namespace {

using Mode = SearchIndex::Mode;

struct Searched {
  Searched() {
    account.Folder("f", "Contacts");
    account.Folder("g", "Others");
  }
  std::filesystem::path file() const { return scratch.path() / "search.sqlite"; }
  SearchIndex Open(const char* name = "anna") {
    auto opened = SearchIndex::Open(file(), name, Mode::kWrite);
    INFO((opened ? "" : opened.error().context));
    REQUIRE(opened);
    return std::move(opened).value();
  }
  void Level(SearchIndex& index) {
    const auto view = account.Snapshot();
    while (true) {
      const auto level = index.Follow(*view, 7);
      INFO((level ? "" : level.error().context));
      REQUIRE(level);
      if (level.value()) break;
    }
    REQUIRE(index.applied() == account.last());
  }
  std::vector<ItemId> Found(const std::string& text, SearchIndex* index) {
    TableSpec spec{account.Id("f"), ItemType::kContact, {}, 0, SearchFor(text)};
    const auto view = account.Snapshot();
    auto items = ItemsToSearch(*view, index, text);
    INFO((items ? "" : items.error().context));
    REQUIRE(items);
    looked_at = items.value() ? items.value()->items.size() : 0;
    auto table = ContentsTable::Open(view, spec, items.value());
    REQUIRE(table);
    std::vector<ItemId> rows;
    for (std::size_t at = 0; at < table.value().size(); ++at) rows.push_back(table.value().ItemAt(at).value());
    return rows;
  }

  ScratchFolder scratch;
  MemoryAccount account;
  std::size_t looked_at = 0;
};

FieldMap Named(const MemoryAccount& account, const std::string& name, const std::string& note) {
  FieldMap fields = account.Contact(name, "f");
  fields[FieldOf(ItemType::kContact, "note")] = note;
  return fields;
}

}  // namespace

TEST_CASE("search index: finds what reading every item finds, however far behind it is", "[search]") {
  const auto seed = GENERATE(range(1u, 11u));
  INFO("seed " << seed);
  SeededRandom random(seed);
  Searched world;
  const TableOracle oracle(world.account);
  SearchIndex index = world.Open();
  const char* pieces[] = {"a", "A", "zur", "b-c", "b", "c", "山", "田山", "x", "Zürich", "ab", "aa", "-", "q"};
  for (int round = 0; round < 12; ++round) {
    for (std::size_t steps = random.Below(40); steps > 0; --steps) oracle.Step(world.account, random);
    if (random.Chance(1, 2)) REQUIRE(index.Follow(*world.account.Snapshot(), 1 + random.Below(30)));
    if (random.Chance(1, 3)) world.Level(index);
    if (random.Chance(1, 4)) index = world.Open();
    for (int search = 0; search < 10; ++search) {
      std::string text;
      for (std::size_t words = random.Below(3); words > 0; --words) {
        text += pieces[random.Below(std::size(pieces))];
        if (random.Chance(2, 3)) text += ' ';
      }
      INFO("\"" << text << "\", applied " << index.applied() << " of " << world.account.last());
      REQUIRE(world.Found(text, &index) == world.Found(text, nullptr));
    }
  }
}

TEST_CASE("search index: looks at few items, forgets what an item was, and follows deletions", "[search]") {
  Searched world;
  for (int i = 0; i < 50; ++i)
    world.account.RemoteNew(ItemType::kContact, std::to_string(i),
                            Named(world.account, "Name" + std::to_string(i), i == 7 ? "Müller-Lüdenscheidt" : "other"));
  SearchIndex index = world.Open();
  CHECK(index.applied() == 0);
  CHECK(world.Found("muller", &index).size() == 1);  // still being made: all are read
  world.Level(index);
  CHECK(world.Found("muller", &index) == std::vector<ItemId>{world.account.Id("7")});
  CHECK(world.looked_at == 1);
  CHECK(world.Found("LÜDEN", &index).size() == 1);
  CHECK(world.Found("other", &index).size() == 49);
  world.account.RemoteSet("7", {{FieldOf(ItemType::kContact, "note"), std::string("calm")}});
  CHECK(world.Found("calm", &index).size() == 1);
  CHECK(world.Found("muller", &index).empty());
  world.Level(index);
  CHECK(world.Found("muller", &index).empty());
  CHECK(world.looked_at == 0);
  world.account.RemoteDelete("7");
  world.Level(index);
  CHECK(world.Found("calm", &index).empty());
  CHECK(world.looked_at == 0);
}

TEST_CASE("search index: says which words need not be looked for, and of which items nothing is sure", "[search]") {
  Searched world;
  world.account.RemoteNew(ItemType::kContact, "a",
                          Named(world.account, "Ada",
                                "\xe7\x94\xb0"
                                "ab 12"));
  world.account.RemoteNew(ItemType::kContact, "b", Named(world.account, "Bob", "cab"));
  SearchIndex index = world.Open();
  world.Level(index);
  for (SearchIndex* with : {&index, static_cast<SearchIndex*>(nullptr)}) {
    CHECK(world.Found("ab", with) ==
          std::vector<ItemId>{world.account.Id("a")});  // behind a character that stands alone
    CHECK(world.Found("ab x", with).empty());
  }
  const auto hits = [&](const char* text) { return *ItemsToSearch(*world.account.Snapshot(), &index, text).value(); };
  CHECK(hits("\xc3\x84"
             "b b-c \xe7\x94\xb0 12")
            .words == std::vector<std::string>{"ab", "12"});
  CHECK(hits("ab").touched.empty());
  world.account.RemoteSet("a", {{FieldOf(ItemType::kContact, "note"), std::string("calm")}});
  CHECK(hits("ab").touched == std::vector<ItemId>{world.account.Id("a")});
  CHECK(world.Found("ab", &index).empty());  // the index still has it so
}

TEST_CASE("search index: one of another account, or no index at all, is made anew; reading makes none", "[search]") {
  Searched world;
  world.account.RemoteNew(ItemType::kContact, "a", Named(world.account, "Ada", "n"));
  CHECK(SearchIndex::Open(world.file(), "anna", Mode::kRead).error().code == Code::kNotFound);
  {
    SearchIndex index = world.Open();
    world.Level(index);
  }
  CHECK(SearchIndex::Open(world.file(), "anna", Mode::kRead).value().applied() == world.account.last());
  CHECK(SearchIndex::Open(world.file(), "bert", Mode::kRead).error().code == Code::kNotFound);
  CHECK(world.Open("bert").applied() == 0);
  REQUIRE(
      WriteFileDurably(world.file(), "no database at all, but long enough to be looked into by somebody who reads it"));
  SearchIndex index = world.Open("bert");
  CHECK(index.applied() == 0);
  world.Level(index);
  // A journal that was put back to an older state: nothing of it can be believed.
  Searched younger;
  younger.account.RemoteNew(ItemType::kContact, "b", Named(younger.account, "Bob", "m"));
  for (int i = 0; i < 5; ++i) world.account.RemoteSet("a", {{FieldOf(ItemType::kContact, "note"), std::to_string(i)}});
  world.Level(index);
  REQUIRE(index.Follow(*younger.account.Snapshot(), 100).value());
  CHECK(index.applied() == younger.account.last());
  CHECK(index.Candidates("bob").value()->size() == 1);
  CHECK(index.Candidates("ada").value()->empty());
}
