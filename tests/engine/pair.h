#pragma once
#include <catch2/catch.hpp>
#include <cstdlib>
#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/system/files.h"
#include "base/system/system_clock.h"
#include "engine/account.h"
#include "engine/settings.h"
#include "journal/item_fold.h"
#include "projection/audit.h"
#include "projection/folders.h"
#include "projection/items.h"
#include "replicator/net/network.h"
#include "replicator/queue.h"
#include "replicator/rows.h"
#include "tools/oxserver/generate.h"
#include "tools/oxserver/server.h"

namespace outpost::test {

template <class T>
T Must(Result<T> result) {
  if (!result) FAIL(CodeName(result.error().code) << ": " << result.error().context);
  return std::move(result).assume_value();
}
inline void MustDo(const Result<void>& result) {
  if (!result) FAIL(CodeName(result.error().code) << ": " << result.error().context);
}

// The computer's clock, as far ahead as a person set it. Threads: set it while nothing runs that reads it.
class AheadClock final : public Clock {
 public:
  Millis WallNow() const override { return clock_.WallNow() + ahead; }
  std::chrono::microseconds MonotonicNow() const override { return clock_.MonotonicNow(); }
  Millis ahead{0};

 private:
  SystemClock clock_;
};

// A real embedded server and a real account that talks to it over loopback, with a hand on both.
class Pair {
 public:
  explicit Pair(oxserver::ServerOptions server_options = {}, std::uint64_t seed = 1)
      : random_(seed), other_random_(seed + 1), server_random_(seed) {
    server_options.before_answer = [this](const oxserver::HttpRequest& request,
                                          const oxserver::HttpResponse& response) {
      if (before_answer) before_answer(request);
      if (on_answer) on_answer(response);
    };
    folder_ = Must(MakeTemporaryFolder("outpost-pair-"));
    server_options.logic.requests_per_window = 0;
    // What all tests say to their servers can be held to OX's API document (docs/oxserver.md, "Records").
    if (const char* records = std::getenv("OUTPOST_RECORDS"); records != nullptr && server_options.record_file.empty())
      server_options.record_file =
          (std::filesystem::path(records) / (folder_.filename().string() + ".ndjson")).string();
    server_options_ = std::move(server_options);
    StartServer();
    remote_folder = Must(elsewhere_->ContactsFolder());
    account_ = OpenAccount("account", true, random_);
  }
  ~Pair() {
    account_.reset();
    server_.reset();
    std::error_code ignored;
    std::filesystem::remove_all(folder_, ignored);
  }

  oxserver::Server& server() { return *server_; }
  oxserver::ApiClient& elsewhere() { return *elsewhere_; }  // the same user on another device
  Account& account() { return *account_; }
  const std::filesystem::path& folder() const { return folder_; }

  // Ends the server, and starts it anew under its address after `meanwhile`.
  void RestartServer(const std::function<void()>& meanwhile) {
    server_options_.port = server_->port();
    elsewhere_.reset();
    server_.reset();
    meanwhile();
    StartServer();
  }

  // As after the end of the process: nothing is known but what is in the journal.
  void Reopen(const std::string& version = std::string(EngineVersion())) {
    Close();
    version_ = version;
    account_ = OpenAccount("account", false, random_);
  }
  // The same user's other PC; goes before this object.
  std::unique_ptr<Account> OtherAccount() { return OpenAccount("other", true, other_random_); }
  // Leaves the account to another process; Reopen() takes it again.
  void Close() { account_.reset(); }

  SyncReport Sync() { return Must(account_->Sync({})); }
  // Syncs until all is well; the link may fail for a while.
  SyncReport Settle() {
    SyncReport report;
    for (int i = 0; i < 20; ++i) {
      report = Sync();
      if (report.link == LinkState::kOnline && report.pending == 0) break;
    }
    INFO(report.problem);
    CHECK(report.link == LinkState::kOnline);
    return report;
  }

