#include "projection/contents_table.h"

#include <algorithm>
#include <catch2/catch.hpp>

#include "journal/item_fold.h"
#include "projection/row_pipe.h"
#include "projection/search_folder_table.h"
#include "projection/sort_key.h"
#include "schemas/folders.h"
#include "tests/projection/memory_account.h"
#include "tests/projection/table_oracle.h"

using namespace outpost;
using namespace outpost::test;

namespace {

constexpr ItemType kContact = ItemType::kContact;

// A view that the test keeps alive.
std::shared_ptr<const JournalView> ViewOf(const MemoryAccount& account) {
  return {std::shared_ptr<void>(), static_cast<const JournalView*>(&account)};
}

TableSpec SpecOf(const MemoryAccount& account, std::vector<SortColumn> sort = {}) {
  return {account.Id("f"), kContact, std::move(sort), 0, {}};
}

std::vector<std::string> Names(ContentsTable& table) {
  std::vector<std::string> names;
  const std::vector<ColumnId> columns{field::kContactDisplayName};
  const auto rows = table.Rows(0, table.size(), columns);
  REQUIRE(rows);
  for (const TableRow& row : rows.value()) {
    const auto* name = std::get_if<std::string>(&row.values[0]);
    names.push_back(name != nullptr ? *name : "");
  }
  return names;
}

ContentsTable MustOpen(const MemoryAccount& account, TableSpec spec) {
  auto table = ContentsTable::Open(ViewOf(account), std::move(spec));
  INFO((table ? "" : table.error().context));
  REQUIRE(table);
  return std::move(table).value();
}

// Turns the old rows into the new ones by what was told.
void Replay(const std::vector<TableChange>& changes, const std::vector<ItemId>& anew, std::vector<ItemId>& rows) {
  using Kind = TableChange::Kind;
  const auto place = [&](std::size_t position) { return rows.begin() + static_cast<std::ptrdiff_t>(position); };
  for (const TableChange& change : changes) {
    if (change.kind == Kind::kReload) rows = anew;
    if (change.kind == Kind::kChanged) REQUIRE(rows[change.position] == change.item);
    if (change.kind == Kind::kDeleted) rows.erase(place(change.position));
    if (change.kind == Kind::kMoved) rows.erase(place(change.from));
    if (change.kind == Kind::kMoved || change.kind == Kind::kAdded) rows.insert(place(change.position), change.item);
  }
}

FieldId Named(const char* name) { return FieldOf(kContact, name); }

}  // namespace

TEST_CASE("contents table: any sort and restriction shows what a plain list of the items would", "[table]") {
  const auto seed = GENERATE(range(1u, 31u));
  INFO("seed " << seed);
  SeededRandom random(seed);
  MemoryAccount account;
  account.Folder("f", "Contacts");
  account.Folder("g", "Others");
  const TableOracle oracle(account);
  for (int round = 0; round < 4; ++round) {
    for (int i = 0; i < 40; ++i) oracle.Step(account, random);
    for (int table_number = 0; table_number < 12; ++table_number) {
      TableSpec spec = SpecOf(account, oracle.RandomSort(random));
      if (random.Chance(2, 3)) spec.where = oracle.RandomWhere(random, 3);
      const std::vector<ItemId> expected = oracle.Rows(account, spec);
      ContentsTable table = MustOpen(account, spec);
      REQUIRE(table.size() == expected.size());
      for (std::size_t at = 0; at < expected.size(); ++at) {
        REQUIRE(table.ItemAt(at).value() == expected[at]);
        REQUIRE(table.PositionOf(expected[at]).value() == at);
      }
      if (expected.empty()) continue;
      const Restriction wanted = oracle.RandomWhere(random, 2);
      const std::size_t from = random.Below(expected.size());
      const auto direction =
          random.Chance(1, 2) ? ContentsTable::Direction::kForward : ContentsTable::Direction::kBackward;
      REQUIRE(table.FindRow(wanted, from, direction).value() ==
              oracle.Find(account, expected, wanted, from, direction == ContentsTable::Direction::kForward));
    }
  }
}

