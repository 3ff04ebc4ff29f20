#include <atomic>
#include <thread>

#include "base/system/files.h"
#include "base/system/system_clock.h"
#include "bench/raw_rocksdb.h"
#include "bench/report.h"
#include "journal/journal.h"
#include "projection/folds.h"
#include "replicator/rows.h"

namespace outpost::bench {
namespace {

constexpr std::size_t kNoteBytes = 250;  // with the other fields an event of about 400 bytes
constexpr int kRuns = 3;

struct World {
  SystemClock clock;
  ReplicationRows replication;
  AccountFolds folds{{&replication}};
};

FieldId Field(const char* name) { return FindField(ItemType::kContact, name)->id; }

NewEvent Event(Kind kind, const ItemId& item, std::uint64_t number, const char* prefix) {
  ChangeBody body;
  body.patch[Field("last_name")] = prefix + std::to_string(number);
  body.patch[Field("first_name")] = std::string("First");
  body.patch[Field("email1")] = "person" + std::to_string(number) + "@example.org";
  body.patch[Field("note")] = std::string(kNoteBytes, static_cast<char>('a' + number % 26));
  if (kind == Kind::kRemoteCreated) body.remote_id = std::to_string(number);
  body.version = static_cast<std::int64_t>(number);
  return {kind, Origin::kServer, ItemType::kContact, item, {}, Encode(body)};
}

// Appends one event for each item, `batch` at a time; answers the seconds.
Result<double> AppendAll(Journal& journal, const SystemClock& clock, const std::vector<ItemId>& items, Kind kind,
                         const char* prefix, std::size_t batch, Durability durability) {
  std::vector<Batch> batches;
  for (std::size_t i = 0; i < items.size(); ++i) {
    if (i % batch == 0) batches.emplace_back();
    batches.back().push_back(Event(kind, items[i], i, prefix));
  }
  const auto start = clock.MonotonicNow();
  for (Batch& one : batches) OUTPOST_TRYV(journal.AppendAndWait(std::move(one), {}, durability));
  return static_cast<double>((clock.MonotonicNow() - start).count()) / 1e6;
}

// One run: items are made, then each is changed once, which is measured; then raw RocksDB puts the very same rows.
Result<std::pair<double, double>> Run(const std::filesystem::path& folder, std::size_t count, std::size_t batch,
                                      Durability durability) {
  World world;
  SeededRandom random(1);
  std::vector<ItemId> items;
  for (std::size_t i = 0; i < count; ++i) items.push_back(MakeId<ItemId>(world.clock.WallNow(), random));
  JournalOptions options;
  options.folder = folder / "journal";
  double seconds = 0;
  std::uint64_t from = 0;
  {
    OUTPOST_TRY(const auto journal,
                Journal::Open(options, world.folds.all(), world.folds.items, world.clock, NullLog()));
    OUTPOST_TRYV(AppendAll(*journal, world.clock, items, Kind::kRemoteCreated, "Old", 1000, Durability::kUnsynced));
    OUTPOST_TRYV(journal->Flush());
    from = journal->stats().last + 1;
    OUTPOST_TRY(seconds, AppendAll(*journal, world.clock, items, Kind::kRemoteChanged, "New", batch, durability));
  }
  OUTPOST_TRY(const RawRows rows, ReadBackRows(options.folder, from, batch));
  OUTPOST_TRY(const double raw, PutRaw(folder / "raw", rows, durability == Durability::kSynced));
  const auto events = static_cast<double>(count);
  return std::pair(events / seconds, events / raw);
}

Result<void> Appends(const char* figure, std::size_t count, std::size_t batch, Durability durability, double ratio,
                     std::vector<Row>& rows) {
  std::vector<double> ours, raws;
  for (int run = 0; run < kRuns; ++run) {
    OUTPOST_TRY(const auto folder, MakeTemporaryFolder("outpost-bench-"));
    const auto measured = Run(folder, count, batch, durability);
    std::error_code ignored;
    std::filesystem::remove_all(folder, ignored);
    if (!measured) return measured.error();
    ours.push_back(measured.value().first);
    raws.push_back(measured.value().second);
  }
  rows.push_back({"journal", figure, Median(ours), "events/s", Median(raws), ratio});
  return Ok();
}

// `threads` threads, each appending single synced events one after the other.
Result<double> SingleEvents(std::size_t threads, std::size_t each) {
  World world;
  OUTPOST_TRY(const auto folder, MakeTemporaryFolder("outpost-bench-"));
  JournalOptions options;
  options.folder = folder / "journal";
  double rate = 0;
  {
    OUTPOST_TRY(const auto journal,
                Journal::Open(options, world.folds.all(), world.folds.items, world.clock, NullLog()));
    std::atomic<bool> failed{false};
    std::vector<std::thread> running;
    const auto start = world.clock.MonotonicNow();
    for (std::size_t t = 0; t < threads; ++t)
      running.emplace_back([&, t] {
        SeededRandom random(t + 1);
        for (std::size_t i = 0; i < each; ++i) {
          const auto item = MakeId<ItemId>(Millis{1}, random);
          if (!journal->AppendAndWait({Event(Kind::kRemoteCreated, item, t * each + i, "S")}, {}, Durability::kSynced))
            failed = true;
        }
      });
    for (std::thread& thread : running) thread.join();
    if (failed) return Error{Code::kUnavailable, Retry::kNever, "an append of the measurement failed"};
    rate =
        static_cast<double>(threads * each) * 1e6 / static_cast<double>((world.clock.MonotonicNow() - start).count());
  }
  std::error_code ignored;
  std::filesystem::remove_all(folder, ignored);
  return rate;
}

}  // namespace

Result<void> JournalScenario(const Options& options, std::vector<Row>& rows) {
  const std::size_t count = options.smoke ? 1'000 : 50'000;
  OUTPOST_TRYV(Appends("synced append, batches of 50, folds on", count, 50, Durability::kSynced, 0.6, rows));
  rows.push_back({"journal", "the same, as a rate", rows.back().value, "events/s", std::nullopt, 35'000});
  OUTPOST_TRYV(Appends("unsynced append, batches of 1,000, folds on", count, 1'000, Durability::kUnsynced, 0.5, rows));
  OUTPOST_TRY(const double one, SingleEvents(1, options.smoke ? 50 : 2'000));
  OUTPOST_TRY(const double many, SingleEvents(64, options.smoke ? 5 : 1'000));
  rows.push_back({"journal", "64 threads of single synced events", many, "events/s", one, 15});
  return Ok();
}

}  // namespace outpost::bench
