// The cost of one item in accounts of a thousand to a million.
#include "bench/ground.h"
#include "bench/journal_world.h"
#include "bench/report.h"
#include "projection/contents_table.h"
#include "projection/folders.h"

namespace outpost::bench {
namespace {

constexpr std::uint64_t kSizes[] = {1'000, 10'000, 100'000};
constexpr std::uint64_t kEditsMax = 10'000;
constexpr double kGrowth = 2;  // DESIGN.md, "Numbers": unit cost at 10^6 beside 10^4

struct Cost {
  const char* series;
  double micros;
};

Result<double> OpenSorted(Ground& ground) {
  const auto view = std::shared_ptr<const JournalView>(ground.account().View());
  OUTPOST_TRY(const FolderNode folder, FindFolder(*view, "Contacts"));
  TableSpec spec;
  spec.folder = folder.id;
  spec.content = ItemType::kContact;
  spec.sort = {{FindField(ItemType::kContact, "company")->id, true}};
  std::vector<double> seconds;
  for (int run = 0; run < 5; ++run) {
    const auto start = ground.clock().MonotonicNow();
    OUTPOST_TRYV(ContentsTable::Open(view, spec));
    seconds.push_back(SecondsSince(ground.clock(), start));
  }
  return Median(seconds);
}

Result<std::vector<Cost>> CostsAt(std::uint64_t size, std::uint64_t seed) {
  OUTPOST_TRY(const auto ground, Ground::Make({size}, seed));
  const auto each = [](double seconds, std::uint64_t items) { return seconds * 1e6 / static_cast<double>(items); };
  OUTPOST_TRY(const auto first, ground->Sync());
  OUTPOST_TRYV(ground->Sync());
  OUTPOST_TRY(const double opened, OpenSorted(*ground));
  OUTPOST_TRY(auto items, ground->Contacts());
  items.resize(std::min<std::uint64_t>(items.size(), kEditsMax));
  const FieldId room = FindField(ItemType::kContact, "room_number")->id;
  const auto start = ground->clock().MonotonicNow();
  for (const ItemId& item : items) OUTPOST_TRYV(ground->account().Set(item, {{room, std::string("R")}}));
  const double edited = SecondsSince(ground->clock(), start);
  OUTPOST_TRY(const auto sent, ground->Sync());
  return std::vector<Cost>{{"first sync", each(first.first, size)},
                           {"opening a sorted table", each(opened, size)},
                           {"an edit here, synced to disk", each(edited, items.size())},
                           {"shipping an edit", each(sent.first, items.size())}};
}

}  // namespace

Result<void> SizesScenario(const Options& options, std::vector<Row>& rows) {
  std::vector<Cost> at_ten_thousand;
  for (const std::uint64_t full : kSizes) {
    const std::uint64_t size = options.smoke ? full / 100 : full;
    OUTPOST_TRY(const std::vector<Cost> costs, CostsAt(size, options.seed));
    if (full == 10'000) at_ten_thousand = costs;
    for (std::size_t i = 0; i < costs.size(); ++i) {
      Row row{"sizes",
              std::string(costs[i].series) + ", of " + std::to_string(size),
              costs[i].micros,
              "us/item",
              std::nullopt,
              std::nullopt,
              true};
      if (full > 10'000) row.floor = at_ten_thousand[i].micros;
      if (full > 10'000) row.target = kGrowth;
      row.series = costs[i].series;
      row.size = static_cast<double>(size);
      rows.push_back(std::move(row));
    }
  }
  return Ok();
}

}  // namespace outpost::bench
