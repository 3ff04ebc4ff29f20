#include "projection/live_table.h"

#include <condition_variable>
#include <mutex>
#include <set>

#include "journal/item_fold.h"
#include "schemas/folders.h"
#include "tests/projection/life.h"

using namespace outpost;
using namespace outpost::test;

namespace {

// A reader on the strand's thread that keeps the rows by what it is told, and lets the test wait for a moment.
class Rows {
 public:
  LiveTable::Reader reader() {
    return {[this](ContentsTable& table, std::span<const TableChange> changes) { Take(table, changes); },
            [this](const Error& error) {
              const std::lock_guard lock(mutex_);
              problem_ = error.context;
              moved_.notify_all();
            }};
  }
  // The rows as they were told when the table had come to `seq`.
  std::vector<ItemId> At(Sequence seq) {
    std::unique_lock lock(mutex_);
    moved_.wait(lock, [&] { return at_ >= seq || !problem_.empty(); });
    CHECK(problem_ == "");
    return rows_;
  }
  std::size_t reloads() {
    const std::lock_guard lock(mutex_);
    return reloads_;
  }

 private:
  void Take(ContentsTable& table, std::span<const TableChange> changes) {
    const std::lock_guard lock(mutex_);
    const auto place = [&](std::size_t position) { return rows_.begin() + static_cast<std::ptrdiff_t>(position); };
    using Kind = TableChange::Kind;
    for (const TableChange& change : changes) {
      if (change.kind == Kind::kDeleted) rows_.erase(place(change.position));
      if (change.kind == Kind::kMoved) rows_.erase(place(change.from));
      if (change.kind == Kind::kMoved || change.kind == Kind::kAdded) rows_.insert(place(change.position), change.item);
    }
    const bool anew = changes.empty() || changes[0].kind == Kind::kReload;
    reloads_ += anew ? 1 : 0;
    if (anew) {
      rows_.clear();
      for (std::size_t at = 0; at < table.size(); ++at) rows_.push_back(table.ItemAt(at).value());
    }
    at_ = table.at();
    moved_.notify_all();
  }

  std::mutex mutex_;
  std::condition_variable moved_;
  std::vector<ItemId> rows_;
  Sequence at_ = 0;
  std::size_t reloads_ = 0;
  std::string problem_;
};

std::vector<ItemId> Fresh(const Life& life, const TableSpec& spec) {
  ContentsTable table = ContentsTable::Open(life.journal->View(), spec).value();
  std::vector<ItemId> rows;
  for (std::size_t at = 0; at < table.size(); ++at) rows.push_back(table.ItemAt(at).value());
  return rows;
}

// What a person sees of an item or folder.
struct SeenObject {
  ItemId folder{};
  FieldMap head;
  std::string state;
  bool operator==(const SeenObject&) const = default;
};
std::map<ItemId, SeenObject> Seen(const JournalView& view) {
  std::map<ItemId, SeenObject> seen;
  REQUIRE(view.Scan(kItemsTable, {}, {}, [&](std::string_view key, std::string_view row) {
    const ItemState item = DecodeItem(*ItemId::FromView(key), row).value();
    if (item.Visible()) seen.emplace(item.id, SeenObject{item.Folder(), item.Head(), ItemStateName(item)});
    return true;
  }));
  return seen;
}

}  // namespace

