// What a sync does on lines that are longer or thinner than loopback, and how many bytes it costs.
#include <thread>

#include "bench/ground.h"
#include "bench/report.h"
#include "bench/shaping_proxy.h"
#include "engine/settings.h"
#include "replicator/tuning.h"

namespace outpost::bench {
namespace {

constexpr double kRequestsInFlight = 4;  // DESIGN.md, "Replicator"

struct Line {
  const char* name;
  LineShape shape;
};
constexpr Line kLines[] = {{"loopback", {}},
                           {"round trip of 50 ms", {Millis(25), 0}},
                           {"round trip of 200 ms", {Millis(100), 0}},
                           {"1 Mbit/s, round trip of 50 ms", {Millis(25), 125'000}}};

// From here on the account's requests go over the line.
Result<std::unique_ptr<ShapingProxy>> Through(Ground& ground, LineShape shape) {
  OUTPOST_TRY(auto proxy, ShapingProxy::Start(ground.server().port(), shape));
  const std::string url = "http://127.0.0.1:" + std::to_string(proxy->port()) + "/ajax";
  OUTPOST_TRYV(ground.account().PutSettings({{{std::string(setting::kServer), url}}}));
  return proxy;
}

double Bytes(const ShapingProxy& proxy) { return static_cast<double>(proxy.up() + proxy.down()); }

// What happened last is asked for once more after that time, when nothing that was written with it can still be hidden.
Result<void> AskOnceMore(Ground& ground) {
  std::this_thread::sleep_for(tuning::kCursorOverlap + Millis(100));
  OUTPOST_TRYV(ground.Sync());
  return Ok();
}

// An edit of each of the first contacts, sent, told back, and asked for once more; the bytes on the line for each.
Result<double> BytesOfEdits(Ground& ground, const ShapingProxy& proxy, std::size_t edits) {
  OUTPOST_TRYV(AskOnceMore(ground));
  OUTPOST_TRY(auto items, ground.Contacts());
  items.resize(std::min(items.size(), edits));
  const FieldId room = FindField(ItemType::kContact, "room_number")->id;
  for (std::size_t i = 0; i < items.size(); ++i)
    OUTPOST_TRYV(ground.account().Set(items[i], {{room, "R " + std::to_string(i)}}));
  const double before = Bytes(proxy);
  OUTPOST_TRYV(ground.Sync());
  OUTPOST_TRYV(AskOnceMore(ground));
  return (Bytes(proxy) - before) / static_cast<double>(items.size());
}

}  // namespace

Result<void> LinksScenario(const Options& options, std::vector<Row>& rows) {
  const std::uint64_t contacts = options.smoke ? 200 : 20'000;
  double near = 0;
  for (const Line& line : kLines) {
    const bool thin = line.shape.bytes_per_s > 0;
    const std::uint64_t count = thin ? contacts / 10 : contacts;
    OUTPOST_TRY(const auto ground, Ground::Make({count}, options.seed));
    OUTPOST_TRY(const auto proxy, Through(*ground, line.shape));
    OUTPOST_TRY(const auto synced, ground->Sync());
    const auto items = static_cast<double>(count);
    const double rate = items / synced.first;
    if (line.shape.delay.count() == 0) near = rate;
    // What the line itself allows: so many requests of that size under way, or its bytes.
    const double each = items / static_cast<double>(synced.second.requests);
    double capacity = near;
    if (line.shape.delay.count() > 0)
      capacity = std::min(near, kRequestsInFlight * each * 500.0 / static_cast<double>(line.shape.delay.count()));
    const double down = static_cast<double>(proxy->down());
    if (thin) capacity = std::min(capacity, static_cast<double>(line.shape.bytes_per_s) / (down / items));
    const std::string figure = "first sync of " + std::to_string(count) + " contacts, " + line.name;
    const bool at_hand = line.shape.delay.count() == 0;
    rows.push_back({"links", figure, rate, "items/s", at_hand ? std::nullopt : std::optional(capacity),
                    at_hand ? std::nullopt : std::optional(0.8)});
    if (!at_hand) continue;
    rows.push_back({"links", "bytes on the line for each contact of a first sync", Bytes(*proxy) / items, "bytes",
                    std::nullopt, std::nullopt, true});
    OUTPOST_TRY(const double edit, BytesOfEdits(*ground, *proxy, options.smoke ? 50 : 1'000));
    rows.push_back({"links", "bytes on the line for each edited contact, HTTP and all that follows included", edit,
                    "bytes", std::nullopt, 1'500, true});
  }
  return Ok();
}

}  // namespace outpost::bench
