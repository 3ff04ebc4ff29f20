#include "journal/verify.h"

#include <rocksdb/write_batch.h>

#include "journal/fold_host.h"
#include "journal/layout.h"
#include "journal/record.h"
#include "tests/journal/journal_dsl.h"

using namespace outpost;
using namespace outpost::test;

namespace {

// Opens the closed journal's database behind its back.
std::shared_ptr<journal::Rocks> Database(const Bench& bench) {
  return journal::Rocks::Open(journal::DatabasePath(bench.options.folder), journal::Rocks::Mode::kWrite, nullptr)
      .value();
}

enum class Where { kEvents, kState, kMeta };

rocksdb::ColumnFamilyHandle* FamilyOf(const journal::Rocks& rocks, Where where) {
  return where == Where::kEvents ? rocks.events() : where == Where::kState ? rocks.state() : rocks.meta();
}

// Flips a bit of byte `at` (from the end if negative) of the value under `key`; the checksums below it are then those
// of the new bytes.
void Flip(Bench& bench, Where where, const std::string& key, int at) {
  bench.Close();
  {
    const auto rocks = Database(bench);
    auto* family = FamilyOf(*rocks, where);
    std::string value = rocks->Get(rocksdb::ReadOptions(), family, key).value().value();
    value[at < 0 ? value.size() - static_cast<std::size_t>(-at) : static_cast<std::size_t>(at)] ^= 1;
    REQUIRE(rocks->db().Put(rocksdb::WriteOptions(), family, key, value).ok());
  }
  bench.Open();
}

void Drop(Bench& bench, Where where, const std::string& key) {
  bench.Close();
  {
    const auto rocks = Database(bench);
    REQUIRE(rocks->db().Delete(rocksdb::WriteOptions(), FamilyOf(*rocks, where), key).ok());
  }
  bench.Open();
}

// Appends 1..3, 4..6, 7..9 and 10.
void Fill(Bench& bench) {
  for (int i = 0; i < 3; ++i) bench.MustAppend(Changes(1, 3));
  bench.MustAppend(Changes(5, 1));
}

}  // namespace

TEST_CASE("verify: a whole journal has one root, the same for the same events", "[journal][verify]") {
  Bench one, two;
  Fill(one);
  Fill(two);
  const auto report = one.Verify();
  CHECK(report.chain_ok);
  CHECK(report.problem == "");
  CHECK(report.first_bad == 0);
  CHECK(report.events == 10);
  CHECK(report.appends == 4);
  CHECK(report.root == two.Verify().root);
  two.MustAppend(Changes(1, 1));
  CHECK(report.root != two.Verify().root);
  one.Reopen();
  CHECK(one.Verify().root == report.root);
}

TEST_CASE("verify: journals of other names never share a root", "[journal][verify]") {
  JournalOptions named;
  named.id = "anna";
  Bench one, two(named);
  CHECK(one.Verify().root != two.Verify().root);
}

TEST_CASE("verify: a changed event is found and its append named", "[journal][verify]") {
  for (const int at : {-1, -9, 20}) {
    Bench bench;
    Fill(bench);
    Flip(bench, Where::kEvents, journal::EventKey(5), at);
    const auto report = bench.Verify();
    INFO(report.problem);
    CHECK_FALSE(report.chain_ok);
    CHECK(report.first_bad >= 4);
    CHECK(report.first_bad <= 5);
    CHECK(report.events == 10);
  }
}

TEST_CASE("verify: a record that cannot be read is named by its sequence", "[journal][verify]") {
  Bench bench;
  Fill(bench);
  Flip(bench, Where::kEvents, journal::EventKey(5), 0);  // the form
  CHECK(bench.Verify().first_bad == 5);
  CHECK(bench.journal->View()->Read(5).error().code == Code::kCorrupt);
  CHECK(bench.journal->View()->Read(6));
}

TEST_CASE("verify: a changed mark is told from a changed event", "[journal][verify]") {
  Bench bench;
  Fill(bench);
  Flip(bench, Where::kMeta, journal::MarkKey(6), -1);
  const auto report = bench.Verify();
  CHECK_FALSE(report.chain_ok);
  CHECK(report.first_bad == 4);
  CHECK(report.problem == "the mark of append 4..6 is damaged, its events are whole");
  Bench other;
  Fill(other);
  Flip(other, Where::kEvents, journal::EventKey(4), -1);
  CHECK(other.Verify().problem == "the events of append 4..6 are not those that were appended");
}