TEST_CASE("live table: follows a journal that is written and pruned beside it, told one by one", "[table][threads]") {
  const auto seed = GENERATE(range(1u, 4u));
  INFO("seed " << seed);
  Life life(seed);
  life.Live(40);
  TableSpec by_note{life.folders().front(), ItemType::kContact, {{FieldOf(ItemType::kContact, "note"), true}}, 0, {}};
  TableSpec stored = by_note;
  stored.sort.clear();
  Rows noted, labelled;
  ThreadStrand strand([](const char* text) { FAIL(text); });
  {
    LiveTable first(*life.journal, strand, TableOf(by_note), noted.reader());
    LiveTable second(*life.journal, strand, TableOf(stored), labelled.reader());
    noted.At(1);
    labelled.At(1);
    for (int round = 0; round < 15; ++round) {
      life.Live(25);
      if (round % 5 == 4) life.Retain({std::chrono::hours(24 * 5), 1.0});
      life.Make({{FieldOf(ItemType::kContact, "note"), std::string("last")}}, "m" + std::to_string(round));
      const Sequence last = life.journal->stats().last;
      CHECK(noted.At(last) == Fresh(life, by_note));
      CHECK(labelled.At(last) == Fresh(life, stored));
    }
  }
  CHECK(noted.reloads() < 8);  // opened, and where history was dropped under it
  strand.Stop();
}

TEST_CASE("live table: what is asked runs with the open table, and not at all where it cannot be opened", "[table]") {
  Life life(9);
  life.Live(20);
  ManualClock clock{Millis{0}};
  ManualStrand strand(clock);
  Rows rows;
  TableSpec spec{life.folders().front(), ItemType::kContact, {}, 0, {}};
  std::size_t asked = 0, size = 0;
  {
    LiveTable table(*life.journal, strand, TableOf(spec), rows.reader());
    table.Ask([&](ContentsTable& open) { ++asked, size = open.size(); });
    CHECK(strand.RunAll(10));
    CHECK(asked == 1);
    CHECK(size == Fresh(life, spec).size());
    table.Ask([&](ContentsTable&) { ++asked; });
  }
  CHECK(strand.RunAll(10));
  CHECK(asked == 1);  // it was closed before

  spec.sort = {{FieldOf(ItemType::kContact, "image1"), false}};
  std::string problem;
  LiveTable bad(*life.journal, strand, TableOf(spec),
                {[](ContentsTable&, std::span<const TableChange>) { FAIL("it cannot be open"); },
                 [&](const Error& error) { problem = error.context; }});
  bad.Ask([&](ContentsTable&) { ++asked; });
  CHECK(strand.RunAll(10));
  CHECK(problem == "image1: bytes have no order");
  CHECK(asked == 1);
}

TEST_CASE("live table: what is committed before the strand comes to it is told", "[table][objects]") {
  Life life(9);
  life.Live(20);
  ManualClock clock{Millis{0}};
  ManualStrand strand(clock);
  std::vector<ObjectChange> told;
  LiveObjects objects(*life.journal, strand, ObjectFeed::Open,
                      {[&](ObjectFeed&, std::span<const ObjectChange> changes) {
                         told.insert(told.end(), changes.begin(), changes.end());
                       },
                       [](const Error& error) { FAIL(error.context); }});
  const ItemId made = life.Make({}, "at once");
  CHECK(strand.RunAll(10));
  REQUIRE(told.size() == 1);
  CHECK(told[0].object == made);
  CHECK(told[0].kind == ObjectChange::Kind::kCreated);
}

TEST_CASE("live table: a search folder follows its journal and its definition", "[table][search_folder][threads]") {
  Life life(7);
  life.Live(30);
  const FieldId note = FieldOf(ItemType::kContact, "note");
  SearchFolder folder;
  folder.id.bytes[0] = 1;
  folder.name = "Noted";
  folder.spec = {root::kPrivate, ItemType::kContact, {}, 0, {}};
  folder.spec.below = true;
  folder.spec.also = {life.folders().front()};  // it may go
  const auto store = [&](const std::string& wanted) {
    folder.spec.where = Restriction::Leaf(Restriction::Kind::kPart, note, wanted);
    REQUIRE(life.journal->AppendAndWait(
        {{Kind::kAccountSet,
          Origin::kUser,
          ItemType::kNone,
          {},
          {},
          Encode(SettingsBody{{{SearchFolderSetting(folder.id), WriteSearchFolder(folder).value()}}})}},
        {}, Durability::kSynced));
  };
  store("x");
  std::mutex mutex;
  std::condition_variable moved;
  std::vector<ItemId> told;
  Sequence at = 0;
  ThreadStrand strand([](const char* text) { FAIL(text); });
  {
    LiveSearchFolder table(*life.journal, strand, TableOfSearch(folder.id, {}, 0),
                           {[&](SearchFolderTable& open, std::span<const TableChange>) {
                              const std::lock_guard lock(mutex);
                              told.clear();
                              for (std::size_t row = 0; row < open.rows().size(); ++row)
                                told.push_back(open.rows().ItemAt(row).value());
                              at = open.at();
                              moved.notify_all();
                            },
                            [](const Error& error) { FAIL(error.context); }});
    for (int round = 0; round < 8; ++round) {
      life.Live(15);
      if (round % 3 == 2) store(round == 2 ? "y" : "z");
      life.Make({{note, std::string("xyz")}}, "m" + std::to_string(round));
      std::unique_lock lock(mutex);
      moved.wait(lock, [&] { return at == life.journal->stats().last; });
      CHECK(told == Fresh(life, folder.spec));
      CHECK_FALSE(told.empty());
    }
  }
  strand.Stop();
}

