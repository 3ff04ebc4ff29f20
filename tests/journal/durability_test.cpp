#include <fstream>

#include "base/random.h"
#include "journal/layout.h"
#include "tests/journal/fault_fs.h"
#include "tests/journal/journal_dsl.h"

using namespace outpost;
using namespace outpost::test;

namespace {

// A journal on a disk with faults. The environment outlives the journal.
struct FaultyBench {
  std::shared_ptr<FaultFs> fs = std::make_shared<FaultFs>();
  std::unique_ptr<rocksdb::Env> env = rocksdb::NewCompositeEnv(fs);
  Bench bench{[this] {
    JournalOptions options;
    options.rocksdb_env = env.get();
    options.reserve_bytes = 0;
    return options;
  }()};

  void CutPowerAndReopen(unsigned kept_percent) {
    fs->CutPower(kept_percent);
    bench.Close();
    bench.options.rocksdb_env = nullptr;
    bench.Open();
  }
};

std::filesystem::path NewestLog(const std::filesystem::path& folder) {
  std::filesystem::path newest;
  for (const auto& entry : std::filesystem::directory_iterator(journal::DatabasePath(folder)))
    if (entry.path().extension() == ".log" && entry.path() > newest) newest = entry.path();
  REQUIRE_FALSE(newest.empty());
  return newest;
}

std::uint64_t FileBytes(const std::filesystem::path& path) { return std::filesystem::file_size(path); }

}  // namespace

TEST_CASE("power cut: what was acknowledged as synced is there, what was not may go, and the rest is whole",
          "[journal][fault]") {
  for (const unsigned kept_percent : {0u, 37u, 80u, 100u}) {
    FaultyBench faulty;
    Bench& bench = faulty.bench;
    SeededRandom random(kept_percent + 1);
    Sequence synced = 0;
    Sequence all = 0;
    for (int i = 0; i < 60; ++i) {
      const bool sync = random.Chance(1, 3) && i < 50;
      const auto appended = bench.Append(Changes(random.Below(9), 1 + random.Below(9)), {},
                                         sync ? Durability::kSynced : Durability::kUnsynced);
      REQUIRE(appended);
      all = appended.value().last;
      if (sync) synced = all;
    }
    faulty.CutPowerAndReopen(kept_percent);
    INFO("kept " << kept_percent << "% of the unsynced log");
    CHECK(bench.journal->stats().read_only_reason == "");
    const Sequence last = bench.journal->View()->last();
    CHECK(last >= synced);
    CHECK(last <= all);
    if (kept_percent == 0) CHECK(last == synced);
    if (kept_percent == 100) CHECK(last == all);
    CHECK(bench.Total(Kind::kLocalChanged) == last);
    CHECK(bench.Verify().problem == "");
    CHECK(bench.Rebuild().equal());
    CHECK(bench.MustAppend(Changes(1, 1)) == last + 1);
  }
}

TEST_CASE("failed sync: the append fails, the journal is read-only from then on, reads go on", "[journal][fault]") {
  FaultyBench faulty;
  Bench& bench = faulty.bench;
  bench.MustAppend(Changes(1, 3));
  faulty.fs->FailNextSync();
  const auto failed = bench.Append(Changes(4, 3));
  REQUIRE_FALSE(failed);
  CHECK(failed.error().code == Code::kCorrupt);
  CHECK(failed.error().context.find("read-only") != std::string::npos);
  CHECK(bench.journal->stats().read_only);
  CHECK(bench.Append(Changes(9, 1)).error().code == Code::kCorrupt);
  CHECK(bench.Append(Changes(9, 1), {}, Durability::kUnsynced).error().code == Code::kCorrupt);
  CHECK(bench.journal->Flush().error().code == Code::kCorrupt);
  CHECK(bench.journal->View()->Read(3));
  CHECK(bench.journal->View()->last() == 3);
  faulty.CutPowerAndReopen(0);
  CHECK(bench.journal->stats().read_only_reason == "");
  CHECK(bench.journal->View()->last() == 3);
  CHECK(bench.MustAppend(Changes(4, 1)) == 4);
}