TEST_CASE("contents table: the changes told turn the old table into the new one, in every order", "[table]") {
  const auto seed = GENERATE(range(1u, 21u));
  INFO("seed " << seed);
  SeededRandom random(seed);
  MemoryAccount account;
  account.Folder("f", "Contacts");
  account.Folder("g", "Others");
  const TableOracle oracle(account);
  for (int i = 0; i < 60; ++i) oracle.Step(account, random);
  struct Followed {
    ContentsTable table;
    std::vector<ItemId> rows;
  };
  std::vector<Followed> tables;
  for (int i = 0; i < 6; ++i) {
    TableSpec spec = SpecOf(account, i == 0 ? std::vector<SortColumn>{} : oracle.RandomSort(random));
    if (i > 2) spec.where = oracle.RandomWhere(random, 2);
    auto opened = ContentsTable::Open(account.Snapshot(), spec);
    REQUIRE(opened);
    tables.push_back({std::move(opened).value(), oracle.Rows(account, spec)});
  }
  for (int round = 0; round < 30; ++round) {
    for (std::size_t steps = random.Below(12); steps > 0; --steps) oracle.Step(account, random);
    for (Followed& followed : tables) {
      auto& rows = followed.rows;
      const std::size_t held = rows.empty() ? 0 : random.Below(rows.size());
      const ItemId item = rows.empty() ? ItemId{} : rows[held];
      std::size_t position = held;
      const auto changes = followed.table.Advance(account.Snapshot());
      REQUIRE(changes);
      for (const TableChange& change : changes.value()) {
        REQUIRE(change.kind != TableChange::Kind::kReload);
        const auto at = rows.begin() + static_cast<std::ptrdiff_t>(change.position);
        if (change.kind == TableChange::Kind::kChanged) REQUIRE(*at == change.item);
        if (change.kind == TableChange::Kind::kDeleted) {
          REQUIRE(*at == change.item);
          rows.erase(at);
        }
        if (change.kind == TableChange::Kind::kMoved) {
          REQUIRE(rows[change.from] == change.item);
          rows.erase(rows.begin() + static_cast<std::ptrdiff_t>(change.from));
        }
        if (change.kind == TableChange::Kind::kMoved || change.kind == TableChange::Kind::kAdded)
          rows.insert(rows.begin() + static_cast<std::ptrdiff_t>(change.position), change.item);
        position = PositionAfter(position, change);
      }
      REQUIRE(rows == oracle.Rows(account, followed.table.spec()));
      REQUIRE(followed.table.size() == rows.size());
      for (std::size_t at = 0; at < rows.size(); ++at) REQUIRE(followed.table.ItemAt(at).value() == rows[at]);
      const auto still = std::find(rows.begin(), rows.end(), item);
      if (still != rows.end()) REQUIRE(position == static_cast<std::size_t>(still - rows.begin()));
      REQUIRE(followed.table.Advance(account.Snapshot()).value().empty());
    }
  }
}

