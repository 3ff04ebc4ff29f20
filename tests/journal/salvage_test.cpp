// What salvage promises: no event outside a damaged block or file is lost, what is missing is listed truly, and the new
// journal is whole, writable, and of the state that was known.
#include "journal/salvage.h"

#include <algorithm>
#include <map>
#include <set>

#include "journal/item_fold.h"
#include "tests/journal/flip.h"
#include "tests/journal/journal_dsl.h"

using namespace outpost;
using namespace outpost::test;

namespace {

namespace fs = std::filesystem;

// A journal with the item fold, as an account has it.
struct ItemJournal {
  ManualClock clock{Millis(1'700'000'000'000)};
  ItemFold fold{1, {}};
  std::unique_ptr<Journal> journal;

  Result<void> Open(const fs::path& folder, bool create) {
    journal.reset();
    JournalOptions options;
    options.folder = folder;
    options.create = create;
    options.id = "anna@test";
    OUTPOST_TRY(journal, Journal::Open(options, {&fold}, fold, clock, NullLog()));
    return Ok();
  }
  void Append(Batch batch, Durability durability = Durability::kSynced) {
    REQUIRE(Bench::Outcome(journal->AppendAndWait(std::move(batch), {}, durability)) == "ok");
    clock.Advance(Millis(1000));
  }
};

// What a journal holds, to compare with.
struct Truth {
  std::map<Sequence, std::string> events;  // kind, item, op and body
  std::map<std::string, std::string> rows;
};

std::string Named(const Event& event) {
  return std::to_string(static_cast<int>(event.header.kind)) + event.header.item.Hex() +
         std::to_string(event.header.time.count()) + event.body;
}

Truth TruthOf(const JournalView& view) {
  Truth truth;
  REQUIRE(view.Scan(1, view.last(), [&](const Event& event) {
    truth.events[event.seq] = Named(event);
    return true;
  }));
  REQUIRE(view.Scan(kItemsTable, "", "", [&](std::string_view key, std::string_view value) {
    auto item = DecodeItem(*ItemId::FromView(key), value).value();
    item.head_seq = 0;  // a restatement is the head of its item
    truth.rows[item.id.Hex()] = EncodeItem(item);
    return true;
  }));
  return truth;
}

std::map<std::string, std::uintmax_t> Sizes(const fs::path& folder) {
  std::map<std::string, std::uintmax_t> sizes;
  std::error_code gone;
  for (fs::recursive_directory_iterator at(folder, gone), end; !gone && at != end; at.increment(gone)) {
    std::error_code ignored;
    if (at->is_regular_file(ignored)) sizes[at->path().string()] = at->file_size(ignored);
  }
  return sizes;
}

// A journal of several tables and a log, as a crash leaves it, and the truth about it. Made once for each length.
struct Source {
  Folder folder;
  fs::path crashed = folder.beside("crashed");
  Truth truth;

  explicit Source(int appends) {
    ItemJournal source;
    const fs::path live = folder.beside("live");
    REQUIRE(Bench::Outcome(source.Open(live, true)) == "ok");
    for (int i = 0; i < appends; ++i) {
      Batch batch;
      const std::string text = "text " + std::to_string(i) + std::string(300, 'x');
      for (std::uint64_t k = 0; k < 4; ++k)
        batch.push_back(Change(Item(static_cast<std::uint64_t>(i) * 7 % 50 + k), text));
      batch[0].kind = Kind::kLocalCreated;
      source.Append(std::move(batch), i + 1 == appends ? Durability::kSynced : Durability::kUnsynced);
      // Tables of their own, as years of use make them.
      if (i % 100 == 60) REQUIRE(source.journal->MakeCheckpoint(folder.beside(("c" + std::to_string(i)).c_str())));
    }
    truth = TruthOf(*source.journal->View());
    // While it is open: of one moment only where no file came, went or grew meanwhile.
    for (auto before = Sizes(live);; before = Sizes(live)) {
      std::error_code missed;
      fs::copy(live, crashed, fs::copy_options::recursive, missed);
      if (!missed && Sizes(live) == before) break;
      fs::remove_all(crashed);
    }
  }
  static const Source& Of(int appends) {
    static std::map<int, std::unique_ptr<Source>> sources;
    auto& source = sources[appends];
    if (!source) source = std::make_unique<Source>(appends);
    return *source;
  }
};

// A copy of it, to be damaged.
struct Damaged {
  Folder folder;
  Truth truth;
  fs::path from = folder.path();
  fs::path to = folder.beside("new");

  explicit Damaged(int appends = 300) : truth(Source::Of(appends).truth) {
    fs::copy(Source::Of(appends).crashed, from, fs::copy_options::recursive);
  }