TEST_CASE("verify: a missing event and a missing mark are named", "[journal][verify]") {
  for (const Sequence gone : {1, 5, 9}) {
    Bench bench;
    Fill(bench);
    Drop(bench, Where::kEvents, journal::EventKey(gone));
    CHECK(bench.Verify().first_bad == gone);
    CHECK(bench.Verify().problem == "event " + std::to_string(gone) + " is missing");
    CHECK_FALSE(bench.journal->View()->Scan(1, 10, [](const Event&) { return true; }));
  }
  Bench bench;
  Fill(bench);
  Drop(bench, Where::kMeta, journal::MarkKey(6));
  CHECK(bench.Verify().first_bad == 4);
}

TEST_CASE("verify: a last mark or a last event that does not fit the rest opens read-only", "[journal][verify]") {
  Bench bench;
  Fill(bench);
  Flip(bench, Where::kMeta, journal::MarkKey(10), -1);
  CHECK(bench.journal->stats().read_only);
  CHECK_FALSE(bench.Verify().chain_ok);
  Bench other;
  Fill(other);
  Drop(other, Where::kEvents, journal::EventKey(10));
  CHECK(other.journal->stats().read_only);
  CHECK(other.Verify().first_bad == 10);
}

TEST_CASE("verify: an erased body leaves the chain whole", "[journal][verify]") {
  Bench bench;
  Fill(bench);
  bench.Close();
  {
    const auto rocks = Database(bench);
    const std::string key = journal::EventKey(5);
    std::string value = rocks->Get(rocksdb::ReadOptions(), rocks->events(), key).value().value();
    const auto record = journal::ParseRecord(value).value();
    const Digest hash = Sha256Of(record.rest);
    std::string erased = value.substr(0, value.size() - record.rest.size()).append(AsText(hash));
    erased[0] = static_cast<char>(journal::Form::kErased);
    REQUIRE(rocks->db().Put(rocksdb::WriteOptions(), rocks->events(), key, erased).ok());
  }
  bench.Open();
  CHECK(bench.Verify().chain_ok);
  CHECK(bench.journal->View()->Read(5).value().body.empty());
}

TEST_CASE("rebuild: a tampered, an added and a missing state row are each found", "[journal][verify]") {
  Bench bench;
  Fill(bench);
  CHECK(bench.Rebuild().equal());
  CHECK(bench.Rebuild().rows_stored == 5);
  const auto generations = journal::GenerationsOf([&] {
    bench.Close();
    auto records = journal::ReadFoldRecords(*Database(bench), nullptr).value();
    bench.Open();
    return records;
  }());
  const auto key = journal::StateKey(CountingFold::kHeads, generations, Item(1).View());
  Flip(bench, Where::kState, key, -1);
  auto report = bench.Rebuild();
  CHECK(report.rows_different == 1);
  CHECK(report.first_difference == "table 71 key " + Item(1).Hex());
  Drop(bench, Where::kState, key);
  report = bench.Rebuild();
  CHECK(report.rows_different == 1);
  CHECK(report.rows_stored == 4);
}

TEST_CASE("state: a row that cannot be read makes the journal read-only, nothing is written", "[journal][verify]") {
  Bench bench;
  Fill(bench);
  bench.Close();
  {
    const auto rocks = Database(bench);
    const auto generations = journal::GenerationsOf(journal::ReadFoldRecords(*rocks, nullptr).value());
    const auto key = journal::StateKey(CountingFold::kHeads, generations, Item(1).View());
    REQUIRE(rocks->db().Put(rocksdb::WriteOptions(), rocks->state(), key, "short").ok());
  }
  bench.Open();
  CHECK(bench.Append(Changes(2, 1)));
  const auto failed = bench.Append(Changes(1, 1));
  REQUIRE_FALSE(failed);
  CHECK(failed.error().code == Code::kCorrupt);
  CHECK(bench.journal->stats().read_only);
  CHECK(bench.journal->View()->last() == 11);
  CHECK(bench.Verify().chain_ok);
}

TEST_CASE(
    "folds: another version is rebuilt at the open, the old rows go with the next compaction, the journal is the same",
    "[journal][verify]") {
  Bench bench;
  Fill(bench);
  const auto root = bench.Verify().root;
  bench.Close();
  bench.fold = std::make_unique<CountingFold>(2);
  bench.Open();
  CHECK(bench.Total(Kind::kLocalChanged) == 10 * 1001);
  CHECK(bench.Rebuild().equal());
  CHECK(bench.Verify().root == root);
  CHECK(bench.MustAppend(Changes(1, 1)) == 11);
  REQUIRE(bench.journal->Compact());
  bench.Close();
  const auto rocks = Database(bench);
  const std::unique_ptr<rocksdb::Iterator> it(rocks->db().NewIterator(rocksdb::ReadOptions(), rocks->state()));
  std::size_t rows = 0;
  for (it->SeekToFirst(); it->Valid(); it->Next()) {
    CHECK(it->key()[1] == 2);
    ++rows;
  }
  CHECK(rows == 5);
}

