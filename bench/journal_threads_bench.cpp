#include <algorithm>
#include <atomic>
#include <thread>

#include "bench/journal_rows.h"
#include "bench/journal_world.h"
#include "bench/raw_rocksdb.h"

namespace outpost::bench {
namespace {

constexpr int kRuns = 3;
constexpr std::size_t kThreads = 64;
constexpr const char* kFigure = "64 threads of single synced events";
constexpr const char* kBesideRaw = "64 threads, beside 64 of raw RocksDB";
constexpr const char* kRaw = "raw RocksDB, 64 threads beside one";

// Events a second.
struct Rates {
  double ours = 0;
  double raw = 0;  // the same keys and values, put by as many threads; 0: not measured
};

// `threads` threads, each appending single synced events one after the other. The events are made before, so that it is
// the journal that is measured.
Result<Rates> SingleEvents(JournalOptions options, std::size_t threads, std::size_t each) {
  World world;
  OUTPOST_TRY(const auto folder, BenchFolder::Make());
  options.folder = folder.path() / "journal";
  std::vector<std::vector<Batch>> batches(threads);
  const auto items = MakeItems(world.clock, threads * each);
  for (std::size_t i = 0; i < items.size(); ++i)
    batches[i % threads].push_back({ContactEvent(Kind::kRemoteCreated, items[i], i, "S")});
  double seconds = 0;
  Sequence from = 0;
  {
    OUTPOST_TRY(const auto journal, world.Open(options));
    from = journal->stats().last + 1;
    std::atomic<bool> failed{false};
    std::vector<std::thread> running;
    const auto start = world.clock.MonotonicNow();
    for (std::vector<Batch>& own : batches)
      running.emplace_back([&] {
        for (Batch& batch : own)
          if (!journal->AppendAndWait(std::move(batch), {}, Durability::kSynced)) failed = true;
      });
    for (std::thread& thread : running) thread.join();
    if (failed) return Error{Code::kUnavailable, Retry::kNever, "an append of the measurement failed"};
    seconds = SecondsSince(world.clock, start);
  }
  const auto events = static_cast<double>(items.size());
  if (options.key.kind != KeySource::Kind::kNone) return Rates{events / seconds, 0};
  OUTPOST_TRY(const RawRows rows, ReadBackRows(options.folder, from, 1, true));
  OUTPOST_TRY(const double raw, PutRaw(folder.path() / "raw", rows, true, threads));
  return Rates{events / seconds, events / raw};
}

}  // namespace

Result<void> ThreadRows(const Options& options, const JournalOptions& journal, std::vector<Row>& rows) {
  if (!options.wants(kFigure) && !options.wants(kBesideRaw) && !options.wants(kRaw)) return Ok();
  std::vector<std::pair<Rates, Rates>> runs;  // one thread, many
  for (int run = 0; run < kRuns; ++run) {
    OUTPOST_TRY(const Rates one, SingleEvents(journal, 1, options.smoke ? 50 : 2'000));
    OUTPOST_TRY(const Rates many, SingleEvents(journal, kThreads, options.smoke ? 5 : 1'000));
    runs.emplace_back(one, many);
  }
  // The median run by what the threads gain: the machine's moods hit the sides of one run alike.
  std::sort(runs.begin(), runs.end(),
            [](const auto& a, const auto& b) { return a.second.ours / a.first.ours < b.second.ours / b.first.ours; });
  const auto& [one, many] = runs[runs.size() / 2];
  rows.push_back({"journal", kFigure, many.ours, "events/s", one.ours, 15});
  if (many.raw == 0) return Ok();
  rows.push_back({"journal", kBesideRaw, many.ours, "events/s", many.raw, 0.6});
  rows.push_back({"journal", kRaw, many.raw, "writes/s", one.raw, std::nullopt});
  return Ok();
}

}  // namespace outpost::bench
