#include <algorithm>
#include <atomic>
#include <thread>

#include "bench/journal_rows.h"
#include "bench/journal_world.h"

namespace outpost::bench {
namespace {

constexpr int kRuns = 3;
constexpr const char* kFigure = "64 threads of single synced events";

// `threads` threads, each appending single synced events one after the other; answers the events a second. The events
// are made before, so that it is the journal that is measured.
Result<double> SingleEvents(JournalOptions options, std::size_t threads, std::size_t each) {
  World world;
  OUTPOST_TRY(const auto folder, BenchFolder::Make());
  options.folder = folder.path() / "journal";
  std::vector<std::vector<Batch>> batches(threads);
  const auto items = MakeItems(world.clock, threads * each);
  for (std::size_t i = 0; i < items.size(); ++i)
    batches[i % threads].push_back({ContactEvent(Kind::kRemoteCreated, items[i], i, "S")});
  OUTPOST_TRY(const auto journal, world.Open(options));
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
  return static_cast<double>(items.size()) / SecondsSince(world.clock, start);
}

}  // namespace

Result<void> ThreadRows(const Options& options, const JournalOptions& journal, std::vector<Row>& rows) {
  if (!options.wants(kFigure)) return Ok();
  std::vector<std::pair<double, double>> runs;  // ratio, one thread
  for (int run = 0; run < kRuns; ++run) {
    OUTPOST_TRY(const double one, SingleEvents(journal, 1, options.smoke ? 50 : 2'000));
    OUTPOST_TRY(const double many, SingleEvents(journal, 64, options.smoke ? 5 : 1'000));
    runs.emplace_back(many / one, one);
  }
  std::sort(runs.begin(), runs.end());
  const auto [ratio, one] = runs[runs.size() / 2];
  rows.push_back({"journal", kFigure, ratio * one, "events/s", one, 15});
  return Ok();
}

}  // namespace outpost::bench