TEST_CASE("folds: rows that an interrupted rebuild left behind do not count", "[journal][verify]") {
  Bench bench;
  Fill(bench);
  bench.Close();
  {
    // What a crash between two chunks of a rebuild to generation 2 leaves.
    const auto rocks = Database(bench);
    for (const char* stray : {"\x71\x02stray", "\x72\x02stray"})
      REQUIRE(rocks->db().Put(rocksdb::WriteOptions(), rocks->state(), stray, "left over").ok());
  }
  bench.Open();
  CHECK(bench.Rebuild().equal());
  bench.Close();
  bench.fold = std::make_unique<CountingFold>(2);
  bench.Open();
  CHECK(bench.Rebuild().equal());
}

TEST_CASE("verify: a walk in parts finds what a single walk finds, whole or damaged anywhere", "[journal][verify]") {
  const auto text = [](const VerifyReport& report) {
    return std::to_string(report.events) + " events, " + std::to_string(report.appends) + " appends, root " +
           ToHex(report.root) + ", bad " + std::to_string(report.first_bad) + ": " + report.problem;
  };
  std::size_t damaged = 0;
  const auto compare = [&](const Bench& bench) {
    const auto view = bench.journal->View();
    const auto& rocks_view = dynamic_cast<const journal::RocksView&>(*view);
    const auto whole = journal::VerifyInParts(rocks_view, 1).value();
    if (!whole.chain_ok) ++damaged;
    for (const std::size_t count : {2, 3, 7, 100}) {
      INFO("in " << count << " parts");
      CHECK(text(journal::VerifyInParts(rocks_view, count).value()) == text(whole));
    }
  };
  const auto filled = [](const auto& damage) {
    auto bench = std::make_unique<Bench>();
    for (std::uint64_t i = 0; i < 6; ++i) bench->MustAppend(Changes(i, 1 + i % 3));
    damage(*bench);
    return bench;
  };
  compare(Bench());
  compare(*filled([](Bench&) {}));
  CHECK(damaged == 0);
  for (const Sequence last : {1, 3, 6, 7, 9})  // the marks of the first five of the six appends
    for (const int at : {0, 20}) {
      compare(*filled([&](Bench& bench) { Flip(bench, Where::kMeta, journal::MarkKey(last), at); }));
      compare(*filled([&](Bench& bench) { Drop(bench, Where::kMeta, journal::MarkKey(last)); }));
    }
  for (Sequence seq = 1; seq < 12; ++seq) {
    compare(*filled([&](Bench& bench) { Flip(bench, Where::kEvents, journal::EventKey(seq), -1); }));
    compare(*filled([&](Bench& bench) { Drop(bench, Where::kEvents, journal::EventKey(seq)); }));
  }
  CHECK(damaged == 42);
}

TEST_CASE("size: at most 64 bytes per event beside body, item and op, in appends of 50", "[journal][size]") {
  Bench bench;
  std::uint64_t bodies = 0;
  constexpr std::uint64_t kAppends = 40;
  for (std::uint64_t append = 0; append < kAppends; ++append) {
    Batch batch = Changes(append * 50, 50, 200);
    for (NewEvent& event : batch) {
      event.op = *OpId::FromView(event.item.View());
      bodies += event.body.size();
    }
    bench.MustAppend(std::move(batch));
  }
  bench.Close();
  const auto rocks = Database(bench);
  std::uint64_t bytes = 0;
  const auto add = [&](rocksdb::ColumnFamilyHandle* family, std::string_view prefix) {
    const std::unique_ptr<rocksdb::Iterator> it(rocks->db().NewIterator(rocksdb::ReadOptions(), family));
    for (it->Seek(journal::ToSlice(prefix)); it->Valid() && it->key().starts_with(journal::ToSlice(prefix)); it->Next())
      bytes += it->key().size() + it->value().size();
  };
  add(rocks->events(), "");
  add(rocks->meta(), journal::kMetaMark);
  const double each = static_cast<double>(bytes - bodies) / (kAppends * 50) - 32;
  std::printf("journal bytes per event beside body, item and op: %.1f\n", each);
  CHECK(each <= 64);
}
