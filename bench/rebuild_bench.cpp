// Rows folded again beside their use: how fast, and how long an append has to wait meanwhile.
#include <algorithm>
#include <atomic>
#include <thread>

#include "bench/journal_world.h"
#include "bench/report.h"

namespace outpost::bench {
namespace {

constexpr int kRuns = 3;
constexpr std::size_t kEventsOfItem = 10;
constexpr std::size_t kBatch = 1'000;
constexpr const char* kRate = "rows made again beside use, 10 events per item";
constexpr const char* kWait = "longest unsynced append of one event meanwhile";

struct Measured {
  double rate = 0;     // events/s
  double longest = 0;  // ms
};

// Appends one event after the other until `stop`; the longest took so many milliseconds.
Result<double> AppendUntil(Journal& journal, const Clock& clock, const ItemId& item, const std::atomic<bool>& stop) {
  double longest = 0;
  for (std::uint64_t number = 0; !stop; ++number) {
    Batch batch{ContactEvent(Kind::kRemoteChanged, item, number, "Beside")};
    const auto start = clock.MonotonicNow();
    OUTPOST_TRYV(journal.AppendAndWait(std::move(batch), {}, Durability::kUnsynced));
    longest = std::max(longest, SecondsSince(clock, start) * 1e3);
    std::this_thread::yield();
  }
  return longest;
}

Result<Measured> RebuildOnce(World& world, Journal& journal, const ItemId& item) {
  std::atomic<bool> stop{false};
  Result<double> longest = 0.0;
  std::thread beside([&] { longest = AppendUntil(journal, world.clock, item, stop); });
  World other;
  const auto start = world.clock.MonotonicNow();
  const auto report = journal.Refold(other.folds.all(), [] { return false; });
  const double seconds = SecondsSince(world.clock, start);
  stop = true;
  beside.join();
  OUTPOST_TRYV(report);
  OUTPOST_TRYV(longest);
  return Measured{static_cast<double>(report.value().events) / seconds, longest.value()};
}

}  // namespace

Result<void> RebuildScenario(const Options& options, std::vector<Row>& rows) {
  if (!options.wants(kRate) && !options.wants(kWait)) return Ok();
  OUTPOST_TRY(const auto folder, BenchFolder::Make());
  World world;
  JournalOptions journal_options;
  journal_options.folder = folder.path() / "journal";
  OUTPOST_TRY(const auto journal, world.Open(journal_options));
  const auto items = MakeItems(world.clock, options.smoke ? 200 : 20'000);
  for (std::size_t round = 0; round < kEventsOfItem; ++round)
    OUTPOST_TRYV(AppendAll(*journal, world.clock, items, round == 0 ? Kind::kRemoteCreated : Kind::kRemoteChanged,
                           "Fill", kBatch, Durability::kUnsynced));
  std::vector<double> rates, waits;
  for (int run = 0; run < kRuns; ++run) {
    OUTPOST_TRY(const Measured measured, RebuildOnce(world, *journal, items.front()));
    rates.push_back(measured.rate);
    waits.push_back(measured.longest);
  }
  rows.push_back({"rebuild", kRate, Median(rates), "events/s", std::nullopt, 400'000, false});
  rows.push_back({"rebuild", kWait, Median(waits), "ms", std::nullopt, std::nullopt, true});
  return Ok();
}

}  // namespace outpost::bench
