// What the line costs: a long round trip, a connection that is cut, an item that the server refuses, and how soon an
// edit is on its way.
#include <atomic>
#include <condition_variable>
#include <mutex>

#include "bench/ground.h"
#include "bench/report.h"

namespace outpost::bench {
namespace {

constexpr Millis kRoundTrip{200};
constexpr double kRequestsInFlight = 4;  // DESIGN.md, "The numbers"
constexpr int kRuns = 7;
constexpr int kEdits = 50;
// Longer than the server takes.
constexpr std::size_t kTooLong = 2'000;

FieldId Room() { return FindField(ItemType::kContact, "room_number")->id; }

Result<void> RoundTripRows(const Options& options, std::vector<Row>& rows) {
  const std::uint64_t contacts = options.smoke ? 300 : 100'000;
  std::pair<double, SyncReport> near, far;
  {
    OUTPOST_TRY(const auto ground, Ground::Make({contacts}, options.seed));
    OUTPOST_TRY(near, ground->Sync());
  }
  const Millis delay = options.smoke ? Millis(2) : kRoundTrip;
  OUTPOST_TRY(const auto ground, Ground::Make({contacts}, options.seed));
  OUTPOST_TRYV(ground->server().AddFault("slow=" + std::to_string(delay.count())));
  OUTPOST_TRY(far, ground->Sync());
  const auto items = static_cast<double>(contacts);
  const double each = items / static_cast<double>(far.second.requests);
  const double capacity = kRequestsInFlight * each * 1000.0 / static_cast<double>(delay.count());
  rows.push_back({"line", "first sync of " + std::to_string(contacts) + " contacts, every answer 200 ms late",
                  items / far.first, "items/s", std::min(items / near.first, capacity), 0.8});
  rows.push_back({"line", "the same: items per request", each, "items", std::nullopt, std::nullopt});
  return Ok();
}

// How many requests ask for rows, as the server has seen them.
struct RowRequests {
  std::atomic<std::uint64_t> count{0};
  void Watch(oxserver::ServerOptions& options) {
    options.before_answer = [this](const oxserver::HttpRequest& request, const oxserver::HttpResponse&) {
      const bool rows = request.target.find("action=list") != std::string::npos ||
                        request.body.find("\"action\":\"list\"") != std::string::npos;
      if (rows) ++count;
    };
  }
};

Result<void> CutRow(const Options& options, std::vector<Row>& rows) {
  const std::uint64_t contacts = options.smoke ? 1'000 : 20'000;
  RowRequests whole, cut;
  {
    OUTPOST_TRY(const auto ground, Ground::Make({contacts}, options.seed, [&](auto& o) { whole.Watch(o); }));
    OUTPOST_TRYV(ground->Sync());
  }
  OUTPOST_TRY(const auto ground, Ground::Make({contacts}, options.seed, [&](auto& o) { cut.Watch(o); }));
  const std::uint64_t middle = std::max<std::uint64_t>(whole.count / 2, 1);
  OUTPOST_TRYV(ground->server().AddFault("cut:contacts.list:" + std::to_string(middle)));
  OUTPOST_TRY(const SyncReport broken, ground->account().Sync({}));
  if (broken.link != LinkState::kOnline) OUTPOST_TRYV(ground->Sync());
  const double again = static_cast<double>(cut.count) - static_cast<double>(whole.count);
  if (again < 1) return Error{Code::kInvalid, Retry::kNever, "the line was not cut"};
  rows.push_back({"line", "first sync cut in the middle: requests for rows again", again, "requests", std::nullopt,
                  kRequestsInFlight, true});
  return Ok();
}

// Seconds and requests of shipping an edit of each item; with poison the server refuses one of them.
Result<std::pair<double, std::uint64_t>> Ship(Ground& ground, const std::vector<ItemId>& items,
                                              const std::string& value, bool poison) {
  const std::size_t middle = items.size() / 2;
  for (std::size_t i = 0; i < items.size(); ++i)
    OUTPOST_TRYV(ground.account().Set(
        items[i], {{Room(), poison && i == middle ? std::string(kTooLong, 'r') : value + std::to_string(i)}}));
  OUTPOST_TRY(const auto shipped, ground.Sync());
  if ((shipped.second.parked > 0) != poison)
    return Error{Code::kInvalid, Retry::kNever, "the server did not refuse what it should"};
  return std::pair(shipped.first, shipped.second.requests);
}

Result<void> PoisonRows(const Options& options, std::vector<Row>& rows) {
  const std::uint64_t edits = options.smoke ? 100 : 10'000;
  OUTPOST_TRY(const auto ground, Ground::Make({edits}, options.seed));
  OUTPOST_TRYV(ground->Sync());
  OUTPOST_TRY(const auto items, ground->Contacts());
  // The least times: what else the machine does only adds.
  std::pair<double, std::uint64_t> pure{1e9, 0}, poisoned{1e9, 0};
  for (int run = 0; run < (options.smoke ? 1 : kRuns); ++run) {
    OUTPOST_TRY(const auto without, Ship(*ground, items, "A" + std::to_string(run) + " ", false));
    OUTPOST_TRY(const auto with, Ship(*ground, items, "B" + std::to_string(run) + " ", true));
    pure = std::min(pure, without);
    poisoned = std::min(poisoned, with);
  }
  const std::string figure = "shipping " + std::to_string(edits) + " edits, one of them refused, beside none";
  rows.push_back({"line", figure + ": time", poisoned.first / pure.first, "times", std::nullopt, 1.01, true});
  rows.push_back({"line", figure + ": requests",
                  static_cast<double>(poisoned.second) / static_cast<double>(pure.second), "times", std::nullopt, 1.01,
                  true});
  return Ok();
}

// When the server read the newest request that states an edit.
class Arrivals {
 public:
  explicit Arrivals(const Clock& clock) : clock_(clock) {}
  void Watch(oxserver::ServerOptions& options) {
    options.before_answer = [this](const oxserver::HttpRequest& request, const oxserver::HttpResponse&) {
      if (request.target.find("action=update&") == std::string::npos &&
          request.body.find("\"action\":\"update\"") == std::string::npos)
        return;
      const std::lock_guard lock(mutex_);
      at_ = clock_.MonotonicNow();
      ++seen_;
      came_.notify_all();
    };
  }
  std::uint64_t seen() {
    const std::lock_guard lock(mutex_);
    return seen_;
  }
  // Nothing where none comes within a long while.
  std::optional<std::chrono::microseconds> After(std::uint64_t seen) {
    std::unique_lock lock(mutex_);
    if (!came_.wait_for(lock, std::chrono::seconds(30), [&] { return seen_ > seen; })) return std::nullopt;
    return at_;
  }

