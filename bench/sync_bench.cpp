#include <sys/resource.h>

#include "base/system/files.h"
#include "base/system/process.h"
#include "bench/ground.h"
#include "bench/report.h"

namespace outpost::bench {
namespace {

// Peak memory in MiB of the first sync as a process of its own. A small process starts it: what is started from here
// would count the memory of the server, which lives here, as its own.
Result<double> PeakOfFirstSync(const Ground& ground) {
  OUTPOST_TRY(const std::string own, OwnProgram());
  const auto outpost = std::filesystem::path(own).parent_path() / "outpost";
  const auto answer = ground.data() / "peak";
  OUTPOST_TRY(ChildProcess child, ChildProcess::Start(own,
                                                      {std::string(kPeakOf), answer.string(), outpost.string(), "sync",
                                                       "--once", "--data", ground.data().string()},
                                                      {"OUTPOST_PASSWORD"}));
  if (const int code = child.Wait(); code != 0)
    return Error{Code::kUnavailable, Retry::kNever, outpost.string() + " ended with " + std::to_string(code)};
  OUTPOST_TRY(const std::string kib, ReadFile(answer));
  return std::stod(kib) / 1024.0;
}

}  // namespace

int WritePeakOf(const std::string& answer, const std::string& program, const std::vector<std::string>& arguments) {
  auto child = ChildProcess::Start(program, arguments, {});
  if (!child) return 1;
  const int code = child.value().Wait();
  struct rusage usage {};
  ::getrusage(RUSAGE_CHILDREN, &usage);
  if (!WriteFileDurably(answer, std::to_string(usage.ru_maxrss))) return 1;
  return code;
}

Result<void> PullScenario(const Options& options, std::vector<Row>& rows) {
  const std::uint64_t contacts = options.sized(500, 20'000);
  const std::string figure = "first sync of " + std::to_string(contacts) + " contacts";
  {
    OUTPOST_TRY(const auto ground, Ground::Make({contacts}, options.seed));
    OUTPOST_TRY(const auto synced, ground->Sync());
    rows.push_back({"pull", figure, static_cast<double>(contacts) / synced.first, "items/s", std::nullopt, 25'000});
    rows.push_back({"pull", "items per request",
                    static_cast<double>(contacts) / static_cast<double>(synced.second.requests), "items", std::nullopt,
                    std::nullopt});
    OUTPOST_TRY(const auto quiet, ground->Sync());
    rows.push_back({"pull", "round without news: requests", static_cast<double>(quiet.second.requests), "requests",
                    std::nullopt, 1, true});
  }
  OUTPOST_TRY(const auto ground, Ground::Make({contacts}, options.seed));
  ground->Close();
  OUTPOST_TRY(const double peak, PeakOfFirstSync(*ground));
  rows.push_back({"pull", "peak memory of the process", peak, "MiB", std::nullopt, 64, true});
  return Ok();
}

Result<void> PushScenario(const Options& options, std::vector<Row>& rows) {
  const std::uint64_t contacts = options.sized(200, 20'000);
  OUTPOST_TRY(const auto ground, Ground::Make({contacts}, options.seed));
  OUTPOST_TRYV(ground->Sync());
  OUTPOST_TRY(const auto items, ground->Contacts());
  const Field* room = FindField(ItemType::kContact, "room_number");
  for (std::size_t i = 0; i < items.size(); ++i)
    OUTPOST_TRYV(ground->account().Set(items[i], {{room->id, "R " + std::to_string(i)}}));
  OUTPOST_TRY(const auto shipped, ground->Sync());
  const auto edits = static_cast<double>(items.size());
  rows.push_back({"push", "shipping " + std::to_string(items.size()) + " edits", edits / shipped.first, "edits/s",
                  std::nullopt, 20'000});
  rows.push_back({"push", "edits per request", edits / static_cast<double>(shipped.second.requests), "edits",
                  std::nullopt, std::nullopt});
  return Ok();
}

}  // namespace outpost::bench