  std::vector<fs::path> Files(const std::string& extension) const {
    std::vector<fs::path> files;
    for (const auto& entry : fs::directory_iterator(from / "db"))
      if (entry.path().extension() == extension && entry.file_size() > 0) files.push_back(entry.path());
    std::sort(files.begin(), files.end());
    return files;
  }

  SalvageReport Salvage() {
    const auto before = Contents();
    ManualClock clock(Millis(1'800'000'000'000));
    ItemFold fold(1, {});
    auto report = outpost::Salvage({from, to, "anna@test", {}, nullptr}, {&fold}, clock);
    REQUIRE(Bench::Outcome(report) == "ok");
    CHECK(Contents() == before);  // the damaged journal is as it was
    return std::move(report).value();
  }

  // The new journal keeps its promises; returns the sequences that are missing in it.
  std::set<Sequence> Check(const SalvageReport& report) {
    ItemJournal made;
    REQUIRE(Bench::Outcome(made.Open(to, false)) == "ok");
    CHECK(made.journal->stats().read_only_reason == "");
    const auto view = made.journal->View();
    const auto verified = VerifyEvents(*view).value();
    INFO(verified.problem);
    CHECK(verified.chain_ok);
    CHECK(VerifyRebuild(*view, {&made.fold}).value().equal());
    CHECK(view->last() == report.last);
    std::set<Sequence> missing;
    for (const auto& [seq, named] : truth.events) {
      const auto event = view->Read(seq);
      if (event)
        CHECK(Named(event.value()) == named);
      else
        missing.insert(seq);
    }
    CheckList(report, missing);
    made.Append({Change(Item(1), "life goes on")});
    CHECK(VerifyEvents(*made.journal->View()).value().chain_ok);
    return missing;
  }

  // The list of what is missing is the truth.
  void CheckList(const SalvageReport& report, const std::set<Sequence>& missing) const {
    std::set<Sequence> listed;
    for (const MissingRun& run : report.runs)
      for (Sequence seq = run.from; seq <= run.to; ++seq) listed.insert(seq);
    CHECK(listed == missing);
    CHECK(report.missing == missing.size());
    CHECK(report.events == truth.events.size() - missing.size());
    for (const MissingEvent& event : report.about) {
      CHECK(missing.count(event.seq) == 1);
      CHECK(truth.events.at(event.seq).find(event.item.Hex()) != std::string::npos);
    }
  }

  // All rows as they were.
  void CheckRows() {
    ItemJournal made;
    REQUIRE(Bench::Outcome(made.Open(to, false)) == "ok");
    auto rows = TruthOf(*made.journal->View()).rows;
    rows.erase(Item(1).Hex());  // Check() changed it
    auto expected = truth.rows;
    expected.erase(Item(1).Hex());
    CHECK(rows == expected);
  }

 private:
  std::map<std::string, std::string> Contents() const {
    std::map<std::string, std::string> contents;
    for (const auto& entry : fs::recursive_directory_iterator(from))
      if (entry.is_regular_file()) contents[entry.path().string()] = ReadFile(entry.path()).value();
    return contents;
  }
};

}  // namespace

TEST_CASE("salvage: of a whole journal all is the same, the root too", "[salvage]") {
  Damaged damaged;
  const auto report = damaged.Salvage();
  CHECK(report.missing == 0);
  CHECK(report.unproven == 0);
  CHECK(report.last == damaged.truth.events.size());
  for (const auto& way : report.ways) UNSCOPED_INFO(way);
  CHECK(report.ways.size() == 1);
  CHECK(damaged.Check(report).empty());
  damaged.CheckRows();
}

TEST_CASE("salvage: TAIL, FORMAT, CURRENT, the manifest or all of them gone lose nothing", "[salvage]") {
  const auto gone = GENERATE(std::vector<std::string>{"TAIL"}, std::vector<std::string>{"FORMAT"},
                             std::vector<std::string>{"CURRENT"}, std::vector<std::string>{"MANIFEST"},
                             std::vector<std::string>{"TAIL", "FORMAT", "CURRENT", "MANIFEST", "OPTIONS", "IDENTITY"});
  Damaged damaged;
  INFO(gone.front() << " and " << gone.size() - 1 << " more");
  for (const auto& entry : fs::recursive_directory_iterator(fs::path(damaged.from)))
    for (const auto& name : gone)
      if (entry.path().filename().string().starts_with(name)) fs::remove(entry.path());
  const auto report = damaged.Salvage();
  CHECK(damaged.Check(report).empty());
  damaged.CheckRows();
}

