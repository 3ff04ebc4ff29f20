#include <algorithm>
#include <cstdio>

#include "bench/journal_rows.h"
#include "bench/journal_world.h"
#include "bench/raw_rocksdb.h"

namespace outpost::bench {
namespace {

constexpr int kRuns = 5;
constexpr const char* kRateFigure = "the same, as a rate";
constexpr const char* kEncrypted = ", encrypted";

struct Rates {
  double ours = 0;
  double raw = 0;
};

struct AppendCase {
  const char* figure;
  std::size_t batch;
  Durability durability;
  bool folds;
  double ratio;  // to reach
};

// One run: items are made, then each is changed once, which is measured; then raw RocksDB puts the very same rows.
Result<Rates> Run(const AppendCase& measured, JournalOptions options, std::size_t count) {
  OUTPOST_TRY(const auto folder, BenchFolder::Make());
  World world;
  const auto items = MakeItems(world.clock, count);
  options.folder = folder.path() / "journal";
  double seconds = 0;
  std::uint64_t from = 0;
  {
    OUTPOST_TRY(const auto journal, measured.folds ? world.Open(options) : world.OpenAlone(options));
    OUTPOST_TRYV(AppendAll(*journal, world.clock, items, Kind::kRemoteCreated, "Old", 1000, Durability::kUnsynced));
    OUTPOST_TRYV(journal->Flush());
    from = journal->stats().last + 1;
    OUTPOST_TRY(seconds, AppendAll(*journal, world.clock, items, Kind::kRemoteChanged, "New", measured.batch,
                                   measured.durability));
  }
  if (options.key.kind != KeySource::Kind::kNone) return Rates{static_cast<double>(count) / seconds, 1};
  OUTPOST_TRY(const RawRows rows, ReadBackRows(options.folder, from, measured.batch, measured.folds));
  OUTPOST_TRY(const double raw, PutRaw(folder.path() / "raw", rows, measured.durability == Durability::kSynced));
  const auto events = static_cast<double>(count);
  return Rates{events / seconds, events / raw};
}

Result<void> Appends(const AppendCase& measured, const JournalOptions& journal, const Options& options,
                     std::vector<Row>& rows) {
  if (!options.wants(measured.figure)) return Ok();
  const std::size_t count = options.smoke ? 1'000 : 50'000;
  std::vector<Rates> runs;
  for (int run = 0; run < kRuns; ++run) {
    OUTPOST_TRY(const Rates rates, Run(measured, journal, count));
    runs.push_back(rates);
  }
  // The median run by ratio, not the medians of both sides: the machine's moods hit the two sides of one run alike.
  std::sort(runs.begin(), runs.end(), [](const Rates& a, const Rates& b) { return a.ours / a.raw < b.ours / b.raw; });
  const Rates& middle = runs[runs.size() / 2];
  rows.push_back({"journal", measured.figure, middle.ours, "events/s", middle.raw, measured.ratio});
  return Ok();
}

}  // namespace

Result<void> AppendRows(const Options& options, const JournalOptions& journal, std::vector<Row>& rows) {
  const AppendCase synced{"synced append, batches of 50, folds on", 50, Durability::kSynced, true, 0.6};
  OUTPOST_TRYV(Appends(synced, journal, options, rows));
  if (options.wants(synced.figure))
    rows.push_back({"journal", kRateFigure, rows.back().value, "events/s", std::nullopt, 35'000});
  OUTPOST_TRYV(Appends({"unsynced append, batches of 1,000, folds on", 1'000, Durability::kUnsynced, true, 0.5},
                       journal, options, rows));
  return Appends({"synced append, batches of 50, no folds", 50, Durability::kSynced, false, 0.8}, journal, options,
                 rows);
}

// The rates of this run once more with encryption on; the floor is what the journal in plain did.
Result<void> EncryptedRows(const Options& options, std::vector<Row>& rows) {
  JournalOptions keyed;
  keyed.key = {KeySource::Kind::kStored, Secret(std::string(kCipherKeyBytes, 'k'))};
  Options own = options;
  own.wants = [&](const std::string& figure) { return options.wants(figure + kEncrypted); };
  std::vector<Row> encrypted;
  OUTPOST_TRYV(AppendRows(own, keyed, encrypted));
  OUTPOST_TRYV(ThreadRows(own, keyed, encrypted));
  OUTPOST_TRYV(ReadRows(own, keyed, encrypted));
  const std::vector<Row> plain = rows;
  for (const Row& row : plain)
    for (const Row& with : encrypted)
      if (with.figure == row.figure && with.unit == "events/s" && row.figure != kRateFigure)
        rows.push_back({row.scenario, row.figure + kEncrypted, with.value, with.unit, row.value, 0.7});
  return Ok();
}

Result<void> JournalScenario(const Options& options, std::vector<Row>& rows) {
  OUTPOST_TRY(const auto folder, BenchFolder::Make());
  std::fprintf(stderr, "file system: %s\n", DiskOf(folder.path()).c_str());
  const JournalOptions journal;
  Options plain = options;  // those that encrypted ones are compared with are measured with them
  plain.wants = [&](const std::string& figure) { return options.wants(figure) || options.wants(figure + kEncrypted); };
  OUTPOST_TRYV(AppendRows(plain, journal, rows));
  OUTPOST_TRYV(ThreadRows(plain, journal, rows));
  OUTPOST_TRYV(ReadRows(plain, journal, rows));
  OUTPOST_TRYV(EncryptedRows(options, rows));
  return OpenRows(options, rows);
}

}  // namespace outpost::bench