TEST_CASE("witness: a log cut short before it opens read-only, named, and nothing of it is changed",
          "[journal][fault]") {
  Bench bench;
  bench.MustAppend(Changes(1, 5));
  bench.MustAppend(Changes(6, 5));
  bench.Close();
  const auto log = NewestLog(bench.options.folder);
  std::filesystem::resize_file(log, FileBytes(log) - 7);
  const auto size = FileBytes(log);
  bench.Open();
  const auto stats = bench.journal->stats();
  CHECK(stats.read_only);
  CHECK(stats.read_only_reason == "the journal ends at event 5, but event 10 was on disk");
  CHECK(bench.journal->View()->last() == 5);
  CHECK(bench.journal->View()->Read(5));
  CHECK(bench.Head(Item(1)) == 1);
  CHECK(bench.Append(Changes(1, 1)).error().code == Code::kCorrupt);
  const auto report = bench.Verify();
  CHECK_FALSE(report.chain_ok);
  CHECK(report.first_bad == 6);
  bench.Close();
  CHECK(FileBytes(log) == size);
}

TEST_CASE("witness: one flipped bit in the middle of the log never passes for a short journal", "[journal][fault]") {
  Bench bench;
  for (int i = 0; i < 20; ++i) bench.MustAppend(Changes(1, 2));
  bench.Close();
  const auto log = NewestLog(bench.options.folder);
  const std::string whole = ReadFile(log).value();
  SeededRandom random(7);
  int short_ones = 0;
  for (int i = 0; i < 25; ++i) {
    std::string flipped = whole;
    const std::size_t at = random.Below(whole.size());
    flipped[at] = static_cast<char>(flipped[at] ^ (1 << random.Below(8)));
    { std::ofstream(log, std::ios::binary | std::ios::trunc) << flipped; }
    const auto opened = bench.TryOpen();
    INFO("flipped a bit of byte " << at << " of " << whole.size() << ": " << Bench::Outcome(opened));
    if (opened) {
      const Sequence last = bench.journal->View()->last();
      if (last < 40) ++short_ones;
      CHECK(bench.journal->stats().read_only == (last < 40));
      CHECK(bench.Verify().chain_ok == (last == 40));
    } else {
      CHECK(opened.error().code == Code::kCorrupt);
    }
    bench.Close();
    // A journal that was whole has been opened for writing and has a new log by now.
    if (!std::filesystem::exists(log) || FileBytes(log) != whole.size()) break;
  }
  CHECK(short_ones > 0);
}

TEST_CASE("witness: a damaged or missing one is replaced, for it only proves what it can", "[journal][fault]") {
  Bench bench;
  bench.MustAppend(Changes(1, 5));
  for (const bool missing : {false, true}) {
    bench.Close();
    const auto tail = journal::TailPath(bench.options.folder);
    if (missing) {
      std::filesystem::remove(tail);
    } else {
      std::filesystem::resize_file(tail, 20);
    }
    bench.Open();
    CHECK_FALSE(bench.journal->stats().read_only);
    CHECK(bench.Verify().chain_ok);
    CHECK(journal::ReadWitness(bench.options.folder)->last == bench.journal->View()->last());
    bench.MustAppend(Changes(1, 1));
  }
}

TEST_CASE("witness: it names only what is synced", "[journal][fault]") {
  FaultyBench faulty;
  Bench& bench = faulty.bench;
  bench.MustAppend(Changes(1, 2));
  REQUIRE(bench.Append(Changes(1, 2), {}, Durability::kUnsynced));
  CHECK(journal::ReadWitness(bench.options.folder)->last == 2);
  REQUIRE(bench.journal->Flush());
  CHECK(journal::ReadWitness(bench.options.folder)->last == 4);
  CHECK(bench.journal->stats().syncs == 2);
}
