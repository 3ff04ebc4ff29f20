#include "bench/ground.h"

#include "base/system/files.h"
#include "engine/secrets.h"
#include "engine/settings.h"
#include "projection/folders.h"
#include "projection/items.h"

namespace outpost::bench {

Result<std::unique_ptr<Ground>> Ground::Make(const oxserver::GenerateSpec& spec, std::uint64_t seed,
                                             const std::function<void(oxserver::ServerOptions&)>& prepare) {
  std::unique_ptr<Ground> ground(new Ground(seed));
  OUTPOST_TRY(ground->data_, MakeTemporaryFolder("outpost-bench-"));
  oxserver::ServerOptions options;
  options.logic.requests_per_window = 0;  // the budget of 1,500 requests in 5 minutes is raised on both sides
  prepare(options);
  OUTPOST_TRY(ground->server_, oxserver::Server::Start(std::move(options), ground->clock_, ground->random_, NullLog()));
  OUTPOST_TRY(const auto client,
              oxserver::ApiClient::SignIn(
                  [g = ground.get()](const auto& request) { return g->server_->Handle(request); }, "anna", "secret"));
  OUTPOST_TRYV(oxserver::Generate(spec, ground->random_, *client));
  OUTPOST_TRYV(ground->MakeAccount(ground->data_));
  return ground;
}

Result<std::unique_ptr<Ground>> Ground::Beside(const std::string& name) {
  std::unique_ptr<Ground> other(new Ground(random_.Next()));
  other->data_ = data_ / name;
  other->server_ = server_;
  OUTPOST_TRYV(other->MakeAccount(other->data_));
  return other;
}

Result<void> Ground::MakeAccount(const std::filesystem::path& data) {
  OUTPOST_TRY(place_, PlaceFor(data, server_->url(), "anna"));
  OUTPOST_TRYV(Open(true));
  OUTPOST_TRYV(account_->PutSettings({{{std::string(setting::kServer), server_->url()},
                                       {std::string(setting::kUser), "anna"},
                                       {std::string(setting::kRequestBudget), "1000000"}}}));
  return StoreSecret(place_.folder, "secret");
}

Ground::~Ground() {
  account_.reset();
  server_.reset();
  std::error_code ignored;
  std::filesystem::remove_all(data_, ignored);
}

Result<void> Ground::Open(bool create) {
  AccountOptions options;
  options.folder = place_.folder;
  options.create = create;
  OUTPOST_TRY(account_, Account::Open(options, {clock_, random_, NullLog(), &network_}));
  return Ok();
}

Result<std::pair<double, SyncReport>> Ground::Sync() {
  const auto start = clock_.MonotonicNow();
  OUTPOST_TRY(SyncReport report, account_->Sync({}));
  if (report.link != LinkState::kOnline) return Error{Code::kUnavailable, Retry::kNever, report.problem};
  return std::pair(static_cast<double>((clock_.MonotonicNow() - start).count()) / 1e6, std::move(report));
}

Result<std::vector<ItemId>> Ground::Contacts() const {
  const auto view = account_->View();
  OUTPOST_TRY(const FolderNode folder, FindFolder(*view, "Contacts"));
  std::vector<ItemId> items;
  OUTPOST_TRYV(ForEachItem(*view, folder.id, [&](const ItemState& item) {
    items.push_back(item.id);
    return true;
  }));
  return items;
}

}  // namespace outpost::bench
