#include "bench/journal_world.h"
#include "bench/report.h"
#include "projection/past.h"

namespace outpost::bench {
namespace {

constexpr int kRuns = 9;
constexpr const char* kPast = "a folder of 10,000 as it stood 1,000 changes ago, first to last item";

}  // namespace

Result<void> TablesScenario(const Options& options, std::vector<Row>& rows) {
  if (!options.wants(kPast)) return Ok();
  World world;
  OUTPOST_TRY(const auto folder, BenchFolder::Make());
  JournalOptions journal_options;
  journal_options.folder = folder.path() / "journal";
  OUTPOST_TRY(const auto journal, world.Open(journal_options));
  const auto items = MakeItems(world.clock, options.smoke ? 1'000 : 10'000);
  OUTPOST_TRYV(AppendAll(*journal, world.clock, items, Kind::kRemoteCreated, "Old", 1000, Durability::kUnsynced));
  const Sequence then = journal->stats().last;
  std::vector<ItemId> changed;
  for (std::size_t i = 0; i < items.size(); i += 10) changed.push_back(items[i]);
  OUTPOST_TRYV(AppendAll(*journal, world.clock, changed, Kind::kRemoteChanged, "New", 50, Durability::kSynced));
  std::vector<double> times;
  for (int run = 0; run < kRuns; ++run) {
    const auto view = journal->View();
    std::size_t seen = 0;
    const auto start = world.clock.MonotonicNow();
    OUTPOST_TRY(const Past past, Past::Open(*view, then));
    OUTPOST_TRYV(past.ForEachItem({}, [&](const ItemState& item) {
      seen += item.Head().empty() ? 0 : 1;
      return true;
    }));
    times.push_back(SecondsSince(world.clock, start) * 1'000);
    if (seen != items.size())
      return Error{Code::kCorrupt, Retry::kNever, "the folder shows " + std::to_string(seen) + " items"};
  }
  rows.push_back({"tables", kPast, Median(times), "ms", std::nullopt, 100, true});
  return Ok();
}

}  // namespace outpost::bench
