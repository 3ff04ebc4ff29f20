#include <sys/resource.h>

#include "base/system/files.h"
#include "base/system/process.h"
#include "base/system/system_clock.h"
#include "bench/report.h"
#include "engine/account.h"
#include "engine/data_dir.h"
#include "engine/secrets.h"
#include "engine/settings.h"
#include "projection/folders.h"
#include "projection/items.h"
#include "replicator/net/network.h"
#include "tools/oxserver/generate.h"
#include "tools/oxserver/server.h"

namespace outpost::bench {
namespace {

// A filled embedded server and an account beside it.
class Ground {
 public:
  static Result<std::unique_ptr<Ground>> Make(std::uint64_t contacts, std::uint64_t seed) {
    std::unique_ptr<Ground> ground(new Ground(seed));
    OUTPOST_TRY(ground->data_, MakeTemporaryFolder("outpost-bench-"));
    oxserver::ServerOptions options;
    options.logic.requests_per_window = 0;  // the budget of 1,500 requests in 5 minutes is raised on both sides
    OUTPOST_TRY(ground->server_,
                oxserver::Server::Start(std::move(options), ground->clock_, ground->random_, NullLog()));
    OUTPOST_TRY(const auto client,
                oxserver::ApiClient::SignIn(
                    [g = ground.get()](const auto& request) { return g->server_->Handle(request); }, "anna", "secret"));
    oxserver::GenerateSpec spec;
    spec.contacts = contacts;
    OUTPOST_TRYV(oxserver::Generate(spec, ground->random_, *client));
    OUTPOST_TRY(ground->place_, PlaceFor(ground->data_, ground->server_->url(), "anna"));
    OUTPOST_TRYV(ground->Open(true));
    OUTPOST_TRYV(ground->account_->PutSettings({{{std::string(setting::kServer), ground->server_->url()},
                                                 {std::string(setting::kUser), "anna"},
                                                 {std::string(setting::kRequestBudget), "1000000"}}}));
    OUTPOST_TRYV(StoreSecret(ground->place_.folder, "secret"));
    return ground;
  }
  ~Ground() {
    account_.reset();
    server_.reset();
    std::error_code ignored;
    std::filesystem::remove_all(data_, ignored);
  }

  Result<void> Open(bool create) {
    AccountOptions options;
    options.folder = place_.folder;
    options.create = create;
    OUTPOST_TRY(account_, Account::Open(options, {clock_, random_, NullLog(), &network_}));
    return Ok();
  }
  void Close() { account_.reset(); }

  // Seconds of one sync, and its report.
  Result<std::pair<double, SyncReport>> Sync() {
    const auto start = clock_.MonotonicNow();
    OUTPOST_TRY(SyncReport report, account_->Sync({}));
    if (report.link != LinkState::kOnline) return Error{Code::kUnavailable, Retry::kNever, report.problem};
    return std::pair(static_cast<double>((clock_.MonotonicNow() - start).count()) / 1e6, std::move(report));
  }
  Account& account() { return *account_; }
  const std::filesystem::path& data() const { return data_; }

 private:
  explicit Ground(std::uint64_t seed) : random_(seed) {}
  SystemClock clock_;
  SeededRandom random_;
  Network network_;
  std::filesystem::path data_;
  AccountPlace place_;
  std::unique_ptr<oxserver::Server> server_;
  std::unique_ptr<Account> account_;
};

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
  const std::uint64_t contacts = options.smoke ? 500 : 20'000;
  const std::string figure = "first sync of " + std::to_string(contacts) + " contacts";
  {
    OUTPOST_TRY(const auto ground, Ground::Make(contacts, options.seed));
    OUTPOST_TRY(const auto synced, ground->Sync());
    rows.push_back({"pull", figure, static_cast<double>(contacts) / synced.first, "items/s", std::nullopt, 25'000});
    rows.push_back({"pull", "items per request",
                    static_cast<double>(contacts) / static_cast<double>(synced.second.requests), "items", std::nullopt,
                    std::nullopt});
    OUTPOST_TRY(const auto quiet, ground->Sync());
    rows.push_back({"pull", "round without news: requests", static_cast<double>(quiet.second.requests), "requests",
                    std::nullopt, 1, true});
  }
  OUTPOST_TRY(const auto ground, Ground::Make(contacts, options.seed));
  ground->Close();
  OUTPOST_TRY(const double peak, PeakOfFirstSync(*ground));
  rows.push_back({"pull", "peak memory of the process", peak, "MiB", std::nullopt, 64, true});
  return Ok();
}

Result<void> PushScenario(const Options& options, std::vector<Row>& rows) {
  const std::uint64_t contacts = options.smoke ? 200 : 20'000;
  OUTPOST_TRY(const auto ground, Ground::Make(contacts, options.seed));
  OUTPOST_TRYV(ground->Sync());
  std::vector<ItemId> items;
  {
    const auto view = ground->account().View();
    OUTPOST_TRY(const FolderNode folder, FindFolder(*view, "Contacts"));
    OUTPOST_TRYV(ForEachItem(*view, folder.id, [&](const ItemState& item) {
      items.push_back(item.id);
      return true;
    }));
  }
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