TEST_CASE("search folders: any condition over several folders, stored and read again, shows what a plain list would",
          "[table][search_folder]") {
  const auto seed = GENERATE(range(1u, 21u));
  INFO("seed " << seed);
  SeededRandom random(seed);
  MemoryAccount account;
  account.Folder("f", "Contacts");
  account.Folder("g", "Others");
  for (int i = 0; i < 4; ++i) account.Folder("s" + std::to_string(i), "Sub", random.Chance(1, 2) ? "f" : "g");
  account.Folder("mails", "INBOX", "f", 1, "mail");
  const TableOracle oracle(account);
  for (int i = 0; i < 60; ++i) oracle.Step(account, random);
  const auto any_folder = [&] { return account.Id("s" + std::to_string(random.Below(4))); };
  struct Followed {
    SearchFolderTable table;
    std::vector<ItemId> rows;
  };
  std::vector<Followed> tables;
  const auto random_definition = [&] {
    SearchFolder folder;
    folder.id = account.Id("f");
    folder.name = "50 % of a\nname";
    folder.spec.content = kContact;
    folder.spec.folder = random.Chance(1, 3) ? root::kPrivate : account.Id("f");
    folder.spec.below = random.Chance(2, 3);
    if (random.Chance(1, 2)) folder.spec.also = {any_folder(), account.Id("g")};
    folder.spec.where = oracle.RandomWhere(random, 3);
    return folder;
  };
  const auto store = [&](const SearchFolder& folder) {
    const auto text = WriteSearchFolder(folder);
    REQUIRE(text);
    account.AccountWide(Kind::kAccountSet, Encode(SettingsBody{{{SearchFolderSetting(folder.id), text.value()}}}));
  };
  for (int i = 0; i < 5; ++i) {
    SearchFolder folder = random_definition();
    folder.id.bytes[0] = static_cast<std::uint8_t>(i);
    store(folder);
    auto opened = SearchFolderTable::Open(account.Snapshot(), folder.id, oracle.RandomSort(random), 0);
    REQUIRE(opened);
    CHECK(opened.value().folder().name == folder.name);
    tables.push_back({std::move(opened).value(), oracle.Rows(account, folder.spec)});
    TableSpec spec = folder.spec;
    spec.sort = tables.back().table.rows().spec().sort;
    tables.back().rows = oracle.Rows(account, spec);
  }
  for (int round = 0; round < 12; ++round) {
    for (std::size_t steps = random.Below(12); steps > 0; --steps) oracle.Step(account, random);
    for (int i = 0; i < 3; ++i) {
      const std::string item = std::to_string(3 + random.Below(account.last()));
      if (account.Knows(item)) account.LocalSet(item, {{field::kContactFolder, any_folder()}});
    }
    if (random.Chance(1, 3)) {
      const std::string moved = "s" + std::to_string(random.Below(4));
      account.RemoteSet(moved, {{field::kFolderParent, account.Id(random.Chance(1, 2) ? "f" : "g")}});
    }
    if (random.Chance(1, 6)) account.Folder("new" + std::to_string(round), "New", "f");
    for (Followed& followed : tables) {
      if (random.Chance(1, 8)) {
        SearchFolder other = random_definition();
        other.id = followed.table.folder().id;
        store(other);
      }
      const auto changes = followed.table.Advance(account.Snapshot());
      INFO((changes ? "" : changes.error().context));
      REQUIRE(changes);
      const SearchFolder stored = LoadSearchFolder(account, followed.table.folder().id).value();
      TableSpec spec = stored.spec;
      spec.sort = followed.table.rows().spec().sort;
      const std::vector<ItemId> expected = oracle.Rows(account, spec);
      Replay(changes.value(), expected, followed.rows);
      REQUIRE(followed.rows == expected);
      ContentsTable& table = followed.table.rows();
      REQUIRE(table.size() == expected.size());
      for (std::size_t at = 0; at < expected.size(); ++at) REQUIRE(table.ItemAt(at).value() == expected[at]);
    }
  }
}

TEST_CASE("search folders: listed by name, found by name or id, gone when removed", "[search_folder]") {
  MemoryAccount account;
  account.Folder("f", "Contacts");
  const auto set = [&](const ItemId& id, const std::string& value) {
    account.AccountWide(Kind::kAccountSet, Encode(SettingsBody{{{SearchFolderSetting(id), value}}}));
  };
  SearchFolder zed, ada;
  zed.id.bytes[0] = 1;
  zed.name = "Zed";
  zed.spec = SpecOf(account);
  zed.typed = "company = x";
  ada.id.bytes[0] = 2;
  ada.name = "Äda";
  ada.spec = SpecOf(account);
  set(zed.id, WriteSearchFolder(zed).value());
  set(ada.id, WriteSearchFolder(ada).value());
  ItemId later{};
  later.bytes[0] = 3;
  set(later, "2 something else");
  const auto all = ListSearchFolders(account).value();
  REQUIRE(all.size() == 3);
  CHECK(all[0].wrong == "a search folder's definition that this version cannot read");
  CHECK(all[0].id == later);
  CHECK(all[1].name == "Äda");
  CHECK(all[2].typed == "company = x");
  CHECK(FindSearchFolder(account, "ada").value().id == ada.id);
  CHECK(FindSearchFolder(account, zed.id.Hex()).value().name == "Zed");
  CHECK(FindSearchFolder(account, "Zod").error().context ==
        "there is no search folder 'Zod'; the nearest are 'Zed', 'Äda', '" + later.Hex() + "'");
  CHECK(LoadSearchFolder(account, later).error().code == Code::kInvalid);
  auto table = SearchFolderTable::Open(account.Snapshot(), zed.id, {}, 0).value();
  set(zed.id, "");
  CHECK(table.Advance(account.Snapshot()).error().code == Code::kNotFound);
  CHECK(ListSearchFolders(account).value().size() == 2);

  // Whatever is cut off or put in its place is no definition.
  const std::string whole = WriteSearchFolder(ada).value();
  for (std::size_t size = 0; size < whole.size(); ++size) CHECK_FALSE(ParseSearchFolder(whole.substr(0, size)));
  CHECK_FALSE(ParseSearchFolder(whole + " x"));
  ada.name = "  ";
  CHECK(WriteSearchFolder(ada).error().context == "a search folder needs a name");
  ada.name = std::string(kSearchFolderBytesMax, 'x');
  CHECK(WriteSearchFolder(ada).error().code == Code::kInvalid);
}