TEST_CASE("salvage: a flipped bit in a table costs its block and nothing else", "[salvage]") {
  Damaged damaged;
  const auto tables = damaged.Files(".sst");
  REQUIRE(tables.size() >= 3);
  const auto which = GENERATE(0, 1, 2, 3, 4);
  const auto where = GENERATE(5, 40, 70);
  const auto& table = tables[static_cast<std::size_t>(which) % tables.size()];
  Flip(table, fs::file_size(table) * static_cast<std::size_t>(where) / 100);
  const auto report = damaged.Salvage();
  const auto missing = damaged.Check(report);
  std::string told;
  for (const auto& way : report.ways) told += "\n" + way;
  for (const auto& run : report.runs) told += "\n" + std::to_string(run.from) + ".." + std::to_string(run.to);
  INFO(table.filename() << " at " << where << "%" << told);
  CHECK(missing.size() <= 64);  // a block of 4 KiB before compression, of records alike
  damaged.CheckRows();          // the rows knew what the events lost
}

TEST_CASE("salvage: a table that is gone costs its events, and the rows of items save their state", "[salvage]") {
  Damaged damaged;
  const auto tables = damaged.Files(".sst");
  const auto which = GENERATE(0, 1, 2, 3, 4, 5);
  fs::remove(tables[static_cast<std::size_t>(which) % tables.size()]);
  const auto report = damaged.Salvage();
  const auto missing = damaged.Check(report);
  CHECK(missing.size() < damaged.truth.events.size());
}

TEST_CASE("salvage: a flipped bit in the log costs the appends it lies in", "[salvage]") {
  Damaged damaged(90);
  const auto logs = damaged.Files(".log");
  REQUIRE(logs.size() == 1);
  const auto where = GENERATE(1, 20, 50, 80, 99);
  Flip(logs[0], fs::file_size(logs[0]) * static_cast<std::size_t>(where) / 100);
  const auto report = damaged.Salvage();
  const auto missing = damaged.Check(report);
  CHECK(missing.size() <= 100);  // RocksDB looks for the next record in the next block of 32 KiB
}

TEST_CASE("salvage: files cut off keep what is before the cut", "[salvage]") {
  Damaged damaged(90);
  const auto extension = GENERATE(std::string(".log"), std::string(".sst"));
  const auto files = damaged.Files(extension);
  REQUIRE_FALSE(files.empty());
  fs::resize_file(files.back(), fs::file_size(files.back()) / 2);
  const auto missing = damaged.Check(damaged.Salvage());
  CHECK(missing.size() < damaged.truth.events.size());
  if (extension == ".log") {
    CHECK(missing.size() > 1);
    CHECK(*missing.rbegin() == damaged.truth.events.size());  // the lost end is known from TAIL
  }
}

TEST_CASE("salvage: a salvaged journal that is damaged again is salvaged again", "[salvage]") {
  Damaged damaged;
  auto tables = damaged.Files(".sst");
  Flip(tables[0], fs::file_size(tables[0]) / 3);
  const auto first = damaged.Salvage();
  const auto missing = damaged.Check(first);
  Damaged again(2);
  fs::remove_all(again.from);
  fs::copy(damaged.to, again.from, fs::copy_options::recursive);
  {
    ItemJournal made;
    REQUIRE(Bench::Outcome(made.Open(again.from, false)) == "ok");
    again.truth = TruthOf(*made.journal->View());
  }
  fs::remove(again.from / "TAIL");
  fs::remove(again.from / "db" / "CURRENT");
  const auto report = again.Salvage();
  CHECK(again.Check(report).empty());
  again.CheckRows();
}

TEST_CASE("salvage: what was there is refused or missing is said, and nothing is left of the attempt", "[salvage]") {
  Damaged damaged(3);
  ManualClock clock(Millis(1));
  ItemFold fold(1, {});
  const auto salvage = [&](const fs::path& from) {
    return outpost::Salvage({from, damaged.to, "anna@test", {}, nullptr}, {&fold}, clock);
  };
  CHECK(salvage(damaged.folder.beside("nothing")).error().code == Code::kNotFound);
  CHECK_FALSE(fs::exists(damaged.to));
  {
    const auto held = FileLock::Take(damaged.from / "LOCK");
    REQUIRE(held);
    CHECK(salvage(damaged.from).error().code == Code::kConflict);
  }
  REQUIRE(WriteFileDurably(damaged.from / "FORMAT", "outpost-journal 99\n"));
  CHECK(salvage(damaged.from).error().code == Code::kNewerFormat);
  for (const char* extension : {".sst", ".log"})
    for (const auto& file : damaged.Files(extension)) fs::remove(file);
  REQUIRE(WriteFileDurably(damaged.from / "FORMAT", "outpost-journal 1\n"));
  CHECK(salvage(damaged.from).error().code == Code::kCorrupt);
  CHECK_FALSE(fs::exists(damaged.to));
  REQUIRE(MakeFolder(damaged.to));
  CHECK(salvage(damaged.from).error().code == Code::kConflict);
}
