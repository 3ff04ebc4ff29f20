// A terminal server: one process for each user, all of them idle.
#include <algorithm>
#include <chrono>
#include <fstream>
#include <thread>

#include "base/system/files.h"
#include "base/system/process.h"
#include "bench/ground.h"
#include "bench/report.h"
#include "engine/run_record.h"
#include "engine/secrets.h"
#include "engine/settings.h"
#include "tools/oxserver/generate.h"

namespace outpost::bench {
namespace {

constexpr auto kLook = std::chrono::milliseconds(100);
constexpr int kQuietLooks = 20;  // so many looks at which nothing was asked: all are idle
constexpr int kLooksMax = 3'000;

// The number behind `name` in a file of lines "name: number …"; 0 where there is none.
std::uint64_t NumberIn(const std::string& file, const std::string& name) {
  std::ifstream in(file);
  std::string word;
  std::uint64_t number = 0;
  while (in >> word)
    if (word == name + ":") return in >> number ? number : 0;
  return 0;
}

double PrivateMib(int process) {
  const std::string file = "/proc/" + std::to_string(process) + "/smaps_rollup";
  return static_cast<double>(NumberIn(file, "Private_Clean") + NumberIn(file, "Private_Dirty")) / 1024.0;
}

struct User {
  AccountPlace place;
  std::filesystem::path data;
};

Result<User> AddUser(Ground& ground, const std::string& name, std::uint64_t contacts, std::uint64_t seed) {
  SeededRandom random(seed);
  OUTPOST_TRY(const auto client,
              oxserver::ApiClient::SignIn([&ground](const auto& request) { return ground.server().Handle(request); },
                                          name, "secret"));
  oxserver::GenerateSpec spec;
  spec.contacts = contacts;
  OUTPOST_TRYV(oxserver::Generate(spec, random, *client));
  User user;
  user.data = ground.data() / name;
  OUTPOST_TRY(user.place, PlaceFor(user.data, ground.server().url(), name));
  AccountOptions options;
  options.folder = user.place.folder;
  options.create = true;
  OUTPOST_TRY(const auto account, Account::Open(options, {ground.clock(), random, NullLog()}));
  OUTPOST_TRYV(account->PutSettings({{{std::string(setting::kServer), ground.server().url()},
                                      {std::string(setting::kUser), name},
                                      {std::string(setting::kRequestBudget), "1000000"}}}));
  OUTPOST_TRYV(StoreSecret(user.place.folder, "secret"));
  return user;
}

// Until each has been in step once and nobody has asked for anything for a while.
Result<void> AwaitIdle(Ground& ground, const std::vector<User>& users) {
  std::uint64_t requests = 0;
  for (int look = 0, quiet = 0; look < kLooksMax; ++look) {
    std::this_thread::sleep_for(kLook);
    const bool all = std::all_of(users.begin(), users.end(), [](const User& user) {
      const auto run = LoadRunRecord(user.place.folder);
      return run && run->last_success > 0;
    });
    quiet = all && ground.server().requests() == requests ? quiet + 1 : 0;
    requests = ground.server().requests();
    if (quiet == kQuietLooks) return Ok();
  }
  return Error{Code::kUnavailable, Retry::kNever, "the processes do not come to rest"};
}

}  // namespace

Result<void> ManyScenario(const Options& options, std::vector<Row>& rows) {
  const int processes = options.smoke ? 2 : 20;
  const std::uint64_t contacts = options.smoke ? 20 : 1'000;
  OUTPOST_TRY(const auto ground, Ground::Make({}, options.seed, [&](oxserver::ServerOptions& server) {
                server.logic.users = {{"anna", "secret"}};
                for (int i = 0; i < processes; ++i)
                  server.logic.users.push_back({"user" + std::to_string(i), "secret"});
              }));
  std::vector<User> users;
  for (int i = 0; i < processes; ++i) {
    OUTPOST_TRY(User user, AddUser(*ground, "user" + std::to_string(i), contacts, options.seed + 1));
    users.push_back(std::move(user));
  }
  OUTPOST_TRY(const std::string own, OwnProgram());
  const std::string outpost = (std::filesystem::path(own).parent_path() / "outpost").string();
  std::vector<ChildProcess> running;
  for (const User& user : users) {
    OUTPOST_TRY(ChildProcess child,
                ChildProcess::Start(outpost, {"sync", "--watch", "--data", user.data.string()}, {"OUTPOST_PASSWORD"}));
    running.push_back(std::move(child));
  }
  OUTPOST_TRYV(AwaitIdle(*ground, users));
  double memory = 0, threads = 0;
  for (const ChildProcess& child : running) {
    memory = std::max(memory, PrivateMib(child.id()));
    threads =
        std::max(threads, static_cast<double>(NumberIn("/proc/" + std::to_string(child.id()) + "/status", "Threads")));
  }
  const std::string what = std::to_string(processes) + " processes of one account each, idle: ";
  rows.push_back({"many", what + "private memory of the largest", memory, "MiB", std::nullopt, 25, true});
  rows.push_back({"many", what + "threads of the one with most", threads, "threads", std::nullopt, 6, true});
  return Ok();
}

}  // namespace outpost::bench