TEST_CASE("contents table: of more changes than are told it is said to look anew", "[table]") {
  MemoryAccount account;
  account.Folder("f", "Contacts");
  account.RemoteNew(kContact, "a", account.Contact("a", "f"));
  ContentsTable table = ContentsTable::Open(account.Snapshot(), SpecOf(account)).value();
  for (std::size_t i = 0; i <= kTableChangesMax; ++i)
    account.RemoteNew(kContact, std::to_string(i), account.Contact("n" + std::to_string(i), "f"));
  CHECK(table.Advance(account.Snapshot()).value() == std::vector<TableChange>{TableChange{}});
  CHECK(table.size() == kTableChangesMax + 2);
  CHECK(Names(table).back() == "n999");
}

TEST_CASE("contents table: rows carry any column, as a person sees it here", "[table]") {
  MemoryAccount account;
  account.Folder("f", "Contacts");
  account.RemoteNew(kContact, "ada", account.Contact("Ada", "f"), "77");
  const Sequence edit = account.LocalSet("ada", {{Named("company"), std::string("Engines")}});
  ContentsTable table = MustOpen(account, SpecOf(account));
  const std::vector<ColumnId> columns{column::kSequence, Named("company"), column::kState, column::kRemoteId,
                                      Named("note"),     column::kId,      column::kType};
  const auto rows = table.Rows(0, 10, columns).value();
  REQUIRE(rows.size() == 1);
  CHECK(rows[0].id == account.Id("ada"));
  CHECK(rows[0].values == std::vector<Value>{Value(static_cast<std::int64_t>(edit)), Value(std::string("Engines")),
                                             Value(std::string("pending")), Value(std::string("77")), Value{},
                                             Value(account.Id("ada")), Value(std::string("contact"))});
  CHECK(table.Rows(1, 10, columns).value().empty());
  CHECK(table.ItemAt(1).error().code == Code::kNotFound);
}

TEST_CASE("contents table: items that hold nothing come last both ways, equal ones by their ids", "[table]") {
  MemoryAccount account;
  account.Folder("f", "Contacts");
  for (const char* company : {"", "Beta", "älpha", "beta"}) {
    FieldMap fields = account.Contact(std::string("n") + company, "f");
    if (*company != '\0') fields[Named("company")] = std::string(company);
    account.RemoteNew(kContact, company, fields);
  }
  ContentsTable up = MustOpen(account, SpecOf(account, {{Named("company"), false}}));
  CHECK(Names(up) == std::vector<std::string>{"nälpha", "nBeta", "nbeta", "n"});
  ContentsTable down = MustOpen(account, SpecOf(account, {{Named("company"), true}}));
  CHECK(Names(down) == std::vector<std::string>{"nBeta", "nbeta", "nälpha", "n"});
}

TEST_CASE("contents table: grouped by its first columns", "[table]") {
  MemoryAccount account;
  account.Folder("f", "Contacts");
  int number = 0;
  for (const char* company : {"B", "a", "", "b", "A", "c"}) {
    ++number;
    account.RemoteNew(kContact, std::to_string(number),
                      {{field::kContactFolder, account.Id("f")},
                       {field::kContactDisplayName, std::string(company)},
                       {Named("company"), std::string(company)},
                       {Named("private_flag"), number % 2 == 0}});
  }
  const auto groups = [&](bool descending, std::size_t grouped) {
    TableSpec spec = SpecOf(account, {{Named("company"), descending}, {Named("private_flag"), false}});
    spec.grouped = grouped;
    std::vector<std::pair<std::size_t, std::size_t>> found;
    const std::vector<TableGroup> made = MustOpen(account, spec).Groups().value();
    for (const TableGroup& group : made) found.emplace_back(group.first, group.count);
    return found;
  };
  using Found = std::vector<std::pair<std::size_t, std::size_t>>;
  CHECK(groups(false, 0) == Found{});
  CHECK(groups(false, 1) == Found{{0, 2}, {2, 2}, {4, 1}, {5, 1}});
  CHECK(groups(true, 1) == Found{{0, 1}, {1, 2}, {3, 2}, {5, 1}});
  CHECK(groups(false, 2) == Found{{0, 1}, {1, 1}, {2, 1}, {3, 1}, {4, 1}, {5, 1}});
}