 private:
  const Clock& clock_;
  std::mutex mutex_;
  std::condition_variable came_;
  std::chrono::microseconds at_{};
  std::uint64_t seen_ = 0;
};

Result<void> LatencyRow(const Options& options, std::vector<Row>& rows) {
  const SystemClock clock;
  Arrivals arrivals(clock);
  OUTPOST_TRY(const auto ground, Ground::Make({100}, options.seed, [&](auto& o) { arrivals.Watch(o); }));
  OUTPOST_TRYV(ground->Sync());
  OUTPOST_TRY(const auto items, ground->Contacts());
  ground->account().Watch(std::nullopt, [](const SyncReport&) {});
  std::vector<double> millis;
  for (int edit = 0; edit < (options.smoke ? 3 : kEdits); ++edit) {
    const std::uint64_t seen = arrivals.seen();
    OUTPOST_TRYV(ground->account().Set(items[static_cast<std::size_t>(edit)], {{Room(), "R " + std::to_string(edit)}}));
    const auto committed = clock.MonotonicNow();
    const auto came = arrivals.After(seen);
    if (!came) return Error{Code::kUnavailable, Retry::kNever, "an edit was not sent"};
    millis.push_back(std::max(0.0, static_cast<double>((*came - committed).count()) / 1000.0));
  }
  ground->account().StopWatching();
  const double longest = *std::max_element(millis.begin(), millis.end());
  rows.push_back({"line",
                  "from an edit's commit to its request at the server, middle of " + std::to_string(millis.size()),
                  Median(millis), "ms", std::nullopt, 20, true});
  rows.push_back({"line", "the same: the longest", longest, "ms", std::nullopt, std::nullopt});
  return Ok();
}

}  // namespace

Result<void> LineScenario(const Options& options, std::vector<Row>& rows) {
  OUTPOST_TRYV(RoundTripRows(options, rows));
  OUTPOST_TRYV(CutRow(options, rows));
  OUTPOST_TRYV(PoisonRows(options, rows));
  return LatencyRow(options, rows);
}

}  // namespace outpost::bench