  ItemId Contacts() { return Must(FindFolder(*account_->View(), "Contacts")).id; }
  ItemId CreateLocally(const std::string& last_name, FieldMap more = {}) {
    more[Field("last_name")] = last_name;
    return Must(account_->Create(ItemType::kContact, Contacts(), more));
  }
  static FieldId Field(const std::string& name) {
    const auto* field = FindField(ItemType::kContact, name);
    REQUIRE(field != nullptr);
    return field->id;
  }
  void Set(const ItemId& item, const std::string& name, const Value& value) {
    MustDo(account_->Set(item, {{Field(name), value}}));
  }
  ItemState Item(const ItemId& id) {
    auto item = Must(LoadItem(*account_->View(), id));
    REQUIRE(item);
    return *item;
  }
  Value Head(const ItemId& id, const std::string& name) { return Item(id).HeadValue(Field(name)); }
  std::string HeadText(const ItemId& id, const std::string& name) {
    const Value value = Head(id, name);
    return IsNull(value) ? "" : std::get<std::string>(value);
  }
  std::optional<ItemId> ByRemoteId(const std::string& remote_id) {
    return Must(FindByRemoteId(*account_->View(), ItemType::kContact, remote_id));
  }

  // last_name of every contact of the folder, sorted.
  std::vector<std::string> ServerNames() {
    std::vector<std::string> names;
    for (const auto& row : Must(elsewhere_->ListContacts(remote_folder, {"last_name"})))
      names.push_back(row.contains("last_name") ? row.at("last_name") : "");
    std::sort(names.begin(), names.end());
    return names;
  }
  std::vector<std::string> ClientNames() {
    std::vector<std::string> names;
    MustDo(ForEachItem(*account_->View(), Contacts(), [&](const ItemState& item) {
      const Value name = item.HeadValue(Field("last_name"));
      names.push_back(IsNull(name) ? "" : std::get<std::string>(name));
      return true;
    }));
    std::sort(names.begin(), names.end());
    return names;
  }
  // What must hold after every healing.
  void CheckWhole() {
    const auto view = account_->View();
    const auto audit = Must(Audit(*view));
    CHECK(audit.edits_without_outcome == 0);
    CHECK(audit.twice_decided == 0);
    ReplicationRows rows;
    AccountFolds again({&rows});
    const auto rebuilt = Must(VerifyRebuild(*view, again.all()));
    INFO(rebuilt.first_difference);
    CHECK(rebuilt.equal());
    const auto verified = Must(VerifyEvents(*view));
    INFO(verified.problem);
    CHECK(verified.chain_ok);
    CHECK(ServerNames() == ClientNames());
  }

  std::string remote_folder;
  AheadClock pc_clock;      // the account's; set it while the account is closed
  AheadClock server_clock;  // set it while the server is being restarted
  // Called on the server's thread when a request was applied, before the first byte of its answer leaves. Set while
  // nothing syncs.
  std::function<void(const oxserver::HttpRequest&)> before_answer;
  std::function<void(const oxserver::HttpResponse&)> on_answer;

 private:
  void StartServer() {
    server_ = Must(oxserver::Server::Start(server_options_, server_clock, server_random_, NullLog()));
    elsewhere_ = Must(oxserver::ApiClient::SignIn([this](const auto& request) { return server_->Handle(request); },
                                                  "anna", "secret"));
  }
  std::unique_ptr<Account> OpenAccount(const char* name, bool create, Random& random) {
    AccountOptions options;
    options.folder = folder_ / name;
    options.password = "secret";
    options.create = create;
    options.version = version_;
    auto account = Must(Account::Open(options, {pc_clock, random, NullLog(), &network_}));
    if (create)
      MustDo(account->PutSettings({{{std::string(setting::kServer), server_->url()},
                                    {std::string(setting::kUser), "anna"},
                                    {std::string(setting::kRequestBudget), "1000000"}}}));
    return account;
  }

  std::string version_{EngineVersion()};
  SeededRandom random_;
  SeededRandom other_random_;
  SeededRandom server_random_;
  Network network_;
  std::filesystem::path folder_;
  oxserver::ServerOptions server_options_;
  std::unique_ptr<oxserver::Server> server_;
  std::unique_ptr<oxserver::ApiClient> elsewhere_;
  std::unique_ptr<Account> account_;
};

}  // namespace outpost::test
