#include <system_error>

#include "base/system/files.h"
#include "engine/c_abi/handle.h"
#include "engine/json/item_json.h"
#include "engine/json/questions.h"
#include "engine/json/status_json.h"
#include "engine/json/sync_json.h"
#include "engine/secrets.h"
#include "engine/settings.h"
#include "replicator/net/network.h"

namespace outpost::c_abi {
namespace {

constexpr const char* kLogFile = "outpost.log";  // in the account's folder

// One thread for all accounts of the process, for as long as that lives.
Network& TheNetwork() {
  static Network* const network = new Network;
  return *network;
}

Result<std::filesystem::path> DataOf(const char* data) {
  if (data == nullptr) return DefaultDataDir();
  return std::filesystem::path(data);
}

Result<void> OpenInto(outpost_account& handle, AccountOptions options, Network* network) {
  handle.log = MakeLog((handle.place.folder / kLogFile).string(), LogLevel::kInfo);
  Log& log = handle.log ? *handle.log : NullLog();
  options.folder = handle.place.folder;
  OUTPOST_TRY(handle.account, Account::Open(std::move(options), {handle.clock, handle.random, log, network}));
  return Ok();
}

Result<void> Fill(const AccountPlace& place, const outpost_new_account& given) {
  SettingsBody settings;
  settings.settings = {{std::string(setting::kServer), given.server}, {std::string(setting::kUser), given.user}};
  if ((given.flags & OUTPOST_ALLOW_HTTP) != 0) settings.settings.emplace_back(setting::kAllowHttp, "true");
  OUTPOST_TRYV(MakeFolder(place.folder));
  AccountOptions options;
  options.create = true;
  if (given.passphrase != nullptr) {
    options.encrypt = KeyGuard::kPassphrase;
    options.passphrase = Secret(std::string_view(given.passphrase));
  }
  outpost_account handle;
  handle.place = place;
  OUTPOST_TRYV(OpenInto(handle, std::move(options), nullptr));
  OUTPOST_TRYV(handle.account->PutSettings(std::move(settings)));
  return given.password == nullptr ? Ok() : StoreSecret(place.folder, given.password);
}

Json PlaceJson(const AccountPlace& place) {
  return Json::Object{{"name", place.name}, {"folder", place.folder.string()}};
}

Result<void> Make(const outpost_new_account* account, char** json) {
  OUTPOST_TRY(const auto given, Taken(account, sizeof(outpost_new_account)));
  OUTPOST_TRY(const auto server, Wanted(given.server, "server"));
  OUTPOST_TRY(const auto user, Wanted(given.user, "user"));
  OUTPOST_TRY(const auto data, DataOf(given.data));
  OUTPOST_TRY(const auto place, PlaceFor(data, std::string(server), std::string(user)));
  OUTPOST_TRYV(ClaimPlace(place));
  if (const auto filled = Fill(place, given); !filled) {
    std::error_code ignored;
    ForgetSecrets(place.folder);
    std::filesystem::remove_all(place.folder, ignored);
    return filled.error();
  }
  Give(PlaceJson(place), json);
  return Ok();
}

Result<void> Open(const outpost_open_options* options, outpost_account** account) {
  OUTPOST_TRY(const auto given, Taken(options, sizeof(outpost_open_options)));
  if (account == nullptr) return Malformed("account is NULL");
  OUTPOST_TRY(const auto data, DataOf(given.data));
  auto handle = std::make_unique<outpost_account>();
  OUTPOST_TRY(handle->place, FindAccount(data, given.account == nullptr ? "" : given.account));
  AccountOptions opened;
  if (given.passphrase != nullptr) opened.passphrase = Secret(std::string_view(given.passphrase));
  OUTPOST_TRYV(OpenInto(*handle, std::move(opened), (given.flags & OUTPOST_OFFLINE) != 0 ? nullptr : &TheNetwork()));
  Log& log = handle->log ? *handle->log : NullLog();
  // Where others cannot be served, it is there for who opened it all the same.
  if (auto served = ControlServer::Start(ControlSocket(handle->place.folder), *handle->account, log))
    handle->control = std::move(served).assume_value();
  else
    log.Write(LogLevel::kWarning, "c_abi", "no other process can reach the account: " + served.error().context);
  *account = handle.release();
  return Ok();
}

Result<void> Close(outpost_account* account) {
  if (IsTelling()) return Malformed("an account is not closed from a callback");
  if (account == nullptr) return Ok();
  decltype(account->subscriptions) gone;
  {
    const std::lock_guard lock(account->mutex);
    gone.swap(account->subscriptions);
  }
  for (const auto& [key, subscription] : gone) EndSubscription(subscription);
  account->control.reset();
  delete account;
  return Ok();
}

Result<void> SetSetting(Account& account, std::string_view name, std::string_view value) {
  OUTPOST_TRYV(CheckSetting(name, value));
  const KnownSetting* known = FindSetting(name);  // none: of a search folder
  if (known == nullptr || !known->settable || name == setting::kServer)
    return Malformed(std::string(name) + ": this setting is not set by hand");
  return account.PutSettings({{{std::string(name), std::string(value)}}});
}

}  // namespace

Result<Account*> AccountOf(outpost_account* handle) {
  if (handle == nullptr) return Malformed("account is NULL");
  return handle->account.get();
}

}  // namespace outpost::c_abi