TEST_CASE("objects: what is told of them turns what a person saw before into what he sees now", "[table][objects]") {
  const auto seed = GENERATE(range(1u, 6u));
  INFO("seed " << seed);
  Life life(seed);
  life.Live(30);
  ObjectFeed feed = ObjectFeed::Open(life.journal->View()).value();
  auto seen = Seen(*life.journal->View());
  std::size_t told = 0, moved = 0;
  for (int round = 0; round < 25; ++round) {
    life.Live(8);
    if (round == 12) life.Retain({std::chrono::hours(1), 0.01});
    const auto now = Seen(*life.journal->View());
    const auto changes = feed.Advance(life.journal->View()).value();
    if (changes.size() == 1 && changes[0].kind == ObjectChange::Kind::kReload) {
      CHECK(round == 12);
      seen = now;
      continue;
    }
    std::set<ItemId> objects;
    for (const ObjectChange& change : changes) {
      CHECK(objects.insert(change.object).second);
      const bool was = seen.contains(change.object), is = now.contains(change.object);
      using Kind = ObjectChange::Kind;
      CHECK(was == (change.kind != Kind::kCreated));
      CHECK(is == (change.kind != Kind::kDeleted));
      CHECK(change.folder == (is ? now : seen).at(change.object).folder);
      if (change.kind == Kind::kMoved) CHECK(change.from == seen.at(change.object).folder);
      if (change.kind == Kind::kMoved) CHECK(change.from != change.folder);
      if (change.kind == Kind::kChanged) CHECK(seen.at(change.object) != now.at(change.object));
      moved += change.kind == Kind::kMoved ? 1 : 0;
      if (was) seen.erase(change.object);
      if (is) seen.emplace(change.object, now.at(change.object));
      ++told;
    }
    CHECK(seen == now);  // and of no other
  }
  CHECK(told > 50);
  CHECK(moved > 0);
}

TEST_CASE("live table: the tree of folders follows its journal", "[table][folders][threads]") {
  Life life(5);
  life.Live(20);
  std::mutex mutex;
  std::condition_variable moved;
  std::vector<FolderNode> told;
  Sequence at = 0;
  ThreadStrand strand([](const char* text) { FAIL(text); });
  {
    LiveFolders folders(*life.journal, strand, FolderTree::Open,
                        {[&](FolderTree& tree, std::span<const TableChange>) {
                           const std::lock_guard lock(mutex);
                           told = tree.nodes();
                           at = tree.at();
                           moved.notify_all();
                         },
                         [](const Error& error) { FAIL(error.context); }});
    for (int round = 0; round < 10; ++round) {
      life.Live(25);
      life.Make({}, "m" + std::to_string(round));
      std::unique_lock lock(mutex);
      moved.wait(lock, [&] { return at == life.journal->stats().last; });
      CHECK(told == ListFolders(*life.journal->View()).value());
    }
  }
  strand.Stop();
}
