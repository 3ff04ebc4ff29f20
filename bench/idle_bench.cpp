// What it costs to learn that nothing happened, and to start.
#include "base/system/process.h"
#include "bench/ground.h"
#include "bench/journal_world.h"
#include "bench/report.h"

namespace outpost::bench {
namespace {

constexpr int kRounds = 21;

Result<double> SecondsOf(const Ground& ground, const std::vector<std::string>& arguments) {
  OUTPOST_TRY(const std::string own, OwnProgram());
  const auto outpost = std::filesystem::path(own).parent_path() / "outpost";
  const auto start = ground.clock().MonotonicNow();
  OUTPOST_TRY(ChildProcess child, ChildProcess::Start(outpost.string(), arguments, {"OUTPOST_PASSWORD"}));
  if (const int code = child.Wait(); code != 0)
    return Error{Code::kUnavailable, Retry::kNever, outpost.string() + " ended with " + std::to_string(code)};
  return SecondsSince(ground.clock(), start);
}

}  // namespace

Result<void> IdleScenario(const Options& options, std::vector<Row>& rows) {
  const std::uint64_t contacts = options.sized(400, 50'000);
  const std::uint64_t folders = options.smoke ? 4 : 40;
  OUTPOST_TRY(const auto ground, Ground::Make({contacts, folders}, options.seed));
  OUTPOST_TRYV(ground->Sync());
  OUTPOST_TRYV(ground->Sync());
  const std::string what = std::to_string(contacts) + " items in " + std::to_string(folders) + " folders, no news: ";
  std::vector<double> times;
  std::uint64_t requests = 0;
  for (int round = 0; round < kRounds; ++round) {
    OUTPOST_TRY(const auto quiet, ground->Sync());
    times.push_back(quiet.first * 1'000);
    requests = std::max(requests, quiet.second.requests);
  }
  rows.push_back({"idle", what + "requests", static_cast<double>(requests), "requests", std::nullopt, 1, true});
  rows.push_back({"idle", what + "a round, the server's part included", Median(times), "ms", std::nullopt, 10, true});
  return Ok();
}

Result<void> StartScenario(const Options& options, std::vector<Row>& rows) {
  const std::uint64_t contacts = options.smoke ? 400 : 100'000;
  OUTPOST_TRY(const auto ground, Ground::Make({contacts}, options.seed));
  OUTPOST_TRYV(ground->Sync());
  std::vector<double> opens, programs;
  for (int run = 0; run < (options.smoke ? 1 : 7); ++run) {
    ground->Close();
    const auto start = ground->clock().MonotonicNow();
    OUTPOST_TRYV(ground->Open(false));
    opens.push_back(SecondsSince(ground->clock(), start) * 1'000);
    ground->Close();
    OUTPOST_TRY(const double seconds, SecondsOf(*ground, {"status", "--data", ground->data().string()}));
    programs.push_back(seconds * 1'000);
  }
  const std::string of = " of " + std::to_string(contacts) + " contacts";
  rows.push_back({"start", "opening an account" + of, Median(opens), "ms", std::nullopt, 200, true});
  rows.push_back({"start", "outpost status, from its start to its end," + of, Median(programs), "ms", std::nullopt,
                  std::nullopt, true});
  return Ok();
}

}  // namespace outpost::bench