TEST_CASE("contents table: a fraction of it, a bookmark, a row gone", "[table]") {
  MemoryAccount account;
  account.Folder("f", "Contacts");
  for (const char* name : {"a", "b", "c", "d", "e"}) account.RemoteNew(kContact, name, account.Contact(name, "f"));
  ContentsTable table = MustOpen(account, SpecOf(account));
  CHECK(table.PositionAt(0, 1) == 0);
  CHECK(table.PositionAt(1, 2) == 2);
  CHECK(table.PositionAt(~0ull - 1, ~0ull) < 5);
  CHECK(table.PositionAt(1, 1) == 5);
  CHECK(table.PositionAt(1, 0) == 5);
  const Bookmark c = table.Mark(2).value();
  CHECK(table.Resolve(c).value().position == 2);
  CHECK(table.Mark(5).error().code == Code::kNotFound);

  account.RemoteNew(kContact, "0", account.Contact("0", "f"));
  ContentsTable later = MustOpen(account, SpecOf(account));
  CHECK(later.Resolve(c).value().position == 3);
  CHECK_FALSE(later.Resolve(c).value().gone);
  account.LocalDelete("c");
  ContentsTable without = MustOpen(account, SpecOf(account));
  CHECK(without.Resolve(c).value().position == 3);  // "d"
  CHECK(without.Resolve(c).value().gone);
}

TEST_CASE("contents table: what cannot be sorted or asked is said by name", "[table]") {
  MemoryAccount account;
  account.Folder("f", "Contacts");
  const auto error = [&](TableSpec spec) {
    const auto table = ContentsTable::Open(ViewOf(account), std::move(spec));
    REQUIRE_FALSE(table);
    CHECK(table.error().code == Code::kInvalid);
    return table.error().context;
  };
  CHECK(error(SpecOf(account, {{Named("image1"), false}})) == "image1: bytes have no order");
  CHECK(error(SpecOf(account, {{9999, false}})) == "a contact has no column 9999");
  CHECK(error(SpecOf(account, {{field::kTaskTitle, false}})) == "a contact has no column 300");
  CHECK(error(SpecOf(account, std::vector<SortColumn>(5, {Named("company"), false}))) ==
        "sorted by 5 columns; at most 4 can be");
  TableSpec spec = SpecOf(account);
  spec.grouped = 1;
  CHECK(error(spec) == "grouped by more columns than it is sorted by");
  const auto where = [&](Restriction restriction) {
    TableSpec with = SpecOf(account);
    with.where = std::move(restriction);
    return error(with);
  };
  using K = Restriction::Kind;
  CHECK(where(Restriction::Leaf(K::kPart, Named("birthday"), std::string("x"))) ==
        "birthday: is no text that could be looked into");
  CHECK(where(Restriction::Leaf(K::kCompare, Named("birthday"), std::string("x"))) ==
        "birthday: compared with a value of another kind");
  CHECK(where(Restriction::Leaf(K::kCompare, Named("image1"), std::string("x"))) == "image1: bytes are not compared");
  CHECK(where(Restriction::Leaf(K::kBits, Named("note"), {})) == "note: is no number with bits");
  Restriction columns = Restriction::Leaf(K::kColumns, Named("note"), {});
  columns.other = Named("birthday");
  CHECK(where(columns) == "note: cannot be compared with a column of another kind");
  Restriction deep = Restriction::Leaf(K::kExists, Named("note"), {});
  for (int i = 0; i < 70; ++i) deep = Restriction::Not(std::move(deep));
  CHECK(where(deep) == "a condition of more than 64 levels");
  CHECK(FindColumn(kContact, "compny").error().context ==
        "a contact has no column \"compny\"; the nearest are 'company', 'note', 'yomiCompany'");
  CHECK(FindColumn(kContact, "label").value().id == field::kContactDisplayName);
}

