#pragma once
#include <filesystem>
#include <memory>
#include <utility>
#include <vector>

#include "base/system/system_clock.h"
#include "engine/account.h"
#include "engine/data_dir.h"
#include "replicator/net/network.h"
#include "tools/oxserver/generate.h"
#include "tools/oxserver/server.h"

namespace outpost::bench {

// A filled embedded server and an account of it beside it, on one machine; both go with it. The server's budget of
// requests, and what the account allows itself, are raised. Threads: one.
class Ground {
 public:
  // `spec`: what is on the server. `prepare` may change what it is started with. Errors: kUnavailable.
  static Result<std::unique_ptr<Ground>> Make(
      const oxserver::GenerateSpec& spec, std::uint64_t seed,
      const std::function<void(oxserver::ServerOptions&)>& prepare = [](oxserver::ServerOptions&) {});
  ~Ground();

  // Another computer of the same user, at the same server, which outlives it.
  Result<std::unique_ptr<Ground>> Beside(const std::string& name);

  Result<void> Open(bool create);
  void Close() { account_.reset(); }

  // Seconds of one sync, and its report. Errors: kUnavailable (it did not end online).
  Result<std::pair<double, SyncReport>> Sync();
  // All items of the folder "Contacts". Errors: those of the view.
  Result<std::vector<ItemId>> Contacts() const;

  Account& account() { return *account_; }
  oxserver::Server& server() { return *server_; }
  const Clock& clock() const { return clock_; }
  const std::filesystem::path& data() const { return data_; }

 private:
  explicit Ground(std::uint64_t seed) : random_(seed) {}
  // An empty account below `data`.
  Result<void> MakeAccount(const std::filesystem::path& data);

  SystemClock clock_;
  SeededRandom random_;
  Network network_;
  std::filesystem::path data_;
  AccountPlace place_;
  std::shared_ptr<oxserver::Server> server_;
  std::unique_ptr<Account> account_;
};

}  // namespace outpost::bench