using namespace outpost;
using namespace outpost::c_abi;

int32_t outpost_make(const outpost_new_account* account, char** json, outpost_error* error) {
  return AtBoundary(error, [&] { return Make(account, json); });
}

int32_t outpost_accounts(const char* data, char** json, outpost_error* error) {
  return AtBoundary(error, [&]() -> Result<void> {
    OUTPOST_TRY(const auto folder, DataOf(data));
    OUTPOST_TRY(const auto places, ListAccounts(folder));
    Json::Array list;
    for (const auto& place : places) list.push_back(PlaceJson(place));
    Give(std::move(list), json);
    return Ok();
  });
}

int32_t outpost_open(const outpost_open_options* options, outpost_account** account, outpost_error* error) {
  return AtBoundary(error, [&] { return Open(options, account); });
}

int32_t outpost_close(outpost_account* account, outpost_error* error) {
  return AtBoundary(error, [&] { return Close(account); });
}

int32_t outpost_settings(outpost_account* account, char** json, outpost_error* error) {
  return AtBoundary(error, [&]() -> Result<void> {
    OUTPOST_TRY(Account* const of, AccountOf(account));
    OUTPOST_TRY(auto rows, SettingsJson(*of->View()));
    Give(Json::Array(rows.begin(), rows.end()), json);
    return Ok();
  });
}

int32_t outpost_set_setting(outpost_account* account, const char* name, const char* value, outpost_error* error) {
  return AtBoundary(error, [&]() -> Result<void> {
    OUTPOST_TRY(Account* const of, AccountOf(account));
    OUTPOST_TRY(const auto called, Wanted(name, "name"));
    OUTPOST_TRY(const auto text, Wanted(value, "value"));
    return SetSetting(*of, called, text);
  });
}

int32_t outpost_set_password(outpost_account* account, const char* password, outpost_error* error) {
  return AtBoundary(error, [&]() -> Result<void> {
    OUTPOST_TRY(Account* const of, AccountOf(account));
    OUTPOST_TRY(const auto text, Wanted(password, "password"));
    return of->SetPassword(std::string(text));
  });
}

int32_t outpost_sync(outpost_account* account, char** json, outpost_error* error) {
  return AtBoundary(error, [&]() -> Result<void> {
    OUTPOST_TRY(Account* const of, AccountOf(account));
    OUTPOST_TRY(const auto report, of->Sync({}));
    Give(SyncJson(report), json);
    return Ok();
  });
}

int32_t outpost_watch(outpost_account* account, int32_t on, outpost_error* error) {
  return AtBoundary(error, [&]() -> Result<void> {
    OUTPOST_TRY(Account* const of, AccountOf(account));
    if (on != 0)
      of->Watch({}, [](const SyncReport&) {});
    else
      of->StopWatching();
    return Ok();
  });
}

int32_t outpost_status(outpost_account* account, char** json, outpost_error* error) {
  return AtBoundary(error, [&]() -> Result<void> {
    OUTPOST_TRY(Account* const of, AccountOf(account));
    Holder holder{true, {}};
    OUTPOST_TRY(const auto progress, of->Progress(0, Millis{0}));
    if (progress.running) holder.progress = ProgressJson(progress);
    OUTPOST_TRY(auto status, StatusJson(account->place, *of->View(), account->clock.WallNow().count(), holder));
    Give(std::move(status), json);
    return Ok();
  });
}

int32_t outpost_progress(outpost_account* account, uint64_t seen, uint32_t wait_ms, char** json, outpost_error* error) {
  return AtBoundary(error, [&]() -> Result<void> {
    OUTPOST_TRY(Account* const of, AccountOf(account));
    const Millis wait = std::min(Millis(wait_ms), kProgressWaitMax);
    OUTPOST_TRY(const auto progress, of->Progress(seen, wait));
    Give(Json::Object{{"version", progress.version},
                      {"running", progress.running},
                      {"runs", progress.runs},
                      {"progress", ProgressJson(progress)}},
         json);
    return Ok();
  });
}