TEST_CASE("contents table: a listed item without a row is damage, named by its id", "[table]") {
  MemoryAccount account;
  account.Folder("f", "Contacts");
  for (const char* name : {"a", "b", "c"}) account.RemoteNew(kContact, name, account.Contact(name, "f"));
  const char* lost = GENERATE("a", "b", "c");
  account.state.Delete(kItemsTable, account.Id(lost).View());
  const auto table = ContentsTable::Open(ViewOf(account), SpecOf(account, {{Named("company"), false}}));
  REQUIRE_FALSE(table);
  CHECK(table.error().code == Code::kCorrupt);
  CHECK(table.error().context.find(account.Id(lost).Hex()) != std::string::npos);
}

TEST_CASE("search: every word at the beginning of a word of some text, case and accents aside", "[table]") {
  MemoryAccount account;
  account.Folder("f", "Contacts");
  FieldMap fields = account.Contact("Müller, Émile", "f");
  fields[Named("email1")] = std::string("emile@Acme-Works.example");
  fields[Named("note")] = std::string("会議室で会いました");
  account.RemoteNew(kContact, "m", fields);
  const auto found = [&](const char* text) {
    TableSpec spec = SpecOf(account);
    spec.where = SearchFor(text);
    return MustOpen(account, spec).size() == 1;
  };
  CHECK(found(""));
  CHECK(found("mull"));
  CHECK(found("MÜLLER emile"));
  CHECK(found("works"));
  CHECK(found("室で"));
  CHECK_FALSE(found("uller"));
  CHECK_FALSE(found("mull nobody"));
}

TEST_CASE("fold text: plain texts are folded as all others are", "[sort_key]") {
  for (char c = 0x20; c < 0x7f; ++c) {
    const std::string text = std::string("x") + c + "Y";
    CHECK(FoldText(text) + "山" == FoldText(text + "山"));  // the long way
    CHECK(SortKey(text) + "山" == SortKey(text + "山"));
  }
  SeededRandom random(3);
  for (int i = 0; i < 3000; ++i) {
    std::string text;
    for (std::size_t size = 1 + random.Below(6); size > 0; --size) {
      const auto code = random.Chance(1, 3) ? 0x300 + random.Below(0x70) : 0x80 + random.Below(0x780);  // marks often
      text += {static_cast<char>(0xc0 | code >> 6), static_cast<char>(0x80 | (code & 0x3f))};
      if (random.Chance(1, 3)) text += static_cast<char>(0x20 + random.Below(0x5f));
    }
    INFO(ToHex(AsBytes(text)));
    REQUIRE(FoldText(text) + "山" == FoldText(text + "山"));  // the long way
  }
  CHECK(FoldText(std::string(3000, 'A')) == std::string(3000, 'a'));
  CHECK(FoldText(std::string(3000, 'A') + "É") == std::string(3000, 'a') + "e");
}

TEST_CASE("contents table: rows looked at on a thread of its own are those of one thread, to the first error",
          "[table]") {
  MemoryAccount account;
  account.Folder("f", "Contacts");
  FieldMap fields = account.Contact("Ada", "f");
  fields[FindField(ItemType::kContact, "note")->id] = std::string(3'000, 'n');
  for (int i = 0; i < 500; ++i) account.RemoteNew(ItemType::kContact, std::to_string(i), fields);  // several lots
  const auto view = account.Snapshot();
  using Rows = std::vector<std::pair<ItemId, std::string>>;
  Rows one, beside;
  const auto into = [](Rows& rows) {
    return [&rows](const ItemId& id, std::string_view row) -> Result<void> {
      rows.emplace_back(id, row);
      return Ok();
    };
  };
  REQUIRE(ForEachItemRow(*view, into(one)));
  REQUIRE(ForEachItemRowBeside(*view, into(beside)));
  CHECK(one.size() == 501);  // the folder too
  CHECK(one == beside);
  for (const std::size_t last : {std::size_t{1}, std::size_t{300}, one.size()}) {
    std::size_t seen = 0;
    const auto ends = [&](const ItemId&, std::string_view) -> Result<void> {
      if (++seen < last) return Ok();
      return Error{Code::kCorrupt, Retry::kNever, "row " + std::to_string(seen)};
    };
    CHECK(ForEachItemRowBeside(*view, ends).error().context == "row " + std::to_string(last));
    CHECK(seen == last);
    const auto throws = [&](const ItemId&, std::string_view) -> Result<void> {
      if (--seen == 0) throw std::bad_alloc();
      return Ok();
    };
    CHECK_THROWS_AS(ForEachItemRowBeside(*view, throws), std::bad_alloc);
  }
}
